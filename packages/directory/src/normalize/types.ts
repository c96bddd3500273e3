import type { NormalizerId } from '../facts/fields.ts'

/**
 * A normalizer says which spellings are one value, for comparing only: what is shown is what somebody wrote. Its version rises with
 * any change of what it gives, because resolutions of old heights are made with the version that they name.
 */
export interface Normalizer {
  readonly id: NormalizerId
  readonly version: number
  /** The empty text for a value that says nothing. Never throws; the same for what it gave before (idempotent). */
  normalize(value: string): string
}
