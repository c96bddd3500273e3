import { type Bytes32, encodeBase64Url, INPUT_ERRORS, InputError, type JsonValue, type OrganizationId } from '@fiducia/core'
import { type BatchLine, batchRoot, decodeLine, lineCommitment } from '@fiducia/directory'
import { groupOf, holdersOf, member, misses, type OfferedBatch } from '@fiducia/ledger'
import { BATCH_PAGE_LINES, MISS_AFTER_ROUNDS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { signAssertion } from '../peers/assertion.ts'
import { textOf } from '../peers/transport.ts'
import { transact } from '../transact.ts'

/**
 * Getting a batch from those who say on the ledger that they hold it, one after another, until one gives out lines that lead to the root.
 *
 *   page    at most `BATCH_PAGE_LINES` lines from a place on, asked for with a client assertion about just this page
 *   lines   pages until there are as many as were offered; each line in its only form
 *   root    over all of them, compared with the ledger's: so it does not matter who served them
 *
 * A holder that failed in several rounds is named on the ledger with `batch.miss`, once by each group; at once one that gave out other lines, where another
 * holder gave out the right ones: then it is no fault of the network's.
 */
export interface BatchFetch {
  /** The lines of the first holder that gives out all of them; undefined when none does in this round. */
  fromHolders(offered: OfferedBatch): Promise<readonly BatchLine[] | undefined>
}

/** What the assertion of a request for lines is about. */
export const batchDetails = (root: Bytes32, from: number): JsonValue => ({ v: 1, batch: root, from })

export function createBatchFetch(context: NodeContext): BatchFetch {
  const { ledger, logger } = context
  /** Rounds in which a holder did not give out a batch. */
  const failures = new Map<string, number>()

  async function noteFailure(root: Bytes32, org: OrganizationId): Promise<void> {
    const key = `${root} ${org}`
    const rounds = (failures.get(key) ?? 0) + 1
    failures.set(key, rounds)
    if (rounds >= MISS_AFTER_ROUNDS) await name(root, org)
  }

  async function name(root: Bytes32, org: OrganizationId): Promise<void> {
    const own = groupOf(ledger.tip(), context.org)
    if (own !== undefined && !misses(ledger.tip(), root, org).includes(own)) await transact(context, 'batch.miss', { root, org })
  }

  return {
    async fromHolders(offered) {
      const own = groupOf(ledger.tip(), context.org)
      const liars: OrganizationId[] = []
      for (const org of holdersOf(ledger.tip(), offered.root).filter((holder) => groupOf(ledger.tip(), holder) !== own)) {
        try {
          const lines = await fetchLines(context, org, offered)
          for (const liar of liars) await name(offered.root, liar)
          return lines
        } catch (error) {
          if (error instanceof InputError || error instanceof FalseLines) liars.push(org)
          logger.warn({ root: offered.root, holder: org, reason: reasonOf(error) }, 'a batch could not be fetched')
          await noteFailure(offered.root, org)
        }
      }
      return undefined
    },
  }
}

/** Lines that are read well, and are not the batch's. */
class FalseLines extends Error {}

/** An `InputError` quotes what was found, and lines name natural persons. */
export function reasonOf(error: unknown): string {
  if (error instanceof InputError) return INPUT_ERRORS[error.code]
  return error instanceof Error ? error.message : 'unknown'
}

/** All lines of a batch as one holder gives them out. Throws unless they are whole, readable, and lead to the root. */
async function fetchLines(context: NodeContext, org: OrganizationId, { root, count }: OfferedBatch): Promise<readonly BatchLine[]> {
  const lines: BatchLine[] = []
  while (lines.length < count) {
    const page = await fetchPage(context, org, root, lines.length)
    if (page.length === 0) throw new Error(`expected ${count} statements, found ${lines.length}`)
    lines.push(...page)
  }
  if (lines.length > count || batchRoot(lines.map(lineCommitment)) !== root) throw new FalseLines('the statements that are served do not lead to the root')
  return lines
}

async function fetchPage(context: NodeContext, org: OrganizationId, root: Bytes32, from: number): Promise<readonly BatchLine[]> {
  const holder = member(context.ledger.tip(), org)
  if (holder === undefined) throw new Error('the holder is no member')
  const assertion = await signAssertion({
    organization: context.org,
    signer: context.keys.node,
    audience: holder.endpoint,
    details: batchDetails(root, from),
    tokenId: encodeBase64Url(context.random(16)),
    now: context.clock.now(),
  })
  const answer = await context.transport(`${holder.endpoint}/directory/batches/${root}?from=${from}`, { headers: { authorization: `Bearer ${assertion}` } })
  if (answer.status !== 200) throw new Error(`expected status 200, found ${answer.status}`)
  const texts = textOf(answer).split('\n')
  if (texts.pop() !== '' || texts.length > BATCH_PAGE_LINES) throw new InputError('SHAPE', `expected at most ${BATCH_PAGE_LINES} whole lines`)
  return texts.map((text) => decodeLine(new TextEncoder().encode(text)))
}
