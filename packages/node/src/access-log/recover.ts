import { type AccessLogName, accessLogOrigin, type Checkpoint, equalBytes, leafHash, parseCheckpoint, parseNote, verifyNoteSignature } from '@fiducia/core'
import { type Member, members } from '@fiducia/ledger'
import { createHashLog, decodeLeaf, type Get, readEntries } from '@fiducia/proofs'
import type { NodeContext } from '../node-context.ts'
import { fetchBytes, fetchText } from '../peers/transport.ts'
import type { AccessLog } from './access-log.ts'
import { notesSchema } from './start-check.ts'

/**
 * A frozen log gets back the sealed entries that its database lost: the members mirror them. They are believed when they extend
 * the entries that are there and lead to a root that the log itself signed. What the entries said is lost with the
 * database; the requesters' copies still show it.
 */
export interface Recovered {
  /** The log's own sealed note of the largest size. */
  readonly note: string
  readonly leaves: readonly Uint8Array[]
}

/**
 * `nothing` where every member answered and none has a larger note than the one that is kept; `later` where one that may have
 * more did not serve it. Entries that a crash kept from being shown are there already: then there is a note, and no leaf.
 */
export async function recoverEntries(context: NodeContext, log: AccessLog, keptSize: number): Promise<Recovered | 'nothing' | 'later'> {
  const name = { net: context.net, org: context.org, k: log.k }
  const others = members(context.ledger.tip()).filter(({ org }) => org !== context.org)
  const shown = await Promise.all(others.map(async (member) => ({ member, notes: await sealedNotes(context, member, log) })))
  const candidates = shown.flatMap(({ member, notes }) => (notes ?? []).map((note) => ({ member, note, checkpoint: parseCheckpoint(parseNote(note).text) })))
  // Of what the log has itself only its last seal counts: a requester's note of a group commit is none.
  const isWanted = ({ size }: Checkpoint) => size > keptSize && (size === log.sealedSize || size > log.size)
  const larger = candidates.filter(({ checkpoint }) => isWanted(checkpoint))
  for (const { member, note, checkpoint } of larger.toSorted((a, b) => b.checkpoint.size - a.checkpoint.size)) {
    const leaves = await missingLeaves(context, member, { log, name, checkpoint })
    if (leaves !== undefined) return { note, leaves }
  }
  return larger.length === 0 && shown.every(({ notes }) => notes !== undefined) ? 'nothing' : 'later'
}

/** Notes by the log's own key that a member's witness holds; undefined where it does not answer. */
async function sealedNotes(context: NodeContext, { endpoint }: Member, log: AccessLog): Promise<readonly string[] | undefined> {
  try {
    const { notes } = notesSchema.parse(JSON.parse(await fetchText(context.transport, `${endpoint}/witness/notes/${context.org}/${log.k}`)))
    return notes.filter((note) => {
      const { text, signatures } = parseNote(note)
      return signatures.some((line) => verifyNoteSignature(text, line, log.key))
    })
  } catch {
    return undefined
  }
}

interface Missing {
  readonly log: AccessLog
  readonly name: AccessLogName
  readonly checkpoint: Checkpoint
}

/** The entries after those of the log, none where it has them all; undefined where the member does not serve them, they are not what the log signed, or do not end with a seal. */
async function missingLeaves(context: NodeContext, { endpoint }: Member, { log, name, checkpoint }: Missing): Promise<readonly Uint8Array[] | undefined> {
  if (checkpoint.size <= log.size) return equalBytes(log.hashes.root(checkpoint.size), checkpoint.root) ? [] : undefined
  const get: Get = (path) => fetchBytes(context.transport, `${endpoint}${path}`)
  const tree = createHashLog()
  const leaves: Uint8Array[] = []
  try {
    for await (const leaf of readEntries(get, `/witness/log/${name.org}/${name.k}`, checkpoint.size)) {
      tree.append(leafHash(leaf))
      leaves.push(leaf)
    }
  } catch {
    return undefined
  }
  const last = leaves.at(-1)
  if (last === undefined || decodeLeaf(last).kind !== 'seal') return undefined
  const extendsOwn = log.size <= tree.size && equalBytes(tree.root(log.size), log.hashes.root())
  return extendsOwn && equalBytes(tree.root(), checkpoint.root) && checkpoint.origin === accessLogOrigin(name.net, name.org, name.k)
    ? leaves.slice(log.size)
    : undefined
}
