import type { JsonObject } from '@fiducia/core'
import type { BundleForm } from '../types.ts'
import { textFact } from './checklist.ts'

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
  unsealed: 'what was logged in a log that ended without a seal, as one whose machine was restored before the first: only copies of the requesters show it',
  time: 'when it happened: no witness but the log itself stands for it',
  recipient: 'that the requester received it: the bundle has no mirror entry',
  intent: 'why it happened: a stolen key, or a copy of a machine that ran beside it, looks like intent',
  true: 'that what was said is true: only when the member says that it was seen is counted',
  later: 'that the member said nothing later of a subject: one that it took back since may be shown as if it stood',
  block: 'that the member did not wait for a block whose draw it liked',
  honest: 'that what a site put in was true: masks hide it from everybody, also from who would check',
  sums: 'that the sums were told as they came out, and that the result follows from them: who ran the study added up alone, and the bundle has no vector of a site',
  public: 'that the result says nothing about a single person: a sum over few, or many results over nearly the same people, can',
  patient: 'whose record was asked for: the request named no relationship that the holder knew',
} as const
type Limit = keyof typeof LIMITS

const LIMITS_OF: { readonly [Form in BundleForm]: readonly Limit[] } = {
  'consent-state': ['head', 'bypass', 'trust', 'views'],
  access: ['head', 'both', 'bypass', 'use', 'need', 'trust', 'views'],
  completeness: ['junk', 'both', 'bypass', 'tagkey', 'trust', 'views'],
  attestation: ['need', 'head', 'trust', 'views'],
  entry: ['patient', 'both', 'bypass', 'trust', 'views'],
  sample: ['true', 'later', 'block', 'trust', 'views'],
  study: ['honest', 'sums', 'public', 'trust', 'views'],
  fork: ['intent', 'trust'],
  'twin-tags': ['intent', 'trust'],
  'off-chain': ['intent', 'tagkey', 'trust', 'views'],
  'left-out': ['intent', 'tagkey', 'trust', 'views'],
  unanswered: ['intent', 'trust', 'views'],
}

export function doesNotProve(form: BundleForm, facts: JsonObject): readonly string[] {
  const when = (holds: boolean, limit: Limit): readonly Limit[] => (holds ? [limit] : [])
  const more = [
    ...when(facts['cosigned'] === false, 'time'),
    ...when(facts['mirrored'] === false, 'recipient'),
    ...when(facts['earlierLogsShown'] === false, 'earlier'),
    ...when(facts['unsealedLogs'] !== undefined, 'unsealed'),
  ]
  return [...LIMITS_OF[form], ...more].map((limit) => LIMITS[limit])
}

type Say = (name: string) => string

const PROVES: { readonly [Form in BundleForm]: (say: Say, facts: JsonObject) => readonly string[] } = {
  'consent-state': (say) => [`At height ${say('height')} the ledger of \`${say('net')}\` had exactly this head for the relationship at \`${say('org')}\`.`],
  access: (say, facts) => [
    `\`${say('org')}\` logged, in log ${say('k')}, exactly this disclosure as its answer to \`${say('requester')}\` for purpose \`${say('purpose')}\`.`,
    'It can neither change nor remove that entry unnoticed.',
    `The policy head of the relationship at height ${say('height')} was as shown.`,
    ...(facts['decision'] === true ? ['The decision record is the one that the holder committed to at that time.'] : []),
    ...(facts['mirrored'] === true ? [`\`${say('requester')}\` wrote down the same access in its own log.`] : []),
  ],
  completeness: (say) => [`The accesses listed are all that \`${say('org')}\` logged for this relationship, complete as of ${say('completeAsOfText')}.`],
  attestation: (say, facts) => [
    `At height ${say('height')} group \`${say('group')}\` ${facts['live'] === true ? 'attested' : 'no longer attested'} this role.`,
  ],
  entry: (say) => [
    `\`${say('org')}\` logged, in log ${say('k')}, exactly this disclosure as its answer to \`${say('requester')}\` for purpose \`${say('purpose')}\`; it names no relationship.`,
  ],
  sample: (say) => [
    `\`${say('org')}\` had ${say('statements')} statements about providers that count at height ${say('height')}; the block drew these ${say('sampled')}, not the member.`,
    `Of those that stand, ${say('fresh')} of ${say('standing')} were observed within ${say('days')} days: ${say('interval')} of all, at 95 % confidence.`,
  ],
  study: (say, facts) => [
    `The study \`${say('study')}\`, as the sites approved it, was run by \`${say('by')}\` in ${say('rounds')} rounds over ${say('sites')}, ${
      facts['abortedBy'] === undefined ? 'and closed with exactly this result.' : `and aborted by \`${say('abortedBy')}\` (${say('reason')}): it has no result.`
    }`,
    'No round had the sum of fewer than three groups, and none of other sites than the rounds before it.',
  ],
  fork: (say) => [
    `Proof of fraud: the key \`${say('culprit')}\` signed two histories of \`${say('origin')}\`.`,
    'Whoever holds this key is at fault: one who keeps the rules signs only what extends everything signed before.',
  ],
  'twin-tags': (say) => [
    `Proof of fraud: \`${say('culprit')}\` wrote two entries with one tag into \`${say('origin')}\`, and could show a patient either of them.`,
  ],
  'off-chain': (say) => [
    `Proof of fraud: \`${say('culprit')}\` logged an access of this relationship, by \`${say('requester')}\`, under a tag that hides it from the patient.`,
  ],
  'left-out': (say) => [
    `Proof of fraud: \`${say('culprit')}\` logged an access of this relationship, by \`${say('requester')}\`, that the list of all its accesses does not have.`,
  ],
  unanswered: (say) => [
    `\`${say('by')}\` holds a signed note of \`${say('culprit')}\` that its public log was not shown to extend, though there was time to: the owner of the log is at fault.`,
  ],
}

/** `facts` are those of a valid bundle. */
export function proves(form: BundleForm, facts: JsonObject): readonly string[] {
  const custody = facts['custody'] === 'custodial' ? ['The key of this relationship is custodial: an organization can use it.'] : []
  return [...PROVES[form]((name) => textFact(facts, name), facts), ...custody]
}
