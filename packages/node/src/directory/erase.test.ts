import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeHex, type OrganizationId } from '@fiducia/core'
import {
  batchRoot,
  checkDigitOf,
  type FileReader,
  lineCommitment,
  locationSubject,
  npiSubject,
  participationSubject,
  roleSubject,
  type SubjectFacts,
  type SubjectKey,
} from '@fiducia/directory'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { linesOf } from './batch-store.ts'
import { eraseProvider } from './erase.ts'
import { fsckDirectory } from './fsck.ts'
import { keepForeign } from './foreign.ts'
import { lockLoads, runLoad } from './load.ts'
import { attestationsOf, searchSubjects, subjectsOfNpi } from './query.ts'
import { directoryFiles, openDirectory } from './store.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-erase-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** One JSON array of facts in each line; a line with `!` is rejected. */
function factsReader(): FileReader {
  let text = ''
  return {
    header: ['facts'],
    push(chunk) {
      text += Buffer.from(chunk).toString()
      return []
    },
    end: () =>
      text.split('\n').map((line, i) => {
        if (line.startsWith('!')) return { accepted: false, row: i + 1, findings: [{ code: 'NPI_MISSING', field: 'NPI' }], source: [line] }
        const facts = JSON.parse(line) as readonly SubjectFacts[]
        return { accepted: true, row: i + 1, facts, findings: [], name: `Record/${facts[0]?.subject}` }
      }),
  }
}

let dir: string
let clock = 1_700_000_000_000
const now = () => (clock += 1_000)
beforeEach(() => {
  dir = mkdtempSync(path.join(scratch, 'dir-'))
})

async function load(lines: readonly (readonly SubjectFacts[] | string)[], origin = 'alder', isFull = false) {
  const file = path.join(mkdtempSync(path.join(scratch, 'files-')), 'facts')
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  const terms = { format: 'fhir', origin, basis: 'import', group: 'alder', isFull, observedAt: null, mapping: null } as const
  return await runLoad(
    { dir, files: [file], terms, attester: 'alder' as OrganizationId, who: 'kim', maxChange: 100, isDryRun: false },
    { now, random: (n) => crypto.getRandomValues(new Uint8Array(n)), readers: () => Promise.resolve(factsReader) },
  )
}

const npi = (n: number) => `${100_000_000 + n}${checkDigitOf(String(100_000_000 + n))}`
const doctor = (n: number) => npiSubject('practitioner', npi(n))
const clinic = npiSubject('organization', npi(900))
const network = npiSubject('organization', npi(901))
const place: SubjectFacts = {
  subject: locationSubject({ line: '1 main st', line2: '', city: 'salem', state: 'OR', postalCode: '97301', country: 'US' }),
  fields: { line: '1 Main St', city: 'Salem', state: 'OR' },
}
const roleOf = (n: number) => roleSubject(doctor(n), clinic, place.subject)
const participationOf = (n: number) => participationSubject(roleOf(n), network)
const row = (n: number, family = `Sorrel${n}x`): readonly SubjectFacts[] => [
  { subject: doctor(n), fields: { 'name.family': family, npi: npi(n), 'mailing.phone': `503-555-${1000 + n}` } },
  place,
  { subject: roleOf(n), fields: { practitioner: doctor(n), organization: clinic, location: place.subject } },
  { subject: participationOf(n), fields: { participant: roleOf(n), network } },
]

const erase = (provider: Parameters<typeof eraseProvider>[0]['provider'], isDryRun = false) => eraseProvider({ dir, provider, who: 'lee', isDryRun }, now)

/** Files of the folder in which a text or bytes stand. */
const filesWith = (needle: string | Uint8Array): readonly string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(Buffer.from(needle)))
    .map(({ name }) => name)

const findings = () => fsckDirectory(dir).findings

