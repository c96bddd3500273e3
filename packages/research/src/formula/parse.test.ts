import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResearchError } from '../errors.ts'
import type { ColumnKinds } from '../table/types.ts'
import { columnsOf, formatFormula, formatVariable, parseFormula } from './parse.ts'

const kinds: ColumnKinds = new Map([
  ...['y', 'a', 'b', 'c', 'd', 'time', 'event', 'age at `entry`\\', '.x_1', '1st', 'if', '𝒜'].map((name) => [name, 'number'] as const),
  ['sex', 'factor'] as const,
])
/** All 511 terms of nine variables, with each other. */
const CROSSED = ['*', ''].map((sign) => `(a*b*c*d*sex*factor(a)*factor(b)*factor(c)*factor(d))${sign}`).join('')
const parse = (text: string) => parseFormula(text, kinds)
const labels = (text: string): string => {
  const { intercept, terms, variables } = parse(text)
  const written = terms.map((term) => term.map((i) => formatVariable(variables[i] ?? { column: '?', factor: false })).join(':'))
  return [intercept ? '1' : '0', ...written].join(' + ')
}

describe('a formula', () => {
  it.each([
    ['y ~ a', '1 + a'],
    ['y~1', '1'],
    ['y ~ 0', '0'],
    ['y ~ a + b + a', '1 + a + b'],
    ['y ~ a * b', '1 + a + b + a:b'],
    ['y ~ a * b * c', '1 + a + b + c + a:b + a:c + b:c + a:b:c'],
    ['y ~ (a + b + c)^2', '1 + a + b + c + a:b + a:c + b:c'],
    ['y ~ (a + b)^1000000', '1 + a + b + a:b'],
    ['y ~ a * b - a', '1 + b + a:b'],
    ['y ~ b:a + a', '1 + a + b:a'],
    ['y ~ a:b + b:a', '1 + a:b'],
    ['y ~ a:b + c', '1 + c + a:b'],
    ['y ~ a + b - 1', '0 + a + b'],
    ['y ~ a + 0 + b', '0 + a + b'],
    ['y ~ a - 1 + 1', '1 + a'],
    ['y ~ -1 + a', '0 + a'],
    ['y ~ (a + b - 1)', '0 + a + b'],
    ['y ~ a - 0', '1 + a'],
    ['y ~ (a + b):c', '1 + a:c + b:c'],
    ['y ~ (a - a + b)*c', '1 + b + c + b:c'],
    ['y ~ factor(a)*sex + a', '1 + factor(a) + sex + a + factor(a):sex'],
    ['y ~ a:a', '1 + a'],
    ['y ~ `1st` + .x_1 + `if`', '1 + `1st` + .x_1 + `if`'],
    ['y ~ `age at \\`entry\\`\\\\`', '1 + `age at \\`entry\\`\\\\`'],
    ['y ~ a - b', '1 + a'],
    [' y\t~\na ', '1 + a'],
  ])('%s has the terms %s', (text, expected) => expect(labels(text)).toBe(expected))

  it('reads a survival outcome and strata', () => {
    const formula = parse('Surv(time, event) ~ a + strata(sex) + b:a + strata(d)')
    expect(formula.outcome).toEqual({ kind: 'survival', time: 'time', event: 'event' })
    expect(formula.strata).toEqual(['sex', 'd'])
    expect(parse('Surv(time, event) ~ a + strata(sex, d)').strata).toEqual(['sex', 'd'])
    expect(columnsOf(formula)).toEqual(['time', 'event', 'a', 'b', 'sex', 'd'])
    expect(parse('factor(sex) ~ 1').outcome).toEqual({ kind: 'variable', variable: { column: 'sex', factor: true } })
  })

  it.each([
    ['', 1, 'expected a column, found the end'],
    ['y', 2, 'expected `~` after the outcome, found the end'],
    ['~ a', 1, 'expected the outcome left of `~`, found nothing'],
    ['y ~', 4, 'expected a column, found the end'],
    ['y ~ a +', 8, 'expected a column, found the end'],
    ['y ~ a b', 7, 'expected + - * : or the end, found `b`'],
    ['y ~ (a + b', 11, 'expected + - * : or `)`, found the end'],
    ['y ~ a)', 6, 'found `)`'],
    ['y ~ a ~ b', 7, 'found `~`'],
    ['y ~ .', 5, 'expected columns by name, found `.`'],
    ['y ~ log(a)', 5, 'found the function `log`'],
    ['y ~ a / b', 7, 'found `/`'],
    ['y ~ a + 2', 9, 'expected a column, 0 or 1, found `2`'],
    ['y ~ a:1', 7, '0 and 1 stand only after + or -'],
    ['y ~ a^b', 7, 'expected a whole number from 1'],
    ['y ~ (a + b)^0', 13, 'expected a whole number from 1'],
    ['y ~ a + y', 9, 'expected another column than left of `~`, found `y` again'],
    ['Surv(time, event) ~ strata(event)', 28, 'found `event` again'],
    ['Surv(time, sex) ~ a', 12, 'expected a column of numbers, found `sex`, declared as a factor'],
    ['y ~ tiem', 5, 'the study declares no column `tiem`; near it: `time`'],
    ['y ~ cholesterol', 5, 'the study declares no column `cholesterol`'],
    ['y ~ `a', 5, 'expected a backtick that closes the name `a`'],
    ['y ~ ``', 5, 'expected a name between backticks'],
    ['Surv(time, event) ~ strata(sex, )', 33, 'expected a column'],
    ['y ~ a:strata(b)', 7, 'found the function `strata`'],
    ['Surv(time, event) ~ a - strata(b)', 25, 'found `strata`'],
    ['y ~ a + strata(b)', 9, 'expected `strata` only right of `Surv`'],
    ['y ~ a 😀', 7, 'found `😀`'],
    [`y ~ ${'('.repeat(51)}`, 55, 'expected at most 50 parentheses'],
    [`y ~ ${'a+'.repeat(6000)}a`, 10_001, 'expected at most 10000 characters'],
    [`y ~ ${CROSSED}`, 6, 'expected terms of at most 1000000 variables to cross'],
    ['y ~ \ud800', 5, 'found `\ufffd`'],
  ])('%s is refused at character %i', (text, character, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'STUDY_FORMULA', at: `formula, character ${character}` }))
    expect(() => parse(text)).toThrow(message)
  })
})

