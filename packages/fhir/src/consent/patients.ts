import { InputError, shape } from '@fiducia/core'
import { subjectsOf } from '../compartment.ts'
import { isResource } from '../resource.ts'
import type { CaseConsent } from './case.ts'

/** The patient of the FHIR Consents of a case (none where there are none); what speaks of another patient is none of theirs. */
export function patientOf(consents: readonly CaseConsent[]): string | undefined {
  const fromFhir = consents.filter(({ profile }) => profile !== 'native')
  const patients = fromFhir.flatMap(({ resource }) => patientName(resource['patient']) ?? [])
  const [first = fromFhir.length === 0 ? undefined : NOBODYS, ...others] = patients
  if (first === undefined || others.every((other) => other === first)) return first
  throw new InputError('SHAPE', `expected consents of one patient, found ${new Set(patients).size}`, { at: 'consents' })
}

/** A reference as it stands, without the version it names; or the identifier of a logical one. */
export function patientName(reference: unknown): string | undefined {
  if (!shape.isObject(reference)) return undefined
  const { reference: literal, identifier } = reference
  if (typeof literal === 'string') return literal.replace(/\/_history\/[^/]*$/, '')
  if (!shape.isObject(identifier) || typeof identifier['value'] !== 'string') return undefined
  return `${typeof identifier['system'] === 'string' ? identifier['system'] : ''}|${identifier['value']}`
}

/** Where consents are given and none says whose they are, whatever states a subject is somebody else's. */
export const NOBODYS = 'nobody'

/** Whether the resource states a subject that is not this patient. What states none, such as a practitioner, is of nobody else. */
export function isOfAnother(resource: unknown, patient: string): boolean {
  if (!isResource(resource)) return false
  if (resource.resourceType === 'Patient') return patient !== `Patient/${resource.id}`
  return subjectsOf(resource).some((subject) => patientName(subject) !== patient)
}
