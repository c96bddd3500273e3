import type { ContingencyTable, Description, Histogram, StudyResult, StudySpec } from '@fiducia/research'
import { figure, percent } from './figures.ts'
import { type TextColumn, textTable } from './text-table.ts'

/** A count that is not told: it is small, or a small one would follow from it. */
export const HIDDEN = 'hidden'
const BAR_WIDTH = 30

/** Descriptions, tables and histograms. */
export function statisticLines(spec: StudySpec, { columns, table, histogram, excluded }: StudyResult): readonly string[] {
  if (columns !== null) return [...descriptionTable(columns, excluded.missing), '']
  if (table !== null) return [...crossTable(table), ...hiddenNote(spec, table), '']
  if (histogram !== null) return [...histogramTable(histogram), ...hiddenNote(spec, histogram), '']
  return []
}

function descriptionTable(columns: readonly Description[], missing: number): readonly string[] {
  const table = textTable([
    { heading: 'column', cells: columns.map(({ column }) => column), isWords: true },
    { heading: 'n', cells: columns.map(({ n }) => String(n)) },
    { heading: 'missing', cells: columns.map(() => String(missing)) },
    { heading: 'mean', cells: columns.map(({ mean }) => figure(mean)) },
    { heading: 'std. deviation', cells: columns.map(({ sd }) => figure(sd)) },
    { heading: 'variance', cells: columns.map(({ variance }) => figure(variance)) },
    { heading: 'std. error of mean', cells: columns.map(({ sd, n }) => figure(sd === null ? null : sd / Math.sqrt(n))) },
  ])
  return columns.length === 1 ? table : [...table, 'A row without a value in one of these columns is missing in all of them.']
}

// ---- counts ---------------------------------------------------------------------------------------------------------------

const count = (value: number | null): string => (value === null ? HIDDEN : String(value))

function crossTable(table: ContingencyTable): readonly string[] {
  const { rows, columns, rowTotals, columnTotals, n } = table
  const levels: TextColumn = { heading: columns === null ? rows.column : `${rows.column} \\ ${columns.column}`, cells: [...rows.levels, 'all'], isWords: true }
  if (columns === null) {
    const shares = rowTotals.map((value) => (value === null ? '' : percent(value / n)))
    return textTable([levels, { heading: 'rows', cells: [...rowTotals.map(count), String(n)] }, { heading: 'share', cells: [...shares, ''] }])
  }
  return textTable([
    levels,
    ...columns.levels.map((level, c) => ({ heading: level, cells: [...table.counts.map((row) => count(row[c] ?? null)), count(columnTotals[c] ?? null)] })),
    { heading: 'all', cells: [...rowTotals.map(count), String(n)] },
  ])
}

/** An interval has its upper bound, the first one both, as in R's `hist`. */
function histogramTable({ column, grid, counts, below, above, n }: Histogram): readonly string[] {
  const bounds = grid.map(figure)
  const bins = counts.map((value, i) => ({ from: `${i === 0 ? '[' : '('}${bounds[i]}, ${bounds[i + 1]}]`, value }))
  const rows = [{ from: `below ${bounds[0]}`, value: below }, ...bins, { from: `above ${bounds.at(-1)}`, value: above }]
  const most = Math.max(1, ...rows.map(({ value }) => value ?? 0))
  return [
    ...textTable([
      { heading: column, cells: rows.map(({ from }) => from) },
      { heading: 'rows', cells: rows.map(({ value }) => count(value)) },
      { heading: '', cells: rows.map(({ value }) => '█'.repeat(Math.round((BAR_WIDTH * (value ?? 0)) / most))), isWords: true },
    ]),
    `${n} rows in all`,
  ]
}

function hiddenNote({ disclosure }: StudySpec, { hidden }: Pick<Histogram, 'hidden'>): readonly string[] {
  if (hidden === 0) return []
  return ['', `${HIDDEN}: 1 to ${disclosure.minimumCell - 1} rows, or any number from which such a one would follow; which of the two is not told`]
}
