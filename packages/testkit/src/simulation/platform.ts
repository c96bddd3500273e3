import crypto, { KeyObject, webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/**
 * What of the platform would make one run differ from the next: signatures judged and made in a pool of threads, in whatever
 * order they get done, and random bytes of the system. Here they are judged in the same thread, and the bytes follow from the
 * seed. (The nodes take their random bytes as an argument; libraries below them do not.)
 */
export interface Platform extends Disposable {
  random: (length: number) => Uint8Array
}

type Callback = (error: Error | null, valid: boolean) => void

const onlyEd25519 = (algorithm: unknown): void => {
  const name =
    typeof algorithm === 'string' ? algorithm : typeof algorithm === 'object' && algorithm !== null && 'name' in algorithm ? algorithm.name : undefined
  if (name !== 'Ed25519') throw new Error(`expected a signature by Ed25519, found ${String(name)}`)
}

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)

/** Takes the platform's functions over until it is disposed. One at a time in a thread. */
export function takeOverPlatform(): Platform {
  const state: Pick<Platform, 'random'> = { random: (length) => new Uint8Array(length) }
  const { verify } = crypto
  const { toCryptoKey } = KeyObject.prototype
  const keys = new WeakMap<webcrypto.CryptoKey, KeyObject>()
  const keyOf = (key: webcrypto.CryptoKey): KeyObject => keys.get(key) ?? KeyObject.from(key)
  const verifyHere = (algorithm: string | null | undefined, data: Uint8Array, key: KeyObject, signature: Uint8Array, callback?: Callback) => {
    const valid = verify(algorithm, data, key, signature)
    if (callback === undefined) return valid
    queueMicrotask(() => callback(null, valid))
    return undefined
  }
  const subtle = {
    sign: async (algorithm: unknown, key: webcrypto.CryptoKey, data: ArrayBuffer | ArrayBufferView) => {
      onlyEd25519(algorithm)
      return new Uint8Array(crypto.sign(null, bytesOf(data), keyOf(key))).buffer
    },
    verify: async (algorithm: unknown, key: webcrypto.CryptoKey, signature: ArrayBuffer | ArrayBufferView, data: ArrayBuffer | ArrayBufferView) => {
      onlyEd25519(algorithm)
      return verify(null, bytesOf(data), keyOf(key), bytesOf(signature))
    },
  }
  function rememberKey(this: KeyObject, ...given: Parameters<KeyObject['toCryptoKey']>): webcrypto.CryptoKey {
    const key = toCryptoKey.apply(this, given)
    keys.set(key, this)
    return key
  }
  const getRandomValues = <T extends ArrayBufferView>(into: T): T => {
    bytesOf(into).set(state.random(into.byteLength))
    return into
  }
  Object.assign(crypto, { verify: verifyHere })
  syncBuiltinESMExports()
  const owned = [
    ...Object.entries(subtle).map(([name, value]) => own(webcrypto.subtle, name, value)),
    own(webcrypto, 'getRandomValues', getRandomValues),
    own(KeyObject.prototype, 'toCryptoKey', rememberKey),
  ]
  return {
    get random() {
      return state.random
    },
    set random(next) {
      state.random = next
    },
    [Symbol.dispose]() {
      Object.assign(crypto, { verify })
      syncBuiltinESMExports()
      for (const giveBack of owned) giveBack()
    },
  }
}

/** Puts a value in the place of the object's own, or in front of what it inherits; gives the way back. */
function own(object: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name)
  Object.defineProperty(object, name, { value, configurable: true, writable: true })
  return () => {
    if (before === undefined) Reflect.deleteProperty(object, name)
    else Object.defineProperty(object, name, before)
  }
}
