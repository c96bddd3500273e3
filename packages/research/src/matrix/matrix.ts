import { ResearchError } from '../errors.ts'
import type { Variable } from '../formula/types.ts'
import { formatLevel, placeAmong } from '../table/levels.ts'
import { shown } from '../table/near.ts'
import type { Column, Table } from '../table/types.ts'
import type { Design } from './design.ts'

/** A site's rows as numbers. */
export interface ModelMatrix {
  readonly rows: number
  /** `rows` by the design's columns, row after row. */
  readonly x: Float64Array
}

/** Throws `ResearchError` (`STUDY_COLUMN`) where the table lacks a column or has a level that the design does not know. */
export function matrixOf(design: Design, table: Table): ModelMatrix {
  const width = design.columns.length
  const x = new Float64Array(table.rows * width).fill(1)
  const codes = new Map<string, Uint32Array>()
  design.columns.forEach(({ parts }, place) => {
    for (const { column, level } of parts) {
      const values = level === undefined ? numbersOf(column, table) : indicatorOf(level, { column, table, design, codes })
      for (let row = 0; row < table.rows; row += 1) x[row * width + place] = (x[row * width + place] ?? 0) * (values[row] ?? 0)
    }
  })
  return { rows: table.rows, x }
}

/** What a model explains, of each row: a number, or of a factor with two levels 0 for the first one and 1 for the second. */
export function outcomeOf(design: Design, table: Table): Float64Array {
  const { outcome } = design.formula
  if (outcome.kind === 'survival') throw new ResearchError('STUDY_FORMULA', 'expected a column left of `~`, found `Surv`')
  return variableValues(outcome.variable, design, table)
}

/** Time and event (0 or 1) of each row. Throws `ResearchError`: `STUDY_FORMULA` without `Surv`, `STUDY_DATA` for another event or a time below 0. */
export function survivalOf(design: Design, table: Table): { readonly time: Float64Array; readonly event: Float64Array } {
  const { outcome } = design.formula
  if (outcome.kind !== 'survival') throw new ResearchError('STUDY_FORMULA', 'expected `Surv(time, event)` left of `~`, found a column')
  const time = numbersOf(outcome.time, table)
  const event = numbersOf(outcome.event, table)
  if (time.some((one) => one < 0)) throw new ResearchError('STUDY_DATA', `expected times from 0 in \`${shown(outcome.time)}\`, found one below`)
  if (event.some((one) => one !== 0 && one !== 1)) throw new ResearchError('STUDY_DATA', `expected 0 or 1 in \`${shown(outcome.event)}\`, found another number`)
  return { time, event }
}

/** Of each row its stratum: rows with the same levels in all columns of `strata` have the same number. */
export function strataOf(design: Design, table: Table): Uint32Array {
  const strata = new Uint32Array(table.rows)
  for (const column of design.formula.strata) {
    const count = design.levels.get(column)?.length ?? 0
    const codes = codesOf(column, design, table)
    strata.forEach((stratum, row) => (strata[row] = stratum * count + (codes[row] ?? 0)))
  }
  return strata
}

function variableValues({ column, factor }: Variable, design: Design, table: Table): Float64Array {
  if (!factor && columnOf(column, table).kind === 'number') return numbersOf(column, table)
  const count = design.levels.get(column)?.length ?? 0
  if (count !== 2) throw new ResearchError('STUDY_DATA', `expected two levels of \`${shown(column)}\` over all sites, found ${count}`)
  return Float64Array.from(codesOf(column, design, table))
}

interface Source {
  readonly column: string
  readonly table: Table
  readonly design: Design
  /** Codes of columns that were looked up before. */
  readonly codes: Map<string, Uint32Array>
}

function indicatorOf(level: string, { column, table, design, codes }: Source): Float64Array {
  const own = codes.get(column) ?? codesOf(column, design, table)
  codes.set(column, own)
  const wanted = design.levels.get(column)?.indexOf(level)
  return Float64Array.from(own, (code) => Number(code === wanted))
}

/** Of each row the place of its level among those of all sites. */
function codesOf(column: string, design: Design, table: Table): Uint32Array {
  const places = new Map(design.levels.get(column)?.map((level, place) => [level, place]))
  const own = columnOf(column, table)
  if (own.kind === 'number') return Uint32Array.from(own.values, (value) => placeOf(formatLevel(value), places, column))
  const pooled = own.levels.map((level) => placeOf(level, places, column))
  return own.codes.map((code) => pooled[code] ?? 0)
}

/** A level of this site alone is a value of its rows and is not named. */
function placeOf(level: string, places: ReadonlyMap<string, number>, column: string): number {
  const place = placeAmong(level, places)
  if (place === undefined)
    throw new ResearchError('STUDY_COLUMN', `expected levels of \`${shown(column)}\` that are among those of all sites, found another one`)
  return place
}

function numbersOf(column: string, table: Table): Float64Array {
  const found = columnOf(column, table)
  if (found.kind === 'number') return found.values
  throw new ResearchError('STUDY_COLUMN', `expected numbers in \`${shown(column)}\`, found levels`)
}

function columnOf(name: string, table: Table): Column {
  const column = table.columns.get(name)
  if (column === undefined) throw new ResearchError('STUDY_COLUMN', `expected a column \`${shown(name)}\`, found none`)
  return column
}
