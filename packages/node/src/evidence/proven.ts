import { accessLogOrigin, decodeBase64Url, encodeBase64Url, type Handle, parseCheckpoint, parseNote } from '@fiducia/core'
import { accessLogsOf, type LedgerState, type Member, members } from '@fiducia/ledger'
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
  /** The size up to which an own access log is sealed and cosigned. */
  sealedSize(log: AccessLog): number
  leaf(log: AccessLog, index: number, extra: Uint8Array | undefined): ProvenLeaf
  /** The requester's mirror entry of an event, from this node's own copy of that log; absent when it is not there or not sealed. */
  mirror(disclosure: string, leaf: Uint8Array): Promise<ProvenLeaf | undefined>
}

export interface ProvenPorts {
  readonly checkpoints: AccessCheckpoints
  readonly heads: CosignedHeads
  readonly mirrors: Mirrors
}

export function createProven(context: NodeContext, { checkpoints, heads, mirrors }: ProvenPorts): Proven {
  function ledger() {
    const head = heads.newest
    const state = head === undefined ? undefined : context.ledger.stateAt(head.block.height)
    if (head === undefined || state === undefined) throw new NodeFailure('NODE_BEHIND', 'no quorum has cosigned a checkpoint whose state is at hand')
    return { head, state }
  }

  function sealed({ origin }: AccessLog): { readonly note: string; readonly size: number } {
    const newest = checkpoints.newestOf(origin)
    if (newest === undefined) throw new NodeFailure('NODE_BEHIND', `the access log \`${origin}\` has no sealed checkpoint so far`)
    return { note: selectCosignatures(newest.note, trustPolicyOfLedger(context.ledger)), size: newest.size }
  }

  /** In one of the requester's logs. */
  async function mirrorIn(requester: Member, k: number, tag: Uint8Array): Promise<ProvenLeaf | undefined> {
    const origin = accessLogOrigin(context.net, requester.org, k)
    const mirror = mirrors.of(origin)
    const index = mirror.indexOfTag(tag)
    const entry = index === undefined ? undefined : mirrors.leaf(origin, index)
    if (index === undefined || entry === undefined || mirror.sealedSize <= index) return undefined
    const text = await fetchText(context.transport, `${requester.endpoint}/log/${k}/checkpoint`)
    const note = selectCosignatures(text, trustPolicyOfLedger(context.ledger), { origin })
    const { size } = parseCheckpoint(parseNote(note).text)
    if (size <= index || mirror.size < size) return undefined
    return { leaf: entry, proof: formatTlogProof({ extra: undefined, index, path: mirror.inclusion(index, size), note }) }
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
    sealedSize: (log) => sealed(log).size,
    leaf(log, index, extra) {
      const { note, size } = sealed(log)
      if (index >= size) throw new NodeFailure('NODE_BEHIND', `entry ${index} is not sealed so far; the log is sealed up to ${size}`)
      return { leaf: log.leaf(index), proof: formatTlogProof({ extra, index, path: log.hashes.inclusion(index, size), note }) }
    },
    async mirror(disclosure, leaf) {
      const { requester, mirrorKey } = readDisclosure(disclosure)
      const state = context.ledger.tip()
      const asked = members(state).find(({ org }) => org === requester)
      if (asked === undefined) return undefined
      const tag = mirrorTag(decodeBase64Url(mirrorKey), leaf)
      for (const { k } of accessLogsOf(state, asked.org)) {
        const found = await mirrorIn(asked, k, tag)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}
