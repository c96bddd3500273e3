import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv } from './csv-table.ts'
import { DirectoryError } from '../errors.ts'
import { MAX_CELL_CHARACTERS } from '../limits.ts'

const parse = (text: string) => parseCsv(new TextEncoder().encode(text))
const refusal = (bytes: Uint8Array | string): unknown => {
  try {
    return typeof bytes === 'string' ? parse(bytes) : parseCsv(bytes)
  } catch (error) {
    return error instanceof DirectoryError ? `${error.code} ${error.at ?? ''}`.trim() : error
  }
}

describe('parseCsv', () => {
  it('reads what RFC 4180 allows', () => {
    expect(parse('id,name\r\n1,"a, ""b""\r\nc"\r\n2,')).toEqual({
      header: ['id', 'name'],
      rows: [
        ['1', 'a, "b"\r\nc'],
        ['2', ''],
      ],
    })
  })

  it('reads a byte order mark, line feeds alone, blanks around cells and an empty last line', () => {
    expect(parse('\uFEFFid, name\n1, ann \n2, " b " \n\n')).toEqual({
      header: ['id', 'name'],
      rows: [
        ['1', 'ann'],
        ['2', ' b '],
      ],
    })
  })

  it('reads every table that is written with quotation marks', () => {
    const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
      fc.array(
        fc.array(
          fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ') }).filter((cell) => cell !== ''),
          { minLength: width, maxLength: width },
        ),
        { minLength: 1, maxLength: 6 },
      ),
    )
    fc.assert(
      fc.property(table, (rows) => {
        const header = rows[0]?.map((_, i) => `column ${i}`) ?? []
        const text = [header, ...rows].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n')
        expect(parse(text)).toEqual({ header, rows })
      }),
    )
  })

  it.each([
    ['', 'CSV_EMPTY'],
    ['\uFEFF', 'CSV_EMPTY'],
    ['id,name\n', 'CSV_EMPTY'],
    ['id,name\n1,a\n2\n', 'CSV_RAGGED row 3'],
    ['id,name\n1,a\n\n2,b\n', 'CSV_RAGGED row 3'],
    ['id,name\n1,a,b\n', 'CSV_RAGGED row 2'],
    ['id,id\n1,a\n', 'CSV_HEADER row 1'],
    ['id,\n1,a\n', 'CSV_HEADER row 1'],
    ['id;name\n1;a\n', 'CSV_HEADER row 1'],
    ['id,name\n1,"a\n', 'CSV_QUOTES row 2'],
    ['id,name\n1,"a"b\n', 'CSV_QUOTES row 2'],
    ['id,name\n1,a"b"\n', 'CSV_QUOTES row 2'],
    ['id,name\r1,a\r', 'CSV_QUOTES row 1'],
    [`id,name\n1,${'a'.repeat(MAX_CELL_CHARACTERS + 1)}\n`, 'CSV_SIZE row 2'],
    [`${'a,'.repeat(2000)}\n`, 'CSV_SIZE row 1'],
  ])('refuses %j', (text, expected) => {
    expect(refusal(text)).toBe(expected)
  })

  it('names the line that is not UTF-8, and never a cell', () => {
    const latin = Uint8Array.from('id,name\n1,a\n2,Ren\xe9\n', (character) => character.charCodeAt(0))
    expect(refusal(latin)).toBe('CSV_ENCODING line 3')
    expect(() => parse('id,name\n1,secret,x\n')).toThrow(/^row 2: expected 2 cells as in the header, found 3$/)
  })
})
