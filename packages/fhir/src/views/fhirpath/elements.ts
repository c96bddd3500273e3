import { FhirPathError } from '../errors.ts'
import { type Compiled, compiled, textOf, wrongType } from './compiled.ts'
import { choiceMember, chosenMember, fitsPrimitive, isChoice, primitiveType } from './types.ts'
import { filter, flatMap, type Item, listOf, readerOf, type StaticType, type Values } from './values.ts'
import { isTemporal } from './temporal.ts'

/**
 * How an element is found in JSON. Three things in FHIR's JSON are not where a path says: a choice of types has its type in
 * the member's name (`value` is `valueQuantity`), the extensions and the id of a primitive stand in a member beside it
 * (`_birthDate`), and the type of anything else stands nowhere.
 */

/** An element of something: how it is read, and what its member is called in a given object. */
export interface Element {
  readonly owner: Compiled
  readonly read: (item: Item) => Values
  readonly memberOf: (item: Item) => string | undefined
  readonly type: StaticType | undefined
}

export const elementValues = ({ owner, read, type }: Element): Compiled => compiled((focus, scope) => flatMap(owner.evaluate(focus, scope), read), type)

/** The element that a path names. */
export function namedElement(owner: Compiled, name: string): Element {
  const plain = readerOf(name)
  if (!isChoice(name)) return { owner, read: plain, memberOf: () => name, type: undefined }
  const memberOf = (item: Item): string | undefined => (typeof item !== 'object' ? undefined : Object.hasOwn(item, name) ? name : chosenMember(item, name))
  const read = (item: Item): Values => {
    const found = plain(item)
    if (found !== undefined) return found
    const member = memberOf(item)
    return member === undefined ? undefined : readerOf(member)(item)
  }
  return { owner, read, memberOf, type: undefined }
}

/** `value.ofType(Quantity)`: the member `valueQuantity`; where there is none, `value` itself if it can be seen to be of this type. */
export function typedElement(owner: Compiled, name: string, typeName: string, position: number): Element {
  const member = choiceMember(name, typeName)
  const [typed, plain] = [readerOf(member), readerOf(name)]
  const read = (item: Item): Values => typed(item) ?? filter(plain(item), (one) => isOfType(one, typeName, position))
  return { owner, read, memberOf: () => member, type: primitiveType(typeName) ?? 'other' }
}

/** `ofType` of anything else than a named element. */
export const ofType = ({ evaluate }: Compiled, typeName: string, position: number): Compiled =>
  compiled((focus, scope) => filter(evaluate(focus, scope), (one) => isOfType(one, typeName, position)), primitiveType(typeName) ?? 'other')

/** Refuses to guess: an element with parts does not say what it is, unless it is a resource. */
function isOfType(item: Item, typeName: string, position: number): boolean {
  const primitive = primitiveType(typeName)
  if (typeof item !== 'object') {
    if (primitive === undefined || !fitsPrimitive(item, primitive)) return false
    return primitive === 'string' || typeof item !== 'string' || isTemporal(item)
  }
  if (primitive !== undefined) return false
  const { resourceType } = item
  if (typeof resourceType === 'string') return resourceType === typeName || typeName === 'Resource' || typeName === 'DomainResource'
  throw new FhirPathError(
    'FHIRPATH_TYPE',
    `expected an element that says its type, found one that does not: \`ofType(${typeName})\` must follow its name`,
    position,
  )
}

/**
 * `extension` or `id` of an element: of its parts, and of a primitive those that stand beside it. A list of primitives has a
 * list beside it with `null` where there are none.
 */
export function besideElement({ owner, read, memberOf }: Element, name: 'extension' | 'id'): Compiled {
  const ofParts = readerOf(name)
  return compiled((focus, scope) =>
    flatMap(owner.evaluate(focus, scope), (item) => {
      const member = memberOf(item)
      const beside = member === undefined ? undefined : readerOf(`_${member}`)(item)
      return beside === undefined ? flatMap(read(item), ofParts) : [...listOf(flatMap(read(item), ofParts)), ...listOf(flatMap(beside, ofParts))]
    }),
  )
}

/** `extension(url)` of extensions that were found. */
export const withUrl = ({ evaluate }: Compiled, url: Compiled, position: number): Compiled => {
  const read = readerOf('url')
  return compiled((focus, scope) => {
    const wanted = textOf(url.evaluate(focus, scope), '`extension()`', position)
    return filter(evaluate(focus, scope), (extension) => wanted !== undefined && read(extension) === wanted)
  })
}

// ---- keys -----------------------------------------------------------------------------------------------------------------

/** `Patient/1`: two types may share an id, and a key that named the id alone would join rows that do not belong together. */
export const resourceKey = ({ evaluate }: Compiled, position: number): Compiled =>
  compiled(
    (focus, scope) =>
      flatMap(evaluate(focus, scope), (item) => {
        const { resourceType, id } = typeof item === 'object' ? item : {}
        if (typeof resourceType !== 'string') throw wrongType('`getResourceKey()`', 'a resource', item, position)
        return typeof id === 'string' ? `${resourceType}/${id}` : undefined
      }),
    'string',
  )

/** The key of what a Reference points to; nothing for a reference that cannot be resolved, or to another type. */
export function referenceKey({ evaluate }: Compiled, typeName: string | undefined, position: number): Compiled {
  return compiled(
    (focus, scope) =>
      flatMap(evaluate(focus, scope), (item) => {
        if (typeof item !== 'object') throw wrongType('`getReferenceKey()`', 'a Reference', item, position)
        const { reference } = item
        if (typeof reference !== 'string') return undefined
        const key = scope.fullUrls?.get(reference) ?? RELATIVE.exec(reference)?.[1]
        return key === undefined || (typeName !== undefined && !key.startsWith(`${typeName}/`)) ? undefined : key
      }),
    'string',
  )
}

const RELATIVE = /^([A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/
