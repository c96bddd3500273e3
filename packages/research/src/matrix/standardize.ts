import { INTERCEPT } from './design.ts'

/** Of each column of a model matrix: what is taken away, and what is divided by; 0 where the column does not vary and becomes 0. */
export interface ColumnScaling {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/**
 * A site's own standardization: each column but the intercept without its mean at this site, divided by its n - 1 standard deviation there.
 * Sites then agree on spreads and not on units, so a coefficient is per local standard deviation. A column that does not vary at this site
 * becomes 0. `x` is row after row, as many numbers in a row as there are names.
 */
export const standardizeAtSite = (x: Float64Array, names: readonly string[]): Float64Array => scaleColumns(x, scalingAtSite(x, names))

export function scalingAtSite(x: Float64Array, names: readonly string[]): ColumnScaling {
  const moments = names.map((name, place) => (name === INTERCEPT ? { mean: 0, deviation: 1 } : momentsOf(x, place, names.length)))
  return { mean: moments.map(({ mean }) => mean), deviation: moments.map(({ deviation }) => deviation) }
}

export function scaleColumns(x: Float64Array, { mean, deviation }: ColumnScaling): Float64Array {
  const width = mean.length
  return x.map((value, at) => {
    const [middle = 0, spread = 1] = [mean[at % width], deviation[at % width]]
    return spread === 0 ? 0 : (value - middle) / spread
  })
}

function momentsOf(x: Float64Array, place: number, width: number): { readonly mean: number; readonly deviation: number } {
  const rows = x.length / width
  let [total, squares] = [0, 0]
  for (let at = place; at < x.length; at += width) total += x[at] ?? 0
  const mean = total / rows
  for (let at = place; at < x.length; at += width) squares += ((x[at] ?? 0) - mean) ** 2
  const deviation = Math.sqrt(squares / (rows - 1))
  // A mean has rounding errors of its own: what is left of a constant column by them is no spread.
  return { mean, deviation: deviation > 1e-12 * Math.abs(mean) ? deviation : 0 }
}
