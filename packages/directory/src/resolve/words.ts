import type { FieldPolicy } from '../facts/fields.ts'
import type { Attestation, Basis } from '../facts/types.ts'
import { NORMALIZERS } from '../normalize/normalizers.ts'
import type { ResolveContext, Voice } from './types.ts'

/**
 * Words: what stands of what members said, and what each counts at the instant. All arithmetic is on integers (milliseconds, and thousandths for
 * freshness, reliability and weight), so every member comes to the same.
 */
export const TIERS = ['primary-source', 'both-sides', 'owner', 'observer', 'import'] as const
/** From the best. `both-sides` is a value's alone: an owner of the fact and a counterparty say the same. */
export type Tier = (typeof TIERS)[number]

export const rank = (tier: Tier): number => TIERS.indexOf(tier)

const TIER_OF: { readonly [basis in Basis]: Tier } = {
  'primary-source': 'primary-source',
  'own-record': 'owner',
  self: 'owner',
  counterparty: 'observer',
  observed: 'observer',
  import: 'import',
}

export interface Word {
  readonly said: Attestation
  /** Normalized, never empty. */
  readonly value: string
  readonly denies: boolean
  /** By its basis. */
  readonly tier: Tier
  /** Not after its recording: nobody has seen what is still to come. */
  readonly observedAt: number
  /** 0 to 1,000; at 0 the word is stale. */
  readonly freshness: number
  /** 0 to 1,000. */
  readonly weight: number
}

const DAY_MS = 86_400_000

/** Of each member under each origin the last word alone, best first; none where that takes back, says nothing, or is too old. */
export function standingWords(attestations: readonly Attestation[], policy: FieldPolicy, context: ResolveContext): readonly Word[] {
  const last = new Map<string, Attestation>()
  for (const attestation of attestations) {
    const speaker = `${attestation.attester}/${attestation.origin}`
    const earlier = last.get(speaker)
    if (earlier === undefined || compareSequence(earlier, attestation) < 0) last.set(speaker, attestation)
  }
  const normalizer = NORMALIZERS[policy.normalizer]
  const normalize = eachOnce((value) => normalizer.normalize(value))
  return [...last.values()].flatMap((attestation) => wordOf(attestation, normalize, policy, context) ?? []).toSorted(compareWords)
}

/** Most members write a value alike, and normalizing takes longer than all else. */
function eachOnce(normalize: (value: string) => string): (value: string) => string {
  const known = new Map<string, string>()
  return (value) => {
    const normalized = known.get(value) ?? normalize(value)
    known.set(value, normalized)
    return normalized
  }
}

function wordOf(said: Attestation, normalize: (value: string) => string, policy: FieldPolicy, { time, reliability }: ResolveContext): Word | undefined {
  if (said.operation === 'withdraw' || said.value === null) return undefined
  const observedAt = Math.min(said.observedAt, said.recordedAt, time)
  const age = time - observedAt
  if (age >= policy.dropDays * DAY_MS) return undefined
  const value = normalize(said.value)
  if (value === '') return undefined
  const freshness = freshnessAt(age, policy.verifyDays * DAY_MS)
  const weight = wholePart(freshness * reliability(said.attester), 1000)
  return { said, value, denies: said.operation === 'deny', tier: TIER_OF[said.basis], observedAt, freshness, weight }
}

/** Falls in a straight line and is rounded up, so that a word is fresh to its last millisecond: stale is what has reached its verify-by, not what comes near. */
const freshnessAt = (age: number, verifyMs: number): number => wholePart(Math.max(0, verifyMs - age) * 1000 + verifyMs - 1, verifyMs)

/** Of the quotient of two whole numbers that are not negative. */
const wholePart = (dividend: number, divisor: number): number => (dividend - (dividend % divisor)) / divisor

/** All imports of one origin are one voice, whoever loaded them: the copy that was observed last speaks. */
export function withoutCopies(words: readonly Word[]): readonly Word[] {
  const latest = new Map<string, Word>()
  for (const word of words) {
    const other = latest.get(word.said.origin)
    if (word.tier === 'import' && (other === undefined || compareLatest(word, other) < 0)) latest.set(word.said.origin, word)
  }
  return words.filter((word) => word.tier !== 'import' || latest.get(word.said.origin) === word)
}

/** Of words that stand best first, the first of each voice: all members of a group are one, and so is each origin of imports. */
export function speakers(words: readonly Word[]): readonly Word[] {
  const seen = new Set<string>()
  return words.filter(({ tier, said }) => {
    const voice = tier === 'import' ? `import ${said.origin}` : said.group
    return !seen.has(voice) && seen.add(voice)
  })
}

export const voiceOf = ({ said, denies, observedAt, freshness }: Word): Voice => ({
  group: said.group,
  attester: said.attester,
  basis: said.basis,
  origin: said.origin,
  observedAt,
  denies,
  freshness,
})

// ---- orders ---------------------------------------------------------------------------------------------------------------

/** By code units, the same everywhere. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

const compareSequence = (a: Attestation, b: Attestation): number => a.height - b.height || a.position - b.position || compareText(a.tag, b.tag)

/** The tag decides between two leaves; members and origins only where a leaf was put on the ledger twice. */
export const compareLatest = (a: Word, b: Word): number =>
  b.observedAt - a.observedAt ||
  compareText(a.said.tag, b.said.tag) ||
  compareText(a.said.attester, b.said.attester) ||
  compareText(a.said.origin, b.said.origin)

const compareWords = (a: Word, b: Word): number =>
  Number(b.freshness > 0) - Number(a.freshness > 0) || rank(a.tier) - rank(b.tier) || b.weight - a.weight || compareLatest(a, b)
