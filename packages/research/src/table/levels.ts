import type { Column } from './types.ts'

/**
 * Distinct texts in the order in which R's `factor` has its levels in the C locale: by number where all of them are numbers, by code units
 * otherwise. The order depends on the set alone, so sites that pool their levels all get the same one.
 */
export function sortLevels(texts: Iterable<string>): readonly string[] {
  const levels = [...new Set(texts)].sort(byCodeUnits)
  return levels.every((level) => parseNumber(level) !== undefined) ? levels.sort((a, b) => Number(a) - Number(b)) : levels
}

/**
 * The name of each text as a level of all sites together: where all are numbers, the number as R writes it, so that `1`, `1.0` and `01` are one
 * level as they are in R, which reads a column of numbers as such; where all are words for true and false, `TRUE` and `FALSE`; else the text.
 */
export function levelNames(texts: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...texts]
  const nameOf = [numberName, logicalName].find((name) => all.every((text) => name(text) !== undefined))
  return new Map(all.map((text) => [text, nameOf?.(text) ?? text]))
}

/** Where a text stands among the levels of all sites: as it is, or by the name that `levelNames` gives it there. */
export const placeAmong = (text: string, places: ReadonlyMap<string, number>): number | undefined => places.get(text) ?? places.get(ownName(text))

/** Whether two texts can be one level, whatever other levels there are: what a site knows that has only its own. */
export const isSameLevel = (a: string, b: string): boolean => a === b || ownName(a) === ownName(b)

const ownName = (text: string): string => numberName(text) ?? logicalName(text) ?? text

function numberName(text: string): string | undefined {
  const value = parseNumber(text)
  return value === undefined ? undefined : formatLevel(value)
}

/** The words that R reads as logical values: `TRUE`, `T`, `FALSE` and `F`, and no others. */
export function parseLogical(text: string): boolean | undefined {
  if (text === 'TRUE' || text === 'T') return true
  return text === 'FALSE' || text === 'F' ? false : undefined
}

function logicalName(text: string): string | undefined {
  const value = parseLogical(text)
  return value === undefined ? undefined : String(value).toUpperCase()
}

/** The levels that a column has at this site; those of a number column are its numbers as R writes them, for `factor(x)`. */
export const levelsOf = (column: Column): readonly string[] =>
  column.kind === 'factor' ? column.levels : sortLevels([...new Set(column.values)].map(formatLevel))

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** A decimal number, finite; no hexadecimal, no separators of thousands, no blanks. */
export function parseNumber(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** A number as R's `as.character` writes it: at most 15 digits that count, and the shorter of the plain and the exponent form. */
export function formatLevel(value: number): string {
  if (value === 0) return '0'
  const [digits = '', exponentText = '0'] = value.toExponential(14).split('e')
  const mantissa = digits.replace(/\.?0+$/, '')
  const exponent = Number(exponentText)
  const scientific = `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  const plain = plainForm(mantissa, exponent)
  return plain.length <= scientific.length ? plain : scientific
}

/** `1.25` and 3 become `1250`: the digits with the point moved. */
function plainForm(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace('-', '').replace('.', '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}`
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}