describe('a provider that is erased', () => {
  it('takes its roles and participations along, whoever said it, and nobody else', async () => {
    await load([row(1), row(2)])
    await load([row(1, 'Tansy1')])
    await load([row(1)], 'nppes')
    expect(await erase({ npi: npi(1) }, true)).toEqual({
      statements: 7,
      subjects: { practitioner: 1, role: 1, participation: 1 },
      aboutOthers: 0,
      batches: 3,
      leftIn: [],
    })
    using database = openDirectory(dir)
    expect(attestationsOf(database, doctor(1), now())).not.toEqual([])
    expect(await erase({ npi: npi(1) })).toMatchObject({ statements: 7 })
    for (const key of [doctor(1), roleOf(1), participationOf(1)]) expect(attestationsOf(database, key, now())).toEqual([])
    expect([subjectsOfNpi(database, npi(1)), searchSubjects(database, 'Tansy', 'OR', 9)]).toEqual([[], []])
    expect(searchSubjects(database, 'Sorrel', 'OR', 9)).toEqual([doctor(2)])
    expect(attestationsOf(database, place.subject, now())).not.toEqual([])
    expect(database.all('SELECT at, who, statements, is_rewritten FROM erasure')).toMatchObject([{ who: 'lee', statements: 7, is_rewritten: 1 }])
    expect(findings()).toEqual([])
    expect(await erase({ npi: npi(1) })).toMatchObject({ statements: 0, subjects: {} })
  })

  it('leaves its commitments, so that every batch has its root', async () => {
    await load([row(1), row(2)])
    using database = openDirectory(dir)
    const root = database.get('SELECT root FROM batch')?.['root'] as never
    const before = (linesOf(database, root) ?? []).map(lineCommitment)
    await erase({ npi: npi(1) })
    const lines = linesOf(database, root) ?? []
    expect(lines.filter((line) => 'com' in line)).toHaveLength(3)
    expect(lines.map(lineCommitment)).toEqual(before)
    expect(batchRoot(lines.map(lineCommitment))).toBe(root)
    // As another member keeps it that fetches it from now on.
    dir = mkdtempSync(path.join(scratch, 'dir-'))
    using other = openDirectory(dir)
    keepForeign(other, { root, count: lines.length, attester: 'alder' as OrganizationId, group: 'alder' as never }, lines, now())
    expect(linesOf(other, root)).toEqual(lines)
    expect(findings()).toEqual([])
  })

  it('leaves no byte in any file, in a store of many pages', async () => {
    const many = Array.from({ length: 2_000 }, (_, i) => (i * 7_919) % 2_000)
    for (const from of [0, 500, 1_000, 1_500]) await load(many.slice(from, from + 500).map((n) => row(n)))
    await load(many.slice(0, 300).map((n) => row(n, `Juniper${n}x`)))
    const gone = many.slice(295, 305)
    const salts: Uint8Array[] = []
    {
      using database = openDirectory(dir)
      for (const n of gone)
        salts.push(
          ...database
            .all('SELECT salt FROM statement s JOIN subject k ON k.id = s.subject WHERE k.key IN (?, ?)', doctor(n), roleOf(n))
            .map(({ salt }) => salt as Uint8Array),
        )
    }
    expect(new Set(salts.map(encodeHex)).size).toBe(25)
    const names = (n: number) => [`Sorrel${n}x`, `sorrel${n}x`, `Juniper${n}x`, `juniper${n}x`]
    const needles = gone.flatMap((n) => [doctor(n), npi(n), ...names(n), `503-555-${1000 + n}"`, roleOf(n), participationOf(n)])
    for (const needle of [...needles.filter((text) => !/sorrel|juniper/i.test(text)), ...salts]) expect(filesWith(needle)).not.toEqual([])
    for (const n of gone) await erase({ npi: npi(n) })
    for (const needle of [...needles, ...salts]) expect(filesWith(needle)).toEqual([])
    expect(findings()).toEqual([])
  })

  it('leaves none either of a row that went before and left its bytes when pages were balanced', async () => {
    const long = (n: number): readonly SubjectFacts[] => [
      { subject: doctor(n), fields: { 'name.family': `Sorrel${(n * 1_237) % 2_000}x${'y'.repeat(300 + ((n * 37) % 600))}` } },
    ]
    const all = Array.from({ length: 2_000 }, (_, n) => n)
    for (let from = 0; from < 2_000; from += 100) await load(all.slice(from, from + 100).map(long))
    await load(all.filter((n) => n % 10 === 0).map(long), 'alder', true)
    // The searched form stands in one table alone, and nowhere once that row is deleted.
    const searched = (n: number) => `sorrel${(n * 1_237) % 2_000}xy`
    const store = readFileSync(directoryFiles(dir).database).toString('latin1')
    const [remembered = -1] = all.filter((n) => n % 10 !== 0 && store.includes(searched(n)))
    expect(remembered).toBeGreaterThan(0)
    await erase({ npi: npi(remembered) })
    expect(filesWith(searched(remembered))).toEqual([])
  })

  it('is named where files of loads still have it', async () => {
    await load([row(1), `!${npi(1)}`, `!${npi(2)}`])
    await load([row(1), `!${npi(3)}`])
    expect((await erase({ npi: npi(1) })).leftIn).toEqual([path.join(dir, 'exceptions-1.ndjson')])
    expect((await erase({ npi: npi(4) })).leftIn).toEqual([])
    writeFileSync(directoryFiles(dir).staging, `${'x'.repeat(70_000)}${npi(4)}`)
    expect((await erase({ subject: doctor(4) }, true)).leftIn).toEqual([directoryFiles(dir).staging])
  })

  it('is not erased while a load is under way, nor where there is no directory', async () => {
    await expect(erase({ npi: npi(1) })).rejects.toMatchObject({ code: 'DIRECTORY_MISSING' })
    await load([row(1)])
    using _ = lockLoads(directoryFiles(dir))
    await expect(erase({ npi: npi(1) })).rejects.toMatchObject({ code: 'LOAD_RUNNING' })
  })
})

