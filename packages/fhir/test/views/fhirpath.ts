import { FhirPathError } from '../../src/views/errors.ts'
import { compileFhirPath } from '../../src/views/fhirpath/compile.ts'
import { Work } from '../../src/views/fhirpath/compiled.ts'
import { type Item, listOf } from '../../src/views/fhirpath/values.ts'

/** FHIRPath on one small patient made up here. */
const PATIENT = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  birthDate: '1970-06',
  _birthDate: { id: 'born', extension: [{ url: 'urn:clock', valueTime: '04:05' }] },
  deceasedBoolean: false,
  name: [
    { use: 'official', family: 'Reed', given: ['Ann', null, 'Bo'], _given: [null, { extension: [{ url: 'urn:why', valueCode: 'unknown' }] }, null] },
    { use: 'old', given: ['Ann'] },
  ],
  contact: [{ name: { family: 'Alder' } }],
  link: [
    { other: { reference: 'Patient/q/_history/2' } },
    { other: { reference: 'urn:uuid:1' } },
    { other: { reference: 'https://x/Patient/z' } },
    { other: {} },
  ],
  extension: [
    { url: 'urn:a', valueQuantity: { value: 5, unit: 'mg' } },
    { url: 'urn:b', valueString: 'five' },
  ],
  contained: [
    { resourceType: 'Organization', id: 'o' },
    { resourceType: 'Practitioner', id: 'd' },
  ],
  multipleBirthInteger: 2,
  period: { start: '2020-02', end: '2020-03-04T10:00:00Z' },
}
const VIEW = {
  constants: new Map([
    ['n', { value: 2, type: 'integer' as const }],
    ['day', { value: '1970', type: 'date' as const }],
  ]),
  resourceType: 'Patient',
}
const fullUrls = new Map([['urn:uuid:1', 'Patient/one']])

/** What the path gives: a list stands for a collection, an empty one for nothing. */
export const values = (text: string, resource: Item = PATIENT, rowIndex = 3): readonly Item[] => {
  const { evaluate } = compileFhirPath(text, VIEW)
  return listOf(evaluate(resource, { resource, rowIndex, fullUrls, work: new Work() }))
}

/** `CODE@character message`, or `none`. */
export function faultOf(text: string, resource: Item = PATIENT): string {
  try {
    values(text, resource)
    return 'none'
  } catch (error) {
    if (!(error instanceof FhirPathError)) throw error
    return `${error.code}@${error.position} ${error.message}`
  }
}
