import type { Json } from './json.ts'

/** Places in a case document, and copies of the document in which one place is different. */
export type Path = readonly (string | number)[]

export interface Place {
  readonly path: Path
  readonly value: unknown
}

/** Every place below a value, the value itself first. */
export function placesOf(value: unknown, path: Path = []): readonly Place[] {
  const here = { path, value }
  if (typeof value !== 'object' || value === null) return [here]
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [here, ...members.flatMap(([name, member]) => placesOf(member, [...path, name]))]
}

export function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown })[name] : undefined),
    document,
  )
}

/** The document with another value at a place. */
export function withValue(document: Json, path: Path, value: unknown): Json {
  return changed(document, path, () => value) as Json
}

/** The document without a member or an entry. */
export const withoutPlace = (document: Json, path: Path): Json => changed(document, path, () => REMOVED) as Json

const REMOVED = Symbol('removed')

function changed(value: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return change(value)
  if (Array.isArray(value)) return value.flatMap((entry: unknown, i) => (i === name ? kept(changed(entry, rest, change)) : [entry]))
  const whole = typeof value === 'object' && value !== null ? (value as Json) : {}
  const names = Object.hasOwn(whole, name) ? Object.keys(whole) : [...Object.keys(whole), String(name)]
  return Object.fromEntries(
    names.flatMap((one) => (one === name ? kept(changed(whole[one], rest, change)).map((member) => [one, member]) : [[one, whole[one]]])),
  )
}

const kept = (value: unknown): readonly unknown[] => (value === REMOVED ? [] : [value])
