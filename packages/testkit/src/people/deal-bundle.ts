import { InputError, type JsonObject, type JsonValue, shape } from '@fiducia/core'
import { type FhirResource, isResource, referenceOf } from '@fiducia/fhir'

/**
 * Deals one patient's resources out of a Bundle to organizations, by the providers that the resources name. The providers
 * are taken in the order in which the Bundle names them, and the organizations in the order given, over and over. A
 * resource goes where its own provider is dealt to, else where its encounter goes, else to the first. The patient goes to
 * all that get something, and with each resource go the practitioners, organizations and other people it names. Nothing
 * is dropped: what cannot be dealt is counted.
 */
export interface Dealt<Organization extends string> {
  readonly patient: FhirResource
  readonly records: ReadonlyMap<Organization, readonly FhirResource[]>
  readonly counts: DealCounts
}

interface DealCounts {
  /** Entries of the Bundle. */
  readonly entries: number
  /** Resources dealt to exactly one organization. */
  readonly dealt: number
  /** Patient, practitioners, organizations and the like, which go along. */
  readonly shared: number
  /** Entries that are no resources, or repeat an id. */
  readonly unusable: number
  /** References that lead out of the record that they are in. */
  readonly outward: number
}

const SHARED_TYPES: ReadonlySet<string> = new Set([
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'RelatedPerson',
  'Device',
  'Medication',
])
const MAX_ENTRIES = 20_000

/** Throws an `InputError` unless the value is a transaction or collection Bundle with exactly one Patient. */
export function dealBundle<Organization extends string>(bundle: unknown, organizations: readonly [Organization, ...Organization[]]): Dealt<Organization> {
  const entries = entriesOf(bundle)
  const { resources, unusable } = readResources(entries)
  const patients = resources.filter(({ resourceType }) => resourceType === 'Patient')
  const [patient] = patients
  if (patient === undefined || patients.length !== 1)
    throw new InputError('SHAPE', `expected one Patient in the Bundle, found ${patients.length}`, { at: 'entry' })
  const byReference = new Map(resources.map((resource) => [referenceOf(resource), resource]))
  const seats = seatProviders(resources, organizations)
  const records = new Map<Organization, Map<string, FhirResource>>()
  let dealt = 0
  for (const resource of resources) {
    if (SHARED_TYPES.has(resource.resourceType)) continue
    const organization = seatOf(resource, byReference, seats) ?? organizations[0]
    const record = records.get(organization) ?? new Map<string, FhirResource>()
    records.set(organization, record)
    addWithCompany(record, resource, byReference)
    addWithCompany(record, patient, byReference)
    dealt += 1
  }
  const lists = new Map([...records].map(([organization, record]) => [organization, [...record.values()]]))
  const shared = resources.length - dealt
  return { patient, records: lists, counts: { entries: entries.length, dealt, shared, unusable, outward: countOutward([...records.values()]) } }
}

function entriesOf(bundle: unknown): readonly unknown[] {
  const isBundle = shape.isObject(bundle) && bundle['resourceType'] === 'Bundle' && (bundle['type'] === 'transaction' || bundle['type'] === 'collection')
  const entries = isBundle ? bundle['entry'] : undefined
  if (!Array.isArray(entries)) throw new InputError('SHAPE', 'expected a transaction or collection Bundle with entries', { at: 'resourceType' })
  if (entries.length > MAX_ENTRIES) throw new InputError('SHAPE', `expected at most ${MAX_ENTRIES} entries, found ${entries.length}`, { at: 'entry' })
  return entries
}

/** The resources, with every reference to an entry written as `Type/id`. */
function readResources(entries: readonly unknown[]): { readonly resources: readonly FhirResource[]; readonly unusable: number } {
  const names = new Map<string, string>()
  const found = new Map<string, FhirResource>()
  for (const entry of entries) {
    const resource = shape.isObject(entry) ? entry['resource'] : undefined
    const reference = referenceOf(resource)
    if (!isResource(resource) || reference === undefined || found.has(reference)) continue
    found.set(reference, resource)
    const fullUrl = shape.isObject(entry) ? entry['fullUrl'] : undefined
    if (typeof fullUrl === 'string') names.set(fullUrl, reference)
  }
  const resources = [...found.values()].map((resource) => ({ ...rewriteObject(resource, names), resourceType: resource.resourceType, id: resource.id }))
  return { resources, unusable: entries.length - resources.length }
}

function rewrite(value: JsonValue, names: ReadonlyMap<string, string>): JsonValue {
  if (Array.isArray(value)) return value.map((entry: JsonValue) => rewrite(entry, names))
  return shape.isObject(value) ? rewriteObject(value, names) : value
}

function rewriteObject(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      name === 'reference' && typeof value === 'string' ? (names.get(value) ?? value) : rewrite(value, names),
    ]),
  )
}

/** All references in a resource, in the order in which they stand. */
function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!shape.isObject(value)) return []
  return Object.entries(value).flatMap(([name, child]) => (name === 'reference' && typeof child === 'string' ? [child] : referencesIn(child)))
}

const PROVIDER_MEMBERS = ['serviceProvider', 'provider', 'custodian', 'managingOrganization', 'performer'] as const

function providersOf(resource: FhirResource): readonly string[] {
  return PROVIDER_MEMBERS.flatMap((member) => referencesIn(resource[member])).filter((reference) => reference.startsWith('Organization/'))
}

function seatProviders<Organization extends string>(
  resources: readonly FhirResource[],
  organizations: readonly [Organization, ...Organization[]],
): ReadonlyMap<string, Organization> {
  const providers = new Set(resources.filter(({ resourceType }) => !SHARED_TYPES.has(resourceType)).flatMap(providersOf))
  return new Map([...providers].map((provider, i) => [provider, organizations[i % organizations.length] ?? organizations[0]]))
}

/** Follows the resource's own provider, then its encounter's. */
function seatOf<Organization extends string>(
  resource: FhirResource,
  byReference: ReadonlyMap<string | undefined, FhirResource>,
  seats: ReadonlyMap<string, Organization>,
): Organization | undefined {
  const own = providersOf(resource)
    .map((provider) => seats.get(provider))
    .find((seat) => seat !== undefined)
  if (own !== undefined || resource.resourceType === 'Encounter') return own
  const encounter = referencesIn(resource)
    .map((reference) => (reference.startsWith('Encounter/') ? byReference.get(reference) : undefined))
    .find((one) => one !== undefined)
  if (encounter !== undefined) return seatOf(encounter, byReference, seats)
  const claim = referencesIn(resource['claim'])
    .map((reference) => byReference.get(reference))
    .find((one) => one !== undefined)
  return claim === undefined || claim === resource ? undefined : seatOf(claim, byReference, seats)
}

function addWithCompany(record: Map<string, FhirResource>, resource: FhirResource, byReference: ReadonlyMap<string | undefined, FhirResource>): void {
  const reference = referenceOf(resource) ?? ''
  if (record.has(reference)) return
  record.set(reference, resource)
  for (const named of referencesIn(resource)) {
    const companion = byReference.get(named)
    if (companion !== undefined && SHARED_TYPES.has(companion.resourceType)) addWithCompany(record, companion, byReference)
  }
}

const countOutward = (records: readonly ReadonlyMap<string, FhirResource>[]): number =>
  records.reduce(
    (sum, record) => sum + [...record.values()].flatMap(referencesIn).filter((reference) => !reference.startsWith('#') && !record.has(reference)).length,
    0,
  )
