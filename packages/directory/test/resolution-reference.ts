import {
  type Attestation,
  type DecidingRule,
  type Dissent,
  type FieldPolicy,
  fieldPolicy,
  normalizerName,
  NORMALIZERS,
  POLICY_VERSION,
  type ResolveContext,
  type ResolvedField,
  subjectKind,
  type Voice,
} from '../src/index.ts'

/**
 * The rule of docs/reference/directory.md a second time, straight from its sentences: sets, "there is no other that …", rational numbers. Slow, and
 * of another make than `src/resolve`: what both say is what the page says.
 */
type Fraction = readonly [over: bigint, under: bigint]

interface Case {
  readonly policy: FieldPolicy
  readonly time: bigint
  readonly all: readonly Attestation[]
  readonly context: ResolveContext
}

const DAY = 24n * 60n * 60n * 1000n

// ---- one word -------------------------------------------------------------------------------------------------------------

const seen = ({ observedAt, recordedAt }: Attestation, { time }: Case): bigint => [observedAt, recordedAt].map(BigInt).reduce((a, b) => (b < a ? b : a), time)
const age = (one: Attestation, its: Case): bigint => its.time - seen(one, its)
const meaning = ({ value }: Attestation, { policy }: Case): string => (value === null ? '' : NORMALIZERS[policy.normalizer].normalize(value))
const isFresh = (one: Attestation, its: Case): boolean => age(one, its) < BigInt(its.policy.verifyDays) * DAY

const left = (one: Attestation, its: Case): Fraction => {
  const whole = BigInt(its.policy.verifyDays) * DAY
  return isFresh(one, its) ? [whole - age(one, its), whole] : [0n, 1n]
}

/** The least number of thousandths that is not less. */
const thousandthsUp = ([over, under]: Fraction): bigint => (over * 1000n) / under + ((over * 1000n) % under > 0n ? 1n : 0n)
const freshness = (one: Attestation, its: Case): bigint => thousandthsUp(left(one, its))
const weight = (one: Attestation, its: Case): bigint => (freshness(one, its) * BigInt(its.context.reliability(one.attester))) / 1000n

const isImport = ({ basis }: Attestation): boolean => basis === 'import'
const isOwner = ({ basis }: Attestation): boolean => basis === 'own-record' || basis === 'self'
const wordTier = (one: Attestation): number => (one.basis === 'primary-source' ? 1 : isOwner(one) ? 3 : isImport(one) ? 5 : 4)

// ---- which words stand ------------------------------------------------------------------------------------------------

const isReplacedBy = (one: Attestation, other: Attestation): boolean =>
  other.attester === one.attester &&
  other.origin === one.origin &&
  (other.height > one.height || (other.height === one.height && (other.position > one.position || (other.position === one.position && other.tag > one.tag))))

const stands = (one: Attestation, its: Case): boolean =>
  one.operation !== 'withdraw' &&
  meaning(one, its) !== '' &&
  age(one, its) < BigInt(its.policy.dropDays) * DAY &&
  !its.all.some((other) => isReplacedBy(one, other))

/** Negative: the first list is the smaller where they first differ. */
function inOrder(a: readonly (bigint | number | string)[], b: readonly (bigint | number | string)[]): number {
  const i = a.findIndex((part, at) => part !== b[at])
  return i < 0 ? 0 : (a[i] ?? 0) < (b[i] ?? 0) ? -1 : 1
}

const newest = (one: Attestation, its: Case) => [-seen(one, its), one.tag, one.attester, one.origin]
const best = (one: Attestation, its: Case) => [isFresh(one, its) ? 0 : 1, wordTier(one), -weight(one, its), ...newest(one, its)]

function standing(its: Case): readonly Attestation[] {
  const once = its.all.filter((one, i) => !its.all.some((other, j) => j < i && inOrder(identity(one), identity(other)) === 0))
  const words = once.filter((one) => stands(one, its))
  const isOlderCopy = (one: Attestation) =>
    isImport(one) && words.some((other) => isImport(other) && other.origin === one.origin && inOrder(newest(other, its), newest(one, its)) < 0)
  return words.filter((one) => !isOlderCopy(one))
}

const identity = ({ attester, origin, height, position, tag }: Attestation) => [attester, origin, height, position, tag]

// ---- values -----------------------------------------------------------------------------------------------------------

const deduplicated = <T>(items: readonly T[]): readonly T[] => items.filter((item, i) => items.indexOf(item) === i)
const denies = ({ operation }: Attestation): boolean => operation === 'deny'

const isOneVoice = (a: Attestation, b: Attestation): boolean =>
  isImport(a) || isImport(b) ? isImport(a) && isImport(b) && a.origin === b.origin : a.group === b.group

/** The best of each voice, by picking the best that is left again and again. */
function voices(words: readonly Attestation[], its: Case): readonly Attestation[] {
  const first = words.find((one) => words.every((other) => inOrder(best(one, its), best(other, its)) <= 0))
  if (first === undefined) return []
  return [
    first,
    ...voices(
      words.filter((one) => one !== first && !isOneVoice(one, first)),
      its,
    ),
  ]
}

