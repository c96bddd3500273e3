import {
  aesGcmOpen,
  aesGcmSeal,
  concatBytes,
  decodeBase64Url,
  ed25519KeyId,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  hkdf,
  InputError,
  type NetworkId,
  type OrganizationId,
  sha256,
} from '@fiducia/core'
import { formatBytes32, type KeyPair } from '@fiducia/proofs'
import type { NodeClient, Signer } from './node-client.ts'
import type { WalletPorts } from './wallet.ts'
import { signWalletRequest } from './wallet-request.ts'

/**
 * The wallet's seed at a key custodian (PROTOCOL, top), as ciphertext only. Everything follows from one wrapping secret of 32 random
 * bytes, which lives with the patient's passkey and never leaves the patient's devices:
 *
 *   wrapping secret ─┬─ a key pair for each custodian    its key id is the address, and it signs each request
 *                    └─ an AES key for each ciphertext    rand32 ‖ AES-256-GCM(0x01 ‖ seed), zero nonce: 81 bytes, always
 *
 * Nothing of it follows from the seed, and no two custodians see the same id: what they keep cannot be opened, laid together, or
 * connected with a handle. A new device with the synced passkey needs nothing else.
 */
export interface CustodyPlace {
  readonly net: NetworkId
  readonly custodian: OrganizationId
}

const SECRET_BYTES = 32
const RANDOM_BYTES = 32
const NONCE = new Uint8Array(12)
const FORM = Uint8Array.of(1)

const placeBytes = ({ net, custodian }: CustodyPlace): Uint8Array => encodeUtf8(`${net}\0${custodian}\0`)

function insistSecret(secret: Uint8Array): void {
  if (secret.length !== SECRET_BYTES) throw new InputError('BYTES_LENGTH', `expected a wrapping secret of ${SECRET_BYTES} bytes, found ${secret.length}`)
}

/** The key that signs for what lies at this custodian. */
export function custodyKey(secret: Uint8Array, place: CustodyPlace): KeyPair {
  insistSecret(secret)
  const seed = hkdf(secret, 'custody-key', placeBytes(place))
  return { secret: seed, pub: formatBytes32(ed25519PublicKey(seed)) }
}

const aesKey = (secret: Uint8Array, place: CustodyPlace, rand32: Uint8Array): Uint8Array => hkdf(secret, 'custody-seal', placeBytes(place), rand32)

/** `rand32` is fresh for each ciphertext. */
export function wrapSeed(secret: Uint8Array, place: CustodyPlace, { seed, rand32 }: { readonly seed: Uint8Array; readonly rand32: Uint8Array }): Uint8Array {
  insistSecret(secret)
  if (seed.length !== 32 || rand32.length !== RANDOM_BYTES) throw new InputError('BYTES_LENGTH', 'expected a seed and a random value of 32 bytes each')
  return concatBytes(rand32, aesGcmSeal(aesKey(secret, place, rand32), NONCE, concatBytes(FORM, seed)))
}

/** The seed. Throws an `InputError` when it was wrapped with another secret, for another place, or was changed. */
export function unwrapSeed(secret: Uint8Array, place: CustodyPlace, wrapped: Uint8Array): Uint8Array {
  insistSecret(secret)
  const rand32 = wrapped.subarray(0, RANDOM_BYTES)
  const plain = wrapped.length > RANDOM_BYTES ? aesGcmOpen(aesKey(secret, place, rand32), NONCE, wrapped.subarray(RANDOM_BYTES)) : undefined
  if (plain === undefined || plain.length !== 33 || plain[0] !== FORM[0]) throw new InputError('PROOF_FORMAT', 'the ciphertext does not open with this secret')
  return plain.slice(1)
}

/** What lies at one custodian, for whoever has the wrapping secret. */
export interface Custody {
  /** Versions only grow; the first is 1. The same seed and version again is another ciphertext, and refused. */
  store(seed: Uint8Array, version: number): Promise<void>
  /** Throws a `NodeClientError` with `CUSTODY_REFUSED` when nothing is there; an `InputError` when the custodian gave something else. */
  restore(): Promise<{ readonly seed: Uint8Array; readonly version: number }>
  /** For good: under this secret nothing can be stored at this custodian again. */
  erase(): Promise<void>
}

export function createCustody(
  client: Pick<NodeClient, 'putCustody' | 'custody' | 'eraseCustody'>,
  { secret, ...place }: CustodyPlace & { readonly secret: Uint8Array },
  ports: WalletPorts,
): Custody {
  const key = custodyKey(secret, place)
  const path = `/custody/${ed25519KeyId(decodeBase64Url(key.pub))}?key=${key.pub}`
  const sign: Signer = (target) => signWalletRequest({ net: place.net, to: place.custodian, ...target, at: ports.now(), rand: ports.random(32) }, key.secret)
  return {
    async store(seed, version) {
      const wrapped = wrapSeed(secret, place, { seed, rand32: ports.random(RANDOM_BYTES) })
      await client.putCustody(`${path}&version=${version}&hash=${encodeBase64Url(sha256(wrapped))}`, wrapped, sign)
    },
    async restore() {
      const { version, ciphertext } = await client.custody(path, sign)
      return { version, seed: unwrapSeed(secret, place, ciphertext) }
    },
    erase: async () => void (await client.eraseCustody(path, sign)),
  }
}
