import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createRegister } from '@fiducia/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { diffRosters } from './directory-diff.ts'
import { diffNetwork } from './directory-diff-network.ts'
import { approve, loads } from './directory-loads.ts'
import { importFiles, type ImportFlags } from './directory-import.ts'
import { resolve } from './directory-resolve.ts'
import { search } from './directory-search.ts'
import { fsck } from './fsck.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-directory-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let count = 0
const folder = () => path.join(scratch, String((count += 1)))
const file = (name: string, lines: Iterable<string>): string => {
  const where = path.join(scratch, name)
  writeFileSync(where, [...lines].join('\n'))
  return where
}
const flags = (data: string, more: Partial<ImportFlags> = {}): ImportFlags => ({
  format: 'nppes',
  data,
  basis: 'import',
  org: 'alder',
  as: 'kim',
  maxChange: '20',
  observed: '2026-11-20',
  ...more,
})
const json = (answer: { readonly json: unknown }) => answer.json as any

/** The files of docs/guide/directory.md. */
const examples = path.join(import.meta.dirname, '..', '..', 'examples', 'directory')
const example = (name: string) => path.join(examples, name)
const roster = (data: string, more: Partial<ImportFlags> = {}) =>
  flags(data, { format: 'csv', map: example('roster-map.json'), org: 'valley-plan', basis: 'counterparty', ...more })

describe('the guide', () => {
  const data = folder()
  const value = async (kind: string, field: string) =>
    json(await resolve({ data, npi: '1234567893' })).find((subject: any) => subject.kind === kind)?.fields[field]?.value
  it('tries first, and leaves nothing', async () => {
    const answer = await importFiles([example('roster.csv')], roster(data, { dryRun: true }))
    expect(json(answer)).toMatchObject({ read: 4, accepted: 3, new: 8, load: null, exceptions: null })
    expect(existsSync(data)).toBe(false)
  })

  it('loads a roster, and gives back the row with a wrong NPI', async () => {
    const answer = await importFiles([example('roster.csv')], roster(data))
    expect(answer.exitCode).toBe(0)
    expect(json(answer)).toEqual({
      read: 4,
      accepted: 3,
      rejected: [{ file: example('roster.csv'), row: 5, field: 'NPI', code: 'NPI_CHECK_DIGIT', value: '1567890129' }],
      moreRejected: 0,
      findings: { NPI_CHECK_DIGIT: 1 },
      subjects: { practitioner: 3, location: 2, role: 3 },
      exceptions: path.join(data, 'exceptions-1.csv'),
      moreExceptions: [],
      new: 8,
      changed: 0,
      same: 0,
      withdrawn: 0,
      older: 0,
      excess: null,
      load: 1,
      state: 'done',
    })
    expect(answer.text).toContain('4 read, 3 accepted, 1 rejected')
  })

  it('takes the corrected exception file like any other', async () => {
    const back = readFileSync(path.join(data, 'exceptions-1.csv'), 'utf8')
    const corrected = file('corrected.csv', [back.replace('1567890129', '1567890128')])
    expect(json(await importFiles([corrected], roster(data)))).toMatchObject({ read: 1, accepted: 1, new: 3, exceptions: null })
  })

  it('resolves a practitioner with role and place, and finds it', async () => {
    expect([await value('practitioner', 'name.family'), await value('role', 'phone'), await value('location', 'city')]).toEqual([
      'Rowan',
      '503-555-0100',
      'Salem',
    ])
    expect(json(await search({ data, name: 'row', state: 'or' })).found).toMatchObject([{ npi: '1234567893' }])
    expect(json(await search({ data, name: 'row', state: 'WA' })).found).toEqual([])
    expect((await resolve({ data, npi: '1679576722' })).exitCode).toBe(1)
    expect((await resolve({ data, npi: '1234567893' })).text).toMatch(/decided by\n.*Rowan.* only/s)
  })

  it('states of the next file only what changed', async () => {
    expect(json(await importFiles([example('roster-next.csv')], roster(data)))).toMatchObject({ new: 1, changed: 1, same: 4, withdrawn: 1 })
    expect([await value('role', 'phone'), await value('location', 'city')]).toEqual(['541-555-0178', 'Eugene'])
    expect(json(await loads({ data })).loads.map(({ load, state }: any) => [load, state])).toEqual([
      [3, 'done'],
      [2, 'done'],
      [1, 'done'],
    ])
    expect(await fsck(data)).toMatchObject({ exitCode: 0 })
  })

  it('compares two files, and our words with the network’s', async () => {
    const field = ['name.family=Last Name', 'role.phone=Phone']
    const files = await diffRosters(example('roster.csv'), example('roster-next.csv'), { key: 'NPI', field })
    expect(json(files)).toMatchObject({ both: 2, onlyA: 2, onlyB: 0, fields: { 'name.family': { differs: 1 }, 'role.phone': { differs: 1 } } })
    await importFiles([example('roster.csv')], roster(data, { org: 'alder', basis: 'own-record' }))
    const network = json(await diffNetwork({ data, org: 'valley-plan', field: ['name.family'] }))
    expect(network).toMatchObject({ subjects: 11, onlyOurs: 4, fields: { 'name.family': { agrees: 2, differs: 1, alone: 1 } } })
    expect(network.list.items).toMatchObject([{ npi: '1345678902', ours: 'Okonkwo-Lee', theirs: 'Okonkwo', state: 'single-source', who: ['alder'] }])
  })

  it('names every command that it shows', () => {
    const guide = readFileSync(path.join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'guide', 'directory.md'), 'utf8')
    const shown = [...guide.matchAll(/^npx fiducia directory (\w+)/gm)].map(([, name]) => name)
    const commands = ['import', 'resolve', 'search', 'loads', 'approve', 'diff', 'evidence', 'erase', 'contest', 'contests', 'rule']
    expect(new Set(shown)).toEqual(new Set(commands))
    for (const [name] of guide.matchAll(/roster[\w-]*\.(csv|json)/g)) expect(existsSync(example(name))).toBe(true)
  })
})

