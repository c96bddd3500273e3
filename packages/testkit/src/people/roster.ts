import type { FhirResource } from '@fiducia/fhir'
import { FAMILY_NAMES, FEMALE_NAMES, MALE_NAMES } from './names.ts'
import {
  completeNpi,
  DEMO_ORGANIZATIONS,
  type DemoOrganization,
  memberResource,
  NPI_SYSTEM,
  type Practitioner,
  PRACTITIONERS,
  practitionersOf,
} from './organizations.ts'
import { createRandom, type Random } from './random.ts'

/**
 * What the four organizations of the demo have in their provider files: two thousand invented practitioners, each at the organization that
 * employs it, and what the others wrote down of them. Files age and contradict each other as real ones do, and every such
 * fault is planted and counted. NPIs begin with a 2, of which none was ever given out; phone numbers are of the range 555-01xx,
 * which belongs to fiction.
 */
export interface Roster {
  /** As R4 resources: what the organization says of its own staff, and what it has of that of others. */
  of(organization: DemoOrganization): { readonly own: readonly FhirResource[]; readonly others: readonly FhirResource[] }
  readonly planted: { readonly [what in Plant]: number }
}

export type Plant = 'wrong phone' | 'moved' | 'left' | 'misspelled' | 'bad check digit' | 'twice' | 'old'

/** Of what an organization has of others' staff, so many in a thousand are wrong like this; `old` is of everything. */
const PER_THOUSAND: { readonly [what in Plant]: number } = { 'wrong phone': 40, moved: 30, left: 20, misspelled: 10, 'bad check digit': 5, twice: 10, old: 30 }

const DAY_MS = 86_400_000
const TAXONOMY = 'http://nucc.org/provider-taxonomy'
const SPECIALTIES = ['207Q00000X', '207R00000X', '208000000X', '2084P0800X', '207RC0000X', '363LF0000X', '207V00000X', '225100000X'] as const
/** As the story's role codes have it. */
const TAXONOMY_OF: { readonly [specialty: string]: string } = { 'family medicine': '207Q00000X' }
const STREETS = ['Elm', 'Maple', 'Juniper', 'Harbor', 'Mill', 'Orchard', 'Chapel', 'Quarry'] as const
/** City, state and postal code, of no place on earth. */
type Town = readonly [string, string, string]
const TOWNS: readonly [Town, ...Town[]] = [
  ['Hollow Creek', 'OR', '97999'],
  ['Stonebridge', 'OR', '97998'],
  ['Westmarch', 'WA', '98999'],
  ['Larkfield', 'WA', '98998'],
]
const AREA_CODES = ['541', '503', '360', '509'] as const

interface Clinic {
  readonly id: string
  readonly organization: DemoOrganization
  readonly resource: FhirResource
}

interface Provider {
  readonly id: string
  readonly npi: string
  readonly given: string
  readonly family: string
  readonly specialty: string
  readonly clinic: Clinic
  readonly phone: string
}

/** `asOf` in milliseconds: what is new was seen within the last weeks before it. */
export function createRoster(seed: string, asOf: number, size = 2_000): Roster {
  const random = createRandom(seed)
  const clinics = DEMO_ORGANIZATIONS.flatMap((organization) => Array.from({ length: 12 }, (_, i) => clinicOf(random, organization, i)))
  const providers = Array.from({ length: size - PRACTITIONERS.length }, (_, i) => providerOf(random, clinics, i))
  const planted: Record<Plant, number> = { 'wrong phone': 0, moved: 0, left: 0, misspelled: 0, 'bad check digit': 0, twice: 0, old: 0 }
  const write = createWriter({ random: random.fork('faults'), asOf, clinics, planted })
  const files = new Map(DEMO_ORGANIZATIONS.map((organization) => [organization, write(organization, providers)]))
  return { of: (organization) => files.get(organization) ?? { own: [], others: [] }, planted }
}

function clinicOf(random: Random, organization: DemoOrganization, i: number): Clinic {
  const [city, state, postalCode] = random.pick(TOWNS)
  const id = `${organization}-${i}`
  const address = { line: [`${100 + 7 * i} ${random.pick(STREETS)} Street`], city, state, postalCode, country: 'US' }
  return { id, organization, resource: { resourceType: 'Location', id, status: 'active', name: `${city} clinic ${i + 1}`, address } }
}

function providerOf(random: Random, clinics: readonly Clinic[], i: number): Provider {
  const given = random.pick(random.chance(0.5) ? FEMALE_NAMES : MALE_NAMES)
  const [first, ...rest] = clinics
  if (first === undefined) throw new Error('expected clinics')
  return {
    id: `p${i}`,
    npi: completeNpi(`2${String(10_000_000 + i)}`),
    given,
    family: random.pick(FAMILY_NAMES),
    specialty: random.pick(SPECIALTIES),
    clinic: random.pick([first, ...rest]),
    phone: phoneOf(random),
  }
}

const phoneOf = (random: Random): string => `(${random.pick(AREA_CODES)}) 555-01${String(random.integer(0, 99)).padStart(2, '0')}`

