import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { parseSpec } from '@fiducia/research'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { openSiteRows } from './site-rows.ts'

/** What is left of a site's file by its own policy, by consents and withdrawals, and by what it answered for before. */
const scratch = mkdtempSync(path.join(os.tmpdir(), 'fiducia-site-rows-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const SPEC = {
  title: 'Ages',
  purpose: 'DUO:0000006',
  columns: { age: 'number', weight: 'number' },
  method: { name: 'describe', columns: ['age'] },
}
const at = (name: string): string => path.join(scratch, name)
const rowOf = (i: number, consent = 'DUO:0000042', fold = 'train') => `p${i},${20 + i},${60 + i},${consent},${fold}`
const file = at('rows.csv')
const policy = at('policy.json')
const write = (rows: readonly string[]) => writeFileSync(file, ['patient,age,weight,consent,fold', ...rows].join('\n'))
const allow = (rules: object) => writeFileSync(policy, JSON.stringify(rules))
const open = (changes: object = {}) => openSiteRows(parseSpec({ ...SPEC, ...changes }), { file, policy })
const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown'
  }
  return 'allowed'
}

beforeEach(() => {
  write(Array.from({ length: 40 }, (_, i) => rowOf(i)))
  writeFileSync(at('withdrawn.txt'), '')
  rmSync(at('cohorts.json'), { force: true })
})

describe('a site’s policy', () => {
  it('is the study’s where the site has none', async () => {
    expect((await openSiteRows(parseSpec(SPEC), { file })).training.rows).toBe(40)
  })

  it('wins over the study’s', async () => {
    allow({ minimumCell: 20 })
    expect(await refusalOf(open())).toBe('rule `site-policy`: expected a minimum cell of 20 or more, found 10')
    expect((await open({ disclosure: { minimumCell: 20 } })).training.rows).toBe(40)
    allow({ maxParametersPerRow: 0.05 })
    expect(await refusalOf(open())).toMatch(/rule `site-policy`: expected at most 0\.05 parameters per row/)
  })

  it('says for what the data may be used', async () => {
    allow({ dataUse: { permission: 'DUO:0000007', diseases: ['MONDO:0005148'], conditions: ['DUO:0000021'] } })
    expect(await refusalOf(open())).toMatch(/rule `purpose`: `DUO:0000007` does not cover health, medical or biomedical research/)
    const diabetes = { purpose: 'DUO:0000007', disease: 'MONDO:0005148' }
    expect(await refusalOf(open(diabetes))).toMatch(/expected a reference to an ethics approval/)
    expect((await open({ ...diabetes, ethics: 'board of the north, 12/2026' })).training.rows).toBe(40)
    expect(await refusalOf(open({ ...diabetes, disease: 'MONDO:0004975', ethics: 'board of the north, 12/2026' }))).toMatch(
      /does not cover disease-specific research/,
    )
  })

  it.each([
    ['no JSON', 'minimum: 10'],
    ['a rule that nothing reads', '{"minimum": 10}'],
    ['a cell of nobody', '{"minimumCell": 0}'],
    ['a share above one', '{"maxParametersPerRow": 2}'],
    ['a permission without a code', '{"dataUse": {"permission": "any"}}'],
    ['withdrawals of nobody named', '{"withdrawals": "withdrawn.txt"}'],
  ])('is refused when it is %s', async (_what, text) => {
    writeFileSync(policy, text)
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: 'STUDY_SITE_POLICY' }))
  })
})

