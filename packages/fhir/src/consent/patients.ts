import { InputError, shape } from '@fiducia/core'
import { subjectsOf } from '../compartment.ts'
import { isResource } from '../resource.ts'
import type { CaseConsent } from './case.ts'

/** The patient of the consents of one case; what speaks of another patient is none of theirs. */
export function patientOf(consents: readonly CaseConsent[]): string | undefined {
  const patients = consents.filter(({ profile }) => profile !== 'native').flatMap(({ resource }) => nameOf(resource['patient']) ?? [])
  const [first, ...others] = patients
  if (first === undefined || others.every((other) => isSamePatient(first, other))) return first
  throw new InputError('SHAPE', `expected consents of one patient, found ${new Set(patients).size}`, { at: 'consents' })
}

/** A reference as it stands, without the version it names; or the identifier of a logical one. */
function nameOf(reference: unknown): string | undefined {
  if (!shape.isObject(reference)) return undefined
  const { reference: literal, identifier } = reference
  if (typeof literal === 'string') return literal.replace(/\/_history\/[^/]*$/, '')
  if (!shape.isObject(identifier) || typeof identifier['value'] !== 'string') return undefined
  return `${typeof identifier['system'] === 'string' ? identifier['system'] : ''}|${identifier['value']}`
}

/** Equal names; or one of them names its server and the other stands for the same `Type/id` there. */
function isSamePatient(one: string, other: string): boolean {
  if (one === other) return true
  const [absolute, relative] = one.length > other.length ? [one, other] : [other, one]
  return /^Patient\/[A-Za-z0-9.-]{1,64}$/.test(relative) && /^https?:/.test(absolute) && absolute.endsWith(`/${relative}`)
}

/** Whether the resource states a subject that is not this patient. What states none, such as a practitioner, is of nobody else. */
export function isOfAnother(resource: unknown, patient: string): boolean {
  if (!isResource(resource)) return false
  if (resource.resourceType === 'Patient') return !isSamePatient(patient, `Patient/${resource.id}`)
  return subjectsOf(resource).some((subject) => {
    const name = nameOf(subject)
    return name === undefined || !isSamePatient(patient, name)
  })
}
