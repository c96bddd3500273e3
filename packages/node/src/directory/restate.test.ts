import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { batchRoot, lineCommitment, npiSubject } from '@fiducia/directory'
import { afterAll, expect, it } from 'vitest'
import { linesOf, unofferedBatches } from './batch-store.ts'
import { fsckDirectory } from './fsck.ts'
import { runLoad } from './load.ts'
import { openReaders } from './open-readers.ts'
import { attestationsOf } from './query.ts'
import { restateBatch } from './restate.ts'
import { openDirectory } from './store.ts'

/** What becomes of an own batch that can never count. */
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-restate-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const alder = 'alder' as OrganizationId
const NPI = { rowan: '1234567893', elm: '1345678902' } as const
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const mapping = { key: 'NPI', fields: { 'name.family': 'Name', gender: 'Gender', 'name.credential': 'Title' } }
let clock = 1_700_000_000_000

/** A file that is all that the origin has. */
async function load(lines: readonly string[]): Promise<void> {
  const file = path.join(dir, 'roster.csv')
  writeFileSync(file, ['NPI,Name,Gender,Title', ...lines].join('\n'))
  const terms = { format: 'csv', origin: alder, basis: 'own-record', group: 'alder', isFull: true, observedAt: null, mapping } as const
  const request = { dir, files: [file], terms, attester: alder, who: 'kim', maxChange: 100, isDryRun: false }
  await runLoad(request, { now: () => (clock += 1_000), random, readers: openReaders })
}

it('says again what is still the last word, and nothing of which something was said since', async () => {
  await load([`${NPI.rowan},Rowan,F,MD`, `${NPI.elm},Elm,M,`])
  using database = openDirectory(dir)
  const [lost] = unofferedBatches(database, alder)
  if (lost === undefined) throw new Error('a load makes a batch')
  // Rowan has another name now and no title, Elm is gone.
  await load([`${NPI.rowan},Aspen,F,`])
  const known = () =>
    attestationsOf(database, npiSubject('practitioner', NPI.rowan), clock).map(({ operation, field, value, observedAt }) => ({
      operation,
      field,
      value,
      observedAt,
    }))
  const before = known()
  restateBatch(database, lost.root, { now: clock, random })
  const [later, again] = unofferedBatches(database, alder).filter(({ root }) => root !== lost.root)
  const lines = linesOf(database, again?.root ?? lost.root) ?? []
  expect(lines.map((line) => 'statement' in line && [line.statement.operation, line.statement.fields])).toEqual([
    ['assert', { gender: 'female', npi: NPI.rowan }],
  ])
  expect(batchRoot(lines.map(lineCommitment))).toBe(again?.root)
  expect(unofferedBatches(database, alder).map(({ root }) => root)).toEqual([later?.root, again?.root])
  expect(fsckDirectory(dir).findings).toEqual([])
  const isOld = ({ observedAt }: (typeof before)[number]) => observedAt === before[0]?.observedAt
  const stands = before.filter((one) => isOld(one) && ['gender', 'npi'].includes(one.field))
  expect(stands).toHaveLength(2)
  expect(known()).toEqual([...before.filter((one) => !isOld(one)), ...stands])
})

it('makes no new batch where nothing of it stands', async () => {
  using database = openDirectory(dir)
  const earlier = unofferedBatches(database, alder).length
  await load([`${NPI.elm},Elm,M,`])
  await load([`${NPI.rowan},Aspen,F,`])
  const [lost, later] = unofferedBatches(database, alder).slice(earlier)
  if (lost === undefined) throw new Error('a load makes a batch')
  restateBatch(database, lost.root, { now: clock, random })
  expect(unofferedBatches(database, alder).slice(earlier)).toEqual([later])
  expect(fsckDirectory(dir).findings).toEqual([])
})
