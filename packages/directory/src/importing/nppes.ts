import { DirectoryError } from '../errors.ts'
import { type Columns, columnsOf } from './columns.ts'
import { createLocator } from './locations.ts'
import { PROVIDER_MARKS, providerColumns } from './nppes-columns.ts'
import { createProviderRows } from './nppes-provider.ts'
import { createEndpointRows, createOtherNameRows, createPracticeRows } from './nppes-reference.ts'
import { createRowReader, type RowFormat } from './row-reader.ts'
import type { FileReader, KindOf, OtherNameOf } from './types.ts'

export interface NppesOptions {
  /** What the directory already holds of an NPI: some files, and the rows of deactivated NPIs, do not say whether it names a person. */
  readonly kindOf?: KindOf
  /** What the main file of the load calls an organization beside its name. */
  readonly otherNameOf?: OtherNameOf
}

/**
 * Reads one file of the national register (NPPES): the main file in either version, other names, practice locations, endpoints, whole or
 * a week's increment; its header says which. Throws `NPPES_HEADER` for another file and `COLUMN_MISSING`, with the name, for
 * a file of the register that lacks a column.
 */
export function createNppesReader({ kindOf = () => undefined, otherNameOf = () => undefined }: NppesOptions = {}): FileReader {
  return createRowReader((header) => {
    const columns = columnsOf(header)
    const file = fileOf(columns)
    return ROWS[file](columns, header, { kindOf, otherNameOf })
  })
}

/** Whether this is the header of the main file, which says what the NPIs of all others name. */
export const isMainFile = (header: readonly string[]): boolean => markedFile(columnsOf(header)) === 'providers'

/** Columns by which a file is known. Half of them will do, so that one with a column too few is told which. */
const MARKS = {
  providers: PROVIDER_MARKS,
  otherNames: ['NPI', 'Provider Other Organization Name', 'Provider Other Organization Name Type Code'],
  practices: [
    'NPI',
    'Provider Secondary Practice Location Address - Address Line 1',
    'Provider Secondary Practice Location Address - City Name',
    'Provider Secondary Practice Location Address - Postal Code',
  ],
  endpoints: ['NPI', 'Endpoint Type', 'Endpoint', 'Endpoint Description'],
} as const

type File = keyof typeof MARKS

const ROWS: { readonly [file in File]: (columns: Columns, header: readonly string[], known: Required<NppesOptions>) => RowFormat } = {
  providers: (columns, header, { kindOf }) => createProviderRows(header, providerColumns(columns), createLocator(), kindOf),
  otherNames: (columns, header, known) => createOtherNameRows(columns, header, known),
  practices: (columns, header, { kindOf }) => createPracticeRows(columns, header, createLocator(), kindOf),
  endpoints: (columns, header, { kindOf }) => createEndpointRows(columns, header, kindOf),
}

/** In this order: the main file has columns of other names too. */
function markedFile({ find }: Columns): File | undefined {
  for (const [file, marks] of Object.entries(MARKS)) {
    const found = marks.filter((name) => find(name) !== undefined).length
    if (found * 2 > marks.length) return file as File
  }
  return undefined
}

function fileOf(columns: Columns): File {
  const file = markedFile(columns)
  if (file !== undefined) return file
  throw new DirectoryError('NPPES_HEADER', 'expected the header of a file of the national register, found another one', 'row 1')
}
