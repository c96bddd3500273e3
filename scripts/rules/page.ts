import type { Limit, Place, Rule } from './rule.ts'
import { ATTACKS, LIMITS, RULES } from './table.ts'

/** `docs/spec/model/README.md`: which model says what, and which lines of the code keep what it found to be needed. */

interface Model {
  readonly name: string
  /** What it plays. */
  readonly plays: string
  /** What it says when it holds. */
  readonly says: string
  /** What it leaves out, and who judges that instead. */
  readonly leavesOut: readonly (readonly [what: string, judge: string])[]
}

const FAULTS = '[the fault table](../../reference/faults.md)'
const SIMULATION = '[the simulation](../../../packages/testkit/test/simulation.full.test.ts)'

const MODELS: readonly Model[] = [
  {
    name: 'Release',
    plays:
      'One relationship between one holder and one requester. The patient has two devices that do not know of each other, and perhaps a delegate who may restrict; the operator reorders, delays and drops; either node ends between any two steps; the holder’s database is put back.',
    says: 'A restriction that was acknowledged is never passed over, a committed one not after T; nothing leaves without a leaf, and nothing is used without a mirror.',
    leavesOut: [
      ['what a policy says: there it permits or forbids one thing', 'the oracle of `packages/consent` and [mutation](../../reference/mutation.md)'],
      ['the day on which a policy expires, the filter of a delegate who may set', 'tests of `packages/consent` and `packages/ledger`'],
      ['the disk on which things are durable', FAULTS],
    ],
  },
  {
    name: 'Quorum',
    plays:
      'An operator that forks, withholds and drops, three or four witnesses of which one obeys it, a holder that shows what suits it, a reader who wants a fresh quorum. A tick is T.',
    says: 'There is one history; nobody acts on a head for longer than T after a quorum has left it behind; a dropped transaction stops everybody while it is valid.',
    leavesOut: [
      ['state and replay', 'a second implementation of the ledger (`packages/ledger/test/reference.ts`), the followers’ tests'],
      ['clocks that differ', '[attacks on the operator](../../../packages/testkit/test/attacks/operator.test.ts)'],
      ['messages that are late, doubled or lost', SIMULATION],
    ],
  },
  {
    name: 'Log',
    plays:
      'A holder that forks its access log, leaves out, reuses and skips numbers, tags with junk, invents a relationship, seals wrongly, opens a second log; requester, witnesses and wallet are honest.',
    says: 'Every access that an honest requester used is found by the patient, or proves the holder’s fault to others.',
    leavesOut: [
      ['batches, padding, tiles, sealed copies', 'tests of `packages/proofs`, [vectors](../vectors), [the parsers](../../reference/parsers.md)'],
      ['erasure', '[erasure](../../../packages/testkit/test/erasure.test.ts)'],
      ['bundles put together wrongly, bit by bit', '[attacks on bundles](../../../packages/testkit/test/attacks/bundles.test.ts)'],
    ],
  },
  {
    name: 'Restore',
    plays: 'An honest holder’s log: a crash, a database or a whole machine put back, a planned rotation, the ledger away.',
    says: 'An honest log never signs two roots for one size, leaves no gap in the numbers, can answer for every note, and can always come up again.',
    leavesOut: [
      ['what the lost entries said', '[restored-image](../../../packages/testkit/test/restored-image.test.ts): the wallet names them'],
      ['a write that is half done', `${FAULTS}, kill storms`],
    ],
  },
  {
    name: 'Heads',
    plays:
      'One head on the ledger: an owner with two devices, a thief with some of the keys, the holder that closes, a delegate. Every accepted transaction is kept and sent again at every later moment.',
    says: 'Nothing is accepted twice; nobody gets control but with the keys that the rules name; after a recovery no older policy is in force; the owner always has a next step.',
    leavesOut: [
      ['the form of a transaction, `validUntil`, m of n, `rel.open`, `rel.rebind`', 'tests and random histories of `packages/ledger`'],
      ['the removal of a delegate’s key', '[policy versions](../../../packages/node/src/relationships/policy-versions.test.ts)'],
    ],
  },
  {
    name: 'Roles',
    plays: 'The statements of one group about one role.',
    says: 'Nothing is accepted twice.',
    leavesOut: [['expiry, the second group', 'tests of `packages/ledger`, [attacks of a requester](../../../packages/testkit/test/attacks/requester.test.ts)']],
  },
]

const ABOUT = [
  'Six small TLA+ models play the core of the protocol against everybody who could go wrong in it, step by step in every order, within small',
  'bounds: two or three signed versions, two uses, two logs, three changes of keys. In a model signatures, hashes and proofs are perfect, so it',
  'finds errors of the design, and none of the code. A model that holds shows that within its bounds there is no such error; a rule that is left',
  'out of it shows the attack that the rule stops. The models’ text is not part of this repository; the names of their configurations are, and',
  'each row below has one.',
  '',
  'This page ties each rule to the code. A row names the place that keeps it, and a test that plays the model’s attack against real nodes, the',
  'real ledger or the real verifier, where it fails. Then the rule is taken out of the code, and the same test must find the attack:',
  '',
  '```',
  'npm run rules                                        # every row: some minutes',
  'npm run rules -- --only Release_x_noPending          # one of them: seconds',
  '```',
  '',
  'Taken out means that the text of the source is changed on its way into the test; no file is touched. A row counts only if the test fails by',
  'the words with which it says that the attack succeeded, so that a test that breaks for another reason is no proof. Where several places are',
  'named, the code keeps the rule more than once: the attack succeeds only when all of them are gone. The table is data',
  '(`scripts/rules`); a test holds that every place is there exactly once, and that no configuration and no test is without a row.',
]

const linkTo = (file: string): string => `../../../${file}`

/** Each symbol once, as a link to its file. */
function placesOf(kept: readonly Place[]): string {
  const links = kept.map(({ file, symbol }) => `[\`${symbol}\`](${linkTo(file)})`)
  return [...new Set(links)].join(', ')
}

const sectionOf = ({ name, plays, says, leavesOut }: Model): readonly string[] => {
  const isOf = ({ configuration }: Rule | Limit) => configuration.startsWith(`${name}_`)
  const [rules, limits] = [RULES.filter(isOf), LIMITS.filter(isOf)]
  const test = rules[0]?.test ?? ''
  return [
    `## ${name}`,
    '',
    plays,
    '',
    `**It says:** ${says}`,
    '',
    '| rule | without it | kept by | configuration |',
    '|---|---|---|---|',
    ...rules.map(({ rule, attack, kept, configuration }) => `| ${rule} | ${attack} | ${placesOf(kept)} | \`${configuration}\` |`),
    '',
    `Played in [\`${test}\`](${linkTo(`${ATTACKS}/${test}`)}).`,
    '',
    ...limits.map(({ configuration, limit }) => `**A limit** (\`${configuration}\`, the test shows that it is so and no wider): ${limit}\n`),
    '| left out | judged by |',
    '|---|---|',
    ...leavesOut.map(([what, judge]) => `| ${what} | ${judge} |`),
    '',
  ]
}

export const modelPage = (generated: string): string =>
  `${['# The models', '', generated, '', ...ABOUT, '', ...MODELS.flatMap(sectionOf)].join('\n').trimEnd()}\n`