/** Right sides as text, by the grammar. */
const { sum } = fc.letrec<{ sum: string; product: string; atom: string }>((tie) => ({
  sum: fc
    .array(fc.tuple(fc.constantFrom('+', '-'), fc.oneof({ weight: 6, arbitrary: tie('product') }, fc.constantFrom('0', '1'))), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map(([sign, one]) => `${sign} ${one}`).join(' ')),
  product: fc.array(tie('atom'), { minLength: 1, maxLength: 3 }).chain((atoms) => fc.constantFrom('*', ':').map((sign) => atoms.join(sign))),
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c', 'd', 'sex', 'factor(a)', '`age at \\`entry\\`\\\\`', '`𝒜`'),
    tie('sum').map((inner) => `(${inner.replaceAll(/[01]/g, 'a')})`),
    tie('sum').map((inner) => `(${inner.replaceAll(/[01]/g, 'b')})^2`),
  ),
}))

/** Squares of squares of squares are refused for their work, and say nothing of what is written. */
function parseUnlessHuge(text: string) {
  try {
    return parse(text)
  } catch (error) {
    fc.pre(!(error instanceof ResearchError && error.message.includes('variables to cross')))
    throw error
  }
}

describe('a formula of any kind', () => {
  it('reads the same after it was written out', () => {
    fc.assert(
      fc.property(fc.constantFrom('y', 'factor(y)', 'Surv(time, event)'), sum, (left, right) => {
        const once = parseUnlessHuge(`${left} ~ ${right}${left.startsWith('Surv') ? ' + strata(.x_1)' : ''}`)
        expect(parse(formatFormula(once))).toEqual(once)
      }),
    )
  })

  it('is read or refused with a place, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('y', 'a', 'b', '~', '+', '-', '*', ':', '^', '2', '1', '(', ')', ',', 'Surv', 'factor', 'strata', '`', ' ', '%')),
        (words) => {
          try {
            parse(words.join(''))
          } catch (error) {
            expect(error).toMatchObject({ code: 'STUDY_FORMULA', at: expect.stringMatching(/^formula, character \d+$/) })
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