describe('the cohort', () => {
  it('has whom their own consent permits', async () => {
    const consents = ['DUO:0000042', 'DUO:0000006', 'DUO:0000007 MONDO:0005148', 'DUO:0000011', 'DUO:0000042 DUO:0000024', 'yes', '', 'NA']
    write(Array.from({ length: 40 }, (_, i) => rowOf(i, consents[i % consents.length])))
    allow({ consent: 'consent' })
    expect((await open()).training.rows).toBe(10)
    expect((await open({ purpose: 'DUO:0000007', disease: 'MONDO:0005148' })).training.rows).toBe(15)
    expect((await open({ purpose: 'DUO:0000011' })).training.rows).toBe(10)
  })

  it('has nobody who withdrew, and says when somebody does later', async () => {
    allow({ person: 'patient', withdrawals: 'withdrawn.txt' })
    writeFileSync(at('withdrawn.txt'), 'p3\np4\n\nsomebody else\n')
    const rows = await open()
    expect([rows.training.rows, rows.hasWithdrawal()]).toEqual([38, false])
    writeFileSync(at('withdrawn.txt'), 'p3\r\np4\r\np39\r\n')
    expect(rows.hasWithdrawal()).toBe(true)
    rmSync(at('withdrawn.txt'))
    expect(() => rows.hasWithdrawal()).toThrow(/expected the list of withdrawals/)
  })

  it('needs the columns that the policy names, and a person in every row', async () => {
    allow({ consent: 'consents' })
    expect(await refusalOf(open())).toMatch(/expected a column `consents`/)
    allow({ person: 'patient' })
    write([...Array.from({ length: 20 }, (_, i) => rowOf(i)), ',44,80,DUO:0000042,train'])
    expect(await refusalOf(open())).toBe('row 22 (the header is row 1): expected the person in every row, found none')
  })
})

describe('cohorts that were answered for', () => {
  const answered = async (changes?: object) => {
    const rows = await open(changes)
    rows.remember()
    return rows.training.rows
  }

  it('may be asked again, and differ by the minimum cell at least', async () => {
    allow({ person: 'patient', withdrawals: 'withdrawn.txt', cohorts: 'cohorts.json' })
    expect([await answered(), await answered()]).toEqual([40, 40])
    const leave = (count: number) => writeFileSync(at('withdrawn.txt'), Array.from({ length: count }, (_, i) => `p${i}`).join('\n'))
    leave(1)
    expect(await refusalOf(open())).toMatch(/rule `differencing`: expected a cohort that is an earlier one or differs from it by at least 10 rows/)
    leave(9)
    expect(await refusalOf(open())).toMatch(/rule `differencing`/)
    leave(10)
    expect(await answered()).toBe(30)
    leave(11)
    expect(await refusalOf(open())).toMatch(/rule `differencing`/)
  })

  it('are looked for in training and test rows alike', async () => {
    const split = { split: { column: 'fold', test: 'test' } }
    const rows = (tests: number) => write(Array.from({ length: 60 }, (_, i) => rowOf(i, '', i < tests ? 'test' : 'train')))
    allow({ person: 'patient', cohorts: 'cohorts.json' })
    rows(20)
    expect(await answered(split)).toBe(40)
    rows(21)
    expect(await refusalOf(open(split))).toMatch(/rule `differencing`/)
    rows(30)
    expect(await answered(split)).toBe(30)
  })

  it('are known by their rows where nobody is named', async () => {
    allow({ cohorts: 'cohorts.json' })
    expect(await answered()).toBe(40)
    write(Array.from({ length: 39 }, (_, i) => rowOf(i)))
    expect(await refusalOf(open())).toMatch(/rule `differencing`/)
  })

  it('are kept as digests, and a memory that was spoilt is no empty one', async () => {
    allow({ person: 'patient', cohorts: 'cohorts.json' })
    await answered()
    const kept = readFileSync(at('cohorts.json'), 'utf8')
    expect(kept).not.toMatch(/p1\b/)
    writeFileSync(at('cohorts.json'), kept.slice(0, -20))
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: 'STUDY_SITE_POLICY' }))
  })
})

