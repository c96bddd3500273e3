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

/** The models' configurations that leave a rule out, or show a limit; so that none is missing here. */
export const CONFIGURATIONS: Readonly<Record<string, string>> = {
  Release:
    'x_ackFirst x_asWritten3 x_asWritten3guard x_delegate x_endsGeq x_noLaterHeads x_noLeaf x_noMirror x_noPending x_noRecheck x_noRecheckAck x_notFresh x_restore x_window live_newest',
  Quorum: 'x_4oneWitness x_afterExpiry x_majority3 x_noCurrent x_noDropRule x_noExtend x_notFresh x_window',
  Log: 'x_noAllOrigins x_noChainCheck x_noCopy x_noDispute x_noDupCheck x_noLinkCheck x_noOriginCheck x_noSealCheck x_noSeenCheck x_noSkipProof x_strong',
  Restore: 'x_frozen x_noAsk x_noOneTx x_noSignOnce x_outage x_outageSnapshot x_snapshot',
  Heads: 'x_asWritten x_bothSign x_closeOver x_commitNull x_epoch x_noWait x_raise x_recSign x_version x_vetoClose x_vetoEpoch stuck',
  Roles: 'x_noVersion',
}

/** Where the attacks are played, relative to the repository. */
export const ATTACKS = 'packages/testkit/test/attacks/model'

/** The text without what keeps the rule there. Throws unless the place is there, once. */
export function without(text: string, { file, find, replace }: Place): string {
  const count = text.split(find).length - 1
  if (count !== 1) throw new Error(`expected this once in \`${file}\`, found it ${count} times: ${find}`)
  return text.replace(find, () => replace)
}

export const readSource = (file: string): string => readFileSync(path.join(root, file), 'utf8')
