import { equalBytes, type OrganizationId, parseCheckpoint, parseNote, verifyNoteSignature } from '@fiducia/core'
import { type Member, members } from '@fiducia/ledger'
import { readDisclosure } from '@fiducia/proofs'
import * as z from 'zod'
import { readStoredEvent } from '../gateway/evidence.ts'
import type { NodeContext } from '../node-context.ts'
import { fetchText } from '../peers/transport.ts'
import { textColumn } from '../store/columns.ts'
import type { AccessLog } from './access-log.ts'

/**
 * Before a log goes on after a start, every member is asked for the largest note of it that it holds (PROTOCOL section 4):
 * a machine that was restored from an image, database and sign-once file together, does not know what it signed since, and
 * would sign a second root for a size. The members to whom it gave notes after its last seal must answer.
 */
export interface StartCheck {
  /** True when the log may go on. Asks again at the next call where a member that is needed did not answer. */
  run(): Promise<boolean>
}

/** `GET /witness/notes/ORG/K` */
export const notesSchema = z.object({ notes: z.array(z.string()) })

export const UNASKED = 'the members have not been asked so far which notes of this log they hold'

export function createStartCheck(context: NodeContext, log: AccessLog): StartCheck {
  log.hold(UNASKED)
  let contradicted = false

  /** What contradicts this log, `unreachable`, or undefined. */
  async function ask({ org, endpoint }: Member): Promise<string | undefined> {
    let notes: readonly string[]
    try {
      notes = notesSchema.parse(JSON.parse(await fetchText(context.transport, `${endpoint}/witness/notes/${context.org}/${log.k}`))).notes
    } catch {
      return 'unreachable'
    }
    const wrong = notes.find((note) => !isExtended(log, note))
    return wrong === undefined
      ? undefined
      : `\`${org}\` holds a note of this log for size ${parseCheckpoint(parseNote(wrong).text).size} that its ${log.size} entries do not extend`
  }

  return {
    async run() {
      if (contradicted || log.heldBecause === undefined) return log.heldBecause === undefined
      const needed = requestersSinceSeal(context, log)
      const others = members(context.ledger.tip()).filter(({ org }) => org !== context.org)
      const answers = await Promise.all(others.map(async (member) => ({ org: member.org, found: await ask(member) })))
      const contradiction = answers.find(({ found }) => found !== undefined && found !== 'unreachable')?.found
      const missing = answers.filter(({ org, found }) => found === 'unreachable' && needed.has(org)).map(({ org }) => org)
      contradicted = contradiction !== undefined
      if (contradiction !== undefined) log.hold(`${contradiction}: an older copy was restored; retire this log key and open the standby`)
      else if (missing.length > 0) log.hold(`${missing.join(', ')} got notes after the last seal and did not answer`)
      else log.hold(undefined)
      if (log.heldBecause !== undefined) context.logger.warn({ origin: log.origin, reason: log.heldBecause }, 'the access log does not go on')
      return log.heldBecause === undefined
    },
  }
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
