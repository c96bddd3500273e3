import { execFileSync } from 'node:child_process'
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createNppesReader } from '@fiducia/directory'
import { createRegister } from '@fiducia/testkit'
import type { LoadTook } from './load-process.ts'
import { benchFolder, perSecond, printTable, timed, times } from './measure.ts'

/**
 * A file of the national register into a directory: hashed, read, compared, stated, committed to and stored. Compared with what it
 * could not do without, in the same run: reading the rows alone, and plain inserts of the same subjects into SQLite. Its memory is compared with
 * that of a file a quarter as long: each load has a process of its own.
 */
const ROWS = 60_000
const SHORTER_ROWS = ROWS / 4
const ROWS_PER_WRITE = 1_000

using folder = benchFolder()

function fileOf(practitioners: number, edition: 1 | 2): string {
  const file = path.join(folder.dir, `register-${practitioners}-${edition}.csv`)
  const register = createRegister({ seed: 'bench', practitioners })
  const descriptor = openSync(file, 'w')
  let lines = [register.header]
  const write = () => writeSync(descriptor, `${lines.join('\n')}\n`)
  for (const row of register.rows(edition)) {
    lines.push(row)
    if (lines.length < ROWS_PER_WRITE) continue
    write()
    lines = []
  }
  if (lines.length > 0) write()
  closeSync(descriptor)
  return file
}

function load(file: string, dir: string): LoadTook {
  const script = path.join(import.meta.dirname, 'load-process.ts')
  const args = ['--disable-warning=ExperimentalWarning', script, path.join(folder.dir, dir), file]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as LoadTook
}

/** What a load does first and last: the facts of each row, and each subject under its key, in one transaction that is synced once. */
async function readAndInsert(file: string): Promise<{ readonly reading: number; readonly inserting: number; readonly facts: number }> {
  const facts: (readonly [subject: string, fields: string])[] = []
  const reader = createNppesReader()
  const take = (records: ReturnType<typeof reader.push>) => {
    for (const record of records) if (record.accepted) for (const { subject, fields } of record.facts) facts.push([subject, JSON.stringify(fields)])
  }
  const reading = await timed(async () => {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>) take(reader.push(chunk))
    take(reader.end())
  })
  const inserting = await timed(() => insert(facts))
  return { reading, inserting, facts: facts.length }
}

function insert(facts: readonly (readonly [subject: string, fields: string])[]): void {
  using database = new DatabaseSync(path.join(folder.dir, 'plain.sqlite'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE fact (subject TEXT PRIMARY KEY, fields TEXT NOT NULL) WITHOUT ROWID; BEGIN')
  const statement = database.prepare('INSERT OR REPLACE INTO fact (subject, fields) VALUES (?, ?)')
  for (const [subject, fields] of facts) statement.run(subject, fields)
  database.exec('COMMIT')
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

const [first, second, shorter] = [fileOf(ROWS, 1), fileOf(ROWS, 2), fileOf(SHORTER_ROWS, 1)]
const { reading, inserting, facts } = await readAndInsert(first)
const loading = load(first, 'directory')
const again = load(first, 'directory')
const next = load(second, 'directory')
const short = load(shorter, 'shorter')
if (again.changed !== 0 || next.changed === 0) throw new Error('expected nothing new in the same file, and something in the next edition')

const micros = (ms: number) => `${Math.round((ms * 1000) / ROWS)} µs`
printTable(
  `directory load: ${ROWS} rows of the national register, ${facts} facts`,
  [
    { what: 'reading the rows alone', measured: perSecond(ROWS, reading) },
    { what: 'reading, and plain inserts into SQLite', measured: perSecond(ROWS, reading + inserting) },
    {
      what: 'a first load',
      measured: perSecond(ROWS, loading.ms),
      goal: '>= 10,000/s',
      comparedWith: `${times(loading.ms, reading + inserting)} the time of reading and plain inserts`,
    },
    {
      what: 'the same file again',
      measured: perSecond(ROWS, again.ms),
      goal: '>= 10,000/s',
      comparedWith: `${times(again.ms, loading.ms)} the time of the first`,
    },
    {
      what: 'the next edition, whole',
      measured: perSecond(ROWS, next.ms),
      goal: '>= 10,000/s',
      comparedWith: `${times(next.ms, loading.ms)} the time of the first`,
    },
    {
      what: 'memory of the first load, at most',
      measured: megabytes(loading.peakBytes),
      goal: '<= 600 MB',
      comparedWith: `of a quarter of the rows ${megabytes(short.peakBytes)}: ${times(loading.peakBytes, short.peakBytes)}`,
    },
  ],
  [
    `for each row: reading ${micros(reading)}, plain inserts ${micros(inserting)}, a first load ${micros(loading.ms)}, of which the processor was busy ${micros(loading.busyMs)}`,
  ],
)
