import type { FamilyName } from '../src/models/glm-families.ts'
import type { ColumnKinds, TextTable } from '../src/table/types.ts'
import type { Study } from './glm-study.ts'
import { randomOf } from './random.ts'

/** A synthetic data set: columns of numbers and factors, some made of others, an outcome that depends on some of them. */
export interface Problem {
  readonly seed: number
  readonly rows: number
  readonly sites: number
  readonly family: FamilyName
  readonly formula: string
}

const KINDS: ColumnKinds = new Map([
  ...['y', 'x', 'z', 'k', 'twice', 'sum', 'constant', 'zero'].map((name) => [name, 'number'] as const),
  ['f', 'factor'] as const,
  ['g', 'factor'] as const,
])
const HEADER = [...KINDS.keys()]

export function studyOf({ seed, rows, sites, family, formula }: Problem): Study {
  const random = randomOf(seed)
  const all = Array.from({ length: rows }, () => rowOf(random, family))
  return { formula, kinds: KINDS, sites: splitRows([{ header: HEADER, rows: all }], sites, random) }
}

/** The same rows at other sites: dealt at random, so that some have few. */
export function splitRows(tables: readonly TextTable[], sites: number, random = randomOf(sites)): readonly TextTable[] {
  const places = tables.flatMap(({ rows }) => rows.map((row) => ({ row, site: Math.floor(sites * random() ** 1.5) })))
  return Array.from({ length: sites }, (_, site) => ({ header: HEADER, rows: places.filter((one) => one.site === site).map(({ row }) => row) }))
}

function rowOf(random: () => number, family: FamilyName): readonly string[] {
  const x = Math.round((random() + random() - 1) * 1e4) / 1e3
  const z = Math.round((50 + 20 * random()) * 10) / 10
  const [f, g, k] = [Math.floor(3 * random()), Math.floor(2 * random()), Math.floor(3 * random())]
  const eta = 0.05 * x + 0.02 * (z - 60) + ([0, 0.5, -0.4][f] ?? 0) + 0.3 * g
  const numbers = [outcomeOf(family, eta, random), x, z, k, 2 * x - 1, x + z, 7, 0]
  return [...numbers.map(String), `level ${f}`, ['no', 'yes'][g] ?? '']
}

function outcomeOf(family: FamilyName, eta: number, random: () => number): number {
  if (family === 'gaussian') return eta + random() + random() - 1
  if (family === 'binomial') return Number(random() < 1 / (1 + Math.exp(-eta)))
  let [count, product] = [-1, 1]
  while (product > Math.exp(-2 * Math.exp(eta))) {
    count += 1
    product *= random()
  }
  return count
}
