import type { FamilyName } from '../src/models/glm-families.ts'

/**
 * The pooled answer by another way: iteratively reweighted least squares as R's `glm.fit` goes (its start, its stop, standard errors from its
 * last step), each by Gram-Schmidt with reorthogonalization on all rows at once, on the raw columns. With a ridge, which R has not, some more
 * steps to where nothing moves. No sums over sites, no centering, no Cholesky.
 */
export interface Reference {
  readonly estimates: readonly (number | null)[]
  readonly se: readonly (number | null)[]
  readonly deviance: number
  readonly nullDeviance: number
}

interface Problem {
  readonly family: FamilyName
  readonly rows: readonly (readonly number[])[]
  readonly y: readonly number[]
  readonly intercept: boolean
  readonly ridge?: number
}

const meanOf = { gaussian: (eta: number) => eta, binomial: (eta: number) => 1 / (1 + Math.exp(-eta)), poisson: Math.exp }
const varianceOf = { gaussian: () => 1, binomial: (mu: number) => mu * (1 - mu), poisson: (mu: number) => mu }
const linkOf = { gaussian: (mu: number) => mu, binomial: (mu: number) => Math.log(mu / (1 - mu)), poisson: Math.log }
const startOf = { gaussian: (y: number) => y, binomial: (y: number) => (y + 0.5) / 2, poisson: (y: number) => y + 0.1 }
const lossOf = {
  gaussian: (y: number, mu: number) => (y - mu) ** 2,
  binomial: (y: number, mu: number) => -2 * Math.log(y === 1 ? mu : 1 - mu),
  poisson: (y: number, mu: number) => 2 * ((y === 0 ? 0 : y * Math.log(y / mu)) - (y - mu)),
}
const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
const dot = (a: readonly number[], b: readonly number[]) => sumOf(a.map((value, i) => value * (b[i] ?? 0)))

export function referenceFit({ family, rows, y, intercept, ridge = 0 }: Problem): Reference {
  const width = rows[0]?.length ?? 0
  const penalized = (j: number) => (intercept && j === 0 ? 0 : ridge)
  const etaOf = (beta: readonly number[]) => rows.map((row) => dot(row, beta))
  const devianceAt = (eta: readonly number[]) => sumOf(y.map((one, i) => lossOf[family](one, meanOf[family](eta[i] ?? 0))))
  const objectiveAt = (beta: readonly number[]) => devianceAt(etaOf(beta)) + sumOf(beta.map((one, j) => penalized(j) * one * one))

  let eta = y.map((one) => linkOf[family](startOf[family](one)))
  let [objective, stopped] = [Number.NaN, 0]
  let se: readonly (number | null)[] = []
  let fit: LeastSquares = { solution: [], aliased: [], spread: [] }
  for (let step = 0; step < 40 && stopped < (ridge > 0 ? 4 : 1); step += 1) {
    const mu = eta.map(meanOf[family])
    const w = mu.map(varianceOf[family])
    const columns = Array.from({ length: width }, (_, j) => [
      ...rows.map((row, i) => Math.sqrt(w[i] ?? 0) * (row[j] ?? 0)),
      ...penaltyRows(width, j, penalized(j)),
    ])
    const z = [...y.map((one, i) => Math.sqrt(w[i] ?? 0) * ((eta[i] ?? 0) + (one - (mu[i] ?? 0)) / (w[i] ?? 1))), ...Array.from({ length: width }, () => 0)]
    fit = leastSquares(columns, z)
    eta = etaOf(fit.solution)
    const now = objectiveAt(fit.solution)
    se = fit.spread.map((one, j) => (fit.aliased[j] === true ? null : one))
    if (stopped > 0 || (step > 0 && Math.abs(now - objective) / (Math.abs(now) + 0.1) < 1e-8)) stopped += 1
    objective = now
  }
  const deviance = devianceAt(eta)
  const rank = fit.aliased.filter((one) => !one).length
  const sigma = family === 'gaussian' ? Math.sqrt(deviance / (y.length - rank)) : 1
  return {
    estimates: fit.solution.map((one, j) => (fit.aliased[j] === true ? null : one)),
    se: se.map((one) => (one === null ? null : one * sigma)),
    deviance,
    nullDeviance: devianceAt(y.map(() => (intercept ? linkOf[family](sumOf([...y]) / y.length) : 0))),
  }
}

const penaltyRows = (width: number, j: number, ridge: number) => Array.from({ length: width }, (_, i) => (i === j ? Math.sqrt(ridge) : 0))

interface LeastSquares {
  readonly solution: readonly number[]
  readonly aliased: readonly boolean[]
  /** Square roots of the diagonal of (XᵀX)⁻¹. */
  readonly spread: readonly number[]
}

function leastSquares(columns: readonly (readonly number[])[], z: readonly number[]): LeastSquares {
  const kept: { readonly j: number; readonly unit: readonly number[]; readonly r: readonly number[] }[] = []
  columns.forEach((column, j) => {
    let rest = [...column]
    const r = kept.map(() => 0)
    for (let again = 0; again < 2; again += 1) {
      kept.forEach(({ unit }, k) => {
        const share = dot(unit, rest)
        r[k] = (r[k] ?? 0) + share
        rest = rest.map((value, i) => value - share * (unit[i] ?? 0))
      })
    }
    const norm = Math.sqrt(dot(rest, rest))
    if (norm > 1e-11 * Math.sqrt(dot(column, column))) kept.push({ j, unit: rest.map((value) => value / norm), r: [...r, norm] })
  })
  const back = (right: readonly number[]) => {
    const solution = right.map(() => 0)
    for (let k = kept.length - 1; k >= 0; k -= 1) {
      const later = sumOf(solution.map((value, m) => (m > k ? value * (kept[m]?.r[k] ?? 0) : 0)))
      solution[k] = ((right[k] ?? 0) - later) / (kept[k]?.r[k] ?? 1)
    }
    return solution
  }
  const solved = back(kept.map(({ unit }) => dot(unit, z)))
  const inverseColumns = kept.map((_, k) => back(kept.map((__, m) => Number(m === k))))
  const place = (j: number) => kept.findIndex((one) => one.j === j)
  return {
    solution: columns.map((_, j) => solved[place(j)] ?? 0),
    aliased: columns.map((_, j) => place(j) === -1),
    spread: columns.map((_, j) => Math.sqrt(sumOf(inverseColumns.map((column) => (column[place(j)] ?? 0) ** 2)))),
  }
}
