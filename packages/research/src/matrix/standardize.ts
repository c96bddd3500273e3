import { INTERCEPT } from './design.ts'

/**
 * A site's own standardization: each column but the intercept without its mean at this site, divided by its n - 1 standard deviation there.
 * Sites then agree on spreads and not on units, so a coefficient is per local standard deviation. A column that does not vary at this site
 * becomes 0. `x` is row after row, as many numbers in a row as there are names.
 */
export function standardizeAtSite(x: Float64Array, names: readonly string[]): Float64Array {
  const result = x.slice()
  const width = names.length
  names.forEach((name, place) => {
    if (name !== INTERCEPT) standardizeColumn(result, place, width)
  })
  return result
}

function standardizeColumn(x: Float64Array, place: number, width: number): void {
  const rows = x.length / width
  let [total, squares] = [0, 0]
  for (let at = place; at < x.length; at += width) total += x[at] ?? 0
  const mean = total / rows
  for (let at = place; at < x.length; at += width) squares += ((x[at] ?? 0) - mean) ** 2
  const deviation = Math.sqrt(squares / (rows - 1))
  // A mean has rounding errors of its own: what is left of a constant column by them is no spread.
  const varies = deviation > 1e-12 * Math.abs(mean)
  for (let at = place; at < x.length; at += width) x[at] = varies ? ((x[at] ?? 0) - mean) / deviation : 0
}
