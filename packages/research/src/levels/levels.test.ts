import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_ROUNDS } from '../limits.ts'
import { runInTheClear } from '../rounds/types.ts'
import { sortLevels } from '../table/levels.ts'
import type { Table } from '../table/types.ts'
import { codesIn, countLevels } from './codes.ts'
import { levelsFit } from './levels.ts'

function tableOf(columns: Readonly<Record<string, readonly string[]>>): Table {
  const rows = Object.values(columns)[0]?.length ?? 0
  const factors = Object.entries(columns).map(([name, texts]) => {
    const levels = sortLevels(texts)
    return [name, { kind: 'factor' as const, levels, codes: Uint32Array.from(texts, (text) => levels.indexOf(text)) }] as const
  })
  return { rows, columns: new Map(factors), missing: 0 }
}

const repeat = (text: string, times: number) => Array.from({ length: times }, () => text)

describe('levels of all sites', () => {
  it('are found with their rows, in one order, whichever site has which', () => {
    const sites = [{ sex: [...repeat('f', 7), ...repeat('m', 5)] }, { sex: repeat('m', 9) }, { sex: repeat('unknown', 4) }].map(tableOf)
    expect(runInTheClear(levelsFit(['sex'], 3), sites, MAX_ROUNDS)).toEqual([{ column: 'sex', levels: ['f', 'm', 'unknown'], rows: [7, 14, 4] }])
  })

  it('are found through collisions, whatever their texts', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 4 }).filter((one) => one.isWellFormed() && new TextEncoder().encode(one).length <= 32)
    const site = fc.array(text, { maxLength: 60 })
    fc.assert(
      fc.property(fc.array(site, { minLength: 3, maxLength: 5 }), (sites) => {
        fc.pre(sites.flat().length > 0)
        const [found] = runInTheClear(
          levelsFit(['x'], 0),
          sites.map((x) => tableOf({ x })),
          MAX_ROUNDS,
        )
        const pooled = countLevels(tableOf({ x: sites.flat() }), 'x')
        expect(found?.levels).toEqual(sortLevels(sites.flat()))
        expect(found?.rows).toEqual(found?.levels.map((level) => pooled.get(level)))
      }),
      { numRuns: 40 },
    )
  })

  it('are found when there are more than buckets, for several columns at once', () => {
    const codes = Array.from({ length: 450 }, (_, i) => `code ${i}`)
    const sites = [0, 1, 2].map((s) => tableOf({ code: codes.map((code, i) => (i % 3 === s ? code : 'code 0')), arm: codes.map((_, i) => `${i % 12}`) }))
    const [code, arm] = runInTheClear(levelsFit(['code', 'arm'], 0), sites, MAX_ROUNDS)
    expect(code?.levels).toEqual(sortLevels(codes))
    expect(arm?.levels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'])
  })

  it('are refused below the minimum cell in total with the rule, not with the level', () => {
    const sites = [{ x: [...repeat('a', 30), 'rare one'] }, { x: repeat('a', 30) }, { x: repeat('a', 30) }].map(tableOf)
    const run = () => runInTheClear(levelsFit(['x'], 10), sites, MAX_ROUNDS)
    expect(run).toThrow('rule `minimum-cell`')
    expect(run).not.toThrow('rare')
  })

  it('are refused when they are long texts, and when there are too many', () => {
    const long = tableOf({ x: ['a remark about somebody in particular, who lives in the house over there'] })
    expect(() => levelsFit(['x'], 0).contribute(long, levelsFit(['x'], 0).start)).toThrow('column `x` has a level longer than 64 bytes')
    const category = tableOf({ x: ['Native or of several origins (two or more of those above)'] })
    expect(() => levelsFit(['x'], 0).contribute(category, levelsFit(['x'], 0).start)).not.toThrow()
    const many = tableOf({ x: Array.from({ length: 1000 }, (_, i) => `${i}`) })
    expect(() => runInTheClear(levelsFit(['x'], 0), [many, many, many], MAX_ROUNDS)).toThrow('more than 500 levels')
  })

  it('of a number column are its numbers, and codes of an unknown level are refused', () => {
    const table: Table = { rows: 3, columns: new Map([['x', { kind: 'number', values: Float64Array.of(10, 9, 10) }]]), missing: 0 }
    expect(runInTheClear(levelsFit(['x'], 0), [table, table, table], MAX_ROUNDS)).toEqual([{ column: 'x', levels: ['9', '10'], rows: [3, 6] }])
    expect(codesIn(table, 'x', ['9', '10'])).toEqual(Uint32Array.of(1, 0, 1))
    expect(() => codesIn(table, 'x', ['9'])).toThrow('column `x` has a level that is not among the 1 of the study')
  })

  it('look the same at each site: as many numbers, whichever levels it has', () => {
    const fit = levelsFit(['x'], 0)
    const lengths = [repeat('a', 3), Array.from({ length: 200 }, (_, i) => `${i}`), []].map((x) => fit.contribute(tableOf({ x }), fit.start).length)
    expect(new Set(lengths)).toEqual(new Set([fit.lengthOf(fit.start)]))
  })
})