describe('resources through the study’s view', () => {
  const view = {
    resourceType: 'ViewDefinition',
    resource: 'Patient',
    status: 'active',
    select: [
      {
        column: [
          { name: 'patient', path: 'getResourceKey()' },
          { name: 'sex', path: 'gender' },
          { name: 'weight', path: 'extension.where(url = %weight).value.ofType(decimal)' },
          { name: 'active', path: 'active' },
        ],
      },
    ],
    constant: [{ name: 'weight', valueUri: 'urn:weight' }],
    where: [{ path: 'deceased.ofType(boolean).exists().not()' }],
  }
  const patient = (i: number) => ({
    resourceType: 'Patient',
    id: `a${i}`,
    gender: i % 2 === 0 ? 'female' : 'male',
    active: i % 3 === 0,
    ...(i === 5 ? { deceasedBoolean: true } : {}),
    ...(i === 7 ? {} : { extension: [{ url: 'urn:weight', valueDecimal: 50.5 + i }] }),
  })
  const study = {
    view,
    columns: { weight: 'number', sex: 'factor', active: 'factor' },
    method: { name: 'glm', family: 'gaussian', formula: 'weight ~ sex + active' },
  }
  const resources = (text: string) => writeFileSync(file, text)

  it('are the rows of the study, and those without a value are counted', async () => {
    resources(Array.from({ length: 40 }, (_, i) => JSON.stringify(patient(i))).join('\n'))
    const { training } = await openSiteRows(parseSpec({ ...SPEC, ...study }), { file })
    expect([training.rows, training.missing]).toEqual([38, 1])
    expect(training.columns.get('active')).toMatchObject({ levels: ['FALSE', 'TRUE'] })
    resources(JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: Array.from({ length: 40 }, (_, i) => ({ resource: patient(i) })) }, null, 1))
    expect((await openSiteRows(parseSpec({ ...SPEC, ...study }), { file })).training.rows).toBe(38)
  })

  it('may say yes and no as the event of a model', async () => {
    resources(Array.from({ length: 40 }, (_, i) => JSON.stringify(patient(i))).join('\n'))
    const columns = { weight: 'number', sex: 'factor', active: 'number' }
    const { training } = await openSiteRows(parseSpec({ ...SPEC, view, columns, method: { name: 'glm', family: 'binomial', formula: 'active ~ sex' } }), {
      file,
    })
    expect(training.columns.get('active')).toMatchObject({ values: Float64Array.from({ length: 39 }, (_, i) => Number((i < 5 ? i : i + 1) % 3 === 0)) })
  })

  const three = [patient(0), patient(1), patient(2)]
  const bundle = (of: readonly object[]) => ({ resourceType: 'Bundle', entry: of.map((resource) => ({ resource })) })
  it.each([
    ['NDJSON with a byte order mark', `\uFEFF${three.map((one) => JSON.stringify(one)).join('\r\n')}\r\n\r\n`],
    ['an array over many lines', JSON.stringify(three, null, 2)],
    ['an array of Bundles', JSON.stringify([bundle(three.slice(0, 2)), bundle(three.slice(2))])],
    ['Bundles line by line', `${JSON.stringify(bundle(three.slice(0, 2)))}\n${JSON.stringify(bundle(three.slice(2)))}\n`],
    ['a Bundle in a Bundle', JSON.stringify(bundle([bundle(three)]), null, 1)],
    ['gzip', gzipSync(three.map((one) => JSON.stringify(one)).join('\n'))],
  ])('may come as %s', async (_, bytes) => {
    writeFileSync(file, bytes)
    expect((await openSiteRows(parseSpec({ ...SPEC, ...study }), { file })).training.rows).toBe(3)
  })

  it('are understood as a whole or not at all', async () => {
    const refused = (value: unknown) => {
      resources(JSON.stringify(value))
      return refusalOf(openSiteRows(parseSpec({ ...SPEC, ...study }), { file }))
    }
    expect(await refused({ resourceType: 'Bundle', entry: { resource: patient(0) } })).toBe('line 1 entry: expected a list of entries, found an object')
    expect(await refused([patient(0), 7])).toBe('line 1[1]: expected a FHIR resource with a resourceType, found another value')
    writeFileSync(file, gzipSync('{}').subarray(0, 12))
    expect(await refusalOf(openSiteRows(parseSpec({ ...SPEC, ...study }), { file }))).toMatch(/expected FHIR resources as gzip/)
  })

  it('are refused with what is wrong, in the view or in a resource', async () => {
    const refused = (changes: object) => refusalOf(openSiteRows(parseSpec({ ...SPEC, ...study, ...changes }), { file }))
    resources(`${JSON.stringify(patient(1))}\n{"resourceType": "Patient"`)
    expect(await refused({})).toBe('line 2: expected a FHIR resource as JSON, found other text')
    expect(await refused({ view: { ...view, select: [{ column: [{ name: 'sex', path: 'gender.secret()' }] }] } })).toMatch(/^view: .*secret/)
    resources(JSON.stringify({ ...patient(1), name: [{ given: ['A', 'B'] }] }))
    expect(await refused({ view: { ...view, select: [{ column: [{ name: 'weight', path: 'name.given', collection: true }] }] } })).toMatch(/found a list/)
    expect(() => parseSpec({ ...SPEC, ...study, view: 'patients' })).toThrow(/view: expected a ViewDefinition/)
  })
})
