import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { createUsedTokens } from './tokens.ts'

let dir = ''
let database: Database
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-store-'))
  database = openDatabase(path.join(dir, 'node.sqlite'))
})
afterEach(() => {
  database[Symbol.dispose]()
  rmSync(dir, { recursive: true })
})

it('takes an identifier once until it has expired, across restarts', () => {
  expect(createUsedTokens(database).use('birch a', 2_000, 1_000)).toBe(true)
  expect(createUsedTokens(database).use('birch a', 2_000, 1_000)).toBe(false)
  expect(createUsedTokens(database).use('birch b', 2_000, 1_000)).toBe(true)
  database[Symbol.dispose]()
  database = openDatabase(path.join(dir, 'node.sqlite'))
  // The instant of expiry itself is still valid.
  expect(createUsedTokens(database).use('birch a', 2_000, 2_000)).toBe(false)
})

it('takes an identifier once also where an entry makes it durable, and later writes are synced again', () => {
  const tokens = createUsedTokens(database)
  expect(tokens.useBeforeEntry('birch c', 2_000, 1_000)).toBe(true)
  expect(tokens.useBeforeEntry('birch c', 2_000, 1_000)).toBe(false)
  expect(tokens.use('birch c', 2_000, 1_000)).toBe(false)
  expect(() =>
    database.transactionBefore(() => {
      throw new Error('no')
    }),
  ).toThrow('no')
  // 2 is FULL: the next commit waits for the disk, and takes what came before along.
  expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 })
  database[Symbol.dispose]()
  database = openDatabase(path.join(dir, 'node.sqlite'))
  expect(createUsedTokens(database).use('birch c', 2_000, 1_000)).toBe(false)
})

it('forgets what has expired', () => {
  const tokens = createUsedTokens(database)
  for (let i = 0; i < 50; i += 1) tokens.use(`cedar ${i}`, 2_000, 1_000)
  tokens.use('cedar later', 9_000, 2_001)
  expect(database.all('SELECT id FROM used_token')).toHaveLength(1)
})

it('undoes a transaction that fails, and the store stays usable', () => {
  expect(() =>
    database.transaction(() => {
      database.run("INSERT INTO progress (name, value) VALUES ('x', 1)")
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(database.all('SELECT * FROM progress')).toEqual([])
  expect(database.transaction(() => 7)).toBe(7)
})

it('refuses a store that a newer version wrote', () => {
  database.run('PRAGMA user_version = 99')
  expect(() => openDatabase(path.join(dir, 'node.sqlite'))).toThrow('written by a newer version: expected at most 5, found 99')
})
