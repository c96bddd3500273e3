import { plainText, saysNothing } from './plain-text.ts'

/** Free text, and keys of subjects: blanks alone are brought together, because in a key every letter counts. */
export const text = (value: string): string => orNothing(value.normalize('NFC').trim().replaceAll(/\s+/g, ' '))

/**
 * Codes, identifiers and credentials: without case, and without the dots of abbreviations (`M.D.` is `md`). Dots before digits stay: 1.23 and 12.3 are
 * two identifiers.
 */
export const code = (value: string): string =>
  orNothing(
    value
      .normalize('NFKC')
      .toLowerCase()
      .normalize('NFKC')
      .replaceAll(/(?<=\p{L})\.+(?!\p{N})/gu, '')
      .replaceAll(/[\s,;]+/g, ' ')
      .trim(),
  )

/** A code of the NUCC set, ten characters, also where its display stands behind it. Whatever has another form stays, in capitals. */
export function taxonomy(value: string): string {
  const capitals = orNothing(value.normalize('NFKC').toUpperCase().normalize('NFKC').replaceAll(/\s+/g, ' ').trim())
  return /^[0-9A-Z]{9}X(?![0-9A-Z])/.exec(capitals)?.[0] ?? capitals
}

const orNothing = (value: string): string => (saysNothing(plainText(value)) ? '' : value)
