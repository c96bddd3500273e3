import { describe, expect, it } from 'vitest'
import { addGram, triangleIndex, triangleLength } from './gram.ts'
import { applyRemainders, furtherRemainders, nothingLeft, type Remainder, throughRemainders } from './remainders.ts'

const COUNT = 120
const WIDTH = 4

/** The third column is the second but for `apart`; the fourth follows from both. */
const rowsOf = (apart: number): Float64Array =>
  Float64Array.from(
    Array.from({ length: COUNT }, (_, i) => {
      const x = Math.sin(i * i)
      const z = x + apart * Math.cos(3 * i)
      return [1, x, z, 2 * x - z]
    }).flat(),
  )

function gramOf(rows: Float64Array): Float64Array {
  const gram = new Float64Array(triangleLength(WIDTH))
  addGram(gram, { count: COUNT, width: WIDTH, rows, weights: new Float64Array(COUNT).fill(1) })
  return gram
}

/** Until nothing more is asked for. */
function remaindersOf(apart: number) {
  const squares = Float64Array.from({ length: WIDTH }, (_, j) => gramOf(rowsOf(apart))[triangleIndex(j, j, WIDTH)] ?? 0)
  let remainders: readonly Remainder[] = []
  for (let looks = 0; looks < 8; looks += 1) {
    const rows = rowsOf(apart)
    applyRemainders(rows, COUNT, WIDTH, remainders)
    const gram = gramOf(rows)
    const aliased = nothingLeft(gram, WIDTH, remainders)
    const next = furtherRemainders(gram, squares, { remainders, aliased })
    if (next === undefined) return { rows, remainders, aliased, looks }
    remainders = next
  }
  throw new Error('expected an end')
}

describe('remainders', () => {
  it.each([
    [0.5, false, 1],
    [1e-3, false, 2],
    [1e-6, false, 2],
    [1e-9, false, 2],
    [1e-10, false, 2],
    [1e-12, true, 1],
    [0, true, 1],
  ])('of columns that are %d apart: the one is aliased (%s), as in R from 1e-11 on, and the other always', (apart, isAliased, most) => {
    const { aliased, looks } = remaindersOf(apart)
    expect(aliased).toEqual([false, false, isAliased, true])
    expect(looks).toBeLessThanOrEqual(most + 1)
  })

  it('are at right angles to the columns before, and long enough to be summed', () => {
    const { rows } = remaindersOf(1e-7)
    const gram = gramOf(rows)
    const at = (i: number, j: number) => gram[triangleIndex(i, j, WIDTH)] ?? 0
    expect(at(2, 2)).toBeGreaterThan(1)
    for (const before of [0, 1]) expect(Math.abs(at(before, 2)) / Math.sqrt(at(before, before) * at(2, 2))).toBeLessThan(1e-6)
  })

  it("give the columns' coefficients back", () => {
    const { rows, remainders } = remaindersOf(1e-5)
    const plain = rowsOf(1e-5)
    const beta = Float64Array.of(0.5, -1, 2, 0)
    // Of each column, its share of the remainders' predictor.
    const shares = [0, 1, 2].map((j) =>
      throughRemainders(
        Float64Array.from({ length: WIDTH }, (_, i) => Number(i === j)),
        remainders,
      ),
    )
    for (let row = 0; row < COUNT; row += 1) {
      const made = beta.reduce((sum, one, j) => sum + one * (rows[row * WIDTH + j] ?? 0), 0)
      const back = shares.reduce((sum, share, j) => sum + share.reduce((s, weight, m) => s + weight * (beta[m] ?? 0), 0) * (plain[row * WIDTH + j] ?? 0), 0)
      expect(back).toBeCloseTo(made, 9)
    }
  })
})
