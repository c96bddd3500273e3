import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { UsageError } from '../output.ts'
import { show, simulate } from './study.ts'
import { verify } from './verify.ts'

/** Sites with policies of their own, as the user of the command meets them. */
const scratch = mkdtempSync(path.join(os.tmpdir(), 'fiducia-study-policy-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const examples = path.join(import.meta.dirname, '..', '..', 'examples', 'study')
const site = ['north', 'south', 'west'].map((name) => `${name}=${path.join(examples, `${name}.csv`)}`)
const put = (name: string, value: object | string): string => {
  const file = path.join(scratch, name)
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  return file
}
const glm = (changes: object) => put('spec.json', { ...(JSON.parse(readFileSync(path.join(examples, 'glm.json'), 'utf8')) as object), ...changes })
const json = (answer: { readonly json: unknown }) => answer.json as any

it('refuses a study that the policy of one site does not allow, with the rule, before anything is run', async () => {
  const policy = [`south=${put('south.json', { dataUse: { permission: 'DUO:0000006', conditions: ['DUO:0000021'] } })}`]
  const refused = await simulate(glm({ purpose: 'DUO:0000006' }), { site, policy })
  expect(refused).toMatchObject({ exitCode: 1, json: { aborted: { code: 'STUDY_POLICY', site: 'south' } } })
  expect(refused.text).toBe('The study was not run to its end: south: rule `purpose`: expected a reference to an ethics approval')
  expect(json(await simulate(glm({ purpose: 'DUO:0000006', ethics: 'board of the south, 7/2026' }), { site, policy })).aborted).toBeNull()
})

it('leaves a bundle of a run that had to be aborted, which verifies', async () => {
  const out = path.join(scratch, 'aborted')
  const { exitCode, json: told, text } = await simulate(glm({ disclosure: { minimumCell: 120 } }), { site, out })
  expect({ exitCode, told }).toMatchObject({ exitCode: 1, told: { aborted: { code: 'STUDY_POLICY' }, bundle: path.join(out, 'study') } })
  expect(text).toMatch(/rule `minimum-cell`[\S\s]*fiducia verify/)
  const verified = verify(path.join(out, 'study'), { trust: path.join(out, 'trust.policy') })
  expect(verified).toMatchObject({ exitCode: 0, json: { valid: true, facts: { abortedBy: 'coordinator', reason: 'policy', rounds: 0 } } })
  expect(existsSync(path.join(out, 'study', 'result.json'))).toBe(false)
})

it('remembers for a site whom it answered for', async () => {
  const rules = { withdrawals: 'withdrawn.txt', person: 'patient', cohorts: 'cohorts.json' }
  const rows = readFileSync(path.join(examples, 'west.csv'), 'utf8').trim().split('\n')
  const west = `west=${put('west.csv', rows.map((row, i) => (i === 0 ? `patient,${row}` : `p${i},${row}`)).join('\n'))}`
  const flags = { site: [...site.slice(0, 2), west], policy: [`west=${put('west.json', rules)}`] }
  put('withdrawn.txt', '')
  expect((await simulate(glm({}), flags)).exitCode).toBe(0)
  put('withdrawn.txt', 'p1\n')
  const again = await simulate(glm({}), flags)
  expect(again.exitCode).toBe(1)
  expect(again.text).toMatch(/west: rule `differencing`/)
})

it('takes its rows from resources, through the view that stands in the study', async () => {
  const resources = path.join(examples, 'resources')
  const answer = await simulate(path.join(resources, 'study.json'), {
    site: ['north', 'south', 'west'].map((name) => `${name}=${path.join(resources, `${name}.ndjson`)}`),
  })
  const { n, coefficients, sites } = json(answer)
  // Of 120 measurements nine were entered in error, and six have no diastolic value.
  expect([n, sites.length, Object.keys(coefficients)]).toEqual([105, 3, ['(Intercept)', 'diastolic', 'armright arm']])
})

it('says where a view is wrong before anything is run, and to whoever reads the study', async () => {
  const wrong = glm({
    view: { resourceType: 'ViewDefinition', status: 'draft', resource: 'Patient', select: [{ column: [{ name: 'sex', path: 'gender.secret()' }] }] },
  })
  for (const work of [simulate(wrong, { site }), Promise.resolve().then(() => show(wrong))])
    await expect(work).rejects.toThrow(/view: .*select\[0\]\.column\[0\].*secret/)
})

it('misses a column that the study uses and its view does not make before anything is run', () => {
  const { view, ...rest } = JSON.parse(readFileSync(path.join(examples, 'resources', 'study.json'), 'utf8')) as { view: object }
  const split = put('spec.json', { ...rest, view, split: { column: 'fold', test: 'test' } })
  return expect(Promise.resolve().then(() => show(split))).rejects.toThrow(/view: expected a column `fold`, which the study uses, found /)
})

it.each([
  ['of no site', () => [`east=${put('east.json', {})}`], /expected the policy of one of the sites, found one of `east`/],
  ['twice', () => [`west=${put('west.json', {})}`, `west=${put('west.json', {})}`], /expected one policy of `west`, found two/],
  ['that is no file', () => [`west=${scratch}`], /expected a site’s policy/],
  ['without a name', () => ['west.json'], /expected --policy as NAME=FILE/],
  ['that is none', () => [`west=${put('west.json', { minimumcell: 3 })}`], /west: .*minimumcell/],
])('takes no policy %s', async (_what, policy, message) => {
  const work = simulate(glm({}), { site, policy: policy() })
  await expect(work).rejects.toBeInstanceOf(UsageError)
  await expect(work).rejects.toThrow(message)
})
