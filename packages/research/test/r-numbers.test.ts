import { describe, expect, it } from 'vitest'
import type { CoxCoefficient } from '../src/survival/cox-types.ts'
import type { Coefficient } from '../src/models/glm-model.ts'
import type { TextTable } from '../src/table/types.ts'
import { simulateStudy } from './study-run.ts'

/**
 * What R 4.2 with survival 3.5 prints for rows that can be written down in a line, dealt to three sites by `i %% 3`. Numbers are kept here where
 * an answer that is right in itself would be another one than R's: R stops where it stops. `against-r.ts` asks R itself.
 */
const ROWS = Array.from({ length: 150 }, (_, i) => i)
const pairs = (...columns: readonly (readonly [string, (i: number) => number | string])[]): readonly TextTable[] =>
  [0, 1, 2].map((site) => ({
    header: columns.map(([name]) => name),
    rows: ROWS.filter((i) => i % 3 === site).map((i) => columns.map(([, of]) => String(of(i)))),
  }))

function coefficientsOf(spec: object, files: readonly TextTable[]): readonly (Coefficient | CoxCoefficient)[] {
  const { answer } = simulateStudy(spec, files)
  if (answer.kind === 'glm') return answer.glm.coefficients
  if (answer.kind === 'cox') return answer.cox.coefficients
  throw new Error('expected a model')
}
const numbers = (columns: string): object => Object.fromEntries(columns.split(' ').map((name) => [name, 'number']))

/** To the digits that are asked for, of the number and not of its unit. */
function expectNear(found: readonly (number | null | undefined)[], expected: readonly (number | null)[], relative = 1e-10): void {
  expect(found).toHaveLength(expected.length)
  expected.forEach((one, i) => {
    if (one === null) expect(found[i]).toBe(null)
    else expect(Math.abs((found[i] ?? Number.NaN) - one)).toBeLessThanOrEqual(relative * Math.abs(one))
  })
}
const estimates = (of: readonly { readonly estimate: number | null }[]) => of.map(({ estimate }) => estimate)
const errors = (of: readonly { readonly se: number | null }[]) => of.map(({ se }) => se)

// x <- (38*i*i + i) %% 7; z <- (7*i) %% 5; y <- as.numeric((3*i*i + 38*i) %% 11 + x/7*6 > 9)
const x = (i: number) => (38 * i * i + i) % 7
const z = (i: number) => (7 * i) % 5
const y = (i: number) => Number(((3 * i * i + 38 * i) % 11) + (x(i) / 7) * 6 > 9)
// x <- (17*i*i + i) %% 7; t <- 1 + (5*i*i + 17*i) %% 29; e <- as.numeric((i*i + 17) %% 7 > 2)
const w = (i: number) => (17 * i * i + i) % 7
const t = (i: number) => 1 + ((5 * i * i + 17 * i) % 29)
const e = (i: number) => Number((i * i + 17) % 7 > 2)
// m <- (11*i) %% 13; year <- 2000 + (5*i*i) %% 23 / 1000; v <- (i*i) %% 31 - 3*m + 0.2*m*(year - 2000)*1000
const m = (i: number) => (11 * i) % 13
const year = (i: number) => 2000 + ((5 * i * i) % 23) / 1000
const v = (i: number) => ((i * i) % 31) - 3 * m(i) + 0.2 * m(i) * (year(i) - 2000) * 1000

