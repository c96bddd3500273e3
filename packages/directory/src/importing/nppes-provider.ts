import { isNpi } from '../facts/npi.ts'
import { npiSubject, roleSubject } from '../facts/subjects.ts'
import type { SubjectKey } from '../facts/types.ts'
import type { CsvRow } from '../reading/csv-row.ts'
import { createSeenRows } from '../reading/seen-rows.ts'
import { codeFinding, type Day, type Draft, genderOf, npiFinding, isTaxonomyCode, parseUsDay, setField } from './field-values.ts'
import type { Locate } from './locations.ts'
import { addressOf, type FieldColumn, knownProvider, type ProviderColumns, type TaxonomyColumns, valueOf } from './nppes-columns.ts'
import type { ReadRow, RowFormat } from './row-reader.ts'
import type { Finding, KindOf, SubjectFacts } from './types.ts'

/**
 * A row of the register's main file: one practitioner or organization, where it practices, and the role that joins the two. The
 * mailing address stays with the provider. The authorized official of an organization is a person who did not ask to be listed, and tax
 * numbers can be a person's own: neither is read.
 */
type Kind = 'practitioner' | 'organization'

interface Reading {
  readonly row: CsvRow
  readonly header: readonly string[]
  readonly columns: ProviderColumns
  readonly findings: Finding[]
}

export function createProviderRows(header: readonly string[], columns: ProviderColumns, locate: Locate, kindOf: KindOf): RowFormat {
  const seen = createSeenRows()
  const read: ReadRow = (row, findings) => {
    const reading: Reading = { row, header, columns, findings }
    const npi = readNpi(reading)
    if (npi === undefined) return undefined
    findDuplicate(reading, seen.see(npi, row.fingerprint()))
    const departed = readDeparture(reading, npi)
    const kind = KINDS[valueOf(row, columns.entityType)]
    if (kind !== undefined) return factsOf(reading, npi, kind, departed, locate)
    if (departed !== undefined) return departedFacts(npi, departed, kindOf(npi))
    findings.push({ code: 'ENTITY_TYPE', field: header[columns.entityType] ?? '' })
    return undefined
  }
  return { read, subjectOf: (row) => knownProvider(valueOf(row, columns.npi), (npi) => KINDS[valueOf(row, columns.entityType)] ?? kindOf(npi)) }
}

const KINDS: Readonly<Record<string, Kind | undefined>> = { '1': 'practitioner', '2': 'organization' }

function readNpi({ row, header, columns, findings }: Reading): string | undefined {
  const npi = valueOf(row, columns.npi)
  if (isNpi(npi)) return npi
  findings.push(npiFinding(header[columns.npi] ?? '', npi))
  return undefined
}

function findDuplicate({ header, columns, findings }: Reading, seen: 'new' | 'same' | 'other'): void {
  if (seen !== 'new') findings.push({ code: seen === 'same' ? 'DUPLICATE_ROW' : 'DUPLICATE_KEY', field: header[columns.npi] ?? '' })
}

// ---- departures -----------------------------------------------------------------------------------------------------------

/** The day of a deactivation that no reactivation followed. */
function readDeparture(reading: Reading, npi: string): Day | undefined {
  const { header, columns, findings, row } = reading
  const replacement = valueOf(row, columns.replacement)
  if (replacement !== '' && replacement !== npi) findings.push(codeFinding('NPI_REPLACED', header[columns.replacement] ?? '', replacement))
  const deactivated = readDay(reading, columns.deactivated)
  const reactivated = readDay(reading, columns.reactivated)
  if (deactivated === undefined || (reactivated !== undefined && reactivated.time >= deactivated.time)) return undefined
  findings.push({ code: 'NPI_DEACTIVATED', field: header[columns.deactivated] ?? '', value: npi })
  return deactivated
}

function readDay({ row, header, findings }: Reading, column: number): Day | undefined {
  const written = valueOf(row, column)
  if (written === '') return undefined
  const day = parseUsDay(written)
  if (day === undefined) findings.push({ code: 'VALUE_FORM', field: header[column] ?? '' })
  return day
}

/** The register empties the row of a deactivated NPI, its kind too. What nobody knows is said of both subjects that the NPI could name. */
function departedFacts(npi: string, departed: Day, known: Kind | undefined): readonly SubjectFacts[] {
  const kinds: readonly Kind[] = known === undefined ? ['practitioner', 'organization'] : [known]
  return kinds.map((kind) => ({ subject: npiSubject(kind, npi), fields: { npi, ...DEPARTED }, observedAt: departed.time }))
}

const DEPARTED = { 'npi.status': 'deactivated', status: 'departed' }

// ---- providers ------------------------------------------------------------------------------------------------------------

