import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { encodeHex, parseCheckpoint, parseNote } from '@fiducia/core'
import { nodeFiles } from '../../../src/index.ts'
import { type Appended, openAccessLog } from '../../../src/access-log/access-log.ts'
import { integerColumn, textColumn } from '../../../src/store/columns.ts'
import { type Database, openDatabase } from '../../../src/store/database.ts'
import { handleFor, logKeyOf, seedOf } from '../../fixture.ts'
import { eventFor } from '../events.ts'
import { attempt, bytesFor, clock, hashesOf, prepareFolder, sayNote, type Say, type Workload } from '../workload.ts'

const ORIGIN = 'test/log/alder/1'
const people = ['alice', 'bob'].map((label) => ({ handle: handleFor(label), tagkey: seedOf(`${label} tagkey`) }))

/** A holder's access log: single events, a group commit, a seal. */
export const accessLog: Workload = {
  async prepare({ data }) {
    await prepareFolder(data)
    mkdirSync(path.dirname(nodeFiles(data).signed(1)), { recursive: true })
    const { database, log } = open(data, 'prepared')
    await log.append({ tag: seedOf('prepared tag'), com: seedOf('prepared com') })
    log[Symbol.dispose]()
    database[Symbol.dispose]()
  },
  async run({ data }, from, say) {
    const { database, log } = open(data, String(from))
    say({ kind: 'open', standing: { ids: [...log.entries(0, log.size).map(nameOf), ...countsOf(database)], leaves: hashesOf(log.entries(0, log.size)) } })
    const append = (i: number) =>
      attempt(say, `event ${i}`, async () => {
        const relationship = people[i % people.length] ?? { handle: handleFor('alice'), tagkey: seedOf('alice tagkey') }
        return given(say, await log.append({ relationship, make: eventFor(`event ${i}`, relationship.handle) }))
      })
    if (from >= 0) await load()
    log[Symbol.dispose]()
    database[Symbol.dispose]()

    async function load() {
      await append(from)
      await Promise.all([append(from + 1), append(from + 2), append(from + 3)])
      await attempt(say, `seal ${from}`, async () => {
        const sealed = await log.seal()
        return sealed === undefined ? 'nothing to seal' : given(say, sealed)
      })
      await append(from + 4)
    }
  },
}

function open(data: string, label: string) {
  const files = nodeFiles(data)
  const database = openDatabase(files.database)
  let drawn = 0
  const random = (length: number) => bytesFor(`${label} random ${(drawn += 1)}`, length)
  const log = openAccessLog({ origin: ORIGIN, k: 1, ...logKeyOf(ORIGIN, 'alder log'), database, signOnceFile: files.signed(1), clock, random })
  return { database, log }
}

const nameOf = (leaf: Uint8Array, index: number) => `${index} ${encodeHex(leaf)}`

function given(say: Say, { index, leaf, note }: Appended): string {
  sayNote(say, ORIGIN, parseCheckpoint(parseNote(note).text))
  return nameOf(leaf, index)
}

/** A gap or a second n shows as a name that stands nowhere else. */
function countsOf(database: Database): readonly string[] {
  const seen = new Map<string, number>()
  for (const row of database.all('SELECT handle, n FROM event WHERE handle IS NOT NULL ORDER BY handle, n')) {
    const handle = textColumn(row, 'handle')
    const expected = seen.get(handle) ?? 0
    if (integerColumn(row, 'n') !== expected) throw new Error(`expected n ${expected} of \`${handle}\`, found ${integerColumn(row, 'n')}`)
    seen.set(handle, expected + 1)
  }
  return ['nothing to seal']
}
