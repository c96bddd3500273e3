import { shape } from '@fiducia/core'
import { isResource, operationOutcome, versionedReference } from '@fiducia/fhir'
import { releasedReferences } from '@fiducia/proofs'

/**
 * A receipt binds the hash of an answer's body; what stands in the body, the patient learns from the list of released
 * references alone. So the requester holds the two against each other before it uses anything: a holder that logs a refusal,
 * or a shorter list, and sends more, would otherwise release data of which no trace stays that a patient can read.
 */

/** What is used of an answer without a receipt: nothing of the holder's, only that it refused. */
export const REFUSED_BODY = JSON.stringify(operationOutcome('forbidden'))

/** What differs between status, body and disclosure; undefined when they say the same. */
export function bodyFault(status: number, body: string, disclosure: string): string | undefined {
  const sent = resourcesIn(body)
  if (sent === undefined) return 'expected a FHIR resource or a searchset of them'
  const listed = releasedReferences(disclosure)
  if (status !== 200) return sent.length === 0 && listed.length === 0 ? undefined : `expected nothing with status ${status}, found resources`
  const found = sent.map(versionedReference)
  const isSame = found.length === listed.length && [...found].sort().every((reference, i) => reference === [...listed].sort()[i])
  return isSame ? undefined : `expected the ${listed.length} resources that the disclosure lists, found ${found.length} of which it does not say the same`
}

/** Every resource in a body but OperationOutcomes; undefined for what is neither a resource nor a searchset. */
function resourcesIn(body: string): readonly unknown[] | undefined {
  const value = parseJson(body)
  if (!shape.isObject(value)) return undefined
  if (value['resourceType'] === 'OperationOutcome') return []
  if (value['resourceType'] !== 'Bundle') return isWhole(value) ? [value] : undefined
  const entries = value['entry'] ?? []
  if (value['type'] !== 'searchset' || !Array.isArray(entries)) return undefined
  const resources = entries.map((entry: unknown) => (shape.isObject(entry) ? entry['resource'] : undefined))
  const carried = resources.filter((resource) => !(shape.isObject(resource) && resource['resourceType'] === 'OperationOutcome'))
  return carried.every(isWhole) ? carried : undefined
}

/** A resource by itself: what is contained in it, or a Bundle, nobody listed. */
const isWhole = (value: unknown): boolean => isResource(value) && value.resourceType !== 'Bundle' && value['contained'] === undefined

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
