import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { openAccessLog } from '../../../src/access-log/access-log.ts'
import { createErasure } from '../../../src/erasure/erasure.ts'
import { createRedactions } from '../../../src/erasure/redactions.ts'
import { openRetained } from '../../../src/erasure/retained.ts'
import { createRetention } from '../../../src/erasure/retention.ts'
import { openTombstones } from '../../../src/erasure/tombstones.ts'
import { nodeFiles } from '../../../src/index.ts'
import { createLocks } from '../../../src/relationships/locks.ts'
import { openPolicyFiles } from '../../../src/relationships/policy-files.ts'
import { openUnconfirmed } from '../../../src/relationships/unconfirmed.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { handleFor, logKeyOf, openFixture, seedOf, START } from '../../fixture.ts'
import { eventFor } from '../events.ts'
import { attempt, bytesFor, hashesOf, namesFrom, prepareFolder, type Place, type Workload } from '../workload.ts'

const DAY_MS = 86_400_000
const DAYS = 1_100
const SLOTS_PER_DAY = 1_440
const FIRST_DATE = START / 60_000
/** Days of which there can be an event: those of both loads. */
const LAST_DAY = 110

/** A holder whose events of one day after the other grow too old. */
export const retention: Workload = {
  async prepare({ data, scratch }) {
    await prepareFolder(data)
    mkdirSync(nodeFiles(data).policies, { recursive: true })
    const place = { data, scratch }
    await using parts = await open(place, 'prepared')
    parts.log[Symbol.dispose]()
  },
  async run(place, from, say) {
    await using parts = await open(place, String(from))
    const { log, file, database, job, at } = parts
    job.finish()
    const dates = Array.from({ length: LAST_DAY }, (_, day) => FIRST_DATE + day * SLOTS_PER_DAY).filter((date) => date <= file.state.before)
    say({ kind: 'open', standing: { ids: dates.map(String), leaves: hashesOf(log.entries(0, log.size)) } })
    for (const day of namesFrom(from, 2)) {
      await attempt(say, `day ${day}`, async () => {
        at.ms = START + day * DAY_MS
        const { index } = await log.append({
          relationship: { handle: handleFor('alice'), tagkey: seedOf('tagkey') },
          make: eventFor(`${day}`, handleFor('alice')),
        })
        at.ms += (DAYS + 1) * DAY_MS
        // What a stop left comes first, then the new date.
        await job.run()
        await job.run()
        if (database.get('SELECT 1 FROM event WHERE idx <= ?', index) !== undefined || !file.state.isDone) throw new Error('an old event is still there')
        return String(FIRST_DATE + (day + 1) * SLOTS_PER_DAY)
      })
    }
    log[Symbol.dispose]()
  },
}

async function open({ data, scratch }: Place, label: string) {
  const fixture = await openFixture(undefined, scratch)
  const files = nodeFiles(data)
  const database = openDatabase(files.database)
  let drawn = 0
  const random = (length: number) => bytesFor(`${label} random ${(drawn += 1)}`, length)
  const at = { ms: START, now: () => at.ms }
  const log = openAccessLog({
    origin: 'test/log/alder/1',
    k: 1,
    ...logKeyOf('test/log/alder/1', 'alder log'),
    database,
    signOnceFile: files.signed(1),
    clock: at,
    random,
  })
  const context = { ...fixture.context, database, random, clock: { now: () => START } }
  const redactions = createRedactions(context, log)
  const file = openRetained(files.retained)
  const erasure = createErasure(context, {
    redactions,
    files: openPolicyFiles(path.join(scratch, 'policies')),
    unconfirmed: openUnconfirmed(path.join(scratch, 'unconfirmed.json')),
    tombstones: openTombstones(path.join(scratch, 'erased.json')),
    locks: createLocks(),
  })
  const job = createRetention(context, { logs: { all: [log] }, now: at.now, erasure, redactions, file, days: DAYS })
  return {
    log,
    file,
    database,
    job,
    at,
    async [Symbol.asyncDispose]() {
      database[Symbol.dispose]()
      await fixture[Symbol.asyncDispose]()
    },
  }
}
