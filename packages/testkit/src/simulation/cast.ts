import type { Policy } from '@fiducia/consent'
import { type Bytes32, encodeBase64Url, parseBytes32 } from '@fiducia/core'
import type { RoleOpening } from '@fiducia/ledger'
import { ALDER, BIRCH, CEDAR, DUNE } from '../network/plan.ts'
import { practitionerIdentifier, SAMIR_HADDAD } from '../people/index.ts'
import type { Random } from '../people/random.ts'

/** Who is in every run: four members, of whom two hold Rosa's record and one asks; what she permits, and who the doctor is. */
export const MEMBERS = [ALDER.org, BIRCH.org, CEDAR.org, DUNE.org] as const
export const HOLDERS = [ALDER.org, CEDAR.org] as const
export const REQUESTER = BIRCH.org

export const OPEN: Policy = {
  v: 1,
  grants: [{ effect: 'permit', recipients: [{ organization: REQUESTER }], purposes: ['TREAT'], data: { confidentiality: 'N' }, actions: ['read', 'search'] }],
}
export const CLOSED: Policy = { v: 1, grants: [{ effect: 'deny' }] }
export const isRestriction = ({ grants }: Policy): boolean => grants.every(({ effect }) => effect === 'deny')

/** NUCC code of a family physician. */
const ROLE_CODE = '207Q00000X'
export const SEED_BYTES = new Uint8Array(32).fill(7)
export const ROLE: { readonly opening: RoleOpening; readonly rand32: Bytes32 } = {
  opening: { code: ROLE_CODE, org: REQUESTER, practitioner: practitionerIdentifier(SAMIR_HADDAD) },
  rand32: parseBytes32(encodeBase64Url(SEED_BYTES)),
}

/** Bytes out of a generator of their own. */
export function bytesFrom(dice: Random): (length: number) => Uint8Array {
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 3) {
      const word = Math.floor(dice.next() * 0x1000000)
      for (let i = 0; i < 3 && at + i < length; i += 1) bytes[at + i] = (word >>> (8 * i)) & 255
    }
    return bytes
  }
}
