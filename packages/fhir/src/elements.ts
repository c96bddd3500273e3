import { shape } from '@fiducia/core'

/** All values at a dotted path of element names, through arrays; choice types are named in full (`medicationCodeableConcept`). */
export function valuesAt(value: unknown, path: string): readonly unknown[] {
  let level: readonly unknown[] = [value]
  for (const name of path.split('.')) {
    level = level.flatMap((entry) => {
      if (!shape.isObject(entry) || !Object.hasOwn(entry, name)) return []
      const child = entry[name]
      return Array.isArray(child) ? child : [child]
    })
  }
  return level
}
