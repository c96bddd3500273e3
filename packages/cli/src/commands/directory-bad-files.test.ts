import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { openReaders, runLoad } from '@fiducia/node'
import { createRegister } from '@fiducia/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { importFiles } from './directory-import.ts'
import { loads } from './directory-loads.ts'
import { resolve } from './directory-resolve.ts'
import { search } from './directory-search.ts'
import { fsck } from './fsck.ts'

/** Files as they come when something went wrong before they came: cut, in another encoding, with other columns. */
const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-bad-files-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let count = 0
const folder = () => path.join(scratch, `dir-${(count += 1)}`)
const file = (name: string, content: string | Uint8Array): string => {
  const where = path.join(scratch, `files-${(count += 1)}`, name)
  mkdirSync(path.dirname(where))
  writeFileSync(where, content)
  return where
}

const { npiOf } = createRegister({ seed: 'bad files', practitioners: 10 })
const HEADER = 'NPI,Last Name,First Name,Practice Street,City,State,ZIP,Phone,Accepting'
const row = (n: number, family = 'Rowan') => `${npiOf(n)},${family},Ada,10 Harbor Road,Salem,OR,97301,503-555-0100,yes`
const csv = (...rows: readonly string[]) => [HEADER, ...rows].join('\n')
const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const utf16 = (text: string) => Buffer.from(text, 'utf16le')

const map = path.join(import.meta.dirname, '..', '..', 'examples', 'directory', 'roster-map.json')
const flags = (data: string) => ({ format: 'csv', data, map, basis: 'own-record', org: 'alder', as: 'kim', maxChange: '20' })
const load = async (data: string, ...files: readonly string[]) => (await importFiles(files, flags(data))).json as any
const states = async (data: string) => ((await loads({ data })).json as any).loads.map(({ state }: any) => state)
const familyOf = async (data: string, n: number) => ((await resolve({ data, npi: npiOf(n) })).json as any)[0]?.fields['name.family'].value

