import type { CurvePoint } from '@fiducia/research'
import { bottomAxis, type Frame, leftAxis, type Scale, scaleOf, spread } from './axes.ts'
import { figure } from './figures.ts'
import { cutText, oneLine } from './plain-text.ts'
import { element, escape, INK, label, place, svgFile } from './svg.ts'

export interface CurvesFigure {
  readonly title: string
  /** Such as the log-rank test. */
  readonly note: string
  readonly timeName: string
  /** In the unit of time. */
  readonly grid: readonly number[]
  readonly minimumCell: number
  readonly curves: Readonly<Record<string, readonly CurvePoint[]>>
}

/** Colors that are told apart with any eyes (Okabe and Ito 2008), each with a pattern of its own for those who see none, and for print. */
const STYLES = [
  { color: '#0072b2', dashes: undefined },
  { color: '#d55e00', dashes: '8 4' },
  { color: '#009e73', dashes: '2 3' },
  { color: '#cc79a7', dashes: '10 3 2 3' },
  { color: '#56b4e9', dashes: '14 4' },
  { color: '#e69f00', dashes: '5 2' },
  { color: '#000000', dashes: '2 6' },
] as const

type Style = (typeof STYLES)[number]

const WIDTH = 800
const PLOT: Frame = { left: 210, right: 770, top: 70, bottom: 400 }
const ROW = 22
const FIRST_ROW = PLOT.bottom + 88
const NAME_WIDTH = 19

/** Survival as steps, a line for each group with its 95 % band; under it for each group its line, its name and how many are at risk. */
export function curvesSvg(data: CurvesFigure): string {
  const { grid, timeName, curves, title, note } = data
  const x = scaleOf([Math.min(0, grid[0] ?? 0), Math.max(0, grid.at(-1) ?? 0)], [PLOT.left, PLOT.right])
  const y = scaleOf([0, 1], [PLOT.bottom, PLOT.top])
  const groups = Object.entries(curves).map(([name, points], i) => ({ name, points, style: STYLES[i % STYLES.length] ?? STYLES[0] }))
  const ticks = spread(
    [...new Set([0, ...grid])].toSorted((a, b) => a - b),
    x,
    44,
  )
  const parts = [
    label(cutText(oneLine(title), 80), { x: 30, y: 30, 'font-size': 16, 'font-weight': 'bold' }),
    label(note, { x: 30, y: 50 }),
    ...leftAxis(PLOT, { ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], scale: y, format: String, name: 'without the event' }),
    ...bottomAxis(PLOT, { ticks, scale: x, format: figure, name: cutText(oneLine(timeName), 60) }),
    ...groups.map(({ points, style }) => element('path', { d: band(points, x, y), fill: style.color, 'fill-opacity': 0.13, stroke: 'none' })),
    ...groups.map(({ points, style }) => element('path', { d: steps(points, x, y), fill: 'none', ...stroke(style) })),
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

/** At 0 all are; after the end of a curve they are too few to be told. */
function atRiskAt(time: number, points: readonly CurvePoint[], { grid, minimumCell }: CurvesFigure): string {
  const point = points[grid.findIndex((one) => one >= time)]
  return point === undefined ? `<${minimumCell}` : String(point.atRisk)
}

// ---- in words -------------------------------------------------------------------------------------------------------------

/** Ends of curves that a description names; more are in the result. */
const DESCRIBED = 20

function describe({ curves, timeName, note }: CurvesFigure): string {
  const ends = Object.entries(curves)
    .slice(0, DESCRIBED)
    .map(([name, points]) => {
      const last = points.at(-1)
      return last === undefined ? `${name}: not told` : `${name}: ${figure(last.survival)} at ${figure(last.time)}, ${points[0]?.atRisk ?? 0} rows at first`
    })
  return `Share without the event by ${timeName}, as steps from 1 at time 0. ${ends.join('; ')}. ${note}`
}
