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
import { formatDisclosure } from '@fiducia/fhir'
import { type Answer, DETAILS_HEADER, hashAuthorizationDetails, type Message, parseAuthorizationDetails, proveHead } from '@fiducia/node'
import { blindOf, buildReceipt, createHashLog, decodeLeaf, encodeLeaf, eventCom, slotOf } from '@fiducia/proofs'
import { BIRCH } from '../network/plan.ts'
import { expectStory } from './narrator.ts'
import type { Stage } from './stage.ts'

/**
 * A holder that answers with real keys and real formats, and lies in exactly one place: the handle that the event names,
 * or the log that the receipt's note is about. Its tag is never the patient's.
 */
export interface Lie {
  readonly holder: OrganizationId
  readonly handle: Handle
  /** `private`: the note is of a tree that nobody but this requester is shown. */
  readonly log: 'public' | 'private'
}

interface Commitment {
  readonly leaf: Uint8Array
  readonly index: number
  readonly path: readonly Uint8Array[]
  readonly note: string
}

export async function answerWithLie(stage: Stage, { holder, handle, log }: Lie, message: Message): Promise<Answer> {
  const { network, random, clock } = stage
  const { services } = network.node(holder)
  const details = parseAuthorizationDetails(message.headers?.[DETAILS_HEADER], network.genesis.net)
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: 0 })
  const [salt, salt2] = [random(32), random(32)]
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
  })
  const blind = blindOf(salt2, '{}')
  const com = eventCom(salt, disclosure, blind)
  const head = services.heads.newest === undefined ? undefined : proveHead(services.context, handle, services.heads.newest)
  const commitment = log === 'public' ? await services.log.append({ tag: random(32), com }) : commitPrivately(stage, holder, com)
  const receipt = buildReceipt({
    disclosure,
    head: head ?? null,
    leaf: decodeLeaf(commitment.leaf),
    index: commitment.index,
    path: commitment.path,
    note: commitment.note,
    salt,
    blind,
  })
  return { status: 200, bytes: encodeUtf8(JSON.stringify({ body, receipt })) }
}

/** A leaf in a tree of the holder's own making: its public log so far and this leaf, signed, and shown to one requester only. */
function commitPrivately(stage: Stage, holder: OrganizationId, com: Uint8Array): Commitment {
  const { log } = stage.network.node(holder).services
  const leaf = encodeLeaf({ kind: 'entry', slot: slotOf(Math.floor(stage.clock.now() / 1000)), tag: stage.random(32), com })
  const tree = createHashLog()
  for (let i = 0; i < log.size; i += 1) tree.append(log.hashes.leaf(i))
  const index = tree.append(leafHash(leaf))
  const text = formatCheckpoint({ origin: log.origin, size: tree.size, root: tree.root() })
  return { leaf, index, path: tree.inclusion(index), note: formatNote({ text, signatures: [signNote(text, log.key, logSeed(stage, holder))] }) }
}

function logSeed(stage: Stage, holder: OrganizationId): Uint8Array {
  const seed = decodeHex(readFileSync(path.join(stage.dir, 'nodes', holder, 'keys', 'log.seed'), 'utf8').trim())
  expectStory(seed.length === 32, 'the holder should have its own log key')
  return seed
}
