/** Synthetic people and their records: generated ones, Rosa of the story, and those dealt out of a Bundle. */
export { type Dealt, dealBundle, type DealCounts } from './deal-bundle.ts'
export { generatePeople, type Person } from './generate.ts'
export {
  completeNpi,
  DEMO_ORGANIZATIONS,
  type DemoOrganization,
  NPI_SYSTEM,
  ORGANIZATION_NAMES,
  organizationResource,
  type Practitioner,
  practitionerIdentifier,
  practitionerResource,
  PRACTITIONERS,
  practitionersOf,
  SAMIR_HADDAD,
} from './organizations.ts'
export { createRandom, type Random } from './random.ts'
export { createRosa, type Rosa } from './rosa.ts'
