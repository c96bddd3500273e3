import { type Bytes32, encodeBase64Url, encodeHex, type OrganizationId, parseAccessLogOrigin, parseCheckpoint, parseNote } from '@fiducia/core'
import type { BlockEntry, Ledger } from '@fiducia/engine'
import { decodeLogEntry, decodeTransaction } from '@fiducia/ledger'
import { type Answer, openDatabase, nodeFiles } from '@fiducia/node'
import { parseReceipt, parseTlogProof } from '@fiducia/proofs'
import { REQUESTER } from './cast.ts'
import type { Machine } from './member.ts'
import type { Request } from './network.ts'

/**
 * What must hold whatever happens, judged from outside: by what goes over the wire, by files, and by the blocks that each
 * replica takes over.
 *
 *   two roots        no note of one log with the same size and another root was ever shown
 *   state            members that have a height have the same block of it, state root included
 *   leaf             an answer that was used has its leaf in the holder's log, then and at the end, and was used once
 *   restriction      from its acknowledgment on the holder releases nothing, until a later permit stands on the ledger
 *   error            nothing fails in a way that has no name
 */
export interface Judge {
  readonly violations: readonly Violation[]
  readonly accuse: (rule: string, detail: string) => void
  /** Each request when it arrives, and its answer when it leaves. */
  witness(at: { readonly from: string; readonly to: string; readonly request: Request; readonly answer: Answer | undefined }): void
  /** A member's replica, from its start on. */
  watchLedger(org: OrganizationId, ledger: Ledger, isAlive: () => boolean): void
  /** The wallet has signed a version. */
  signed(version: SignedVersion): void
  /** Birch used an answer: its receipt holds. */
  used(holder: OrganizationId, receipt: string): void
  /** Every root that was shown for a size of a log. */
  readonly roots: ReadonlyMap<string, ReadonlyMap<number, string>>
  readonly answersUsed: readonly UsedAnswer[]
}

export interface Violation {
  readonly rule: string
  readonly detail: string
}

export interface SignedVersion {
  readonly org: OrganizationId
  readonly commitment: Bytes32
  readonly restricts: boolean
}

export interface UsedAnswer {
  readonly holder: OrganizationId
  readonly origin: string
  readonly index: number
  readonly leaf: string
}

interface Restriction {
  /** Its place among all versions that the wallet signed. */
  readonly order: number
  /** The event in which the acknowledgment left. */
  readonly at: number
}

export interface JudgePorts {
  readonly machine: (org: OrganizationId) => Machine
  readonly note: (line: string) => void
  /** Told of what is broken for a reason that is written down: it is counted, and no violation. */
  readonly knownLimit: (name: string) => void
  /** A number that grows with each event of the world. */
  readonly moment: () => number
}

/** A checkpoint's text wherever it stands: plain, or in JSON once or twice. */
const CHECKPOINT = /(demo\/(?:ledger|log\/[a-z0-9.-]+\/\d+))(?:\n|\\+n)(\d+)(?:\n|\\+n)([A-Za-z0-9+/]{43}=)/g

