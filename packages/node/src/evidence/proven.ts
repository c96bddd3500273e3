import { accessLogOrigin, decodeBase64Url, encodeBase64Url, type Handle, parseCheckpoint, parseNote, parseOrganizationId } from '@fiducia/core'
import { type LedgerState, member } from '@fiducia/ledger'
import { formatTlogProof, mirrorTag, type ProvenHead, type ProvenLeaf, readDisclosure, selectCosignatures } from '@fiducia/proofs'
import type { AccessLog } from '../access-log/access-log.ts'
import { NodeFailure } from '../failures.ts'
import { proveHead } from '../gateway/evidence.ts'
import type { AccessCheckpoints } from '../jobs/access-checkpoints.ts'
import type { NodeContext } from '../node-context.ts'
import { type CosignedHead, type CosignedHeads, trustPolicyOfLedger } from '../peers/cosigned-head.ts'
import type { Mirrors } from '../peers/mirrors.ts'
import { fetchText } from '../peers/transport.ts'

/**
 * Proofs as they go into bundles: always under the newest checkpoint that a quorum cosigned, in strict form, never under a
 * group commit's note.
 */
export interface Proven {
  /** The cosigned checkpoint of the ledger, and the state under it. */
  ledger(): { readonly head: CosignedHead; readonly state: LedgerState }
  /** The block of that checkpoint, as bundles carry it. */
  block(): { readonly block: string; readonly proof: string }
  head(handle: Handle): ProvenHead
  /** The size up to which the access log is sealed and cosigned. */
  sealedSize(): number
  leaf(index: number, extra: Uint8Array | undefined): ProvenLeaf
  /** The requester's mirror entry of an event, from this node's own copy of that log; absent when it is not there or not sealed. */
  mirror(disclosure: string, leaf: Uint8Array): Promise<ProvenLeaf | undefined>
}

export interface ProvenPorts {
  readonly log: AccessLog
  readonly checkpoints: AccessCheckpoints
  readonly heads: CosignedHeads
  readonly mirrors: Mirrors
}

/** Requesters mirror in the first origin that they opened. */
const MIRROR_K = 1

export function createProven(context: NodeContext, { log, checkpoints, heads, mirrors }: ProvenPorts): Proven {
  function ledger() {
    const head = heads.newest
    const state = head === undefined ? undefined : context.ledger.stateAt(head.block.height)
    if (head === undefined || state === undefined) throw new NodeFailure('NODE_BEHIND', 'no quorum has cosigned a checkpoint whose state is at hand')
    return { head, state }
  }

  function sealed(): { readonly note: string; readonly size: number } {
    if (checkpoints.newest === undefined) throw new NodeFailure('NODE_BEHIND', 'the access log has no sealed checkpoint so far')
    return { note: selectCosignatures(checkpoints.newest.note, trustPolicyOfLedger(context.ledger)), size: checkpoints.newest.size }
  }

  return {
    ledger,
    block() {
      const { block, note } = ledger().head
      const path = context.ledger.log.inclusion(block.index, block.index + 1)
      return { block: encodeBase64Url(block.entry), proof: formatTlogProof({ extra: undefined, index: block.index, path, note }) }
    },
    head(handle) {
      const head = proveHead(context, handle, ledger().head)
      if (head === undefined) throw new NodeFailure('RELATIONSHIP_UNKNOWN', 'the cosigned checkpoint has no such relationship')
      return head
    },
    sealedSize: () => sealed().size,
    leaf(index, extra) {
      const { note, size } = sealed()
      if (index >= size) throw new NodeFailure('NODE_BEHIND', `entry ${index} is not sealed so far; the log is sealed up to ${size}`)
      return { leaf: log.leaf(index), proof: formatTlogProof({ extra, index, path: log.hashes.inclusion(index, size), note }) }
    },
    async mirror(disclosure, leaf) {
      const { requester, mirrorKey } = readDisclosure(disclosure)
      const org = parseOrganizationId(requester)
      const endpoint = member(context.ledger.tip(), org)?.endpoint
      const origin = accessLogOrigin(context.net, org, MIRROR_K)
      const mirror = mirrors.of(origin)
      const index = mirror.indexOfTag(mirrorTag(decodeBase64Url(mirrorKey), leaf))
      const entry = index === undefined ? undefined : mirrors.leaf(origin, index)
      if (endpoint === undefined || index === undefined || entry === undefined || mirror.sealedSize <= index) return undefined
      const note = selectCosignatures(await fetchText(context.transport, `${endpoint}/log/${MIRROR_K}/checkpoint`), trustPolicyOfLedger(context.ledger), {
        origin,
      })
      const { size } = parseCheckpoint(parseNote(note).text)
      if (size <= index || mirror.size < size) return undefined
      return { leaf: entry, proof: formatTlogProof({ extra: undefined, index, path: mirror.inclusion(index, size), note }) }
    },
  }
}
