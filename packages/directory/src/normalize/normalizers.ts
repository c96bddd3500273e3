import type { NormalizerId } from '../facts/fields.ts'
import { addressLine, city } from './addresses.ts'
import { code, taxonomy, text } from './codes.ts'
import { phone, url } from './contacts.ts'
import { day } from './days.ts'
import { organizationName, personName } from './names.ts'
import { country, postalCode, state } from './regions.ts'
import type { Normalizer } from './types.ts'

/** All of them, by id. */
export const NORMALIZERS: { readonly [id in NormalizerId]: Normalizer } = {
  text: { id: 'text', version: 1, normalize: text },
  code: { id: 'code', version: 1, normalize: code },
  'person-name': { id: 'person-name', version: 1, normalize: personName },
  'organization-name': { id: 'organization-name', version: 1, normalize: organizationName },
  phone: { id: 'phone', version: 1, normalize: phone },
  'address-line': { id: 'address-line', version: 1, normalize: addressLine },
  city: { id: 'city', version: 1, normalize: city },
  state: { id: 'state', version: 1, normalize: state },
  'postal-code': { id: 'postal-code', version: 1, normalize: postalCode },
  country: { id: 'country', version: 1, normalize: country },
  taxonomy: { id: 'taxonomy', version: 1, normalize: taxonomy },
  day: { id: 'day', version: 1, normalize: day },
  url: { id: 'url', version: 1, normalize: url },
}

/** `ID/VERSION`, as a resolution names the rule by which it compared. */
export const normalizerName = (id: NormalizerId): string => `${id}/${NORMALIZERS[id].version}`
