import fs, { cpSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * The virtual disk. Files are real, in a folder in memory; but every call with which a node makes something durable (a sync, a
 * rename, the commit of a transaction) asks first what shall become of it. It may be refused with the system's own error, or
 * be the last thing before or after which the process ends. A process that has ended leaves its files as they are: nothing is
 * flushed or closed for it. Its code may run on to the end of its turn, but changes nothing any more.
 *
 * The calls are taken over in the platform (`node:fs`, `node:sqlite`), not in the product: what runs is what is shipped. What
 * power loss does to bytes that were not synced is tried by `node/test/faults` over real system calls.
 */
export interface Disk extends Disposable {
  /** Asked at each durable step. One rule at a time. */
  rule: DiskRule
  /** The process over this folder has ended: its handles are given up, and no call of it does anything any more. */
  abandon(folder: string): void
}

export interface DiskStep {
  readonly file: string
  /** `ledger commit`, `store commit`, `signed size`, `policy file`, … */
  readonly what: string
}

export type DiskVerdict = 'do' | 'refuse' | 'end before' | 'end after'

export interface DiskRule {
  judge(step: DiskStep): DiskVerdict
  /** The process over this file ends now: its files are as they will be found. */
  end(step: DiskStep): void
}

export const FAITHFUL: DiskRule = { judge: () => 'do', end: () => {} }

/** What a call throws in a process that has ended. */
export class Ended extends Error {
  constructor() {
    super('the process has ended')
    this.name = 'Ended'
  }
}

/** What is being made durable, by the name of its file. */
function whatIs(file: string, how: 'sync' | 'rename' | 'commit'): string {
  const name = path.basename(file)
  if (name === 'ledger.sqlite') return 'ledger commit'
  if (name === 'node.sqlite') return 'store commit'
  if (name.startsWith('signed')) return how === 'rename' ? 'signed size made' : 'signed size'
  if (file.includes(`${path.sep}policies`)) return `policy file ${how}`
  return `other file ${how}`
}

function systemError(call: string, code: 'EIO' | 'ENOSPC'): Error {
  return Object.assign(new Error(`${code}: the simulated disk refuses, ${call}`), { code, syscall: call, errno: code === 'EIO' ? -5 : -28 })
}

const SQLITE_IOERR = 10
const sqliteError = (): Error =>
  Object.assign(new Error('disk I/O error (simulated)'), { code: 'ERR_SQLITE_ERROR', errcode: SQLITE_IOERR, errstr: 'disk I/O error' })

const isBelow = (file: string, folder: string): boolean => file.startsWith(`${folder}${path.sep}`)

/** Takes the platform's calls over until it is disposed. One at a time in a thread. */
export function takeOverDisk(): Disk {
  const descriptors = new Map<number, string>()
  const databases = new Map<DatabaseSync, string>()
  const { openSync, closeSync, writeSync, fsyncSync, fdatasyncSync, renameSync } = fs
  const real = { openSync, closeSync, writeSync, fsyncSync, fdatasyncSync, renameSync }
  const state: { rule: DiskRule } = { rule: FAITHFUL }

  function durably<T>(step: DiskStep, work: () => T, refusal: () => Error): T {
    const verdict = state.rule.judge(step)
    if (verdict === 'refuse') throw refusal()
    if (verdict === 'end before') {
      state.rule.end(step)
      throw new Ended()
    }
    const result = work()
    if (verdict === 'end after') {
      state.rule.end(step)
      throw new Ended()
    }
    return result
  }

  /** A handle that was given up is closed, and its number may be somebody else's by now. */
  const fileOf = (descriptor: number): string => {
    const file = descriptors.get(descriptor)
    if (file === undefined) throw new Ended()
    return file
  }
  const sync = (call: 'fsyncSync' | 'fdatasyncSync') => (descriptor: number) => {
    const file = fileOf(descriptor)
    return durably(
      { file, what: whatIs(file, 'sync') },
      () => real[call](descriptor),
      () => systemError('fsync', 'EIO'),
    )
  }
  const replaced = {
    openSync(file: string, flags: string | number, mode?: number) {
      const descriptor = real.openSync(file, flags, mode)
      descriptors.set(descriptor, file)
      return descriptor
    },
    closeSync(descriptor: number) {
      if (descriptors.delete(descriptor)) real.closeSync(descriptor)
    },
    writeSync(descriptor: number, ...rest: [Uint8Array, number?, number?, number?]) {
      fileOf(descriptor)
      return real.writeSync(descriptor, ...rest)
    },
    fsyncSync: sync('fsyncSync'),
    fdatasyncSync: sync('fdatasyncSync'),
    renameSync: (from: string, to: string) =>
      durably(
        { file: to, what: whatIs(to, 'rename') },
        () => real.renameSync(from, to),
        () => systemError('rename', 'ENOSPC'),
      ),
  }
  Object.assign(fs, replaced)
  syncBuiltinESMExports()
  const restoreSqlite = takeOverSqlite(databases, (file, work) => durably({ file, what: whatIs(file, 'commit') }, work, sqliteError))

  return {
    get rule() {
      return state.rule
    },
    set rule(next) {
      state.rule = next
    },
    abandon(folder) {
      for (const [descriptor, file] of descriptors) {
        if (!isBelow(file, folder)) continue
        descriptors.delete(descriptor)
        real.closeSync(descriptor)
      }
      for (const [database, file] of databases) {
        if (!isBelow(file, folder)) continue
        databases.delete(database)
        if (database.isOpen) database.close()
      }
    },
    [Symbol.dispose]() {
      Object.assign(fs, real)
      syncBuiltinESMExports()
      restoreSqlite()
    },
  }
}

const WRITES = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE)/i

function missing(): never {
  throw new Error('expected `DatabaseSync.prepare`, found none')
}

/** Commits, and statements that are a transaction of their own, go through `commit`. Gives the way back. */
function takeOverSqlite(databases: Map<DatabaseSync, string>, commit: (file: string, work: () => unknown) => unknown): () => void {
  const { prototype } = DatabaseSync
  const { exec, prepare } = Object.getOwnPropertyDescriptors(prototype)
  const fileOf = (database: DatabaseSync): string => {
    const known = databases.get(database)
    if (known !== undefined) return known
    const file = database.location() ?? ''
    databases.set(database, file)
    return file
  }
  const realPrepare = prepare.value ?? missing
  prototype.exec = function (sql) {
    const file = fileOf(this)
    if (sql === 'COMMIT') commit(file, () => exec.value?.call(this, sql))
    else exec.value?.call(this, sql)
  }
  prototype.prepare = function (...args) {
    const file = fileOf(this)
    const statement = realPrepare.apply(this, args)
    if (!WRITES.test(args[0])) return statement
    const run = statement.run.bind(statement)
    const value = (...values: Parameters<typeof run>) => (this.isTransaction ? run(...values) : commit(file, () => run(...values)))
    return Object.defineProperty(statement, 'run', { value })
  }
  return () => void Object.defineProperties(prototype, { exec, prepare })
}

/** A folder as the end of its process leaves it: locks and shared memory are gone with it. */
export function copyAsLeft(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (file) => !/(?:-shm|[\\/]lock|lock-journal|lock\.pid)$/.test(file) })
}
