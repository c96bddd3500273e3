import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDice } from '../../test/faults/sampling.ts'
import { openDatabase } from './database.ts'

/** No byte of what is deleted is left, however rows were moved about before: the store of a node that was used, and erased in. */
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-store-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const seed = inject('seed')

interface Row {
  readonly key: string
  readonly index: number
  /** Stands all over what is personal in the row, and nowhere else. */
  readonly mark: string
}

const everything = () =>
  readdirSync(dir)
    .map((name) => readFileSync(path.join(dir, name), 'latin1'))
    .join('\n')

const TABLES: Readonly<
  Record<string, { readonly insert: string; readonly values: (row: Row, text: string) => (string | number | Uint8Array)[]; readonly gone: string }>
> = {
  event: {
    insert: 'INSERT INTO event (origin, idx, handle, n, content, sealed) VALUES (?, ?, ?, ?, ?, ?)',
    values: ({ index }, text) => ['test/log/alder/1', index, `handle ${index % 40}`, index, text, Buffer.from(text)],
    gone: 'DELETE FROM event WHERE idx = ?',
  },
  copy: {
    insert: 'INSERT INTO copy (leaf_hash, link, slot, receipt, sealed, mirror_salt, mirror_index, settled) VALUES (?, ?, ?, ?, ?, ?, ?, 0)',
    values: ({ key, index }, text) => [key, `link ${index % 40}`, index, text, text, Buffer.from(text.slice(0, 32)), index],
    gone: 'DELETE FROM copy WHERE mirror_index = ?',
  },
  relationship: {
    insert: "INSERT INTO relationship (handle, record, k, bind_salt, method, closed) VALUES (?, ?, ?, ?, 'desk', ?)",
    values: ({ key, index, mark }) => [key, `Patient/${mark}`, Buffer.from(mark), Buffer.from(mark), index],
    gone: 'DELETE FROM relationship WHERE closed = ?',
  },
  custody: {
    insert: 'INSERT INTO custody (id, version, ciphertext) VALUES (?, ?, ?)',
    values: ({ key, index, mark }) => [key, index, Buffer.from(mark.repeat(3))],
    gone: 'DELETE FROM custody WHERE version = ?',
  },
}

describe.each(Object.entries(TABLES))('the table `%s`', (_name, { insert, values, gone }) => {
  it('keeps no byte of rows that were deleted', () => {
    process.stderr.write(`seed ${seed}\n`)
    const dice = createDice(seed)
    const database = openDatabase(path.join(dir, 'node.sqlite'))
    const rows: readonly Row[] = Array.from({ length: 1_500 }, (_, index) => ({
      key: randomBytes(32).toString('base64url'),
      index,
      mark: randomBytes(16).toString('hex'),
    }))
    for (let at = 0; at < rows.length; at += 25)
      database.transaction(() => {
        for (const row of rows.slice(at, at + 25)) database.run(insert, ...values(row, row.mark.repeat(1 + Math.floor(dice() * (dice() < 0.5 ? 20 : 150)))))
      })
    const erased = new Set(rows.filter(() => dice() < 0.5))
    const before = everything()
    for (const { mark } of erased) expect(before.includes(mark)).toBe(true)
    for (const some of [...erased].map((_, at, all) => all.slice(at, at + 25)).filter((_, at) => at % 25 === 0))
      database.transaction(() => some.forEach(({ index }) => database.run(gone, index)))
    expect(database.scrub()).toBe(true)
    const bytes = everything()
    expect(rows.filter((row) => bytes.includes(row.mark))).toEqual(rows.filter((row) => !erased.has(row)))
    expect(database.damage()).toEqual([])
    database[Symbol.dispose]()
  })
})
