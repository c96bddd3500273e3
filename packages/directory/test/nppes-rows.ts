import { checkDigitOf } from '../src/index.ts'
import { createRandom, type Random } from './people.ts'

/**
 * Invented rows in the shape of the national register's main file: its 329 columns, every cell in quotation marks, most of them empty. The
 * same seed gives the same.
 */
const numbered = (count: number, names: readonly string[]): readonly string[] =>
  Array.from({ length: count }, (_, i) => names.map((name) => `${name}_${i + 1}`)).flat()

const addressColumns = (which: string): readonly string[] => [
  `Provider First Line Business ${which} Address`,
  `Provider Second Line Business ${which} Address`,
  ...['City Name', 'State Name', 'Postal Code', 'Country Code (If outside U.S.)', 'Telephone Number', 'Fax Number'].map(
    (name) => `Provider Business ${which} Address ${name}`,
  ),
]

const OTHER_NAME = ['Last Name', 'First Name', 'Middle Name', 'Name Prefix Text', 'Name Suffix Text', 'Credential Text', 'Last Name Type Code']

export const NPPES_HEADER: readonly string[] = [
  'NPI',
  'Entity Type Code',
  'Replacement NPI',
  'Employer Identification Number (EIN)',
  'Provider Organization Name (Legal Business Name)',
  'Provider Last Name (Legal Name)',
  'Provider First Name',
  'Provider Middle Name',
  'Provider Name Prefix Text',
  'Provider Name Suffix Text',
  'Provider Credential Text',
  'Provider Other Organization Name',
  'Provider Other Organization Name Type Code',
  ...OTHER_NAME.map((name) => `Provider Other ${name}`),
  ...addressColumns('Mailing'),
  ...addressColumns('Practice Location'),
  'Provider Enumeration Date',
  'Last Update Date',
  'NPI Deactivation Reason Code',
  'NPI Deactivation Date',
  'NPI Reactivation Date',
  'Provider Gender Code',
  ...['Last Name', 'First Name', 'Middle Name', 'Title or Position', 'Telephone Number'].map((name) => `Authorized Official ${name}`),
  ...numbered(15, [
    'Healthcare Provider Taxonomy Code',
    'Provider License Number',
    'Provider License Number State Code',
    'Healthcare Provider Primary Taxonomy Switch',
  ]),
  ...numbered(50, ['Other Provider Identifier', 'Other Provider Identifier Type Code', 'Other Provider Identifier State', 'Other Provider Identifier Issuer']),
  'Is Sole Proprietor',
  'Is Organization Subpart',
  'Parent Organization LBN',
  'Parent Organization TIN',
  ...['Name Prefix Text', 'Name Suffix Text', 'Credential Text'].map((name) => `Authorized Official ${name}`),
  ...numbered(15, ['Healthcare Provider Taxonomy Group']),
]

export type Cells = Readonly<Record<string, string>>

const quoted = (cells: readonly string[]): string => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')

/** A row with these cells, all others empty. */
export const nppesLine = (cells: Cells, header: readonly string[] = NPPES_HEADER): string => quoted(header.map((name) => cells[name] ?? ''))

export const nppesFile = (rows: readonly Cells[], header: readonly string[] = NPPES_HEADER): string =>
  [quoted(header), ...rows.map((cells) => nppesLine(cells, header))].join('\n')

export const npiOf = (index: number): string => {
  const nine = String(100_000_000 + index)
  return `${nine}${checkDigitOf(nine)}`
}

const practice = (cells: Cells, which = 'Practice Location'): Cells => ({
  [`Provider First Line Business ${which} Address`]: cells['line'] ?? '',
  ...Object.fromEntries(
    ['City Name', 'State Name', 'Postal Code', 'Country Code (If outside U.S.)', 'Telephone Number', 'Fax Number'].map((name) => [
      `Provider Business ${which} Address ${name}`,
      cells[name] ?? '',
    ]),
  ),
})

const PLACE: Cells = { line: '10 Harbor Road', 'City Name': 'Salem', 'State Name': 'OR', 'Postal Code': '973010001', 'Telephone Number': '5035550100' }

/** A person who practices in Salem; `cells` has the last word. */
export const clinician = (index: number, cells: Cells = {}): Cells => ({
  NPI: npiOf(index),
  'Entity Type Code': '1',
  'Provider Last Name (Legal Name)': 'ROWAN',
  'Provider First Name': 'ALDER',
  'Provider Gender Code': 'F',
  'Provider Enumeration Date': '05/23/2006',
  'Last Update Date': '07/08/2019',
  'Is Sole Proprietor': 'N',
  'Healthcare Provider Taxonomy Code_1': '207Q00000X',
  'Provider License Number_1': 'L100',
  'Provider License Number State Code_1': 'OR',
  'Healthcare Provider Primary Taxonomy Switch_1': 'Y',
  ...practice(PLACE),
  ...practice({ ...PLACE, line: 'PO Box 7' }, 'Mailing'),
  ...cells,
})

const STREETS = ['Harbor Road', 'Mill Street', 'Orchard Lane', 'Station Avenue', 'Bridge Street'] as const
const CITIES = ['Salem', 'Albany', 'Eugene', 'Bend', 'Astoria'] as const
const TAXONOMIES = ['207Q00000X', '207R00000X', '208000000X', '1223G0001X', '363L00000X'] as const

function anyone(index: number, random: Random): Cells {
  const word = () => Array.from({ length: 3 }, () => random.pick(['BA', 'DO', 'RE', 'MI', 'LU', 'SA', 'TE', 'NO'] as const)).join('')
  const address = {
    line: `${random.below(2_000)} ${random.pick(STREETS)}`,
    'City Name': random.pick(CITIES),
    'State Name': 'OR',
    'Postal Code': String(970_000_000 + random.below(9_999_999)),
    'Country Code (If outside U.S.)': 'US',
    'Telephone Number': String(5_035_000_000 + random.below(999_999)),
    'Fax Number': String(5_035_000_000 + random.below(999_999)),
  }
  return clinician(index, {
    'Provider Last Name (Legal Name)': word(),
    'Provider First Name': word(),
    'Provider Middle Name': word(),
    'Provider Credential Text': 'M.D.',
    'Healthcare Provider Taxonomy Code_1': random.pick(TAXONOMIES),
    'Provider License Number_1': String(random.below(99_999)),
    'Other Provider Identifier_1': String(random.below(999_999)),
    'Other Provider Identifier Type Code_1': '05',
    'Other Provider Identifier State_1': 'OR',
    ...practice(address),
    ...practice(address, 'Mailing'),
  })
}

/** As many rows of invented people, as a file. */
export function nppesPeople(seed: number, count: number): string {
  const random = createRandom(seed)
  return nppesFile(Array.from({ length: count }, (_, i) => anyone(i, random)))
}
