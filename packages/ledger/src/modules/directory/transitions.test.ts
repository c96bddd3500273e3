import { type Bytes32, encodeBase64Url, inclusionPath, leafHash, parseBytes32, rootOfLeafHashes } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { type Scenario, scenario } from '../../../test/scenario.ts'
import { alder, birch, cedar, DAY, nodeSeed, ORGS, seedOf, START, transaction } from '../../../test/world.ts'
import { contestIdOf } from '../../derivations.ts'
import type { TransactionType } from '../../types.ts'
import { batch, batchStatus, contest, contestStatus, holdersOf, merit, misses, reliability } from './queries.ts'

const [dune, elm] = ORGS.slice(3) as [typeof alder, typeof alder]

const coms = Array.from({ length: 5 }, (_, i) => seedOf(`com ${i}`))
const leaves = coms.map(leafHash)
const root = parseBytes32(encodeBase64Url(rootOfLeafHashes(leaves)))
const text = (bytes: Uint8Array): Bytes32 => parseBytes32(encodeBase64Url(bytes))
const pathTo = (index: number) => inclusionPath(index, leaves.length, (start, end) => rootOfLeafHashes(leaves.slice(start, end))).map(text)

const send = (type: TransactionType, org: typeof alder, body: Parameters<typeof transaction>[1], atMs = 0) =>
  transaction(type, body, START + atMs, nodeSeed(org))
const offer = (org = alder, count = leaves.length) => send('batch.offer', org, { root, count })
const holdBy = (org: typeof alder, atMs = 0) => send('batch.hold', org, { root }, atMs)

/** Alder's batch, which counts. */
function counted(): Scenario {
  const one = scenario()
  for (const wire of [offer(), holdBy(birch), holdBy(cedar)]) expect(one.put(wire)).toBe('ok')
  return one
}

describe('a batch', () => {
  it('counts once three of four groups have it, and two members of one group are one', () => {
    const one = scenario()
    expect([one.put(offer()), one.put(offer(birch)), one.put(holdBy(birch))]).toEqual(['ok', 'BATCH_EXISTS', 'ok'])
    expect([one.put(holdBy(elm)), one.put(holdBy(alder))]).toEqual(['HOLD_EXISTS', 'HOLD_EXISTS'])
    expect(batch(one.state, root)?.counted).toBeNull()
    expect(one.put(holdBy(dune), 5)).toBe('ok')
    expect(batch(one.state, root)?.counted).toEqual({ at: START + 5, height: one.state.height })
    expect(holdersOf(one.state, root)).toEqual([alder, birch, dune])
    const before = batch(one.state, root)
    expect(one.put(holdBy(cedar), 6)).toBe('ok')
    expect(batch(one.state, root)).toEqual(before)
  })

  it('that no quorum has in seven days never counts', () => {
    const one = scenario()
    one.put(offer())
    expect(one.put(holdBy(birch, 7 * DAY), 7 * DAY)).toBe('ok')
    expect(one.put(holdBy(cedar, 7 * DAY + 1), 7 * DAY + 1)).toBe('BATCH_LAPSED')
    const record = batch(one.state, root)
    if (record === undefined) throw new Error('expected the batch')
    expect([batchStatus(record, START + 7 * DAY), batchStatus(record, START + 7 * DAY + 1)]).toEqual(['offered', 'lapsed'])
  })

  it('is refused without a batch, a count, or a node key', () => {
    const one = scenario()
    expect(one.put(holdBy(birch))).toBe('BATCH_UNKNOWN')
    expect([one.put(offer(alder, 0)), one.put(offer(alder, 10_001))]).toEqual(['TX_BODY', 'TX_BODY'])
    expect(one.put(transaction('batch.offer', { root, count: 1 }, START, seedOf('stranger')))).toBe('TX_NODE_KEY')
  })

  it('names who says that it holds it and does not give it out, group by group', () => {
    const one = counted()
    const miss = (by: typeof alder, org: typeof alder) => one.put(send('batch.miss', by, { root, org }))
    expect([miss(cedar, birch), miss(cedar, birch), miss(dune, birch)]).toEqual(['ok', 'MISS_EXISTS', 'ok'])
    expect([miss(elm, birch), miss(cedar, dune), miss(cedar, elm)]).toEqual(['CONTEST_OWN', 'HOLD_UNKNOWN', 'HOLD_UNKNOWN'])
    expect(misses(one.state, root, birch)).toEqual(['cedar-group', 'dune-group'])
  })
})

