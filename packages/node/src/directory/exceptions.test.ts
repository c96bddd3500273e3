import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { checkDigitOf, npiSubject, type RejectedRecord } from '@fiducia/directory'
import { afterAll, describe, expect, it } from 'vitest'
import { furtherExceptions } from './exceptions.ts'
import { type LoadPorts, runLoad } from './load.ts'
import { openReaders } from './open-readers.ts'
import { Staging } from './staging.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-exceptions-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const folder = () => mkdtempSync(path.join(scratch, 'at-'))
const npi = (n: number) => `${100_000_000 + n}${checkDigitOf(String(100_000_000 + n))}`

/** A file in which each character of the text is a byte. */
function file(name: string, lines: readonly string[]): string {
  const where = path.join(folder(), name)
  writeFileSync(where, Buffer.from(lines.join('\n'), 'latin1'))
  return where
}

let clock = 1_700_000_000_000
const ports: LoadPorts = { now: () => (clock += 1_000), random: (n) => crypto.getRandomValues(new Uint8Array(n)), readers: openReaders }
const MAPPING = { key: 'NPI', fields: { 'name.family': 'Last', 'location.line': 'Street', 'location.city': 'City' } }
const load = (dir: string, files: readonly string[], format: 'csv' | 'fhir' | 'nppes' = 'csv', mapping: unknown = format === 'csv' ? MAPPING : null) =>
  runLoad(
    {
      dir,
      files,
      terms: { format, origin: 'alder', basis: 'import', group: 'alder', isFull: false, observedAt: null, mapping },
      attester: 'alder' as OrganizationId,
      who: 'kim',
      maxChange: 100,
      isDryRun: false,
    },
    ports,
  )
const bytesOf = (where: string | null) => readFileSync(String(where), 'latin1')
const found = ({ rejections }: Awaited<ReturnType<typeof load>>) => rejections.map(({ code, field, value = '' }) => `${code} ${field} ${value}`.trim())

it('a rejected row is kept with whom it speaks of', () => {
  using staging = new Staging(path.join(scratch, 'staging.sqlite'), 1)
  const subject = npiSubject('practitioner', '1234567893')
  const record: RejectedRecord = { row: 2, accepted: false, findings: [{ code: 'ROW_CELLS', field: 'NPI' }], source: ['1234567893'] }
  staging.add(0, { ...record, subject })
  staging.add(0, { ...record, row: 3 })
  staging.commit(0, 2)
  expect(staging.database.all('SELECT row, subject FROM rejected ORDER BY id')).toEqual([
    { row: 2, subject },
    { row: 3, subject: null },
  ])
})

