import type { CurvePoint, Test } from '@fiducia/research'
import { bottomAxis, type Frame, leftAxis, type Scale, scaleOf, spread } from './axes.ts'
import { figure, pValue } from './figures.ts'
import { cutText, oneLine } from './plain-text.ts'
import { element, escape, INK, label, place, svgFile } from './svg.ts'

export interface CurvesFigure {
  readonly title: string
  readonly logrank: Test | null
  readonly timeName: string
  /** In the unit of time. */
  readonly grid: readonly number[]
  readonly minimumCell: number
  readonly curves: Readonly<Record<string, readonly CurvePoint[]>>
}

/** Colors that are told apart with any eyes (Okabe and Ito 2008), and patterns for those who see none, and for print. Seven and eight: only the 57th line looks like the first. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'] as const
const DASHES = [undefined, '8 4', '2 3', '10 3 2 3', '14 4', '5 2', '2 6', '16 3 5 3'] as const
/** Bands of more curves hide each other. */
const MOST_BANDS = 4

interface Style {
  readonly color: string
  readonly dashes: string | undefined
}

const styleOf = (i: number): Style => ({ color: COLORS[i % COLORS.length] ?? INK, dashes: DASHES[i % DASHES.length] })

const WIDTH = 860
const PLOT: Frame = { left: 260, right: 830, top: 70, bottom: 400 }
const ROW = 22
const FIRST_ROW = PLOT.bottom + 88
const NAME_WIDTH = 21

/** Survival as steps, a line for each group, with its 95 % band where they are few; under it for each group its line, its name and how many are at risk. */
export function curvesSvg(data: CurvesFigure): string {
  const { grid, timeName, curves, title } = data
  const x = scaleOf([Math.min(0, grid[0] ?? 0), Math.max(0, grid.at(-1) ?? 0)], [PLOT.left, PLOT.right])
  const y = scaleOf([0, 1], [PLOT.bottom, PLOT.top])
  const groups = Object.entries(curves).map(([name, points], i) => ({ name, points, style: styleOf(i) }))
  const times = [...new Set([0, ...grid])].toSorted((a, b) => a - b)
  const ticks = spread(times, x, roomOf(data))
  const parts = [
    label(cutText(oneLine(title), 80), { x: 30, y: 30, 'font-size': 16, 'font-weight': 'bold' }),
    label(noteOf(data), { x: 30, y: 50 }),
    ...leftAxis(PLOT, { ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], scale: y, format: String, name: 'without the event' }),
    ...bottomAxis(PLOT, { ticks, scale: x, format: figure, name: cutText(oneLine(timeName), 60) }),
    ...(hasBands(data) ? groups : []).map(({ points, style }) =>
      element('path', { d: band(points, x, y), fill: style.color, 'fill-opacity': 0.13, stroke: 'none' }),
    ),
    ...groups.map(({ points, style }) => element('path', { d: steps(points, x, y), fill: 'none', ...stroke(style) })),
    ...groups.map(({ points, style }) => end(points, style, { x, y })),
    label('at risk', { x: 30, y: FIRST_ROW - ROW, 'font-weight': 'bold' }),
    ...groups.flatMap(({ name, points, style }, row) => riskRow({ name, points, style, y: FIRST_ROW + row * ROW }, { ticks, x, data })),
  ]
  return svgFile({ width: WIDTH, height: FIRST_ROW + groups.length * ROW + 10, title, description: describe(data), parts })
}

const stroke = ({ color, dashes }: Style) => ({ stroke: color, 'stroke-width': 2, 'stroke-dasharray': dashes })

// ---- lines ----------------------------------------------------------------------------------------------------------------

/** Level until the next grid point, then down; from 1 at time 0. */
function steps(points: readonly CurvePoint[], x: Scale, y: Scale): string {
  const moves = points.map(({ time, survival }) => `H${place(x(time))}V${place(y(survival))}`)
  return `M${place(x(0))} ${place(y(1))}${moves.join('')}`
}

/** Where a curve ends because nobody is at risk any more. */
function end(points: readonly CurvePoint[], { color }: Style, { x, y }: { readonly x: Scale; readonly y: Scale }): string {
  const last = points.at(-1)
  return last === undefined ? '' : element('circle', { cx: x(last.time), cy: y(last.survival), r: 3, fill: color })
}

/** Where there is an interval: out along its upper bounds, and back along the lower ones. */
function band(points: readonly CurvePoint[], x: Scale, y: Scale): string {
  const known = points.flatMap(({ time, lower, upper }) => (lower === null || upper === null ? [] : [{ time, lower, upper }]))
  const last = known.at(-1)
  if (last === undefined) return ''
  const upper = known.map((point) => `H${place(x(point.time))}V${place(y(point.upper))}`)
  const lower = known.toReversed().map((point, i) => `V${place(y(point.lower))}H${place(x(point.time))}${i === known.length - 1 ? `V${place(y(1))}` : ''}`)
  return `M${place(x(0))} ${place(y(1))}${upper.join('')}${lower.join('')}Z`
}

// ---- numbers at risk ------------------------------------------------------------------------------------------------------

interface RiskRow {
  readonly name: string
  readonly points: readonly CurvePoint[]
  readonly style: Style
  readonly y: number
}

interface RiskPlaces {
  readonly ticks: readonly number[]
  readonly x: Scale
  readonly data: CurvesFigure
}

function riskRow({ name, points, style, y }: RiskRow, { ticks, x, data }: RiskPlaces): readonly string[] {
  return [
    element('line', { x1: 30, x2: 62, y1: y - 4, y2: y - 4, ...stroke(style) }),
    element('text', { x: 70, y, fill: INK }, element('title', {}, escape(name)), escape(cutText(oneLine(name), NAME_WIDTH))),
    ...ticks.map((tick) => label(atRiskAt(tick, points, data), { x: x(tick), y, 'text-anchor': 'middle' })),
  ]
}

/** Pixels of the longest number under a tick, and some between two. */
function roomOf({ curves }: CurvesFigure): number {
  const most = Math.max(0, ...Object.values(curves).map(([first]) => first?.atRisk ?? 0))
  return 12 + 9 * String(most).length
}

/** At 0 all are; after the end of a curve nobody is. */
function atRiskAt(time: number, points: readonly CurvePoint[], { grid, minimumCell }: CurvesFigure): string {
  const point = points[grid.findIndex((one) => one >= time)]
  if (point === undefined) return '0'
  return point.atRisk === null ? `<${minimumCell}` : String(point.atRisk)
}

const hasBands = ({ curves }: CurvesFigure): boolean => Object.keys(curves).length <= MOST_BANDS

// ---- in words -------------------------------------------------------------------------------------------------------------

/** Ends of curves that a description names; more are in the result. */
const DESCRIBED = 20

function noteOf(data: CurvesFigure): string {
  const { logrank } = data
  const test = logrank === null ? '' : `; log-rank chi-square ${figure(logrank.chisq)} on ${logrank.df} df, p ${pValue(logrank.p)}`
  return `Kaplan–Meier${hasBands(data) ? ' with 95 % intervals' : ''}${test}`
}

function describe(data: CurvesFigure): string {
  const { curves, timeName } = data
  const ends = Object.entries(curves)
    .slice(0, DESCRIBED)
    .map(([name, points]) => {
      const last = points.at(-1)
      return last === undefined ? `${name}: not told` : `${name}: ${figure(last.survival)} at ${figure(last.time)}, ${points[0]?.atRisk ?? 0} rows at first`
    })
  return `Share without the event by ${timeName}, as steps from 1 at time 0. ${ends.join('; ')}. ${noteOf(data)}`
}
