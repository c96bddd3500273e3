/** Rows as lines with columns of one width; the first row is the heading. Cells longer than `width` are cut. */
export function tableOf(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => cut(cell, width)))
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A terminal does what control characters say, so none is printed. */
function cut(text: string, width: number): string {
  const plain = text.replaceAll(/\p{C}/gu, ' ')
  return plain.length > width ? `${plain.slice(0, width - 1)}…` : plain
}
