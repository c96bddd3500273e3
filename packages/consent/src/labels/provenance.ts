import { shape } from '@fiducia/core'
import { spanOfDate, spanOfPeriod } from '../dates.ts'
import type { TimeSpan } from '../types.ts'

/** Who wrote a resource, where, in which encounter and when, as far as R4 says so. `undefined` means unknown. */

type Json = { readonly [name: string]: unknown }

const AUTHOR_MEMBERS = ['author', 'recorder', 'performer', 'requester', 'asserter', 'participant', 'enterer'] as const
const SOURCE_MEMBERS = ['custodian', 'serviceProvider', 'managingOrganization', 'provider', 'insurer'] as const

/** Types whose R4 definition has no element that names an encounter: they belong to none. */
const WITHOUT_ENCOUNTER: ReadonlySet<string> = new Set([
  'Patient',
  'Coverage',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'RelatedPerson',
  'Consent',
  'Goal',
  'Medication',
  'Specimen',
  'Device',
  'FamilyMemberHistory',
  'BodyStructure',
])

/** In the order in which they are looked at: what happened comes before what was written down. */
const DATE_MEMBERS = [
  'effectiveDateTime',
  'effectiveInstant',
  'occurrenceDateTime',
  'performedDateTime',
  'onsetDateTime',
  'started',
  'authoredOn',
  'recordedDate',
  'date',
  'issued',
  'created',
  'startDate',
] as const
const PERIOD_MEMBERS = ['effectivePeriod', 'occurrencePeriod', 'performedPeriod', 'onsetPeriod', 'period', 'billablePeriod'] as const

/** `Type/id` of a literal reference within this server, `system|value` of a logical one; ids of another server name nobody here. */
export function nameOfReference(value: unknown): string | undefined {
  if (!shape.isObject(value)) return undefined
  const { reference, identifier } = value
  if (typeof reference === 'string') return hasServer(reference) ? undefined : relativeReference(reference)
  if (!shape.isObject(identifier) || typeof identifier['value'] !== 'string') return undefined
  return typeof identifier['system'] === 'string' ? `${identifier['system']}|${identifier['value']}` : undefined
}

/** Whether a reference names a server, or is a URN. */
export const hasServer = (reference: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(reference)

/** Cuts the server in front and the version behind; `undefined` for references to contained or unnamed resources. */
export function relativeReference(reference: string): string | undefined {
  if (/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/.test(reference)) return reference
  const parts = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(reference)
  return parts === null ? undefined : `${parts[1]}/${parts[2]}`
}

export interface Provenance {
  /** Everyone named as writing, ordering or doing. */
  readonly authors: readonly string[] | undefined
  /** The organizations that a resource names as its keeper, or as writing it. */
  readonly sources: readonly string[] | undefined
}

/** Names found in some members. Somebody who is named in a way that cannot be followed makes the whole list unknown. */
interface Names {
  readonly known: string[]
  /** Those of them that are organizations. */
  readonly organizations: string[]
  complete: boolean
  /** False where one may be an organization or not: an identifier does not show what it names. */
  sorted: boolean
}

/** Elements such as `performer.actor` and `participant.individual` wrap the reference once; one that names nobody at all is skipped. */
function addNames(names: Names, entry: unknown): void {
  if (Array.isArray(entry)) {
    for (const one of entry) addNames(names, one)
  } else if (!shape.isObject(entry)) names.complete = false
  else {
    const wrapped = entry['actor'] ?? entry['individual']
    const isReference = entry['reference'] !== undefined || entry['identifier'] !== undefined || entry['display'] !== undefined
    if (wrapped === undefined && !isReference) {
      if (Object.keys(entry).length === 0) names.complete = false
      return
    }
    const reference = isReference ? entry : wrapped
    const name = nameOfReference(reference)
    if (name === undefined) names.complete = false
    else {
      if (!names.known.includes(name)) names.known.push(name)
      const type = typeNamed(name, reference)
      if (type === undefined) names.sorted = false
      else if (type === 'Organization' && !names.organizations.includes(name)) names.organizations.push(name)
    }
  }
}

/** The type of resource that a reference leads to: as its text says, or beside an identifier as its `type` does. */
function typeNamed(name: string, reference: unknown): string | undefined {
  if (!name.includes('|')) return name.slice(0, name.indexOf('/'))
  const type = shape.isObject(reference) ? reference['type'] : undefined
  return typeof type === 'string' && /^[A-Z][A-Za-z]{1,63}$/.test(type) ? type : undefined
}

function readNames(resource: Json, members: readonly string[]): Names {
  const names: Names = { known: [], organizations: [], complete: true, sorted: true }
  for (const member of members) {
    const value = resource[member]
    if (value !== undefined) addNames(names, value)
  }
  return names
}

export function readProvenance(resource: Json): Provenance {
  const writers = readNames(resource, AUTHOR_MEMBERS)
  const keepers = readNames(resource, SOURCE_MEMBERS)
  const authors = writers.complete && writers.known.length > 0 ? writers.known : undefined
  const complete = writers.complete && writers.sorted && keepers.complete
  const sources = writers.organizations.length === 0 ? keepers.known : [...new Set([...keepers.known, ...writers.organizations])]
  return { authors, sources: complete && sources.length > 0 ? sources : undefined }
}

/** `''` for a resource that belongs to no encounter, `undefined` where one might have been named and is not. */
export function readEncounter(resource: Json, type: string, ref: string): string | undefined {
  if (type === 'Encounter') return ref
  const direct = encounterIn(resource['encounter'])
  if (direct !== undefined) return direct
  const context = resource['context']
  const inContext = encounterIn(context) ?? (shape.isObject(context) ? encounterIn(context['encounter']) : undefined)
  if (inContext !== undefined) return inContext
  return WITHOUT_ENCOUNTER.has(type) ? '' : undefined
}

/** One of several encounters would speak for the others, so several are unknown. */
function encounterIn(value: unknown): string | undefined {
  if (value === undefined || (Array.isArray(value) && value.length !== 1)) return undefined
  const name = nameOfReference(Array.isArray(value) ? value[0] : value)
  return name?.startsWith('Encounter/') === true ? name : undefined
}

/** The span of the first element that says when; unknown when that element cannot be read. */
export function readSpan(resource: Json): TimeSpan | undefined {
  for (const member of DATE_MEMBERS) if (resource[member] !== undefined) return spanOfDate(resource[member])
  for (const member of PERIOD_MEMBERS) {
    const period = resource[member]
    if (period !== undefined) return shape.isObject(period) ? spanOfPeriod(period['start'], period['end']) : undefined
  }
  return undefined
}
