/** Synthetic people and their records: generated ones, Rosa of the story, and those dealt out of a Bundle. */
export { dealBundle } from './deal-bundle.ts'
export { generatePeople, type Person } from './generate.ts'
export {
  completeNpi,
  DEMO_ORGANIZATIONS,
  type DemoOrganization,
  memberResource,
  organizationResource,
  practitionerIdentifier,
  practitionerResource,
  PRACTITIONERS,
  practitionersOf,
  SAMIR_HADDAD,
} from './organizations.ts'
export { createRosa } from './rosa.ts'
export { createRoster, staffFile } from './roster.ts'
