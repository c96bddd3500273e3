import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseCsv } from '@fiducia/directory'
import { columnsOf, createDesign, createGlm, matrixOf, namesOf, outcomeOf, parseSpec, readTable, runInTheClear } from '@fiducia/research'
import { afterAll, describe, expect, it } from 'vitest'
import { elementsOf, foreignParts, readXml, textOf } from '../../test/read-xml.ts'
import type { Answer } from '../output.ts'
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
    expect(answer.text).toMatch(/sexmale +0\.66\d+ +0\.23[^]*odds ratio[^]*AIC[^]*Converged after \d+ iterations/)
    expectFiles(answer, out, ['model.safetensors', 'card.md'])
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

/** Each file is written, told to people and to programs, and without anybody's row; no other is there. */
function expectFiles(answer: Answer, out: string, files: readonly string[]): void {
  const written = ['trust.policy', ...files].map((file) => path.join(out, file))
  expect(json(answer).files).toEqual(written)
  expect(readdirSync(out).toSorted()).toEqual(['study', 'trust.policy', ...files].toSorted())
  for (const file of written) expect(answer.text).toContain(file)
  expect(files.map((file) => readFileSync(path.join(out, file), 'utf8')).join('')).not.toMatch(/north-\d|south-\d|west-\d/)
  expect(answer.text).not.toMatch(/[{}]|: null|undefined|NaN/)
}

describe('every method', () => {
  const columns = { ...glm.columns, months: 'number', died: 'number' }
  const methods: readonly (readonly [string, object, object, RegExp, readonly string[]])[] = [
    [
      'cox',
      { name: 'cox', formula: 'Surv(months, died) ~ age + strata(sex)' },
      { coefficients: { age: { kind: 'estimated' } }, concordance: expect.any(Number) },
      /hazard ratio[^]*Wald test[^]*concordance[^]*Converged/,
      ['model.safetensors', 'card.md'],
    ],
    ['count', { name: 'count' }, { n: 340 }, /340 rows of north \(140\)/, ['card.md']],
    ['describe', { name: 'describe', columns: ['age'] }, { columns: [{ column: 'age', n: 340 }] }, /age +340 +0 +58\.\d+/, ['card.md']],
    ['table', { name: 'table', columns: ['sex', 'died'] }, { table: { rows: { levels: ['female', 'male'] } } }, /sex \\ died +0 +1 +all\nfemale/, ['card.md']],
    [
      'histogram',
      { name: 'histogram', column: 'age', grid: [30, 50, 70, 90] },
      { histogram: { n: 340 } },
      /\(50, 70\] +\d+ +█+\n/,
      ['histogram.svg', 'card.md'],
    ],
  ]
  it.each(methods)('%s tells what it found, to people and to programs, and leaves its files', async (name, method, expected, text, files) => {
    const out = path.join(scratch, `method-${name}`)
    const answer = await simulate(specFile({ method, columns }), { site, out })
    expect(json(answer)).toMatchObject(expected)
    expect(answer.text).toMatch(text)
    expectFiles(answer, out, files)
  })

  it('keeps the same files below the temporary directory where no folder is named', async () => {
    const { bundle, files } = json(await simulate(specFile({ method: { name: 'count' } }), { site }))
    expect(files.map((file: string) => path.basename(file))).toEqual(['trust.policy', 'card.md'])
    expect(path.dirname(files[0])).toBe(path.dirname(bundle))
    rmSync(path.dirname(bundle), { recursive: true })
  })

  it('curves tell in their drawing what their table tells', async () => {
    const out = path.join(scratch, 'survival')
    const answer = await simulate(example('survival.json'), { site, out })
    const { curves, logrank } = json(answer)
    expect(Object.keys(curves)).toEqual(['disease=0', 'disease=1'])
    expect(curves['disease=0'][0]).toMatchObject({ time: 6, atRisk: 180 })
    expect(logrank).toMatchObject({ df: 1 })
    expect(answer.text).toMatch(/disease=1\ntime +at risk +events +survival +std\. error +95 % interval\n +6 +160 +27/)
    expect(answer.text).toContain('from 60 on fewer than 10 are at risk: how many is not told')
    expectFiles(answer, out, ['curves.svg', 'card.md'])
    const svg = readXml(readFileSync(path.join(out, 'curves.svg'), 'utf8'))
    expect(foreignParts(svg)).toEqual([])
    expect(elementsOf(svg, 'text').map(textOf)).toEqual(expect.arrayContaining(['disease=0', '180', '28', '<10']))
  })

  it('keeps rows aside and tells how the model does on them', async () => {
    const answer = await simulate(specFile({ split: { column: 'sex', test: 'female' }, method: { ...glm.method, formula: 'disease ~ age' } }), {
      site,
      out: path.join(scratch, 'split'),
    })
    const { test } = json(answer)
    expect(Object.keys(test.bySite)).toEqual(SITES)
    expect(answer.text).toMatch(/Rows kept aside \(`sex` is `female`\)[^]*north +\d+ +\d+\.\d %\n/)
    const card = JSON.parse(readFileSync(path.join(scratch, 'split', 'study', 'card.json'), 'utf8'))
    expect(card.test).toEqual(test)
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
  const text = (await show(example('glm.json'))).text.replaceAll(/\s+/g, ' ')
  for (const words of [
    'Health, medical or biomedical research (DUO:0000006',
    'binomial model disease ~ age + sex + marker',
    'How “disease” (yes or no) goes with other columns',
    'if it has a value in “disease”, “age”, “sex” and “marker”',
    'What leaves a site:',
    'the levels of “sex”',
    'a row, or a value of a row',
    'nothing below 10 rows',
    'An aggregate without noise is not private',
  ])
    expect(text).toContain(words)
})

// ---- the guide ------------------------------------------------------------------------------------------------------------

const root = path.join(import.meta.dirname, '..', '..', '..', '..')
const guide = readFileSync(path.join(root, 'docs', 'guide', 'first-study.md'), 'utf8')

describe('the guide', () => {
  it('names files that are there', () => {
    for (const [name] of guide.matchAll(/[\w/-]+\.(csv|json|ndjson)\b/g))
      expect({ name, isThere: existsSync(example(name)) || NOT_EXAMPLES.has(name) }).toEqual({ name, isThere: true })
  })

  it('has commands that do what it says, and names every file that they leave', () => {
    const commands = guide.match(/^npx fiducia .*/gm) ?? []
    expect(commands.length).toBeGreaterThanOrEqual(5)
    const made = new Set<string>()
    for (const command of commands) {
      const [, , ...words] = command.replaceAll('/tmp/', `${scratch}/guide-`).split(' ')
      const { status, stdout } = spawnSync(process.execPath, [path.join(root, 'packages', 'cli', 'src', 'main.ts'), ...words, '--json'], {
        cwd: examples,
        encoding: 'utf8',
      })
      expect({ command, status }).toEqual({ command, status: 0 })
      for (const file of JSON.parse(stdout).files ?? []) made.add(path.basename(file))
    }
    for (const name of made) expect(guide).toContain(`\`${name}\``)
  })
})

const NOT_EXAMPLES: ReadonlySet<string> = new Set(['spec.json', 'result.json', 'card.json', 'models.json', 'study.json'])