// ---- files ----------------------------------------------------------------------------------------------------------------

interface Writing {
  readonly random: Random
  readonly asOf: number
  readonly clinics: readonly Clinic[]
  readonly planted: Record<Plant, number>
}

function createWriter(writing: Writing) {
  return (organization: DemoOrganization, providers: readonly Provider[]) => {
    const mine = providers.filter(({ clinic }) => clinic.organization === organization)
    // A payer has nearly everybody; a clinic those to whom it refers.
    const share = organization === 'dune' ? 0.8 : 0.15
    const others = providers.filter((one) => one.clinic.organization !== organization && writing.random.chance(share))
    const [staff, otherStaff] = [practitionersOf(organization), PRACTITIONERS.filter((one) => one.organization !== organization)]
    return {
      own: [...places(mine), ...mine.flatMap((one) => resourcesOf(one, lastSeen(writing))), ...staffFile(staff, writing.asOf - DAY_MS)],
      others: [...places(others), ...others.flatMap((one) => copied(one, writing)), ...staffFile(otherStaff, writing.asOf - DAY_MS)],
    }
  }
}

const places = (providers: readonly Provider[]): readonly FhirResource[] => [...new Set(providers.map(({ clinic }) => clinic.resource))]

function lastSeen({ random, asOf, planted }: Writing): number {
  const isOld = random.chance(PER_THOUSAND.old / 1000)
  if (isOld) planted.old += 1
  return asOf - DAY_MS * (isOld ? random.integer(91, 300) : random.integer(1, 60))
}

/** What another organization has of a provider: mostly the truth of some weeks ago. */
function copied(one: Provider, writing: Writing): readonly FhirResource[] {
  const { random, clinics, planted } = writing
  const happens = (what: Plant): boolean => {
    const does = random.chance(PER_THOUSAND[what] / 1000)
    if (does) planted[what] += 1
    return does
  }
  const npi = happens('bad check digit') ? `${one.npi.slice(0, 9)}${(Number(one.npi[9]) + 1) % 10}` : one.npi
  const phone = happens('wrong phone') ? phoneOf(random) : one.phone
  const family = happens('misspelled') ? `${one.family.slice(0, -1)}e` : one.family
  const clinic = happens('moved') ? (clinics[random.integer(0, clinics.length - 1)] ?? one.clinic) : one.clinic
  const seen = { ...one, npi, phone, family, clinic }
  const resources = resourcesOf(seen, lastSeen(writing), happens('left') ? 'departed' : 'active')
  const again = happens('twice') ? resources.map((resource) => ({ ...resource, id: `${resource.id}-again` })) : []
  return [...(clinic === one.clinic ? [] : [clinic.resource]), ...resources, ...again]
}

const stamped = (seenAt: number) => ({ meta: { lastUpdated: new Date(seenAt).toISOString() } })

function resourcesOf(
  { id, npi, given, family, specialty, clinic, phone }: Provider,
  seenAt: number,
  status: 'active' | 'departed' = 'active',
): readonly FhirResource[] {
  const coded = { coding: [{ system: TAXONOMY, code: specialty }] }
  const role = {
    resourceType: 'PractitionerRole',
    id: `r-${id}`,
    active: status === 'active',
    practitioner: { reference: `Practitioner/${id}` },
    location: [{ reference: `Location/${clinic.id}` }],
    specialty: [coded],
    telecom: [{ system: 'phone', value: phone }],
  }
  const practitioner = {
    resourceType: 'Practitioner',
    id,
    active: true,
    identifier: [{ system: NPI_SYSTEM, value: npi }],
    name: [{ family, given: [given] }],
    qualification: [{ code: coded }],
  }
  return [
    { ...practitioner, ...stamped(seenAt) },
    { ...role, ...stamped(seenAt) },
  ]
}

/** The story's clinicians, as whoever knows of them writes them down: each at a member of the network, at no place in particular. */
export const staffFile = (people: readonly Practitioner[], seenAt: number, status: 'active' | 'departed' = 'active'): readonly FhirResource[] => [
  ...[...new Set(people.map(({ organization }) => organization))].map(memberResource),
  ...people.flatMap((one) => staffResources(one, seenAt, status)),
]

function staffResources(one: Practitioner, seenAt: number, status: 'active' | 'departed'): readonly FhirResource[] {
  const role = {
    resourceType: 'PractitionerRole',
    id: `r-${one.id}`,
    active: status === 'active',
    practitioner: { reference: `Practitioner/${one.id}` },
    organization: { reference: `Organization/${one.organization}` },
    code: [{ coding: [{ system: TAXONOMY, code: TAXONOMY_OF[one.specialty] ?? one.role }] }],
  }
  const practitioner = {
    resourceType: 'Practitioner',
    id: one.id,
    active: true,
    identifier: [{ system: NPI_SYSTEM, value: one.npi }],
    name: [{ family: one.family, given: [one.given] }],
  }
  return [
    { ...practitioner, ...stamped(seenAt) },
    { ...role, ...stamped(seenAt) },
  ]
}
