import { childOf, childrenOf, type Element, PLAN_NET, textOf } from './fhir-element.ts'

/** Codes of coded elements. */
export interface Code {
  readonly system: string
  readonly code: string
  /** Of its own coding, for findings. */
  readonly path: string
}

export const TAXONOMY_SYSTEM = 'http://nucc.org/provider-taxonomy'
export const LANGUAGE_SYSTEM = 'urn:ietf:bcp:47'

/** Systems whose codes say the same wherever they stand: what Plan-Net binds to. */
const KNOWN_SYSTEMS: ReadonlySet<string> = new Set([
  TAXONOMY_SYSTEM,
  LANGUAGE_SYSTEM,
  'https://www.usps.com/',
  ...['v2-0360', 'v3-RoleCode', 'v3-ActReason', 'endpoint-connection-type', 'endpoint-payload-type', 'service-type', 'organization-type'].map(
    (name) => `http://terminology.hl7.org/CodeSystem/${name}`,
  ),
  ...[
    'AcceptingPatientsCS',
    'EndpointConnectionTypeCS',
    'EndpointPayloadTypeCS',
    'HealthcareServiceCategoryCS',
    'InsurancePlanTypeCS',
    'InsuranceProductTypeCS',
    'LanguageProficiencyCS',
    'OrganizationAffiliationRoleCS',
    'OrgTypeCS',
    'ProviderRoleCS',
    'SpecialtyAndDegreeLicenseCertificateCS',
  ].map((name) => `${PLAN_NET}/CodeSystem/${name}`),
])

/** The codes of a CodeableConcept. A system that is not known is found, and the code kept with it. */
export const codesOf = (concept: Element): readonly Code[] => childrenOf(concept, 'coding').flatMap(codeOf)

/** The codes of all CodeableConcepts of a list. */
export const codesIn = (element: Element, name: string): readonly Code[] => childrenOf(element, name).flatMap(codesOf)

export function codeOf(coding: Element): readonly Code[] {
  const code = textOf(coding, 'code')
  if (code === undefined) return []
  const system = textOf(coding, 'system') ?? ''
  if (!KNOWN_SYSTEMS.has(system))
    coding.findings.push({ code: 'UNKNOWN_CODE_SYSTEM', field: coding.path, ...(system !== '' && { value: system.slice(0, SHOWN_SYSTEM) }) })
  return [{ system, code, path: coding.path }]
}

const SHOWN_SYSTEM = 200

/** How a code stands in a field: alone where its system is known. */
export const writtenCode = ({ system, code }: Code): string => (system === '' || KNOWN_SYSTEMS.has(system) ? code : `${system}|${code}`)

/** The first code of a list of concepts. */
export const firstCode = (codes: readonly Code[]): string => {
  const [code] = codes
  return code === undefined ? '' : writtenCode(code)
}

/** Of an extension with a CodeableConcept. */
export const conceptCodes = (extension: Element): readonly Code[] => {
  const concept = childOf(extension, 'valueCodeableConcept')
  return concept === undefined ? [] : codesOf(concept)
}
