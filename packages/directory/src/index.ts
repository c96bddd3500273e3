/** `@fiducia/directory`: which records of two organizations may be about one person, from keyed encodings alone. Pure. */
export { type CsvTable, parseCsv } from './csv.ts'
export { DIRECTORY_ERRORS, DirectoryError, type DirectoryErrorCode } from './errors.ts'
export { agreeFields, type AgreedFields, type ColumnDescription, describeColumns, type Field, type Meaning } from './linkage/columns.ts'
export { encodeRecords, type EncodedRecords, type OwnRecords } from './linkage/encode.ts'
export { suggestLinks, type SuggestedLink, type SuggestedLinks, type SuggestOptions } from './linkage/suggest.ts'
