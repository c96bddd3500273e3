import type { Histogram } from '@fiducia/research'
import { bottomAxis, type Frame, leftAxis, scaleOf, spread, ticksOf } from './axes.ts'
import { figure } from './figures.ts'
import { cutText, oneLine } from './plain-text.ts'
import { HIDDEN } from './statistics-text.ts'
import { element, label, svgFile } from './svg.ts'

const WIDTH = 800
const PLOT: Frame = { left: 90, right: 770, top: 70, bottom: 400 }
/** Of the highest bar, so that its count has room. */
const HEADROOM = 1.08
const BAR = '#0072b2'
const NOTHING_TOLD = '#f0f0f0'

interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number | null
  /** Of the bar: the count, or where bins differ in width rows for one unit of the column, so that areas compare. */
  readonly height: number | null
}

/** A bar for each bin of the public grid; one that is not told is an outline over the whole height, and says so. */
export function histogramSvg(title: string, histogram: Histogram): string {
  const { column, grid } = histogram
  const isEven = hasEvenBins(grid)
  const bins = binsOf(histogram, isEven)
  const most = Math.max(...bins.map(({ height }) => height ?? 0)) || 1
  const x = scaleOf([grid[0] ?? 0, grid.at(-1) ?? 0], [PLOT.left, PLOT.right])
  const y = scaleOf([0, most * HEADROOM], [PLOT.bottom, PLOT.top])
  const name = cutText(oneLine(column), 60)
  const parts = [
    label(cutText(oneLine(title), 80), { x: 30, y: 30, 'font-size': 16, 'font-weight': 'bold' }),
    label(outside(histogram), { x: 30, y: 50 }),
    ...leftAxis(PLOT, {
      ticks: ticksOf(0, most * HEADROOM, 6),
      scale: y,
      format: figure,
      name: isEven ? 'rows' : `rows for each unit of ${cutText(name, 20)}`,
    }),
    ...bins.flatMap((bin) => bar(bin, { left: x(bin.from), right: x(bin.to), top: bin.height === null ? PLOT.top : y(bin.height) })),
    ...bottomAxis(PLOT, { ticks: spread(grid, x, 44), scale: x, format: figure, name }),
  ]
  return svgFile({ width: WIDTH, height: PLOT.bottom + 60, title, description: describe(histogram, bins), parts })
}

/** Bounds such as 0.1, 0.2, 0.3 are no even numbers of a double: as even as can be seen is even. */
function hasEvenBins(grid: readonly number[]): boolean {
  const widths = grid.slice(1).map((bound, i) => bound - (grid[i] ?? 0))
  return Math.max(...widths) <= Math.min(...widths) * 1.000_001
}

const binsOf = ({ grid, counts }: Histogram, isEven: boolean): readonly Bin[] =>
  counts.map((count, i) => {
    const [from, to] = [grid[i] ?? 0, grid[i + 1] ?? 0]
    return { from, to, count, height: count === null || isEven ? count : count / (to - from) }
  })

function bar({ count }: Bin, { left, right, top }: Pick<Frame, 'left' | 'right' | 'top'>): readonly string[] {
  const box = { x: left, y: top, width: right - left, height: PLOT.bottom - top }
  const middle = (left + right) / 2
  if (count !== null) {
    const told = right - left < 30 ? [] : [label(String(count), { x: middle, y: top - 5, 'text-anchor': 'middle', 'font-size': 12 })]
    return [element('rect', { ...box, fill: BAR, stroke: '#ffffff' }), ...told]
  }
  const y = (PLOT.top + PLOT.bottom) / 2
  return [
    element('rect', { ...box, fill: NOTHING_TOLD, stroke: '#888888', 'stroke-dasharray': '4 3' }),
    label(HIDDEN, { x: middle, y: y + 4, 'text-anchor': 'middle', 'font-size': 12, transform: `rotate(-90 ${middle} ${y})` }),
  ]
}

function outside({ n, grid, below, above }: Histogram): string {
  const told = (count: number | null) => (count === null ? HIDDEN : String(count))
  return `${n} rows in all; below ${figure(grid[0] ?? 0)}: ${told(below)}, above ${figure(grid.at(-1) ?? 0)}: ${told(above)}`
}

function describe(histogram: Histogram, bins: readonly Bin[]): string {
  const told = bins.map(({ from, to, count }) => `${figure(from)} to ${figure(to)}: ${count ?? HIDDEN}`)
  return `Rows by ${histogram.column}. ${told.join('; ')}. ${outside(histogram)}`
}
