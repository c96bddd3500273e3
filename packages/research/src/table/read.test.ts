import { describe, expect, it } from 'vitest'
import { formatLevel, levelsOf, sortLevels } from './levels.ts'
import { readTable, splitTable } from './read.ts'
import type { ColumnKinds, TextTable } from './types.ts'

const kinds: ColumnKinds = new Map([
  ['age', 'number'],
  ['sex', 'factor'],
  ['weight', 'number'],
])
const table = (...rows: string[]): TextTable => ({ header: ['age', 'sex', 'note', 'weight'], rows: rows.map((row) => row.split(',')) })
const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return 'nothing was refused'
}

describe('a table', () => {
  it('leaves out and counts rows that miss a value in a used column', () => {
    const read = readTable(table('1,f,x,', ' 2 ,m, ,1', 'NA,f,x,1', '4,?,x,1', '5, f ,?,1e1'), kinds, ['age', 'sex'])
    expect(read.rows).toBe(3)
    expect(read.missing).toBe(2)
    expect(read.columns.get('age')).toEqual({ kind: 'number', values: Float64Array.of(1, 2, 5) })
    expect(read.columns.get('sex')).toEqual({ kind: 'factor', levels: ['f', 'm'], codes: Uint32Array.of(0, 1, 0) })
    expect(read.columns.has('weight')).toBe(false)
  })

  it.each(['0x10', '1,000', '1 000', 'NaN', 'Inf', '-Infinity', '1e999', '1e', '.', '--1', '1_0', '١', 'high'])(
    'refuses `%s` as a number without repeating it',
    (cell) => {
      const said = messageOf(() => readTable({ header: ['age'], rows: [['3'], [cell]] }, kinds, ['age']))
      expect(said).toMatch(/^row 3 \(the header is row 1\), column `age`: expected a finite decimal number, found (?:a text|digits that are none)$/)
    },
  )

  it('says of a truth value how it has to be written', () => {
    expect(messageOf(() => readTable({ header: ['age'], rows: [['true']] }, kinds, ['age']))).toContain('found a word for true or false, which are `TRUE`')
  })

  it.each(['0', '-0', '+1', '.5', '5.', '1E3', '1e-300', '007'])('reads `%s` as a number', (cell) => {
    expect(readTable({ header: ['age'], rows: [[cell]] }, kinds, ['age']).columns.get('age')).toEqual({ kind: 'number', values: Float64Array.of(Number(cell)) })
  })

  it('names an undeclared, an absent and a doubled column', () => {
    expect(messageOf(() => readTable(table(), kinds, ['weihgt']))).toBe('the study declares no column `weihgt`; near it: `weight`')
    expect(messageOf(() => readTable({ header: ['agee', 'sex'], rows: [] }, kinds, ['age']))).toBe(
      'expected a column `age`, found none among 2; near it: `agee`',
    )
    expect(messageOf(() => readTable({ header: ['age', 'age'], rows: [] }, kinds, ['age']))).toBe('expected one column `age`, found two')
  })

  it('refuses a row that is cut', () => {
    expect(messageOf(() => readTable(table('1,f,x,2', '1,f,x'), kinds, ['age']))).toBe(
      'row 3 (the header is row 1): expected 4 cells as in the header, found 3',
    )
  })

  it('is split by a column that need not be declared', () => {
    const { training, test } = splitTable(table('1,f,test,1', '2,f,train,1', '3,f, test ,1', '4,f,,1'), { column: 'note', test: 'test' })
    expect(training.rows.map(([age]) => age)).toEqual(['2', '4'])
    expect(readTable(training, kinds, ['age'], ['note'])).toMatchObject({ rows: 1, missing: 1 })
    expect(test.rows.map(([age]) => age)).toEqual(['1', '3'])
    expect(messageOf(() => splitTable(table(), { column: 'fold', test: 'test' }))).toContain('expected a column `fold`')
  })
})

it('a row that was chosen keeps its name', () => {
  const { test } = splitTable(table('1,f,train,1', 'old,f,test,1'), { column: 'note', test: 'test' })
  expect(messageOf(() => readTable(test, kinds, ['age']))).toContain('row 3 (the header is row 1)')
})

it.each([
  ['1', ['1', '1.0', '01', '1e0'], ['0', '0.0', 'one']],
  ['1.0', ['1', '1.0'], ['10']],
  ['T', ['TRUE', 'T'], ['true', 'FALSE', 't']],
  ['test', ['test'], ['Test', 'T', '']],
])('rows are kept aside with `%s` as levels of factors are the same', (wanted, test, training) => {
  const split = splitTable({ header: ['fold'], rows: [...training, ...test].map((cell) => [cell]) }, { column: 'fold', test: wanted })
  expect([split.training, split.test].map(({ rows }) => rows.flat())).toEqual([training, test])
})

describe('levels', () => {
  it('are in the order of the C locale, and by number where all are numbers', () => {
    expect(sortLevels(['b', 'B', 'a', '10', '9', 'b'])).toEqual(['10', '9', 'B', 'a', 'b'])
    expect(sortLevels(['10', '9', '-1', '1e1', '9'])).toEqual(['-1', '9', '10', '1e1'])
  })

  it('of numbers are written as R writes them', () => {
    const written = [0, -0, 1, -2.5, 0.1 + 0.2, 100000, 123456, 1e15, 0.0001, 0.00012, 1 / 3, -1e-20, 1.5e300].map(formatLevel)
    expect(written).toEqual(['0', '0', '1', '-2.5', '0.3', '1e+05', '123456', '1e+15', '1e-04', '0.00012', '0.333333333333333', '-1e-20', '1.5e+300'])
    expect(levelsOf({ kind: 'number', values: Float64Array.of(10, 2, 2, -1) })).toEqual(['-1', '2', '10'])
  })
})
