import { columnsOf, parseFormula } from '../src/formula/parse.ts'
import { columnsWithLevels, createDesign, namesOf } from '../src/matrix/design.ts'
import { matrixOf, outcomeOf } from '../src/matrix/matrix.ts'
import { createGlm } from '../src/models/glm.ts'
import type { GlmData, GlmOptions, GlmResult } from '../src/models/glm-model.ts'
import { type Fit, runInTheClear } from '../src/rounds/types.ts'
import { levelsOf, sortLevels } from '../src/table/levels.ts'
import { readTable } from '../src/table/read.ts'
import type { ColumnKinds, TextTable } from '../src/table/types.ts'

export interface Study {
  readonly formula: string
  readonly kinds: ColumnKinds
  readonly sites: readonly TextTable[]
}

/** From files as text to the matrices of each site, with the levels of all of them. */
export function dataOf({ formula, kinds, sites }: Study): { readonly names: readonly string[]; readonly sites: readonly GlmData[] } {
  const parsed = parseFormula(formula, kinds)
  const tables = sites.map((site) => readTable(site, kinds, columnsOf(parsed)))
  const levels = new Map(
    columnsWithLevels(parsed, kinds).map((column) => {
      const found = tables.flatMap((table) => levelsOf(table.columns.get(column) ?? { kind: 'factor', levels: [], codes: new Uint32Array() }))
      return [column, sortLevels(found)] as const
    }),
  )
  const design = createDesign(parsed, kinds, levels)
  const names = namesOf(design)
  return { names, sites: tables.map((table) => ({ x: matrixOf(design, table).x, y: outcomeOf(design, table), columns: names.length })) }
}

export function fitStudy(study: Study, options: Omit<GlmOptions, 'names'>): GlmResult {
  const { names, sites } = dataOf(study)
  return runInTheClear(createGlm({ ...options, names }), sites, 50)
}

export const estimatesOf = (result: GlmResult): readonly (number | null)[] => result.coefficients.map(({ estimate }) => estimate)

/** Runs a fit as masked sums travel: each number of a site rounded to 2^-64, their sum below 2^62. Also says how many rounds it took. */
export function runInFixedPoint<Data, Result>(fit: Fit<Data, Result>, sites: readonly Data[]): { readonly result: Result; readonly rounds: number } {
  let values = fit.start
  for (let rounds = 1; rounds <= 50; rounds += 1) {
    const at = values
    const sum = addInFixedPoint(
      sites.map((site) => fit.contribute(site, at)),
      fit.lengthOf(at),
    )
    const step = fit.next(values, sum)
    if (step.done) return { result: step.result, rounds }
    values = step.values
  }
  throw new Error('the fit did not end within 50 rounds')
}

export function addInFixedPoint(parts: readonly Float64Array[], length: number): Float64Array {
  const sum = Array.from({ length }, () => 0n)
  for (const part of parts) part.forEach((value, i) => (sum[i] = (sum[i] ?? 0n) + fixed(value)))
  return Float64Array.from(sum, loose)
}

function fixed(value: number): bigint {
  if (!(Math.abs(value) < 2 ** 62)) throw new Error('a sum is out of range')
  const whole = Math.trunc(value)
  return (BigInt(whole) << 64n) + BigInt(Math.round((value - whole) * 2 ** 64))
}

const loose = (value: bigint): number => Number(value) / 2 ** 64
