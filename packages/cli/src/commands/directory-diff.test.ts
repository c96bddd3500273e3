import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { type DiffFlags, diffRosters } from './directory-diff.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-diff-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(dir, name), content)
  return path.join(dir, name)
}

const A = file('a.csv', 'NPI,Last Name,Phone\n1,Rowan,503-555-0100\n2,Birch,1\n3,Ash,2\n')
const B = file('b.csv', 'NPI,Family,Tel\r\n1,ROWAN,(503) 555 0100\r\n1,Roe,7\r\n2,Bird,1\r\n4,Elm,2\r\n')
const FLAGS: DiffFlags = { key: 'NPI', field: ['name.family=Last Name:Family', 'phone=Phone:Tel'] }

async function refusal(pathA: string, pathB: string, flags: DiffFlags): Promise<string> {
  try {
    await diffRosters(pathA, pathB, flags)
    return 'no error'
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message.replaceAll(`${dir}/`, '')}` : 'another error'
  }
}

describe('fiducia directory diff', () => {
  it('counts whom only one has, and where each field differs', async () => {
    const { exitCode, json, text } = await diffRosters(A, B, FLAGS)
    expect(exitCode).toBe(0)
    expect(json).toMatchObject({ a: 3, b: 3, both: 2, onlyA: 1, onlyB: 1, fields: { 'name.family': { differs: 1 }, phone: { differs: 0 } } })
    expect(text).toContain('2 in both, 1 in the first alone, 1 in the second alone; 3 and 4 rows.')
    expect(text).toMatch(/name\.family +1 +person-name\/\d/)
    expect(text).not.toMatch(/Rowan|Birch|555/i)
    const raw = await diffRosters(A, B, { ...FLAGS, normalize: 'raw' })
    expect(raw.json).toMatchObject({ fields: { 'name.family': { differs: 2, normalizer: 'raw' }, phone: { differs: 1, normalizer: 'raw' } } })
  })

  it('reads gzip, and nothing of an archive that is cut off', async () => {
    const packed = gzipSync(readFileSync(A))
    expect((await diffRosters(file('a.csv.gz', packed), B, FLAGS)).json).toEqual((await diffRosters(A, B, FLAGS)).json)
    expect(await refusal(A, file('cut.gz', gzipSync(readFileSync(B)).subarray(0, 40)), FLAGS)).toBe(
      'FILE_UNREADABLE: expected a roster as CSV, found gzip that is damaged or cut off at `cut.gz`',
    )
  })

  it.each<[string, string, DiffFlags, string]>([
    [A, B, { ...FLAGS, normalize: 'loose' }, 'BAD_USE: expected --normalize `raw` or `default`, found `loose`'],
    [A, B, { key: 'NPI' }, 'BAD_USE: expected at least one --field as `NAME=COLUMN_A:COLUMN_B`, found none'],
    [A, B, { field: ['x=NPI'] }, 'BAD_USE: expected --key with the column that names a row, found none'],
    [A, B, { ...FLAGS, key: 'Id' }, 'COLUMN_MISSING: a.csv, b.csv: row 1: expected a column `Id` in the first file, found none among 3'],
    [A, `${B}.gone`, FLAGS, 'FILE_MISSING: expected a roster as CSV, found nothing at `b.csv.gone`'],
    [dir, B, FLAGS, `FILE_KIND: expected a roster as CSV, found something else than a file at \`${dir}\``],
    [A, file('ragged.csv', 'NPI,Family,Tel\n1,x\n'), FLAGS, 'CSV_RAGGED: ragged.csv: row 2: expected 3 cells as in the header, found 2'],
    [file('empty.csv', ''), B, FLAGS, 'CSV_EMPTY: empty.csv: expected a header and records, found an empty file'],
    [
      A,
      file(
        'latin.csv',
        Uint8Array.from('NPI,Family,Tel\n1,Ren\xe9,2\n', (c) => c.charCodeAt(0)),
      ),
      FLAGS,
      'CSV_ENCODING: latin.csv: row 2: expected UTF-8, found other bytes in column 2',
    ],
  ])('refuses what it cannot compare', async (pathA, pathB, flags, expected) => {
    expect(await refusal(pathA, pathB, flags)).toBe(expected)
  })
})
