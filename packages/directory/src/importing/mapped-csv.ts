import { isNpi } from '../facts/npi.ts'
import { identifierSubject, npiSubject, participationSubject, roleSubject } from '../facts/subjects.ts'
import type { SubjectKey, SubjectKind } from '../facts/types.ts'
import { MAX_KNOWN_SPELLINGS } from '../limits.ts'
import { NORMALIZERS } from '../normalize/normalizers.ts'
import type { CsvRow } from '../reading/csv-row.ts'
import { createSeenRows, hashOf } from '../reading/seen-rows.ts'
import { columnsOf, plainName } from './columns.ts'
import { codeFinding, type Draft, npiFinding, setField } from './field-values.ts'
import { createLocator, type Locate } from './locations.ts'
import { mappedValue } from './mapped-values.ts'
import { type MappedField, mappedFields } from './mapping.ts'
import { createRowReader, type ReadRow, type RowFormat } from './row-reader.ts'
import type { ColumnMapping, FileReader, Finding, SubjectFacts } from './types.ts'

/**
 * Rows of any CSV file, by a mapping. A row speaks of one practitioner (of one organization, where no field is a practitioner's) and,
 * where it has fields of them, of an organization, a location, the role that joins them and a participation in a network. Several rows
 * of one key are its several locations, as long as they agree on whom the key names.
 */
export interface CsvOptions {
  /** Names what has no NPI, together with the key of its row. */
  readonly origin: string
}

/** Throws `COLUMN_MISSING` for a mapping of columns that the file has not, with the names that come near. */
export const createCsvReader = (mapping: ColumnMapping, { origin }: CsvOptions): FileReader => {
  const fields = mappedFields(mapping)
  return createRowReader((header) => createMappedRows(planOf(mapping, fields, header, origin)))
}

interface PlannedField extends MappedField {
  readonly place: number
}

interface Plan {
  readonly origin: string
  readonly key: { readonly name: string; readonly place: number; readonly isNpi: boolean; readonly kind: 'practitioner' | 'organization' }
  readonly fields: readonly PlannedField[]
  readonly locate: Locate
  readonly print: (draft: Draft) => number
}

type Drafts = { readonly [kind in SubjectKind]: Draft }

function planOf(mapping: ColumnMapping, mapped: readonly MappedField[], header: readonly string[], origin: string): Plan {
  const { need } = columnsOf(header)
  const fields = mapped.map((field) => ({ ...field, place: need(field.column) }))
  const kind = !fields.some((field) => field.kind === 'practitioner') && fields.some((field) => field.kind === 'organization') ? 'organization' : 'practitioner'
  const isNpiColumn = isNpiName(mapping.key) || fields.some(({ field, column }) => field === 'npi' && column === mapping.key)
  return {
    origin,
    key: { name: mapping.key, place: need(mapping.key), isNpi: isNpiColumn, kind },
    fields,
    locate: createLocator(),
    print: printer(fields.filter((field) => field.kind === kind)),
  }
}