function factsOf(reading: Reading, npi: string, kind: Kind, departed: Day | undefined, locate: Locate): readonly SubjectFacts[] {
  const { row, columns } = reading
  const subject = npiSubject(kind, npi)
  const observedAt = (readDay(reading, columns.updated) ?? departed)?.time
  const fields: Draft = departed === undefined ? { npi, 'npi.status': 'active' } : { npi, ...DEPARTED }
  readFields(reading, kind === 'practitioner' ? columns.person : columns.organization, fields)
  if (kind === 'practitioner') readPerson(reading, fields)
  else readFields(reading, columns.practice, fields)
  const enumerated = readDay(reading, columns.enumerated)
  if (enumerated !== undefined) fields['npi.enumerated'] = enumerated.iso
  readFields(reading, columns.mailing, fields)
  // Last, because no two rows have these names: objects whose first members are alike are made faster.
  readTaxonomies(reading, fields)
  readIdentifiers(reading, fields)
  const place = locate(addressOf(row, columns.address))
  const facts = [{ subject, fields }, ...(place === undefined ? [] : placeFacts(reading, kind, subject, place))]
  return observedAt === undefined ? facts : facts.map((one) => ({ ...one, observedAt }))
}

function placeFacts(reading: Reading, kind: Kind, subject: SubjectKey, place: SubjectKey): readonly SubjectFacts[] {
  const location: Draft = {}
  readFields(reading, reading.columns.practice, location)
  const facts = { subject: place, fields: location }
  if (kind === 'organization') return [facts]
  const role: Draft = { practitioner: subject, location: place }
  for (const part of ['phone', 'fax'] as const) if (location[part] !== undefined) role[part] = location[part]
  return [facts, { subject: roleSubject(subject, null, place), fields: role }]
}

function readFields({ row, header, findings }: Reading, fields: readonly FieldColumn[], draft: Draft): void {
  for (const [field, column] of fields) if (!row.isEmpty(column)) setField(draft, field, valueOf(row, column), header[column] ?? '', findings)
}

function readPerson({ row, columns }: Reading, draft: Draft): void {
  const gender = genderOf(valueOf(row, columns.gender))
  if (gender !== undefined) draft['gender'] = gender
  // X: the question was not answered.
  if (draft['soleProprietor'] === 'X') delete draft['soleProprietor']
}

// ---- taxonomies and identifiers -------------------------------------------------------------------------------------------

function readTaxonomies(reading: Reading, draft: Draft): void {
  const { row, header, columns, findings } = reading
  let primary = -1
  columns.taxonomies.forEach((slot, i) => {
    if (row.isEmpty(slot.code) && row.isEmpty(slot.license)) return
    const isPrimary = valueOf(row, slot.primary).toUpperCase() === 'Y'
    if (isPrimary && primary < 0) primary = i
    readTaxonomy(reading, slot, isPrimary, draft)
  })
  const first = columns.taxonomies[0]?.primary ?? 0
  if (primary < 0) findings.push({ code: 'PRIMARY_TAXONOMY_MISSING', field: header[first] ?? '' })
  else if (primary > 0) findings.push({ code: 'PRIMARY_TAXONOMY_NOT_FIRST', field: header[columns.taxonomies[primary]?.primary ?? 0] ?? '' })
}

function readTaxonomy({ row, header, findings }: Reading, slot: TaxonomyColumns, isPrimary: boolean, draft: Draft): void {
  const written = valueOf(row, slot.code).toUpperCase()
  const code = isTaxonomyCode(written) ? written : ''
  if (written !== code) findings.push(codeFinding('TAXONOMY_CODE', header[slot.code] ?? '', written))
  if (code !== '' && draft[`taxonomy/${code}`] !== 'primary') draft[`taxonomy/${code}`] = isPrimary ? 'primary' : 'secondary'
  const license = valueOf(row, slot.license)
  if (license === '') return
  const name = `license/${valueOf(row, slot.state) || NO_STATE}/${license}`
  setField(draft, name, withMore(draft[name], code || NO_TAXONOMY), header[slot.license] ?? '', findings)
}

const NO_STATE = '-'
const NO_TAXONOMY = '-'

/** One licence can be for several taxonomies, and an issuer can have given several numbers: one after the other. */
const withMore = (known: string | undefined, value: string): string =>
  known === undefined ? value : known.split(' ').includes(value) ? known : `${known} ${value}`

/** `identifier/05/STATE` for Medicaid and other types that a state gives, `identifier/01/ISSUER` for those that somebody else does. */
function readIdentifiers({ row, header, columns, findings }: Reading, draft: Draft): void {
  for (const slot of columns.identifiers) {
    if (row.isEmpty(slot.value)) continue
    const [type, state, issuer] = [slot.type, slot.state, slot.issuer].map((column) => valueOf(row, column))
    const name = ['identifier', type || '01', ...[issuer, state].filter((part) => part !== undefined && part !== '')].join('/')
    setField(draft, name, withMore(draft[name], valueOf(row, slot.value)), header[slot.value] ?? '', findings)
  }
}
