import { enforce } from '../disclosure/ruling.ts'
import { checkGrid, checkMinimumCell } from '../disclosure/rules.ts'
import { suppressList, suppressTable } from '../disclosure/suppression.ts'
import { ResearchError } from '../errors.ts'
import { codesIn, numbersOf } from '../levels/codes.ts'
import { MAX_TABLE_CELLS } from '../limits.ts'
import type { Fit } from '../rounds/types.ts'
import type { Table } from '../table/types.ts'

/** A factor with its levels over all sites, as `levelsFit` finds them. */
export interface Factor {
  readonly column: string
  readonly levels: readonly string[]
}

/** Counts with what is suppressed as `null`: every count but zero below the minimum cell, and others from which one of these would follow. */
export interface ContingencyTable {
  readonly rows: Factor
  readonly columns: Factor | null
  /** By row and column; one column where there is one factor. */
  readonly counts: readonly (readonly (number | null)[])[]
  readonly rowTotals: readonly (number | null)[]
  /** Empty where there is one factor. */
  readonly columnTotals: readonly (number | null)[]
  readonly n: number
  /** How many counts are suppressed, margins among them. */
  readonly hidden: number
}

/** Counts of one factor, or of two against each other. Throws `STUDY_POLICY` where all rows together are below the minimum cell, `STUDY_DATA` for too many cells. */
export function tableFit(rows: Factor, columns: Factor | null, minimumCell: number): Fit<Table, ContingencyTable> {
  const width = columns?.levels.length ?? 1
  const cells = rows.levels.length * width
  if (cells > MAX_TABLE_CELLS) throw new ResearchError('STUDY_DATA', `expected a table of at most ${MAX_TABLE_CELLS} cells, found ${cells}`)
  return {
    start: new Float64Array(),
    lengthOf: () => cells,
    contribute: (table) => {
      const counts = new Float64Array(cells)
      const columnCodes = columns === null ? undefined : codesIn(table, columns.column, columns.levels)
      codesIn(table, rows.column, rows.levels).forEach((row, i) => addOne(counts, row * width + (columnCodes?.[i] ?? 0)))
      return counts
    },
    next: (_, sum) => {
      enforce(checkMinimumCell({ 'rows in total': total(sum) }, { minimumCell }))
      return { done: true, result: columns === null ? oneWay(rows, sum, minimumCell) : twoWay(rows, columns, sum, minimumCell) }
    },
  }
}

function oneWay(rows: Factor, sum: Float64Array, minimumCell: number): ContingencyTable {
  const { counts, hidden } = suppressList([...sum], minimumCell)
  return {
    rows,
    columns: null,
    counts: counts.map((count) => [count]),
    rowTotals: counts,
    columnTotals: [],
    n: total(sum),
    hidden,
  }
}

function twoWay(rows: Factor, columns: Factor, sum: Float64Array, minimumCell: number): ContingencyTable {
  const width = columns.levels.length
  const { cells, hidden } = suppressTable(
    rows.levels.map((_, r) => [...sum.subarray(r * width, (r + 1) * width)]),
    minimumCell,
  )
  const inner = cells.slice(0, -1)
  return {
    rows,
    columns,
    counts: inner.map((row) => row.slice(0, -1)),
    rowTotals: inner.map((row) => row.at(-1) ?? null),
    columnTotals: cells.at(-1)?.slice(0, -1) ?? [],
    n: total(sum),
    hidden,
  }
}

export interface Histogram {
  readonly column: string
  /** Bounds of the bins, as the study declared them. */
  readonly grid: readonly number[]
  /** Between neighboring bounds, the upper one included, in the first bin also the lower one (R's `hist`); `null` where suppressed. */
  readonly counts: readonly (number | null)[]
  readonly below: number | null
  readonly above: number | null
  readonly n: number
  /** How many counts are suppressed, margins among them. */
  readonly hidden: number
}

/** Counts of a number column between public bounds. Throws `STUDY_POLICY` for a grid that is none or too fine, and below the minimum cell. */
export function histogramFit(column: string, grid: readonly number[], minimumCell: number): Fit<Table, Histogram> {
  enforce(checkGrid(grid, undefined, { minimumCell }))
  return {
    start: new Float64Array(),
    lengthOf: () => grid.length + 1,
    contribute: (table) => {
      const counts = new Float64Array(grid.length + 1)
      for (const value of numbersOf(table, column)) addOne(counts, value === grid[0] && grid.length > 1 ? 1 : pointsBelow(grid, value))
      return counts
    },
    next: (_, sum) => {
      const n = total(sum)
      enforce(checkMinimumCell({ 'rows in total': n }, { minimumCell }))
      const { counts, hidden } = suppressList([...sum], minimumCell)
      const ends = { below: counts[0] ?? null, above: counts.at(-1) ?? null }
      return { done: true, result: { column, grid, counts: counts.slice(1, -1), ...ends, n, hidden } }
    },
  }
}

/** How many points of a rising grid are below a value; also the index of the first point that is not. */
export function pointsBelow(grid: readonly number[], value: number): number {
  let low = 0
  let high = grid.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((grid[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

const total = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0)

function addOne(counts: Float64Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1
}
