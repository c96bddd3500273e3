/**
 * Cox's model as a textbook writes it: for every death a list of those at risk is made and looped over, with no running sums and no
 * scaling, and the normal equations are solved by elimination. Slow and obvious; shares no code with what it judges.
 */
export interface Row {
  readonly site: number
  readonly stratum: number
  readonly time: number
  readonly event: number
  readonly x: readonly number[]
}

interface Parts {
  logLikelihood: number
  readonly score: number[]
  readonly information: number[][]
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

export function partsAt(rows: readonly Row[], beta: readonly number[], ties: 'efron' | 'breslow'): Parts {
  const parts: Parts = { logLikelihood: 0, score: beta.map(() => 0), information: beta.map(() => beta.map(() => 0)) }
  const times = new Map(rows.filter((row) => row.event === 1).map((row) => [`${row.site}/${row.stratum}/${row.time}`, row]))
  for (const { site, stratum, time } of times.values()) {
    const risk = rows.filter((row) => row.site === site && row.stratum === stratum && row.time >= time)
    const dying = risk.filter((row) => row.time === time && row.event === 1)
    dying.forEach((row, k) => {
      const share = (one: Row) => (ties === 'efron' && dying.includes(one) ? 1 - k / dying.length : 1)
      const weights = risk.map((one) => share(one) * Math.exp(dot(beta, one.x)))
      const whole = weights.reduce((a, b) => a + b, 0)
      const mean = beta.map((_, i) => risk.reduce((sum, one, r) => sum + ((weights[r] ?? 0) / whole) * (one.x[i] ?? 0), 0))
      parts.logLikelihood += dot(beta, row.x) - Math.log(whole)
      beta.forEach((_, i) => {
        parts.score[i] = (parts.score[i] ?? 0) + (row.x[i] ?? 0) - (mean[i] ?? 0)
        beta.forEach((__, j) => {
          const spread = risk.reduce(
            (sum, one, r) => sum + ((weights[r] ?? 0) / whole) * ((one.x[i] ?? 0) - (mean[i] ?? 0)) * ((one.x[j] ?? 0) - (mean[j] ?? 0)),
            0,
          )
          const line = parts.information[i]
          if (line !== undefined) line[j] = (line[j] ?? 0) + spread
        })
      })
    })
  }
  return parts
}

/** Gauss and Jordan with pivoting. */
export function inverseOf(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length
  const lines = matrix.map((line, i) => [...line, ...line.map((_, j) => Number(i === j))])
  for (let k = 0; k < size; k += 1) {
    const best = lines.slice(k).reduce((most, line, i) => (Math.abs(line[k] ?? 0) > Math.abs(lines[most]?.[k] ?? 0) ? i + k : most), k)
    const pivot = lines[best] ?? []
    lines[best] = lines[k] ?? []
    lines[k] = pivot.map((value) => value / (pivot[k] ?? 1))
    lines.forEach((line, i) => {
      if (i !== k) lines[i] = line.map((value, j) => value - (line[k] ?? 0) * (lines[k]?.[j] ?? 0))
    })
  }
  return lines.map((line) => line.slice(size))
}

export interface Estimates {
  readonly beta: readonly number[]
  readonly se: readonly number[]
  readonly logLikelihood: number
  readonly scoreTest: number
}

/** Newton's method, each step halved while it makes things worse, up to the first that changes the likelihood by no more than 1e-9 of itself: there R stops. */
export function estimate(rows: readonly Row[], width: number, ties: 'efron' | 'breslow', ridge = 0): Estimates {
  const penalized = (beta: readonly number[]) => {
    const { logLikelihood, score, information } = partsAt(rows, beta, ties)
    return {
      objective: logLikelihood - (ridge / 2) * dot(beta, beta),
      logLikelihood,
      score: score.map((value, i) => value - ridge * (beta[i] ?? 0)),
      inverse: inverseOf(information.map((line, i) => line.map((value, j) => value + (i === j ? ridge : 0)))),
    }
  }
  let beta: readonly number[] = Array.from({ length: width }, () => 0)
  let here = penalized(beta)
  const scoreTest = dot(
    here.score,
    here.inverse.map((line) => dot(line, here.score)),
  )
  for (let step = 0; step < 50; step += 1) {
    const move = here.inverse.map((line) => dot(line, here.score))
    let factor = 1
    let there = penalized(beta.map((value, i) => value + (move[i] ?? 0)))
    while (!(there.objective >= here.objective - 1e-12 * Math.abs(here.objective)) && factor > 1e-3) {
      factor /= 2
      const tried = factor
      there = penalized(beta.map((value, i) => value + tried * (move[i] ?? 0)))
    }
    const used = factor
    beta = beta.map((value, i) => value + used * (move[i] ?? 0))
    const change = Math.abs(there.objective - here.objective)
    here = there
    if (change <= 1e-9 * Math.abs(here.objective)) break
  }
  return { beta, se: here.inverse.map((line, i) => Math.sqrt(line[i] ?? 0)), logLikelihood: here.logLikelihood, scoreTest }
}

/** Every pair of rows of a stratum, one after the other. */
export function pairsOf(rows: readonly Row[], beta: readonly number[]): readonly number[] {
  const counts = [0, 0, 0, 0, 0]
  const add = (at: number) => (counts[at] = (counts[at] ?? 0) + 1)
  rows.forEach((a, i) =>
    rows.slice(i + 1).forEach((b) => {
      if (a.site !== b.site || a.stratum !== b.stratum) return
      const tied = a.x.every((value, j) => value === b.x[j])
      if (a.time === b.time && a.event === 1 && b.event === 1) return add(tied ? 4 : 3)
      const [first, second] = a.time < b.time || (a.time === b.time && a.event === 1) ? [a, b] : [b, a]
      if (first.event !== 1 || (first.time === second.time && second.event === 1)) return
      add(tied ? 2 : dot(beta, first.x) > dot(beta, second.x) ? 0 : 1)
    }),
  )
  return counts
}
