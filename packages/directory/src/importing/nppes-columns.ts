import { isNpi } from '../facts/npi.ts'
import { npiSubject } from '../facts/subjects.ts'
import type { SubjectKey } from '../facts/types.ts'
import type { CsvRow } from '../reading/csv-row.ts'
import type { Columns } from './columns.ts'
import { ADDRESS_PARTS, type Address } from './locations.ts'
import type { KindOf } from './types.ts'

/**
 * The columns of the register's main file by name ("NPPES Data Dissemination", Centers for Medicare & Medicaid Services), in both
 * versions: V2 widens columns and calls one of them otherwise. Every column that is read must be there: a renamed one would otherwise be
 * a fact that silently vanishes.
 */
export interface ProviderColumns {
  readonly npi: number
  readonly entityType: number
  readonly replacement: number
  readonly updated: number
  readonly deactivated: number
  readonly reactivated: number
  readonly enumerated: number
  readonly gender: number
  /** Fields that are a column's text. */
  readonly person: readonly FieldColumn[]
  readonly organization: readonly FieldColumn[]
  readonly mailing: readonly FieldColumn[]
  readonly practice: readonly FieldColumn[]
  /** The parts of the practice address alone. */
  readonly address: AddressColumns
  readonly taxonomies: readonly TaxonomyColumns[]
  readonly identifiers: readonly IdentifierColumns[]
}

export type FieldColumn = readonly [field: string, column: number]
export type AddressColumns = { readonly [part in keyof Address]: number }

export type TaxonomyColumns = { readonly [name in keyof typeof TAXONOMY]: number }
export type IdentifierColumns = { readonly [name in keyof typeof IDENTIFIER]: number }

const PERSON = {
  'name.family': 'Provider Last Name (Legal Name)',
  'name.given': 'Provider First Name',
  'name.middle': 'Provider Middle Name',
  'name.prefix': 'Provider Name Prefix Text',
  'name.suffix': 'Provider Name Suffix Text',
  'name.credential': 'Provider Credential Text',
  'otherName.family': 'Provider Other Last Name',
  'otherName.given': 'Provider Other First Name',
}

const ORGANIZATION = {
  name: 'Provider Organization Name (Legal Business Name)',
  otherName: 'Provider Other Organization Name',
  partOf: 'Parent Organization LBN',
}

const TAXONOMY = {
  code: 'Healthcare Provider Taxonomy Code',
  license: 'Provider License Number',
  state: 'Provider License Number State Code',
  primary: 'Healthcare Provider Primary Taxonomy Switch',
}

const IDENTIFIER = {
  value: 'Other Provider Identifier',
  type: 'Other Provider Identifier Type Code',
  state: 'Other Provider Identifier State',
  issuer: 'Other Provider Identifier Issuer',
}

/** What a file must have at least to be taken for the main one; which other columns it lacks is then worth saying. */
export const PROVIDER_MARKS = ['NPI', 'Entity Type Code', 'Provider Last Name (Legal Name)', 'Provider Enumeration Date', 'Healthcare Provider Taxonomy Code_1']

/** Throws `COLUMN_MISSING`. */
export function providerColumns(columns: Columns): ProviderColumns {
  const { need } = columns
  const fields = (names: { readonly [field: string]: string }): readonly FieldColumn[] => Object.entries(names).map(([field, name]) => [field, need(name)])
  return {
    npi: need('NPI'),
    entityType: need('Entity Type Code'),
    replacement: need('Replacement NPI'),
    updated: need('Last Update Date'),
    deactivated: need('NPI Deactivation Date'),
    reactivated: need('NPI Reactivation Date'),
    enumerated: need('Provider Enumeration Date'),
    gender: need('Provider Gender Code', 'Provider Sex Code'),
    person: [...fields(PERSON), ['soleProprietor', need('Is Sole Proprietor')]],
    organization: fields(ORGANIZATION),
    mailing: reachedFields(need, 'Mailing').map(([field, column]) => [`mailing.${field}`, column]),
    practice: reachedFields(need, 'Practice Location'),
    address: addressColumns(need, 'Practice Location'),
    taxonomies: slots(columns, TAXONOMY),
    identifiers: slots(columns, IDENTIFIER),
  }
}

function addressColumns(need: Columns['need'], which: string): AddressColumns {
  return {
    line: need(`Provider First Line Business ${which} Address`),
    line2: need(`Provider Second Line Business ${which} Address`),
    city: need(`Provider Business ${which} Address City Name`),
    state: need(`Provider Business ${which} Address State Name`),
    postalCode: need(`Provider Business ${which} Address Postal Code`),
    country: need(`Provider Business ${which} Address Country Code (If outside U.S.)`),
  }
}

const reachedFields = (need: Columns['need'], which: string): readonly FieldColumn[] => [
  ...addressFields(addressColumns(need, which)),
  ['phone', need(`Provider Business ${which} Address Telephone Number`)],
  ['fax', need(`Provider Business ${which} Address Fax Number`)],
]

/** Slots are numbered from 1 without a gap; a column that one of them lacks is missed. */
function slots<Name extends string>({ find, need }: Columns, names: { readonly [name in Name]: string }): readonly { readonly [name in Name]: number }[] {
  const entries = Object.entries<string>(names)
  let last = 1
  for (let i = 1; i <= MAX_SLOTS; i += 1) if (entries.some(([, name]) => find(`${name}_${i}`) !== undefined)) last = i
  const slot = (i: number) => Object.fromEntries(entries.map(([key, name]) => [key, need(`${name}_${i}`)]))
  return Array.from({ length: last }, (_, i) => slot(i + 1) as { readonly [name in Name]: number })
}

/** The file has 15 taxonomies and 50 identifiers. */
const MAX_SLOTS = 50

/** The provider that an NPI with a valid check digit names, where it is known what it is. */
export function knownProvider(npi: string, kindOf: KindOf): SubjectKey | undefined {
  const kind = isNpi(npi) ? kindOf(npi) : undefined
  return kind === undefined ? undefined : npiSubject(kind, npi)
}

/** A cell as a value: trimmed, and empty where the register says that it says nothing. */
export function valueOf(row: CsvRow, column: number): string {
  if (row.isEmpty(column)) return ''
  const text = row.cell(column).trim()
  // The register hides numbers so.
  return text === '<UNAVAIL>' || text === '--' ? '' : text
}

export function addressOf(row: CsvRow, columns: AddressColumns): Address {
  const { line, line2, city, state, postalCode, country } = columns
  return {
    line: valueOf(row, line),
    line2: valueOf(row, line2),
    city: valueOf(row, city),
    state: valueOf(row, state),
    postalCode: valueOf(row, postalCode),
    country: valueOf(row, country),
  }
}

/** `line`, `line2` and so on, each with its column. */
export const addressFields = (columns: AddressColumns): readonly FieldColumn[] => ADDRESS_PARTS.map((part) => [part, columns[part]])
