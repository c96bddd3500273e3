import { describe, expect, it } from 'vitest'
import { judge, link, OTHER_KEY } from '../../test/link.ts'
import { copyOf, createRandom, makePeople, tableOf, twoFiles, twoTowns } from '../../test/people.ts'
import type { CsvTable } from '../reading/csv-table.ts'

const personOf = (id: string): string => id.slice(2)
const { a, b } = twoFiles(2, 200, 200)

const renamed = ({ header, rows }: CsvTable, names: Readonly<Record<string, string>>): CsvTable => ({ header: header.map((name) => names[name] ?? name), rows })
const onlyColumns = ({ header, rows }: CsvTable, columns: readonly string[]): CsvTable => ({
  header: columns,
  rows: rows.map((row) => columns.map((column) => row[header.indexOf(column)] ?? '')),
})

describe('suggestLinks', () => {
  it.each([3, 4, 5])('finds the pairs of two files with half of each unmatched (seed %i)', (seed) => {
    const files = twoFiles(seed, 200, 200)
    const { recall, precision } = judge(link(files.a, files.b), files.a, files.b, personOf)
    expect(recall).toBeGreaterThan(0.97)
    expect(precision).toBeGreaterThan(0.97)
  })

  it('finds them where all have a partner, and nothing where none has', () => {
    const all = twoFiles(6, 250, 0)
    expect(judge(link(all.a, all.b), all.a, all.b, personOf).recall).toBeGreaterThan(0.97)
    const none = twoFiles(7, 0, 250)
    expect(link(none.a, none.b).pairs).toEqual([])
  })

  it('finds nothing under two keys', () => {
    expect(link(a, b, { keyOfB: OTHER_KEY }).pairs).toEqual([])
  })

  it('does not depend on the order of rows or columns, or on what columns are called', () => {
    const found = link(a, b)
    const shuffled = { header: b.header, rows: b.rows.toSorted(([one = ''], [two = '']) => (one.slice(-1) + one < two.slice(-1) + two ? -1 : 1)) }
    expect(link(a, shuffled)).toEqual(found)
    expect(link(a, onlyColumns(b, b.header.toReversed()), { id: 'id' })).toEqual(found)
    expect(link(a, renamed(b, { given_name: 'First Name', surname: 'family', date_of_birth: 'DOB', suburb: 'City', postcode: 'ZIP' }))).toEqual(found)
  })

  it('finds most of them where columns are missing or put together', () => {
    const few = onlyColumns(b, ['id', 'surname', 'date_of_birth', 'given_name', 'postcode'])
    expect(judge(link(a, few), a, few, personOf)).toMatchObject({
      recall: expect.toSatisfy((recall: number) => recall > 0.9),
      precision: expect.toSatisfy((precision: number) => precision > 0.97),
    })
    const whole = {
      header: ['id', 'name', 'birth date', 'address', 'suburb', 'postcode'],
      rows: onlyColumns(b, ['id', 'surname', 'given_name', 'date_of_birth', 'street', 'street_number', 'suburb', 'postcode']).rows.map(
        ([id = '', family, given, born = '', street, number, city = '', code = '']) => [
          id,
          `${family}, ${given}`,
          born.split('-').toReversed().join('.'),
          `${number} ${street}`,
          city,
          code,
        ],
      ),
    }
    expect(judge(link(a, whole), a, whole, personOf)).toMatchObject({
      recall: expect.toSatisfy((recall: number) => recall > 0.95),
      precision: expect.toSatisfy((precision: number) => precision > 0.97),
    })
  })

  it('is the same from both sides, one to one at one threshold', () => {
    const options = { oneToOne: true, threshold: 0.6 }
    const turned = link(b, a, options).pairs.map(({ a, b, score }) => ({ a: b, b: a, score }))
    expect(new Set(turned.map((pair) => JSON.stringify(pair)))).toEqual(new Set(link(a, b, options).pairs.map((pair) => JSON.stringify(pair))))
  })

  it('takes a threshold: a higher one shows fewer of the same', () => {
    const [low, high] = [link(a, b, { threshold: 0.7 }).pairs, link(a, b, { threshold: 0.9 }).pairs]
    expect(high.length).toBeLessThan(low.length)
    expect(low.slice(0, high.length)).toEqual(high)
    expect(high.every(({ score }) => score >= 0.9)).toBe(true)
    expect(link(a, b, { threshold: 0 }).pairs).toHaveLength(b.rows.length)
    expect(link(a, b, { threshold: 1 }).pairs.every(({ score }) => score === 1)).toBe(true)
  })
})

