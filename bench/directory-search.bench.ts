import { existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { openExistingDirectory, openReaders, runLoad } from '@fiducia/node'
import { createRegister } from '@fiducia/testkit'
import { resolve } from '../packages/cli/src/commands/directory-resolve.ts'
import { search } from '../packages/cli/src/commands/directory-search.ts'
import { createRandom } from '../packages/directory/test/people.ts'
import { searchedName } from '../packages/node/src/directory/derived.ts'
import { personOf, ROSTER_FIELDS, type Sought, writeRoster } from './directory-people.ts'
import { benchFolder, median, milliseconds, percentile, perSecond, printTable, timed, times } from './measure.ts'

/**
 * What `fiducia directory resolve --npi` and `fiducia directory search` take in a directory of a million practitioners, from opening
 * its file to the lines that are printed. Compared with the same questions asked without an index. Building takes minutes: with
 * FIDUCIA_BENCH_KEEP=DIR the directory is built there once, and found there by the next run.
 */
const PRACTITIONERS = 1_000_000
const QUESTIONS = 1_000
const SCANS = 5

async function build(dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true })
  const file = path.join(dir, 'roster.csv')
  writeRoster(file, PRACTITIONERS)
  const request = {
    dir,
    files: [file],
    terms: {
      format: 'csv',
      origin: 'plan',
      basis: 'counterparty',
      group: 'plan',
      isFull: true,
      observedAt: null,
      mapping: { key: 'NPI', fields: ROSTER_FIELDS },
    },
    attester: 'plan' as OrganizationId,
    who: 'bench',
    maxChange: 100,
    isDryRun: false,
  } as const
  const ports = { now: () => Date.now(), random: (length: number) => crypto.getRandomValues(new Uint8Array(length)), readers: openReaders }
  const took = await timed(() => runLoad(request, ports))
  rmSync(file)
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  process.stdout.write(`built: ${PRACTITIONERS.toLocaleString('en-US')} practitioners, ${perSecond(PRACTITIONERS, took)}, at most ${peak} MiB resident\n`)
}

/** Anybody of them, each as likely: who has a frequent name is asked for more often. */
function soughtOnes(): readonly Sought[] {
  const { npiOf } = createRegister({ seed: 'search', practitioners: PRACTITIONERS })
  const random = createRandom(42)
  return Array.from({ length: QUESTIONS }, () => personOf(random.below(PRACTITIONERS), npiOf))
}

async function each(sought: readonly Sought[], ask: (one: Sought) => unknown): Promise<readonly number[]> {
  const samples: number[] = []
  for (const one of sought) samples.push(await timed(() => ask(one)))
  return samples
}

const BY_NPI = 'SELECT id FROM subject WHERE +key = ?'
const BY_NAME = 'SELECT count(DISTINCT subject) AS n FROM name WHERE +name >= ? AND +name < ?'

using folder = benchFolder()
const dir = process.env['FIDUCIA_BENCH_KEEP'] ?? folder.dir
if (!existsSync(path.join(dir, 'directory.sqlite'))) await build(dir)

const sought = soughtOnes()
let found = 0
const asked = {
  npi: async ({ npi }: Sought) => {
    const { exitCode } = await resolve({ data: dir, npi })
    if (exitCode !== 0) throw new Error('expected somebody with this NPI')
  },
  whole: async ({ family, state }: Sought) => {
    const { json } = await search({ data: dir, name: family, state })
    found += (json as { readonly found: readonly unknown[] }).found.length
  },
  beginning: ({ family, state }: Sought) => search({ data: dir, name: family.slice(0, 4), state }),
}
await each(sought.slice(0, 20), asked.whole)
found = 0
const [npi, whole, beginning] = [await each(sought, asked.npi), await each(sought, asked.whole), await each(sought, asked.beginning)]
using database = openExistingDirectory(dir)
const few = sought.slice(0, SCANS)
const npiScan = median(await each(few, (one) => database.get(BY_NPI, `practitioner/npi/${one.npi}`)))
const nameScan = median(
  await each(few, ({ family }) => database.get(BY_NAME, searchedName('practitioner', family), `${searchedName('practitioner', family)}\u{10ffff}`)),
)

const p95 = (samples: readonly number[]) => `${milliseconds(percentile(samples, 0.95))} p95, ${milliseconds(median(samples))} p50`
const beside = (samples: readonly number[], scan: number) =>
  `finding it without an index: ${milliseconds(scan)}, ${times(scan, percentile(samples, 0.95))} of the p95`
printTable(`directory search: ${PRACTITIONERS.toLocaleString('en-US')} practitioners, ${QUESTIONS} questions of each kind`, [
  { what: 'by NPI, with roles and places, resolved', measured: p95(npi), goal: '<= 10 ms p95', comparedWith: beside(npi, npiScan) },
  {
    what: `by family name and state, ${(found / QUESTIONS).toFixed(1)} found and resolved`,
    measured: p95(whole),
    goal: '<= 50 ms p95',
    comparedWith: beside(whole, nameScan),
  },
  { what: 'by four letters of the name and state', measured: p95(beginning), goal: '<= 50 ms p95', comparedWith: beside(beginning, nameScan) },
])
