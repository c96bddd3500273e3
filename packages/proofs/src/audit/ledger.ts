import { decodeBase64Url, equalBytes, InputError, KEY_TYPE_LOG, leafHash, ledgerOrigin, makeVerifierKey, sha256, type VerifierKey } from '@fiducia/core'
import {
  decodeLogEntry,
  decodeTransaction,
  type Genesis,
  genesisTrust,
  initialState,
  keysOf,
  LedgerReplay,
  type LedgerState,
  LogFault,
  members,
  type ReplayedBlock,
  trust,
} from '@fiducia/ledger'
import { createHashLog, type HashLog } from '../hash-log.ts'
import { type TrustPolicy, trustPolicyOf } from '../trust-policy.ts'
import type { AuditFinding } from './findings.ts'
import { readAnyNote, readShownNote, type ShownNote } from './notes.ts'
import { type Get, readEntries } from './source.ts'

/** The ledger, replayed from its first entry: every rule, every signature, every state root. */
export interface ReplayedLedger {
  readonly state: LedgerState
  readonly tree: HashLog
  /** The checkpoint up to which it was replayed. */
  readonly whole: ShownNote
  readonly trust: TrustPolicy
  /** State root by height, for each block. */
  readonly stateRoots: ReadonlyMap<number, Uint8Array>
  readonly lastBlock: Pick<ReplayedBlock, 'entry' | 'index' | 'block'>
  /** Notes of access logs that stand in `access.checkpoint` transactions, by origin. */
  readonly logNotes: ReadonlyMap<string, readonly string[]>
}

export interface ShownBy {
  readonly by: string
  readonly get: Get
  /** Text of the note that it shows. */
  readonly text: string
}

export type LedgerAudit =
  | { readonly ledger: ReplayedLedger; readonly findings: readonly AuditFinding[] }
  | { readonly ledger: undefined; readonly findings: readonly AuditFinding[] }

/** Replays up to the largest checkpoint whose entries some member serves. */
export async function auditLedger(genesis: { readonly parsed: Genesis; readonly bytes: Uint8Array }, shown: readonly ShownBy[]): Promise<LedgerAudit> {
  const origin = ledgerOrigin(genesis.parsed.net)
  const keys = trustPolicyOf(genesisTrust(genesis.parsed), genesis.parsed.net).logs.filter(({ name }) => name === origin)
  const notes = shown.flatMap((one) => {
    const note = readAnyNote(one.by, one.text)
    return note?.checkpoint.origin === origin ? [{ ...one, note, isSigned: readShownNote(one.by, one.text, keys) !== undefined }] : []
  })
  const findings: AuditFinding[] = []
  const distinct = notes.filter(({ by, note }, i) => notes.findIndex((one) => one.by === by && one.note.checkpoint.size === note.checkpoint.size) === i)
  for (const { by, text, get, note, isSigned } of distinct.toSorted((a, b) => b.note.checkpoint.size - a.note.checkpoint.size)) {
    const replayed = await replay(genesis, get, note)
    // The ledger's key may have changed since the genesis: what its entries say about the key is known once they are replayed.
    if ('state' in replayed && readShownNote(by, text, ledgerKeys(replayed)) !== undefined) return { ledger: replayed, findings }
    if (isSigned && !('state' in replayed)) findings.push(replayed)
  }
  return {
    ledger: undefined,
    findings: findings.length > 0 ? findings : [{ code: 'LEDGER_WITHHELD', at: origin, detail: 'no member shows a signed checkpoint' }],
  }
}

async function replay(genesis: { readonly parsed: Genesis; readonly bytes: Uint8Array }, get: Get, whole: ShownNote): Promise<ReplayedLedger | AuditFinding> {
  const { origin, size, root } = whole.checkpoint
  const reading = createReading(genesis)
  try {
    for await (const entry of readEntries(get, '/ledger', size)) reading.push(entry)
  } catch (error) {
    if (error instanceof LogFault) return { code: 'LEDGER_INVALID', at: `${origin} ${error.index}`, detail: `${error.code}: ${error.message}` }
    if (!(error instanceof InputError)) throw error
    return { code: 'LEDGER_WITHHELD', at: origin, detail: `${whole.by}: ${error.message}` }
  }
  const { state, lastBlock } = reading
  if (state === undefined || lastBlock === undefined || lastBlock.index !== size - 1)
    return { code: 'LEDGER_INVALID', at: `${origin} ${size}`, detail: 'a checkpoint ends inside a block' }
  if (!equalBytes(reading.tree.root(), root))
    return { code: 'LEDGER_WITHHELD', at: origin, detail: `the entries that ${whole.by} serves lead to another root than it signed` }
  return { ...reading, state, lastBlock, whole, trust: trustPolicyOf(trust(state), state.net) }
}

/** What is kept of the entries on the way. */
function createReading({ parsed, bytes }: { readonly parsed: Genesis; readonly bytes: Uint8Array }) {
  const hash = sha256(bytes)
  const replaying = new LedgerReplay({ begin: (found, previous) => (previous === undefined && equalBytes(found, hash) ? initialState(parsed) : undefined) })
  const tree = createHashLog()
  const stateRoots = new Map<number, Uint8Array>()
  const logNotes = new Map<string, readonly string[]>()
  let lastBlock: ReplayedBlock | undefined

  function keepNote(entry: Uint8Array): void {
    const decoded = decodeLogEntry(entry)
    if (decoded.kind !== 'transaction') return
    const { type, body } = decodeTransaction(decoded.wire)
    const { origin, note } = body
    if (type === 'access.checkpoint' && typeof origin === 'string' && typeof note === 'string') logNotes.set(origin, [...(logNotes.get(origin) ?? []), note])
  }

  return {
    tree,
    stateRoots,
    logNotes,
    get state() {
      return replaying.state
    },
    get lastBlock() {
      return lastBlock
    },
    push(entry: Uint8Array): void {
      tree.append(leafHash(entry))
      const block = replaying.push(entry)
      keepNote(entry)
      if (block === undefined) return
      stateRoots.set(block.block.height, block.block.stateRoot)
      lastBlock = block
    },
  }
}

/** Keys under which notes of the ledger are believed to be its own, those of its past too. */
export const ledgerKeys = ({ state }: Pick<ReplayedLedger, 'state'>): readonly VerifierKey[] =>
  members(state)
    .flatMap(({ org }) => keysOf(state, org, 'ledger'))
    .map(({ record }) => makeVerifierKey(ledgerOrigin(state.net), KEY_TYPE_LOG, decodeBase64Url(record.pub)))
