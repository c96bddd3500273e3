import { type Bytes32, encodeBase64, encodeUtf8, formatCanonical, type Handle, type JsonObject, type JsonValue } from '@fiducia/core'
import { MAX_RELEASED_REFERENCES } from './limits.ts'
import type { ReleasedReference } from './resource.ts'

/**
 * The disclosure: an IHE BALP AuditEvent (Basic Audit Log Patterns, PatientRead and PatientQuery) in canonical JSON, whose
 * hash stands in the access log. PROTOCOL section 5 fixes where the protocol's own statements are: the agent of type 110152 is
 * the requester, the agent IRCP the practitioner with the purpose, and `fiducia.*` are details of an entity. BALP allows
 * one entity of type 2 and forbids details on a query's, so these details have an entity of their own, of type 4.
 *
 * BALP's profiles are for what succeeded; a refusal is a plain AuditEvent with outcome 4 or 8 and names no reference.
 * In a search 110152 stays with the requester, where the data goes, as PROTOCOL says; the profile leaves that open.
 */
export interface DisclosureInput {
  readonly interaction: 'read' | 'search'
  /** `not-found`: nothing that is there or shared; `refused`: the request as a whole. */
  readonly outcome: 'released' | 'not-found' | 'refused'
  /** Milliseconds. */
  readonly recorded: number
  /** Organizations by their id in the network. */
  readonly requester: string
  readonly holder: string
  /** `system|value` */
  readonly practitioner: string
  /** v3-ActReason code. */
  readonly purpose: string
  /** Absent where the answer names nobody; it stands for the patient, whom the holder knows behind it. */
  readonly handle?: Handle
  readonly authzHash: Bytes32
  readonly responseDigest: Bytes32
  readonly mirrorKey: Bytes32
  /** Everything that leaves. */
  readonly released: readonly ReleasedReference[]
  /** What a search asked, `Type?query`, without the patient. */
  readonly asked?: string
}

const OUTCOME_CODES = { released: '0', 'not-found': '4', refused: '8' } as const

const PROFILE = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.'
const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
/** A relationship's handle as an identifier of the patient. */
const HANDLE_SYSTEM = 'urn:fiducia:handle'
const ENTITY_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'

const coding = (system: string, code: string, display: string): JsonObject => ({ system, code, display })
const typed = (type: JsonObject): JsonObject => ({ coding: [type] })
/** BALP wants an address of both ends; the ledger has the endpoint behind the name, so the name it is. */
const networkOf = (organization: string): JsonObject => ({ address: `urn:fiducia:organization:${organization}`, type: '5' })
const named = (value: string): JsonObject => ({ identifier: { value } })

/** The event as JSON; `formatDisclosure` gives its exact bytes as text. Throws a `RangeError` above the limit of references. */
export function buildDisclosure(input: DisclosureInput): JsonObject {
  if (input.released.length > MAX_RELEASED_REFERENCES) throw new RangeError(`expected at most ${MAX_RELEASED_REFERENCES} released references`)
  const profile = profileOf(input)
  return {
    resourceType: 'AuditEvent',
    ...(profile === undefined ? {} : { meta: { profile: [profile] } }),
    type: coding('http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest', 'Restful Operation'),
    subtype: [subtypeOf(input)],
    action: input.interaction === 'read' ? 'R' : 'E',
    recorded: new Date(input.recorded).toISOString(),
    outcome: OUTCOME_CODES[input.outcome],
    agent: agentsOf(input),
    source: {
      site: input.holder,
      observer: named(input.holder),
      type: [coding('http://terminology.hl7.org/CodeSystem/security-source-type', '4', 'Application Server')],
    },
    entity: entitiesOf(input),
  }
}

/** The exact text that is hashed, released and kept: the event's own canonical JSON. */
export const formatDisclosure = (input: DisclosureInput): string => formatCanonical(buildDisclosure(input))

/** A read that released nothing has no data to name, so it keeps to the plain AuditEvent. */
function profileOf(input: DisclosureInput): string | undefined {
  if (input.outcome !== 'released' || (input.interaction === 'read' && input.released.length !== 1)) return undefined
  return `${PROFILE}${input.handle === undefined ? '' : 'Patient'}${input.interaction === 'read' ? 'Read' : 'Query'}`
}

const subtypeOf = (input: DisclosureInput): JsonObject => coding('http://hl7.org/fhir/restful-interaction', input.interaction, input.interaction)

function agentsOf(input: DisclosureInput): readonly JsonValue[] {
  const { requester, holder, practitioner, purpose } = input
  return [
    { type: typed(coding(DCM, '110152', 'Destination Role ID')), who: named(requester), requestor: false, network: networkOf(requester) },
    { type: typed(coding(DCM, '110153', 'Source Role ID')), who: named(holder), requestor: false, network: networkOf(holder) },
    {
      type: typed(coding('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP', 'information recipient')),
      who: named(practitioner),
      requestor: true,
      purposeOfUse: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: purpose }] }],
    },
  ]
}

function entitiesOf(input: DisclosureInput): readonly JsonValue[] {
  const entities: JsonValue[] = [{ type: coding(ENTITY_TYPE, '4', 'Other'), detail: detailsOf(input) }]
  if (input.interaction === 'search')
    entities.push(queryEntity(input.asked ?? '?'), ...input.released.map((reference) => releasedEntity(reference, '4', 'Other')))
  else entities.push(...input.released.map((reference) => releasedEntity(reference, '2', 'System Object')))
  if (input.handle !== undefined) {
    const what = { type: 'Patient', identifier: { system: HANDLE_SYSTEM, value: input.handle } }
    entities.push({ type: coding(ENTITY_TYPE, '1', 'Person'), role: coding(ENTITY_ROLE, '1', 'Patient'), what })
  }
  return entities
}

function queryEntity(asked: string): JsonValue {
  return { type: coding(ENTITY_TYPE, '2', 'System Object'), role: coding(ENTITY_ROLE, '24', 'Query'), query: encodeBase64(encodeUtf8(asked)) }
}

function releasedEntity(reference: string, type: string, display: string): JsonValue {
  return { type: coding(ENTITY_TYPE, type, display), role: coding(ENTITY_ROLE, '4', 'Domain Resource'), what: { reference } }
}

function detailsOf(input: DisclosureInput): readonly JsonValue[] {
  const details: [string, string | undefined][] = [
    ['fiducia.authz', input.authzHash],
    ['fiducia.digest', input.responseDigest],
    ['fiducia.handle', input.handle],
    ['fiducia.mirror', input.mirrorKey],
  ]
  return details.flatMap(([type, valueString]) => (valueString === undefined ? [] : [{ type, valueString }]))
}
