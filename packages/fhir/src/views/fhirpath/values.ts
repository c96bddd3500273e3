import { shape } from '@fiducia/core'
import { MAX_COMPARED_DEPTH } from '../../limits.ts'
import { FhirPathError } from '../errors.ts'
import { compareTemporal, isFullDate } from './temporal.ts'

/**
 * Values of FHIRPath over parsed JSON. FHIRPath knows only collections; most of them hold one item or none, and millions of
 * them are made. So a collection is `undefined` when it is empty, the item itself when it is one, and an array otherwise.
 * An item is a string, a number, a boolean or an object, never `null` and never an array: `fromJson` is the only door through
 * which JSON comes in, and it sees to that. An array may have any length, also none.
 */
export type Item = string | number | boolean | { readonly [name: string]: unknown }
export type Values = Item | readonly Item[] | undefined

/** What is known of a value before any resource is read: JSON does not say whether `2020` is a date, a time or a name. */
export type StaticType = 'boolean' | 'integer' | 'decimal' | 'string' | 'date' | 'dateTime' | 'time' | 'other'

/** `Array.isArray` forgets what a readonly array holds. */
export const isMany = (values: Values): values is readonly Item[] => Array.isArray(values)
export const listOf = (values: Values): readonly Item[] => (values === undefined ? [] : isMany(values) ? values : [values])
export const isEmpty = (values: Values): boolean => values === undefined || (isMany(values) && values.length === 0)
export const countOf = (values: Values): number => (values === undefined ? 0 : isMany(values) ? values.length : 1)
export const firstOf = (values: Values): Item | undefined => (isMany(values) ? values[0] : values)

/** The item, nothing for an empty collection; refuses several. */
export function oneOf(values: Values, what: string, position: number): Item | undefined {
  if (!isMany(values)) return values
  if (values.length > 1) throw new FhirPathError('FHIRPATH_MANY', `${what} takes one value, found ${values.length}`, position)
  return values[0]
}

/** FHIRPath's singleton evaluation of booleans: one item that is no boolean counts as true. */
export function truthOf(values: Values, what: string, position: number): boolean | undefined {
  const one = oneOf(values, what, position)
  return one === undefined || typeof one === 'boolean' ? one : true
}

/** Names that every object has from JavaScript and that therefore say nothing about a resource. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))

/** How the member of this name is read. Chosen once for each expression: the plain reading is the faster one. */
export function readerOf(name: string): (item: Item) => Values {
  if (INHERITED.has(name)) return (item) => (typeof item === 'object' && Object.hasOwn(item, name) ? fromJson(item[name]) : undefined)
  return (item) => (typeof item === 'object' ? fromJson(item[name]) : undefined)
}

/** `null` stands in a list where an element has extensions and no value: it is no item. */
function fromJson(value: unknown): Values {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) return value as Item
  let hasGaps = false
  for (const entry of value) {
    if (entry === null) hasGaps = true
    else if (Array.isArray(entry)) throw new FhirPathError('VIEW_RESOURCE', 'expected a resource as FHIR writes it, found a list within a list')
  }
  return (hasGaps ? value.filter((entry) => entry !== null) : value) as Item[]
}

/** What the work gives for each item, put together in order. */
export function flatMap(values: Values, work: (item: Item, index: number) => Values): Values {
  if (values === undefined) return undefined
  if (!isMany(values)) return work(values, 0)
  const all: Item[] = []
  for (let i = 0; i < values.length; i += 1) {
    const item = values[i]
    if (item === undefined) continue
    const found = work(item, i)
    if (found === undefined) continue
    if (isMany(found)) for (const one of found) all.push(one)
    else all.push(found)
  }
  return all
}

export const filter = (values: Values, keep: (item: Item, index: number) => boolean): Values => {
  if (values === undefined) return undefined
  if (!isMany(values)) return keep(values, 0) ? values : undefined
  return values.filter(keep)
}

/** What an error may say of a value. */
export function kindOf(item: Item): string {
  if (typeof item === 'object') return 'an element with parts'
  return typeof item === 'string' ? 'text' : typeof item === 'number' ? 'a number' : 'true or false'
}

/** Whether texts are compared as dates and times: told by the types, or, where JSON says nothing, by how the texts look. */
export type TemporalMode = 'always' | 'never' | 'looks'

const TEMPORAL: ReadonlySet<StaticType | undefined> = new Set(['date', 'dateTime', 'time'])

export function temporalMode(left: StaticType | undefined, right: StaticType | undefined): TemporalMode {
  if (left === undefined && right === undefined) return 'looks'
  const known = [left, right].filter((type) => type !== undefined)
  return known.every((type) => TEMPORAL.has(type)) ? 'always' : 'never'
}

/** Whether two collections are equal; nothing if one is empty, or if dates of different precision leave it open. */
export function equals(left: Values, right: Values, mode: TemporalMode): boolean | undefined {
  if (left !== undefined && right !== undefined && !isMany(left) && !isMany(right)) return equalItems(left, right, mode)
  const [a, b] = [listOf(left), listOf(right)]
  if (a.length === 0 || b.length === 0) return undefined
  if (a.length !== b.length) return false
  let isOpen = false
  for (const [i, item] of a.entries()) {
    const other = b[i]
    const equal = other === undefined ? false : equalItems(item, other, mode)
    if (equal === false) return false
    if (equal === undefined) isOpen = true
  }
  return isOpen ? undefined : true
}

function equalItems(a: Item, b: Item, mode: TemporalMode): boolean | undefined {
  if (a === b) return true
  if (typeof a === 'string' && typeof b === 'string') {
    if (mode === 'never' || (mode === 'looks' && !(isFullDate(a) && isFullDate(b)))) return false
    const order = compareTemporal(a, b)
    return order === 'open' ? undefined : order === 0
  }
  return typeof a === 'object' && typeof b === 'object' ? isDeepEqual(a, b, MAX_COMPARED_DEPTH) : false
}

function isDeepEqual(a: unknown, b: unknown, depth: number): boolean {
  if (a === b) return true
  if (depth === 0) throw new FhirPathError('VIEW_LIMIT', `expected elements nested at most ${MAX_COMPARED_DEPTH} deep, found deeper ones`)
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((entry, i) => isDeepEqual(entry, b[i], depth - 1))
  if (!shape.isObject(a) || !shape.isObject(b)) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isDeepEqual(a[name], b[name], depth - 1))
}

/** Whether the list has the item, as `in` and `contains` see it. */
export const includes = (list: readonly Item[], item: Item): boolean => list.some((one) => equalItems(one, item, 'looks') === true)

/** Each item once, the first of equal ones. Texts are taken by their letters: dates of one instant in two zones stay two. */
export function distinct(values: Values): Values {
  if (!isMany(values)) return values
  const seen = new Set<Item>()
  const objects: Item[] = []
  return values.filter((item) => {
    if (seen.has(item) || (typeof item === 'object' && includes(objects, item))) return false
    seen.add(item)
    if (typeof item === 'object') objects.push(item)
    return true
  })
}