describe('an exception file', () => {
  const broken = [
    `${npi(1)},N\xfa\xf1ez,1 Mill Street,Salem`,
    `${npi(2)},Rowan,1 Mill Street, Suite 4,Salem`,
    `${npi(3)},Rowan`,
    `${npi(4)},Ro"wan"  ,1 Mill Street,Salem`,
    `${npi(5)},N\xef\xbf\xbdez,1 Mill Street,Salem`,
    `1234567890,"Rowan, ""A""",1 Mill Street,Salem`,
    '',
    `${npi(6)},Rowan,1 Mill Street,Salem`,
  ]
  const wanted = [
    'ROW_ENCODING Last',
    'ROW_CELLS column 5 5 cells, expected 4',
    'ROW_CELLS Street 2 cells, expected 4',
    'ROW_FORM Last',
    'ROW_ENCODING Last',
    'NPI_CHECK_DIGIT NPI 1234567890',
    'ROW_CELLS Last 1 cells, expected 4',
  ]

  it('that nobody corrected is rejected again, for the same reasons and with the same bytes', async () => {
    const dir = folder()
    const first = await load(dir, [file('roster.csv', ['NPI,Last,Street,City', ...broken])])
    expect(found(first)).toEqual(wanted)
    const again = await load(dir, [String(first.exceptions)])
    expect([again.accepted, found(again)]).toEqual([0, wanted])
    const [one, two] = [first, again].map(({ exceptions }) => bytesOf(exceptions).replaceAll(/row \d+/g, 'row'))
    expect(two).toBe(one)
    expect(one).toContain(`row: ROW_ENCODING in Last,${npi(1)},N\xfa\xf1ez,1 Mill Street,Salem\r\n`)
    expect(one).toMatch(/^reason,NPI,Last,Street,City\r\n/)
  })

  it('that was corrected is taken', async () => {
    const dir = folder()
    const { exceptions } = await load(dir, [file('roster.csv', ['NPI,Last,Street,City', ...broken.slice(0, 3)])])
    const corrected = bytesOf(exceptions)
      .replace('N\xfa\xf1ez', 'N\xc3\xba\xc3\xb1ez')
      .replace('Street, Suite 4', 'Street Suite 4')
      .replace(/Rowan\r\n$/, 'Rowan,,\r\n')
    expect(await load(dir, [file('corrected.csv', [corrected])])).toMatchObject({ read: 3, accepted: 3, exceptions: null })
  })

  it('keeps a column of the source that is called as its own', async () => {
    const dir = folder()
    const first = await load(dir, [file('roster.csv', ['NPI,Last,Street,City,reason', `1234567890,Rowan,,,left`])])
    expect(bytesOf(first.exceptions)).toBe('reason 2,NPI,Last,Street,City,reason\r\nrow 2: NPI_CHECK_DIGIT in NPI,1234567890,Rowan,,,left\r\n')
    expect(found(await load(dir, [String(first.exceptions)]))).toEqual(['NPI_CHECK_DIGIT NPI 1234567890'])
  })

  it('of resources keeps bytes that are not UTF-8, and does not launder them', async () => {
    const dir = folder()
    const lines = ['{"resourceType":"Organization","id":"a","name":"N\xfa\xf1ez"}', '{"resourceType":"Organization","id":"b","name":"N\\ufffdez"}']
    const first = await load(dir, [file('all.ndjson', lines)], 'fhir')
    expect(found(first)).toEqual(['ROW_ENCODING resource', 'ROW_ENCODING resource'])
    const again = await load(dir, [String(first.exceptions)], 'fhir')
    expect([again.accepted, found(again), bytesOf(again.exceptions)]).toEqual([0, found(first), bytesOf(first.exceptions)])
    const corrected = bytesOf(again.exceptions).replace('N\xfa\xf1ez', 'Nunez').replace('N\xef\xbf\xbdez', 'Nunez')
    expect(await load(dir, [file('corrected.ndjson', [corrected])], 'fhir')).toMatchObject({ accepted: 2, rejected: 0 })
  })

  it('of what is no resource is rejected again for the same', async () => {
    const dir = folder()
    const entries = [{ resource: { resourceType: 'Organization', id: 'a', name: 'Mill' } }, { request: { method: 'DELETE', url: 'Organization/b' } }, 7]
    const bundle = JSON.stringify({ resourceType: 'Bundle', entry: entries })
    const first = await load(dir, [file('all.json', [bundle, 'not json', '{"resourceType":"Patient"}'])], 'fhir')
    expect(found(first)).toEqual(['RESOURCE_DELETED resource', 'RESOURCE_JSON resource', 'RESOURCE_JSON resource', 'RESOURCE_TYPE resourceType Patient'])
    const again = await load(dir, [String(first.exceptions)], 'fhir')
    expect([again.accepted, found(again)]).toEqual([0, found(first)])
  })

  it('is one for each header', async () => {
    const dir = folder()
    const header = 'NPI,Last,Street,City'
    const files = [
      file('one.csv', [header, broken[0] ?? '']),
      file('good.csv', ['NPI,Last,Street,City,ZIP', `${npi(6)},Rowan,,,`]),
      file('two, new.csv.gz', ['City,Street,Last,NPI', 'Salem,1 Mill Street,Rowan,1234567890']),
      file('three.csv', [header, broken[2] ?? '']),
    ]
    const { exceptions } = await load(dir, files)
    const others = furtherExceptions(String(exceptions))
    expect([exceptions, ...others].map((name) => path.basename(String(name)))).toEqual(['exceptions-1.csv', 'exceptions-1-2-two-new.csv'])
    expect(bytesOf(exceptions).split('\r\n').length).toBe(4)
    const corrected = bytesOf(others[0] ?? '').replace('1234567890', npi(7))
    expect(await load(dir, [file('corrected.csv', [corrected])])).toMatchObject({ accepted: 1, rejected: 0 })
  })
})
