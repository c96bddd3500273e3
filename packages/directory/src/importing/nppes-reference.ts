import { isNpi } from '../facts/npi.ts'
import { endpointSubject, npiSubject, roleSubject } from '../facts/subjects.ts'
import type { CsvRow } from '../reading/csv-row.ts'
import { NORMALIZERS } from '../normalize/normalizers.ts'
import { createSeenRows, hashOf } from '../reading/seen-rows.ts'
import type { Columns } from './columns.ts'
import { type Draft, npiFinding, setField } from './field-values.ts'
import type { Locate } from './locations.ts'
import { addressFields, addressOf, type FieldColumn, knownProvider, valueOf } from './nppes-columns.ts'
import type { ReadRow, RowFormat } from './row-reader.ts'
import type { Finding, KindOf, OtherNameOf, SubjectFacts } from './types.ts'

/**
 * The register's files beside the main one: other names, further practice locations, endpoints. They name a provider by its NPI and do not
 * say what kind it is; one NPI has many rows.
 */
type Kind = ReturnType<KindOf>

/** What one row says of the provider with this NPI. */
type Say = (row: CsvRow, npi: string, kind: Kind, findings: Finding[]) => readonly SubjectFacts[] | undefined

function rowsOf(columns: Columns, header: readonly string[], kindOf: KindOf, say: Say): RowFormat {
  const column = columns.need('NPI')
  const field = header[column] ?? ''
  const seen = createSeenRows()
  const read: ReadRow = (row, findings) => {
    const npi = valueOf(row, column)
    if (!isNpi(npi)) {
      findings.push(npiFinding(field, npi))
      return undefined
    }
    const print = row.fingerprint()
    if (seen.see(`${npi} ${print}`, print) === 'same') findings.push({ code: 'DUPLICATE_ROW', field })
    return say(row, npi, kindOf(npi), findings)
  }
  return { read, subjectOf: (row) => knownProvider(valueOf(row, column), kindOf) }
}

const fieldsOf = (row: CsvRow, header: readonly string[], fields: readonly FieldColumn[], findings: Finding[]): Draft => {
  const draft: Draft = {}
  for (const [field, column] of fields) setField(draft, field, valueOf(row, column), header[column] ?? '', findings)
  return draft
}

const whole = (facts: readonly SubjectFacts[]): readonly SubjectFacts[] => facts.filter(({ fields }) => Object.keys(fields).length > 0)

interface KnownProviders {
  readonly kindOf: KindOf
  readonly otherNameOf: OtherNameOf
}

/**
 * Only organizations have other names in a file of their own; a person's stands in the main file. The directory keeps one: that of the main
 * file, or the first one here. Each further one is found.
 */
export function createOtherNameRows(columns: Columns, header: readonly string[], { kindOf, otherNameOf }: KnownProviders): RowFormat {
  const column = columns.need('Provider Other Organization Name')
  const kept = createSeenRows()
  return rowsOf(columns, header, kindOf, (row, npi, _kind, findings) => {
    const fields = fieldsOf(row, header, [['otherName', column]], findings)
    const { otherName } = fields
    if (otherName === undefined) return []
    const before = kept.see(npi, hashOf(plainName(otherName)))
    const known = before === 'new' ? otherNameOf(npi) : undefined
    if (before === 'other' || (known !== undefined && plainName(known) !== plainName(otherName)))
      findings.push({ code: 'OTHER_NAME', field: header[column] ?? '' })
    return before === 'new' && known === undefined ? [{ subject: npiSubject('organization', npi), fields }] : []
  })
}

const plainName = (name: string): string => NORMALIZERS['organization-name'].normalize(name)

/**
 * A practitioner's row gives the location and the role there; an organization's the location alone. A row of an NPI that the directory does
 * not know is rejected with `ENTITY_TYPE`: the main file has to be loaded first.
 */
export function createPracticeRows(columns: Columns, header: readonly string[], locate: Locate, kindOf: KindOf): RowFormat {
  const of = (name: string) => columns.need(`Provider Secondary Practice Location Address - ${name}`)
  const address = {
    line: of('Address Line 1'),
    line2: of('Address Line 2'),
    city: of('City Name'),
    state: of('State Name'),
    postalCode: of('Postal Code'),
    country: of('Country Code (If outside U.S.)'),
  }
  const phones: readonly FieldColumn[] = [
    ['phone', of('Telephone Number')],
    ['fax', columns.need('Provider Practice Location Address - Fax Number', 'Provider Secondary Practice Location Address - Fax Number')],
  ]
  return rowsOf(columns, header, kindOf, (row, npi, kind, findings) => {
    const place = locate(addressOf(row, address))
    if (kind === undefined) findings.push({ code: 'ENTITY_TYPE', field: header[columns.need('NPI')] ?? '', value: npi })
    if (place === undefined) findings.push({ code: 'VALUE_FORM', field: header[address.line] ?? '' })
    if (kind === undefined || place === undefined) return undefined
    const reached = fieldsOf(row, header, phones, findings)
    const location = { subject: place, fields: { ...fieldsOf(row, header, addressFields(address), findings), ...reached } }
    if (kind === 'organization') return whole([location])
    const subject = npiSubject(kind, npi)
    return whole([location, { subject: roleSubject(subject, null, place), fields: { practitioner: subject, location: place, ...reached } }])
  })
}

export function createEndpointRows(columns: Columns, header: readonly string[], kindOf: KindOf): RowFormat {
  const address = columns.need('Endpoint')
  const fields: readonly FieldColumn[] = [
    ['address', address],
    ['connectionType', columns.need('Endpoint Type')],
    ['name', columns.need('Endpoint Description')],
  ]
  return rowsOf(columns, header, kindOf, (row, npi, kind, findings) => {
    const draft = fieldsOf(row, header, fields, findings)
    if (draft['address'] === undefined) {
      findings.push({ code: 'VALUE_FORM', field: header[address] ?? '' })
      return undefined
    }
    if (kind === 'organization') draft['organization'] = npiSubject(kind, npi)
    else findings.push({ code: 'ENDPOINT_OWNER', field: header[columns.need('NPI')] ?? '' })
    return [{ subject: endpointSubject(draft['address']), fields: draft }]
  })
}
