/** Places in the upper triangle of a symmetric matrix, kept row after row. */
export const triangleLength = (width: number): number => (width * (width + 1)) / 2

export const triangleIndex = (row: number, column: number, width: number): number => row * width - (row * (row - 1)) / 2 + (column - row)

/** Rows that are added up among themselves before they join a sum: so rounding errors grow with rows / 256, not with rows. */
export const CHUNK_ROWS = 256

/** Some rows of a matrix, at most `CHUNK_ROWS`, row after row, and a weight for each. */
export interface Chunk {
  readonly count: number
  readonly width: number
  readonly rows: Float64Array
  readonly weights: Float64Array
}

/** Adds the upper triangle of the sum of weight × row × rowᵀ to `gram`. */
export function addGram(gram: Float64Array, chunk: Chunk): void {
  const part = new Float64Array(gram.length)
  let row = 0
  for (; row + 4 <= chunk.count; row += 4) addFourRows(part, chunk, row)
  for (; row < chunk.count; row += 1) addOneRow(part, chunk, row)
  for (let i = 0; i < part.length; i += 1) gram[i] = (gram[i] ?? 0) + (part[i] ?? 0)
}

/**
 * Four rows and two lines of the triangle at a time: each place of `part` is read and written once for four products, and each
 * number of the rows read once for two places.
 */
function addFourRows(part: Float64Array, { width, rows, weights }: Chunk, row: number): void {
  const [a, b, c, d] = [row * width, (row + 1) * width, (row + 2) * width, (row + 3) * width]
  const [wa, wb, wc, wd] = [weights[row] ?? 0, weights[row + 1] ?? 0, weights[row + 2] ?? 0, weights[row + 3] ?? 0]
  let at = 0
  for (let i = 0; i < width; i += 2) {
    const xa = wa * (rows[a + i] ?? 0)
    const xb = wb * (rows[b + i] ?? 0)
    const xc = wc * (rows[c + i] ?? 0)
    const xd = wd * (rows[d + i] ?? 0)
    part[at] = (part[at] ?? 0) + (xa * (rows[a + i] ?? 0) + xb * (rows[b + i] ?? 0) + (xc * (rows[c + i] ?? 0) + xd * (rows[d + i] ?? 0)))
    at += 1
    if (i + 1 === width) return
    const ya = wa * (rows[a + i + 1] ?? 0)
    const yb = wb * (rows[b + i + 1] ?? 0)
    const yc = wc * (rows[c + i + 1] ?? 0)
    const yd = wd * (rows[d + i + 1] ?? 0)
    let below = at + width - 1 - i
    for (let j = i + 1; j < width; j += 1) {
      const ja = rows[a + j] ?? 0
      const jb = rows[b + j] ?? 0
      const jc = rows[c + j] ?? 0
      const jd = rows[d + j] ?? 0
      part[at] = (part[at] ?? 0) + (xa * ja + xb * jb + (xc * jc + xd * jd))
      part[below] = (part[below] ?? 0) + (ya * ja + yb * jb + (yc * jc + yd * jd))
      at += 1
      below += 1
    }
    at = below
  }
}

function addOneRow(part: Float64Array, { width, rows, weights }: Chunk, row: number): void {
  const start = row * width
  let at = 0
  for (let i = 0; i < width; i += 1) {
    const x = (weights[row] ?? 0) * (rows[start + i] ?? 0)
    for (let j = i; j < width; j += 1) {
      part[at] = (part[at] ?? 0) + x * (rows[start + j] ?? 0)
      at += 1
    }
  }
}
