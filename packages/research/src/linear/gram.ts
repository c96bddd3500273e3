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

/** Adds the upper triangle of the sum of weight × row × rowᵀ to `gram`. Four rows at a time, because each place of `gram` is then read and written once for four products. */
export function addGram(gram: Float64Array, chunk: Chunk): void {
  const part = new Float64Array(gram.length)
  let row = 0
  for (; row + 4 <= chunk.count; row += 4) addFourRows(part, chunk, row)
  for (; row < chunk.count; row += 1) addOneRow(part, chunk, row)
  for (let i = 0; i < part.length; i += 1) gram[i] = (gram[i] ?? 0) + (part[i] ?? 0)
}

function addFourRows(part: Float64Array, { width, rows, weights }: Chunk, row: number): void {
  const [a, b, c, d] = [row * width, (row + 1) * width, (row + 2) * width, (row + 3) * width]
  const [wa, wb, wc, wd] = [weights[row] ?? 0, weights[row + 1] ?? 0, weights[row + 2] ?? 0, weights[row + 3] ?? 0]
  let at = 0
  for (let i = 0; i < width; i += 1) {
    const xa = wa * (rows[a + i] ?? 0)
    const xb = wb * (rows[b + i] ?? 0)
    const xc = wc * (rows[c + i] ?? 0)
    const xd = wd * (rows[d + i] ?? 0)
    for (let j = i; j < width; j += 1) {
      part[at] = (part[at] ?? 0) + (xa * (rows[a + j] ?? 0) + xb * (rows[b + j] ?? 0) + (xc * (rows[c + j] ?? 0) + xd * (rows[d + j] ?? 0)))
      at += 1
    }
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
