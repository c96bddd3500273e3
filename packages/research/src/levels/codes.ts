import { ResearchError } from '../errors.ts'
import { formatLevel, placeAmong } from '../table/levels.ts'
import type { NumberColumn, Table } from '../table/types.ts'

/** Rows of this site by level; a number column has its numbers as levels, as `factor(x)` has. Throws `STUDY_COLUMN` where there is no such column. */
export function countLevels(table: Table, name: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const text of textsOf(table, name)) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** Of each row, an index into the levels of all sites. Throws `STUDY_COLUMN` for a level that is not among them. */
export function codesIn(table: Table, name: string, levels: readonly string[]): Uint32Array {
  const indexOf = new Map(levels.map((level, i) => [level, i]))
  return Uint32Array.from(textsOf(table, name), (text) => {
    const code = placeAmong(text, indexOf)
    if (code === undefined) throw new ResearchError('STUDY_COLUMN', `column \`${name}\` has a level that is not among the ${levels.length} of the study`)
    return code
  })
}

/** Throws `STUDY_COLUMN` where there is no such column or it holds no numbers. */
export function numbersOf(table: Table, name: string): Float64Array {
  const column = table.columns.get(name)
  if (column?.kind !== 'number') throw new ResearchError('STUDY_COLUMN', `expected a column of numbers \`${name}\``)
  return column.values
}

/** Of each row, its level as this site writes it. Throws `STUDY_COLUMN` where there is no such column. */
export function textsOf(table: Table, name: string): readonly string[] {
  const column = table.columns.get(name)
  if (column === undefined) throw new ResearchError('STUDY_COLUMN', `expected a column \`${name}\``)
  if (column.kind === 'factor') return Array.from(column.codes, (code) => column.levels[code] ?? '')
  return numberTexts(column)
}

function numberTexts(column: NumberColumn): readonly string[] {
  const texts = new Map<number, string>()
  return Array.from(column.values, (value) => {
    const known = texts.get(value) ?? formatLevel(value)
    texts.set(value, known)
    return known
  })
}
