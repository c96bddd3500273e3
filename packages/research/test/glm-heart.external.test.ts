import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createGlm } from '../src/models/glm.ts'
import { predictGlm } from '../src/models/glm-predict.ts'
import { splitTable } from '../src/table/read.ts'
import type { TextTable } from '../src/table/types.ts'
import { dataOf, estimatesOf, fitStudy, runInFixedPoint } from './glm-study.ts'

/** Heart disease at four hospitals (UCI), as the data's README has the columns, the test rows and the answers. */
const folder = path.join(path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data'), 'research/heart')
const features = Array.from({ length: 13 }, (_, i) => `g${i + 1}`)

function hospital(name: string): TextTable {
  const test = new Set<number>(JSON.parse(readFileSync(path.join(folder, `heart_test_${name}.json`), 'utf8')))
  const lines = readFileSync(path.join(folder, `processed.${name}.data`), 'utf8')
    .trim()
    .split('\n')
  const rows = lines.flatMap((line, i) => {
    const cells = line.split(',')
    if (cells.some((cell, at) => cell === '?' && ![10, 11, 12].includes(at))) return []
    const numbers = cells.filter((_, at) => ![2, 6, 10, 11, 12, 13].includes(at))
    const dummies = [...[2, 3, 4].map((pain) => Number(Number(cells[2]) === pain)), ...[1, 2].map((ecg) => Number(Number(cells[6]) === ecg))]
    return [[...numbers, ...dummies.map(String), String(Number(Number(cells[13]) !== 0)), test.has(i) ? 'test' : 'train']]
  })
  return { header: [...features, 'disease', 'fold'], rows }
}

const hospitals = ['cleveland', 'hungarian', 'switzerland', 'va'].map(hospital)
const split = hospitals.map((site) => splitTable(site, { column: 'fold', test: 'test' }))
const kinds = new Map([...features, 'disease'].map((name) => [name, 'number'] as const))
const formula = `disease ~ ${features.join(' + ')}`
const training = { formula, kinds, sites: split.map((site) => site.training) }

it('has the published coefficients, deviance and accuracy', () => {
  const fit = fitStudy(training, { family: 'binomial', standardize: 'global' })
  const published = [0.13074374, 0.2142279, 0.54725297, 0.03757635, -0.07517159, 0.24047437, -0.32993226, 0.63719878, 0.55041556, -0.16194224, 0.05104998]
  published.push(0.68683991, 0.10526344, 0.19029141)
  expect(fit.rows).toBe(486)
  expect(fit.deviance).toBeCloseTo(406.3365688333, 9)
  estimatesOf(fit).forEach((estimate, i) => expect(Math.abs((estimate ?? Number.NaN) - (published[i] ?? Number.NaN))).toBeLessThan(6e-9))
  const accuracies = dataOf({ formula, kinds, sites: split.map((site) => site.test) }).sites.map(({ x, y }) => {
    const means = predictGlm(fit, x)
    return y.filter((one, i) => Number((means[i] ?? 0) > 0.5) === one).length / y.length
  })
  expect(accuracies.map((one) => one.toFixed(3))).toEqual(['0.769', '0.798', '0.813', '0.822'])
})

it('has the same answer when sums are rounded as masked ones are', () => {
  const { names, sites } = dataOf(training)
  const clear = fitStudy(training, { family: 'binomial', standardize: 'global' })
  const { result, rounds } = runInFixedPoint(createGlm({ family: 'binomial', names, standardize: 'global' }), sites)
  estimatesOf(result).forEach((estimate, i) => expect(estimate).toBeCloseTo(estimatesOf(clear)[i] ?? Number.NaN, 12))
  expect(rounds).toBeLessThan(11)
})
