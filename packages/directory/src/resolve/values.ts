import type { Bytes32 } from '@fiducia/core'
import { MAX_WEIGHED_GROUPS } from '../limits.ts'
import type { DecidingRule } from './types.ts'
import { compareLatest, compareText, rank, type Tier, type Word } from './words.ts'

/**
 * Values: what the words come to that say the same. Only those *carry* a value that give it its claim: the fresh ones if any is fresh, and among
 * them imports only if nothing else is there. So a stale word of a good basis cannot be freshened up with a new one of a bad basis, and an
 * import never adds to what others say.
 */
export interface Value {
  /** Normalized. */
  readonly value: string
  /** All words that say so, at least one, and all that deny it; best first. */
  readonly says: readonly Word[]
  readonly denies: readonly Word[]
  readonly fresh: boolean
  readonly tier: Tier
  /** 0 to 3,000. */
  readonly weight: number
  /** How many groups carry it; of imports each loader's. */
  readonly groups: number
  /** Of the latest carrier. */
  readonly observedAt: number
  readonly tag: Bytes32
}

/** Every value that somebody says, of words that stand best first. A denial of what nobody says is no dissent with anything. */
export function valuesOf(words: readonly Word[]): readonly Value[] {
  return [...Map.groupBy(words, ({ value }) => value)].flatMap(([value, about]) => {
    const says = about.filter(({ denies }) => !denies)
    const denies = about.filter(({ denies }) => denies)
    return says.length === 0 ? [] : [{ value, says, denies, ...claimOf(carriers(says)) }]
  })
}

function carriers(says: readonly Word[]): readonly Word[] {
  const fresh = says.filter(({ freshness }) => freshness > 0)
  const standing = fresh.length > 0 ? fresh : says
  const known = standing.filter(({ tier }) => tier !== 'import')
  return known.length > 0 ? known : standing
}

function claimOf(carriers: readonly Word[]): Pick<Value, 'fresh' | 'tier' | 'weight' | 'groups' | 'observedAt' | 'tag'> {
  const tier = tierOf(carriers)
  const heaviest = new Map<string, number>()
  for (const { said, weight } of carriers) heaviest.set(said.group, Math.max(weight, heaviest.get(said.group) ?? 0))
  const weights = [...heaviest.values()].toSorted((a, b) => b - a).slice(0, tier === 'import' ? 1 : MAX_WEIGHED_GROUPS)
  const latest = carriers.reduce((a, b) => (compareLatest(a, b) <= 0 ? a : b))
  return {
    fresh: carriers.some(({ freshness }) => freshness > 0),
    tier,
    weight: weights.reduce((sum, weight) => sum + weight, 0),
    groups: heaviest.size,
    observedAt: latest.observedAt,
    tag: latest.said.tag,
  }
}

function tierOf(carriers: readonly Word[]): Tier {
  const best = carriers.reduce<Tier>((best, { tier }) => (rank(tier) < rank(best) ? tier : best), 'import')
  return best === 'owner' && bothSidesAgree(carriers) ? 'both-sides' : best
}

/** An owner and a counterparty of two groups: there are both, and not all of them are of one group. */
function bothSidesAgree(carriers: readonly Word[]): boolean {
  const groupsOf = (words: readonly Word[]) => new Set(words.map(({ said }) => said.group))
  const owners = groupsOf(carriers.filter(({ tier }) => tier === 'owner'))
  const counterparties = groupsOf(carriers.filter(({ said }) => said.basis === 'counterparty'))
  return owners.size > 0 && counterparties.size > 0 && new Set([...owners, ...counterparties]).size > 1
}

/** In this order; the first that is not even decides. */
const COMPARISONS: readonly (readonly [DecidingRule, (a: Value, b: Value) => number])[] = [
  ['fresh', (a, b) => Number(b.fresh) - Number(a.fresh)],
  ['tier', (a, b) => rank(a.tier) - rank(b.tier)],
  ['weight', (a, b) => b.weight - a.weight],
  ['observed', (a, b) => b.observedAt - a.observedAt],
  ['tag', (a, b) => compareText(a.tag, b.tag) || compareText(a.value, b.value)],
]

/** Negative where the first goes before the second. */
export const compareValues = (a: Value, b: Value): number => COMPARISONS.reduce((order, [, compare]) => order || compare(a, b), 0)

export const decidingRule = (winner: Value, second: Value | undefined): DecidingRule =>
  second === undefined ? 'only' : (COMPARISONS.find(([, compare]) => compare(winner, second) !== 0)?.[0] ?? 'tag')
