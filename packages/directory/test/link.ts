import { agreeFields, type CsvTable, describeColumns, encodeRecords, suggestLinks, type SuggestOptions } from '../src/index.ts'

/** What two organizations do one after the other, for tests that look at the result. */
export interface Linked {
  readonly pairs: readonly { readonly a: string; readonly b: string; readonly score: number }[]
  readonly threshold: number
  readonly expectedWrong: number | undefined
}

export const KEY = new Uint8Array(32).fill(7)
export const OTHER_KEY = new Uint8Array(32).fill(8)

export interface LinkOptions extends SuggestOptions {
  readonly id?: string
  readonly keyOfB?: Uint8Array
}

export function link(a: CsvTable, b: CsvTable, { id, keyOfB = KEY, ...options }: LinkOptions = {}): Linked {
  const [idA, idB] = [id ?? a.header[0] ?? '', id ?? b.header[0] ?? '']
  const fields = agreeFields(describeColumns(a, idA), describeColumns(b, idB))
  const [ownA, ownB] = [encodeRecords(a, idA, fields.a, KEY), encodeRecords(b, idB, fields.b, keyOfB)]
  const { links, threshold, expectedWrong } = suggestLinks(ownA.shown, ownB.shown, options)
  return { threshold, expectedWrong, pairs: links.map(({ a, b, score }) => ({ a: ownA.ids[a] ?? '', b: ownB.ids[b] ?? '', score })) }
}

/** Share of the true pairs that were found, and of the found ones that are true. `personOf` reads a person out of an id. */
export function judge(
  { pairs }: Linked,
  a: CsvTable,
  b: CsvTable,
  personOf: (id: string) => string,
): { readonly recall: number; readonly precision: number; readonly possible: number } {
  const people = new Set(a.rows.map(([id = '']) => personOf(id)))
  const possible = b.rows.filter(([id = '']) => people.has(personOf(id))).length
  const right = pairs.filter(({ a, b }) => personOf(a) === personOf(b)).length
  return { recall: right / possible, precision: right / Math.max(1, pairs.length), possible }
}
