import { enforce } from '../disclosure/ruling.ts'
import { checkGrid, checkMinimumCell } from '../disclosure/rules.ts'
import { ResearchError } from '../errors.ts'
import { codesIn, numbersOf } from '../levels/codes.ts'
import type { Fit } from '../rounds/types.ts'
import type { Factor } from '../statistics/tables.ts'
import type { Table } from '../table/types.ts'
import { toGrid } from './grid.ts'
import { type LogRank, logRankTest } from './log-rank.ts'

export interface KaplanMeierOptions {
  readonly time: string
  /** 1 for the event, 0 for last seen without. */
  readonly event: string
  readonly group: Factor | null
  /** In the unit of the time column; rows are moved to it as `toGrid` says. */
  readonly grid: readonly number[]
  /** `log` is R's default: the interval is one of the logarithm of survival. */
  readonly interval: 'log' | 'plain'
  readonly minimumCell: number
}

export interface CurvePoint {
  readonly time: number
  readonly survival: number
  /** Of survival, by Greenwood's formula; this and the interval are `null` where survival is 0 and there is none (R's `NaN`), and with `atRisk`. */
  readonly se: number | null
  /** 95 %. */
  readonly lower: number | null
  readonly upper: number | null
  /** `null` below the minimum cell. */
  readonly atRisk: number | null
  /** `null` below the minimum cell, but not zero, and with `atRisk`. A step of the curve still tells their share: who approves the grid approves that. */
  readonly events: number | null
}

export interface Curve {
  /** Level of the group; `null` for all rows. */
  readonly group: string | null
  readonly rows: number
  /** As long as anybody is at risk. */
  readonly points: readonly CurvePoint[]
}

export interface KaplanMeier {
  readonly curves: readonly Curve[]
  /** With a group that has at least two levels. */
  readonly logRank: LogRank | null
}

/** Of one group at each grid point: rows with the event, and all that leave. */
export interface Leaving {
  readonly events: Float64Array
  readonly all: Float64Array
}

/**
 * Survival over all sites on a public grid, by group, with the log-rank test: exactly R's `survfit` and `survdiff` of the gridded rows. Sites give
 * for each group and grid point how many had the event and how many left.
 *
 * Throws `STUDY_POLICY` for a grid that is none, or a group or the events below the minimum cell; `STUDY_DATA` for an event other than 0
 * and 1, a negative time, or no events.
 */
export function kaplanMeierFit(options: KaplanMeierOptions): Fit<Table, KaplanMeier> {
  const { grid, group, minimumCell } = options
  enforce(checkGrid(grid, undefined, { minimumCell }))
  const groups = group?.levels.length ?? 1
  return {
    start: new Float64Array(),
    lengthOf: () => groups * grid.length * 2,
    contribute: (table) => contribute(table, options, groups),
    next: (_, sum) => {
      const leaving = Array.from({ length: groups }, (_, g) => leavingOf(sum, g, grid.length))
      checkTotals(leaving, options)
      const curves = leaving.map((one, g) => curveOf(one, group?.levels[g] ?? null, options))
      return { done: true, result: { curves, logRank: groups > 1 ? logRankTest(leaving) : null } }
    },
  }
}

function contribute(table: Table, { time, event, group, grid }: KaplanMeierOptions, groups: number): Float64Array {
  const times = numbersOf(table, time)
  const events = numbersOf(table, event)
  if (!times.every((one) => one >= 0)) throw new ResearchError('STUDY_DATA', `column \`${time}\`: expected times that are not negative`)
  if (!events.every((one) => one === 0 || one === 1)) throw new ResearchError('STUDY_DATA', `column \`${event}\`: expected 0 or 1`)
  const codes = group === null ? undefined : codesIn(table, group.column, group.levels)
  const counts = new Float64Array(groups * grid.length * 2)
  times.forEach((one, row) => {
    const moved = toGrid(grid, one, events[row] ?? 0)
    const at = ((codes?.[row] ?? 0) * grid.length + moved.at) * 2
    counts[at] = (counts[at] ?? 0) + moved.event
    counts[at + 1] = (counts[at + 1] ?? 0) + 1
  })
  return counts
}

function leavingOf(sum: Float64Array, group: number, points: number): Leaving {
  const part = sum.subarray(group * points * 2, (group + 1) * points * 2)
  return { events: part.filter((_, i) => i % 2 === 0), all: part.filter((_, i) => i % 2 === 1) }
}

function checkTotals(leaving: readonly Leaving[], { minimumCell }: KaplanMeierOptions): void {
  const fewest = Math.min(...leaving.map(({ all }) => total(all)))
  const events = leaving.reduce((sum, one) => sum + total(one.events), 0)
  enforce(checkMinimumCell({ 'rows in total for each group': fewest }, { minimumCell }))
  if (events === 0) throw new ResearchError('STUDY_DATA', 'expected events, found none at any site')
  enforce(checkMinimumCell({ 'events in total': events }, { minimumCell }))
}

function curveOf({ events: deaths, all }: Leaving, group: string | null, options: KaplanMeierOptions): Curve {
  const rows = total(all)
  const points: CurvePoint[] = []
  let atRisk = rows
  let survival = 1
  let greenwood = 0
  for (let k = 0; k < options.grid.length && atRisk > 0; k += 1) {
    const died = deaths[k] ?? 0
    survival *= (atRisk - died) / atRisk
    greenwood += died === 0 ? 0 : died / (atRisk * (atRisk - died))
    const events = died > 0 && died < options.minimumCell ? null : died
    const told = atRisk >= options.minimumCell ? { ...errorOf(survival, greenwood, options.interval), atRisk, events } : UNTOLD
    points.push({ time: options.grid[k] ?? 0, survival, ...told })
    atRisk -= all[k] ?? 0
  }
  return { group, rows, points }
}

const UNTOLD = { se: null, lower: null, upper: null, atRisk: null, events: null } as const

/** The normal quantile of R's 95 % intervals. */
const Z95 = 1.959963984540054

function errorOf(survival: number, greenwood: number, interval: 'log' | 'plain'): Pick<CurvePoint, 'se' | 'lower' | 'upper'> {
  const relative = Math.sqrt(greenwood)
  if (survival === 0) return { se: null, lower: null, upper: null }
  const reach = Z95 * relative
  const [lower, upper] = interval === 'log' ? [survival * Math.exp(-reach), survival * Math.exp(reach)] : [survival * (1 - reach), survival * (1 + reach)]
  return { se: survival * relative, lower: Math.max(0, lower), upper: Math.min(1, upper) }
}

const total = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0)
