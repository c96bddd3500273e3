/** Digits of a figure that stands alone. */
const DIGITS = 5
/** Digits that the smallest figure of a column shows. */
const COLUMN_DIGITS = 4
/** Decimals of a column: smaller figures are written with a power of ten. */
const MOST_DECIMALS = 6
/** From here on figures are written with a power of ten. */
const LARGE = 1e9
/** p values below it are all the same to a reader (R's bound). */
const SMALLEST_P = 2.2e-16

/** A figure in a sentence; `NA` for none. */
export const figure = (value: number | null): string => (value === null ? 'NA' : Number.parseFloat(value.toPrecision(DIGITS)).toString())

/** Figures of one column, with the same decimals as R prints them: as many as the smallest needs. */
export function figures(values: readonly (number | null)[]): readonly string[] {
  const sizes = values.flatMap((value) => (value === null || value === 0 ? [] : [Math.floor(Math.log10(Math.abs(value)))]))
  const smallest = Math.min(...sizes, COLUMN_DIGITS - 1)
  const decimals = Math.min(MOST_DECIMALS, COLUMN_DIGITS - 1 - smallest)
  return values.map((value) => (value === null ? 'NA' : fixed(value, decimals)))
}

function fixed(value: number, decimals: number): string {
  const size = Math.abs(value)
  const isLost = size !== 0 && size < 10 ** (2 - decimals) && decimals === MOST_DECIMALS
  return isLost || size >= LARGE ? value.toExponential(COLUMN_DIGITS - 1) : value.toFixed(decimals)
}

export function pValue(p: number | null): string {
  if (p === null) return 'NA'
  if (p < SMALLEST_P) return '<2e-16'
  return p < 0.001 ? p.toExponential(2) : p.toFixed(4)
}

/** Of many together. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
