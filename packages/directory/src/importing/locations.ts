import { locationSubject } from '../facts/subjects.ts'
import type { SubjectKey } from '../facts/types.ts'
import { MAX_KNOWN_ADDRESSES } from '../limits.ts'
import { NORMALIZERS } from '../normalize/normalizers.ts'

/** An address as a source writes it; empty where it says nothing. */
export interface Address {
  readonly line: string
  readonly line2: string
  readonly city: string
  readonly state: string
  readonly postalCode: string
  readonly country: string
}

export const ADDRESS_PARTS = ['line', 'line2', 'city', 'state', 'postalCode', 'country'] as const

/** The location that an address is; undefined for one that is no place to go to, such as a state. */
export type Locate = (address: Address) => SubjectKey | undefined

/** What a source leaves out where it means its own country: all formats that are read here are of the United States. */
const HOME = 'US'

/** Remembers what it found, because many work at one address and naming one costs more than reading a row. */
export function createLocator(): Locate {
  const known = new Map<string, SubjectKey | undefined>()
  return (address) => {
    const written = `${address.line}\n${address.line2}\n${address.city}\n${address.state}\n${address.postalCode}\n${address.country}`
    if (known.has(written)) return known.get(written)
    if (known.size >= MAX_KNOWN_ADDRESSES) known.clear()
    const subject = locate(address)
    known.set(written, subject)
    return subject
  }
}

function locate(address: Address): SubjectKey | undefined {
  const line = NORMALIZERS['address-line'].normalize(address.line)
  const city = NORMALIZERS.city.normalize(address.city)
  const postalCode = NORMALIZERS['postal-code'].normalize(address.postalCode)
  if (line === '' || (city === '' && postalCode === '')) return undefined
  return locationSubject({
    line,
    line2: NORMALIZERS['address-line'].normalize(address.line2),
    city,
    state: NORMALIZERS.state.normalize(address.state),
    postalCode,
    country: NORMALIZERS.country.normalize(address.country) || HOME,
  })
}
