import { shape } from '@fiducia/core'
import { type DaySpan, spanOfDate, spanOfPeriod } from '../dates.ts'

/** Who wrote a resource, where, in which encounter and when, as far as R4 says so. `undefined` means unknown. */

type Json = { readonly [name: string]: unknown }

const AUTHOR_MEMBERS = ['author', 'recorder', 'performer', 'requester', 'asserter', 'participant', 'enterer'] as const
const SOURCE_MEMBERS = ['custodian', 'serviceProvider', 'managingOrganization', 'provider', 'insurer'] as const

/** Types whose R4 definition has no element that names an encounter: they belong to none. */
const WITHOUT_ENCOUNTER: ReadonlySet<string> = new Set(['Patient', 'Coverage', 'Practitioner', 'PractitionerRole', 'Organization', 'Location', 'RelatedPerson', 'Consent', 'Goal', 'Medication', 'Specimen', 'Device', 'FamilyMemberHistory', 'BodyStructure'])

/** In the order in which they are looked at: what happened comes before what was written down. */
const DATE_MEMBERS = ['effectiveDateTime', 'effectiveInstant', 'occurrenceDateTime', 'performedDateTime', 'onsetDateTime', 'started', 'authoredOn', 'recordedDate', 'date', 'issued', 'created', 'startDate'] as const
const PERIOD_MEMBERS = ['effectivePeriod', 'occurrencePeriod', 'performedPeriod', 'onsetPeriod', 'period', 'billablePeriod'] as const

/** `Type/id` of a literal reference without server and version, `system|value` of a logical one. */
export function nameOfReference(value: unknown): string | undefined {
  if (!shape.isObject(value)) return undefined
  const { reference, identifier } = value
  if (typeof reference === 'string') return relativeReference(reference)
  if (!shape.isObject(identifier) || typeof identifier['value'] !== 'string') return undefined
  return typeof identifier['system'] === 'string' ? `${identifier['system']}|${identifier['value']}` : undefined
}

/** Cuts the server in front and the version behind; `undefined` for references to contained or unnamed resources. */
export function relativeReference(reference: string): string | undefined {
  const parts = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(reference)
  return parts === null ? undefined : `${parts[1]}/${parts[2]}`
}

const listOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])

/** Somebody who is named in a way that cannot be followed makes the whole list unknown. */
const UNNAMED = Symbol('unnamed')

/** Elements such as `performer.actor` and `participant.individual` wrap the reference once; one that names nobody at all is skipped. */
function namesIn(value: unknown): readonly (string | typeof UNNAMED)[] {
  return listOf(value).flatMap((entry) => {
    if (!shape.isObject(entry)) return [UNNAMED]
    const wrapped = entry['actor'] ?? entry['individual']
    const isReference = entry['reference'] !== undefined || entry['identifier'] !== undefined || entry['display'] !== undefined
    if (wrapped === undefined && !isReference) return []
    return [nameOfReference(isReference ? entry : wrapped) ?? UNNAMED]
  })
}

function knownNames(names: readonly (string | typeof UNNAMED)[]): readonly string[] | undefined {
  const known = names.filter((name) => typeof name === 'string')
  return known.length === 0 || known.length < names.length ? undefined : [...new Set(known)]
}

/** Everyone named as writing, ordering or doing. */
export const readAuthors = (resource: Json): readonly string[] | undefined => knownNames(AUTHOR_MEMBERS.flatMap((member) => namesIn(resource[member])))

/** The organizations that a resource names as its keeper. */
export function readSources(resource: Json): readonly string[] | undefined {
  const keepers = SOURCE_MEMBERS.flatMap((member) => namesIn(resource[member]))
  const writers = AUTHOR_MEMBERS.flatMap((member) => namesIn(resource[member])).filter((name) => name === UNNAMED || name.startsWith('Organization/'))
  return knownNames([...keepers, ...writers])
}

/** `''` for a resource that belongs to no encounter, `undefined` where one might have been named and is not. */
export function readEncounter(resource: Json, type: string, ref: string): string | undefined {
  if (type === 'Encounter') return ref
  const context = resource['context']
  const nested = shape.isObject(context) ? context['encounter'] : undefined
  for (const candidate of [...listOf(resource['encounter']), ...listOf(context), ...listOf(nested)]) {
    const name = nameOfReference(candidate)
    if (name?.startsWith('Encounter/') === true) return name
  }
  return WITHOUT_ENCOUNTER.has(type) ? '' : undefined
}

/** The days of the first element that says when; unknown when that element cannot be read. */
export function readSpan(resource: Json): DaySpan | undefined {
  for (const member of DATE_MEMBERS) if (resource[member] !== undefined) return spanOfDate(resource[member])
  for (const member of PERIOD_MEMBERS) {
    const period = resource[member]
    if (period !== undefined) return shape.isObject(period) ? spanOfPeriod(period['start'], period['end']) : undefined
  }
  return undefined
}