function carrying(says: readonly Attestation[], its: Case): readonly Attestation[] {
  const anyFresh = says.some((one) => isFresh(one, its))
  const current = says.filter((one) => !anyFresh || isFresh(one, its))
  return current.every(isImport) ? current : current.filter((one) => !isImport(one))
}

function valueTier(says: readonly Attestation[], its: Case): number {
  const by = carrying(says, its)
  const agree = by.some((owner) => isOwner(owner) && by.some((other) => other.basis === 'counterparty' && other.group !== owner.group))
  return [1, 2, 3, 4, 5].find((tier) => (tier === 2 ? agree : by.some((one) => wordTier(one) === tier))) ?? 5
}

function valueWeight(says: readonly Attestation[], its: Case): bigint {
  const by = carrying(says, its)
  const most = (words: readonly Attestation[]) => words.map((one) => weight(one, its)).reduce((a, b) => (a > b ? a : b), 0n)
  if (by.every(isImport)) return most(by)
  const [one = 0n, two = 0n, three = 0n] = deduplicated(by.map(({ group }) => group))
    .map((group) => most(by.filter((word) => word.group === group)))
    .toSorted((a, b) => Number(b - a))
  return one + two + three
}

const newestOf = (says: readonly Attestation[], its: Case) =>
  carrying(says, its)
    .map((one) => [seen(one, its), one.tag] as const)
    .reduce((a, b) => (a[0] > b[0] || (a[0] === b[0] && a[1] < b[1]) ? a : b))

type Claim = { readonly [rule in Exclude<DecidingRule, 'only'>]: bigint | number | string }

/** What is compared, in this order; less is better. */
const claim = (says: readonly Attestation[], its: Case): Claim => ({
  fresh: says.some((one) => isFresh(one, its)) ? 0 : 1,
  tier: valueTier(says, its),
  weight: -valueWeight(says, its),
  observed: -newestOf(says, its)[0],
  tag: newestOf(says, its)[1],
})
const RULES = ['fresh', 'tier', 'weight', 'observed', 'tag'] as const
const parts = (one: Claim) => RULES.map((rule) => one[rule])

// ---- the field ----------------------------------------------------------------------------------------------------------

export function referenceField(all: readonly Attestation[], context: ResolveContext): ResolvedField | undefined {
  const [any] = all
  if (any === undefined) return undefined
  const policy = fieldPolicy(subjectKind(any.subject), any.field)
  const its: Case = { policy, time: BigInt(context.time), all, context }
  const words = standing(its)
  const about = (value: string, deny: boolean) => words.filter((one) => meaning(one, its) === value && denies(one) === deny)
  const values = deduplicated(words.filter((one) => !denies(one)).map((one) => meaning(one, its))).toSorted((a, b) =>
    inOrder([...parts(claim(about(a, false), its)), a], [...parts(claim(about(b, false), its)), b]),
  )
  const [winner, second] = values
  if (winner === undefined) return undefined
  const shown = (of: readonly Attestation[]): readonly Voice[] => voices(of, its).map((one) => voice(one, its))
  const attesters = shown(about(winner, false))
  const spelling = (value: string) => voices(about(value, false), its)[0]?.value ?? 'none'
  const other = values.slice(1).map((value): Dissent => ({ value: spelling(value), voices: [...shown(about(value, false)), ...shown(about(value, true))] }))
  const denials = about(winner, true)
  return {
    value: spelling(winner),
    state: state(
      about(winner, false),
      values.slice(1).map((value) => about(value, false)),
      denials,
      its,
    ),
    since: Number(
      voices(about(winner, false), its)
        .map((one) => seen(one, its))
        .reduce((a, b) => (a < b ? a : b)),
    ),
    attesters,
    dissent: denials.length === 0 ? other : [...other, { value: null, voices: shown(denials) }],
    rule: second === undefined ? 'only' : decided(claim(about(winner, false), its), claim(about(second, false), its)),
    policyVersion: POLICY_VERSION,
    normalizer: normalizerName(policy.normalizer),
  }
}

const decided = (a: Claim, b: Claim): DecidingRule => RULES.find((rule) => a[rule] !== b[rule]) ?? 'tag'

function state(says: readonly Attestation[], others: readonly (readonly Attestation[])[], denials: readonly Attestation[], its: Case): ResolvedField['state'] {
  const tier = valueTier(says, its)
  const rival = others.some((other) => tier !== 5 && other.some((one) => isFresh(one, its)) && valueTier(other, its) === tier)
  const known = says.filter((one) => !isImport(one))
  const denied = denials.some((one) => isFresh(one, its) && !isImport(one) && wordTier(one) <= tier && known.every(({ group }) => group !== one.group))
  if (rival || denied) return 'contested'
  if (!says.some((one) => isFresh(one, its))) return 'stale'
  if (tier <= 2) return 'verified'
  if (tier === 5) return 'unverified'
  const speaking = known.filter((one) => isFresh(one, its))
  return speaking.some((a) => speaking.some((b) => a.group !== b.group)) ? 'supported' : 'single-source'
}

const voice = (one: Attestation, its: Case): Voice => ({
  group: one.group,
  attester: one.attester,
  basis: one.basis,
  origin: one.origin,
  observedAt: Number(seen(one, its)),
  denies: denies(one),
  freshness: Number(freshness(one, its)),
})
