import type { CurvePoint } from '@fiducia/research'
import { describe, expect, it } from 'vitest'
import { HOSTILE_NAMES } from '../../test/hostile-names.ts'
import { elementsOf, foreignParts, readXml, textOf, type XmlElement } from '../../test/read-xml.ts'
import { type CurvesFigure, curvesSvg } from './curves-svg.ts'
import { oneLine } from './plain-text.ts'

/** Drawings are judged by what is in them, read by a reader of their own; that they look well is for eyes. */
const point = (time: number, survival: number, atRisk: number | null): CurvePoint => ({
  time,
  survival,
  se: 0.02,
  lower: survival - 0.1,
  upper: Math.min(1, survival + 0.1),
  atRisk,
  events: null,
})
const BASE: CurvesFigure = {
  title: 'Survival',
  logrank: { chisq: 10.3, df: 1, p: 0.0013 },
  timeName: 'days',
  grid: [10, 20, 40],
  minimumCell: 10,
  curves: { 'g=a': [point(10, 0.9, 100), point(20, 0.5, 60), point(40, 0.25, 30)], 'g=b': [point(10, 0.8, 50), point(20, 0.6, null)] },
}

const drawing = (changes: Partial<CurvesFigure> = {}): XmlElement => readXml(curvesSvg({ ...BASE, ...changes }))
const attribute = (element: XmlElement, name: string) => element.attributes.get(name) ?? ''
const lines = (svg: XmlElement) => elementsOf(svg, 'path').filter((path) => attribute(path, 'fill') === 'none')
const bands = (svg: XmlElement) => elementsOf(svg, 'path').filter((path) => attribute(path, 'fill') !== 'none')
const texts = (svg: XmlElement) => elementsOf(svg, 'text')

/** Numbers of rows at risk, from left to right, in the row of a group. */
function atRisk(svg: XmlElement, group: string): readonly string[] {
  const name = texts(svg).find((text) => textOf(text) === group)
  if (name === undefined) throw new Error(`no row of ${group}`)
  return texts(svg).flatMap((text) => (attribute(text, 'y') === attribute(name, 'y') && text !== name ? [textOf(text)] : []))
}

describe('curves', () => {
  it('are steps from 1 at time 0, in proportion to time and survival', () => {
    const [first] = lines(drawing())
    const numbers =
      attribute(first ?? drawing(), 'd')
        .match(/[\d.]+/g)
        ?.map(Number) ?? []
    const [left = 0, top = 0, x10 = 0, y90 = 0, x20 = 0, y50 = 0, x40 = 0, y25 = 0] = numbers
    expect(attribute(first ?? drawing(), 'd')).toMatch(/^M[\d. ]+(H[\d.]+V[\d.]+){3}$/)
    expect((x20 - left) / (x10 - left)).toBeCloseTo(2, 9)
    expect((x40 - left) / (x10 - left)).toBeCloseTo(4, 9)
    expect((y50 - top) / (y90 - top)).toBeCloseTo(5, 9)
    expect((y25 - top) / (y90 - top)).toBeCloseTo(7.5, 9)
  })

  it('have numbers at risk, and say where they are too few to be told', () => {
    const svg = drawing()
    expect(atRisk(svg, 'g=a')).toEqual(['100', '100', '60', '30'])
    expect(atRisk(svg, 'g=b')).toEqual(['50', '50', '<10', '0'])
  })

  it('say what they are to who cannot see them', () => {
    const svg = drawing()
    const [title, description] = [elementsOf(svg, 'title')[0], elementsOf(svg, 'desc')[0]]
    expect(attribute(svg, 'role')).toBe('img')
    expect(attribute(svg, 'aria-labelledby')).toBe('title description')
    expect(title === undefined ? '' : textOf(title)).toBe('Survival')
    expect(description === undefined ? '' : textOf(description)).toContain('g=b: 0.6 at 20, 50 rows at first')
    expect(texts(svg).map(textOf).join(' ')).toContain('log-rank chi-square 10.3 on 1 df, p 0.0013')
  })

  it('of fifty groups all look different without color or without dashes alone, and have no bands over each other', () => {
    const curves = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`g=${i + 100}`, [point(10, 0.9, 100)]]))
    const svg = drawing({ curves })
    const looks = lines(svg).map((line) => `${attribute(line, 'stroke')} ${attribute(line, 'stroke-dasharray')}`)
    expect(new Set(looks).size).toBe(50)
    expect(new Set(looks.slice(0, 7).map((look) => look.replace(/^\S+/, ''))).size).toBe(7)
    expect([bands(svg).length, bands(drawing()).length]).toEqual([0, 2])
    expect(Number(attribute(svg, 'height'))).toBeGreaterThan(50 * 20)
  })
})

describe('odd curves', () => {
  it('of no groups, no points, one point, and a point without an interval are drawings too', () => {
    expect(lines(drawing({ curves: {} }))).toEqual([])
    expect(atRisk(drawing({ curves: { 'g=a': [] } }), 'g=a')).toEqual(['0', '0', '0', '0'])
    expect(atRisk(drawing({ grid: [10], curves: { all: [point(10, 0.5, 12)] }, logrank: null }), 'all')).toEqual(['12', '12'])
    const atZero = { ...point(10, 0, 12), se: null, lower: null, upper: null }
    expect(attribute(bands(drawing({ curves: { all: [atZero] } }))[0] ?? drawing(), 'd')).toBe('')
    expect(atRisk(drawing({ grid: [0], curves: { all: [point(0, 1, 40)] } }), 'all')).toEqual(['40'])
  })

  it('of a fine grid have no numbers over each other', () => {
    const grid = Array.from({ length: 1000 }, (_, i) => i / 3)
    const svg = drawing({ grid, curves: { all: grid.map((time, i) => point(time, 1 - i / 1001, 1_000_000 - i)) } })
    const places = texts(svg).flatMap((text) => (textOf(text).startsWith('99') || textOf(text) === '1000000' ? [Number(attribute(text, 'x'))] : []))
    expect(places.length).toBeGreaterThan(3)
    places.slice(1).forEach((place, i) => expect(place - (places[i] ?? 0)).toBeGreaterThan(70))
  })

  it.each(HOSTILE_NAMES)('of a group called %j are text and nothing else', (name) => {
    const file = curvesSvg({ ...BASE, title: name, timeName: name, curves: { [`g=${name}`]: [point(10, 0.9, 100)] } })
    const svg = readXml(file)
    const names = elementsOf(svg, 'title').map(textOf)
    expect(names).toEqual([oneLine(name), oneLine(`g=${name}`)])
    expect(foreignParts(svg)).toEqual([])
    const shown = texts(svg).filter((text) => textOf(text).startsWith('g='))
    shown.forEach((text) => expect([...textOf(text)].length).toBeLessThan(80))
    expect(file.isWellFormed()).toBe(true)
  })
})
