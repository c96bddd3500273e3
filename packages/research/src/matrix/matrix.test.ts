import { describe, expect, it } from 'vitest'
import { columnsOf, parseFormula } from '../formula/parse.ts'
import { levelsOf } from '../table/levels.ts'
import { readTable } from '../table/read.ts'
import type { ColumnKinds } from '../table/types.ts'
import { columnsWithLevels, createDesign, namesOf } from './design.ts'
import { matrixOf, outcomeOf, strataOf, survivalOf } from './matrix.ts'

const kinds: ColumnKinds = new Map([
  ['y', 'number'],
  ['x', 'number'],
  ['n', 'number'],
  ['two words', 'number'],
  ['f', 'factor'],
  ['g', 'factor'],
  ['h', 'factor'],
])
const levels = new Map([
  ['f', ['A', 'B', 'C']],
  ['g', ['no', 'yes']],
  ['h', ['1', '2']],
  ['n', ['1', '2', '10']],
])
const header = [...kinds.keys()]
const rows = [
  ['1', '2.5', '10', '3', 'A', 'yes', '2'],
  ['0', '-1', '1', '4', 'C', 'no', '1'],
  ['1', '0', '2', '5', 'B', 'yes', '1'],
]
const design = (text: string) => createDesign(parseFormula(text, kinds), kinds, levels)
const table = (text: string) => readTable({ header, rows }, kinds, columnsOf(parseFormula(text, kinds)))

describe('a design', () => {
  it.each([
    ['y ~ 1', '(Intercept)'],
    ['y ~ x + f', '(Intercept) x fB fC'],
    ['y ~ f - 1', 'fA fB fC'],
    ['y ~ x + f + g - 1', 'x fA fB fC gyes'],
    ['y ~ f*g', '(Intercept) fB fC gyes fB:gyes fC:gyes'],
    ['y ~ f:g', '(Intercept) fA:gno fB:gno fC:gno fA:gyes fB:gyes fC:gyes'],
    ['y ~ f + f:g', '(Intercept) fB fC fA:gyes fB:gyes fC:gyes'],
    ['y ~ f:g - 1', 'fA:gno fB:gno fC:gno fA:gyes fB:gyes fC:gyes'],
    ['y ~ f*g - 1', 'fA fB fC gyes fB:gyes fC:gyes'],
    ['y ~ x + x:f', '(Intercept) x x:fB x:fC'],
    ['y ~ x:f', '(Intercept) x:fA x:fB x:fC'],
    // As in R, where `a` lies within `a:b`, though `a` itself is no term.
    ['y ~ f:g + g:h', '(Intercept) fA:gno fB:gno fC:gno fA:gyes fB:gyes fC:gyes gno:h2 gyes:h2'],
    ['y ~ x + x:f - 1', 'x x:fA x:fB x:fC'],
    ['y ~ factor(n)*`two words`', '(Intercept) factor(n)2 factor(n)10 `two words` factor(n)2:`two words` factor(n)10:`two words`'],
    // As R orders a power: each term with each, so that `x` and `n` cross before `f:g` stands by itself.
    [
      'y ~ (x + n + f:g)^2',
      '(Intercept) x n x:n fA:gno fB:gno fC:gno fA:gyes fB:gyes fC:gyes x:fA:gno x:fB:gno x:fC:gno x:fA:gyes x:fB:gyes x:fC:gyes n:fA:gno n:fB:gno n:fC:gno n:fA:gyes n:fB:gyes n:fC:gyes',
    ],
    ['Surv(y, x) ~ f', 'fB fC'],
    ['Surv(y, x) ~ f - 1', 'fB fC'],
  ])('of %s has the coefficients %s', (text, names) => expect(namesOf(design(text)).join(' ')).toBe(names))

  it('needs the levels of its factors, at least two of each', () => {
    expect(columnsWithLevels(parseFormula('factor(n) ~ f + x', kinds), kinds)).toEqual(['n', 'f'])
    expect(columnsWithLevels(parseFormula('Surv(x, y) ~ f + strata(g)', kinds), kinds)).toEqual(['f', 'g'])
    expect(() => createDesign(parseFormula('y ~ f', kinds), kinds, new Map([['f', ['A']]]))).toThrow(
      'expected at least two levels of `f` over all sites, found 1',
    )
  })
})

describe('a model matrix', () => {
  it('has a row for each row, columns as the design', () => {
    const { rows: count, x } = matrixOf(design('y ~ f*x + factor(n)'), table('y ~ f*x + factor(n)'))
    expect(count).toBe(3)
    // (Intercept) fB fC x factor(n)2 factor(n)10 fB:x fC:x
    expect([...x]).toEqual([1, 0, 0, 2.5, 0, 1, 0, 0, 1, 0, 1, -1, 0, 0, -0, -1, 1, 1, 0, 0, 1, 0, 0, 0])
  })

  it('reads outcomes: numbers, factors of two levels, survival and strata', () => {
    expect([...outcomeOf(design('y ~ 1'), table('y ~ 1'))]).toEqual([1, 0, 1])
    expect([...outcomeOf(design('g ~ 1'), table('g ~ 1'))]).toEqual([1, 0, 1])
    expect(() => outcomeOf(design('f ~ 1'), table('f ~ 1'))).toThrow('expected two levels of `f` over all sites, found 3')
    const text = 'Surv(n, y) ~ 1 + strata(f) + strata(g)'
    expect(survivalOf(design(text), table(text))).toEqual({ time: Float64Array.of(10, 1, 2), event: Float64Array.of(1, 0, 1) })
    expect([...strataOf(design(text), table(text))]).toEqual([1, 4, 3])
    expect(() => survivalOf(design('Surv(n, x) ~ 1'), table('Surv(n, x) ~ 1'))).toThrow('expected 0 or 1 in `x`')
  })

  it('has columns of zeros where a site lacks a level, and refuses a level that no site told of', () => {
    const own = readTable({ header: ['f', 'y'], rows: [['C', '1']] }, kinds, ['f', 'y'])
    expect([...matrixOf(design('y ~ f'), own).x]).toEqual([1, 0, 1])
    const other = readTable({ header: ['f', 'y'], rows: [['Z', '1']] }, kinds, ['f', 'y'])
    expect(() => matrixOf(design('y ~ f'), other)).toThrow(/^expected levels of `f` that are among those of all sites, found another one$/)
    expect(levelsOf({ kind: 'factor', levels: ['A'], codes: Uint32Array.of(0) })).toEqual(['A'])
  })
})
