import type { ColumnMapping, FileReader } from './types.ts'

export interface CsvOptions {
  /** Names what has no NPI, together with the key of its row. */
  readonly origin: string
}

/** Throws an `InputError` that names what is wrong with a mapping. */
export function parseMapping(_value: unknown): ColumnMapping {
  throw new Error('not written yet')
}

export function createCsvReader(_mapping: ColumnMapping, _options: CsvOptions): FileReader {
  throw new Error('not written yet')
}
