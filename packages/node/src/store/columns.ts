/** Reading columns: what SQLite gives is checked before it is believed. */

type Row = Readonly<Record<string, unknown>>

const wrong = (name: string, wanted: string) => new Error(`the store is damaged: column \`${name}\` should hold ${wanted}`)

export function textColumn(row: Row, name: string): string {
  const value = row[name]
  if (typeof value !== 'string') throw wrong(name, 'text')
  return value
}

export function integerColumn(row: Row, name: string): number {
  const value = row[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(name, 'an integer')
  return value
}

export function bytesColumn(row: Row, name: string): Uint8Array {
  const value = row[name]
  if (!(value instanceof Uint8Array)) throw wrong(name, 'bytes')
  return value
}
