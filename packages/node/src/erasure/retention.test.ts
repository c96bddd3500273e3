import path from 'node:path'
import { accessLogOrigin, encodeBase64Url, encodeUtf8, type Handle, leafHash, sha256 } from '@fiducia/core'
import { tagKeyOf } from '@fiducia/proofs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { alder, type Fixture, keyOf, logKeyOf, net, openFixture, openRelationship, seedOf, START } from '../../test/fixture.ts'
import { type AccessLog, type Appended, openAccessLog } from '../access-log/access-log.ts'
import { ERASED_PER_TRANSACTION, REDACTION_DELAY_MS } from '../limits.ts'
import { createLocks } from '../relationships/locks.ts'
import { openPolicyFiles } from '../relationships/policy-files.ts'
import { openUnconfirmed } from '../relationships/unconfirmed.ts'
import { createErasure, type Erasure } from './erasure.ts'
import { createRedactions } from './redactions.ts'
import { openRetained, type RetainedFile } from './retained.ts'
import { createRetention, type Retention } from './retention.ts'
import { openTombstones } from './tombstones.ts'

const DAY_MS = 86_400_000
const DAYS = 1_100
const ORIGIN = accessLogOrigin(net, alder, 1)

let fixture: Fixture
let log: AccessLog
let file: RetainedFile
let erasure: Erasure
let retention: Retention
/** What the quorum's clocks say. */
let agreed = START

beforeEach(async () => {
  agreed = START
  fixture = await openFixture()
  const { dir, context, clock } = fixture
  const outside = (name: string) => path.join(dir, 'outside', name)
  const files = openPolicyFiles(outside('policies'))
  log = openAccessLog({
    origin: ORIGIN,
    k: 1,
    ...logKeyOf(ORIGIN, 'alder log'),
    database: context.database,
    signOnceFile: outside('signed-1'),
    clock,
    random: context.random,
  })
  file = openRetained(outside('retained.json'))
  const redactions = createRedactions(context, log)
  const tombstones = openTombstones(outside('erased.json'))
  erasure = createErasure(context, { redactions, files, unconfirmed: openUnconfirmed(outside('unconfirmed.json')), tombstones, locks: createLocks() })
  retention = createRetention(context, { logs: { all: [log] }, now: () => agreed, erasure, redactions, file, days: DAYS })
})
afterEach(async () => {
  log[Symbol.dispose]()
  await fixture[Symbol.asyncDispose]()
})

const label = (text: string) => sha256(encodeUtf8(text))
const rows = (sql: string) => fixture.context.database.all(sql)
const indexes = () => rows('SELECT idx FROM event ORDER BY idx').map((row) => row['idx'])

const look = (handle: Handle, name: string): Promise<Appended> =>
  log.append({
    relationship: { handle, tagkey: tagKeyOf(seedOf(`${handle} K`)) },
    make: ({ n }) => ({ com: label(`com ${name} ${n}`), content: `{"said":"${name}"}`, sealed: label(`sealed ${name}`) }),
  })

function pass(days: number): void {
  fixture.clock.ms += days * DAY_MS
  agreed = fixture.clock.ms
}

function copy(name: string, settled: number): void {
  fixture.context.database.run(
    'INSERT INTO copy (leaf_hash, link, slot, settled, receipt, sealed, mirror_salt, mirror_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    encodeBase64Url(label(name)),
    '',
    Math.floor(START / 60_000),
    settled,
    '{}',
    '',
    label(name),
    0,
  )
}

it('erases what is older than the days, and nothing younger', async () => {
  const alice = await openRelationship(fixture, 'alice')
  await look(alice, 'old')
  pass(2)
  await look(alice, 'young')
  pass(DAYS - 1)
  await retention.run()
  expect(indexes()).toEqual([1])
  expect(rows('SELECT n, erased FROM next_n')).toEqual([{ n: 2, erased: 1 }])
  // One day has one date: a second round on it neither erases nor counts.
  const { redactions } = file.state
  await retention.run()
  expect(file.state.redactions).toEqual(redactions)
  expect(redactions).toMatchObject([{ count: 1 }])
})

it('does not believe a clock that runs ahead of the quorum’s', async () => {
  await look(await openRelationship(fixture, 'alice'), 'old')
  fixture.clock.ms += 2 * DAYS * DAY_MS
  await retention.run()
  expect(indexes()).toEqual([0])
  agreed = fixture.clock.ms
  await retention.run()
  expect(indexes()).toEqual([])
})

