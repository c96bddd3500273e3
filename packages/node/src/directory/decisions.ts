import { existsSync } from 'node:fs'
import { makeFolderDurably } from '@fiducia/engine'
import type { Database } from '../store/database.ts'
import { LoadError } from './errors.ts'
import { LOAD_WAIT_MS } from './limits.ts'
import { finishLoad, type LoadPorts, type LoadResult, lockLoads } from './load.ts'
import { decideLoad, endLoad, type LoadRecord, loadRecord } from './loads.ts'
import { dropStaging } from './staging.ts'
import { type DirectoryFiles, directoryFiles, openExistingDirectory, waitForTurn } from './store.ts'

/** What people decide about loads that stand still. Each holds the lock of loads while it is carried out. */
export interface Decision {
  readonly dir: string
  readonly load: number
  readonly who: string
}

/** Goes on with a load that waits. Throws `LOAD_SAME_PERSON` for whoever loaded it. */
export function approveLoad(decision: Decision, ports: LoadPorts): Promise<LoadResult> {
  return decided(decision, async (database, place) => {
    const waiting = waitingLoad(database, decision.load)
    if (samePerson(waiting.who, decision.who)) throw new LoadError('LOAD_SAME_PERSON', `expected somebody else than who loaded it, found \`${decision.who}\``)
    if (!existsSync(place.staging)) throw new LoadError('LOAD_LOST', `what load ${waiting.id} read is gone: abandon it and import its files again`)
    decideLoad(database, waiting.id, 'approved', { who: decision.who, now: ports.now() })
    return await finishLoad(
      { database, place, load: loadRecord(database, waiting.id), request: { dir: decision.dir, maxChange: 100 }, isResumed: false },
      ports,
    )
  })
}

export function rejectLoad(decision: Decision, now: number): Promise<LoadRecord> {
  return decided(decision, (database, place) => {
    const waiting = waitingLoad(database, decision.load)
    decideLoad(database, waiting.id, 'rejected', { who: decision.who, now })
    dropStaging(place.staging)
    return Promise.resolve(loadRecord(database, waiting.id))
  })
}

/** Drops a load that was interrupted. */
export function abandonLoad({ dir, load }: Omit<Decision, 'who'>, now: number): Promise<LoadRecord> {
  return decided({ dir }, (database, place) => {
    const { state } = loadRecord(database, load)
    if (state !== 'running' && state !== 'approved') throw new LoadError('LOAD_STATE', `expected a load that was interrupted, found load ${load} ${state}`)
    endLoad(database, load, 'abandoned', { now })
    dropStaging(place.staging)
    return Promise.resolve(loadRecord(database, load))
  })
}

async function decided<T>({ dir }: { readonly dir: string }, work: (database: Database, place: DirectoryFiles) => Promise<T>): Promise<T> {
  const place = directoryFiles(dir)
  using database = openExistingDirectory(dir)
  waitForTurn(database, LOAD_WAIT_MS)
  makeFolderDurably(place.underWay)
  using _ = lockLoads(place)
  return await work(database, place)
}

function waitingLoad(database: Database, load: number): LoadRecord {
  const record = loadRecord(database, load)
  if (record.state === 'waiting-for-approval') return record
  if (record.state === 'approved')
    throw new LoadError('LOAD_STATE', `load ${load} is approved and not finished: import the same files in the same way again and it goes on`)
  throw new LoadError('LOAD_STATE', `expected a load that waits for approval, found load ${load} ${record.state}`)
}

const samePerson = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()
