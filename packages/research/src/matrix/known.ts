import { textsOf } from '../levels/codes.ts'
import { placeAmong } from '../table/levels.ts'
import type { Column, Table } from '../table/types.ts'
import type { Design } from './design.ts'

/**
 * The rows that a model can say something of: those whose levels are all among the design's. A level that only rows kept aside have has no
 * coefficient (R's `predict` stops at it), so these rows are left out.
 */
export function knownRows({ levels }: Pick<Design, 'levels'>, table: Table): Table {
  const places = [...levels].map(([column, names]) => [column, new Map(names.map((name, place) => [name, place]))] as const)
  const texts = places.map(([column, known]) => [textsOf(table, column), known] as const)
  const kept = Array.from({ length: table.rows }, (_, row) => row).filter((row) => texts.every(([of, known]) => placeAmong(of[row] ?? '', known) !== undefined))
  if (kept.length === table.rows) return table
  return { ...table, rows: kept.length, columns: new Map([...table.columns].map(([name, column]) => [name, rowsOf(column, kept)])) }
}

/** Levels that no row has any more go, too. */
function rowsOf(column: Column, kept: readonly number[]): Column {
  if (column.kind === 'number') return { ...column, values: Float64Array.from(kept, (row) => column.values[row] ?? 0) }
  const codes = kept.map((row) => column.codes[row] ?? 0)
  const used = [...new Set(codes)].sort((a, b) => a - b)
  const places = new Map(used.map((code, place) => [code, place]))
  return { ...column, levels: used.map((code) => column.levels[code] ?? ''), codes: Uint32Array.from(codes, (code) => places.get(code) ?? 0) }
}