export function createJudge(ports: JudgePorts): Judge {
  const violations: Violation[] = []
  const roots = new Map<string, Map<number, string>>()
  const blocks = new Map<number, string>()
  const versions = new Map<string, SignedVersion & { readonly order: number }>()
  const committed = new Map<OrganizationId, number>()
  const handedOver = new Map<OrganizationId, number>()
  const restrictions = new Map<OrganizationId, Restriction>()
  const answersUsed: UsedAnswer[] = []

  function accuse(rule: string, detail: string): void {
    ports.note(`VIOLATION ${rule}: ${detail}`)
    violations.push({ rule, detail })
  }

  function seeNotes(bytes: string | Uint8Array | undefined): void {
    if (bytes === undefined) return
    const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    for (const [, origin = '', size = '', root = ''] of text.matchAll(CHECKPOINT)) {
      const known = roots.get(origin) ?? new Map<number, string>()
      const other = known.get(Number(size))
      if (other !== undefined && other !== root) seeFork(origin, `\`${origin}\` has signed \`${other}\` and \`${root}\` for size ${size}`)
      known.set(Number(size), root)
      roots.set(origin, known)
    }
  }

  /** A machine that was put back whole cannot know to whom it gave notes since; while that member is away nobody can tell it. */
  function seeFork(origin: string, detail: string): void {
    const owner = parseAccessLogOrigin(origin)?.org
    if (owner !== undefined && ports.machine(owner).restored === 'everything') ports.knownLimit('fork of a machine put back whole')
    else accuse('two roots', detail)
  }

  /** A requester whose database was put back has forgotten what it has seen; for as long as the minute fits, it takes it again. */
  function seeUsedTwice({ holder, origin, index }: UsedAnswer): void {
    if (ports.machine(REQUESTER).restored !== 'nothing') ports.knownLimit('answer shown again to a requester that was put back')
    else accuse('leaf', `an answer of \`${holder}\` was used twice: entry ${index} of \`${origin}\``)
  }

  function seePolicy(to: OrganizationId, request: Request, answer: Answer | undefined): void {
    const version = versionIn(request, versions)
    if (version === undefined) return
    if (answer === undefined) handedOver.set(to, Math.max(handedOver.get(to) ?? 0, version.order))
    else if (answer.status === 200 && version.restricts && version.order > (restrictions.get(to)?.order ?? -1))
      restrictions.set(to, { order: version.order, at: ports.moment() })
  }

  function seeRelease(holder: OrganizationId, answer: Answer): void {
    const restriction = restrictions.get(holder)
    if (answer.status !== 200 || restriction === undefined || restriction.at >= ports.moment() || !carriesData(answer)) return
    // Who has lost its promises with its disk is told again by the next version that control hands over.
    const lifted = ports.machine(holder).restored === 'everything' ? Math.max(handedOver.get(holder) ?? 0, committed.get(holder) ?? 0) : committed.get(holder)
    if ((lifted ?? -1) < restriction.order) accuse('restriction', `\`${holder}\` released after it had acknowledged restriction ${restriction.order}`)
  }

  function seeBlock(org: OrganizationId, ledger: Ledger, { height, entry, index }: BlockEntry, after: number): void {
    const known = blocks.get(height)
    const found = encodeHex(entry)
    if (known !== undefined && known !== found) accuse('state', `\`${org}\` has another block ${height} than a member before it`)
    if (known !== undefined) return
    blocks.set(height, found)
    for (const bytes of ledger.log.entries(after + 1, index)) {
      const version = versionOf(bytes, versions)
      if (version !== undefined && !version.restricts) committed.set(version.org, Math.max(committed.get(version.org) ?? 0, version.order))
    }
  }

  return {
    violations,
    accuse,
    roots,
    answersUsed,
    witness({ to, request, answer }) {
      seeNotes(answer === undefined ? request.body : answer.bytes)
      const holder = to as OrganizationId
      if (request.path.endsWith('/policy')) seePolicy(holder, request, answer)
      else if (answer !== undefined && request.path.startsWith('/fhir/')) seeRelease(holder, answer)
    },
    watchLedger(org, ledger, isAlive) {
      let after = ledger.block().index
      seeBlock(org, ledger, ledger.block(), after)
      ledger.onBlock((block) => {
        if (!isAlive()) return
        seeBlock(org, ledger, block, after)
        after = block.index
      })
    },
    signed: (version) => void versions.set(version.commitment, { ...version, order: versions.size + 1 }),
    used(holder, text) {
      const { leaf, proof } = parseReceipt(text)
      const { note, index } = parseTlogProof(proof)
      const answer: UsedAnswer = { holder, origin: parseCheckpoint(parseNote(note).text).origin, index, leaf }
      if (answersUsed.some((one) => one.leaf === leaf)) seeUsedTwice(answer)
      answersUsed.push(answer)
      const machine = ports.machine(holder)
      if (machine.node !== undefined && machine.restored === 'nothing') requireLeaf(machine, answer, accuse)
    },
  }
}

/** Looks into the holder's store, beside the process that uses it. */
export function requireLeaf({ folder, org }: Pick<Machine, 'folder' | 'org'>, { origin, index, leaf }: UsedAnswer, accuse: Judge['accuse']): void {
  using database = openDatabase(nodeFiles(folder).database, { readOnly: true })
  const bytes = database.get('SELECT bytes FROM leaf WHERE origin = ? AND idx = ?', origin, index)?.['bytes']
  if (!(bytes instanceof Uint8Array) || encodeBase64Url(bytes) !== leaf) accuse('leaf', `\`${org}\` has released without entry ${index} of \`${origin}\``)
}

function carriesData(answer: Answer): boolean {
  const outer: unknown = JSON.parse(new TextDecoder().decode(answer.bytes))
  if (typeof outer !== 'object' || outer === null || !('body' in outer) || typeof outer.body !== 'string') return false
  return /"fullUrl"|"resourceType":"(?!Bundle|OperationOutcome)/.test(outer.body)
}

type Versions = ReadonlyMap<string, SignedVersion & { readonly order: number }>

/** The version that a wallet hands over with this request. */
function versionIn({ body }: Request, versions: Versions) {
  if (typeof body !== 'string') return undefined
  const parsed: unknown = JSON.parse(body)
  if (typeof parsed !== 'object' || parsed === null || !('wire' in parsed) || typeof parsed.wire !== 'string') return undefined
  return versionOfWire(Buffer.from(parsed.wire, 'base64url'), versions)
}

function versionOf(entry: Uint8Array, versions: Versions) {
  const decoded = decodeLogEntry(entry)
  return decoded.kind === 'transaction' ? versionOfWire(decoded.wire, versions) : undefined
}

function versionOfWire(wire: Uint8Array, versions: Versions) {
  const { type, body } = decodeTransaction(new Uint8Array(wire))
  return type === 'policy.set' && typeof body['commitment'] === 'string' ? versions.get(body['commitment']) : undefined
}
