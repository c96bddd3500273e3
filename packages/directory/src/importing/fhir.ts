import { shape } from '@fiducia/core'
import { npiOf } from '../facts/subjects.ts'
import type { SubjectKey } from '../facts/types.ts'
import { MAX_FIELDS } from '../limits.ts'
import { createResourceSplitter, type FoundResource, type ResourceFault } from '../reading/resource-splitter.ts'
import { createSeenRows, hashOf } from '../reading/seen-rows.ts'
import { type FhirContext, parseInstant, type ReadResource } from './fhir-context.ts'
import { readContained } from './fhir-contained.ts'
import { childOf, type Element, textOf } from './fhir-element.ts'
import { readEndpoint, readLocation, readPlan, readService } from './fhir-places.ts'
import { readOrganization, readPractitioner } from './fhir-providers.ts'
import { readAffiliation, readRole } from './fhir-roles.ts'
import { elementOf, sourceIdOf, subjectOf } from './fhir-subjects.ts'
import { type FindingCode, FINDINGS } from './findings.ts'
import { createLocator } from './locations.ts'
import { REASON } from './row-reader.ts'
import type { FileReader, Finding, ImportedRecord, ReferenceIndex, RejectedRecord, SubjectFacts } from './types.ts'

export interface FhirOptions {
  /** Names what has no NPI, together with its id. */
  readonly origin: string
  /** When the load saw its source, milliseconds: what ended before has departed. Without it nothing is known to have ended. */
  readonly observedAt?: number
  /** From a first pass over all files of the load (`createReferenceCollector`). */
  readonly references: ReferenceIndex
}

/** The resources of Plan-Net (HL7 Da Vinci PDEX Plan-Net, FHIR R4). */
const READERS: { readonly [type: string]: ReadResource | undefined } = {
  Practitioner: readPractitioner,
  PractitionerRole: readRole,
  Organization: readOrganization,
  OrganizationAffiliation: readAffiliation,
  Location: readLocation,
  Endpoint: readEndpoint,
  HealthcareService: readService,
  InsurancePlan: readPlan,
}

/** Reads one file of resources: NDJSON, a Bundle or a resource alone. Throws `FHIR_DOCUMENT` for a file that is none of them. */
export function createFhirReader({ origin, references, observedAt = 0 }: FhirOptions): FileReader {
  const splitter = createResourceSplitter()
  const context: FhirContext = { origin, references, observedAt, locate: createLocator() }
  const seen = createSeenRows()

  const read = (found: FoundResource): ImportedRecord => {
    const findings: Finding[] = []
    const facts = found.fault === undefined ? readFound(found, findings) : failed(findings, faultOf(found.fault, found.text), 'resource')
    if (facts === undefined || findings.some(({ code }) => FINDINGS[code].rejects)) return rejected(found, findings, facts?.[0]?.subject ?? subjectIn(found))
    return { row: found.row, accepted: true, facts: withinLimits(facts, findings), findings, ...nameOf(found) }
  }

  const readFound = (found: FoundResource, findings: Finding[]): readonly SubjectFacts[] | undefined => {
    if (REPLACED.test(found.text)) return failed(findings, 'ROW_ENCODING', 'resource')
    const bare = elementOf('', found.members ?? {}, findings)
    const type = textOf(bare, 'resourceType')
    const reader = type !== undefined && Object.hasOwn(READERS, type) ? READERS[type] : undefined
    const back = type === undefined ? faultComeBack(found.members ?? {}) : undefined
    if (back !== undefined) return failed(findings, back, 'resource')
    if (type === undefined || reader === undefined) return failed(findings, 'RESOURCE_TYPE', 'resourceType', isTypeName(type) ? type : undefined)
    const resource = elementOf(type, found.members ?? {}, findings)
    const sourceId = sourceIdOf(resource, found)
    if (sourceId === undefined || !sourceId.isWellFormed()) return failed(findings, 'RESOURCE_ID', `${type}.id`)
    const before = seen.see(`${type}/${sourceId}`, hashOf(found.text))
    if (before !== 'new')
      findings.push({ code: before === 'same' ? 'DUPLICATE_ROW' : 'DUPLICATE_KEY', field: `${type}.id`, value: sourceId.slice(0, SHOWN_ID) })
    const contained = readContained(resource, `${type}/${sourceId}`, context)
    return observed(resource, [...reader(resource, sourceId, contained.context), ...contained.facts])
  }

  /** Of a resource that was not read: what its reference is known to name, or what its own identifiers do. */
  const subjectIn = (found: FoundResource): SubjectKey | undefined => {
    const resource = elementOf('', found.members ?? membersOf(found.text), [])
    const [type, id] = [textOf(resource, 'resourceType') ?? '', sourceIdOf(resource, found)]
    if (id !== undefined) return references.get(`${type}/${id}`)
    const named = subjectOf(type, '', resource, context)
    return named === undefined || npiOf(named) === undefined ? undefined : named
  }

  return {
    header: undefined,
    push: (chunk) => splitter.push(chunk).map(read),
    end: () => splitter.end().map(read),
  }
}

