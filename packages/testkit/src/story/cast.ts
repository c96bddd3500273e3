import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readFacts, RULE_SET } from '@fiducia/consent'
import { InputError, type OrganizationId } from '@fiducia/core'
import { type FhirResource, referenceOf } from '@fiducia/fhir'
import { ALDER, BIRCH, CEDAR, DUNE } from '../network/plan.ts'
import { createRosa, dealBundle, type DemoOrganization, generatePeople, organizationResource, practitionerResource, practitionersOf } from '../people/index.ts'

/** Who is in the story: the patient, which organizations hold the record, and everybody else whose records lie beside. */
export interface Cast {
  /** How the narrator speaks of the patient. */
  readonly patient: string
  readonly holders: readonly Holding[]
  /** An item that the patient hides, at the first holder: `Type/id`. */
  readonly hidden: string
  readonly resources: (org: OrganizationId) => readonly FhirResource[]
}

export interface Holding {
  readonly org: OrganizationId
  /** `Patient/id` in that organization's silo. */
  readonly record: string
}

const NEIGHBORS = 24

/** Rosa, and two dozen synthetic people beside her. */
export function ownCast(): Cast {
  const rosa = createRosa()
  const people = [rosa.person, ...generatePeople('fiducia demo', NEIGHBORS)]
  const at = (organization: DemoOrganization): readonly FhirResource[] => [
    organizationResource(organization),
    ...practitionersOf(organization).map(practitionerResource),
    ...people.flatMap((person) => person.records[organization]),
  ]
  const resources = new Map<string, readonly FhirResource[]>([ALDER, BIRCH, CEDAR, DUNE].map(({ org }) => [org, unique(at(demoOrganization(org)))]))
  return {
    patient: 'Rosa',
    holders: [
      { org: ALDER.org, record: rosa.patient.alder },
      { org: CEDAR.org, record: rosa.patient.cedar },
      { org: DUNE.org, record: rosa.patient.dune },
    ],
    hidden: rosa.hidden,
    resources: (org) => resources.get(org) ?? [],
  }
}

function demoOrganization(org: string): DemoOrganization {
  const names: readonly DemoOrganization[] = ['alder', 'birch', 'cedar', 'dune']
  const found = names.find((name) => name === org)
  if (found === undefined) throw new InputError('SHAPE', `expected an organization of the demo, found \`${org}\``)
  return found
}

/** Patients out of R4 Bundles in a folder, dealt to the holders; the story is about the one whose record lies at the most of them. */
export function outsideCast(folder: string): Cast {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  if (files.length === 0) throw new InputError('SHAPE', `expected R4 Bundles as .json files, found none in \`${folder}\``)
  const holders = [ALDER.org, CEDAR.org, DUNE.org] as const
  const people = files.map((name) => dealBundle(readJson(path.join(folder, name)), holders))
  const hero = people.toSorted((a, b) => b.records.size - a.records.size)[0]
  if (hero === undefined) throw new InputError('SHAPE', 'expected at least one patient')
  const resources = new Map<string, readonly FhirResource[]>(holders.map((org) => [org, unique(people.flatMap(({ records }) => records.get(org) ?? []))]))
  const record = referenceOf(hero.patient) ?? ''
  const holdings = holders.filter((org) => hero.records.has(org)).map((org) => ({ org, record }))
  const [first] = holdings
  return {
    patient: 'the patient',
    holders: holdings,
    hidden: ordinaryCondition(hero.records.get(first?.org ?? ALDER.org) ?? []),
    resources: (org) => resources.get(org) ?? [],
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new InputError('JSON_SYNTAX', 'expected a JSON file', { at: path.basename(file), cause })
  }
}

/** A condition that no label would hold back: hiding it must be the patient's doing. */
function ordinaryCondition(resources: readonly FhirResource[]): string {
  const ordinary = resources.find(
    (resource) => resource.resourceType === 'Condition' && readFacts(resource, RULE_SET, { narrativeRemoved: true })?.confidentiality === 'N',
  )
  return (ordinary === undefined ? undefined : referenceOf(ordinary)) ?? 'Condition/none'
}

const unique = (resources: readonly FhirResource[]): readonly FhirResource[] => [
  ...new Map(resources.map((resource) => [referenceOf(resource), resource])).values(),
]