describe('where few fields are shared', () => {
  it.each([1, 2, 3])('finds a threshold for names and towns alone, though strangers are alike in all (seed %i)', (seed) => {
    const files = twoTowns(seed, 300, 300)
    const found = link(files.a, files.b)
    const { recall, precision } = judge(found, files.a, files.b, personOf)
    expect(recall).toBeGreaterThan(0.97)
    expect(precision).toBeGreaterThan(0.97)
    const wrong = found.pairs.length * (1 - precision)
    expect(Math.abs((found.expectedWrong ?? Number.NaN) - wrong)).toBeLessThan(0.02 * found.pairs.length)
  })

  it.each([4, 5, 6])('shows nothing with nobody in common, though strangers are alike in all (seed %i)', (seed) => {
    const none = twoTowns(seed, 0, 600)
    expect(link(none.a, none.b)).toMatchObject({ pairs: [], expectedWrong: 0 })
  })

  it('compares birth dates in pieces with whole ones, as though both were whole', () => {
    const inPieces = ({ header, rows }: CsvTable): CsvTable => ({
      header: ['id', 'fname_c1', 'lname_c1', 'by', 'bm', 'bd'],
      rows: onlyColumns({ header, rows }, ['id', 'given_name', 'surname', 'date_of_birth']).rows.map(([id = '', given = '', family = '', born = '']) => {
        const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(born) ?? []
        return [id, given, family, year, month.replace(/^0/, ''), day.replace(/^0/, '')]
      }),
    })
    const columns = ['id', 'given_name', 'surname', 'date_of_birth']
    const isWhole = ([, , , born = '']: readonly string[]): boolean => /^(?:(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))?$/.test(born)
    const whole = (table: CsvTable): CsvTable => ({ header: columns, rows: onlyColumns(table, columns).rows.filter(isWhole) })
    const [wholeA, wholeB] = [whole(a), whole(b)]
    const found = link(wholeA, wholeB)
    expect(found.pairs.length).toBeGreaterThan(150)
    expect(link(inPieces(wholeA), wholeB)).toEqual(found)
    expect(link(wholeA, inPieces(wholeB))).toEqual(found)
    expect(link(inPieces(wholeA), inPieces(wholeB))).toEqual(found)
  })

  it('compares a year of birth with whole birth dates', () => {
    const files = twoTowns(7, 300, 300)
    const random = createRandom(7)
    const births = new Map(files.a.rows.map(([id = '']) => [id.slice(2), String(1930 + random.below(80))]))
    const withBirth = ({ header, rows }: CsvTable, column: string, cell: (year: string) => string): CsvTable => ({
      header: [...header, column],
      rows: rows.map((row) => [...row, cell(births.get(row[0]?.slice(2) ?? '') ?? String(1930 + random.below(80)))]),
    })
    const [one, two] = [withBirth(files.a, 'dob', (year) => `${year}-04-${10 + random.below(18)}`), withBirth(files.b, 'birth year', (year) => year)]
    const { recall, precision } = judge(link(one, two), one, two, personOf)
    expect(recall).toBeGreaterThan(0.98)
    expect(precision).toBeGreaterThan(0.98)
  })
})

describe('records that are there more than once', () => {
  const random = createRandom(8)
  const people = makePeople(random, 120)
  const times = (count: number, side: string): CsvTable => {
    const copies = people.flatMap((person, i) => Array.from({ length: count }, (_, copy) => ({ id: `${side}-${i}-${copy}`, person: copyOf(person, random) })))
    return tableOf(
      copies.map(({ person }) => person),
      (i) => copies[i]?.id ?? '',
    )
  }
  const person = (id: string): string => id.split('-')[1] ?? ''
  const [once, often] = [times(1, 'a'), times(5, 'b')]

  it('in B: each gets its record of A; one to one, only one does', () => {
    const found = link(once, often)
    expect(judge(found, once, often, person).recall).toBeGreaterThan(0.95)
    expect(new Set(found.pairs.map(({ b }) => b)).size).toBe(found.pairs.length)
    const single = link(once, often, { oneToOne: true }).pairs
    expect(new Set(single.map(({ a }) => a)).size).toBe(single.length)
    expect(single.length).toBeGreaterThan(110)
  })

  it('in A: each of B gets one of them', () => {
    const found = link(often, once)
    expect(judge(found, often, once, person)).toMatchObject({ recall: expect.toSatisfy((recall: number) => recall > 0.95) })
    expect(new Set(found.pairs.map(({ b }) => b)).size).toBe(found.pairs.length)
  })
})

describe('small and large files', () => {
  it('finds the partner among three', () => {
    const files = twoFiles(9, 2, 1)
    expect(
      link(files.a, files.b)
        .pairs.map(({ a, b }) => `${a} ${b}`)
        .sort(),
    ).toEqual(['a-0 b-0', 'a-1 b-1'])
  })

  it('takes records that say almost nothing for nobody', () => {
    const blank = Object.fromEntries(a.header.slice(1).map((column) => [column, column === 'sex' ? 'f' : '']))
    const withBlank = (table: CsvTable, id: string): CsvTable => ({
      header: table.header,
      rows: [...table.rows, [id, ...table.header.slice(1).map((column) => blank[column] ?? '')]],
    })
    const found = link(withBlank(a, 'a-blank'), withBlank(b, 'b-blank')).pairs
    expect(found.filter(({ b }) => b === 'b-blank')).toEqual([])
  })

  it('finds in blocks what it finds pair by pair, but for a few', () => {
    const [all, blocks] = [link(a, b).pairs, link(a, b, { maxPairs: 40_000 }).pairs]
    const known = new Set(all.map((pair) => JSON.stringify(pair)))
    expect(blocks.filter((pair) => known.has(JSON.stringify(pair))).length).toBeGreaterThan(0.97 * all.length)
    expect(blocks.length).toBeLessThanOrEqual(all.length * 1.02)
  })
})
