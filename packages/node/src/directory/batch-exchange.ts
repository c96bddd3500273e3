import { type Bytes32, encodeBase64Url, type GroupId, InputError, type JsonValue, type OrganizationId } from '@fiducia/core'
import { type BatchLine, batchRoot, decodeLine, encodeLine, lineCommitment } from '@fiducia/directory'
import { batches, batchStatus, groupOf, holdersOf, member, misses, type OfferedBatch } from '@fiducia/ledger'
import { BATCH_PAGE_LINES, BATCHES_PER_ROUND, MISS_AFTER_ROUNDS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { signAssertion } from '../peers/assertion.ts'
import { textOf } from '../peers/transport.ts'
import { transact } from '../transact.ts'
import { checkSpeech } from './speech.ts'

/**
 * Batches of statements among the members (DESIGN section 6). The ledger has roots and who holds what; the lines go from member
 * to member, to nobody else: they name natural persons.
 *
 *   own batch      batch.offer                                        once it is in the store
 *   others' batch  lines from a holder → every line read, the root computed → kept → batch.hold
 *   counted        from the block in which a quorum of groups holds it, its statements count
 *
 * A holder that does not give out what it said it holds, or gives other lines, is named with `batch.miss`; another one is asked.
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

/** What the assertion of a request for lines is about. */
export const batchDetails = (root: Bytes32, from: number): JsonValue => ({ v: 1, batch: root, from })

export function createBatchExchange(context: NodeContext, store: BatchStore): BatchExchange {
  const { ledger, logger, clock } = context
  /** Rounds in which a holder did not give out a batch. */
  const failures = new Map<string, number>()

  async function offer({ root, count }: OwnBatch): Promise<void> {
    const { result } = await transact(context, 'batch.offer', { root, count })
    if (result.accepted || result.code === 'BATCH_EXISTS') store.markPublished(root)
    else logger.warn({ root, code: result.code }, 'the ledger refused a batch')
  }

  async function hold(root: Bytes32): Promise<void> {
    const { result } = await transact(context, 'batch.hold', { root })
    if (!result.accepted && result.code !== 'HOLD_EXISTS') logger.warn({ root, code: result.code }, 'the ledger refused to note a held batch')
  }

  /** From the first holder that gives out lines that lead to the root. */
  async function fetchBatch(offered: OfferedBatch): Promise<boolean> {
    const own = groupOf(ledger.tip(), context.org)
    for (const org of holdersOf(ledger.tip(), offered.root).filter((holder) => groupOf(ledger.tip(), holder) !== own)) {
      try {
        const lines = await fetchLines(context, org, offered)
        for (const line of lines) checkSpeech(line, offered.org)
        store.keep({ root: offered.root, count: offered.count, attester: offered.org, group: groupOf(ledger.tip(), offered.org) ?? missingGroup() }, lines)
        return true
      } catch (error) {
        logger.warn({ root: offered.root, holder: org, reason: error instanceof Error ? error.message : 'unknown' }, 'a batch could not be fetched')
        await noteFailure(offered.root, org)
      }
    }
    return false
  }

  async function noteFailure(root: Bytes32, org: OrganizationId): Promise<void> {
    const key = `${root} ${org}`
    const rounds = (failures.get(key) ?? 0) + 1
    failures.set(key, rounds)
    const own = groupOf(ledger.tip(), context.org)
    if (rounds < MISS_AFTER_ROUNDS || own === undefined || misses(ledger.tip(), root, org).includes(own)) return
    await transact(context, 'batch.miss', { root, org })
  }

  /** Of each author in its order: what it says of a subject follows from all that it said before. */
  const missing = (): readonly OfferedBatch[] =>
    batches(ledger.tip())
      .filter((offered) => batchStatus(offered, clock.now()) !== 'lapsed' && offered.org !== context.org && !store.has(offered.root))
      .toSorted((one, two) => one.n - two.n)

  function countHeld(): void {
    const counted = new Map(batches(ledger.tip()).flatMap(({ root, counted: began }) => (began === null ? [] : [[root, began] as const])))
    for (const root of store.uncounted()) {
      const began = counted.get(root)
      if (began !== undefined) store.count(root, began)
    }
  }

  return {
    async run() {
      for (const own of store.unpublished().slice(0, BATCHES_PER_ROUND)) await offer(own)
      const group = groupOf(ledger.tip(), context.org)
      const waiting = new Set<OrganizationId>()
      for (const offered of missing().slice(0, BATCHES_PER_ROUND)) {
        if (waiting.has(offered.org)) continue
        const isHeldByGroup = holdersOf(ledger.tip(), offered.root).some((org) => groupOf(ledger.tip(), org) === group)
        if (!(await fetchBatch(offered))) waiting.add(offered.org)
        else if (!isHeldByGroup) await hold(offered.root)
      }
      countHeld()
    },
    page(root, from) {
      const lines = store.lines(root, from, from + BATCH_PAGE_LINES)
      if (lines === undefined) return undefined
      return new Uint8Array(Buffer.concat(lines.flatMap((line) => [encodeLine(line), LINE_FEED])))
    },
  }
}

const LINE_FEED = Uint8Array.of(10)

const missingGroup = (): never => {
  throw new Error('the batch is of no member')
}

/** All lines of a batch as one holder gives them out. Throws unless they are whole, readable, and lead to the root. */
async function fetchLines(context: NodeContext, org: OrganizationId, { root, count }: OwnBatch): Promise<readonly BatchLine[]> {
  const lines: BatchLine[] = []
  while (lines.length < count) {
    const page = await fetchPage(context, org, root, lines.length)
    if (page.length === 0) throw new Error(`expected ${count} statements, found ${lines.length}`)
    lines.push(...page)
  }
  if (lines.length > count || batchRoot(lines.map(lineCommitment)) !== root) throw new Error('the statements that are served do not lead to the root')
  return lines
}

async function fetchPage(context: NodeContext, org: OrganizationId, root: Bytes32, from: number): Promise<readonly BatchLine[]> {
  const holder = member(context.ledger.tip(), org)
  if (holder === undefined) throw new Error('the holder is no member')
  const details = batchDetails(root, from)
  const assertion = await signAssertion({
    organization: context.org,
    signer: context.keys.node,
    audience: holder.endpoint,
    details,
    tokenId: encodeBase64Url(context.random(16)),
    now: context.clock.now(),
  })
  const answer = await context.transport(`${holder.endpoint}/directory/batches/${root}?from=${from}`, { headers: { authorization: `Bearer ${assertion}` } })
  if (answer.status !== 200) throw new Error(`expected status 200, found ${answer.status}`)
  const texts = textOf(answer).split('\n')
  if (texts.pop() !== '' || texts.length > BATCH_PAGE_LINES) throw new InputError('SHAPE', `expected at most ${BATCH_PAGE_LINES} whole lines`)
  return texts.map((text) => decodeLine(new TextEncoder().encode(text)))
}
