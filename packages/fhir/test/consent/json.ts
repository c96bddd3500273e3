/** Reading JSON that nobody has checked. */
export type Json = { readonly [name: string]: unknown }

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** The entries of a member that is a list; none where it is absent or something else. */
export const listOf = (value: unknown): readonly unknown[] => (isList(value) ? value : [])
export const objectsOf = (value: unknown): readonly Json[] => listOf(value).filter(isObject)

/** The value of an own member, so that `constructor` and its like are never found. */
export const own = (value: unknown, name: string): unknown => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined)

export const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Every object in a value, the value itself included. */
export function objectsWithin(value: unknown): readonly Json[] {
  if (isList(value)) return value.flatMap(objectsWithin)
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsWithin)] : []
}

/** `system|value` of one Identifier that has both. */
export function identifierName(identifier: unknown): string | undefined {
  const [system, value] = [own(identifier, 'system'), own(identifier, 'value')]
  return typeof system === 'string' && typeof value === 'string' ? `${system}|${value}` : undefined
}

/** The identifiers of a resource. */
export const identifiersOf = (resource: Json): readonly string[] =>
  objectsOf(own(resource, 'identifier')).flatMap((one) => {
    const name = identifierName(one)
    return name === undefined ? [] : [name]
  })

/** `Type/id` of a resource that says both. */
export function nameOf(resource: unknown): string | undefined {
  const [type, id] = [own(resource, 'resourceType'), own(resource, 'id')]
  if (typeof type !== 'string' || !/^[A-Z][A-Za-z]{1,63}$/.test(type) || typeof id !== 'string' || !/^[A-Za-z0-9.-]{1,64}$/.test(id)) return undefined
  return `${type}/${id}`
}

export const isRelative = (reference: string): boolean => /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/.test(reference)
