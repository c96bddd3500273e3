import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Engine, openEmbeddedEngine } from '@fiducia/engine'
import { genesisBytes, signers, net, patient, type Patient, START, TestClock } from '../packages/engine/test/network.ts'
import { benchFolder, inFlight, median, milliseconds, percentile, perSecond, printTable, times, timed, underLoad } from './measure.ts'

/**
 * `policy.set` on the embedded ledger until it is durable: as many a second as it takes, and how long one waits at 1,000 a
 * second. Compared with the same values written to plain SQLite (WAL, synchronous=FULL) in groups as large, without
 * signatures, rules, state tree, log or proofs: what the ledger costs over a table.
 */
const PATIENTS = 2_000
const WAITING = 2_000
const RUNS = 5
const LATENCY_PER_SECOND = 1_000
const LATENCY_SECONDS = 6

const patients = Array.from({ length: PATIENTS }, (_, i) => patient(`bench ${i}`))
let version = 0

/** One new version for each patient, signed beforehand: whoever signs is elsewhere. */
function nextVersions(): readonly Uint8Array[] {
  version += 1
  return patients.map((one: Patient) => one.set(version, START))
}

async function submitAll(engine: Engine, wires: readonly Uint8Array[]): Promise<number> {
  return inFlight(WAITING, wires.length, async (call) => {
    const { result } = await engine.submit(wires[call] ?? new Uint8Array())
    if (!result.accepted) throw new Error(`refused: ${result.code}`)
  })
}

interface PlainTable extends Disposable {
  write(rows: readonly Uint8Array[]): void
}

function openPlainTable(file: string): PlainTable {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(
    'CREATE TABLE entry (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL); CREATE TABLE head (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  )
  const addEntry = database.prepare('INSERT INTO entry (bytes) VALUES (?)')
  const setHead = database.prepare('INSERT INTO head (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const value = 'x'.repeat(900)
  return {
    write(rows) {
      database.exec('BEGIN IMMEDIATE')
      rows.forEach((bytes, i) => {
        addEntry.run(bytes)
        setHead.run(`rel/${patients[i]?.handle ?? ''}`, value)
      })
      database.exec('COMMIT')
    },
    [Symbol.dispose]: () => database.close(),
  }
}

const BLOCK = 1_000

function writePlain(table: PlainTable, wires: readonly Uint8Array[]): void {
  for (let from = 0; from < wires.length; from += BLOCK) table.write(wires.slice(from, from + BLOCK))
}

using folder = benchFolder()
const clock = new TestClock()
await using engine = await openEmbeddedEngine({ dir: path.join(folder.dir, 'ledger'), genesis: genesisBytes(), signers, clock })
using table = openPlainTable(path.join(folder.dir, 'plain.sqlite'))
using single = openPlainTable(path.join(folder.dir, 'single.sqlite'))

await submitAll(
  engine,
  patients.map((one) => one.open(START)),
)
const [ledger, plain, alone]: [number[], number[], number[]] = [[], [], []]
for (let run = 0; run < RUNS; run += 1) {
  const wires = [...nextVersions(), ...nextVersions()]
  ledger.push((await submitAll(engine, wires)) / wires.length)
  plain.push((await timed(() => writePlain(table, wires))) / wires.length)
  const few = wires.slice(0, 300)
  alone.push((await timed(() => few.forEach((wire) => single.write([wire])))) / few.length)
}
const versions = Array.from({ length: (LATENCY_PER_SECOND * LATENCY_SECONDS) / PATIENTS }, nextVersions).flat()
const waited = await underLoad({
  perSecond: LATENCY_PER_SECOND,
  seconds: LATENCY_SECONDS,
  work: (call) => engine.submit(versions[call] ?? new Uint8Array()),
})
const [perLedger, perPlain, perAlone] = [median(ledger), median(plain), median(alone)]

printTable(`ledger \`${net}\`: policy.set on the embedded engine, ${PATIENTS} relationships, followers elsewhere, ${engine.tip().height} blocks`, [
  {
    what: 'durable at saturation',
    measured: perSecond(1, perLedger),
    goal: '>= 3,000/s',
    comparedWith: `plain SQLite in groups, ${perSecond(1, perPlain)}: ${times(perPlain, perLedger)}`,
  },
  { what: 'the same', measured: perSecond(1, perLedger), comparedWith: `plain SQLite row by row, ${perSecond(1, perAlone)}: ${times(perAlone, perLedger)}` },
  {
    what: `waiting at ${LATENCY_PER_SECOND}/s, p50`,
    measured: milliseconds(median(waited)),
    goal: '<= 60 ms',
    comparedWith: `one row made durable, ${milliseconds(perAlone)}: ${times(median(waited), perAlone)}`,
  },
  {
    what: `waiting at ${LATENCY_PER_SECOND}/s, p99`,
    measured: milliseconds(percentile(waited, 0.99)),
    comparedWith: `one row made durable: ${times(percentile(waited, 0.99), perAlone)}`,
  },
])
