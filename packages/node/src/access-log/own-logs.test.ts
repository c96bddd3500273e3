import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AccessLog } from './access-log.ts'
import { openOwnLogs } from './own-logs.ts'

let dir = ''
let frozenAtOpen: ReadonlySet<number> = new Set()
const files = { signed: (k: number) => path.join(dir, `signed-${k}`), frozen: (k: number) => path.join(dir, `frozen-${k}`) }

/** A log that knows only its number and whether it is frozen. */
function fakeLog(k: number, given: string | undefined): AccessLog {
  let because = given ?? (frozenAtOpen.has(k) ? `log ${k} does not extend what it signed` : undefined)
  return {
    k,
    get frozenBecause() {
      return because
    },
    freeze: (reason: string) => void (because = reason),
    [Symbol.dispose]() {},
  } as AccessLog
}

const open = (keys = 3) => openOwnLogs({ files, hasKey: (k) => k <= keys, open: fakeLog })

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-own-logs-'))
  frozenAtOpen = new Set()
})
afterEach(() => rmSync(dir, { recursive: true }))

it('writes the first log', () => {
  expect(open().log.k).toBe(1)
  expect(existsSync(files.frozen(1))).toBe(false)
})

it('goes on under the next when one is found frozen, and keeps the reason', () => {
  frozenAtOpen = new Set([1, 2])
  const { log, all } = open()
  expect([log.k, all.length]).toEqual([3, 3])
  expect(readFileSync(files.frozen(2), 'utf8')).toBe('log 2 does not extend what it signed\n')
  frozenAtOpen = new Set()
  expect(open().log.k).toBe(3)
})

it('follows with one object when the log that is written is frozen', () => {
  const logs = open()
  const { log } = logs
  logs.freeze('a member holds another note')
  expect([log.k, log.frozenBecause]).toEqual([2, undefined])
  expect(logs.all.map(({ frozenBecause }) => frozenBecause)).toEqual(['a member holds another note', undefined])
  expect(open().log.k).toBe(2)
})

it('stays, frozen, when there is no key for another', () => {
  const logs = open(1)
  logs.freeze('restored')
  expect([logs.log.k, logs.log.frozenBecause]).toEqual([1, 'restored'])
})

it('never goes back to a log after which another was written', () => {
  writeFileSync(files.signed(2), '')
  expect(open().log.k).toBe(2)
})
