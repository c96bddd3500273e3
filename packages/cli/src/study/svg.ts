import { oneLine } from './plain-text.ts'

/** Pieces of an SVG file (w3.org/TR/SVG2) as text: no script, no style sheet, nothing that is fetched. */

export type Attributes = Readonly<Record<string, string | number | undefined>>

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${typeof value === 'number' ? place(value) : escape(value)}"`,
  )
  return children.length === 0 ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${children.join('')}</${name}>`
}

/** A hundredth of a pixel is finer than any screen. */
export const place = (value: number): string => Number.parseFloat(value.toFixed(2)).toString()

const NAMED: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
])

/** Names of groups are data: as the text of an element or attribute, and nothing else. */
export const escape = (text: string): string => oneLine(text).replaceAll(/[&<>"']/g, (sign) => NAMED.get(sign) ?? '')

export const label = (text: string, attributes: Attributes): string => element('text', attributes, escape(text))

export interface Drawing {
  readonly width: number
  readonly height: number
  readonly title: string
  /** What the drawing shows, for whoever cannot see it. */
  readonly description: string
  readonly parts: readonly string[]
}

export function svgFile({ width, height, title, description, parts }: Drawing): string {
  const frame = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${place(width)} ${place(height)}`, width, height, role: 'img' }
  const root = element(
    'svg',
    { ...frame, 'aria-labelledby': 'title description', 'font-family': 'system-ui, sans-serif', 'font-size': 13, fill: INK },
    element('title', { id: 'title' }, escape(title)),
    element('desc', { id: 'description' }, escape(description)),
    element('rect', { width, height, fill: '#ffffff' }),
    ...parts,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

export const INK = '#222222'
export const FAINT = '#dddddd'
