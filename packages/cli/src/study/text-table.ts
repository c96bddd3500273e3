import { tableOf } from '../table.ts'

/** Characters of a cell: names of levels and columns may be longer than a line. */
const CELL_WIDTH = 60

export interface TextCells {
  readonly cells: readonly string[]
  /** Words begin where the heading does; numbers end where it ends. */
  readonly isWords?: true
}

export interface TextColumn extends TextCells {
  readonly heading: string
}

export const textTable = (columns: readonly TextColumn[]): readonly string[] =>
  textRows(columns.map(({ heading, cells, ...column }) => ({ ...column, cells: [heading, ...cells] })))

/** A table without headings. Cells longer than `width` are cut. */
export function textRows(columns: readonly TextCells[], width = CELL_WIDTH): readonly string[] {
  const aligned = columns.map(({ cells, isWords }) => (isWords ? cells : padded(cells)))
  const rows = aligned[0]?.map((_, row) => aligned.map((cells) => cells[row] ?? '')) ?? []
  return tableOf(rows, width)
}

function padded(cells: readonly string[]): readonly string[] {
  const width = Math.max(...cells.map(({ length }) => length))
  return cells.map((cell) => cell.padStart(width))
}
