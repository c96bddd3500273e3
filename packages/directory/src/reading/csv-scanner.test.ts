import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DirectoryError } from '../errors.ts'
import { MAX_CELL_BYTES, MAX_CSV_COLUMNS } from '../limits.ts'
import { createCsvScanner } from './csv-scanner.ts'

const encode = (text: string) => new TextEncoder().encode(text)

interface Seen {
  readonly number: number
  readonly cells: readonly string[]
  readonly fault: string
}

/** Rows of a file whose bytes come in chunks of these sizes, over and over. */
function scan(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): readonly Seen[] {
  const rows: Seen[] = []
  const scanner = createCsvScanner((row) => {
    rows.push({ number: row.number, cells: row.cells(), fault: row.fault === undefined ? '' : `${row.fault.kind} ${row.fault.column}` })
  })
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1)
    // A caller may use its buffer again.
    const chunk = bytes.slice(at, at + size)
    scanner.push(chunk)
    chunk.fill(0x22)
    at += size
  }
  scanner.end()
  return rows
}

const cellsOf = (text: string) => scan(encode(text)).map(({ cells }) => cells)

function refusal(bytes: Uint8Array): string {
  try {
    scan(bytes, [64 * 1024])
    return 'read'
  } catch (error) {
    if (error instanceof DirectoryError) return `${error.code} ${error.at}`
    throw error
  }
}

describe('a scanned file', () => {
  it('gives the same rows wherever its chunks are cut', () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'é', '🩺', ' ', '7') }),
      fc.string({ unit: fc.constantFrom('a', '€', '"', ',', '\n', '\r\n', ' ') }).map((text) => `"${text.replaceAll('"', '""')}"`),
    )
    const file = fc.array(
      fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(',')),
      { maxLength: 6 },
    )
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(file, fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\uFEFF'), sizes, (rows, end, mark, cuts) => {
        const bytes = encode(mark + rows.join(end))
        expect(scan(bytes, cuts)).toEqual(scan(bytes))
      }),
    )
  })

  it('spoils one row and no other where its bytes are no UTF-8 or its quotation marks are astray', () => {
    const latin = Uint8Array.from('id,name,city\n1,a,b\n2,c,Z\xfcrich\n3,"d"x,e\n4,f"g,h\n5,i\rj,k\n6,l,m\n', (character) => character.charCodeAt(0))
    for (const sizes of [[latin.length], [1], [5, 3]])
      expect(scan(latin, sizes).map(({ number, fault }) => [number, fault])).toEqual([
        [1, ''],
        [2, ''],
        [3, 'encoding 2'],
        [4, 'form 1'],
        [5, 'form 1'],
        [6, 'form 1'],
        [7, ''],
      ])
  })

  it('counts rows as a spreadsheet does: a line break in a cell starts none, a blank line is one but not at the end', () => {
    expect(scan(encode('a,b\n"1\n2",x\n\n3,y\n\n \n')).map(({ number, cells }) => [number, cells])).toEqual([
      [1, ['a', 'b']],
      [2, ['1\n2', 'x']],
      [3, ['']],
      [4, ['3', 'y']],
    ])
    expect(cellsOf('')).toEqual([])
    expect(cellsOf('a')).toEqual([['a']])
    expect(cellsOf('a,\r\n')).toEqual([['a', '']])
  })

  it('knows a row again, and no other', () => {
    const prints: number[] = []
    const scanner = createCsvScanner((row) => prints.push(row.fingerprint()))
    scanner.push(encode('1,ann,x\n1,ann,y\n1,ann,x\n1,anna,x\n'))
    scanner.end()
    expect(prints[2]).toBe(prints[0])
    expect(new Set(prints).size).toBe(3)
  })
})

describe('a hostile file', () => {
  const long = (head: string, byte: string, count: number) => encode(head + byte.repeat(count))

  it.each<[string, Uint8Array, string]>([
    ['a quotation mark that is never closed', encode('a,b\n1,"x\n2,y\n'), 'CSV_QUOTES row 2'],
    ['the same in a file that goes on', long('a,b\n1,"', 'x,y\n', MAX_CELL_BYTES), 'CSV_SIZE row 2'],
    ['a cell without end', long('a,b\n1,', 'x', 4 * MAX_CELL_BYTES), 'CSV_SIZE row 2'],
    ['columns without end', long('', 'a,', MAX_CSV_COLUMNS + 1), 'CSV_SIZE row 1'],
    ['a row without end', long('', `${'x'.repeat(MAX_CELL_BYTES - 1)},`, 100), 'CSV_SIZE row 1'],
  ])('with %s is told where', (_, bytes, expected) => {
    expect(refusal(bytes)).toBe(expected)
  })

  it('of random bytes throws nothing but a DirectoryError', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x61, 0xff), { maxLength: 60 }).map((some) => Uint8Array.from(some)),
    )
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (some, size) => {
        try {
          expect(scan(some, [size]).length).toBeLessThanOrEqual(some.length)
        } catch (error) {
          expect(error).toBeInstanceOf(DirectoryError)
        }
      }),
    )
  })
})
