import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from './errors.ts'
import { parseAccessLogOrigin, parseBytes32, parseDecimalString, parseGroupId, parseHandle, parseNetworkId, parseOrganizationId } from './identifiers.ts'
import { array, boolean, integer, literal, map, nullable, object, type Parser, text } from './shape.ts'

const person = object({ name: text(5), age: integer(0, 150), kind: literal('a', 'b') }, { tags: array(text(3), 2), alive: nullable(boolean) })

describe('shapes', () => {
  it('give back what fits', () => {
    expect(person({ name: 'Ada', age: 36, kind: 'a', tags: ['x'], alive: null }, '')).toEqual({ name: 'Ada', age: 36, kind: 'a', tags: ['x'], alive: null })
    expect(map(text(1), integer(), 2)({ a: 1 }, '')).toEqual({ a: 1 })
  })
  it('name every fault at once, and where it is', () => {
    const faults = (() => {
      try {
        person({ name: 'Adalbert', age: '36', tags: ['x', 'y', 'z'], spare: 1 }, 'body')
      } catch (error) {
        return error instanceof InputError ? error.message : 'another error'
      }
      return 'none'
    })()
    for (const part of [
      'body.spare: unknown member',
      'body.name: expected text',
      'body.age: expected an integer',
      'body.kind: member `kind` is missing',
      'body.tags: expected 0 to 2 items',
    ])
      expect(faults).toContain(part)
  })
  it('take nothing that canonical JSON cannot carry', () => {
    for (const age of [-0, 0.5, Number.NaN, 2 ** 53]) expect(() => person({ name: 'Ada', age, kind: 'a' }, '')).toThrow(InputError)
    for (const name of ['\ud800', 'a\udc00']) expect(() => person({ name, age: 36, kind: 'a' }, '')).toThrow(InputError)
  })
  it('name a few of many faults, and quote no long name', () => {
    const members = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`member ${i}`, 0]))
    const hostile: readonly (readonly [Parser<unknown>, unknown])[] = [
      [person, members],
      [array(integer(), 100_000), Array.from({ length: 100_000 }, () => 'x')],
      [person, { [`m${'x'.repeat(1_000_000)}`]: 1 }],
      [map(text(3), boolean, 3), { [`m${'x'.repeat(1_000_000)}`]: 1 }],
    ]
    for (const [parse, value] of hostile) {
      expect(() => parse(value, '')).toThrow(InputError)
      expect(() => parse(value, '')).toThrow(/^[^]{10,3000}$/)
    }
  })
  it('answer anything with a value or an InputError', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const parse of [
          person,
          map(text(3), boolean, 3),
          parseBytes32,
          parseHandle,
          parseNetworkId,
          parseOrganizationId,
          parseGroupId,
          parseDecimalString,
        ]) {
          try {
            parse(value, 'at')
          } catch (error) {
            expect(error).toBeInstanceOf(InputError)
          }
        }
      }),
    )
  })
})

it('origins of access logs have one spelling', () => {
  expect(parseAccessLogOrigin('demo/log/alder/12')).toEqual({ net: 'demo', org: 'alder', k: 12 })
  for (const other of ['demo/log/alder/0', 'demo/log/alder/01', 'demo/log/Alder/1', 'demo/ledger', 'demo/log/alder/1/', 'demo/log//1'])
    expect(parseAccessLogOrigin(other)).toBeUndefined()
})
