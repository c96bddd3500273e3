import { encodeBase64Url, InputError, type OrganizationId, shape } from '@fiducia/core'
import { accessLogsOf, ANSWER_WAIT_MS, type FiledDispute, type Member, members, openDisputes, type OpenedAccessLog, parseGenesis, rules } from '@fiducia/ledger'
import { buildUnanswered } from '../bundles/fraud.ts'
import { freshWindow, selectCosignatures, verifyCosigned } from '../cosigned.ts'
import { formatTlogProof } from '../tlog-proof.ts'
import type { BundleFiles } from '../types.ts'
import { type AccessLogAudit, auditAccessLog } from './access-log.ts'
import type { AuditFinding } from './findings.ts'
import { auditLedger, ledgerKeys, type ReplayedLedger, type ShownBy } from './ledger.ts'
import { forksOf, isOf, readShownNote } from './notes.ts'
import { type Get, getText } from './source.ts'

/**
 * The whole network, checked from outside with nothing but its genesis: the ledger replayed, every access log walked, every
 * note that anybody shows held against them. What members say is data; what is found wrong is proved where it can be.
 */
export interface AuditPorts {
  /** Bytes of the genesis file. */
  readonly genesis: Uint8Array
  readonly member: (org: OrganizationId, endpoint: string) => Get
  /** Milliseconds. */
  readonly now: number
  /** Notes of any log that whoever audits holds: from its receipts, from its witness. */
  readonly notes?: readonly string[]
  readonly onProgress?: (what: string) => void
}

export interface AuditReport {
  /** Nothing was found, and nothing was left unchecked. */
  readonly ok: boolean
  readonly net: string
  /** Milliseconds. */
  readonly at: number
  /** Undefined where it could not be replayed. */
  readonly ledger: { readonly size: number; readonly height: number; readonly stateRoot: string; readonly root: string } | undefined
  readonly logs: readonly { readonly origin: string; readonly entries: number; readonly sealedSize: number }[]
  readonly findings: readonly AuditFinding[]
}

/** Throws an `InputError` for a genesis that is none; whatever members answer or not ends in findings. */
export async function auditNetwork(ports: AuditPorts): Promise<AuditReport> {
  const parsed = parseGenesis(ports.genesis)
  const named = Object.entries(parsed.members).map(([org, { endpoint }]) => ({ org: org as OrganizationId, endpoint }))
  const asked = await Promise.all(named.map(({ org, endpoint }) => askForLedger(org, quiet(ports.member(org, endpoint)))))
  const silent = asked.flatMap(({ org, shown }): readonly AuditFinding[] => (shown.length === 0 ? [silence(org, 'no checkpoint of the ledger is shown')] : []))
  ports.onProgress?.('replaying the ledger')
  const audit = await auditLedger(
    { parsed, bytes: ports.genesis },
    asked.flatMap(({ shown }) => shown),
  )
  const found = [...silent, ...audit.findings]
  if (audit.ledger === undefined) return reportOf(ports, parsed.net, undefined, { findings: found, logs: [] })
  const { ledger } = audit
  const own = [...(ports.notes ?? []).map((text) => ({ by: 'the auditor', text })), ...(await contradictionsAt(asked))]
  const distinct = new Map([...own, ...asked.flatMap(({ shown }) => shown)].map((one) => [one.text, one]))
  const checkpoints = [...distinct.values()].flatMap((one) => judgeLedgerNote(ledger, one))
  const fresh = judgeFreshness(
    ledger,
    asked.flatMap(({ shown }) => shown),
    ports.now,
  )
  const states = await Promise.all(asked.filter(({ shown }) => shown.length > 0).map(({ org, get }) => judgeState(ledger, org, get)))
  const logs = await auditLogs(ports, ledger, own)
  const disputes = judgeDisputes(ledger)
  return reportOf(ports, parsed.net, ledger, {
    findings: [...found, ...checkpoints, ...fresh, ...states.flat(), ...logs.flatMap(({ findings }) => findings), ...disputes],
    logs,
  })
}