describe('where R stops', () => {
  it('glm(y ~ x*z, binomial): three digits of the last estimate before it comes to rest, four of the errors', () => {
    const found = coefficientsOf(
      { columns: numbers('x z y'), method: { name: 'glm', family: 'binomial', formula: 'y ~ x*z' } },
      pairs(['x', x], ['z', z], ['y', y]),
    )
    expectNear(estimates(found), [-3.6960818875297, 0.82789114493905, 0.20908867144927, -0.00042383354060794])
    expectNear(errors(found), [1.1626603793237, 0.38460960576756, 0.4280220289677, 0.1451470661023])
  })

  // a <- (17*i*i + i) %% 3 - 1 + (i %% 15 == 0)*3; b <- (7*i) %% 5 - 2; n <- least + (i*i) %% 31 + 10*a
  it.each([
    [20, [-2.28969286785938, -0.45283763326924], [0.034964424186245, 0.025030613839673]],
    [33, [-3.02239709147305, -0.29570613034241], [0.023684515494543, 0.017637429833815]],
  ])('glm(n ~ a + b - 1, poisson), counts from %d: past steps that make the deviance worse', (least, wanted, se) => {
    const a = (i: number) => ((17 * i * i + i) % 3) - 1 + (i % 15 === 0 ? 3 : 0)
    const found = coefficientsOf(
      { columns: numbers('n a b'), method: { name: 'glm', family: 'poisson', formula: 'n ~ a + b - 1' } },
      pairs(['n', (i) => least + ((i * i) % 31) + 10 * a(i)], ['a', a], ['b', (i) => ((7 * i) % 5) - 2]),
    )
    expectNear(estimates(found), wanted)
    expectNear(errors(found), se)
  })

  it.each([
    // coxph(Surv(t, e) ~ x*z + strata(i %% 3), ties = ties)
    ['efron', [0.14491376702284, -0.020881796065794, 9.2291603025327e-5], [0.12116511633158, 0.11951492398774, 0.048485155588307], 4.171928786813],
    ['breslow', [0.13176162610077, -0.02288589720033, 0.0030705320195402], [0.1212413844267, 0.11985137823151, 0.048540006116814], 3.7579437962527],
  ])('coxph(Surv(t, e) ~ x*z) with ties by %s', (ties, wanted, se, wald) => {
    const { answer } = simulateStudy(
      { columns: numbers('x z t e'), method: { name: 'cox', formula: 'Surv(t, e) ~ x*z', ties } },
      pairs(['x', w], ['z', z], ['t', t], ['e', e]),
    )
    if (answer.kind !== 'cox') throw new Error('expected a Cox model')
    expectNear(estimates(answer.cox.coefficients), wanted)
    expectNear(errors(answer.cox.coefficients), se)
    expectNear([answer.cox.waldTest?.chisq, answer.cox.concordance?.concordance], [wald, 0.54352895452779])
  })
})

describe('columns that are nearly made of others', () => {
  const glm = (formula: string, near: (i: number) => number = m) =>
    coefficientsOf(
      { columns: numbers('v m year x near'), method: { name: 'glm', family: 'gaussian', formula } },
      pairs(['v', v], ['m', m], ['year', year], ['x', w], ['near', near]),
    )

  it('glm(v ~ year*m): a product far from 0', () => {
    const found = glm('v ~ year*m')
    expectNear(estimates(found), [187289.59453062, -93.637974141566, -448359.93127517, 224.17826968833], 1e-8)
    expectNear(errors(found), [411054.80573414, 205.52599070086, 57414.814712956, 28.707207634079], 1e-8)
  })

  it('near <- x + 1e-6*((3*i*i) %% 11); glm(v ~ x + near): alike to six digits', () => {
    const found = glm('v ~ x + near', (i) => w(i) + 1e-6 * ((3 * i * i) % 11))
    expectNear(estimates(found), [13.547357720802, 388673.00349847, -388673.52944988], 1e-8)
    expectNear(errors(found), [2.2799939067545, 360757.19295912, 360757.19055314], 1e-8)
  })

  it('apart <- x + 1e-12*((3*i*i) %% 11); glm(v ~ x + apart): the same column, by the bound of 1e-11', () => {
    expectNear(estimates(glm('v ~ x + near', (i) => w(i) + 1e-12 * ((3 * i * i) % 11))), [11.990038347566, -0.52854279239464, null], 1e-8)
  })
})

