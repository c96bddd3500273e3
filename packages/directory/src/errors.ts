/** Every way in which a file of records cannot be used, one row each; `docs/reference/errors.md` is made from this table. */
export const DIRECTORY_ERRORS = {
  CSV_EMPTY: 'a file of records has no header, or no record below it',
  CSV_ENCODING: 'a file of records is not UTF-8',
  CSV_HEADER: 'the header of a file of records has an empty or a repeated name',
  CSV_QUOTES: 'quotation marks in a file of records do not stand as RFC 4180 demands',
  CSV_RAGGED: 'a row has more or fewer cells than the header',
  CSV_SIZE: 'a file of records has more rows, columns or characters in a cell than allowed',
  COLUMN_MISSING: 'a file of records lacks a column that it must have',
  NPPES_HEADER: 'a header is that of none of the files of the national register',
  FHIR_DOCUMENT: 'a file of resources is neither NDJSON nor a Bundle',
  FHIR_REFERENCES: 'a load has more resources than references are kept for',
  ROSTER_FIELD: 'a field to compare in two rosters is not written as `NAME=COLUMN_A:COLUMN_B`, or is there twice',
  LINKAGE_ID: 'records are not named by one column with a different value in each row',
  LINKAGE_FIELDS: 'two files of records have too little in common to be compared',
  LINKAGE_KEY: 'the key of the consortium is not 32 bytes',
} as const

export type DirectoryErrorCode = keyof typeof DIRECTORY_ERRORS

/** A file that cannot be used: what was expected, what came, and where (`at`, such as `row 3`). Cells are never quoted: they are about people. */
export class DirectoryError extends Error {
  readonly code: DirectoryErrorCode
  readonly at: string | undefined

  constructor(code: DirectoryErrorCode, message: string, at?: string) {
    super(at === undefined ? message : `${at}: ${message}`)
    this.name = 'DirectoryError'
    this.code = code
    this.at = at
  }
}
