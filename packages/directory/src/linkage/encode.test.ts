import { describe, expect, expectTypeOf, it } from 'vitest'
import { KEY, OTHER_KEY } from '../../test/link.ts'
import { twoFiles } from '../../test/people.ts'
import { agreeFields } from './agree.ts'
import { describeColumns } from './columns.ts'
import { ENCODED_BITS, type EncodedRecords, encodeRecords, WORDS } from './encode.ts'
import { suggestLinks } from './suggest.ts'

const { a, b } = twoFiles(1, 30, 10)
const fields = agreeFields(describeColumns(a, 'id'), describeColumns(b, 'id'))
const encode = (table = a, key = KEY) => encodeRecords(table, 'id', fields.a, key)

describe('encodings', () => {
  it('hold no text, by type and by their bytes', () => {
    expectTypeOf<Parameters<typeof suggestLinks>[0]>().toEqualTypeOf<EncodedRecords>()
    expectTypeOf<EncodedRecords>().toEqualTypeOf<{ readonly count: number; readonly bits: Uint32Array }>()
    const { shown } = encode()
    expect(Object.keys(shown).sort()).toEqual(['bits', 'count'])
    const bytes = Buffer.from(shown.bits.buffer)
    expect(bytes).toHaveLength((a.rows.length * ENCODED_BITS) / 8)
    const cells = a.rows.flat().filter((cell) => cell.length > 3)
    expect(cells.length).toBeGreaterThan(100)
    for (const cell of cells) expect(bytes.includes(cell)).toBe(false)
  })

  it('are the same for the same key, and for another order of rows', () => {
    const turned = { header: a.header, rows: a.rows.toReversed() }
    expect(encode(turned)).toEqual(encode())
    expect(encode().ids).toEqual(a.rows.map(([id = '']) => id).toSorted((one, two) => (one < two ? -1 : 1)))
  })

  it('have nothing but chance in common under two keys', () => {
    const [one, two] = [encode().shown.bits, encode(a, OTHER_KEY).shown.bits]
    const share = (bits: Uint32Array): number => bits.reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0) / (bits.length * 32)
    const both = one.map((word, i) => word & (two[i] ?? 0))
    expect(share(one)).toBeGreaterThan(0.2)
    expect(share(one)).toBeLessThan(0.5)
    expect(share(both)).toBeCloseTo(share(one) * share(two), 1)
    expect(WORDS * 32).toBe(ENCODED_BITS)
  })

  it('need a key, and ids that are there once', () => {
    expect(() => encode(a, KEY.subarray(1))).toThrow(/expected a key of 32 bytes, found 31/)
    expect(() => encodeRecords(a, 'nothing', fields.a, KEY)).toThrow(/expected a column `nothing`/)
    const [first = []] = a.rows
    expect(() => encode({ header: a.header, rows: [...a.rows, first] })).toThrow(/^row 42: expected each value of column `id` once/)
    expect(() => encode({ header: a.header, rows: [['', ...first.slice(1)]] })).toThrow(/^row 2: expected a value in column `id`/)
  })
})
