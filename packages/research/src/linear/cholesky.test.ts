import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factorize, inverse, inverseForm, solve } from './cholesky.ts'
import { addGram, CHUNK_ROWS, triangleIndex, triangleLength } from './gram.ts'

const gramOf = (rows: readonly (readonly number[])[], weights = rows.map(() => 1)): Float64Array => {
  const width = rows[0]?.length ?? 0
  const gram = new Float64Array(triangleLength(width))
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const some = rows.slice(start, start + CHUNK_ROWS)
    addGram(gram, { count: some.length, width, rows: Float64Array.from(some.flat()), weights: Float64Array.from(weights.slice(start, start + CHUNK_ROWS)) })
  }
  return gram
}
const number = fc.double({ min: -10, max: 10, noNaN: true }).map((value) => Math.round(value * 1000) / 1000)
const matrix = fc
  .integer({ min: 1, max: 7 })
  .chain((width) => fc.array(fc.array(number, { minLength: width, maxLength: width }), { minLength: width + 3, maxLength: 40 }))
const aliasedOf = (rows: readonly (readonly number[])[]) => factorize(gramOf(rows), rows[0]?.length ?? 0)?.aliased

describe('a Gram matrix', () => {
  it('is the weighted sum of products of columns', () => {
    fc.assert(
      fc.property(matrix, (rows) => {
        const width = rows[0]?.length ?? 0
        const gram = gramOf(
          rows,
          rows.map((_, i) => i % 5),
        )
        for (let i = 0; i < width; i += 1) {
          for (let j = i; j < width; j += 1) {
            const expected = rows.reduce((sum, row, k) => sum + (k % 5) * (row[i] ?? 0) * (row[j] ?? 0), 0)
            expect(gram[triangleIndex(i, j, width)]).toBeCloseTo(expected, 8)
          }
        }
      }),
    )
  })
})

describe('a Cholesky factorization', () => {
  it('solves, inverts and gives variances, with zeros for aliased columns', () => {
    fc.assert(
      fc.property(matrix, fc.array(number, { minLength: 8, maxLength: 8 }), (rows, truth) => {
        const width = rows[0]?.length ?? 0
        const gram = gramOf(rows)
        const cholesky = factorize(gram, width)
        if (cholesky === undefined) throw new Error('expected a factorization')
        const element = (i: number, j: number) => gram[triangleIndex(Math.min(i, j), Math.max(i, j), width)] ?? 0
        const times = (v: Float64Array) => Float64Array.from({ length: width }, (_, i) => v.reduce((sum, one, j) => sum + element(i, j) * one, 0))
        const wanted = Float64Array.from({ length: width }, (_, i) => (cholesky.aliased[i] === true ? 0 : (truth[i] ?? 0)))
        const b = times(wanted)
        const back = times(solve(cholesky, b))
        back.forEach((value, i) => expect(Math.abs(value - (b[i] ?? 0))).toBeLessThan(1e-7 * (1 + Math.abs(element(i, i)) * 100)))
        const inverted = inverse(cholesky)
        for (let i = 0; i < width; i += 1) {
          const unit = Float64Array.from({ length: width }, (_, j) => Number(i === j))
          expect(inverseForm(cholesky, unit)).toBeCloseTo(inverted[i * width + i] ?? NaN, 3)
          if (cholesky.aliased[i] === true) expect(inverted[i * width + i]).toBe(0)
        }
      }),
    )
  })

  it('finds columns that depend on earlier ones, and keeps those that nearly do', () => {
    const x = Array.from({ length: 50 }, (_, i) => [1, Math.sin(i), Math.cos(3 * i)] as const)
    expect(aliasedOf(x.map(([a, b, c]) => [a, b, 3 * b - 2 * a, c]))).toEqual([false, false, true, false])
    expect(aliasedOf(x.map(([a, b, c]) => [a, b, b, c, b + c, a - c, 0]))).toEqual([false, false, true, false, true, true, true])
    expect(aliasedOf(x.map(([a, b, c]) => [a, b, b + 1e-5 * c]))).toEqual([false, false, false])
    // The second and third column are alike to six digits; their difference, however small, depends on them.
    expect(aliasedOf(x.map(([a, b, c]) => [a, b, b + 1e-5 * c, 1e-5 * c * 3]))).toEqual([false, false, false, true])
  })

  it('keeps to what is known to be aliased, and says where a matrix is singular', () => {
    const gram = gramOf([
      [1, 2, 1],
      [1, 2, 5],
      [1, 2, -3],
    ])
    expect(factorize(gram, 3)?.aliased).toEqual([false, true, false])
    expect(factorize(gram, 3, [false, true, false])?.aliased).toEqual([false, true, false])
    expect(factorize(gram, 3, [false, false, false])).toBeUndefined()
    expect(factorize(Float64Array.of(NaN), 1)?.aliased).toEqual([true])
  })
})
