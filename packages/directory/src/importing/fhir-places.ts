import { type Draft, setField } from './field-values.ts'
import { codeOf, codesIn, firstCode, writtenCode } from './fhir-codes.ts'
import { newPatientsOf, type ReadResource, setAddress, setStatus, setTelecom, setText, targetIn, targetsIn } from './fhir-context.ts'
import { childOf, type Element } from './fhir-element.ts'
import { subjectOf } from './fhir-subjects.ts'

/** Location and Endpoint; and HealthcareService and InsurancePlan, which are no subjects: their references and codes are checked. */

export const readLocation: ReadResource = (resource, sourceId, context) => {
  const draft: Draft = {}
  setText(draft, 'name', resource, 'name')
  setField(draft, 'type', firstCode(codesIn(resource, 'type')), `${resource.path}.type`, resource.findings)
  const organization = targetIn(resource, 'managingOrganization', 'Organization', context)
  if (organization !== undefined) draft['organization'] = organization
  setStatus(draft, resource)
  setTelecom(draft, resource)
  const address = childOf(resource, 'address')
  if (address !== undefined) setAddress(draft, address)
  newPatientsOf(resource, context)
  targetsIn(resource, 'endpoint', 'Endpoint', context)
  targetIn(resource, 'partOf', 'Location', context)
  return factsOf('Location', resource, sourceId, draft, context)
}

export const readEndpoint: ReadResource = (resource, sourceId, context) => {
  const draft: Draft = {}
  setText(draft, 'address', resource, 'address')
  setText(draft, 'name', resource, 'name')
  setStatus(draft, resource)
  const [type] = [childOf(resource, 'connectionType')].flatMap((coding) => (coding === undefined ? [] : codeOf(coding)))
  if (type !== undefined) setField(draft, 'connectionType', writtenCode(type), type.path, resource.findings)
  const organization = targetIn(resource, 'managingOrganization', 'Organization', context)
  if (organization !== undefined) draft['organization'] = organization
  codesIn(resource, 'payloadType')
  return factsOf('Endpoint', resource, sourceId, draft, context)
}

function factsOf(type: string, resource: Element, sourceId: string, fields: Draft, context: Parameters<ReadResource>[2]): ReturnType<ReadResource> {
  // Named once more from the same parts: what they lack is already found.
  const subject = subjectOf(type, sourceId, { ...resource, findings: [] }, context)
  return subject === undefined ? [] : [{ subject, fields }]
}

export const readService: ReadResource = (resource, _sourceId, context) => {
  for (const name of ['category', 'type', 'specialty']) codesIn(resource, name)
  targetIn(resource, 'providedBy', 'Organization', context)
  for (const name of ['location', 'coverageArea']) targetsIn(resource, name, 'Location', context)
  targetsIn(resource, 'endpoint', 'Endpoint', context)
  newPatientsOf(resource, context)
  return []
}

export const readPlan: ReadResource = (resource, _sourceId, context) => {
  codesIn(resource, 'type')
  for (const name of ['ownedBy', 'administeredBy']) targetIn(resource, name, 'Organization', context)
  targetsIn(resource, 'coverageArea', 'Location', context)
  targetsIn(resource, 'endpoint', 'Endpoint', context)
  targetsIn(resource, 'network', 'Organization', context)
  return []
}
