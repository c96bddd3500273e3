import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../run.ts'
import { HEADS, ROLES } from './heads.ts'
import { LOG, LOG_LIMITS } from './log.ts'
import { QUORUM, QUORUM_LIMITS } from './quorum.ts'
import { RELEASE, RELEASE_LIMITS } from './release.ts'
import { RESTORE } from './restore.ts'
import type { Limit, Place, Rule } from './rule.ts'

/** Every rule of the models, and every limit. */
export const RULES: readonly Rule[] = [...RELEASE, ...QUORUM, ...LOG, ...RESTORE, ...HEADS, ...ROLES]
export const LIMITS: readonly Limit[] = [...RELEASE_LIMITS, ...QUORUM_LIMITS, ...LOG_LIMITS]

/** Where the attacks are played, relative to the repository. */
export const ATTACKS = 'packages/testkit/test/attacks/model'

/** The text without what keeps the rule there. Throws unless the place is there, once. */
export function without(text: string, { file, find, replace }: Place): string {
  const count = text.split(find).length - 1
  if (count !== 1) throw new Error(`expected this once in \`${file}\`, found it ${count} times: ${find}`)
  return text.replace(find, () => replace)
}

export const readSource = (file: string): string => readFileSync(path.join(root, file), 'utf8')