describe('a file of which nothing can be used', () => {
  it.each<[string, string | Uint8Array, string, RegExp]>([
    ['is empty', '', 'CSV_EMPTY', /roster\.csv: expected a header and records, found an empty file/],
    ['is cut inside a quotation', csv(row(1), `${npiOf(2)},"Bir`), 'CSV_QUOTES', /roster\.csv: row 3: /],
    [
      'is UTF-16',
      Buffer.concat([Uint8Array.of(0xff, 0xfe), utf16(csv(row(1)))]),
      'CSV_ENCODING',
      /roster\.csv: row 1: expected UTF-8, found NUL characters, as UTF-16 has them/,
    ],
    ['is UTF-16 and does not say so', utf16(csv(row(1))), 'CSV_ENCODING', /roster\.csv: row 1: expected UTF-8, found NUL characters, as UTF-16 has them/],
    ['has a header in Latin-1', latin(csv(row(1)).replace('Last', 'L\xe4st')), 'CSV_ENCODING', /roster\.csv: row 1: .* column 2/],
    ['has a column renamed', csv(row(1)).replace('Last Name', 'Surname'), 'COLUMN_MISSING', /roster\.csv: .*`Last Name`/],
    ['lacks its header', row(1), 'COLUMN_MISSING', /roster\.csv: /],
    ['is cut gzip', gzipSync(csv(row(1))).subarray(0, 40), 'LOAD_FILE_DAMAGED', /roster\.csv` is gzip that is damaged or cut off/],
  ])('%s: it is named with the place, and another one takes its place', async (_, content, code, message) => {
    const data = folder()
    const bad = file('roster.csv', content)
    await expect(load(data, file('first.csv', csv(row(9))), bad)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(await states(data)).toEqual(['abandoned'])
    expect(await load(data, file('roster.csv', csv(row(1))))).toMatchObject({ read: 1, accepted: 1, state: 'done' })
    expect(await familyOf(data, 9)).toBe(undefined)
  })

  it('is a folder', async () => {
    const data = folder()
    await expect(load(data, scratch)).rejects.toMatchObject({ code: 'FILE_KIND' })
    expect(existsSync(data)).toBe(false)
  })
})

describe('a file of which some rows cannot be used', () => {
  it('is in Latin-1: the row is named with its column, and comes back', async () => {
    const data = folder()
    const answer = await load(data, file('roster.csv', latin(csv(row(1), row(2, 'Bj\xf6rk'), row(3)))))
    expect(answer).toMatchObject({ read: 3, accepted: 2, rejected: [{ row: 3, field: 'Last Name', code: 'ROW_ENCODING' }], moreRejected: 0 })
    expect(readFileSync(answer.exceptions, 'utf8')).toContain(npiOf(2))
  })

  it('has none that can, or none at all: that is an answer, and nothing was said', async () => {
    const data = folder()
    expect(await load(data, file('roster.csv', csv('1,x,,,,,,,', '2,y,,,,,,,')))).toMatchObject({ read: 2, accepted: 0, new: 0, state: 'done' })
    expect(await load(data, file('roster.csv', csv()))).toMatchObject({ read: 0, accepted: 0, rejected: [], exceptions: null, state: 'done' })
  })

  it('was put together of two: the header between them is a row that cannot be', async () => {
    const answer = await load(folder(), file('roster.csv', `${csv(row(1))}\n${csv(row(2))}`))
    expect(answer).toMatchObject({ read: 3, accepted: 2, rejected: [{ row: 3, field: 'NPI', code: 'NPI_CHECK_DIGIT' }] })
  })

  it('has NUL characters: they change no other row, are blanks to a search, and never reach a terminal', async () => {
    const data = folder()
    const answer = await load(data, file('roster.csv', csv(row(1), row(2, 'Bir\0ch'), row(3).replace('Ada', '\0'), `\0${row(4)}`)))
    expect(answer).toMatchObject({ read: 4, accepted: 3, rejected: [{ row: 5, field: 'NPI' }] })
    expect([await familyOf(data, 1), await familyOf(data, 2), await familyOf(data, 3)]).toEqual(['Rowan', 'Bir\0ch', 'Rowan'])
    expect((await search({ data, name: 'bir ch', state: 'OR' })).text).toContain('Bir ch, Ada')
    expect(await fsck(data)).toMatchObject({ exitCode: 0 })
  })

  it('has its columns in another order, and one more: nothing is new', async () => {
    const data = folder()
    await load(data, file('roster.csv', csv(row(1))))
    const turned = [HEADER, row(1)].map((line) => ['x', ...line.split(',').toReversed()].join(',')).join('\n')
    expect(await load(data, file('turned.csv', turned))).toMatchObject({ read: 1, new: 0, changed: 0, withdrawn: 0, same: 3 })
  })
})

describe('a file that changes', () => {
  const request = (data: string, from: string) =>
    ({
      dir: data,
      files: [from],
      terms: {
        format: 'csv',
        origin: 'alder',
        basis: 'own-record',
        group: 'alder' as any,
        isFull: false,
        observedAt: null,
        mapping: JSON.parse(readFileSync(map, 'utf8')),
      },
      attester: 'alder' as any,
      who: 'kim',
      maxChange: 20,
      isDryRun: false,
    }) as const
  /** Between the first reading, for its hash, and the second. */
  const changing = (change: () => void) => ({
    now: () => Date.now(),
    random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    readers: (context: Parameters<typeof openReaders>[0]) => {
      change()
      return openReaders(context)
    },
  })

  it.each([
    ['and has as many bytes as before', (from: string) => writeFileSync(from, csv(row(1, 'Birch')))],
    ['and grows', (from: string) => appendFileSync(from, `\n${row(2)}`)],
  ])('while it is loaded, %s: nothing of it is used', async (_, change) => {
    const [data, from] = [folder(), file('roster.csv', csv(row(1, 'Rowan')))]
    await expect(
      runLoad(
        request(data, from),
        changing(() => change(from)),
      ),
    ).rejects.toMatchObject({ code: 'LOAD_FILE_CHANGED' })
    expect(await states(data)).toEqual(['abandoned'])
    expect(await load(data, from)).toMatchObject({ state: 'done' })
  })

  it('between a load that was killed and the next: the load does not go on with it', async () => {
    const [data, from] = [folder(), file('roster.csv', csv(row(1)))]
    const killed = changing(() => {
      throw new Error('gone')
    })
    await expect(runLoad(request(data, from), killed)).rejects.toThrow('gone')
    writeFileSync(from, csv(row(1, 'Birch')))
    await expect(load(data, from)).rejects.toMatchObject({ code: 'LOAD_OPEN' })
    writeFileSync(from, csv(row(1)))
    expect(await load(data, from)).toMatchObject({ state: 'done' })
    expect(await familyOf(data, 1)).toBe('Rowan')
  })
})
