import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { OrganizationId } from '@fiducia/core'
import { DirectoryError, lineCommitment, batchRoot, MAX_BATCH_LEAVES, type SubjectFacts } from '@fiducia/directory'
import { describe, expect, it } from 'vitest'
import { contentOf, doctor, file, folder, lineReader, place, ports, range, request, role, roster, row, statementsOf } from '../../test/load-rig.ts'
import { abandonLoad, approveLoad, rejectLoad } from './decisions.ts'
import { fsckDirectory } from './fsck.ts'
import { type LoadPorts, type LoadRequest, lockLoads, runLoad } from './load.ts'
import { listLoads } from './loads.ts'
import { linesOf, unofferedBatches } from './batch-store.ts'
import { directoryFiles, openDirectory } from './store.ts'

describe('a load', () => {
  it('states what is new, and nothing twice', async () => {
    const dir = folder()
    const first = await runLoad(request(dir, [roster([row(1), row(2), row(3, 1), '!bad', row(4)])]), ports)
    expect(first).toMatchObject({ read: 5, accepted: 4, rejected: 1, new: 11, changed: 0, same: 0, withdrawn: 0, state: 'done', load: 1 })
    expect(first.subjects).toEqual({ practitioner: 4, location: 3, role: 4 })
    expect(first.findings).toEqual({ PRIMARY_TAXONOMY_MISSING: 4, NPI_MISSING: 1 })
    expect(first.rejections).toMatchObject([{ row: 5, code: 'NPI_MISSING', field: 'NPI' }])
    expect(readFileSync(String(first.exceptions), 'utf8')).toBe('reason,record,note\r\nrow 5: NPI_MISSING in NPI,!bad,"a, ""b"""\r\n')
    const before = contentOf(dir)
    expect(before.statements.length).toBe(11)
    expect(await runLoad(request(dir, [roster([row(1), row(2)])]), ports)).toMatchObject({ new: 0, same: 6, exceptions: null })
    expect(contentOf(dir)).toEqual(before)
    expect(statSync(directoryFiles(dir).database).mode & 0o777).toBe(0o600)
    expect(existsSync(directoryFiles(dir).staging)).toBe(false)
  })

  it('corrects, adds and takes back single fields', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster([[doctor(1)]])]), ports)
    const changed = { ...doctor(1), fields: { 'name.family': 'Elm', 'name.given': 'Ada' } }
    expect(await runLoad(request(dir, [roster([[changed]])]), ports)).toMatchObject({ changed: 1 })
    expect(statementsOf(dir).map(({ operation, fields }) => [operation, fields])).toEqual([
      ['assert', { gender: 'f', 'name.family': 'Rowan1' }],
      ['withdraw', { gender: null }],
      ['correct', { 'name.family': 'Elm' }],
      ['assert', { 'name.given': 'Ada' }],
    ])
    expect(contentOf(dir).names).toEqual([`elm|${doctor(1).subject}`])
    expect(await runLoad(request(dir, [roster([[changed]])]), ports)).toMatchObject({ same: 1, changed: 0 })
  })

  it('of a location takes another spelling for the same, and keeps what other rows said', async () => {
    const dir = folder()
    const other = { ...place(1), fields: { line: '1 MAIN ST', state: 'or' } }
    await runLoad(request(dir, [roster([[place(1)]])]), ports)
    expect(await runLoad(request(dir, [roster([[other]])]), ports)).toMatchObject({ same: 1, changed: 0 })
    expect(contentOf(dir).statements.length).toBe(1)
  })

  it('without the whole roster withdraws the role that a practitioner left, and nobody else', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster([row(1), row(2)])]), ports)
    expect(await runLoad(request(dir, [roster([row(1, 7)])]), ports)).toMatchObject({ new: 2, same: 1, withdrawn: 1 })
    expect(contentOf(dir).reaches).toEqual([`${doctor(1).subject}|${role(1, 7).subject}`, `${doctor(2).subject}|${role(2, 2).subject}`].toSorted())
  })

  it('of the whole roster withdraws who is gone, and takes them back when they return', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster(range(5).map((n) => row(n)))]), ports)
    const gone = await runLoad(request(dir, [roster(range(4).map((n) => row(n)))], {}, { isFull: true }), ports)
    expect(gone).toMatchObject({ same: 12, withdrawn: 3, state: 'done' })
    expect(contentOf(dir).newest.length).toBe(12)
    expect(await runLoad(request(dir, [roster(range(5).map((n) => row(n)))], {}, { isFull: true }), ports)).toMatchObject({ new: 3, same: 12 })
    expect(contentOf(dir).newest.length).toBe(15)
  })

  it('keeps origins apart', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster([row(1)])]), ports)
    expect(await runLoad(request(dir, [roster([row(2)])], {}, { origin: 'nppes', isFull: true }), ports)).toMatchObject({ new: 3, withdrawn: 0 })
    expect(contentOf(dir).newest.length).toBe(6)
  })

  it('makes batches whose roots and lines are those of the package', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster(range(MAX_BATCH_LEAVES / 2 + 5).map((n) => [doctor(n), role(n, 1)]))]), ports)
    using database = openDirectory(dir)
    const batches = unofferedBatches(database, 'alder' as OrganizationId)
    expect(batches.map(({ count }) => count)).toEqual([MAX_BATCH_LEAVES, 10])
    for (const { root } of batches) expect(batchRoot((linesOf(database, root) ?? []).map(lineCommitment))).toBe(root)
  })

  it('reads gzip, and names a file that is cut', async () => {
    const dir = folder()
    const packed = gzipSync(readFileSync(roster([row(1)])))
    expect(await runLoad(request(dir, [file('roster.csv.gz', packed)]), ports)).toMatchObject({ new: 3 })
    await expect(runLoad(request(folder(), [file('cut.csv.gz', packed.subarray(0, 60))]), ports)).rejects.toThrow(
      /cut\.csv\.gz` is gzip that is damaged or cut off/,
    )
  })

  it('uses nothing of a file that is not of its format', async () => {
    const dir = folder()
    await expect(runLoad(request(dir, [roster([row(1), 'broken'])]), ports)).rejects.toThrow(DirectoryError)
    expect(contentOf(dir).statements).toEqual([])
    using database = openDirectory(dir)
    expect(listLoads(database).map(({ state }) => state)).toEqual(['abandoned'])
  })

  it('as a dry run says the same and leaves nothing', async () => {
    const dir = folder()
    const files = [roster([row(1), '!bad'])]
    expect(await runLoad(request(dir, files, { isDryRun: true }), ports)).toMatchObject({ new: 3, rejected: 1, state: 'dry-run', load: null, exceptions: null })
    expect(existsSync(dir)).toBe(false)
    await runLoad(request(dir, files), ports)
    const before = contentOf(dir)
    const more = await runLoad(request(dir, [roster([row(1), row(2)])], { isDryRun: true }), ports)
    expect(more).toMatchObject({ new: 3, same: 3, state: 'dry-run' })
    expect(contentOf(dir)).toEqual(before)
  })
})

describe('a load that says again what was said', () => {
  const DAY = 86_400_000
  const T = 1_700_000_000_000
  const confirmedBy = async (dir: string, days: number, said: readonly SubjectFacts[], terms: Partial<LoadRequest['terms']> = {}) => {
    const before = statementsOf(dir).length
    const { new: added, changed, same } = await runLoad(request(dir, [roster([said])], {}, { observedAt: T + days * DAY, ...terms }), ports)
    const made = statementsOf(dir).slice(before)
    expect(fsckDirectory(dir).findings).toEqual([])
    return { added, changed, same, made: made.map(({ operation, fields }) => [operation, fields]) }
  }
  const said = [doctor(1), place(1)]

  it('confirms each value once half of the time to its verify-by is over, and nothing before', async () => {
    const dir = folder()
    expect(await confirmedBy(dir, 0, said)).toMatchObject({ added: 2 })
    const quick = ['confirm', place(1).fields]
    const slow = ['confirm', doctor(1).fields]
    for (const [days, made] of [
      [44, []],
      [45, [quick]],
      [46, []],
      [89, []],
      [90, [quick]],
      [182, [quick]],
      [183, [slow]],
      [20, []],
    ] as const)
      expect({ days, ...(await confirmedBy(dir, days, said)) }).toEqual({ days, added: 0, changed: 0, same: 2, made })
  })

  it('confirms in one spelling, and only what it says: not what changes with it, and not what other rows said', async () => {
    const dir = folder()
    await confirmedBy(dir, 0, said)
    const spelled = { ...place(1), fields: { line: '1 MAIN ST', city: 'Salem' } }
    expect(await confirmedBy(dir, 50, [spelled])).toMatchObject({ same: 1, made: [['confirm', { line: '1 Main St', city: 'Salem' }]] })
    expect(await confirmedBy(dir, 60, [place(1)])).toMatchObject({ same: 1, made: [['confirm', { state: 'OR' }]] })
    const elsewhere = { ...place(1), fields: { line: '1 Main St', city: 'Salem', state: 'WA' } }
    expect(await confirmedBy(dir, 96, [elsewhere])).toMatchObject({
      changed: 1,
      made: [
        ['correct', { state: 'WA' }],
        ['confirm', { line: '1 Main St', city: 'Salem' }],
      ],
    })
    expect(await confirmedBy(dir, 97, [elsewhere])).toMatchObject({ same: 1, made: [] })
  })
})

describe('a load that changes too much', () => {
  const loaded = async () => {
    const dir = folder()
    await runLoad(request(dir, [roster(range(60).map((n) => row(n)))]), ports)
    const before = contentOf(dir)
    const held = await runLoad(request(dir, [roster(range(10).map((n) => row(n)))], {}, { isFull: true }), ports)
    return { dir, before, held }
  }

  it('waits, and nobody sees any of it until another person approves', async () => {
    const { dir, before, held } = await loaded()
    expect(held).toMatchObject({ state: 'waiting-for-approval', withdrawn: 100, load: 2 })
    expect(contentOf(dir)).toEqual(before)
    await expect(runLoad(request(dir, [roster([row(1)])]), ports)).rejects.toThrow(/load 2 waits for approval/)
    await expect(approveLoad({ dir, load: 2, who: ' Kim' }, ports)).rejects.toMatchObject({ code: 'LOAD_SAME_PERSON' })
    expect(await approveLoad({ dir, load: 2, who: 'lee' }, ports)).toMatchObject({ state: 'done', withdrawn: 100 })
    expect(contentOf(dir).newest.length).toBe(30)
    await expect(approveLoad({ dir, load: 2, who: 'lee' }, ports)).rejects.toMatchObject({ code: 'LOAD_STATE' })
  })

  it('is dropped when it is rejected', async () => {
    const { dir, before } = await loaded()
    expect(await rejectLoad({ dir, load: 2, who: 'lee' }, 1)).toMatchObject({ state: 'rejected', decidedBy: 'lee' })
    expect(contentOf(dir)).toEqual(before)
    expect(await runLoad(request(dir, [roster([row(1)])]), ports)).toMatchObject({ state: 'done' })
  })

  it('is not held where the origin has few, or the limit is higher', async () => {
    const { dir } = await loaded()
    await rejectLoad({ dir, load: 2, who: 'lee' }, 1)
    const files = [roster(range(10).map((n) => row(n)))]
    expect(await runLoad(request(dir, files, { maxChange: 90 }, { isFull: true }), ports)).toMatchObject({ state: 'done' })
    expect(await runLoad(request(dir, [roster([row(1)])], {}, { isFull: true }), ports)).toMatchObject({ state: 'done', withdrawn: 27 })
  })
})

/** Holds the store for a moment, as a node does that keeps a batch. */
const WRITER = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.argv[1])
  database.exec('BEGIN IMMEDIATE')
  console.log('writing')
  setTimeout(() => database.exec('COMMIT'), 500)`

describe('a load that is interrupted', () => {
  /** Fails after so many readings of the clock or draws of salt: the process is gone, as far as the store can tell. */
  const interrupted = (after: number): LoadPorts => {
    let left = after
    return {
      ...ports,
      readers: () =>
        Promise.resolve(() => {
          const reader = lineReader()
          const tick = <T>(work: () => T): T => {
            if ((left -= 1) < 0) throw new Error('gone')
            return work()
          }
          return {
            ...reader,
            get header() {
              return reader.header
            },
            push: (chunk) => tick(() => reader.push(chunk)),
            end: () => tick(() => reader.end()),
          }
        }),
      random: (n) => {
        if ((left -= 1) < 0) throw new Error('gone')
        return ports.random(n)
      },
    }
  }
  const files = [
    roster(range(6000).map((n) => row(n))),
    roster(
      range(300).map((n) => row(9000 + n)),
      'more.csv',
    ),
  ]

  it.each(range(8))('after step %i ends like one that was not', async (step) => {
    const [dir, undisturbed] = [folder(), folder()]
    const fixed = { observedAt: 1_600_000_000_000 }
    const ended = await runLoad(request(undisturbed, files, {}, fixed), ports)
    await expect(runLoad(request(dir, files, {}, fixed), interrupted(step))).rejects.toThrow('gone')
    await expect(runLoad(request(dir, [roster([row(1)])]), ports)).rejects.toMatchObject({ code: 'LOAD_OPEN' })
    const again = await runLoad(request(dir, files, {}, fixed), ports)
    expect({ ...again, exceptions: null }).toEqual({ ...ended, exceptions: null })
    expect(contentOf(dir)).toEqual(contentOf(undisturbed))
  })

  it('can be abandoned, and another one takes its place', async () => {
    const dir = folder()
    await expect(runLoad(request(dir, files), interrupted(1))).rejects.toThrow('gone')
    expect(await abandonLoad({ dir, load: 1 }, 1)).toMatchObject({ state: 'abandoned' })
    expect(await runLoad(request(dir, [roster([row(1)])]), ports)).toMatchObject({ state: 'done', load: 2, new: 3 })
  })

  it('is alone', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster([row(1)])]), ports)
    using _ = lockLoads(directoryFiles(dir))
    await expect(runLoad(request(dir, [roster([row(1)])]), ports)).rejects.toMatchObject({ code: 'LOAD_RUNNING' })
  })

  it('waits for its turn while another process writes', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster([row(1)])]), ports)
    const writer = spawn(process.execPath, ['-e', WRITER, directoryFiles(dir).database], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(writer.stdout, 'data')
    expect(writer.exitCode).toBe(null)
    expect(await runLoad(request(dir, [roster([row(2)])]), ports)).toMatchObject({ state: 'done', same: 0 })
  })
})