describe('a contest', () => {
  const open = (by: typeof alder, changes: { readonly index?: number; readonly field?: string; readonly com?: Bytes32 } = {}) => {
    const { index = 2, field = 'phone' } = changes
    return send('contest.open', by, { root, index, com: changes.com ?? text(coms[index] ?? new Uint8Array()), path: pathTo(index), field })
  }
  const id = contestIdOf({ root, index: 2, field: 'phone' })
  const rule = (by: typeof alder, ruling: string) => send('contest.rule', by, { contest: id, ruling })

  it('is ruled by three members whose groups have no part in it, and their outcome alone moves reliability', () => {
    const one = counted()
    expect(one.put(open(cedar))).toBe('ok')
    expect(contest(one.state, id)?.panel).toEqual([birch, dune, elm])
    expect(reliability(one.state, alder)).toBe(500)
    expect([one.put(rule(birch, 'falls')), one.put(rule(birch, 'stands')), one.put(rule(cedar, 'falls'))]).toEqual(['ok', 'CONTEST_RULER', 'CONTEST_RULER'])
    expect(merit(one.state, alder)).toEqual({ right: 0, wrong: 0 })
    expect([one.put(rule(dune, 'falls')), one.put(rule(elm, 'stands'))]).toEqual(['ok', 'CONTEST_DECIDED'])
    expect([merit(one.state, alder), merit(one.state, cedar)]).toEqual([
      { right: 0, wrong: 1 },
      { right: 1, wrong: 0 },
    ])
    expect([reliability(one.state, alder), reliability(one.state, cedar), reliability(one.state, birch)]).toEqual([333, 666, 500])
  })

  it('without a majority is unclear and moves nothing', () => {
    const one = counted()
    one.put(open(cedar))
    for (const [org, word] of [
      [birch, 'falls'],
      [dune, 'stands'],
      [elm, 'unclear'],
    ] as const)
      expect(one.put(rule(org, word))).toBe('ok')
    expect(contest(one.state, id)?.outcome).toBe('unclear')
    expect(merit(one.state, alder)).toEqual({ right: 0, wrong: 0 })
  })

  it('needs a statement that stands in a batch that counts, another group, and three who have no part in it', () => {
    const uncounted = scenario()
    expect(uncounted.put(open(cedar))).toBe('BATCH_UNKNOWN')
    uncounted.put(offer())
    expect(uncounted.put(open(cedar))).toBe('BATCH_UNCOUNTED')
    const one = counted()
    expect(one.put(open(alder))).toBe('CONTEST_OWN')
    expect(one.put(open(cedar, { com: text(seedOf('other')) }))).toBe('CONTEST_PATH')
    expect(one.put(open(cedar, { field: 'license/OR/7' }))).toBe('TX_BODY')
    expect(one.put(open(birch))).toBe('CONTEST_PANEL')
    expect([one.put(open(cedar)), one.put(open(dune))]).toEqual(['ok', 'CONTEST_EXISTS'])
    expect(one.put(send('contest.rule', birch, { contest: root, ruling: 'falls' }))).toBe('CONTEST_UNKNOWN')
  })

  it('is overdue after fourteen days, and can still be ruled', () => {
    const one = counted()
    one.put(open(cedar))
    const record = contest(one.state, id)
    if (record === undefined) throw new Error('expected the contest')
    expect([START, START + 14 * DAY, START + 14 * DAY + 1].map((t) => contestStatus(record, t))).toEqual(['open', 'open', 'overdue'])
    expect(one.put(send('contest.rule', birch, { contest: id, ruling: 'stands' }, 20 * DAY), 20 * DAY)).toBe('ok')
  })
})
