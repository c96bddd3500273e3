import { accessLogOrigin, encodeBase64Url, equalBytes, type OrganizationId, parseCheckpoint, parseNote, verifyNoteSignature } from '@fiducia/core'
import { accessLog, type Member, members } from '@fiducia/ledger'
import { readDisclosure } from '@fiducia/proofs'
import * as z from 'zod'
import { readStoredEvent } from '../gateway/evidence.ts'
import type { NodeContext } from '../node-context.ts'
import { fetchText } from '../peers/transport.ts'
import { textColumn } from '../store/columns.ts'
import type { AccessLog } from './access-log.ts'
import type { OwnLogs } from './own-logs.ts'

/**
 * Before a log goes on after a start, every member is asked for the notes of it that it holds (PROTOCOL section 4): a machine
 * that was restored from an image, database and sign-once file together, does not know what it signed since, and would sign a
 * second root for a size. Such a log is frozen and the next one asked about. The members to whom it gave notes after its last
 * seal must answer; and somebody must, since an image does not know to whom it gave notes after it was made.
 */
export interface StartCheck {
  /** True when the log may go on. Asks again at the next call where a member that is needed did not answer. */
  run(): Promise<boolean>
}

/** `GET /witness/notes/ORG/K` */
export const notesSchema = z.object({ notes: z.array(z.string()) })

export const UNASKED = 'the members have not been asked so far which notes of this log they hold'

export interface StartCheckPorts {
  readonly logs: OwnLogs
  /** Called when a member proved that the place outside the database was restored too: what was acknowledged may be forgotten. */
  readonly onRestored: () => void
}

export function createStartCheck(context: NodeContext, { logs, onRestored }: StartCheckPorts): StartCheck {
  const { log } = logs
  log.hold(UNASKED)

  const notesAt = async ({ endpoint }: Member, k: number): Promise<readonly string[]> =>
    notesSchema.parse(JSON.parse(await fetchText(context.transport, `${endpoint}/witness/notes/${context.org}/${k}`))).notes

  /** What contradicts this log, `unreachable`, or undefined. */
  async function ask(member: Member): Promise<string | undefined> {
    try {
      const [notes, later] = await Promise.all([notesAt(member, log.k), notesAt(member, log.k + 1)])
      if (later.length > 0) return `\`${member.org}\` holds a note of log ${log.k + 1}, which came after this one`
      const wrong = notes.find((note) => !isExtended(log, note))
      if (wrong === undefined) return undefined
      return `\`${member.org}\` holds a note of this log for size ${parseCheckpoint(parseNote(wrong).text).size} that its ${log.size} entries do not extend`
    } catch {
      return 'unreachable'
    }
  }

  /** One log: why it is over, or undefined; then it may be held because somebody did not answer. */
  async function check(): Promise<string | undefined> {
    const next = accessLog(context.ledger.tip(), accessLogOrigin(context.net, context.org, log.k + 1))
    if ((next?.size ?? 0) > 0) return `the ledger has a checkpoint of log ${log.k + 1}, which came after this one`
    const needed = requestersSinceSeal(context, log)
    const others = members(context.ledger.tip()).filter(({ org }) => org !== context.org)
    const answers = await Promise.all(others.map(async (member) => ({ org: member.org, found: await ask(member) })))
    const contradiction = answers.find(({ found }) => found !== undefined && found !== 'unreachable')?.found
    if (contradiction !== undefined) return contradiction
    const own = accessLog(context.ledger.tip(), log.origin)
    if (own !== undefined && own.size > 0 && !(own.size <= log.size && encodeBase64Url(log.hashes.root(own.size)) === own.root))
      return `the ledger has a checkpoint of this log for size ${own.size} that its ${log.size} entries do not extend`
    log.hold(whyHeld(log, answers, needed))
    return undefined
  }

  return {
    async run() {
      while (log.frozenBecause === undefined && log.heldBecause !== undefined) {
        const { origin } = log
        const over = await check()
        if (over === undefined) break
        context.logger.error({ origin, reason: over }, 'the access log is frozen: an older copy was restored')
        onRestored()
        logs.freeze(`${over}: an older copy was restored`)
        if (log.frozenBecause === undefined) log.hold(UNASKED)
      }
      const reason = log.frozenBecause ?? log.heldBecause
      if (reason !== undefined) context.logger.warn({ origin: log.origin, reason }, 'the access log does not go on')
      return reason === undefined
    },
  }
}

interface Answer {
  readonly org: OrganizationId
  readonly found: string | undefined
}

/**
 * Nobody can tell whether the log was restored, as long as no member answers, or one that must does not. A standby that was
 * never written goes on all the same: it is what is left when the log before is known to be over and everybody is away.
 */
function whyHeld(log: AccessLog, answers: readonly Answer[], needed: ReadonlySet<OrganizationId | string>): string | undefined {
  const silent = answers.filter(({ found }) => found === 'unreachable')
  const missing = silent.filter(({ org }) => needed.has(org)).map(({ org }) => org)
  if (missing.length > 0) return `${missing.join(', ')} got notes after the last seal and did not answer`
  const isFreshStandby = log.k > 1 && log.size === 0
  return answers.length > 0 && silent.length === answers.length && !isFreshStandby ? 'no member answered which notes of this log it holds' : undefined
}

/** A note of this log's key whose size and root its leaves still lead to; what is no note of it says nothing. */
function isExtended(log: AccessLog, note: string): boolean {
  const { text, signatures } = parseNote(note)
  if (!signatures.some((line) => verifyNoteSignature(text, line, log.key))) return true
  const { size, root } = parseCheckpoint(text)
  return size <= log.size && equalBytes(log.hashes.root(size), root)
}

/** Members that were answered after the last seal: nobody but they hold those notes. */
function requestersSinceSeal({ database, org }: NodeContext, log: AccessLog): ReadonlySet<OrganizationId | string> {
  const rows = database.all('SELECT content FROM event WHERE origin = ? AND idx >= ?', log.origin, log.sealedSize)
  const requesters = rows.map((row) => readDisclosure(readStoredEvent(textColumn(row, 'content')).disclosure).requester)
  return new Set(requesters.filter((requester) => requester !== org))
}
