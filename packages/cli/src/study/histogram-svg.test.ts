import type { Histogram } from '@fiducia/research'
import { describe, expect, it } from 'vitest'
import { HOSTILE_NAMES } from '../../test/hostile-names.ts'
import { elementsOf, foreignParts, readXml, textOf, type XmlElement } from '../../test/read-xml.ts'
import { histogramSvg } from './histogram-svg.ts'
import { oneLine } from './plain-text.ts'

const BASE: Histogram = { column: 'age', grid: [30, 40, 50, 60], counts: [20, 40, 10], below: 0, above: null, n: 75, hidden: 1 }
const drawing = (changes: Partial<Histogram> = {}, title = 'Ages'): XmlElement => readXml(histogramSvg(title, { ...BASE, ...changes }))

/** Bars by their fill, without the paper. */
const bars = (svg: XmlElement) => elementsOf(svg, 'rect').slice(1)
const size = (bar: XmlElement | undefined, name: 'width' | 'height') => Number(bar?.attributes.get(name))
const texts = (svg: XmlElement) => elementsOf(svg, 'text').map(textOf)

describe('a histogram', () => {
  it('has bars as high as its counts, and says what is outside', () => {
    const svg = drawing()
    const [first, second, third] = bars(svg)
    expect(size(second, 'height') / size(first, 'height')).toBeCloseTo(2, 2)
    expect(size(first, 'height') / size(third, 'height')).toBeCloseTo(2, 2)
    expect(texts(svg)).toEqual(expect.arrayContaining(['20', '40', '10', 'rows', 'age', '75 rows in all; below 30: 0, above 60: hidden']))
  })

  it('shows a bin that is not told as such, whatever its count', () => {
    const svg = drawing({ counts: [20, null, 10] })
    expect(bars(svg)[1]?.attributes.get('stroke-dasharray')).toBe('4 3')
    expect(texts(svg)).toContain('hidden')
    expect(elementsOf(svg, 'desc').map(textOf).join('')).toContain('40 to 50: hidden')
  })

  it('has areas that compare where bins differ in width', () => {
    const svg = drawing({ grid: [0, 10, 30], counts: [20, 20] })
    const [narrow, wide] = bars(svg)
    expect(size(wide, 'width') / size(narrow, 'width')).toBeCloseTo(2, 2)
    expect(size(narrow, 'height') / size(wide, 'height')).toBeCloseTo(2, 2)
    expect(texts(svg)).toContain('rows for each unit of age')
  })

  it.each([
    ['one bound', { grid: [30], counts: [] }],
    ['no rows in any bin', { counts: [0, 0, 0] }],
    ['nothing told', { counts: [null, null, null], below: null }],
    ['bounds below zero and tiny', { grid: [-1e-9, 0, 1e-9], counts: [10, 10] }],
    ['a thousand bins', { grid: Array.from({ length: 1000 }, (_, i) => i * 1e6), counts: Array.from({ length: 999 }, () => 12) }],
  ])('of %s is a drawing', (_, changes) => {
    const svg = drawing(changes)
    for (const bar of bars(svg)) expect(Number.isFinite(size(bar, 'height')) && Number.isFinite(size(bar, 'width'))).toBe(true)
    expect(histogramSvg('T', { ...BASE, ...changes })).not.toMatch(/NaN|Infinity/)
  })

  it.each(HOSTILE_NAMES)('of a column called %j is text and nothing else', (name) => {
    const svg = drawing({ column: name }, name)
    expect(foreignParts(svg)).toEqual([])
    expect(elementsOf(svg, 'title').map(textOf)).toEqual([oneLine(name)])
  })
})