describe('an organization that is erased', () => {
  it('goes out of places that name it, which keep what else was said of them', async () => {
    const owned: SubjectFacts = { ...place, fields: { ...place.fields, organization: clinic } }
    const named = [{ subject: clinic, fields: { name: 'Bramble Clinic', npi: npi(900) } } as SubjectFacts, owned]
    await load([[place]])
    await load([named, row(1)])
    const endpoint = { subject: `endpoint/${'A'.repeat(43)}` as SubjectKey, fields: { address: 'https://fhir.example.org', organization: clinic } }
    await load([[endpoint, owned]], 'nppes')
    expect(await erase({ npi: npi(900) })).toMatchObject({ statements: 6, subjects: { organization: 1, role: 1, participation: 1 }, aboutOthers: 3 })
    using database = openDirectory(dir)
    expect(attestationsOf(database, doctor(1), now())).not.toEqual([])
    expect(attestationsOf(database, place.subject, now()).map(({ field }) => field)).toEqual(['city', 'line', 'state'])
    for (const needle of [clinic, 'Bramble', 'bramble']) expect(filesWith(needle)).toEqual([])
    expect(findings()).toEqual([])
    // What a later load says is compared with what is left.
    expect(await load([[owned]])).toMatchObject({ new: 0, changed: 1 })
    expect(findings()).toEqual([])
  })
})

it('an erasure that was killed before its bytes were gone is told, and finished by the next one', async () => {
  await load([row(1)])
  {
    using database = openDirectory(dir)
    database.run(`INSERT INTO erasure (id, at, who, statements) VALUES (1, 0, 'lee', 3)`)
  }
  expect(findings()).toMatchObject([{ code: 'ERASED', at: 'erasure 1' }])
  await erase({ npi: npi(2) })
  expect(findings()).toEqual([])
})
