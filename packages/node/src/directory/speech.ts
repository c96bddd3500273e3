import { InputError, type OrganizationId } from '@fiducia/core'
import type { BatchLine, Statement } from '@fiducia/directory'

/**
 * What a member may say. From its own knowledge it speaks under its own name; out of a file, as an import, under any; who decides a fact by
 * law is a primary source, and no member of a network is one unless its rules say so. A batch with a statement that its author may not make
 * is held by nobody, and so never counts.
 */
export function checkSpeech(line: BatchLine, attester: OrganizationId): void {
  if (!('com' in line)) checkVoice(line.statement, attester)
}

/** The same before anything is said. */
export function checkVoice({ basis, origin }: Pick<Statement, 'basis' | 'origin'>, attester: OrganizationId): void {
  if (basis === 'primary-source') throw new InputError('SHAPE', `\`${attester}\` is no primary source in this network`)
  if (origin !== attester && basis !== 'import')
    throw new InputError('SHAPE', `expected \`${attester}\` to say as an import what is another’s word, found ${basis}`)
}
