import { isNpi } from '../facts/npi.ts'
import { endpointSubject, identifierSubject, MEMBER_SYSTEM, memberSubject, npiSubject } from '../facts/subjects.ts'
import type { SubjectKey } from '../facts/types.ts'
import { MAX_FIELD_VALUE } from '../limits.ts'
import type { FoundResource } from '../reading/resource-splitter.ts'
import { codeFinding } from './field-values.ts'
import { childOf, childrenOf, type Element, textOf, textsOf } from './fhir-element.ts'
import type { Address, Locate } from './locations.ts'
import type { Finding } from './types.ts'

/** What a resource is called: the same in the pass that collects references and in the one that reads. */

/** The register of NPIs goes by two names in the wild. */
const NPI_SYSTEMS: ReadonlySet<string> = new Set(['http://hl7.org/fhir/sid/us-npi', 'urn:oid:2.16.840.1.113883.4.6'])

export interface Identifier {
  readonly system: string
  readonly value: string
  readonly path: string
}

export interface Identifiers {
  /** The first with a valid check digit that is in use; others are found and name nobody. */
  readonly npi: string | undefined
  readonly others: readonly Identifier[]
}

export function identifiersOf(element: Element): Identifiers {
  const npis: (Identifier & { readonly isOld: boolean })[] = []
  const others: Identifier[] = []
  for (const identifier of childrenOf(element, 'identifier')) {
    const [system, value] = [textOf(identifier, 'system') ?? '', textOf(identifier, 'value')]
    if (value === undefined) continue
    const path = `${identifier.path}.value`
    if (!NPI_SYSTEMS.has(system)) others.push({ system, value, path })
    else if (isNpi(value)) npis.push({ system, value, path, isOld: textOf(identifier, 'use') === 'old' })
    else identifier.findings.push(codeFinding('NPI_CHECK_DIGIT', path, value))
  }
  const npi = (npis.find(({ isOld }) => !isOld) ?? npis[0])?.value
  for (const { value, path } of npis) if (value !== npi) element.findings.push(codeFinding('NPI_SECOND', path, value))
  return { npi, others }
}

export interface Naming {
  readonly origin: string
  readonly locate: Locate
}

/** The resource's own id within its source; its address in a Bundle where it has none. */
export const sourceIdOf = (resource: Element, { fullUrl }: FoundResource): string | undefined => textOf(resource, 'id') ?? fullUrl

/** Undefined for resources that are no subject by themselves: roles follow from what they join, and plans are none. */
export function subjectOf(type: string, sourceId: string, resource: Element, { origin, locate }: Naming): SubjectKey | undefined {
  switch (type) {
    case 'Practitioner':
      return providerSubject('practitioner', identifiersOf(resource), origin, sourceId)
    case 'Organization':
      return providerSubject('organization', identifiersOf(resource), origin, sourceId)
    case 'Location': {
      const address = childOf(resource, 'address')
      const place = address === undefined ? undefined : locate(addressOf(address))
      return place ?? identifierSubject('location', origin, sourceId)
    }
    case 'Endpoint': {
      const address = textOf(resource, 'address')
      const isNamed = address !== undefined && address.isWellFormed() && address.length <= MAX_FIELD_VALUE
      return isNamed ? endpointSubject(address) : identifierSubject('endpoint', origin, sourceId)
    }
    default:
      return undefined
  }
}

/** An organization that is a member of the network goes by its id there, whoever writes of it. */
export function providerSubject(kind: 'practitioner' | 'organization', { npi, others }: Identifiers, origin: string, sourceId: string): SubjectKey {
  const member = others.find(({ system }) => kind === 'organization' && system === MEMBER_SYSTEM)
  if (member !== undefined) return memberSubject(member.value)
  return npi === undefined ? identifierSubject(kind, origin, sourceId) : npiSubject(kind, npi)
}

/** The NPI of a reference that names its target by identifier alone. */
export function npiOfReference(reference: Element): string | undefined {
  const identifier = childOf(reference, 'identifier')
  if (identifier === undefined) return undefined
  const value = textOf(identifier, 'value') ?? ''
  return NPI_SYSTEMS.has(textOf(identifier, 'system') ?? '') && isNpi(value) ? value : undefined
}

export function addressOf(address: Element): Address {
  const [line = '', ...more] = textsOf(address, 'line').map(wellFormed)
  const part = (name: string) => wellFormed(textOf(address, name) ?? '')
  return { line, line2: more.join(' '), city: part('city'), state: part('state'), postalCode: part('postalCode'), country: part('country') }
}

/** Half a character cannot be hashed. */
const wellFormed = (text: string): string => text.toWellFormed()

export const elementOf = (path: string, members: Element['members'], findings: Finding[]): Element => ({ path, members, findings })
