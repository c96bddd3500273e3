/**
 * Suppression in tables. A table is published with its margins, so a missing cell can follow from the others. Seen with its margins as one
 * more row and column, each taken negative, every line of the table sums to zero. The suppressed cells are the edges of a graph between rows
 * and columns, and the tables that fit what is published are exactly those reached from the true one by going around cycles of suppressed
 * cells, adding one and subtracting one in turn. So a cell cannot be inferred if and only if such a cycle goes through it. For each cell below
 * the minimum that has none, the cheapest cycle is suppressed. (Fischetti and Salazar 1999 pose it as cycles in a network; the cheapest
 * overall is NP-hard, the cheapest for one cell after the other is not.)
 *
 * Zeros are shown, since nobody is in them: a reader then knows that what is hidden is at least one, and cycles keep to that. Only where
 * nothing else helps everything is hidden, zeros and margins too. The number of all rows is told with every result, so it is never hidden.
 */
export interface SuppressedTable {
  /** `null` where suppressed; the last row and the last column are the margins. */
  readonly cells: readonly (readonly (number | null)[])[]
  /** How many are suppressed, which the cells say as well. How many of them are small is not told: a reader could count with that. */
  readonly hidden: number
}

/** Counts by row and column, at least one of each, and at least `minimumCell` in all. Every cell and margin from 1 to below `minimumCell` is suppressed, and what is needed besides. */
export function suppressTable(counts: readonly (readonly number[])[], minimumCell: number): SuppressedTable {
  const net = withMargins(counts, minimumCell)
  protectAll(net)
  const cells = net.counts.map((row, r) => row.map((count, c) => (isHidden(net, r, c) ? null : count)))
  return { cells, hidden: nullsIn(cells.flat()) }
}

/** The same for one list of counts with its total, which is shown: margins of columns do not exist, so they count as hidden. */
export function suppressList(counts: readonly number[], minimumCell: number): { readonly counts: readonly (number | null)[]; readonly hidden: number } {
  const net = withMargins([counts], minimumCell)
  for (let c = 0; c <= counts.length; c += 1) net.hidden[1]?.splice(c, 1, c < counts.length)
  net.primary = net.primary.filter(({ r, c }) => r === 0 && c < counts.length)
  protectAll(net)
  const cells = counts.map((count, c) => (isHidden(net, 0, c) ? null : count))
  return { counts: cells, hidden: nullsIn(cells) }
}

interface Cell {
  readonly r: number
  readonly c: number
}

interface Net {
  readonly counts: readonly (readonly number[])[]
  readonly hidden: boolean[][]
  primary: readonly Cell[]
}

function withMargins(counts: readonly (readonly number[])[], minimumCell: number): Net {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const rows = counts.map((row) => [...row, sum(row)])
  const all = [...rows, (rows[0] ?? []).map((_, c) => sum(rows.map((row) => row[c] ?? 0)))]
  const isSmall = (count: number) => count > 0 && count < minimumCell
  const hidden = all.map((row) => row.map(isSmall))
  const primary = all.flatMap((row, r) => row.flatMap((count, c) => (isSmall(count) ? [{ r, c }] : [])))
  return { counts: all, hidden, primary }
}

const isHidden = (net: Net, r: number, c: number): boolean => net.hidden[r]?.[c] === true

const nullsIn = (cells: readonly (number | null)[]): number => cells.filter((cell) => cell === null).length

/** Suppressing more never takes a cycle away, so one pass is enough. A cell without any cycle takes the whole table with it. */
function protectAll(net: Net): void {
  for (const cell of net.primary) {
    const up = cheapestCycle(net, cell, 1)
    const down = cheapestCycle(net, cell, -1)
    const best = up === undefined || (down !== undefined && down.cost < up.cost) ? down : up
    if (best === undefined) hideAll(net)
    else for (const { r, c } of best.cells) net.hidden[r]?.splice(c, 1, true)
  }
}

function hideAll(net: Net): void {
  for (const row of net.hidden) row.fill(true)
  net.hidden.at(-1)?.splice(-1, 1, false)
}

interface Path {
  readonly cost: number
  readonly cells: readonly Cell[]
}

/**
 * The cheapest way from the cell's column back to its row when the cell changes by `sign`: cells of columns then change by `-sign`, cells of
 * rows by `sign`. Bellman's relaxation, since tables are small.
 */
function cheapestCycle(net: Net, start: Cell, sign: number): Path | undefined {
  if (!canChange(net, start, sign)) return undefined
  const height = net.counts.length
  const width = net.counts[0]?.length ?? 0
  const toRow: (Path | undefined)[] = Array.from({ length: height }, () => undefined)
  const toColumn: (Path | undefined)[] = Array.from({ length: width }, (_, c) => (c === start.c ? { cost: 0, cells: [start] } : undefined))
  for (let changed = true; changed; ) {
    changed = false
    for (let r = 0; r < height; r += 1)
      for (let c = 0; c < width; c += 1) {
        if (r === start.r && c === start.c) continue
        if (relax(net, { r, c }, -sign, toColumn[c], toRow[r])) changed = setTo(toRow, r, extend(net, { r, c }, toColumn[c]))
        if (r !== start.r && relax(net, { r, c }, sign, toRow[r], toColumn[c])) changed = setTo(toColumn, c, extend(net, { r, c }, toRow[r]))
      }
  }
  return toRow[start.r]
}

function relax(net: Net, cell: Cell, sign: number, from: Path | undefined, to: Path | undefined): boolean {
  if (from === undefined || !canChange(net, cell, sign)) return false
  return to === undefined || from.cost + costOf(net, cell) < to.cost
}

function setTo(paths: (Path | undefined)[], at: number, path: Path | undefined): true {
  paths[at] = path
  return true
}

const extend = (net: Net, cell: Cell, path: Path | undefined): Path => ({
  cost: (path?.cost ?? 0) + costOf(net, cell),
  cells: [...(path?.cells ?? []), cell],
})

/** Counts stay at least one, and the grand total what it is. A margin is taken negative: to add to it is to subtract from its count. */
function canChange(net: Net, { r, c }: Cell, sign: number): boolean {
  const [isLastRow, isLastColumn] = [r === net.counts.length - 1, c === (net.counts[0]?.length ?? 0) - 1]
  if (isLastRow && isLastColumn) return false
  const count = net.counts[r]?.[c] ?? 0
  return count > 1 || (count === 1 && (isLastRow || isLastColumn ? -sign : sign) > 0)
}

/**
 * Hidden cells are free; of shown ones fewer are better, then inner ones, then those that come first. How large they are has no say: a reader who
 * knows how cells are chosen could tell from a choice by size which sizes there are.
 */
function costOf(net: Net, { r, c }: Cell): number {
  if (isHidden(net, r, c)) return 0
  return r === net.counts.length - 1 || c === (net.counts[0]?.length ?? 0) - 1 ? 3 : 1
}