/** `Type/id`. */
function nameOf(found: FoundResource): { readonly name?: string } {
  const resource = elementOf('', found.members ?? {}, [])
  const [type, id] = [textOf(resource, 'resourceType'), sourceIdOf(resource, found)]
  return type === undefined || id === undefined ? {} : { name: `${type}/${id}` }
}

/** U+FFFD: some program wrote it where it could not read what stood there. */
const REPLACED = /\uFFFD|\\ufffd/i

const rejected = ({ row, text, bytes }: FoundResource, findings: readonly Finding[], subject: SubjectKey | undefined): RejectedRecord => ({
  row,
  accepted: false,
  findings,
  source: [text],
  ...(bytes !== undefined && { bytes }),
  ...(subject !== undefined && { subject }),
})

/** Of what was not read, as far as it can be: in another encoding the names of members, the type and the id stand there all the same. */
function membersOf(text: string): Element['members'] {
  try {
    const value: unknown = JSON.parse(text)
    return shape.isObject(value) ? value : {}
  } catch {
    return {}
  }
}

const SHOWN_ID = 64

const isTypeName = (type: string | undefined): boolean => type !== undefined && /^[A-Z][A-Za-z]{1,63}$/.test(type)

const faultOf = (fault: ResourceFault, text: string): FindingCode => (fault === 'json' && isDeletion(membersOf(text)) ? 'RESOURCE_DELETED' : FAULTS[fault])

/** An entry of a Bundle may ask for a deletion instead of having a resource. */
function isDeletion(entry: Element['members']): boolean {
  const request = childOf(elementOf('', entry, []), 'request')
  return request !== undefined && textOf(request, 'method') === 'DELETE'
}

/** What was no resource stands in an exception file as an object with its reason, and is rejected for the same. */
function faultComeBack(members: Element['members']): FindingCode | undefined {
  if (isDeletion(members)) return 'RESOURCE_DELETED'
  return typeof members['text'] === 'string' && Object.hasOwn(members, REASON) ? 'RESOURCE_JSON' : undefined
}

const FAULTS: { readonly [fault in ResourceFault]: FindingCode } = {
  json: 'RESOURCE_JSON',
  encoding: 'ROW_ENCODING',
  size: 'RESOURCE_SIZE',
}

function failed(findings: Finding[], code: FindingCode, field: string, value?: string): undefined {
  findings.push({ code, field, ...(value !== undefined && { value }) })
  return undefined
}

/** When the source last touched the resource, as FHIR writes an instant. */
function observed(resource: Element, facts: readonly SubjectFacts[]): readonly SubjectFacts[] {
  const meta = childOf(resource, 'meta')
  const written = meta === undefined ? undefined : textOf(meta, 'lastUpdated')
  if (meta === undefined || written === undefined) return facts
  const observedAt = parseInstant(written)
  if (observedAt !== undefined) return facts.map((one) => ({ ...one, observedAt }))
  resource.findings.push({ code: 'VALUE_FORM', field: `${meta.path}.lastUpdated` })
  return facts
}

/** A subject of which nothing is said is left out; of one with more fields than a statement carries, the first are kept. */
function withinLimits(facts: readonly SubjectFacts[], findings: Finding[]): readonly SubjectFacts[] {
  return facts.flatMap((one) => {
    const names = Object.keys(one.fields)
    if (names.length <= MAX_FIELDS) return names.length === 0 ? [] : [one]
    findings.push({ code: 'VALUE_TOO_LONG', field: 'resource' })
    return [{ ...one, fields: Object.fromEntries(Object.entries(one.fields).slice(0, MAX_FIELDS)) }]
  })
}
