import { InputError, type OrganizationId } from '@fiducia/core'
import type { BatchLine } from '@fiducia/directory'

/**
 * What a member may say. From its own knowledge it speaks under its own name, out of a file of others under theirs; who decides a fact by
 * law is a primary source, and no member of a network is one unless its rules say so. A batch with a statement that its author may not make
 * is held by nobody, and so never counts.
 */
export function checkSpeech(line: BatchLine, attester: OrganizationId): void {
  if ('com' in line) return
  const { basis, origin } = line.statement
  if (basis === 'primary-source') throw new InputError('SHAPE', `\`${attester}\` is no primary source in this network`)
  const isOwn = origin === attester
  if (isOwn === (basis === 'import'))
    throw new InputError(
      'SHAPE',
      isOwn ? 'expected an import to name whose word it is' : `expected \`${attester}\` to speak under its own name, found another origin`,
    )
}
