import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeUtf8, equalBytes, leafHash, parseHandle, sha256, verifyInclusion } from '@fiducia/core'
import { decodeLeaf, eventTag } from '@fiducia/proofs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { logKeyOf } from '../../test/fixture.ts'
import { APPEND_QUEUE } from '../limits.ts'
import { integerColumn } from '../store/columns.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { type AccessLog, type NewEntry, openAccessLog } from './access-log.ts'
import { readSignedSize } from '@fiducia/engine'

const ORIGIN = 'test/log/alder/1'
const alice = { handle: parseHandle(Buffer.from(sha256(encodeUtf8('alice'))).toString('base64url')), tagkey: sha256(encodeUtf8('alice tagkey')) }
const bob = { handle: parseHandle(Buffer.from(sha256(encodeUtf8('bob'))).toString('base64url')), tagkey: sha256(encodeUtf8('bob tagkey')) }

let dir = ''
let database: Database
let log: AccessLog
let now = 1_767_225_600_000
let drawn = 0

const random = (length: number) => {
  drawn += 1
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 32) bytes.set(sha256(encodeUtf8(`random ${drawn} ${at}`)).subarray(0, Math.min(32, length - at)), at)
  return bytes
}
const label = (text: string) => sha256(encodeUtf8(text))
const entry = (name: string): NewEntry => ({ tag: label(`tag ${name}`), com: label(`com ${name}`), content: `{"entry":"${name}"}` })
const event = (relationship: typeof alice): NewEntry => ({
  relationship,
  make: ({ n }) => ({ com: label(`event ${n}`), content: `{"n":${n}}`, sealed: label(`sealed ${n}`) }),
})

function open(file = 'node.sqlite'): AccessLog {
  database = openDatabase(path.join(dir, file))
  return openAccessLog({
    origin: ORIGIN,
    k: 1,
    ...logKeyOf(ORIGIN, 'alder log'),
    database,
    signOnceFile: path.join(dir, 'signed-1'),
    clock: { now: () => now },
    random,
  })
}

function close(): void {
  log[Symbol.dispose]()
  database[Symbol.dispose]()
}

function reopen(): void {
  close()
  log = open()
}

const leaves = () => log.entries(0, log.size)
const eventCount = () => integerColumn(database.get('SELECT count(*) AS c FROM event') ?? {}, 'c')

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-access-log-'))
  now = 1_767_225_600_000
  log = open()
})
afterEach(() => {
  close()
  rmSync(dir, { recursive: true })
})

it('answers with a path that holds under a note of its own', async () => {
  for (let i = 0; i < 5; i += 1) {
    const { index, leaf, checkpoint, path: siblings } = await log.append(entry(String(i)))
    expect(index).toBe(i)
    expect(checkpoint.size).toBe(i + 1)
    verifyInclusion(index, checkpoint.size, leafHash(leaf), siblings, checkpoint.root)
    expect(equalBytes(log.leaf(index), leaf)).toBe(true)
  }
})

it('is durable and signed outside before it answers', async () => {
  const { checkpoint } = await log.append(entry('a'))
  expect(readSignedSize(path.join(dir, 'signed-1'))).toEqual({ size: 1, root: checkpoint.root })
  using other = openDatabase(path.join(dir, 'node.sqlite'))
  expect(other.all('SELECT idx FROM leaf')).toHaveLength(1)
})

it('makes what is written alongside stand or fall with the entry', async () => {
  const remember = (index: number) => database.run('INSERT INTO progress (name, value) VALUES (?, ?)', 'alongside', index)
  await log.append(entry('before'))
  await log.append({ tag: label('with a row'), com: label('com'), alongside: remember })
  expect(database.get('SELECT value FROM progress')).toEqual({ value: 1 })
  // The same row again cannot be written, so the entry is not either.
  await expect(log.append({ tag: label('again'), com: label('com'), alongside: remember })).rejects.toThrow('UNIQUE')
  expect(log.size).toBe(2)
  expect((await log.append(entry('after'))).index).toBe(2)
})

