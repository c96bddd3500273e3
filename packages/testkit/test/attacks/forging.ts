import {
  ed25519PublicKey,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  KEY_TYPE_LOG,
  leafHash,
  makeVerifierKey,
  type OrganizationId,
  signNote,
} from '@fiducia/core'
import { buildTagMap, createHashLog, encodeLeaf, formatAddCheckpoint, type HashLog, paddingFor, paddingLeaf, readTile, sealLeaf, slotOf } from '@fiducia/proofs'
import type { Rule } from '../../src/story/interception.ts'
import { seedOf } from '../../src/story/liar.ts'
import type { Scene } from './scene.ts'

/** A log of one's own making, signed with a member's real key. */
export interface ForgedLog {
  readonly entries: readonly Uint8Array[]
  readonly hashes: HashLog
  readonly note: string
}

export interface Forger {
  readonly org: OrganizationId
  readonly key: 'log' | 'ledger'
  readonly origin: string
}

export function forgeLog({ stage }: Scene, { org, key, origin }: Forger, entries: readonly Uint8Array[]): ForgedLog {
  const hashes = createHashLog(entries.map(leafHash))
  const seed = seedOf(stage, org, key)
  const text = formatCheckpoint({ origin, size: hashes.size, root: hashes.root() })
  const signature = signNote(text, makeVerifierKey(origin, KEY_TYPE_LOG, ed25519PublicKey(seed)), seed)
  return { entries, hashes, note: formatNote({ text, signatures: [signature] }) }
}

/** These leaves, padding and a seal whose tag map covers those of them that are `claimed`. */
export function sealedLeaves({ stage }: Scene, leaves: readonly Uint8Array[], claimed: (leaf: Uint8Array) => boolean): readonly Uint8Array[] {
  const slot = slotOf(stage.clock.now() / 1000)
  const padding = Array.from({ length: paddingFor(leaves.length) }, () => encodeLeaf(paddingLeaf(slot, stage.random(64))))
  const all = [...leaves, ...padding]
  return [...all, encodeLeaf(sealLeaf(slot, buildTagMap(all.filter(claimed)).root, all.length))]
}

/** The entries of the forged log in place of what stands under this address. */
export const servingTiles =
  (address: string, { hashes, entries, note }: ForgedLog): Rule =>
  async (_from, url) => {
    if (!url.startsWith(`${address}/`)) return undefined
    const name = url.slice(address.length + 1)
    const bytes =
      name === 'tip' || name === 'checkpoint' ? encodeUtf8(note) : readTile(name.replace(/^tile\//, ''), hashes, (from, to) => entries.slice(from, to))
    return bytes === undefined ? undefined : { status: 200, bytes }
  }

/** Asks a member's witness from the size that it knows on. */
export async function askWitness(
  { stage }: Scene,
  org: OrganizationId,
  { hashes, note }: ForgedLog,
): Promise<{ readonly status: number; readonly body: string }> {
  const { witness } = stage.network.node(org).services
  const ask = (oldSize: number) =>
    witness.addCheckpoint(encodeUtf8(formatAddCheckpoint({ oldSize, path: oldSize > hashes.size ? [] : hashes.consistency(oldSize), note })))
  const first = await ask(0)
  const known = first.status === 409 ? Number(first.body) : 0
  return known === 0 || known > hashes.size ? first : ask(known)
}
