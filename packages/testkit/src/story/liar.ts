import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  decodeHex,
  encodeBase64Url,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  type Handle,
  leafHash,
  type OrganizationId,
  parseBytes32,
  sha256,
  signNote,
} from '@fiducia/core'
import { type DisclosureInput, formatDisclosure } from '@fiducia/fhir'
import { type Answer, DETAILS_HEADER, hashAuthorizationDetails, type Message, parseAuthorizationDetails, proveHead } from '@fiducia/node'
import { type AccessLeaf, blindOf, buildReceipt, createHashLog, decodeLeaf, encodeLeaf, eventCom, eventTag, type ProvenHead, slotOf } from '@fiducia/proofs'
import { BIRCH } from '../network/plan.ts'
import type { Rule } from './interception.ts'
import type { Stage } from './stage.ts'

/** A holder with its real keys and real formats that answers what it likes: each member of the lie is one departure from honesty. */
export interface Lie {
  readonly status?: number
  readonly body?: string
  /** Of the event and its head; the patient's without. */
  readonly handle?: Handle
  readonly disclosure?: Partial<DisclosureInput>
  readonly leaf?: Partial<AccessLeaf>
  readonly head?: ProvenHead | null
  /** The name of another log, on the checkpoint and its signature line. */
  readonly origin?: string
  /** Where the leaf goes: into the public log, or into a tree that only this requester is shown. */
  readonly log: 'public' | 'private'
  /** Number of the event under the patient's tag key; a random tag without. */
  readonly n?: number
}

export const EMPTY_SEARCHSET = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: 0 })

/** The secret seed of one of a member's keys, from its files. */
export function seedOf(stage: Stage, org: OrganizationId, name: string): Uint8Array {
  return decodeHex(readFileSync(path.join(stage.dir, 'nodes', org, 'keys', `${name}.seed`), 'utf8').trim())
}

/** Runs `work` while the holder lies to Birch. */
export function whileLying<T>(stage: Stage, holder: OrganizationId, lie: Lie, work: () => Promise<T>): Promise<T> {
  const endpoint = stage.network.genesis.members[holder]?.endpoint ?? ''
  const rule: Rule = async (from, url, message) =>
    from === BIRCH.org && url.startsWith(`${endpoint}/fhir/`) ? answerWithLie(stage, holder, lie, message) : undefined
  return stage.interception.during(rule, work)
}

async function answerWithLie(stage: Stage, holder: OrganizationId, lie: Lie, message: Message): Promise<Answer> {
  const { network, random, clock, patient } = stage
  const { services } = network.node(holder)
  const details = parseAuthorizationDetails(message.headers?.[DETAILS_HEADER], network.genesis.net)
  const handle = lie.handle ?? patient.handleAt(holder)
  const body = lie.body ?? EMPTY_SEARCHSET
  const [salt, blind] = [random(32), blindOf(random(32), '{}')]
  const disclosure = formatDisclosure({
    interaction: 'search',
    outcome: 'released',
    recorded: clock.now(),
    requester: BIRCH.org,
    holder,
    practitioner: details.practitioner,
    purpose: details.purpose,
    handle,
    authzHash: hashAuthorizationDetails(details.json),
    responseDigest: parseBytes32(encodeBase64Url(sha256(encodeUtf8(body)))),
    mirrorKey: parseBytes32(encodeBase64Url(random(32))),
    released: [],
    ...lie.disclosure,
  })
  const tagkey = services.holder.find(handle)?.tagkey ?? random(32)
  const tag = lie.n === undefined ? random(32) : eventTag(tagkey, services.log.k, lie.n)
  const leaf = { kind: 'entry', slot: slotOf(clock.now() / 1000), tag, com: eventCom(salt, disclosure, blind), ...lie.leaf } as const
  const head = lie.head === undefined ? honestHead(stage, holder, handle) : lie.head
  const placed = lie.log === 'public' ? await services.log.append({ tag: leaf.tag, com: leaf.com }) : placePrivately(stage, holder, leaf, lie.origin)
  const receipt = buildReceipt({ disclosure, head, leaf: decodeLeaf(placed.leaf), index: placed.index, path: placed.path, note: placed.note, salt, blind })
  return { status: lie.status ?? 200, bytes: encodeUtf8(JSON.stringify({ body, receipt })) }
}

function honestHead(stage: Stage, holder: OrganizationId, handle: Handle): ProvenHead | null {
  const { heads, context } = stage.network.node(holder).services
  return (heads.newest && proveHead(context, handle, heads.newest)) ?? null
}

/** A leaf in a tree of the holder's own making: its public log so far and this leaf, signed, and shown to one requester only. */
function placePrivately(stage: Stage, holder: OrganizationId, leaf: AccessLeaf, origin?: string) {
  const { log } = stage.network.node(holder).services
  const bytes = encodeLeaf(leaf)
  const tree = createHashLog(Array.from({ length: log.size }, (_, i) => log.hashes.leaf(i)))
  const index = tree.append(leafHash(bytes))
  const text = formatCheckpoint({ origin: origin ?? log.origin, size: tree.size, root: tree.root() })
  const note = formatNote({ text, signatures: [{ ...signNote(text, log.key, seedOf(stage, holder, 'log')), name: origin ?? log.origin }] })
  return { leaf: bytes, index, path: tree.inclusion(index), note }
}
