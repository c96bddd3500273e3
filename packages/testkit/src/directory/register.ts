import { checkDigitOf } from '@fiducia/directory'
import { createRandom, type Random } from '../people/random.ts'

/**
 * An invented register of practitioners in the shape of the national one (NPPES, 329 columns), in two editions: between them some moved,
 * some changed their name, some left. Errors are planted so that whoever loads it can be judged. The same seed gives the same; nobody in it exists.
 */
export interface RegisterOptions {
  readonly seed: string
  readonly practitioners: number
}

export interface Register {
  readonly header: string
  /** Rows of the first or the second edition, without line ends. */
  rows(edition: 1 | 2): Iterable<string>
  readonly npiOf: (index: number) => string
  /** What becomes of a practitioner, by index. */
  readonly fateOf: (index: number) => Fate
}

/** `wrong-npi`: a check digit that does not hold, in both editions. `duplicate`: the row stands twice. */
export type Fate = 'stays' | 'moves' | 'renames' | 'leaves' | 'wrong-npi' | 'no-primary' | 'duplicate'

/** Of 100 practitioners, by the last two digits of their index. */
const FATES: readonly (readonly [below: number, fate: Fate])[] = [
  [80, 'stays'],
  [88, 'moves'],
  [91, 'renames'],
  [94, 'leaves'],
  [95, 'wrong-npi'],
  [98, 'no-primary'],
  [100, 'duplicate'],
]

const fateOf = (index: number): Fate => FATES.find(([below]) => index % 100 < below)?.[1] ?? 'stays'

/** The largest prime below 10^8: multiplying by another number spreads indexes over all NPIs, each once. */
const SPREAD_OVER = 99_999_989
const SPREAD_BY = 48_271

function npiOf(index: number): string {
  const nine = String(100_000_000 + ((index * SPREAD_BY) % SPREAD_OVER))
  return `${nine}${checkDigitOf(nine)}`
}

const numbered = (count: number, names: readonly string[]): readonly string[] =>
  Array.from({ length: count }, (_, i) => names.map((name) => `${name}_${i + 1}`)).flat()

const ADDRESS = ['City Name', 'State Name', 'Postal Code', 'Country Code (If outside U.S.)', 'Telephone Number', 'Fax Number'] as const

const addressColumns = (which: string): readonly string[] => [
  `Provider First Line Business ${which} Address`,
  `Provider Second Line Business ${which} Address`,
  ...ADDRESS.map((name) => `Provider Business ${which} Address ${name}`),
]

const OFFICIAL = ['Last Name', 'First Name', 'Middle Name', 'Title or Position', 'Telephone Number'].map((name) => `Authorized Official ${name}`)

const COLUMNS: readonly string[] = [
  'NPI',
  'Entity Type Code',
  'Replacement NPI',
  'Employer Identification Number (EIN)',
  'Provider Organization Name (Legal Business Name)',
  ...['Last Name (Legal Name)', 'First Name', 'Middle Name', 'Name Prefix Text', 'Name Suffix Text', 'Credential Text'].map((name) => `Provider ${name}`),
  ...['Other Organization Name', 'Other Organization Name Type Code', 'Other Last Name', 'Other First Name', 'Other Middle Name'].map(
    (name) => `Provider ${name}`,
  ),
  ...['Other Name Prefix Text', 'Other Name Suffix Text', 'Other Credential Text', 'Other Last Name Type Code'].map((name) => `Provider ${name}`),
  ...addressColumns('Mailing'),
  ...addressColumns('Practice Location'),
  'Provider Enumeration Date',
  'Last Update Date',
  'NPI Deactivation Reason Code',
  'NPI Deactivation Date',
  'NPI Reactivation Date',
  'Provider Gender Code',
  ...OFFICIAL,
  ...numbered(15, [
    'Healthcare Provider Taxonomy Code',
    'Provider License Number',
    'Provider License Number State Code',
    'Healthcare Provider Primary Taxonomy Switch',
  ]),
  ...numbered(
    50,
    ['', ' Type Code', ' State', ' Issuer'].map((name) => `Other Provider Identifier${name}`),
  ),
  'Is Sole Proprietor',
  'Is Organization Subpart',
  'Parent Organization LBN',
  'Parent Organization TIN',
  ...['Name Prefix Text', 'Name Suffix Text', 'Credential Text'].map((name) => `Authorized Official ${name}`),
  ...numbered(15, ['Healthcare Provider Taxonomy Group']),
]

