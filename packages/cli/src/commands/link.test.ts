import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { suggest } from './link.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-link-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(dir, name), content)
  return path.join(dir, name)
}

/** The files of docs/guide/suggest-links.md: other headers, order, spelling of dates; one error in each copy. */
const examples = path.join(import.meta.dirname, '..', '..', 'examples', 'link')
const [A, B] = [path.join(examples, 'alder.csv'), path.join(examples, 'birch.csv')]
const KEY = file('consortium.key', `${'0a'.repeat(32)}\n`)

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'no error'
  } catch (error) {
    return error instanceof Error && 'code' in error
      ? `${String(error.code)}: ${error.message.replaceAll(`${dir}/`, '').replaceAll(`${examples}/`, '')}`
      : 'another error'
  }
}

describe('fiducia link suggest', () => {
  it('shows who may be one person, in files of two makes', () => {
    const { exitCode, json, text } = suggest(A, B, { key: KEY })
    expect(exitCode).toBe(0)
    expect(json).toMatchObject({
      candidates: [
        { a: 'a1', b: 'b1' },
        { a: 'a3', b: 'b4' },
        { a: 'a3', b: 'b3' },
      ],
      threshold: 0.65,
      records: { a: 4, b: 4 },
      blocked: false,
      key: 'file',
    })
    expect(text).toMatch(/^a +b +score\n/)
    expect(text).toContain('3 suggestions among 4 and 4 records, from a score of 0.65 on; compared: given, family, birthDate, street, city.')
    expect(text).toContain('nothing was joined')
    expect(text).not.toMatch(/Okonkwo|Oliveira|1980/)
  })

  it('gives the same for the same key, and needs none', () => {
    expect(suggest(A, B, { key: KEY })).toEqual(suggest(A, B, { key: KEY }))
    const pairs = ({ json }: { readonly json: unknown }): readonly string[] =>
      (json as { readonly candidates: readonly { readonly a: string; readonly b: string }[] }).candidates.map(({ a, b }) => `${a} ${b}`)
    expect(pairs(suggest(A, B, {})).toSorted()).toEqual(['a1 b1', 'a3 b3', 'a3 b4'])
    expect(pairs(suggest(A, B, { key: KEY, oneToOne: true }))).toEqual(['a1 b1', 'a3 b4'])
    expect(pairs(suggest(A, B, { key: KEY, threshold: '1' }))).toEqual([])
    expect(suggest(A, B, { key: KEY, threshold: '1' }).text).toMatch(/^0 suggestions/)
  })

  it('reads gzip, and nothing of an archive that is cut off', () => {
    const packed = gzipSync(readFileSync(A))
    expect(suggest(file('alder.csv.gz', packed), B, { key: KEY }).json).toEqual(suggest(A, B, { key: KEY }).json)
    expect(codeOf(() => suggest(A, file('cut.gz', packed.subarray(0, 60)), {}))).toMatch(/^FILE_UNREADABLE: expected records as gzip .* `cut.gz`$/)
  })

  it('says how many of the suggestions chance may have brought', () => {
    const people = Array.from({ length: 60 }, (_, i) => `${i},given${i % 7},family${i},19${10 + i}-0${1 + (i % 9)}-11`)
    const records = file('people.csv', ['id,given,family,dob', ...people].join('\n'))
    expect(suggest(records, records, {}).json).toMatchObject({ expectedWrong: 0 })
    expect(suggest(A, B, {}).json).toMatchObject({ expectedWrong: null })
  })

  it('says what cannot be used, and quotes no record', () => {
    const header = 'id,given,family'
    const bad: readonly (readonly [string | Uint8Array, RegExp])[] = [
      ['', /^CSV_EMPTY: bad.csv: expected a header and records, found an empty file$/],
      [`${header}\n`, /^CSV_EMPTY: bad.csv: expected records below the header, found none$/],
      [`${header}\n1,Ann\n`, /^CSV_RAGGED: bad.csv: row 2: expected 3 cells as in the header, found 2$/],
      [`${header}\n1,Ann,Lee\n1,Bo,Ray\n`, /^LINKAGE_ID: bad.csv: row 3: expected each value of column `id` once, found one again$/],
      [`${header}\n,Ann,Lee\n`, /^LINKAGE_ID: bad.csv: row 2: expected a value in column `id`, found none$/],
      [`${header}\n1,"Ann,Lee\n`, /^CSV_QUOTES: bad.csv: row 2: expected a closing quotation mark/],
      [
        Uint8Array.from([...`${header}\n1,Ren`].map((c) => c.charCodeAt(0)).concat(0xe9, 0x2c, 0x61)),
        /^CSV_ENCODING: bad.csv: line 2: expected UTF-8, found other bytes$/,
      ],
      [`${header}\n1,${'x'.repeat(20_000)},Lee\n`, /^CSV_SIZE: bad.csv: row 2: expected cells of at most 10000 characters/],
      [
        'id,colour\n1,red\n2,blue\n',
        /^LINKAGE_FIELDS: alder.csv, bad.csv: expected a name, an identifier, a date of birth or an address in both files, found in common: nothing$/,
      ],
    ]
    for (const [content, expected] of bad) {
      const found = codeOf(() => suggest(A, file('bad.csv', content), {}))
      expect(found).toMatch(expected)
      expect(found).not.toMatch(/Ann|Lee|Ren/)
    }
    expect(codeOf(() => suggest(A, B, { id: 'record' }))).toMatch(/^LINKAGE_ID: birch.csv: expected a column `record`, found 6 others$/)
    expect(codeOf(() => suggest(A, path.join(dir, 'nothing'), {}))).toMatch(/^FILE_MISSING: /)
    for (const threshold of ['', 'high', '-1', '1.5', 'NaN', '1e-1'])
      expect(codeOf(() => suggest(A, B, { threshold }))).toMatch(/^BAD_USE: expected --threshold from 0 to 1/)
    for (const key of ['', 'zz', '0a0b'])
      expect(codeOf(() => suggest(A, B, { key: file('bad.key', key) }))).toMatch(/^LINKAGE_KEY: expected a key file of 32 bytes in hex/)
  })
})
