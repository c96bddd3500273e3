import type { Bytes32, GroupId, OrganizationId } from '@fiducia/core'
import { type BatchLine, encodeLine } from '@fiducia/directory'
import { batches, batchStatus, groupOf, holdersOf, type OfferedBatch } from '@fiducia/ledger'
import { BATCH_PAGE_LINES, BATCHES_PER_ROUND } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { transact } from '../transact.ts'
import { createBatchFetch, reasonOf } from './batch-fetch.ts'
import { offerOwn } from './batch-offer.ts'
import { checkSpeech } from './speech.ts'

/**
 * Batches of statements among the members (DESIGN section 6). The ledger has roots and who holds what; the lines go from member
 * to member, to nobody else: they name natural persons.
 *
 *   own batch      once it is in the store → batch.offer (`batch-offer.ts`)
 *   others' batch  lines from a holder (`batch-fetch.ts`) → what it may say → kept → batch.hold
 *   counted        from the block in which a quorum of groups holds it, its statements count
 *   lapsed         no quorum held it in time: its author says again what still stands of it, in a new batch
 */
export interface BatchStore {
  /** Own batches that were not offered, oldest first. */
  unpublished(): readonly OwnBatch[]
  markPublished(root: Bytes32): void
  has(root: Bytes32): boolean
  /** Lines [from, to) of a batch, in the order of its leaves; undefined for a batch that is not here. */
  lines(root: Bytes32, from: number, to: number): readonly BatchLine[] | undefined
  /** A whole batch of another member, whose lines have been checked against its root. */
  keep(batch: KeptBatch, lines: readonly BatchLine[]): void
  /** Batches that are here and do not count so far. */
  uncounted(): readonly Bytes32[]
  /** An own batch that can never count: what is still the last word goes into a new one, and this one is given up. */
  restate(root: Bytes32): void
  /** From now on its statements count; block time and height at which they began to. */
  count(root: Bytes32, at: { readonly at: number; readonly height: number }): void
}

export interface OwnBatch {
  readonly root: Bytes32
  readonly count: number
}

export interface KeptBatch extends OwnBatch {
  readonly attester: OrganizationId
  readonly group: GroupId
}

export interface BatchExchange {
  /** Offers, fetches, holds and counts what is due; what fails is tried again at the next call. */
  run(): Promise<void>
  /** One page of a batch as it goes to another member: its lines, each with a line feed. */
  page(root: Bytes32, from: number): Uint8Array | undefined
}

export function createBatchExchange(context: NodeContext, store: BatchStore): BatchExchange {
  const { ledger, logger } = context
  const fetch = createBatchFetch(context)
  /** Batches that are whole and say what they may not: as long as the process lives they are not fetched again. */
  const refused = new Set<Bytes32>()

  async function hold(root: Bytes32): Promise<void> {
    const { result } = await transact(context, 'batch.hold', { root })
    if (!result.accepted && result.code !== 'HOLD_EXISTS') logger.warn({ root, code: result.code }, 'the ledger refused to note a held batch')
  }

  /** One after another of each author: what it says of a subject follows from all that it said before. */
  async function fetchMissing(): Promise<void> {
    const waiting = new Set<OrganizationId>()
    const missing = missingBatches(context, store).filter(({ root }) => !refused.has(root))
    for (const offered of missing.slice(0, BATCHES_PER_ROUND)) {
      if (waiting.has(offered.org)) continue
      const lines = await fetch.fromHolders(offered)
      if (lines === undefined || !keep(offered, lines)) waiting.add(offered.org)
    }
  }

  /** False where the next ones of this author have to wait. What goes wrong here is no fault of who served the lines. */
  function keep({ root, count, org }: OfferedBatch, lines: readonly BatchLine[]): boolean {
    try {
      for (const line of lines) checkSpeech(line, org)
    } catch (error) {
      refused.add(root)
      logger.warn({ root, org, reason: reasonOf(error) }, 'a batch says what its author may not say')
      return true
    }
    try {
      store.keep({ root, count, attester: org, group: groupOf(ledger.tip(), org) ?? noMember() }, lines)
      return true
    } catch (error) {
      logger.warn({ root, org, reason: reasonOf(error) }, 'a batch could not be kept')
      return false
    }
  }

  /** Also what was kept before a restart, and could not be said then. */
  async function holdKept(): Promise<void> {
    const own = groupOf(ledger.tip(), context.org)
    const isHeldByGroup = (root: Bytes32) => holdersOf(ledger.tip(), root).some((org) => groupOf(ledger.tip(), org) === own)
    const kept = new Set(store.uncounted())
    for (const { root } of standingBatches(context)) if (kept.has(root) && !isHeldByGroup(root)) await hold(root)
  }

  return {
    async run() {
      await offerOwn(context, store)
      await fetchMissing()
      await holdKept()
      countHeld(context, store)
    },
    page(root, from) {
      const lines = store.lines(root, from, from + BATCH_PAGE_LINES)
      if (lines === undefined) return undefined
      return new Uint8Array(Buffer.concat(lines.flatMap((line) => [encodeLine(line), LINE_FEED])))
    },
  }
}

const LINE_FEED = Uint8Array.of(10)

const noMember = (): never => {
  throw new Error('the batch is of no member')
}

/** Others' batches that count, or still can. */
const standingBatches = ({ ledger, clock, org }: NodeContext): readonly OfferedBatch[] =>
  batches(ledger.tip()).filter((offered) => offered.org !== org && batchStatus(offered, clock.now()) !== 'lapsed')

/** Those that are not here, of each author in its order. */
const missingBatches = (context: NodeContext, store: BatchStore): readonly OfferedBatch[] =>
  standingBatches(context)
    .filter(({ root }) => !store.has(root))
    .toSorted((one, two) => one.n - two.n)

function countHeld({ ledger }: NodeContext, store: BatchStore): void {
  const counted = new Map(batches(ledger.tip()).flatMap(({ root, counted: began }) => (began === null ? [] : [[root, began] as const])))
  for (const root of store.uncounted()) {
    const began = counted.get(root)
    if (began !== undefined) store.count(root, began)
  }
}
