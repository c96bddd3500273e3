import { triangleIndex } from './gram.ts'

/**
 * A Gram matrix A = XᵀX is symmetric and has no negative direction, so A = RᵀR with R upper triangular: R's column j says how column j
 * of X is made of the columns before it, and its diagonal is the length of what is left when they are taken out. It is the R of
 * the QR factorization of X, found without the rows, which never leave their sites.
 *
 * Stable without pivoting: each step subtracts squares that add up to no more than the diagonal element, so nothing in R outgrows
 * it. What is lost is the square: lengths below √ε of a column cannot be told from rounding. Columns are therefore centered and scaled
 * before they are summed, and a column is *aliased* (a linear combination of those before it; R gives it no coefficient) where what is
 * left of it is within 1e-7 of its length, or within the rounding of the sums. Where R tells more, `remainders.ts` does.
 */
export interface Cholesky {
  readonly size: number
  readonly aliased: readonly boolean[]
  /** Element (k, j), k ≤ j, at `j * size + k`. Aliased rows and columns are those of the identity: solutions are 0 there. */
  readonly factor: Float64Array
}

/** Relative to the length of the column: what sums of squares can tell. */
const ALIAS_TOLERANCE = 1e-7

/** Rounding of a sum of products, relative to their size: chunks keep it at a few units in the last place; this leaves a factor of 30. */
const ROUNDING = 64 * Number.EPSILON

/**
 * `upper` is the upper triangle, row after row. `known` says which columns are aliased, where that was decided before: weights that vanish in an
 * iteration must not change which coefficients a model has. Returns `undefined` where a column that is not among them has no length left.
 */
export function factorize(upper: Float64Array, size: number, known?: readonly boolean[]): Cholesky | undefined {
  const factor = new Float64Array(size * size)
  const aliased: boolean[] = []
  for (let j = 0; j < size; j += 1) {
    if (known?.[j] === true) {
      setUnit(factor, size, j)
      aliased.push(true)
      continue
    }
    const whole = upper[triangleIndex(j, j, size)] ?? 0
    const left = whole - eliminate({ factor, size, aliased, upper }, j)
    const isAliased = known === undefined && !(left > residualBound({ size, aliased, factor }, j, { whole, left, upper }))
    if (!isAliased && !(left > 0)) return undefined
    if (isAliased) setUnit(factor, size, j)
    else factor[j * size + j] = Math.sqrt(left)
    aliased.push(isAliased)
  }
  return { size, aliased, factor }
}

/** Fills column j above the diagonal and returns the sum of its squares. */
function eliminate({ factor, size, aliased, upper }: { readonly upper: Float64Array } & Cholesky, j: number): number {
  let squares = 0
  for (let k = 0; k < j; k += 1) {
    if (aliased[k] === true) continue
    const value = ((upper[triangleIndex(k, j, size)] ?? 0) - dot(factor, k * size, j * size, k)) / (factor[k * size + k] ?? 1)
    factor[j * size + k] = value
    squares += value * value
  }
  return squares
}

/**
 * What is left of a column counts only above this. The rounding errors of the sums reach the rest multiplied by the coefficients with which the
 * earlier columns make up this one: two columns that nearly cancel make them large.
 */
function residualBound(cholesky: Cholesky, j: number, column: Lengths): number {
  const { whole, left, upper } = column
  const bound = ALIAS_TOLERANCE ** 2 * whole
  if (left > SUSPECT * whole) return bound
  const { size } = dependence(cholesky, j, upper)
  return Math.max(bound, ROUNDING * size * size)
}

/** The coefficients with which earlier columns make up column j, and the length of all that is added up for it. */
function dependence(cholesky: Cholesky, j: number, upper: Float64Array): Pick<Dependent, 'coefficients' | 'size'> {
  const coefficients = cholesky.factor.slice(j * cholesky.size, j * cholesky.size + j)
  solveUpper(cholesky, coefficients)
  const lengthOf = (k: number) => Math.sqrt(Math.max(upper[triangleIndex(k, k, cholesky.size)] ?? 0, 0))
  return { coefficients, size: coefficients.reduce((sum, one, k) => sum + Math.abs(one) * lengthOf(k), lengthOf(j)) }
}