it('lets entries that arrive together share one commit and one note', async () => {
  const transactions = vi.spyOn(database, 'transaction')
  const appended = await Promise.all(Array.from({ length: 40 }, (_, i) => log.append(entry(String(i)))))
  expect(transactions).toHaveBeenCalledTimes(1)
  expect(new Set(appended.map(({ note }) => note)).size).toBe(1)
  expect(appended.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, i) => i))
  for (const { leaf, index, path: siblings, checkpoint } of appended) verifyInclusion(index, 40, leafHash(leaf), siblings, checkpoint.root)
})

it('counts n for each relationship by itself, across commits and restarts', async () => {
  await Promise.all([log.append(event(alice)), log.append(event(bob)), log.append(entry('x')), log.append(event(alice))])
  await log.append(event(alice))
  reopen()
  const again = await log.append(event(alice))
  await log.append(event(bob))
  const tags = leaves().map((bytes) => decodeLeaf(bytes).tag)
  const expected = [
    eventTag(alice.tagkey, 1, 0),
    eventTag(bob.tagkey, 1, 0),
    label('tag x'),
    eventTag(alice.tagkey, 1, 1),
    eventTag(alice.tagkey, 1, 2),
    eventTag(alice.tagkey, 1, 3),
    eventTag(bob.tagkey, 1, 1),
  ]
  expect(tags).toEqual(expected)
  expect(again.index).toBe(5)
})

it('goes on after a restart with the same roots at every size', async () => {
  for (let i = 0; i < 20; i += 1) await log.append(entry(String(i)))
  await log.seal()
  const sizes = Array.from({ length: log.size + 1 }, (_, size) => size)
  const roots = sizes.map((size) => log.hashes.root(size))
  const sealed = log.sealedSize
  reopen()
  expect(sizes.map((size) => log.hashes.root(size))).toEqual(roots)
  expect(log.sealedSize).toBe(sealed)
  expect((await log.append(entry('after'))).index).toBe(32)
})

it('starts again when it was stopped before its first entry', async () => {
  reopen()
  expect(log.size).toBe(0)
  reopen()
  expect((await log.append(entry('first'))).index).toBe(0)
})

it('pads a seal to sixteen, carries its index and root, and does nothing when there is nothing to seal', async () => {
  expect(await log.seal()).toBeUndefined()
  expect(log.size).toBe(0)
  await log.append(entry('a'))
  const seal = await log.seal()
  expect(seal?.index).toBe(15)
  expect(log.sealedSize).toBe(16)
  expect(await log.seal()).toBeUndefined()
  expect(log.size).toBe(16)
  for (let i = 0; i < 15; i += 1) await log.append(entry(`more ${i}`))
  expect((await log.seal())?.index).toBe(31)
  const kinds = leaves().map((bytes) => decodeLeaf(bytes).kind)
  expect(kinds.flatMap((kind, i) => (kind === 'seal' ? [i] : []))).toEqual([15, 31])
  expect(decodeLeaf(log.leaf(31)).tag).toEqual(log.tagMap(32).root)
  expect(log.tagMap(16).root).toEqual(decodeLeaf(log.leaf(15)).tag)
})

it('keeps the order of arrival around a seal', async () => {
  const [first, sealed, second] = await Promise.all([log.append(entry('before')), log.seal(), log.append(entry('after'))])
  expect([first.index, sealed?.index, second.index]).toEqual([0, 15, 16])
  expect(log.sealedSize).toBe(16)
})

it('refuses an entry whose tag is there already, alone, and stays usable across a restart', async () => {
  await log.append(entry('same'))
  const [again, other] = await Promise.allSettled([log.append(entry('same')), log.append(entry('other'))])
  expect(again).toMatchObject({ status: 'rejected', reason: { code: 'RECEIPT_REFUSED' } })
  expect(other.status).toBe('fulfilled')
  const twice = await Promise.allSettled([log.append(entry('twice')), log.append(entry('twice'))])
  expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  reopen()
  expect(log.size).toBe(3)
  expect(eventCount()).toBe(3)
  expect((await log.append(entry('later'))).index).toBe(3)
})

