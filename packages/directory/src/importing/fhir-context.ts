import { npiSubject, subjectKind } from '../facts/subjects.ts'
import type { SubjectKey, SubjectKind } from '../facts/types.ts'
import { dayOf, type Draft, setField } from './field-values.ts'
import { childOf, childrenOf, type Element, extensionsOf, flagOf, PLAN_NET, textOf } from './fhir-element.ts'
import { codesOf, writtenCode } from './fhir-codes.ts'
import { addressOf, type Naming, npiOfReference } from './fhir-subjects.ts'
import { ADDRESS_PARTS } from './locations.ts'
import type { ReferenceIndex, SubjectFacts } from './types.ts'

/** What the mappings of all resources share. */
export interface FhirContext extends Naming {
  readonly references: ReferenceIndex
  /** The load's own instant, milliseconds. */
  readonly observedAt: number
}

/** A resource with its own name in its source; gives what it says, or nothing where it is no subject here. */
export type ReadResource = (resource: Element, sourceId: string, context: FhirContext) => readonly SubjectFacts[]

// ---- references -----------------------------------------------------------------------------------------------------------

const KINDS: { readonly [type: string]: SubjectKind | undefined } = {
  Practitioner: 'practitioner',
  Organization: 'organization',
  Location: 'location',
  Endpoint: 'endpoint',
}

/** Where a Reference points; undefined, and found, where it points to nothing or to another kind than `type`. */
export function targetOf(reference: Element, type: string, { references }: FhirContext): SubjectKey | undefined {
  const written = textOf(reference, 'reference')
  const kind = KINDS[type]
  if (written === undefined) {
    const npi = npiOfReference(reference)
    return npi !== undefined && (kind === 'practitioner' || kind === 'organization') ? npiSubject(kind, npi) : undefined
  }
  const plain = written.replace(/\/_history\/[^/]*$/, '')
  const field = `${reference.path}.reference`
  const subject = references.get(plain)
  if (subject === undefined && !references.has(plain)) reference.findings.push({ code: 'REFERENCE_DANGLING', field, value: plain.slice(0, SHOWN_REFERENCE) })
  else if (subject === undefined ? !isOfType(plain, type) : subjectKind(subject) !== kind)
    reference.findings.push({ code: 'REFERENCE_KIND', field, value: plain.slice(0, SHOWN_REFERENCE) })
  else return subject
  return undefined
}

const SHOWN_REFERENCE = 200

/** What an address says of its own kind; one that says nothing, such as a UUID, may be of any. */
const isOfType = (reference: string, type: string): boolean => !/^[A-Z][A-Za-z]+\/[^/]+$/.test(reference) || reference.startsWith(`${type}/`)

export const targetIn = (element: Element, name: string, type: string, context: FhirContext): SubjectKey | undefined => {
  const reference = childOf(element, name)
  return reference === undefined ? undefined : targetOf(reference, type, context)
}

export const targetsIn = (element: Element, name: string, type: string, context: FhirContext): readonly SubjectKey[] =>
  childrenOf(element, name).flatMap((reference) => targetOf(reference, type, context) ?? [])

// ---- fields ---------------------------------------------------------------------------------------------------------------

export function setText(draft: Draft, field: string, element: Element, name: string): void {
  const text = textOf(element, name)
  if (text !== undefined) setField(draft, field, text, `${element.path}.${name}`, element.findings)
}

/** `active` says that the resource is in use; one that is not has departed. */
export function setActive(draft: Draft, element: Element): void {
  const isActive = flagOf(element, 'active')
  if (isActive !== undefined) draft['status'] = isActive ? 'active' : 'departed'
}

/** What has a `period` that is over has departed, whatever `active` says. */
export function setEnded(draft: Draft, element: Element, { observedAt }: FhirContext): void {
  const period = childOf(element, 'period')
  const end = period === undefined ? undefined : textOf(period, 'end')
  if (period === undefined || end === undefined) return
  const over = endOf(end)
  if (over === undefined) element.findings.push({ code: 'VALUE_FORM', field: `${period.path}.end` })
  else if (over <= observedAt) draft['status'] = 'departed'
}

/** The first instant after a FHIR `dateTime`, which may be a year, a month or a day: such an end is inclusive. */
function endOf(text: string): number | undefined {
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return parseInstant(text)
  const [whole, year = '', month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text) ?? []
  if (whole === undefined || dayOf(`${year}-${month ?? '01'}-${day ?? '01'}`) === undefined) return undefined
  if (month === undefined) return Date.UTC(Number(year) + 1, 0)
  return day === undefined ? Date.UTC(Number(year), Number(month)) : Date.UTC(Number(year), Number(month) - 1, Number(day) + 1)
}

/** Milliseconds; undefined for what is no instant from 1970 on. */
export function parseInstant(text: string): number | undefined {
  const [, seconds, fraction = '', zone] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const time = seconds === undefined ? Number.NaN : Date.parse(`${seconds}${fraction.slice(0, 4)}${zone}`)
  return time >= 0 ? time : undefined
}

/** Codes of `status` that say whether a resource is in use; the others (suspended, in error, a test) say neither. */
const STATUS: { readonly [code: string]: string | undefined } = { active: 'active', inactive: 'departed', off: 'departed', 'entered-in-error': 'departed' }

export function setStatus(draft: Draft, element: Element): void {
  const status = STATUS[textOf(element, 'status') ?? '']
  if (status !== undefined) draft['status'] = status
}

/** The first phone, fax and address on the web; what is old does not count. */
export function setTelecom(draft: Draft, element: Element, prefix = ''): void {
  for (const telecom of childrenOf(element, 'telecom')) {
    const system = textOf(telecom, 'system')
    const isKept = system === 'phone' || system === 'fax' || (system === 'url' && prefix === '')
    if (isKept && textOf(telecom, 'use') !== 'old' && draft[prefix + system] === undefined) setText(draft, prefix + system, telecom, 'value')
  }
}

export function setAddress(draft: Draft, address: Element, prefix = ''): void {
  const parts = addressOf(address)
  for (const part of ADDRESS_PARTS) setField(draft, prefix + part, parts[part], address.path, address.findings)
}

/** An address of `type` `both` is a place and a mailing address. */
export const isMailing = (address: Element): boolean => ['postal', 'both'].includes(textOf(address, 'type') ?? '')
export const isPlace = (address: Element): boolean => textOf(address, 'type') !== 'postal'

// ---- Plan-Net's extensions ------------------------------------------------------------------------------------------------

export interface NewPatients {
  readonly code: string
  /** Where it holds for one network only. */
  readonly network: SubjectKey | undefined
}

export const newPatientsOf = (element: Element, context: FhirContext): readonly NewPatients[] =>
  extensionsOf(element, `${PLAN_NET}/StructureDefinition/newpatients`).flatMap((extension) => {
    const codes = extensionsOf(extension, 'acceptingPatients').flatMap((part) => {
      const concept = childOf(part, 'valueCodeableConcept')
      return concept === undefined ? [] : codesOf(concept)
    })
    const [network] = extensionsOf(extension, 'fromNetwork').flatMap((part) => targetIn(part, 'valueReference', 'Organization', context) ?? [])
    const [code] = codes
    return code === undefined ? [] : [{ code: writtenCode(code), network }]
  })