const PLACE_OF = new Map(COLUMNS.map((name, i) => [name, i]))

const SYLLABLES = [
  'al',
  'bar',
  'cor',
  'den',
  'el',
  'fen',
  'gar',
  'hol',
  'in',
  'jor',
  'kel',
  'lan',
  'mor',
  'nor',
  'os',
  'pel',
  'quin',
  'ros',
  'sel',
  'tor',
] as const
const ENDS = ['by', 'dale', 'ford', 'ham', 'ley', 'man', 'ner', 'ster', 'ton', 'well'] as const
const STREETS = ['Harbor Road', 'Mill Street', 'Orchard Lane', 'Station Avenue', 'Bridge Street', 'Chapel Row'] as const
type City = readonly [name: string, state: string, postalCode: string]
const CITIES: readonly [City, ...City[]] = [
  ['Salem', 'OR', '97301'],
  ['Eugene', 'OR', '97401'],
  ['Olympia', 'WA', '98501'],
  ['Tacoma', 'WA', '98401'],
  ['Boise', 'ID', '83701'],
  ['Reno', 'NV', '89501'],
]
const TAXONOMIES = ['207Q00000X', '207R00000X', '208000000X', '1223G0001X', '363L00000X'] as const

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const name = (random: Random): string => capital(random.pick(SYLLABLES) + random.pick(SYLLABLES) + random.pick(ENDS))

/** Eight practitioners share an address, as in a group practice. */
const SHARED_BY = 8

function placeCells(seed: string, group: number): Readonly<Record<string, string>> {
  const random = createRandom(`${seed}/place ${group}`)
  const [city, state, postalCode] = random.pick(CITIES)
  const [first, ...rest] = addressColumns('Practice Location')
  const values = ['', city, state, postalCode, 'US', `503555${String(group % 10_000).padStart(4, '0')}`, '']
  return { [first ?? '']: `${group + 1} ${random.pick(STREETS)}`, ...Object.fromEntries(rest.map((column, i) => [column, values[i] ?? ''])) }
}

function personCells(seed: string, index: number, edition: 1 | 2): Readonly<Record<string, string>> {
  const random = createRandom(`${seed}/${index}`)
  const fate = fateOf(index)
  const npi = npiOf(index)
  const family = name(random)
  const group = Math.floor(index / SHARED_BY)
  return {
    NPI: fate === 'wrong-npi' ? npi.slice(0, 9) + String((Number(npi[9]) + 1) % 10) : npi,
    'Entity Type Code': '1',
    'Provider Last Name (Legal Name)': edition === 2 && fate === 'renames' ? name(random.fork('renamed')) : family,
    'Provider First Name': capital(random.pick(SYLLABLES) + random.pick(SYLLABLES)),
    'Provider Credential Text': random.pick(['MD', 'DO', 'NP', 'DDS'] as const),
    'Provider Enumeration Date': '05/23/2006',
    'Last Update Date': edition === 2 && fate !== 'stays' ? '11/02/2026' : '10/05/2026',
    'Provider Gender Code': random.pick(['F', 'M'] as const),
    'Is Sole Proprietor': 'N',
    'Healthcare Provider Taxonomy Code_1': random.pick(TAXONOMIES),
    'Provider License Number_1': `L${index}`,
    'Provider License Number State Code_1': 'OR',
    'Healthcare Provider Primary Taxonomy Switch_1': fate === 'no-primary' ? 'N' : 'Y',
    ...placeCells(seed, edition === 2 && fate === 'moves' ? group + 1 : group),
  }
}

const quoted = (cells: readonly string[]): string => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')

function line(cells: Readonly<Record<string, string>>): string {
  const row = COLUMNS.map(() => '')
  for (const [column, value] of Object.entries(cells)) row[PLACE_OF.get(column) ?? 0] = value
  return quoted(row)
}

export function createRegister({ seed, practitioners }: RegisterOptions): Register {
  function* rows(edition: 1 | 2): Generator<string> {
    for (let index = 0; index < practitioners; index += 1) {
      const fate = fateOf(index)
      if (edition === 2 && fate === 'leaves') continue
      const row = line(personCells(seed, index, edition))
      yield row
      if (fate === 'duplicate') yield row
    }
  }
  return { header: quoted(COLUMNS), rows, npiOf, fateOf }
}
