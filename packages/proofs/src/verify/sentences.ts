import type { JsonObject } from '@fiducia/core'
import type { BundleKind } from '../types.ts'

/** What a valid bundle proves and what no bundle of its kind can (PROTOCOL section 6), in plain words. */

const LIMITS = {
  trust: 'that the witnesses named by the trust file still serve: a quorum of retired keys could forge what an old trust file accepts',
  views: 'that everybody was shown the same log, if its operator and enough other groups act together',
  head: 'that no newer head came after this height',
  bypass: 'that nobody inside the organization read the data past its gateway',
  both: 'that nothing was released that holder and requester together did not log',
  use: 'what the requester did with the data afterwards',
  need: 'that a true role had a true need',
  junk: 'that the holder never logged an access under a wrong tag or skipped a number: only the copy of the requester shows that',
  tagkey: 'that it can be shown around freely: whoever reads this bundle recognizes later accesses of this patient in the log',
  earlier: 'that the logs before the last one ended with the seals shown: each is complete as of its own time only',
  time: 'when it happened: no witness but the log itself stands for it',
  recipient: 'that the requester received it: the bundle has no mirror entry',
  patient: 'whose record was asked for: the request named no relationship that the holder knew',
} as const
type Limit = keyof typeof LIMITS

const LIMITS_OF: { readonly [Kind in BundleKind]: readonly Limit[] } = {
  'consent-state': ['head', 'bypass', 'trust', 'views'],
  access: ['head', 'both', 'bypass', 'use', 'need', 'trust', 'views'],
  completeness: ['junk', 'both', 'bypass', 'tagkey', 'trust', 'views'],
  attestation: ['need', 'head', 'trust', 'views'],
  entry: ['patient', 'both', 'bypass', 'trust', 'views'],
}

export function doesNotProve(kind: BundleKind, facts: JsonObject): readonly string[] {
  const when = (holds: boolean, limit: Limit): readonly Limit[] => (holds ? [limit] : [])
  const more = [...when(facts['cosigned'] === false, 'time'), ...when(facts['mirrored'] === false, 'recipient'), ...when(facts['earlierLogsShown'] === false, 'earlier')]
  return [...LIMITS_OF[kind], ...more].map((limit) => LIMITS[limit])
}

/** `facts` are those of a valid bundle. */
export function proves(kind: BundleKind, facts: JsonObject): readonly string[] {
  const say = (name: string) => String(facts[name])
  const custody = facts['custody'] === 'custodial' ? ['The key of this relationship is custodial: an organization can use it.'] : []
  switch (kind) {
    case 'consent-state':
      return [`At height ${say('height')} the ledger of \`${say('net')}\` had exactly this head for the relationship at \`${say('org')}\`.`, ...custody]
    case 'access':
      return [
        `\`${say('org')}\` logged, in log ${say('k')}, that exactly this disclosure went to \`${say('requester')}\` for purpose \`${say('purpose')}\`, and can neither change nor remove the entry unnoticed.`,
        `The policy head of the relationship at height ${say('height')} was as shown.`,
        ...(facts['decision'] === true ? ['The decision record is the one that the holder committed to at that time.'] : []),
        ...(facts['mirrored'] === true ? [`\`${say('requester')}\` wrote down the same access in its own log.`] : []),
        ...custody,
      ]
    case 'completeness':
      return [`The accesses listed are all that \`${say('org')}\` logged for this relationship, complete as of ${say('completeAsOfText')}.`, ...custody]
    case 'attestation':
      return [`At height ${say('height')} group \`${say('group')}\` ${facts['withdrawn'] === true ? 'had withdrawn its attestation of' : 'attested'} this role.`]
    case 'entry':
      return [`\`${say('org')}\` logged, in log ${say('k')}, a request of \`${say('requester')}\` for purpose \`${say('purpose')}\` that named no relationship, and how it was answered.`]
  }
}