it('holds what an open dispute is about, and receipts that are not compared; they go when that is over', async () => {
  const alice = await openRelationship(fixture, 'alice')
  await fixture.submit('access.open', { origin: ORIGIN, key: keyOf('alder log').keyId }, 'alder node')
  const { note, index, leaf, path: siblings } = await look(alice, 'disputed')
  pass(1)
  await fixture.submit(
    'access.dispute',
    { origin: ORIGIN, note, index, leafHash: encodeBase64Url(leafHash(leaf)), path: siblings.map(encodeBase64Url) },
    'birch node',
  )
  await look(alice, 'other')
  copy('extended', 1)
  copy('open', 0)
  pass(DAYS + 1)
  await retention.run()
  expect(indexes()).toEqual([0])
  expect(rows('SELECT leaf_hash FROM copy')).toEqual([{ leaf_hash: encodeBase64Url(label('open')) }])
  expect(file.state.redactions).toMatchObject([{ count: 2 }])
  fixture.context.database.run('UPDATE copy SET settled = 1')
  pass(1)
  await retention.run()
  expect(rows('SELECT leaf_hash FROM copy')).toEqual([])
  expect(file.state.redactions).toMatchObject([{ count: 2 }, { count: 1 }])
})

it('ends a closed relationship when it was closed, and its last event was, before the date; an open one keeps its keys', async () => {
  const [alice, bob] = [await openRelationship(fixture, 'alice'), await openRelationship(fixture, 'bob')]
  await look(alice, 'last')
  await look(bob, 'last')
  await fixture.submit('rel.close', { handle: alice, epoch: 0 }, 'alice control')
  pass(1)
  await retention.run()
  // When it was closed is noted with the first date after it, and from then on it is kept as long as an event.
  pass(DAYS)
  await retention.run()
  expect([indexes(), rows('SELECT handle FROM relationship')]).toEqual([[], expect.arrayContaining([{ handle: alice }, { handle: bob }])])
  pass(2)
  await retention.run()
  expect(rows('SELECT handle FROM relationship')).toEqual([{ handle: bob }])
  expect(rows('SELECT handle, n, erased FROM next_n')).toEqual([{ handle: bob, n: 1, erased: 1 }])
  // A backup that is put back does not bring it back.
  fixture.context.database.run("INSERT INTO relationship (handle, record, k, bind_salt, method) VALUES (?, 'Patient/alice', x'00', x'00', 'desk')", alice)
  erasure.finish()
  expect(rows('SELECT handle FROM relationship')).toEqual([{ handle: bob }])
})

it('goes on where a stop came between, and at the start erases again what a backup brought', async () => {
  const alice = await openRelationship(fixture, 'alice')
  const many = ERASED_PER_TRANSACTION * 3 + 20
  await Promise.all(Array.from({ length: many }, (_, i) => look(alice, `old ${i}`)))
  const kept = rows('SELECT * FROM event')
  pass(DAYS + 1)
  const { database } = fixture.context
  const transaction = database.transaction.bind(database)
  const failing = vi.spyOn(database, 'transaction').mockImplementation((work) => {
    if (!file.state.isDone && indexes().length < many) throw new Error('the disk is full')
    return transaction(work)
  })
  await expect(retention.run()).rejects.toThrow('the disk is full')
  failing.mockRestore()
  expect([indexes().length, file.state.isDone]).toEqual([many - ERASED_PER_TRANSACTION, false])
  // A start in the middle leaves the rest to the job.
  retention.finish()
  expect(indexes().length).toBe(many - ERASED_PER_TRANSACTION)
  await retention.run()
  expect([indexes(), file.state.isDone, file.state.isScrubbed]).toEqual([[], true, true])
  for (const { origin, idx, handle, n, content } of kept)
    fixture.context.database.run(
      'INSERT INTO event (origin, idx, handle, n, content) VALUES (?, ?, ?, ?, ?)',
      String(origin),
      Number(idx),
      String(handle),
      Number(n),
      String(content),
    )
  retention.finish()
  expect([indexes(), file.state.isScrubbed]).toEqual([[], false])
})

it('writes one leaf for a batch, at least a day later, and no second one after a crash', async () => {
  await look(await openRelationship(fixture, 'alice'), 'old')
  pass(DAYS + 1)
  await retention.run()
  const state = file.state
  fixture.clock.ms += REDACTION_DELAY_MS - 1_000
  await retention.run()
  expect(rows('SELECT idx FROM redaction')).toEqual([])
  fixture.clock.ms += REDACTION_DELAY_MS
  await retention.run()
  expect(rows('SELECT idx FROM redaction')).toHaveLength(1)
  file.put(state)
  await retention.run()
  expect(rows('SELECT idx FROM redaction')).toHaveLength(1)
  expect(file.state.redactions).toEqual([])
})
