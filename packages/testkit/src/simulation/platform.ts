import crypto, { createPrivateKey, createPublicKey, diffieHellman, KeyObject, webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/**
 * What of the platform would make one run differ from the next: keys and signatures that are worked on in a pool of threads, in
 * whatever order they get done, and random bytes of the system. Here that is done in the same thread, and the bytes follow from
 * the seed. (The nodes take their random bytes as an argument; libraries below them do not.)
 */
export interface Platform extends Disposable {
  random: (length: number) => Uint8Array
}

/** Takes the platform's functions over until it is disposed. One at a time in a thread. */
export function takeOverPlatform(): Platform {
  const state: Pick<Platform, 'random'> = { random: (length) => new Uint8Array(length) }
  const { verify } = crypto
  const verdicts = createVerdicts()
  const verifyHere = (algorithm: string | null | undefined, data: Uint8Array, key: KeyObject, signature: Uint8Array, callback?: Callback) => {
    const valid = verdicts.of(key, data, signature, () => verify(algorithm, data, key, signature))
    if (callback === undefined) return valid
    queueMicrotask(() => callback(null, valid))
    return undefined
  }
  const getRandomValues = <T extends ArrayBufferView>(into: T): T => {
    bytesOf(into).set(state.random(into.byteLength))
    return into
  }
  const createPrivateKey = rememberingKeys(crypto.createPrivateKey)
  const real = { verify, createPrivateKey: crypto.createPrivateKey }
  Object.assign(crypto, { verify: verifyHere, createPrivateKey })
  syncBuiltinESMExports()
  const owned = [own(webcrypto, 'getRandomValues', getRandomValues), ...takeOverWebCrypto()]
  return {
    get random() {
      return state.random
    },
    set random(next) {
      state.random = next
    },
    [Symbol.dispose]() {
      Object.assign(crypto, real)
      syncBuiltinESMExports()
      for (const giveBack of owned) giveBack()
    },
  }
}

/** Every signature is made with a key that is read again; here it is read once. */
function rememberingKeys(create: typeof createPrivateKey): typeof createPrivateKey {
  const known = new Map<string, KeyObject>()
  return (input) => {
    if (typeof input !== 'object' || !('key' in input) || !Buffer.isBuffer(input.key)) return create(input)
    const name = latin1(input.key)
    const key = known.get(name) ?? create(input)
    known.set(name, key)
    return key
  }
}

/** Four members judge the same signatures: each is worked out once. */
function createVerdicts() {
  let known = new WeakMap<KeyObject, Map<string, boolean>>()
  let count = 0
  return {
    of(key: KeyObject, data: Uint8Array, signature: Uint8Array, judge: () => boolean): boolean {
      if (data.length > 4096) return judge()
      if (++count > 100_000) [known, count] = [new WeakMap(), 0]
      const ofKey = known.get(key) ?? new Map<string, boolean>()
      known.set(key, ofKey)
      const name = latin1(signature) + latin1(data)
      const verdict = ofKey.get(name) ?? judge()
      ofKey.set(name, verdict)
      return verdict
    },
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

type Callback = (error: Error | null, valid: boolean) => void
type Data = ArrayBuffer | ArrayBufferView
type Key = KeyObject | webcrypto.CryptoKey

/** Ed25519 (jose) and X25519 (age) in the same thread; whoever comes to use more of it has to add it here. */
function takeOverWebCrypto(): readonly (() => void)[] {
  const { toCryptoKey } = Object.getOwnPropertyDescriptors(KeyObject.prototype)
  const known = new WeakMap<webcrypto.CryptoKey, KeyObject>()
  const keyObject = (key: Key): KeyObject => (key instanceof KeyObject ? key : (known.get(key) ?? KeyObject.from(key)))

  function rememberKey(this: KeyObject, ...given: Parameters<KeyObject['toCryptoKey']>): webcrypto.CryptoKey | undefined {
    const key = toCryptoKey.value?.apply(this, given)
    if (key !== undefined) known.set(key, this)
    return key
  }
  const sign = async (algorithm: unknown, key: Key, data: Data) => {
    expectAlgorithm(algorithm, 'Ed25519')
    return bufferOf(crypto.sign(null, bytesOf(data), keyObject(key)))
  }
  const verify = async (algorithm: unknown, key: Key, signature: Data, data: Data) => {
    expectAlgorithm(algorithm, 'Ed25519')
    return crypto.verify(null, bytesOf(data), keyObject(key), bytesOf(signature))
  }
  const importKey = async (format: string, data: Data, algorithm: unknown) => {
    expectAlgorithm(algorithm, 'X25519')
    if (format === 'pkcs8') return createPrivateKey({ key: Buffer.from(bytesOf(data)), format: 'der', type: 'pkcs8' })
    return createPublicKey({ key: Buffer.concat([X25519_SPKI, bytesOf(data)]), format: 'der', type: 'spki' })
  }
  const deriveBits = async (algorithm: { readonly name: string; readonly public: Key }, key: Key) => {
    expectAlgorithm(algorithm, 'X25519')
    return bufferOf(diffieHellman({ privateKey: keyObject(key), publicKey: keyObject(algorithm.public) }))
  }
  const refuse = (name: string) => () => {
    throw new Error(`the simulator does not do \`crypto.subtle.${name}\` in its own thread`)
  }
  const others = ['encrypt', 'decrypt', 'digest', 'generateKey', 'deriveKey', 'exportKey', 'wrapKey', 'unwrapKey'].map((name) => [name, refuse(name)] as const)
  const replaced = [...Object.entries({ sign, verify, importKey, deriveBits }), ...others]
  return [own(KeyObject.prototype, 'toCryptoKey', rememberKey), ...replaced.map(([name, value]) => own(webcrypto.subtle, name, value))]
}

/** What stands before the 32 bytes of an X25519 public key (RFC 8410). */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex')

function expectAlgorithm(algorithm: unknown, expected: string): void {
  const found = typeof algorithm === 'object' && algorithm !== null && 'name' in algorithm ? algorithm.name : algorithm
  if (found !== expected) throw new Error(`expected ${expected}, found ${String(found)}`)
}

const bytesOf = (data: Data): Uint8Array => (ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data))
const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

/** Puts a value in the place of the object's own, or in front of what it inherits; gives the way back. */
function own(object: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name)
  Object.defineProperty(object, name, { value, configurable: true, writable: true })
  return () => {
    if (before === undefined) Reflect.deleteProperty(object, name)
    else Object.defineProperty(object, name, before)
  }
}
