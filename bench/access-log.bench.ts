import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KEY_TYPE_LOG, makeVerifierKey, parseHandle, seedSigner } from '@fiducia/core'
import { type AccessLog, type NewEntry, openAccessLog } from '../packages/node/src/access-log/access-log.ts'
import { openDatabase } from '../packages/node/src/store/database.ts'
import { benchFolder, inFlight, median, perSecond, printTable, times, timed } from './measure.ts'

/**
 * Appends to an organization's access log until they are durable, 256 under way. Compared with rows of the same bytes in
 * plain SQLite (WAL, synchronous=FULL): grouped by 256 without tree, tag map, sign-once file and notes, and each by itself.
 */
const WIDTH = 256
const APPENDS = 10_000
const RUNS = 5
const SINGLE_ROWS = 300
const RELATIONSHIPS = 500
/** What a read of one resource keeps: disclosure, decision, head with its proof; and the patient's sealed copy. */
const CONTENT_BYTES = 6_000
const SEALED_BYTES = 4_096

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const content = 'x'.repeat(CONTENT_BYTES)
const sealed = random(SEALED_BYTES)
const relationships = Array.from({ length: RELATIONSHIPS }, () => ({ handle: parseHandle(Buffer.from(random(32)).toString('base64url')), tagkey: random(32) }))

const mirrorEntry = (): NewEntry => ({ tag: random(32), com: random(32) })

function eventEntry(call: number): NewEntry {
  const relationship = relationships[call % RELATIONSHIPS]
  if (relationship === undefined) throw new Error('no relationships')
  return { relationship, make: () => ({ com: random(32), content, sealed }) }
}

function openLog(dir: string): AccessLog & Disposable {
  const signer = seedSigner(random(32))
  const database = openDatabase(path.join(dir, 'node.sqlite'))
  const log = openAccessLog({
    origin: 'bench/log/alder/1',
    k: 1,
    key: makeVerifierKey('bench/log/alder/1', KEY_TYPE_LOG, signer.publicKey),
    signer,
    database,
    signOnceFile: path.join(dir, 'signed'),
    clock: { now: () => Date.now() },
    random,
  })
  return log
}

interface PlainRows extends Disposable {
  write(count: number): void
}

function openPlainRows(file: string, withContent: boolean): PlainRows {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE row (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, content TEXT, sealed BLOB)')
  const add = database.prepare('INSERT INTO row (leaf, content, sealed) VALUES (?, ?, ?)')
  return {
    write(count) {
      database.exec('BEGIN IMMEDIATE')
      for (let i = 0; i < count; i += 1) add.run(random(72), withContent ? content : null, withContent ? sealed : null)
      database.exec('COMMIT')
    },
    [Symbol.dispose]: () => database.close(),
  }
}

/** Milliseconds for one append, one grouped row, one row by itself. */
async function compare(name: string, entry: (call: number) => NewEntry, withContent: boolean): Promise<readonly [number, number, number]> {
  using folder = benchFolder()
  using log = openLog(folder.dir)
  using grouped = openPlainRows(path.join(folder.dir, `${name}-grouped.sqlite`), withContent)
  using single = openPlainRows(path.join(folder.dir, `${name}-single.sqlite`), withContent)
  const [appended, groups, singles]: [number[], number[], number[]] = [[], [], []]
  for (let run = 0; run < RUNS; run += 1) {
    appended.push((await inFlight(WIDTH, APPENDS, (call) => log.append(entry(call)))) / APPENDS)
    groups.push((await timed(() => repeat(Math.ceil(APPENDS / WIDTH), () => grouped.write(WIDTH)))) / APPENDS)
    singles.push((await timed(() => repeat(SINGLE_ROWS, () => single.write(1)))) / SINGLE_ROWS)
    await log.seal()
  }
  return [median(appended), median(groups), median(singles)]
}

function repeat(count: number, work: () => void): void {
  for (let i = 0; i < count; i += 1) work()
}

const [mirror, mirrorGrouped, mirrorSingle] = await compare('mirror', mirrorEntry, false)
const [event, eventGrouped, eventSingle] = await compare('event', eventEntry, true)

printTable(`access log: durable appends, ${WIDTH} under way, ${RUNS} runs of ${APPENDS.toLocaleString('en-US')}, each closed by a seal`, [
  {
    what: 'leaves alone (mirror entries)',
    measured: perSecond(1, mirror),
    goal: '>= 5,000/s',
    comparedWith: `rows in groups of ${WIDTH}, ${perSecond(1, mirrorGrouped)}: ${times(mirrorGrouped, mirror)}`,
  },
  { what: 'the same', measured: perSecond(1, mirror), comparedWith: `one row a transaction, ${perSecond(1, mirrorSingle)}: ${times(mirrorSingle, mirror)}` },
  {
    what: `events with ${CONTENT_BYTES + SEALED_BYTES} bytes of evidence`,
    measured: perSecond(1, event),
    comparedWith: `rows in groups of ${WIDTH}, ${perSecond(1, eventGrouped)}: ${times(eventGrouped, event)}`,
  },
  { what: 'the same', measured: perSecond(1, event), comparedWith: `one row a transaction, ${perSecond(1, eventSingle)}: ${times(eventSingle, event)}` },
])
