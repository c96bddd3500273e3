import { isResourceType } from '../../resource.ts'
import type { StaticType } from './values.ts'

/**
 * The types of FHIR that an expression can name. JSON does not carry them: the value of `Observation.value[x]` stands in a
 * member whose name ends with its type (`valueQuantity`), and everything else is known by its place only.
 */

/** Primitive types, with what is known of a value by them. */
const PRIMITIVES: ReadonlyMap<string, StaticType> = new Map([
  ['boolean', 'boolean'],
  ['integer', 'integer'],
  ['integer64', 'integer'],
  ['positiveInt', 'integer'],
  ['unsignedInt', 'integer'],
  ['decimal', 'decimal'],
  ['date', 'date'],
  ['dateTime', 'dateTime'],
  ['instant', 'dateTime'],
  ['time', 'time'],
  ...['base64Binary', 'canonical', 'code', 'id', 'markdown', 'oid', 'string', 'uri', 'url', 'uuid', 'xhtml'].map((name) => [name, 'string'] as const),
])

/** Types with parts that an element with a choice of types may have, in R4 or R5. */
const COMPLEX: ReadonlySet<string> = new Set(
  [
    'Address Age Annotation Attachment Availability CodeableConcept CodeableReference Coding ContactDetail ContactPoint Contributor Count',
    'DataRequirement Distance Dosage Duration Expression ExtendedContactDetail HumanName Identifier Meta MonetaryComponent Money',
    'ParameterDefinition Period Quantity Range Ratio RatioRange Reference RelatedArtifact SampledData Signature Timing',
    'TriggerDefinition UsageContext VirtualServiceDetail',
  ].flatMap((line) => line.split(' ')),
)

export const primitiveType = (name: string): StaticType | undefined => PRIMITIVES.get(name)
export const isDataType = (name: string): boolean => PRIMITIVES.has(name) || COMPLEX.has(name)

/** Whether `ofType` may name it. Types of resources are not listed: there are more with each version of FHIR. */
export const isType = (name: string): boolean => isDataType(name) || isResourceType(name)

/** The member that holds a choice of this type: `value`, `dateTime` → `valueDateTime`. */
export const choiceMember = (element: string, type: string): string => `${element}${type.charAt(0).toUpperCase()}${type.slice(1)}`

/**
 * Elements of R4 and R5 that have a choice of types, without the `[x]`. A path that names one of them without `ofType` means
 * whichever is there.
 */
const CHOICES: ReadonlySet<string> = new Set(
  [
    'abatement additive age allowed amount answer asNeeded author born bounds chargeItem collected content cosponsor created defaultValue',
    'deceased definition detail diagnosis dose doseNumber due effective event fastingStatus fixed identified indication instance item',
    'legallyBinding location manufacturer maxValue medication minValue minimumVolume multipleBirth occurred occurrence onset participantEffective',
    'pattern performed probability procedure product rate reported scheduled seriesDoses serviced source start statusReason studyEffective',
    'subject substance target time timing topic used value versionAlgorithm',
  ].flatMap((line) => line.split(' ')),
)

export const isChoice = (element: string): boolean => CHOICES.has(element)

/** The member of an object that holds the element of this name, whichever its type is. */
export function chosenMember(item: { readonly [name: string]: unknown }, element: string): string | undefined {
  return Object.keys(item).find((name) => name.startsWith(element) && isSuffix(name.slice(element.length)))
}

const SUFFIXES: ReadonlySet<string> = new Set([...PRIMITIVES.keys(), ...COMPLEX].map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`))
const isSuffix = (text: string): boolean => SUFFIXES.has(text)

/** Whether a value as JSON can be one of this primitive type. */
export function fitsPrimitive(value: unknown, type: StaticType): boolean {
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'integer') return Number.isInteger(value) || (typeof value === 'string' && /^[+-]?\d{1,19}$/.test(value))
  if (type === 'decimal') return typeof value === 'number'
  return typeof value === 'string'
}
