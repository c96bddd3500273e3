import type { NormalizerId } from '../facts/fields.ts'
import { plainText } from '../linkage/normalize.ts'
import type { Normalizer } from './types.ts'

const digitsOf = (value: string): string => value.replaceAll(/\D/g, '')

const NORMALIZE: { readonly [id in NormalizerId]: (value: string) => string } = {
  text: (value) => value.trim().replaceAll(/\s+/g, ' '),
  code: (value) => value.trim().toLowerCase(),
  'person-name': plainText,
  'organization-name': plainText,
  phone: digitsOf,
  'address-line': plainText,
  city: plainText,
  state: (value) => value.trim().toUpperCase(),
  'postal-code': (value) => digitsOf(value).slice(0, 5),
  country: (value) => value.trim().toUpperCase(),
  taxonomy: (value) => value.trim().toUpperCase(),
  day: (value) => value.trim(),
  url: (value) => value.trim(),
}

/** All of them, by id. */
export const NORMALIZERS: { readonly [id in NormalizerId]: Normalizer } = Object.fromEntries(
  Object.entries(NORMALIZE).map(([id, normalize]) => [id, { id, version: 1, normalize }]),
) as { readonly [id in NormalizerId]: Normalizer }
