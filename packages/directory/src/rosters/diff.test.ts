import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createHeaderReader,
  createRosterComparison,
  type DiffOptions,
  DirectoryError,
  type NormalizerId,
  NORMALIZERS,
  planDiff,
  type RosterDiff,
} from '../index.ts'

const versioned = (id: NormalizerId) => `${id}/${NORMALIZERS[id].version}`
const encode = (text: string) => new TextEncoder().encode(text)

function headerOf(text: string): readonly string[] {
  const reader = createHeaderReader()
  return reader.push(encode(text)) ?? reader.end()
}

function diff(a: string, b: string, options: Partial<DiffOptions> = {}): RosterDiff {
  const plan = planDiff({ a: headerOf(a), b: headerOf(b) }, { key: 'id', fields: ['v=v'], normalize: 'default', ...options })
  const comparison = createRosterComparison(plan)
  for (const [side, text] of [
    [comparison.a, a],
    [comparison.b, b],
  ] as const) {
    side.push(encode(text))
    side.end()
  }
  return comparison.result()
}

describe('two rosters', () => {
  it('differ in whom they have, and in what they say of those they both have', () => {
    const a = 'NPI,Last,Phone\n1,Rowan,503-555-0100\n2,Birch,1\n3,Ash,2\n,Nobody,3\n'
    const b = 'Id,Name,Tel\n1,ROWAN,(503) 555 0100\n2,Bird,1\n4,Elm,2\n'
    const fields = ['name.family=Last:Name', 'role.phone=Phone:Tel']
    expect(diff(a, b, { key: 'NPI:Id', fields })).toEqual({
      a: 3,
      b: 3,
      both: 2,
      onlyA: 1,
      onlyB: 1,
      fields: { 'name.family': { differs: 1, normalizer: versioned('person-name') }, 'role.phone': { differs: 0, normalizer: versioned('phone') } },
      rows: { a: 4, b: 3 },
      unnamed: { a: 1, b: 0 },
    })
    const raw = diff(a, b, { key: 'NPI:Id', fields, normalize: 'raw' }).fields
    expect(raw).toEqual({ 'name.family': { differs: 2, normalizer: 'raw' }, 'role.phone': { differs: 1, normalizer: 'raw' } })
  })

  it('agree on a field where any row of the one agrees with any row of the other', () => {
    const b = 'id,v,w\n1,x,p\n1,y,q\n2,x,p\n2,z,p\n'
    expect(diff('id,v,w\n1,Y,p\n2,y,q\n', b, { fields: ['v=v', 'w=w'] }).fields).toMatchObject({ v: { differs: 2 }, w: { differs: 1 } })
    expect(diff('id,v\n1,a\n1,y\n', b)).toMatchObject({ a: 1, b: 2, both: 1, fields: { v: { differs: 0 } } })
  })

  it('are the same whatever the order of their rows, and turned around have the same differences', () => {
    const table = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom('x', 'y', '')), { maxLength: 12 })
    const text = (rows: readonly (readonly [number, string])[]) => ['id,v', ...rows.map((row) => row.join(','))].join('\n')
    fc.assert(
      fc.property(table, table, (a, b) => {
        const found = diff(text(a), text(b))
        expect(diff(text(a.toReversed()), text(b.toReversed()))).toEqual(found)
        const turned = diff(text(b), text(a))
        expect([turned.both, turned.onlyA, turned.onlyB, turned.fields]).toEqual([found.both, found.onlyB, found.onlyA, found.fields])
        const keys = (rows: typeof a) => new Set(rows.map(([id]) => id))
        const both = [...keys(a)].filter((id) => keys(b).has(id))
        const values = (rows: typeof a, id: number) => new Set(rows.filter((row) => row[0] === id).map((row) => row[1]))
        const differing = both.filter((id) => ![...values(a, id)].some((value) => values(b, id).has(value)))
        expect([found.both, found.fields['v']?.differs]).toEqual([both.length, differing.length])
      }),
    )
  })

  it('are compared by what their fields’ names say, in columns whatever these are called', () => {
    const a = 'id,Phone: home,A=B\n1,1,1\n'
    const fields = ['location.postalCode=Phone: home:Phone: home', 'postalCode=A=B', 'whatever=A=B:Phone: home', 'role.whatever=A=B']
    expect(Object.entries(diff(a, a, { fields }).fields).map(([name, { normalizer }]) => [name, normalizer])).toEqual([
      ['location.postalCode', versioned('postal-code')],
      ['postalCode', versioned('postal-code')],
      ['whatever', versioned('text')],
      ['role.whatever', versioned('text')],
    ])
  })

  it.each<[Partial<DiffOptions>, string]>([
    [{ key: 'NPI' }, 'row 1: expected a column `NPI` in the first file, found none among 2'],
    [{ fields: ['v=v:value'] }, 'row 1: expected a column `value` in the second file, found none among 2'],
    [{ fields: ['v=vv:v'] }, 'row 1: expected a column `vv` in the first file, found none among 2'],
    [{ fields: ['v'] }, 'expected `NAME=COLUMN_A:COLUMN_B`, found `v`'],
    [{ fields: ['v=v', 'v=id'] }, 'expected each field once, found one twice'],
  ])('are not compared by %j', (options, message) => {
    expect(() => diff('id,v\n1,x\n', 'id,v\n', options)).toThrow(message)
  })

  it.each([
    ['id,v\n1\n', 'row 2: expected 2 cells as in the header, found 1'],
    ['id,v\n1,"x"y\n', 'row 2: expected quotation marks and line ends as in RFC 4180, found others in column 2'],
    ['id,v\n1,"x\n', 'row 2: expected a closing quotation mark in column 2, found the end of the file'],
    ['', 'expected a header and records, found an empty file'],
  ])('are not counted where a row cannot be read: %j', (text, message) => {
    expect(() => diff('id,v\n', text)).toThrow(message)
    expect(() => diff('id,v\n', text)).toThrow(DirectoryError)
  })

  it('tell how far they are', () => {
    const rows = Array.from({ length: 25_000 }, (_, i) => `${i},x`).join('\n')
    const seen: number[] = []
    const comparison = createRosterComparison(planDiff({ a: ['id', 'v'], b: ['id', 'v'] }, { key: 'id', fields: ['v=v'], normalize: 'default' }), (count) =>
      seen.push(count),
    )
    for (const side of [comparison.a, comparison.b]) {
      side.push(encode(`id,v\n${rows}`))
      side.end()
    }
    expect(seen).toEqual([10_000, 20_000, 30_000, 40_000, 50_000])
    expect(comparison.result()).toMatchObject({ both: 25_000, fields: { v: { differs: 0 } } })
  })
})
