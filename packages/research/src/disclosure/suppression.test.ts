import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { suppressList, suppressTable } from './suppression.ts'

const withMargins = (counts: readonly (readonly number[])[]): number[][] => {
  const rows = counts.map((row) => [...row, row.reduce((a, b) => a + b, 0)])
  return [...rows, (rows[0] ?? []).map((_, c) => rows.reduce((sum, row) => sum + (row[c] ?? 0), 0))]
}

/**
 * Every table of counts up to `most` that shows the same, where hidden ones are at least one, and one of them is small: what a reader with patience and
 * no idea of cycles can do with all that is published.
 */
function everyConsistentTable(shown: readonly (readonly (number | null)[])[], most: number, minimumCell: number): number[][][] {
  const height = shown.length - 1
  const width = (shown[0]?.length ?? 1) - 1
  const least = shown
    .flat()
    .slice(0, -1)
    .every((cell) => cell === null)
    ? 0
    : 1
  const isSmall = (count: number, r: number, c: number) => shown[r]?.[c] === null && count > 0 && count < minimumCell
  const fits = (full: number[][]) =>
    full.some((row, r) => row.some((count, c) => isSmall(count, r, c))) &&
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
        const all = everyConsistentTable(cells, 5, 3)
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
    const { cells, hidden } = suppressTable(
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
    expect(hidden).toBe(4)
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
    ).toMatchObject({ hidden: 0 })
  })

  it('of a list tells nothing by its choice of cells: what is published is the same for lists with other small counts', () => {
    const lists = fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)).filter(([a, b, c]) => a + b + c > 3)
    const all = Array.from({ length: 25 ** 2 }, (_, i) => [i % 25, Math.floor(i / 25)] as const)
    fc.assert(
      fc.property(lists, (counts) => {
        const total = counts.reduce((a, b) => a + b, 0)
        const published = (of: readonly number[]) => JSON.stringify(suppressList(of, 3))
        const same = all.map(([a, b]) => [a, b, total - a - b]).filter((other) => (other[2] ?? 0) >= 0 && published(other) === published(counts))
        counts.forEach((count, i) => {
          if (count > 0 && count < 3) expect(new Set(same.map((one) => one[i])).size).toBeGreaterThan(1)
        })
      }),
    )
  })

  it('hides two cells of a list whose total is shown', () => {
    expect(suppressList([3, 20, 40], 10)).toEqual({ counts: [null, null, 40], hidden: 2 })
    expect(suppressList([3, 4, 40], 10)).toEqual({ counts: [null, null, 40], hidden: 2 })
    expect(suppressList([0, 4, 40, 12], 10).counts.filter((count) => count === null)).toHaveLength(2)
    expect(suppressList([1, 1, 8, 20], 10).counts).toEqual([null, null, null, 20])
    expect(suppressList([1, 1, 0, 20], 10).counts).toEqual([null, null, 0, null])
  })
})
