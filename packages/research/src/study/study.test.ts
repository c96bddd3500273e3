import { describe, expect, it } from 'vitest'
import { readTable } from '../table/read.ts'
import type { Table } from '../table/types.ts'
import { type Program, programBytes, startProgram, type StudyAnswer, usedColumns } from './program.ts'
import { formatSpec, parseSpec, type StudySpec } from './spec.ts'

/** Specs as they are written, and the program that follows from them: run here with sums in the clear. */
const BASE = { title: 'T', purpose: 'DUO:0000006', columns: { y: 'number', x: 'number', f: 'factor', g: 'factor' } }
const spec = (method: object, more: object = {}): StudySpec => parseSpec({ ...BASE, method, ...more })
const glm = (formula: string, more: object = {}) => ({ name: 'glm', family: 'gaussian', formula, ...more })

/** Rows of one site, of which the fourth part lacks `x`. */
function tableOf(study: StudySpec, site: number): Table {
  const rows = Array.from({ length: 40 }, (_, i) => [String(i % 2), i % 4 === 3 ? '' : String(i + site), i % 3 === 0 ? 'a' : 'b'])
  return readTable({ header: ['y', 'x', 'f'], rows }, study.columns, usedColumns(study))
}

function runProgram(study: StudySpec): { readonly answer: StudyAnswer; readonly rounds: number } {
  const tables = [0, 1, 2].map((site) => tableOf(study, site))
  let program: Program = startProgram(study)
  for (let rounds = 1; ; rounds += 1) {
    const sum = new Float64Array(program.length)
    for (const table of tables) program.contribute(table).forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value))
    const next = program.next(sum)
    if ('finished' in next) return { answer: next.finished, rounds }
    program = next
  }
}

describe('a spec', () => {
  it('has one spelling, whatever the order of its members', () => {
    expect(formatSpec({ b: [1.5, { d: 1, c: 'é' }], a: null })).toBe('{"a":null,"b":[1.5,{"c":"é","d":1}]}')
  })

  it('keeps the rules of the sites where it says none', () => {
    expect(spec({ name: 'count' }).disclosure).toEqual({ minimumCell: 10, maxParametersPerRow: 0.1 })
  })

  it.each([
    ['no purpose', { ...BASE, purpose: 'science', method: { name: 'count' } }, /DUO:0000042/],
    ['another member', { ...BASE, method: { name: 'count' }, code: 'print()' }, /unknown member `code`/],
    ['a column of another kind', { ...BASE, columns: { y: 'text' }, method: { name: 'count' } }, /columns\.y/],
    ['no method', { ...BASE, method: {} }, /expected one of count/],
    ['a vector of weights', { ...BASE, method: { name: 'describe', columns: ['y'], weights: [1, 0] } }, /unknown member `weights`/],
    ['one scale without a model', { ...BASE, method: { name: 'count' }, standardize: 'global' }, /expected `none` with count/],
    ['a Cox model without survival', { ...BASE, method: { name: 'cox', formula: 'y ~ x' } }, /Surv/],
    ['a pooled baseline without a grid', { ...BASE, method: { name: 'cox', formula: 'Surv(x, y) ~ f', pooledStrata: true } }, /grid/],
    ['a curve by two columns', { ...BASE, method: { name: 'kaplan-meier', formula: 'Surv(x, y) ~ f + g', grid: [1] } }, /one column on the right/],
    [
      'a description of a column that is not declared',
      { ...BASE, method: { name: 'describe', columns: ['y', 'xx'] } },
      /^method\.columns\[1\].*found `xx`; near it: `x`/,
    ],
    ['a description of a factor', { ...BASE, method: { name: 'describe', columns: ['f'] } }, /^method\.columns\[0\].*found the factor `f`/],
    ['a table of a column that is not declared', { ...BASE, method: { name: 'table', columns: ['h'] } }, /^method\.columns\[0\].*found `h`/],
    ['a histogram of a factor', { ...BASE, method: { name: 'histogram', column: 'f', grid: [1] } }, /^method\.column:.*found the factor `f`/],
    ['a grid that falls', { ...BASE, method: { name: 'histogram', column: 'x', grid: [0, 2, 1] } }, /^method\.grid\[2\].*found 1 after 2/],
    ['a grid that stands', { ...BASE, method: { name: 'kaplan-meier', formula: 'Surv(x, y) ~ 1', grid: [1, 1] } }, /^method\.grid\[1\].*found 1 after 1/],
    ['no coefficient', { ...BASE, method: glm('y ~ 0') }, /^method\.formula.*at least one coefficient/],
    ['rows kept aside by a missing value', { ...BASE, method: glm('y ~ x'), split: { column: 'fold', test: ' NA' } }, /^split\.test/],
    ['rows kept aside by a word among numbers', { ...BASE, method: glm('y ~ x'), split: { column: 'x', test: 'one' } }, /^split\.test.*expected a number/],
    ['noise', { ...BASE, method: { name: 'count' }, privacy: {} }, /privacy/],
  ])('with %s is refused in words', (_, value, message) => {
    expect(() => parseSpec(value)).toThrow(message)
  })
})

describe('a program', () => {
  it('counts who is in and who is left out, and never a small number of them', () => {
    expect(runProgram(spec({ name: 'describe', columns: ['x'] })).answer).toMatchObject({ counted: { n: 90, missing: 30 }, columns: [{ column: 'x', n: 90 }] })
  })

  it('finds the levels of factors before it makes columns of them', () => {
    const { answer } = runProgram(spec(glm('y ~ x + f')))
    if (answer.kind !== 'glm') throw new Error('expected a glm')
    expect(answer.glm.coefficients.map(({ name }) => name)).toEqual(['(Intercept)', 'x', 'fb'])
    expect(answer.glm.rows).toBe(90)
    expect(answer.glm.lastStep).toBeLessThan(1e-4)
  })

  it('gives each round other bytes', () => {
    const program = startProgram(spec({ name: 'count' }))
    expect(programBytes(program)).toHaveLength(4)
    expect(programBytes({ stage: 1, values: Float64Array.of(1) })).toHaveLength(12)
  })

  it.each([
    ['too few rows at a site', spec({ name: 'count' }, { disclosure: { minimumCell: 41 } }), /`minimum-cell`/],
    ['too many parameters', spec(glm('y ~ x * f'), { disclosure: { maxParametersPerRow: 0.1 } }), /`parameters-per-row`/],
    ['too few events', spec(glm('y ~ x', { family: 'binomial' }), { disclosure: { minimumCell: 31 } }), /`minimum-cell`/],
  ])('is refused with %s', (_, study, message) => {
    expect(() => runProgram(study)).toThrow(message)
  })
})
