import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { installBeside } from '../../../scripts/install-beside.ts'
import { root } from '../../../scripts/run.ts'
import { createCsvScanner } from '../src/reading/csv-scanner.ts'
import { NPPES_HEADER, nppesPeople } from './nppes-rows.ts'

/** Our scanner and a library that many use give the same cells. The library lies beside the project (`tools/csv`), and is loaded by its place. */
type Parse = (bytes: Uint8Array, options: object) => readonly (readonly string[])[]

async function library(): Promise<Parse> {
  if (!installBeside('csv', 'csv-parse')) throw new Error('csv-parse could not be installed')
  const place = path.join(root, 'tools', 'csv', 'node_modules', 'csv-parse', 'lib', 'sync.js')
  const { parse } = (await import(pathToFileURL(place).href)) as { readonly parse: Parse }
  return parse
}

const parse = await library()
const theirs = (text: string) => parse(Buffer.from(text), { bom: true, relax_column_count: true, record_delimiter: ['\r\n', '\n'] })

function ours(text: string, size: number): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = []
  const scanner = createCsvScanner((row) => {
    expect(row.fault).toBeUndefined()
    rows.push(row.cells())
  })
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size))
  scanner.end()
  return rows
}

describe('our scanner and csv-parse', () => {
  it('give the same cells of any file that RFC 4180 allows', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '漢', '🩺', "'", '\\'), minLength: 1 })
    const quoted = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r\n', '\r', ' ', ';') }).map((text) => `"${text.replaceAll('"', '""')}"`)
    const row = fc.array(fc.oneof(plain, quoted, fc.constant('')), { minLength: 2, maxLength: 6 }).map((cells) => cells.join(','))
    const file = fc.tuple(fc.array(row, { minLength: 1, maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\uFEFF'), fc.boolean())
    fc.assert(
      fc.property(file, fc.integer({ min: 1, max: 40 }), ([rows, end, mark, isEnded], size) => {
        const text = `${mark}${rows.join(end)}${isEnded ? end : ''}`
        expect(ours(text, size)).toEqual(theirs(text))
      }),
      { numRuns: 3_000 },
    )
  })

  it('give the same cells of rows as wide as the national register’s', () => {
    const text = nppesPeople(7, 500)
    const rows = ours(text, 10_000)
    expect(rows.length).toBe(501)
    expect(rows.every((cells) => cells.length === NPPES_HEADER.length)).toBe(true)
    expect(rows).toEqual(theirs(text))
  })
})