describe('levels', () => {
  const spec = { columns: { k: 'factor', v: 'number' }, method: { name: 'glm', family: 'gaussian', formula: 'v ~ k' } }

  it('of a column of numbers are numbers, however they are written: glm(v ~ factor(as.numeric(k)))', () => {
    const found = coefficientsOf(spec, pairs(['k', (i) => ['1', '1.0', '2', '1e1'][(3 * i + Math.floor(i / 4)) % 4] ?? ''], ['v', v]))
    expect(found.map(({ name }) => name)).toEqual(['(Intercept)', 'k2', 'k10'])
    expectNear(estimates(found), [10.4605263158, 2.3773115220411, -0.43349928876282], 1e-9)
  })

  it('of a column with another text stay as they are written', () => {
    const found = coefficientsOf(spec, pairs(['k', (i) => ['1', '1.0', 'none'][i % 7 === 0 ? 2 : i % 2] ?? ''], ['v', v]))
    expect(found.map(({ name }) => name)).toEqual(['(Intercept)', 'k1.0', 'knone'])
  })

  it('of truth values are TRUE and FALSE, which count as 1 and 0 in a column of numbers; other words are words', () => {
    const names = (k: readonly [string, string]) => coefficientsOf(spec, pairs(['k', (i) => k[i % 2] ?? ''], ['v', v])).map(({ name }) => name)
    expect(names(['F', 'T'])).toEqual(['(Intercept)', 'kTRUE'])
    expect(names(['FALSE', 'T'])).toEqual(['(Intercept)', 'kTRUE'])
    expect(names(['false', 'true'])).toEqual(['(Intercept)', 'ktrue'])
    const counted = coefficientsOf({ ...spec, columns: numbers('k v') }, pairs(['k', (i) => (i % 2 === 0 ? 'FALSE' : 'TRUE')], ['v', v]))
    // flag <- i %% 2 == 1; glm(v ~ flag)
    expectNear(estimates(counted), [11.186666666663, -0.49333333330867], 1e-10)
    expect(counted[1]?.name).toBe('k')
  })
})

describe('outcomes', () => {
  const glm = (family: string, of: (i: number) => number | string, kind = 'number') =>
    coefficientsOf({ columns: { o: kind, x: 'number' }, method: { name: 'glm', family, formula: 'o ~ x' } }, pairs(['o', of], ['x', x]))

  it('may be the same count in all rows: glm(rep(3, 150) ~ x, poisson)', () => {
    const found = glm('poisson', () => 3)
    expectNear([found[0]?.estimate, ...errors(found)], [1.0986122886681, 0.080758843649004, 0.033006353983155], 1e-10)
    expect(Math.abs(found[1]?.estimate ?? Number.NaN)).toBeLessThan(1e-14)
  })

  it.each([
    ['binomial', (i: number) => 1 + (i % 2), 'number', /expected 0 or 1, or a factor of two levels/],
    ['gaussian', (i: number) => `${i % 2}`, 'factor', /expected a column of numbers on the left of a gaussian model/],
    ['poisson', (i: number) => `${i % 2}`, 'factor', /expected a column of numbers on the left of a poisson model/],
    ['poisson', () => 0, 'number', /expected counts above 0/],
    ['gaussian', (i: number) => `${i}e-300`, 'number', /found smaller ones in the outcome; choose another unit/],
    ['gaussian', (i: number) => `${i}e300`, 'number', /found larger ones in the outcome; choose another unit/],
  ])('of a %s model that are none are refused in words (%#)', (family, of, kind, message) => {
    expect(() => glm(family, of, kind)).toThrow(message)
  })

  it('of a survival are for a Cox model', () => {
    const spec = { columns: numbers('t e x'), method: { name: 'glm', family: 'gaussian', formula: 'Surv(t, e) ~ x' } }
    expect(() => coefficientsOf(spec, [])).toThrow(/expected a column on the left, found `Surv`/)
  })
})
