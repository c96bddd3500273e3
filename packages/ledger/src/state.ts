import {
  formatCanonical,
  type JsonValue,
  type KeyId,
  type KeyRecord,
  type NetworkId,
  type OrganizationId,
  parseAccessLogOrigin,
  type Bytes32,
  type StateEntry,
  StateTree,
} from '@fiducia/core'
import type { DisputeRecord, LedgerIndex, LedgerState } from './types.ts'
import type { Write } from './transition.ts'

/** Records in the state tree: typed reading, canonical writing, and the lists that follow from them. */

/** The record at a state key, of the type that the caller's module keeps there: only this package writes records. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the key decides the type
export function readRecord<T>(state: LedgerState, key: string): T | undefined {
  const text = state.tree.get(key)
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

export const encodeRecord = (record: object): string => formatCanonical(record as JsonValue)

const EMPTY_INDEX: LedgerIndex = { members: [], keys: new Map(), origins: new Map(), batches: [], contests: [], openDisputes: [], answeredNotes: new Set() }

/** Which note a dispute is about. */
export const noteName = (note: { readonly origin: string; readonly size: number; readonly root: string }): string => `${note.origin} ${note.size} ${note.root}`

/** The index after one write; the same object for all keys that it does not list. */
function indexWrite(index: LedgerIndex, tree: StateTree, { key, value }: StateEntry): LedgerIndex {
  const slash = key.indexOf('/')
  const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)]
  switch (kind) {
    case 'member':
      return index.members.includes(name as OrganizationId) ? index : { ...index, members: [...index.members, name as OrganizationId].sort() }
    case 'key':
      return indexKey(index, name as KeyId, JSON.parse(value) as KeyRecord)
    case 'batch':
      return index.batches.includes(name as Bytes32) ? index : { ...index, batches: [...index.batches, name as Bytes32] }
    case 'contest':
      return index.contests.includes(name as Bytes32) ? index : { ...index, contests: [...index.contests, name as Bytes32] }
    case 'dispute':
      return { ...index, openDisputes: [...index.openDisputes, name as Bytes32] }
    case 'answer':
      return indexAnswer(index, name as Bytes32, tree.get(`dispute/${name}`))
    default:
      return index
  }
}

function indexKey(index: LedgerIndex, keyId: KeyId, record: KeyRecord): LedgerIndex {
  const known = index.keys.get(record.org) ?? []
  const keys = known.includes(keyId) ? index.keys : new Map(index.keys).set(record.org, [...known, keyId])
  const origins = record.origin === undefined ? index.origins : new Map(index.origins).set(record.origin, keyId)
  return { ...index, keys, origins }
}

function indexAnswer(index: LedgerIndex, id: Bytes32, dispute: string | undefined): LedgerIndex {
  const openDisputes = index.openDisputes.filter((open) => open !== id)
  if (dispute === undefined) return { ...index, openDisputes }
  return { ...index, openDisputes, answeredNotes: new Set([...index.answeredNotes, noteName(JSON.parse(dispute) as DisputeRecord)]) }
}

/** The state that holds exactly these entries, as it stood after the block of `height`. */
export function stateFrom(at: { readonly net: NetworkId; readonly height: number; readonly time: number }, entries: Iterable<StateEntry>): LedgerState {
  const tree = StateTree.from(entries)
  return { net: at.net, height: at.height, time: at.time, tree, index: indexOfTree(tree) }
}

/** The lists of a whole tree; disputes come before the answers that close them. */
export function indexOfTree(tree: StateTree): LedgerIndex {
  const answers: StateEntry[] = []
  let index = EMPTY_INDEX
  for (const entry of tree.entries()) {
    if (entry.key.startsWith('answer/')) answers.push(entry)
    else index = indexWrite(index, tree, entry)
  }
  return answers.reduce((next, entry) => indexWrite(next, tree, entry), index)
}

/** The state with the writes of one accepted transaction. */
export function withWrites(state: LedgerState, writes: readonly Write[]): LedgerState {
  let { tree, index } = state
  for (const { key, value } of writes) {
    const text = encodeRecord(value)
    tree = tree.set(key, text)
    index = indexWrite(index, tree, { key, value: text })
  }
  return { ...state, tree, index }
}

/** The organization that an access log's origin names, when it is one of this network. */
export function originOwner(net: NetworkId, origin: string): { readonly org: OrganizationId; readonly k: number } | undefined {
  const name = parseAccessLogOrigin(origin)
  return name === undefined || name.net !== net ? undefined : { org: name.org, k: name.k }
}
