import {
  accessLogOrigin,
  decodeBase64Url,
  ed25519KeyId,
  type KeyRole,
  type NetworkId,
  type OrganizationId,
  type Signer,
  type VerifierKey,
  witnessName,
} from '@fiducia/core'
import type { Ledger } from '@fiducia/engine'
import { formatLogKey, logKeyOf, trust, validKeysOf, witnessKeys } from '@fiducia/ledger'
import { KeyError } from './errors.ts'
import type { Keyring } from './keyring.ts'

/**
 * Which of the own keys signs what, as the ledger says at this moment: the newest valid node key, every witness key of the
 * trust record, every valid ledger key, and for each access log the one key that opened it.
 */
export interface OwnKeys {
  /** For transactions, acknowledgments and assertions. Throws `KEY_MISSING`. */
  readonly node: Signer
  /** Two while one takes over from the other. */
  readonly witnesses: readonly WitnessSigner[]
  /** Those at hand among the keys of the ledger. */
  ledger(keys: readonly VerifierKey[]): readonly Signer[]
  /** The key of access log k; where that is not open, one that may open it: registered for it, or the one that follows from the first log's. */
  log(k: number): Signer | undefined
  readonly ring: Keyring
}

export interface WitnessSigner {
  readonly verifier: VerifierKey
  readonly signer: Signer
}

export interface OwnKeysOptions {
  readonly net: NetworkId
  readonly org: OrganizationId
  readonly ledger: Ledger
  readonly ring: Keyring
}

export function createOwnKeys({ net, org, ledger, ring }: OwnKeysOptions): OwnKeys {
  const valid = (role: KeyRole) => {
    const state = ledger.tip()
    return validKeysOf(state, org, role, state.height).flatMap((key) => {
      const signer = ring.find(key.keyId)
      return signer === undefined ? [] : [{ ...key, signer }]
    })
  }
  const atHand = (keys: readonly VerifierKey[]): readonly WitnessSigner[] =>
    keys.flatMap((verifier) => {
      const signer = ring.find(ed25519KeyId(verifier.publicKey))
      return signer === undefined ? [] : [{ verifier, signer }]
    })

  return {
    ring,
    get node() {
      const newest = valid('node').toSorted((a, b) => b.record.from - a.record.from)[0]
      if (newest === undefined) throw new KeyError('KEY_MISSING', `expected a valid node key of \`${org}\` in its key folder or agent, found none`)
      return newest.signer
    },
    get witnesses() {
      return atHand(witnessKeys(ledger.tip()).filter(({ name }) => name === witnessName(net, org)))
    },
    ledger: (keys) => atHand(keys).map(({ signer }) => signer),
    log(k) {
      const state = ledger.tip()
      const opened = logKeyOf(state, accessLogOrigin(net, org, k))
      const derived = ring.logKey(k)
      if (opened !== undefined) return ring.find(opened.keyId) ?? (derived?.keyId === opened.keyId ? derived : undefined)
      const unused = valid('log').filter(({ record }) => record.origin === undefined)
      const { logs } = trust(state)
      const standsFor = (pub: string, n: number) => logs.includes(formatLogKey(accessLogOrigin(net, org, n), decodeBase64Url(pub)))
      // The genesis lists the first two keys for the first two logs; any later one is free until it opens a log.
      const listed = unused.find(({ record }) => standsFor(record.pub, k))
      return (listed ?? unused.find(({ record }) => ![1, 2].some((n) => standsFor(record.pub, n))))?.signer ?? derived
    },
  }
}