/** `NPI`, `npi_number`, `ProviderNPI`, `NPINumber` and the long name. */
function isNpiName(column: string): boolean {
  const words = plainName(column.replaceAll(/(\p{Ll})(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$2 '))
  return words.split(' ').includes('npi') || words.includes('national provider id')
}

function createMappedRows(plan: Plan): RowFormat {
  const [keys, rows] = [createSeenRows(), createSeenRows()]
  /** First keys that are NPIs, where nobody says that keys are. */
  let npis = plan.key.isNpi || plan.fields.some(({ kind, field }) => kind === plan.key.kind && field === 'npi') ? FIRST_KEYS : 0
  const read: ReadRow = (row, findings) => {
    const key = readKey(plan, row, findings)
    if (key === undefined) return undefined
    const drafts = draftsOf(plan, row, findings)
    const subject = keySubject(plan, key, drafts[plan.key.kind])
    const field = plan.key.name
    const print = row.fingerprint()
    if (rows.see(`${key} ${print}`, print) === 'same') findings.push({ code: 'DUPLICATE_ROW', field })
    const before = keys.see(key, plan.print(drafts[plan.key.kind]))
    if (before === 'other') findings.push({ code: 'DUPLICATE_KEY', field })
    if (npis < FIRST_KEYS && before === 'new') {
      npis = isNpi(key) ? npis + 1 : FIRST_KEYS + 1
      if (npis === FIRST_KEYS) findings.push({ code: 'KEY_IS_NPI', field })
    }
    return factsOf(plan, subject, key, drafts)
  }
  return { read, subjectOf: (row) => rejectedSubject(plan, row) }
}

/** Cells that are not UTF-8 name nobody. */
function rejectedSubject(plan: Plan, row: CsvRow): SubjectKey | undefined {
  const key = readKey(plan, row, [])
  return key === undefined || key.includes('\uFFFD') ? undefined : keySubject(plan, key, draftsOf(plan, row, [])[plan.key.kind])
}

/** Numbers of another kind pass as NPIs once in fifty: so many in a row hardly ever do. */
const FIRST_KEYS = 5

function readKey({ key }: Plan, row: CsvRow, findings: Finding[]): string | undefined {
  const value = row.cell(key.place).trim()
  if (key.isNpi ? isNpi(value) : value !== '') return value
  findings.push(key.isNpi ? npiFinding(key.name, value) : { code: 'KEY_MISSING', field: key.name })
  return undefined
}

/**
 * What a row may say only once of a key: everything but what comes in many of a kind. Two spellings of one value say the same.
 * Normalized values are remembered, because names come again and again.
 */
function printer(fields: readonly PlannedField[]): Plan['print'] {
  const single = fields.filter(({ field }) => !field.endsWith('/*')).map((field) => ({ ...field, known: new Map<string, string>() }))
  return (draft) => single.reduce((hash, one) => hashOf(`${normalized(one, draft[one.field] ?? '')}\n`, hash), 0)
}

function normalized({ normalizer, known }: PlannedField & { readonly known: Map<string, string> }, value: string): string {
  const found = known.get(value)
  if (found !== undefined) return found
  if (known.size === MAX_KNOWN_SPELLINGS) known.clear()
  const normal = NORMALIZERS[normalizer].normalize(value)
  known.set(value, normal)
  return normal
}

// ---- fields ---------------------------------------------------------------------------------------------------------------

function draftsOf({ fields }: Plan, row: CsvRow, findings: Finding[]): Drafts {
  const drafts: Drafts = { practitioner: {}, organization: {}, location: {}, role: {}, participation: {}, endpoint: {} }
  for (const field of fields) {
    const cell = row.cell(field.place).trim()
    if (cell !== '') setMapped(drafts[field.kind], field, cell, findings)
  }
  return drafts
}

function setMapped(draft: Draft, { field, normalizer, column }: PlannedField, cell: string, findings: Finding[]): void {
  const value = mappedValue(field, normalizer, cell)
  if (field === 'npi' && !isNpi(cell)) findings.push(npiFinding(column, cell))
  else if (value === undefined && field === 'taxonomy/*') findings.push(codeFinding('TAXONOMY_CODE', column, cell))
  else if (value === undefined) findings.push({ code: 'VALUE_FORM', field: column })
  else if (field.endsWith('/*')) setField(draft, `${field.slice(0, -1)}${value}`, 'listed', column, findings)
  else setField(draft, field, value, column, findings)
}

// ---- subjects -------------------------------------------------------------------------------------------------------------

/** By its NPI, wherever in the row it stands; else by its key in this source. */
function keySubject({ key, origin }: Plan, value: string, draft: Draft): SubjectKey {
  if (key.isNpi) draft['npi'] = value
  return draft['npi'] === undefined ? identifierSubject(key.kind, origin, value) : npiSubject(key.kind, draft['npi'])
}

function factsOf(plan: Plan, subject: SubjectKey, key: string, drafts: Drafts): readonly SubjectFacts[] {
  const location = locationOf(plan, key, drafts.location)
  const own: SubjectFacts[] = [{ subject, fields: drafts[plan.key.kind] }]
  if (location !== undefined) own.push({ subject: location, fields: drafts.location })
  const others = plan.key.kind === 'organization' ? participationFacts(plan, subject, drafts) : practitionerFacts(plan, subject, location, drafts)
  return [...own, ...others].filter(({ fields }) => Object.keys(fields).length > 0)
}

function practitionerFacts(plan: Plan, practitioner: SubjectKey, location: SubjectKey | undefined, drafts: Drafts): readonly SubjectFacts[] {
  const organization = organizationOf(plan, drafts.organization)
  const isRole = organization !== undefined || location !== undefined || Object.keys(drafts.role).length > 0
  if (!isRole) return participationFacts(plan, practitioner, drafts)
  const links: Draft = { practitioner, ...(organization !== undefined && { organization }), ...(location !== undefined && { location }) }
  const role = roleSubject(practitioner, organization ?? null, location ?? null)
  return [
    ...(organization === undefined ? [] : [{ subject: organization, fields: drafts.organization }]),
    { subject: role, fields: { ...links, ...drafts.role } },
    ...participationFacts(plan, role, drafts),
  ]
}

/** An organization without an NPI goes by its name within this source. */
function organizationOf({ origin }: Plan, { npi, name }: Draft): SubjectKey | undefined {
  if (npi !== undefined) return npiSubject('organization', npi)
  const normal = name === undefined ? '' : NORMALIZERS['organization-name'].normalize(name)
  return normal === '' ? undefined : identifierSubject('organization', origin, normal)
}

/** A location with too little of an address to be one place for everybody is one of this key alone. */
function locationOf({ locate, origin }: Plan, key: string, draft: Draft): SubjectKey | undefined {
  if (Object.keys(draft).length === 0) return undefined
  const { line = '', line2 = '', city = '', state = '', postalCode = '', country = '' } = draft
  const place = locate({ line, line2, city, state, postalCode, country })
  return place ?? identifierSubject('location', origin, [key, line, line2, city, state, postalCode, country].join('\n'))
}

/** The network goes by its name within this source, and is an organization of that name. */
function participationFacts({ origin }: Plan, participant: SubjectKey, { participation }: Drafts): readonly SubjectFacts[] {
  const name = participation['network']
  const normal = name === undefined ? '' : NORMALIZERS['organization-name'].normalize(name)
  if (name === undefined || normal === '') return []
  const network = identifierSubject('organization', origin, normal)
  return [
    { subject: network, fields: { name } },
    { subject: participationSubject(participant, network), fields: { ...participation, participant, network } },
  ]
}
