import { ed25519Equation, ed25519PublicKey, ed25519Sign, isPrimeOrderPoint } from '#crypto'
import { decodeHex, encodeHex, encodeUtf8 } from './bytes.ts'
import { InputError } from './errors.ts'

/**
 * The Ed25519 rule (DESIGN section 2). Libraries and Node versions disagree on edge cases, and two members that disagree
 * about one signature no longer share a ledger. So the verdict is fixed by bytes before any library is asked:
 *
 *   at key admission   32 bytes, canonical, not of small order, of prime order
 *   at verification    R canonical and not of small order, S < L, then the cofactorless equation
 *
 * `selfTest` runs a handful of edge cases at start-up; whoever fails it must not run.
 */

export { ed25519PublicKey } from '#crypto'

const FIELD = 2n ** 255n - 19n
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

/** The canonical encodings of the eight points of small order, without the sign bit where both signs occur. */
const SMALL_ORDER = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
])

/** y below the field prime; and x = 0 (y = 1 or y = -1) only with sign 0. */
function isCanonicalPoint(bytes: Uint8Array): boolean {
  const encoded = littleEndian(bytes)
  const y = encoded & ((1n << 255n) - 1n)
  const negative = encoded >> 255n === 1n
  if (y >= FIELD) return false
  return !(negative && (y === 1n || y === FIELD - 1n))
}

const isSmallOrder = (bytes: Uint8Array): boolean => SMALL_ORDER.has(encodeHex(bytes))

/** Throws `KEY_ADMISSION` unless the key may ever stand on the ledger. Costs about a millisecond: once per key. */
export function admitEd25519(publicKey: Uint8Array): void {
  if (publicKey.length !== 32) throw new InputError('KEY_ADMISSION', `expected an Ed25519 key of 32 bytes, found ${publicKey.length}`)
  if (!isCanonicalPoint(publicKey)) throw new InputError('KEY_ADMISSION', 'expected a canonical point, found another encoding')
  if (isSmallOrder(publicKey)) throw new InputError('KEY_ADMISSION', 'expected a key of prime order, found one of small order')
  if (!isPrimeOrderPoint(publicKey)) throw new InputError('KEY_ADMISSION', 'expected a point of prime order, found another')
}

/** The byte checks that stand before the equation: lengths, R canonical and not of small order, S < L. Never throws. */
export function isSignatureForm(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const r = signature.subarray(0, 32)
  return isCanonicalPoint(r) && !isSmallOrder(r) && littleEndian(signature.subarray(32)) < ORDER
}

/** The same verdict on every platform, for a key that was admitted. Never throws. */
export const verifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  isSignatureForm(publicKey, signature) && ed25519Equation(publicKey, message, signature)

/** The 64-byte signature by the key of a 32-byte seed (RFC 8032). */
export function sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  if (seed.length !== 32) throw new InputError('BYTES_LENGTH', `expected a seed of 32 bytes, found ${seed.length}`)
  return ed25519Sign(seed, message)
}

interface EdgeCase {
  readonly about: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}

const TEST_SEED = new Uint8Array(32).fill(7)

/** Cases made here: one good signature and each byte trick on it, plus keys that must not be admitted. */
function edgeCases(): readonly EdgeCase[] {
  const publicKey = encodeHex(ed25519PublicKey(TEST_SEED))
  const message = 'fiducia self-test'
  const good = ed25519Sign(TEST_SEED, encodeUtf8(message))
  const s = littleEndian(good.subarray(32))
  const withS = (value: bigint) => encodeHex(good.subarray(0, 32)) + value.toString(16).padStart(64, '0').match(/../g)?.reverse().join('')
  const withR = (r: string) => r + encodeHex(good.subarray(32))
  const base = { publicKey, message }
  return [
    { ...base, about: 'a good signature', signature: encodeHex(good), valid: true },
    { ...base, about: 'S + L', signature: withS(s + ORDER), valid: false },
    { ...base, about: 'R of small order', signature: withR(`01${'00'.repeat(31)}`), valid: false },
    { ...base, about: 'R not canonical', signature: withR(`ee${'ff'.repeat(30)}7f`), valid: false },
    { ...base, about: 'another message', message: 'fiducia self-tesu', signature: encodeHex(good), valid: false },
  ]
}

const REFUSED_KEYS = [`01${'00'.repeat(31)}`, `ee${'ff'.repeat(30)}7f`, '36539bec02bb5a33552d0920f93ff1c22191470cb1748ce16298485786f637b7']

/** The names of the cases in which this platform's verdict differs from the rule; a node with any must refuse to start. */
export function selfTest(): readonly string[] {
  const wrong = edgeCases()
    .filter((one) => verifySignature(decodeHex(one.publicKey), encodeUtf8(one.message), decodeHex(one.signature)) !== one.valid)
    .map((one) => one.about)
  return [...wrong, ...REFUSED_KEYS.filter((key) => isAdmissible(decodeHex(key))).map((key) => `key ${key.slice(0, 8)} admitted`)]
}

function isAdmissible(publicKey: Uint8Array): boolean {
  try {
    admitEd25519(publicKey)
    return true
  } catch {
    return false
  }
}
