import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseCsv } from '@fiducia/directory'
import { columnsOf, createDesign, createGlm, matrixOf, namesOf, outcomeOf, parseSpec, readTable, runInTheClear } from '@fiducia/research'
import { afterAll, describe, expect, it } from 'vitest'
import { show, simulate } from './study.ts'
import { verify } from './verify.ts'

/** Studies as their user runs them: a process for each site, files as each would have them. */
const scratch = mkdtempSync(path.join(os.tmpdir(), 'fiducia-studies-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const examples = path.join(import.meta.dirname, '..', '..', 'examples', 'study')
const example = (name: string) => path.join(examples, name)
const SITES = ['north', 'south', 'west']
const site = SITES.map((name) => `${name}=${example(`${name}.csv`)}`)
const json = (answer: { readonly json: unknown }) => answer.json as any
const glm = JSON.parse(readFileSync(example('glm.json'), 'utf8')) as { method: object; columns: object }

let count = 0
function specFile(changes: object): string {
  const file = path.join(scratch, `spec-${(count += 1)}.json`)
  writeFileSync(file, JSON.stringify({ ...glm, ...changes }))
  return file
}

/** The same model over all rows in one place. */
function pooled(): ReadonlyMap<string, number | null> {
  const spec = parseSpec(glm)
  if (spec.method.name !== 'glm') throw new Error('expected a glm')
  const { formula, family } = spec.method
  const design = createDesign(formula, spec.columns, new Map([['sex', ['female', 'male']]]))
  const data = SITES.map((name) => {
    const { header, rows } = parseCsv(readFileSync(example(`${name}.csv`)))
    const table = readTable({ header, rows }, spec.columns, columnsOf(formula))
    return { x: matrixOf(design, table).x, y: outcomeOf(design, table), columns: namesOf(design).length }
  })
  const { coefficients } = runInTheClear(createGlm({ family, names: namesOf(design) }), data, 50)
  return new Map(coefficients.map(({ name, estimate }) => [name, estimate]))
}

describe('a logistic study', () => {
  const out = path.join(scratch, 'glm')

  it('gives the numbers of the pooled rows, and a bundle that verifies', async () => {
    const answer = await simulate(example('glm.json'), { site, out })
    expect(answer.exitCode).toBe(0)
    const { coefficients, n, sites, rounds, aborted, bundle } = json(answer)
    expect({ n, aborted, sites: sites.map((one: any) => one.name) }).toEqual({ n: 331, aborted: null, sites: SITES })
    expect(sites.reduce((sum: number, one: any) => sum + one.rows, 0)).toBe(n)
    expect(rounds).toBeGreaterThan(5)
    for (const [name, estimate] of pooled()) expect(coefficients[name].estimate).toBeCloseTo(estimate ?? Number.NaN, 9)
    expect(answer.text).toMatch(/sexmale +0\.66\d+ +0\.23/)
    const verified = verify(bundle, { trust: path.join(out, 'trust.policy') })
    expect(verified).toMatchObject({ exitCode: 0, json: { valid: true, kind: 'study' } })
  })

  it('is not the same study with any other word in its spec, and has no other result', async () => {
    for (const [file, from, to] of [
      ['spec.json', 'disease ~ age', 'disease ~ sex'],
      ['result.json', '"n": 331', '"n": 332'],
      ['card.json', 'north', 'porth'],
      ['models.json', 'AAAA', 'AAAB'],
    ] as const) {
      const place = path.join(out, 'study', file)
      const good = readFileSync(place, 'utf8')
      expect(good).toContain(from)
      writeFileSync(place, good.replace(from, to))
      expect(verify(path.join(out, 'study'), { trust: path.join(out, 'trust.policy') })).toMatchObject({ exitCode: 1 })
      writeFileSync(place, good)
    }
  })

  it('keeps nobody’s row in what it leaves', () => {
    const left = readdirSync(path.join(out, 'study')).map((file) => readFileSync(path.join(out, 'study', file), 'latin1'))
    expect(left.join('')).not.toMatch(/north-\d|south-\d|west-\d/)
  })
})

describe('other methods', () => {
  it('survival curves with their log-rank test', async () => {
    const answer = json(await simulate(example('survival.json'), { site, out: path.join(scratch, 'survival') }))
    expect(Object.keys(answer.curves)).toEqual(['disease=0', 'disease=1'])
    expect(answer.curves['disease=0'][0]).toMatchObject({ time: 6, atRisk: 180 })
    expect(answer.logrank).toMatchObject({ df: 1 })
  })

  it.each([
    ['cox', { name: 'cox', formula: 'Surv(months, died) ~ age + strata(sex)' }, { coefficients: { age: expect.anything() }, concordance: expect.any(Number) }],
    ['count', { name: 'count' }, { n: 340 }],
    ['describe', { name: 'describe', columns: ['age'] }, { columns: [{ column: 'age', n: 340 }] }],
    ['table', { name: 'table', columns: ['sex', 'disease'] }, { table: { rows: { levels: ['female', 'male'] } } }],
    ['histogram', { name: 'histogram', column: 'age', grid: [30, 50, 70, 90] }, { histogram: { n: 340 } }],
  ] as const)('%s', async (_, method, expected) => {
    const columns = { ...glm.columns, months: 'number', died: 'number' }
    expect(json(await simulate(specFile({ method, columns }), { site, out: path.join(scratch, `other-${(count += 1)}`) }))).toMatchObject(expected)
  })
})

describe('a study is refused', () => {
  const refusals: readonly (readonly [string, object, { readonly code: string; readonly message: RegExp }])[] = [
    ['for an unknown column', { method: { ...glm.method, formula: 'disease ~ cholesterol' } }, { code: 'STUDY_FORMULA', message: /cholesterol/ }],
    ['for a formula that breaks off', { method: { ...glm.method, formula: 'disease ~ age +' } }, { code: 'STUDY_FORMULA', message: /character/ }],
    ['for an unknown method', { method: { name: 'forest' } }, { code: 'STUDY_SPEC', message: /expected one of count, describe/ }],
    [
      'for a column that no file has',
      { columns: { ...glm.columns, bmi: 'number' }, method: { ...glm.method, formula: 'disease ~ bmi' } },
      { code: 'STUDY_COLUMN', message: /north: .*bmi/ },
    ],
    ['for noise that is not offered', { privacy: { epsilon: 1, delta: 1e-5, clip: 1 } }, { code: 'STUDY_SPEC', message: /privacy/ }],
  ]
  it.each(refusals)('%s', async (_, changes, { code, message }) => {
    await expect(simulate(specFile(changes), { site })).rejects.toMatchObject({ code, message })
  })

  it('by the policy of a site, in an answer that names the rule', async () => {
    const answer = await simulate(specFile({ disclosure: { minimumCell: 100 } }), { site })
    expect(answer).toMatchObject({ exitCode: 1, json: { aborted: { code: 'STUDY_POLICY', site: 'west' } } })
    expect(answer.text).toContain('minimum-cell')
  })

  it('with two sites, with one name twice, over files that are none', async () => {
    await expect(simulate(example('glm.json'), { site: site.slice(0, 2) })).rejects.toThrow(/at least 3 sites, found 2/)
    await expect(simulate(example('glm.json'), { site: [...site.slice(0, 2), `north=${example('west.csv')}`] })).rejects.toThrow(/different names/)
    await expect(simulate(example('glm.json'), { site: ['a=missing.csv', ...site.slice(1)] })).rejects.toThrow(/missing\.csv/)
  })
})

it('is shown in words to who decides', async () => {
  const { text } = await show(example('glm.json'))
  expect(text).toContain('What leaves a site:')
  expect(text).toContain('binomial model disease ~ age + sex + marker')
  expect(text).toContain('nothing below 10 rows')
})

it('has files for every example that the guide names', () => {
  const guide = readFileSync(path.join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'guide', 'first-study.md'), 'utf8')
  for (const [name] of guide.matchAll(/\b[\w-]+\.(csv|json)\b/g))
    expect({ name, isThere: existsSync(example(name)) || NOT_EXAMPLES.has(name) }).toEqual({ name, isThere: true })
})

const NOT_EXAMPLES: ReadonlySet<string> = new Set(['spec.json', 'result.json', 'card.json', 'models.json', 'study.json'])
