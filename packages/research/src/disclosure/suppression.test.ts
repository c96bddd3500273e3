import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { suppressList, suppressTable } from './suppression.ts'

const withMargins = (counts: readonly (readonly number[])[]): number[][] => {
  const rows = counts.map((row) => [...row, row.reduce((a, b) => a + b, 0)])
  return [...rows, (rows[0] ?? []).map((_, c) => rows.reduce((sum, row) => sum + (row[c] ?? 0), 0))]
}

/** Every table of counts up to `most` that shows the same, where hidden ones are at least one: what a reader with patience and no idea of cycles can do. */
function everyConsistentTable(shown: readonly (readonly (number | null)[])[], most: number): number[][][] {
  const height = shown.length - 1
  const width = (shown[0]?.length ?? 1) - 1
  const least = shown
    .flat()
    .slice(0, -1)
    .every((cell) => cell === null)
    ? 0
    : 1
  const fits = (full: number[][]) =>
    shown.every((row, r) => row.every((cell, c) => (cell === null ? least === 0 || (full[r]?.[c] ?? 0) > 0 : cell === full[r]?.[c])))
  const found: number[][][] = []
  const fill = (cells: readonly number[]) => {
    const at = cells.length
    if (at === height * width) {
      const full = withMargins(Array.from({ length: height }, (_, r) => cells.slice(r * width, (r + 1) * width)))
      if (fits(full)) found.push(full)
      return
    }
    const total = shown[at / width - 1]?.[width]
    if (at > 0 && at % width === 0 && typeof total === 'number' && total !== cells.slice(-width).reduce((a, b) => a + b, 0)) return
    const known = shown[Math.floor(at / width)]?.[at % width]
    if (known !== null && known !== undefined) return fill([...cells, known])
    for (let count = least; count <= most; count += 1) fill([...cells, count])
  }
  fill([])
  return found
}

describe('suppression', () => {
  it('leaves no cell below the minimum that follows from what is shown, as all consistent tables say', () => {
    const tables = fc
      .integer({ min: 2, max: 3 })
      .chain((width) => fc.array(fc.array(fc.nat(4), { minLength: width, maxLength: width }), { minLength: 2, maxLength: 2 }))
    fc.assert(
      fc.property(tables, (counts) => {
        const full = withMargins(counts)
        fc.pre((full.at(-1)?.at(-1) ?? 0) >= 3)
        const { cells } = suppressTable(counts, 3)
        const all = everyConsistentTable(cells, 5)
        full.forEach((row, r) =>
          row.forEach((count, c) => {
            if (count === 0 || count >= 3) return
            expect(cells[r]?.[c]).toBeNull()
            expect(new Set(all.map((one) => one[r]?.[c])).size).toBeGreaterThan(1)
          }),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('suppresses a second cell in the row and in the column, and the fewest', () => {
    const { cells, primary, secondary } = suppressTable(
      [
        [2, 20, 30],
        [40, 11, 60],
        [70, 80, 90],
      ],
      10,
    )
    expect(cells).toEqual([
      [null, null, 30, 52],
      [null, null, 60, 111],
      [70, 80, 90, 240],
      [112, 111, 180, 403],
    ])
    expect({ primary, secondary }).toEqual({ primary: 1, secondary: 3 })
  })

  it('suppresses nothing where every cell is large enough', () => {
    expect(
      suppressTable(
        [
          [10, 11],
          [12, 13],
        ],
        10,
      ),
    ).toMatchObject({ primary: 0, secondary: 0 })
  })

  it('hides two cells of a list whose total is shown', () => {
    expect(suppressList([3, 20, 40], 10)).toEqual({ counts: [null, null, 40], secondary: 1 })
    expect(suppressList([3, 4, 40], 10)).toEqual({ counts: [null, null, 40], secondary: 0 })
    expect(suppressList([0, 4, 40, 12], 10).counts.filter((count) => count === null)).toHaveLength(2)
    expect(suppressList([1, 1, 8, 20], 10).counts).toEqual([null, null, null, 20])
    expect(suppressList([1, 1, 0, 20], 10).counts).toEqual([null, null, 0, null])
  })
})
