import type { CurvePoint, StudyResult, StudySpec } from '@fiducia/research'
import { figure, figures, pValue } from './figures.ts'
import { textTable } from './text-table.ts'

/** A table for each curve, as R's `summary(survfit)` has it, and the test of whether they differ. */
export function curveLines(spec: StudySpec, { curves, logrank }: StudyResult): readonly string[] {
  if (curves === null || spec.method.name !== 'kaplan-meier') return []
  const { grid } = spec.method
  const { minimumCell } = spec.disclosure
  const tables = Object.entries(curves).flatMap(([name, points]) => [name, ...curveTable(points), ...afterwards(points, grid, minimumCell), ''])
  return [...tables, ...(logrank === null ? [] : [`log-rank test: chi-square ${figure(logrank.chisq)} on ${logrank.df} df, p ${pValue(logrank.p)}`, ''])]
}

/** Lines that are read; of a longer curve those at which it falls. */
const MOST_LINES = 40

const shownPoints = (points: readonly CurvePoint[]): readonly CurvePoint[] =>
  points.length <= MOST_LINES ? points : points.filter(({ survival }, i) => survival !== (points[i - 1]?.survival ?? 1) || i === points.length - 1)

function curveTable(all: readonly CurvePoint[]): readonly string[] {
  const points = shownPoints(all)
  const column = (of: (point: CurvePoint) => number | null) => figures(points.map(of))
  const [lower, upper] = [column((point) => point.lower), column((point) => point.upper)]
  return textTable([
    { heading: 'time', cells: points.map(({ time }) => figure(time)) },
    { heading: 'at risk', cells: points.map(({ atRisk }) => (atRisk === null ? 'few' : String(atRisk))) },
    { heading: 'events', cells: points.map(({ events }) => (events === null ? 'few' : String(events))) },
    { heading: 'survival', cells: points.map(({ survival }) => survival.toFixed(4)) },
    { heading: 'std. error', cells: column((point) => point.se) },
    { heading: '95 % interval', cells: points.map((point, i) => (point.lower === null ? 'NA' : `${lower[i]} to ${upper[i]}`)) },
  ])
}

function afterwards(points: readonly CurvePoint[], grid: readonly number[], minimumCell: number): readonly string[] {
  const half = points.find(({ survival }) => survival <= 0.5)
  const few = points.find(({ atRisk }) => atRisk === null)
  const next = grid[points.length]
  return [
    ...(half === undefined ? [] : [`at most half are without the event from ${figure(half.time)} on`]),
    ...(half === undefined && points.length > 0 ? ['more than half are without the event as far as the curve goes'] : []),
    ...(few === undefined ? [] : [`from ${figure(few.time)} on fewer than ${minimumCell} are at risk: how many is not told`]),
    ...(next === undefined ? [] : [`from ${figure(next)} on nobody is at risk`]),
  ]
}