it('rejects what was in a failed transaction, writes nothing of it, and goes on', async () => {
  const bad: NewEntry = {
    relationship: alice,
    make: () => {
      throw new Error('cannot be made')
    },
  }
  const results = await Promise.allSettled([log.append(entry('innocent')), log.append(bad)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(log.size).toBe(0)
  expect(eventCount()).toBe(0)
  expect(database.all('SELECT idx FROM leaf')).toEqual([])
  const { index } = await log.append(event(alice))
  expect(index).toBe(0)
  expect(decodeLeaf(log.leaf(0)).tag).toEqual(eventTag(alice.tagkey, 1, 0))
})

it('never lets a slot fall when the clock does', async () => {
  await log.append(entry('a'))
  const slot = decodeLeaf(log.leaf(0)).slot
  now -= 3_600_000
  await log.append(entry('b'))
  expect(decodeLeaf(log.leaf(1)).slot).toBe(slot)
  now += 2 * 3_600_000
  await log.append(entry('c'))
  expect(decodeLeaf(log.leaf(2)).slot).toBe(slot + 60)
})

it('refuses beyond its queue instead of growing', async () => {
  const waiting = Array.from({ length: APPEND_QUEUE }, (_, i) => log.append(entry(String(i))))
  expect(() => log.append(entry('one too many'))).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
  const appended = await Promise.all(waiting)
  expect(appended.at(-1)?.index).toBe(APPEND_QUEUE - 1)
  expect((await log.append(entry('later'))).index).toBe(APPEND_QUEUE)
})

it('takes no entry over a database that is older than what was signed, but can be read', async () => {
  await log.append(entry('a'))
  database.run(`VACUUM INTO '${path.join(dir, 'backup.sqlite')}'`)
  await log.append(entry('b'))
  close()
  log = open('backup.sqlite')
  expect(log.frozenBecause).toMatch(/size 2 was signed before, and the 1 entries do not extend that/)
  await expect(log.append(entry('c'))).rejects.toThrow(expect.objectContaining({ code: 'LOG_FROZEN' }))
  await expect(log.seal()).rejects.toThrow(expect.objectContaining({ code: 'LOG_FROZEN' }))
  expect([log.size, decodeLeaf(log.leaf(0)).kind]).toEqual([1, 'entry'])
  expect(readSignedSize(path.join(dir, 'signed-1'))?.size).toBe(2)
  reopen()
  expect(log.size).toBe(2)
})

it('takes no entry over other entries of the same number', async () => {
  await log.append(entry('a'))
  database.run(
    'UPDATE leaf SET bytes = ? WHERE idx = 0',
    Uint8Array.from(log.leaf(0), (byte, i) => (i === 50 ? byte ^ 1 : byte)),
  )
  close()
  log = open()
  await expect(log.append(entry('b'))).rejects.toThrow(expect.objectContaining({ code: 'LOG_FROZEN' }))
})

it('ends what waits when it is frozen', async () => {
  const waiting = log.append(entry('a'))
  log.freeze('for a test')
  await expect(waiting).rejects.toThrow(expect.objectContaining({ code: 'LOG_FROZEN' }))
  expect([log.size, leaves().length]).toEqual([0, 0])
})

it('refuses, every time, when entries are there but the file of the last signed size is not', async () => {
  await log.append(entry('a'))
  close()
  rmSync(path.join(dir, 'signed-1'))
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect(() => open()).toThrow(expect.objectContaining({ code: 'LOG_FROZEN', message: expect.stringContaining('is missing: restore the file') }))
    database[Symbol.dispose]()
  }
  rmSync(path.join(dir, 'node.sqlite'))
  log = open()
})