function reportOf(
  ports: AuditPorts,
  net: string,
  ledger: ReplayedLedger | undefined,
  { findings, logs }: { readonly findings: readonly AuditFinding[]; readonly logs: readonly AccessLogAudit[] },
): AuditReport {
  const replayed =
    ledger === undefined
      ? undefined
      : {
          size: ledger.tree.size,
          height: ledger.state.height,
          stateRoot: encodeBase64Url(ledger.state.tree.root),
          root: encodeBase64Url(ledger.tree.root()),
        }
  return {
    ok: findings.length === 0,
    net,
    at: ports.now,
    ledger: replayed,
    logs: logs.map(({ origin, entries, sealedSize }) => ({ origin, entries, sealedSize })),
    findings,
  }
}

const silence = (org: string, detail: string): AuditFinding => ({ code: 'MEMBER_SILENT', at: org, detail })

/** A member that does not answer shows nothing; that it did not is found where it was asked for something it must show. */
const quiet =
  (get: Get): Get =>
  async (path) => {
    try {
      return await get(path)
    } catch {
      return undefined
    }
  }

interface Asked {
  readonly org: OrganizationId
  readonly get: Get
  /** Its cosigned checkpoint, and the operator's newest. */
  readonly shown: readonly ShownBy[]
}

async function askForLedger(org: OrganizationId, get: Get): Promise<Asked> {
  const texts = await Promise.all(['/ledger/checkpoint', '/ledger/tip'].map((path) => textOrNone(get, path)))
  return { org, get, shown: texts.flatMap((text) => (text === undefined || text === '' ? [] : [{ by: org, get, text }])) }
}

