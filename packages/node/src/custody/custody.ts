import { type Bytes32, equalBytes } from '@fiducia/core'
import type { Erasure } from '../erasure/erasure.ts'
import { NodeFailure } from '../failures.ts'
import { CUSTODY_NEW_PER_HOUR, MAX_CUSTODIES } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { bytesColumn, integerColumn } from '../store/columns.ts'
import { createRateLimit } from './rate-limit.ts'

/**
 * The key custodian (PROTOCOL, top): ciphertexts of wallets' seeds, each under the id of a key that only the wallet can derive. The
 * custodian can neither open them nor tell whose they are: key and id follow from a secret that lives with the patient's passkey,
 * and nowhere else. It can lose them, or keep them back; recovery never rests on it alone.
 */
export interface KeptCiphertext {
  readonly version: number
  readonly ciphertext: Uint8Array
}

export interface Custody {
  /** Undefined for an id under which nothing is. */
  find(id: Bytes32): KeptCiphertext | undefined
  /** Durable when it returns; the same again changes nothing. Throws `CUSTODY_VERSION` unless the version is above the one that is kept. */
  put(id: Bytes32, kept: KeptCiphertext): void
  /** For good: nothing is taken under the id again, so that a backup that is put back revives nothing. False where nothing was. */
  erase(id: Bytes32, request: Bytes32): Promise<boolean>
}

export const custodyRefused = (cause?: unknown): NodeFailure =>
  new NodeFailure('CUSTODY_REFUSED', 'expected a request signed by the key of something that is kept here', { cause })

export function createCustody({ database, clock }: Pick<NodeContext, 'database' | 'clock'>, erasure: Pick<Erasure, 'eraseCustody' | 'isErased'>): Custody {
  /** Counted when it is first needed. */
  let count: number | undefined
  /** Nobody is asked who they are: so what strangers can fill is bounded. */
  const fresh = createRateLimit({ clock, most: CUSTODY_NEW_PER_HOUR, perMs: 3_600_000 })

  function find(id: Bytes32): KeptCiphertext | undefined {
    const row = database.get('SELECT version, ciphertext FROM custody WHERE id = ?', id)
    return row === undefined ? undefined : { version: integerColumn(row, 'version'), ciphertext: bytesColumn(row, 'ciphertext') }
  }

  function insistRoom(): void {
    if (!fresh.take('new')) throw new NodeFailure('RATE_LIMITED', `expected at most ${CUSTODY_NEW_PER_HOUR} new ciphertexts within an hour`)
    count ??= integerColumn(database.get('SELECT count(*) AS n FROM custody') ?? {}, 'n')
    if (count >= MAX_CUSTODIES) throw new NodeFailure('OVERLOADED', `${MAX_CUSTODIES} ciphertexts are kept, which is all that this custodian takes`)
  }

  return {
    find,
    put(id, { version, ciphertext }) {
      if (erasure.isErased('custody', id)) throw custodyRefused()
      const known = find(id)
      if (known === undefined) insistRoom()
      else if (known.version === version && equalBytes(known.ciphertext, ciphertext)) return
      else if (known.version >= version) throw new NodeFailure('CUSTODY_VERSION', `expected a version above ${known.version}, found ${version}`)
      database.run(
        'INSERT INTO custody (id, version, ciphertext) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, ciphertext = excluded.ciphertext',
        id,
        version,
        ciphertext,
      )
      if (known === undefined && count !== undefined) count += 1
    },
    async erase(id, request) {
      if (find(id) === undefined) return false
      await erasure.eraseCustody(id, request)
      count = undefined
      return true
    },
  }
}
