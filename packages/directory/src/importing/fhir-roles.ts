import { identifierSubject, participationSubject, roleSubject } from '../facts/subjects.ts'
import type { SubjectKey } from '../facts/types.ts'
import { MAX_RECORD_SUBJECTS } from '../limits.ts'
import { dayOf, type Draft, setField } from './field-values.ts'
import { codesIn, firstCode } from './fhir-codes.ts'
import { type FhirContext, type NewPatients, newPatientsOf, type ReadResource, setActive, setEnded, setTelecom, targetIn, targetsIn } from './fhir-context.ts'
import { childOf, type Element, extensionsOf, PLAN_NET, textOf } from './fhir-element.ts'
import { taxonomyOf } from './fhir-providers.ts'
import type { SubjectFacts } from './types.ts'

/**
 * PractitionerRole and OrganizationAffiliation. A role at several locations is one role at each; who takes part in a network is the
 * role, because a practitioner can be in it at one place and not at another. An affiliation is the same for an organization.
 */
export const readRole: ReadResource = (resource, sourceId, context) => {
  const practitioner = targetIn(resource, 'practitioner', 'Practitioner', context)
  const organization = targetIn(resource, 'organization', 'Organization', context)
  const locations = targetsIn(resource, 'location', 'Location', context)
  targetsIn(resource, 'healthcareService', 'HealthcareService', context)
  targetsIn(resource, 'endpoint', 'Endpoint', context)
  const newPatients = newPatientsOf(resource, context)
  const shared = roleFields(resource, newPatients, context)
  const networks = networksOf(resource, context)
  const room = Math.floor(MAX_RECORD_SUBJECTS / (1 + networks.length))
  if (locations.length > room) resource.findings.push({ code: 'VALUE_TOO_LONG', field: `${resource.path}.location` })
  const places: readonly (SubjectKey | undefined)[] = locations.length === 0 ? [undefined] : locations.slice(0, room)
  return places.flatMap((location) => {
    const fields: Draft = { ...present({ practitioner, organization, location }), ...shared }
    // Nobody but its source can name the role of somebody who is not named.
    const role =
      practitioner === undefined ? identifierSubject('role', context.origin, sourceId) : roleSubject(practitioner, organization ?? null, location ?? null)
    return [{ subject: role, fields }, ...networks.map((network) => participation({ participant: role, network }, resource, newPatients, context))]
  })
}

function roleFields(resource: Element, newPatients: readonly NewPatients[], context: FhirContext): Draft {
  const draft: Draft = {}
  setActive(draft, resource)
  setEnded(draft, resource, context)
  setTelecom(draft, resource)
  setField(draft, 'code', firstCode(codesIn(resource, 'code')), `${resource.path}.code`, resource.findings)
  for (const code of codesIn(resource, 'specialty'))
    for (const specialty of taxonomyOf(code, resource)) setField(draft, `specialty/${specialty}`, 'listed', code.path, resource.findings)
  const accepting = newPatients.find(({ network }) => network === undefined)
  if (accepting !== undefined) setField(draft, 'acceptingPatients', accepting.code, resource.path, resource.findings)
  return draft
}

const networksOf = (resource: Element, context: FhirContext): readonly SubjectKey[] =>
  extensionsOf(resource, `${PLAN_NET}/StructureDefinition/network-reference`).flatMap(
    (extension) => targetIn(extension, 'valueReference', 'Organization', context) ?? [],
  )

export const readAffiliation: ReadResource = (resource, _sourceId, context) => {
  targetIn(resource, 'organization', 'Organization', context)
  const participant = targetIn(resource, 'participatingOrganization', 'Organization', context)
  const networks = targetsIn(resource, 'network', 'Organization', context)
  targetsIn(resource, 'location', 'Location', context)
  targetsIn(resource, 'healthcareService', 'HealthcareService', context)
  targetsIn(resource, 'endpoint', 'Endpoint', context)
  for (const name of ['code', 'specialty']) codesIn(resource, name)
  return participant === undefined ? [] : networks.map((network) => participation({ participant, network }, resource, [], context))
}

interface Joined {
  readonly participant: SubjectKey
  readonly network: SubjectKey
}

function participation({ participant, network }: Joined, resource: Element, newPatients: readonly NewPatients[], context: FhirContext): SubjectFacts {
  const fields: Draft = { participant, network }
  // The same for each network of a resource: what is wrong with it was found before.
  const quiet = { ...resource, findings: [] }
  setActive(fields, quiet)
  setEnded(fields, quiet, context)
  const accepting = newPatients.find((one) => one.network === network)
  if (accepting !== undefined) setField(fields, 'acceptingPatients', accepting.code, resource.path, resource.findings)
  const period = childOf(quiet, 'period')
  if (period !== undefined) setPeriod(fields, period)
  return { subject: participationSubject(participant, network), fields }
}

function setPeriod(fields: Draft, period: Element): void {
  const [from, to] = ['start', 'end'].map((name) => dayOf((textOf(period, name) ?? '').slice(0, 10)))
  if (from !== undefined) fields['from'] = from.iso
  if (to !== undefined) fields['to'] = to.iso
}

const present = (named: { readonly [field: string]: SubjectKey | undefined }): Draft =>
  Object.fromEntries(Object.entries(named).flatMap(([field, subject]) => (subject === undefined ? [] : [[field, subject]])))
