import { element, FAINT, INK, label } from './svg.ts'

/** The part of a drawing in which values are shown, in pixels. */
export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export type Scale = (value: number) => number

/** `from` and `to` may be the same: then all is in the middle. */
export const scaleOf =
  ([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale =>
  (value) =>
    to === from ? (start + end) / 2 : start + ((value - from) / (to - from)) * (end - start)

const STEPS = [1, 2, 2.5, 5, 10] as const

/** Round numbers from `from` to `to`, at most `most` + 1 of them. */
export function ticksOf(from: number, to: number, most: number): readonly number[] {
  const rough = (to - from) / most
  if (!(rough > 0 && Number.isFinite(rough))) return [from]
  const size = 10 ** Math.floor(Math.log10(rough))
  const step = size * (STEPS.find((one) => one * size >= rough * (1 - 1e-9)) ?? 10)
  const first = Math.ceil(from / step - 1e-9)
  const count = Math.floor(to / step + 1e-9) - first + 1
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** Of many values, those that have room beside each other; the first one always. */
export function spread(values: readonly number[], scale: Scale, room: number): readonly number[] {
  const kept: number[] = []
  for (const value of values) {
    const last = kept.at(-1)
    if (last === undefined || scale(value) - scale(last) >= room) kept.push(value)
  }
  return kept
}

export interface Axis {
  readonly ticks: readonly number[]
  readonly scale: Scale
  readonly format: (value: number) => string
  readonly name: string
}

const TICK = 5

export function bottomAxis({ left, right, bottom }: Frame, { ticks, scale, format, name }: Axis): readonly string[] {
  return [
    element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: INK }),
    ...ticks.flatMap((tick) => [
      element('line', { x1: scale(tick), x2: scale(tick), y1: bottom, y2: bottom + TICK, stroke: INK }),
      label(format(tick), { x: scale(tick), y: bottom + 20, 'text-anchor': 'middle' }),
    ]),
    label(name, { x: (left + right) / 2, y: bottom + 40, 'text-anchor': 'middle' }),
  ]
}

/** With a faint line across the frame at each tick. */
export function leftAxis({ left, right, top, bottom }: Frame, { ticks, scale, format, name }: Axis): readonly string[] {
  const middle = (top + bottom) / 2
  return [
    ...ticks.flatMap((tick) => [
      element('line', { x1: left, x2: right, y1: scale(tick), y2: scale(tick), stroke: FAINT }),
      element('line', { x1: left - TICK, x2: left, y1: scale(tick), y2: scale(tick), stroke: INK }),
      label(format(tick), { x: left - 9, y: scale(tick) + 4, 'text-anchor': 'end' }),
    ]),
    element('line', { x1: left, x2: left, y1: top, y2: bottom, stroke: INK }),
    label(name, { x: left - 60, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 ${left - 60} ${middle})` }),
  ]
}