async function textOrNone(get: Get, path: string): Promise<string | undefined> {
  try {
    return await getText(get, path)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

// ---- the ledger's checkpoints -------------------------------------------------------------------------------------------

function judgeLedgerNote(ledger: ReplayedLedger, { by, text }: { readonly by: string; readonly text: string }): readonly AuditFinding[] {
  const note = readShownNote(by, text, ledgerKeys(ledger))
  if (note === undefined || isOf(ledger.tree, note.checkpoint)) return []
  const detail = `${by} shows size ${note.checkpoint.size} with another root than the entries that were replayed`
  return forksOf(ledger.tree, ledger.whole, note).map((proof) => ({ code: 'LEDGER_FORK', at: ledger.whole.checkpoint.origin, detail, proof }))
}

/** The freshest checkpoint that a quorum cosigned, over all members. */
function judgeFreshness(ledger: ReplayedLedger, shown: readonly ShownBy[], now: number): readonly AuditFinding[] {
  const { origin } = ledger.whole.checkpoint
  const times = shown.flatMap(({ text }) => {
    try {
      const { earliest, unwitnessed } = verifyCosigned(text, ledger.trust, { origin })
      return unwitnessed ? [Number.POSITIVE_INFINITY] : [earliest ?? 0]
    } catch (error) {
      if (error instanceof InputError) return []
      throw error
    }
  })
  if (times.length === 0) return [{ code: 'LEDGER_NOT_COSIGNED', at: origin, detail: 'no member shows a checkpoint with a quorum of cosignatures' }]
  const newest = Math.max(...times)
  const { from } = freshWindow(Math.floor(now / 1000), rules(ledger.state).freshSeconds)
  return newest >= from ? [] : [{ code: 'LEDGER_STALE', at: origin, detail: `the newest quorum is of ${new Date(newest * 1000).toISOString()}` }]
}

const readStatus = (value: unknown) => {
  const { height, stateRoot } = shape.isObject(value) ? value : {}
  return { height: shape.integer()(height, 'height'), stateRoot: shape.text(100)(stateRoot, 'stateRoot') }
}

async function judgeState(ledger: ReplayedLedger, org: OrganizationId, get: Get): Promise<readonly AuditFinding[]> {
  const answer = await readAnswer(get, '/ledger/status', readStatus)
  if (answer === undefined) return [silence(org, 'the status of its replica is not shown')]
  const root = ledger.stateRoots.get(answer.height)
  if (root === undefined || encodeBase64Url(root) === answer.stateRoot) return []
  return [{ code: 'STATE_DIFFERS', at: org, detail: `at height ${answer.height}` }]
}

/** Undefined for silence and for what cannot be read. */
async function readAnswer<T>(get: Get, path: string, read: (value: unknown) => T): Promise<T | undefined> {
  try {
    const text = await getText(get, path)
    return text === undefined ? undefined : read(JSON.parse(text))
  } catch (error) {
    if (error instanceof InputError || error instanceof SyntaxError) return undefined
    throw error
  }
}

// ---- access logs --------------------------------------------------------------------------------------------------------

interface HeldNote {
  readonly by: string
  readonly text: string
}

async function auditLogs(ports: AuditPorts, ledger: ReplayedLedger, own: readonly HeldNote[]): Promise<readonly AccessLogAudit[]> {
  const everybody = members(ledger.state)
  const audits: AccessLogAudit[] = []
  for (const { org, endpoint } of everybody) {
    for (const opened of accessLogsOf(ledger.state, org)) {
      ports.onProgress?.(`walking ${opened.origin}`)
      const held = await Promise.all(everybody.map((other) => notesHeldBy(other, ports, { org, opened })))
      const onLedger = (ledger.logNotes.get(opened.origin) ?? []).map((text) => ({ by: 'the ledger', text }))
      audits.push(await auditAccessLog({ opened, get: quiet(ports.member(org, endpoint)), trust: ledger.trust, notes: [...own, ...onLedger, ...held.flat()] }))
    }
  }
  return audits
}

/** Notes that members kept because they contradict what they know. */
async function contradictionsAt(asked: readonly Asked[]): Promise<readonly HeldNote[]> {
  const held = await Promise.all(asked.map(async ({ org, get }) => ({ org, notes: await readAnswer(get, '/witness/contradictions', readNotes) })))
  return held.flatMap(({ org, notes }) => (notes ?? []).map((text) => ({ by: org, text })))
}

const readNotes = (value: unknown) => shape.array(shape.text(100_000), 10_000)(shape.isObject(value) ? value['notes'] : undefined, 'notes')

async function notesHeldBy(
  other: Member,
  ports: AuditPorts,
  log: { readonly org: OrganizationId; readonly opened: OpenedAccessLog },
): Promise<readonly HeldNote[]> {
  const get = quiet(ports.member(other.org, other.endpoint))
  const notes = await readAnswer(get, `/witness/notes/${log.org}/${log.opened.k}`, readNotes)
  return (notes ?? []).map((text) => ({ by: other.org, text }))
}

// ---- disputes -----------------------------------------------------------------------------------------------------------

function judgeDisputes(ledger: ReplayedLedger): readonly AuditFinding[] {
  const { state } = ledger
  return openDisputes(state).map((filed): AuditFinding => {
    const detail = `\`${filed.by}\` holds a note for size ${filed.size}`
    if (state.time <= filed.at + ANSWER_WAIT_MS) return { code: 'DISPUTE_OPEN', at: filed.origin, detail }
    const proof = unansweredProof(ledger, filed)
    return { code: 'DISPUTE_UNANSWERED', at: filed.origin, detail, ...(proof === undefined ? {} : { proof }) }
  })
}

/** Under the checkpoint up to which the ledger was replayed; undefined where no quorum cosigned that one. */
function unansweredProof({ state, tree, whole, lastBlock, trust }: ReplayedLedger, { id, ...value }: FiledDispute): BundleFiles | undefined {
  try {
    const note = selectCosignatures(whole.text, trust, { origin: whole.checkpoint.origin })
    const path = tree.inclusion(lastBlock.index, tree.size)
    const proof = formatTlogProof({ extra: undefined, index: lastBlock.index, path, note })
    return buildUnanswered({
      id,
      value,
      dispute: state.tree.prove(`dispute/${id}`),
      answer: state.tree.prove(`answer/${id}`),
      proven: { block: encodeBase64Url(lastBlock.entry), proof },
    })
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