describe('an invented register', () => {
  const register = createRegister({ seed: 'import', practitioners: 400 })
  const editions = [1, 2].map((edition) => file(`register-${edition}.csv`, [register.header, ...register.rows(edition === 1 ? 1 : 2)]))
  const data = folder()
  beforeAll(async () => void (await importFiles(editions.slice(0, 1), flags(data))))

  it('gives exactly what was planted in it', async () => {
    const again = json(await importFiles(editions.slice(0, 1), flags(data, { dryRun: true })))
    expect(again).toMatchObject({ read: 408, accepted: 404, new: 0, changed: 0, same: 842, withdrawn: 0, state: 'dry-run' })
    expect(again.findings).toEqual({ NPI_CHECK_DIGIT: 4, PRIMARY_TAXONOMY_MISSING: 12, DUPLICATE_ROW: 8 })
  })

  it('as a second edition waits where its share is too high, and goes on when somebody else approves', async () => {
    const held = await importFiles(editions.slice(1), flags(data, { full: true, maxChange: '1' }))
    expect(held.exitCode).toBe(1)
    expect(json(held)).toMatchObject({ state: 'waiting-for-approval', new: 32, changed: 12, withdrawn: 58 })
    expect(held.text).toContain(`fiducia directory approve 2 --data ${data} --as PERSON`)
    await expect(approve('2', { data, as: 'kim' })).rejects.toMatchObject({ code: 'LOAD_SAME_PERSON' })
    const done = await approve('2', { data, as: 'lee' })
    expect(done.exitCode).toBe(0)
    expect(json(done)).toMatchObject({ state: 'done', new: 32, changed: 12, withdrawn: 58 })
    expect((await fsck(data)).text).toMatch(/^sound/)
  })

  it('is resolved as a whole, one value in each line or one array', async () => {
    const written: string[] = []
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0)
    try {
      await resolve({ data, json: true })
      await resolve({ data })
    } finally {
      write.mockRestore()
    }
    const whole = written.join('')
    const array = JSON.parse(whole.slice(0, whole.indexOf('\n'))) as readonly object[]
    const lines = whole
      .slice(whole.indexOf('\n') + 1)
      .trim()
      .split('\n')
    expect(array.length).toBeGreaterThan(700)
    expect(lines.length).toBe(array.length)
  })
})

describe('bad use is told', () => {
  it.each([
    ['a missing file', ['no-such-file.csv'], {}, /no-such-file\.csv/],
    ['a format', [example('roster.csv')], { format: 'xml' }, /expected --format nppes, csv, fhir, found `xml`/],
    ['no mapping', [example('roster.csv')], { format: 'csv' }, /expected --map with --format csv/],
    ['a share', [example('roster.csv')], { maxChange: 'many' }, /expected --max-change from 0 to 100/],
    [
      'the word of another',
      [example('roster.csv')],
      { origin: 'birch', basis: 'observed' },
      /expected `alder` to say as an import what is another’s word, found observed/,
    ],
    ['a date', [example('roster.csv')], { observed: 'yesterday' }, /expected --observed with a date/],
    ['a day that no month has', [example('roster.csv')], { observed: '2026-02-31' }, /expected --observed with a date .*found `2026-02-31`/],
    ['an instant of such a day', [example('roster.csv')], { observed: '2026-02-29T10:00:00Z' }, /expected --observed with a date/],
    ['another kind of file', [example('roster.csv')], {}, /roster\.csv: .*expected the header of a file of the national register/],
  ] as const)('%s', async (_, files, more, message) => {
    await expect(importFiles(files, flags(folder(), more))).rejects.toThrow(message)
  })
})
