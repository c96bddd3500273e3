import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { npiSubject } from '@fiducia/directory'
import { createRegister } from '@fiducia/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffNetwork, type NetworkDiffFlags } from './directory-diff-network.ts'
import { importFiles } from './directory-import.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-diff-network-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const data = path.join(scratch, 'directory')

/** More subjects than are read at once. */
const PEOPLE = 700
const { npiOf } = createRegister({ seed: 'diff', practitioners: PEOPLE })
const HEADER = 'NPI,Family,Given,Street,City,State,ZIP,Phone'
const map = {
  key: 'NPI',
  fields: { 'name.family': 'Family', 'name.given': 'Given', 'location.line': 'Street', 'location.city': 'City', 'location.state': 'State' },
}

const person = (n: number, family = `Rowan ${n}`, given = 'Ada') => [npiOf(n), family, given, `${n % 5} Mill Street`, 'Salem', 'OR', '97301', ''].join(',')
let files = 0
const file = (content: string): string => {
  const where = path.join(scratch, `file-${(files += 1)}`)
  writeFileSync(where, content)
  return where
}
const mapping = file(JSON.stringify(map))

async function say(org: string, rows: readonly string[], basis = 'own-record', observed?: string): Promise<void> {
  const flags = { format: 'csv', data, basis, org, as: 'kim', maxChange: '100', map: mapping, ...(observed !== undefined && { observed }) }
  const { exitCode } = await importFiles([file([HEADER, ...rows].join('\n'))], flags)
  expect(exitCode).toBe(0)
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const diff = async (more: Partial<NetworkDiffFlags> = {}) => (await diffNetwork({ data, org: 'alder', ...more })).json as any

/** Birch knows all but the first hundred; it spells every name otherwise, and of every seventh has another one. */
const isRenamed = (n: number) => n >= 100 && n % 7 === 0

beforeAll(async () => {
  await say(
    'alder',
    range(0, PEOPLE).map((n) => person(n)),
  )
  await say(
    'birch',
    range(100, PEOPLE).map((n) => person(n, isRenamed(n) ? `Elm ${n}` : `ROWAN  ${n}`)),
    'counterparty',
  )
  await say('dogwood', [person(7)], 'observed', '2001-01-01')
  await say('cedar', [person(7, 'Elm 7'), person(14, 'Ash')], 'observed')
})

describe('our words against the network’s', () => {
  const renamed = range(0, PEOPLE).filter((n) => isRenamed(n) || n === 7 || n === 14)

  it('are counted field by field, by the normalizer, with what the others’ words are worth', async () => {
    const { org, subjects, onlyOurs, fields, list } = await diff()
    // Each practitioner, their role, and five places.
    expect({ org, subjects, onlyOurs, list }).toEqual({ org: 'alder', subjects: 2 * PEOPLE + 5, onlyOurs: 2 * 98, list: null })
    expect(fields['name.family']).toEqual({
      agrees: 602 - renamed.length,
      differs: renamed.length,
      alone: 98,
      states: { 'single-source': 602 },
      normalizer: 'person-name/1',
    })
    expect(fields['location.city']).toEqual({ agrees: 5, differs: 0, alone: 0, states: { 'single-source': 3, supported: 2 }, normalizer: 'city/1' })
    expect(Object.keys(fields)).toContain('role.practitioner')
  })

  it('are listed where they differ: page after page, all of them once', async () => {
    const seen: any[] = []
    for (let after: string | undefined; ; ) {
      const { list, fields } = await diff({ field: ['name.family'], limit: '30', ...(after !== undefined && { after }) })
      expect(list.items.length).toBeLessThanOrEqual(30)
      expect(seen.length + list.items.length + list.more).toBe(fields['name.family'].differs)
      seen.push(...list.items)
      if (list.next === null) break
      after = list.next
    }
    expect([seen.length, new Set(seen.map(({ npi }) => npi))]).toEqual([renamed.length, new Set(renamed.map(npiOf))])
    expect(seen.find(({ npi }) => npi === npiOf(14))).toEqual({
      subject: npiSubject('practitioner', npiOf(14)),
      npi: npiOf(14),
      field: 'name.family',
      ours: 'Rowan 14',
      theirs: 'Ash',
      state: 'single-source',
      rule: 'only',
      who: ['cedar'],
    })
  })

  it('say on a page for people that there are more', async () => {
    const { text } = await diffNetwork({ data, org: 'alder', field: ['name.family'], limit: '1' })
    expect(text).toContain('alder says something of 1405 subjects; of 196 nobody else does.')
    expect(text).toMatch(/^name\.family +87 +515 +98 +person-name\/1 +602 single-source$/m)
    expect(text).toMatch(/^1\d{9} +Rowan 7 +Elm 7 +single-source +only +cedar\n… and 86 more: --after practitioner\/npi\/1\d{9}$/m)
    expect((await diffNetwork({ data, org: 'alder', field: ['gender'] })).text).toContain('no subject is left where gender differs')
  })

  it('are those of whoever asks', async () => {
    const [mine, theirs] = [await diff({ org: 'cedar' }), await diff({ org: 'birch', field: ['name.family'], limit: '10000' })]
    expect(mine).toMatchObject({ subjects: 6, onlyOurs: 0 })
    expect(theirs.fields['name.family']).toMatchObject({ differs: renamed.length - 2, alone: 0 })
    expect(theirs.list).toMatchObject({ more: 0, next: null })
  })

  it('are none where they are too old to count', async () => {
    expect(await diff({ org: 'dogwood' })).toEqual({ org: 'dogwood', subjects: 0, onlyOurs: 0, fields: {}, list: null })
  })

  it('come out of the command as one JSON value', async () => {
    const main = path.join(import.meta.dirname, '..', 'main.ts')
    const ended = await new Promise<{ readonly out: string; readonly err: string }>((resolve) => {
      execFile(process.execPath, [main, 'directory', 'diff', '--data', data, '--org', 'cedar', '--json'], (_, out, err) => resolve({ out, err }))
    })
    expect(ended.err).toBe('')
    expect(JSON.parse(ended.out)).toMatchObject({ org: 'cedar', subjects: 6, list: null })
  })
})

describe('bad use is told', () => {
  it.each<[string, Partial<NetworkDiffFlags>, RegExp]>([
    [
      'an organization that says nothing',
      { org: 'aldr' },
      /expected an organization that says something here, such as `alder`, `birch`, `cedar`, `dogwood`, found `aldr`/,
    ],
    ['a field', { field: ['phone'] }, /found `phone`; perhaps `mailing\.phone` or .* or `role\.phone`/],
    ['columns of rosters', { field: ['phone=a:b'] }, /expected --field with a field of the directory, found `phone=a:b`/],
    ['two fields', { field: ['gender', 'npi'] }, /expected one --field with --data, found 2/],
    ['a limit', { field: ['gender'], limit: '0' }, /expected --limit from 1 to 10000, found `0`/],
    ['a subject', { field: ['gender'], after: 'nobody' }, /expected a subject as `KIND\/npi\/N` or `KIND\/HASH`/],
    ['a subject that nobody named', { field: ['gender'], after: 'practitioner/npi/1234567893' }, /expected --after with a subject that was listed/],
  ])('%s', async (_, flags, message) => {
    await expect((async () => diffNetwork({ data, org: 'alder', ...flags }))()).rejects.toThrow(message)
  })

  it('no organization, and no directory', async () => {
    expect(() => diffNetwork({ data })).toThrow(/expected --org, found none, and no node’s config\.json/)
    expect(() => diffNetwork({ data: scratch, org: 'alder' })).toThrow(/expected a directory in/)
  })
})