/** A column of which hardly anything is left when the earlier ones are taken out that have none such. */
export interface Dependent {
  readonly column: number
  readonly coefficients: Float64Array
  /** Squared lengths: of the column, and of what is left of it, if rounding has left digits of that. */
  readonly whole: number
  readonly left: number
  readonly size: number
}

/** The columns of which so little is left that rounding takes some of its digits; those that are `aliased` are not looked at. */
export function nearlyDependent(upper: Float64Array, size: number, aliased: readonly boolean[]): readonly Dependent[] {
  const factor = new Float64Array(size * size)
  const apart: boolean[] = []
  const found: Dependent[] = []
  for (let j = 0; j < size; j += 1) {
    const whole = upper[triangleIndex(j, j, size)] ?? 0
    const left = aliased[j] === true ? 0 : whole - eliminate({ factor, size, aliased: apart, upper }, j)
    const isApart = !(left > SUSPECT * whole)
    if (isApart && aliased[j] !== true) found.push({ column: j, whole, left, ...dependence({ size, aliased: apart, factor }, j, upper) })
    if (isApart) setUnit(factor, size, j)
    else factor[j * size + j] = Math.sqrt(left)
    apart.push(isApart)
  }
  return found
}

/** Squares: of a column, of what is left of it. */
interface Lengths {
  readonly whole: number
  readonly left: number
  readonly upper: Float64Array
}

/** Squares of rest to whole above which no rounding has to be looked for. */
const SUSPECT = 1e-4

function setUnit(factor: Float64Array, size: number, j: number): void {
  factor.fill(0, j * size, j * size + j)
  factor[j * size + j] = 1
}

function dot(values: Float64Array, a: number, b: number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i += 1) sum += (values[a + i] ?? 0) * (values[b + i] ?? 0)
  return sum
}

/** The solution of A s = b, 0 for aliased columns: forward through Rᵀ, back through R, each as accurate as its right side allows. */
export function solve(cholesky: Cholesky, b: Float64Array): Float64Array {
  const solution = solveTransposed(cholesky, b)
  solveUpper(cholesky, solution)
  return solution
}

/** tᵀ A⁻¹ t, the variance of Σ tᵢ bᵢ: as the squared length of R⁻ᵀt it cannot come out negative. */
export function inverseForm(cholesky: Cholesky, t: Float64Array): number {
  return solveTransposed(cholesky, t).reduce((sum, value) => sum + value * value, 0)
}

/** A⁻¹ with rows and columns of zeros for aliased columns; `size` × `size`, row after row. */
export function inverse(cholesky: Cholesky): Float64Array {
  const { size, aliased } = cholesky
  const result = new Float64Array(size * size)
  for (let j = 0; j < size; j += 1) {
    if (aliased[j] === true) continue
    result.set(
      solve(
        cholesky,
        Float64Array.from({ length: size }, (_, i) => Number(i === j)),
      ),
      j * size,
    )
  }
  return result
}

function solveTransposed({ size, aliased, factor }: Cholesky, b: Float64Array): Float64Array {
  const y = new Float64Array(size)
  // Leading zeros stay zeros: a right side of one element late costs little.
  const first = b.findIndex((value) => value !== 0)
  for (let j = Math.max(first, 0); j < size; j += 1) {
    if (aliased[j] === true) continue
    let rest = b[j] ?? 0
    for (let k = Math.max(first, 0); k < j; k += 1) rest -= (factor[j * size + k] ?? 0) * (y[k] ?? 0)
    y[j] = rest / (factor[j * size + j] ?? 1)
  }
  return y
}

/** In place, for the leading columns that `values` has. */
function solveUpper({ size, factor }: Cholesky, values: Float64Array): void {
  for (let j = values.length - 1; j >= 0; j -= 1) {
    const value = (values[j] ?? 0) / (factor[j * size + j] ?? 1)
    values[j] = value
    for (let k = 0; k < j; k += 1) values[k] = (values[k] ?? 0) - value * (factor[j * size + k] ?? 0)
  }
}
