import type { JsonObject } from '@fiducia/core'
import { ed25519PublicKey } from '@fiducia/core'
import { recoveryHashOf } from '@fiducia/ledger'
import { alder, handleFor, publicText, seedOf, START, text32, wireOf } from '../fixture.ts'

/** The signed rel.open of a patient with this label. */
export function openTransaction(label: string): Uint8Array {
  const body: JsonObject = {
    handle: handleFor(label),
    org: alder,
    control: publicText(`${label} control`),
    rand32: text32(`${label} rand`),
    recovery: { m: 1, hashes: [recoveryHashOf(seedOf(`${label} rand`), ed25519PublicKey(seedOf(`${label} phrase`)))] },
    custody: 'self',
    chain: text32(`${label} chain`),
    seal: text32(`${label} seal`),
    bind: text32(`${label} bind`),
  }
  return wireOf('rel.open', body, START, 'alder node', `${label} control`)
}
