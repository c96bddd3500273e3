import { decodeBase64Url, equalBytes, formatNote, InputError, leafHash, type VerifierKey } from '@fiducia/core'
import type { OpenedAccessLog } from '@fiducia/ledger'
import { buildTwinTags } from '../bundles/fraud.ts'
import { verifyCosigned } from '../cosigned.ts'
import type { Finding, LeafFault } from '../findings.ts'
import { createHashLog, type HashLog } from '../hash-log.ts'
import { decodeLeaf } from '../leaf.ts'
import { formatTlogProof } from '../tlog-proof.ts'
import type { TrustPolicy } from '../trust-policy.ts'
import type { AuditFinding } from './findings.ts'
import { createLogAudit } from './leaves.ts'
import { forksOf, isOf, readShownNote, type ShownNote } from './notes.ts'
import { type Get, getText, readEntries } from './source.ts'

/**
 * One access log, from its first leaf: every rule of a leaf, every seal's tag map, the root that the log signed, its
 * checkpoint on the ledger, and each note of it that anybody holds.
 */
export interface AccessLogAudit {
  readonly origin: string
  readonly entries: number
  readonly sealedSize: number
  readonly findings: readonly AuditFinding[]
}

export interface AccessLogSource {
  /** What the ledger says about it. */
  readonly opened: OpenedAccessLog
  /** Its owner's node. */
  readonly get: Get
  readonly trust: TrustPolicy
  /** Notes of this log that members, the ledger and the auditor hold. */
  readonly notes: readonly { readonly by: string; readonly text: string }[]
}

export async function auditAccessLog({ opened, get, trust, notes }: AccessLogSource): Promise<AccessLogAudit> {
  const { origin, k } = opened
  const keys = trust.logs.filter(({ name }) => name === origin)
  const text = await getText(get, `/log/${k}/checkpoint`)
  if (text === undefined && opened.size === 0) return { origin, entries: 0, sealedSize: 0, findings: [] }
  const whole = text === undefined ? undefined : readShownNote('its owner', text, keys)
  if (text === undefined || whole === undefined) {
    const detail = text === undefined ? 'no checkpoint is served' : 'the checkpoint that is served is not signed by the log'
    return { origin, entries: 0, sealedSize: 0, findings: [{ code: 'LOG_WITHHELD', at: origin, detail }] }
  }
  const pass = await passOver(readEntries(get, `/log/${k}`, whole.checkpoint.size))
  const found = pass.missing === undefined ? await judge({ opened, get, pass, whole, keys, notes }) : [withheld(origin, pass)]
  return { origin, entries: pass.tree.size, sealedSize: pass.sealedSize, findings: [...found, ...judgeCosigned(origin, text, trust)] }
}

const withheld = (origin: string, { missing = '' }: Pass): AuditFinding => ({ code: 'LOG_WITHHELD', at: origin, detail: missing })

interface Pass {
  readonly tree: HashLog
  readonly sealedSize: number
  /** The first leaf that breaks a rule. */
  readonly fault: (Finding<LeafFault> & { readonly index: number }) | undefined
  /** Why the entries could not be read to the end. */
  readonly missing: string | undefined
}

/** Rules up to the first leaf that breaks one, hashes to the end. */
async function passOver(entries: AsyncIterable<Uint8Array>): Promise<Pass> {
  const tree = createHashLog()
  const audit = createLogAudit(tree)
  let fault: Pass['fault']
  try {
    for await (const leaf of entries) {
      const broken = fault === undefined ? audit.add(leaf) : undefined
      if (broken !== undefined) fault = { ...broken, index: tree.size }
      if (fault !== undefined) tree.append(leafHash(leaf))
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { tree, sealedSize: audit.sealedSize, fault, missing: error.message }
  }
  return { tree, sealedSize: audit.sealedSize, fault, missing: undefined }
}

interface Judging {
  readonly opened: OpenedAccessLog
  readonly get: Get
  readonly pass: Pass
  readonly whole: ShownNote
  readonly keys: readonly VerifierKey[]
  readonly notes: AccessLogSource['notes']
}

async function judge(judging: Judging): Promise<readonly AuditFinding[]> {
  const { opened, pass, whole, keys, notes } = judging
  const { origin } = opened
  const { size, root } = whole.checkpoint
  if (!equalBytes(pass.tree.root(), root)) return [{ code: 'LOG_ROOT', at: origin, detail: `at size ${size}` }]
  const shown = notes.flatMap(({ by, text }) => readShownNote(by, text, keys) ?? [])
  const forks = withHolders(shown.filter(({ checkpoint }) => !isOf(pass.tree, checkpoint))).flatMap((note) => {
    const detail = `${note.by} holds a checkpoint of size ${note.checkpoint.size} that the log of size ${size} does not extend`
    return forksOf(pass.tree, whole, note).map((proof): AuditFinding => ({ code: 'LOG_FORK', at: origin, detail, proof }))
  })
  return [...(await judgeFault(judging)), ...judgeRecord(judging), ...forks]
}

/** Each checkpoint once, with everybody who holds a note of it. */
function withHolders(notes: readonly ShownNote[]): readonly ShownNote[] {
  const byText = Map.groupBy(notes, ({ note }) => note.text)
  return [...byText.values()].flatMap((same) => {
    const [first] = same
    const by = [...new Set(same.map((one) => one.by))].join(', ')
    return first === undefined ? [] : [{ ...first, by }]
  })
}

function judgeRecord({ opened, pass }: Judging): readonly AuditFinding[] {
  const { origin, size, root } = opened
  if (size > pass.tree.size) return [{ code: 'LOG_BEHIND', at: origin, detail: `expected at least ${size} entries, found ${pass.tree.size}` }]
  if (size === 0 || equalBytes(pass.tree.root(size), decodeBase64Url(root))) return []
  return [{ code: 'LOG_FORK', at: origin, detail: `the ledger has another root for size ${size}` }]
}

async function judgeFault(judging: Judging): Promise<readonly AuditFinding[]> {
  const { opened, pass } = judging
  if (pass.fault === undefined) return []
  const { code, message, index } = pass.fault
  const at = `${opened.origin} ${index}`
  if (code !== 'TAG_TWICE') return [{ code: 'LOG_INVALID', at, detail: `${code}: ${message}` }]
  return [{ code: 'TAG_TWICE', at, detail: message, proof: await twinsOf(judging, index) }]
}

/** Both entries under the log's own checkpoint; the log is read once more to find the first. */
async function twinsOf({ opened, get, pass, whole }: Judging, second: number) {
  const leaves: Uint8Array[] = []
  for await (const leaf of readEntries(get, `/log/${opened.k}`, second + 1)) leaves.push(leaf)
  const tagAt = (index: number) => decodeLeaf(leaves[index] ?? new Uint8Array()).tag
  const first = leaves.findIndex((_, index) => equalBytes(tagAt(index), tagAt(second)))
  const note = formatNote({ text: whole.note.text, signatures: whole.note.signatures.filter(({ name }) => name === opened.origin) })
  const proven = (index: number) => ({
    leaf: leaves[index] ?? new Uint8Array(),
    proof: formatTlogProof({ extra: undefined, index, path: pass.tree.inclusion(index, pass.tree.size), note }),
  })
  return buildTwinTags(proven(first), proven(second))
}

function judgeCosigned(origin: string, note: string, trust: TrustPolicy): readonly AuditFinding[] {
  try {
    verifyCosigned(note, trust, { origin })
    return []
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [{ code: 'LOG_NOT_COSIGNED', at: origin, detail: error.message }]
  }
}
