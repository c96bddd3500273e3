import type { Bytes32, GroupId, OrganizationId } from '@fiducia/core'
import { type BatchLine, encodeLine } from '@fiducia/directory'
import { batches, batchStatus, groupOf, holdersOf, type OfferedBatch } from '@fiducia/ledger'
import { BATCH_PAGE_LINES, BATCHES_PER_ROUND } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { transact } from '../transact.ts'
import { createBatchFetch } from './batch-fetch.ts'
import { checkSpeech } from './speech.ts'

/**
 * Batches of statements among the members (DESIGN section 6). The ledger has roots and who holds what; the lines go from member
 * to member, to nobody else: they name natural persons.
 *
 *   own batch      batch.offer                                        once it is in the store
 *   others' batch  lines from a holder (`batch-fetch.ts`) → what it may say → kept → batch.hold
 *   counted        from the block in which a quorum of groups holds it, its statements count
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

  async function offer({ root, count }: OwnBatch): Promise<void> {
    const { result } = await transact(context, 'batch.offer', { root, count })
    if (result.accepted || result.code === 'BATCH_EXISTS') store.markPublished(root)
    else logger.warn({ root, code: result.code }, 'the ledger refused a batch')
  }

  async function hold(root: Bytes32): Promise<void> {
    const { result } = await transact(context, 'batch.hold', { root })
    if (!result.accepted && result.code !== 'HOLD_EXISTS') logger.warn({ root, code: result.code }, 'the ledger refused to note a held batch')
  }

  /** One after another of each author: what it says of a subject follows from all that it said before. */
  async function fetchMissing(): Promise<void> {
    const own = groupOf(ledger.tip(), context.org)
    const waiting = new Set<OrganizationId>()
    for (const offered of missingBatches(context, store).slice(0, BATCHES_PER_ROUND)) {
      if (waiting.has(offered.org)) continue
      const isHeldByGroup = holdersOf(ledger.tip(), offered.root).some((org) => groupOf(ledger.tip(), org) === own)
      if (!(await fetch.fromHolders(offered, (lines) => keep(offered, lines)))) waiting.add(offered.org)
      else if (!isHeldByGroup) await hold(offered.root)
    }
  }

  function keep({ root, count, org }: OfferedBatch, lines: readonly BatchLine[]): void {
    for (const line of lines) checkSpeech(line, org)
    const group = groupOf(ledger.tip(), org)
    if (group === undefined) throw new Error('the batch is of no member')
    store.keep({ root, count, attester: org, group }, lines)
  }

  return {
    async run() {
      for (const own of store.unpublished().slice(0, BATCHES_PER_ROUND)) await offer(own)
      await fetchMissing()
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

/** Others' batches that can count and are not here, of each author in its order. */
const missingBatches = ({ ledger, clock, org }: NodeContext, store: BatchStore): readonly OfferedBatch[] =>
  batches(ledger.tip())
    .filter((offered) => batchStatus(offered, clock.now()) !== 'lapsed' && offered.org !== org && !store.has(offered.root))
    .toSorted((one, two) => one.n - two.n)

function countHeld({ ledger }: NodeContext, store: BatchStore): void {
  const counted = new Map(batches(ledger.tip()).flatMap(({ root, counted: began }) => (began === null ? [] : [[root, began] as const])))
  for (const root of store.uncounted()) {
    const began = counted.get(root)
    if (began !== undefined) store.count(root, began)
  }
}
