import { enforce } from '../disclosure/ruling.ts'
import { checkMinimumCell } from '../disclosure/rules.ts'
import { ResearchError } from '../errors.ts'
import { numbersOf } from '../levels/codes.ts'
import type { Fit, Step } from '../rounds/types.ts'
import { shown } from '../table/near.ts'
import type { Split } from '../table/read.ts'
import type { Table } from '../table/types.ts'
import { checkRange, powerOfTwoNear } from './range.ts'

export interface Count {
  readonly n: number
  /** Rows left out for a missing value, however few: they are in no other number. */
  readonly missing: number
}

/** Of a site. */
export interface CountedRows {
  readonly rows: number
  readonly missing: number
  /** Rows that a `split` keeps aside. */
  readonly keptAside?: number
}

/**
 * Rows over all sites, and those left out. Throws `STUDY_POLICY` where the rows are below the minimum cell, `STUDY_DATA` where a split keeps nothing
 * aside: with a level that nobody has, a model would learn from the rows that it is to be judged by.
 */
export function countFit(minimumCell: number, split?: Split): Fit<CountedRows, Count> {
  return {
    start: new Float64Array(),
    lengthOf: () => (split === undefined ? 2 : 3),
    contribute: ({ rows, missing, keptAside = 0 }) => Float64Array.from(split === undefined ? [rows, missing] : [rows, missing, keptAside]),
    next: (_, [n = 0, missing = 0, keptAside = 0]) => {
      enforce(checkMinimumCell({ 'rows in total': n }, { minimumCell }))
      if (split !== undefined && keptAside === 0)
        throw new ResearchError(
          'STUDY_DATA',
          `expected rows with \`${shown(split.test)}\` in \`${shown(split.column)}\` to keep aside, found none with a value in every column used, at any site`,
        )
      return { done: true, result: { n, missing } }
    },
  }
}

/** Parts of a mean size in which distances are taken: they may be far smaller than the numbers, and squares of all of them stay below 2^62. */
const FINER = 2 ** 12

export interface Description {
  readonly column: string
  readonly n: number
  readonly mean: number
  /** With n − 1 below the line; `null` for one row. */
  readonly variance: number | null
  readonly sd: number | null
}

/**
 * Mean and variance of number columns in two rounds: means first, then sums of distances from them, so that nothing cancels. The first round
 * also sums absolute values: the second is in parts of their mean, so that small units lose no digits in the steps of masked sums.
 * Values: the round; then each column's mean and unit. Throws `STUDY_POLICY` below the minimum cell, `STUDY_RANGE` for columns out of range.
 */
export function describeFit(columns: readonly string[], minimumCell: number): Fit<Table, readonly Description[]> {
  return {
    start: Float64Array.of(0),
    lengthOf: () => 1 + 2 * columns.length,
    contribute: (table, values) => Float64Array.from([table.rows, ...columns.flatMap((name, i) => columnSums(table, name, values, i))]),
    next: (values, sum) => next(columns, values, sum, minimumCell),
  }
}

function columnSums(table: Table, name: string, values: Float64Array, index: number): readonly [number, number] {
  const numbers = numbersOf(table, name)
  checkRange(name, numbers)
  let plain = 0
  let second = 0
  if (values[0] === 0) {
    for (const number of numbers) {
      plain += number
      second += Math.abs(number)
    }
    return [plain, second]
  }
  const [mean = 0, unit = 1] = values.subarray(1 + 2 * index)
  for (const number of numbers) {
    const distance = (number - mean) / unit
    plain += distance
    second += distance * distance
  }
  return [plain, second]
}

function next(columns: readonly string[], values: Float64Array, sum: Float64Array, minimumCell: number): Step<readonly Description[]> {
  const n = sum[0] ?? 0
  const pairs = columns.map((_, i) => [sum[1 + 2 * i] ?? 0, sum[2 + 2 * i] ?? 0] as const)
  if (values[0] === 0) {
    enforce(checkMinimumCell({ 'rows in total': n }, { minimumCell }))
    return { done: false, values: Float64Array.from([1, ...pairs.flatMap(([plain, absolute]) => [plain / n, powerOfTwoNear(absolute / n) / FINER])]) }
  }
  return { done: true, result: columns.map((column, i) => description(column, n, values.subarray(1 + 2 * i, 3 + 2 * i), pairs[i] ?? [0, 0])) }
}

function description(column: string, n: number, [mean = 0, unit = 1]: Float64Array, [first, second]: readonly [number, number]): Description {
  const variance = n > 1 ? (Math.max(0, second - (first * first) / n) / (n - 1)) * unit * unit : null
  return { column, n, mean: mean + (first / n) * unit, variance, sd: variance === null ? null : Math.sqrt(variance) }
}
