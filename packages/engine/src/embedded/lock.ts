import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EngineError } from '../errors.ts'

/**
 * One process at a time may use a directory. The lock is one that the operating system holds on the file `lock` (an open
 * exclusive SQLite transaction): it goes away with the process, however that ends. `lock.pid` only says who holds it.
 */
export function lockDirectory(dir: string): Disposable {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path.join(dir, 'lock'))
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (cause) {
    database?.close()
    if (!isBusy(cause)) throw new EngineError('STORE_FAILED', `\`${dir}\` cannot be locked: the disk is full, or it fails`, { cause })
    throw new EngineError('ENGINE_LOCKED', `\`${dir}\` is in use${holder(dir)}; stop that process first, or choose another directory`, { cause })
  }
  const held = database
  writeFileSync(path.join(dir, 'lock.pid'), `${process.pid}\n`)
  return { [Symbol.dispose]: () => held.close() }
}

const SQLITE_BUSY = 5
const isBusy = (cause: unknown): boolean => cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY

function holder(dir: string): string {
  try {
    return ` by process ${readFileSync(path.join(dir, 'lock.pid'), 'utf8').trim()}`
  } catch {
    return ''
  }
}
