import { type Dependent, nearlyDependent } from './cholesky.ts'
import { triangleIndex } from './gram.ts'

/**
 * Sums of products know a column that is nearly made of earlier ones only by half of its digits: what is left of it when they are taken out, squared, is
 * the difference of two numbers that are nearly the same. So what is left is made at the sites, row by row, and enters the sums instead of
 * the column: a *remainder*, the column minus multiples of earlier ones, in a unit of its own. A model with remainders is the same model, with as
 * many digits as R's QR factorization has, which works on rows (this is Cholesky QR, repeated: Yamamoto and others 2015). Whether anything is left at
 * all can then be seen too, to R's bound of 1e-11 of a column's length.
 */
export interface Remainder {
  readonly column: number
  /** Square of the length, in the column's own unit, at which nothing is left: R's bound, or the rounding of the subtraction. */
  readonly limit: number
  /** What each column is multiplied by, before it is added up; nothing beyond the column itself, by which the unit is told. */
  readonly weights: Float64Array
}

/** R's bound for `glm`, relative to the length of the column. */
const ALIAS_TOLERANCE = 1e-11

/** Rounding of a remainder, relative to what is added up for it. */
const ROUNDING = 16 * Number.EPSILON

/** What a remainder's unit can shrink by at once: the least that a Gram matrix can tell. */
const LEAST_LEFT = 2 ** -46

/** Each column that is one becomes its remainder, in place; `rows` is row after row. From the last to the first, because they are made of what stands before. */
export function applyRemainders(rows: Float64Array, count: number, width: number, remainders: readonly Remainder[]): void {
  for (const { column, weights } of remainders.toReversed()) {
    for (let row = 0; row < count; row += 1) {
      let sum = 0
      for (let k = 0; k <= column; k += 1) sum += (weights[k] ?? 0) * (rows[row * width + k] ?? 0)
      rows[row * width + column] = sum
    }
  }
}

/** Coefficients of columns from those of remainders, or, as it is the same sum, what a sum over columns is as one over remainders. */
export function throughRemainders(values: Float64Array, remainders: readonly Remainder[]): Float64Array {
  const result = values.slice()
  for (const { column, weights } of remainders) result[column] = weights.reduce((sum, weight, k) => sum + weight * (values[k] ?? 0), 0)
  return result
}

/** The columns of which nothing is left, by a Gram matrix in which remainders stand for columns. */
export function nothingLeft(gram: Float64Array, width: number, remainders: readonly Remainder[]): readonly boolean[] {
  const limits = new Map(remainders.map(({ column, limit, weights }) => [column, limit * (weights[column] ?? 0) ** 2]))
  return Array.from({ length: width }, (_, j) => !((gram[triangleIndex(j, j, width)] ?? 0) > (limits.get(j) ?? 0)))
}

/**
 * The remainders that a Gram matrix asks for, those before included, or `undefined` where it is good as it is. `squares` are the lengths to which R
 * would compare what is left of each column, in the unit that the column has in the sums.
 */
export function furtherRemainders(
  gram: Float64Array,
  squares: Float64Array,
  { remainders, aliased }: { readonly remainders: readonly Remainder[]; readonly aliased: readonly boolean[] },
): readonly Remainder[] | undefined {
  const width = squares.length
  const found = nearlyDependent(gram, width, aliased)
  if (found.length === 0) return undefined
  const known = new Map(remainders.map((one) => [one.column, one]))
  const weightsOf = (k: number) => known.get(k)?.weights ?? unit(k, width)
  const next = found.map((one): Remainder => {
    const { column, size, whole, left } = one
    const limit = known.get(column)?.limit ?? Math.max(ALIAS_TOLERANCE ** 2 * (squares[column] ?? 0), (ROUNDING * size) ** 2)
    const scale = Math.sqrt(whole / Math.max(left, LEAST_LEFT * whole))
    return { column, limit, weights: remainderWeights(one, scale, weightsOf) }
  })
  const all = new Map([...known, ...next.map((one) => [one.column, one] as const)])
  return [...all.values()].sort((a, b) => a.column - b.column)
}

function remainderWeights({ column, coefficients }: Dependent, scale: number, weightsOf: (k: number) => Float64Array): Float64Array {
  const weights = weightsOf(column).slice()
  coefficients.forEach((coefficient, k) => {
    if (coefficient !== 0) weightsOf(k).forEach((weight, i) => (weights[i] = (weights[i] ?? 0) - coefficient * weight))
  })
  return weights.map((weight) => weight * scale)
}

const unit = (k: number, width: number): Float64Array => Float64Array.from({ length: width }, (_, i) => Number(i === k))
