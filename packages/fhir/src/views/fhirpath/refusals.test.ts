import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultOf, values } from '../../../test/views/fhirpath.ts'

describe('what is refused', () => {
  it.each([
    ['name.', 'FHIRPATH_SYNTAX@5 expected a name, found its end'],
    ['name..given', 'FHIRPATH_SYNTAX@5 expected a name, found `.`'],
    ['@@', 'FHIRPATH_SYNTAX@0 expected a date, a dateTime or a time after `@`, found `@`'],
    ['@2020-13', 'FHIRPATH_SYNTAX@0'],
    ['@T12', 'FHIRPATH_SYNTAX@0'],
    ["'open", 'FHIRPATH_SYNTAX@0 expected a quote that is closed'],
    ["'\\u12'", 'FHIRPATH_SYNTAX@0 expected four hexadecimal digits'],
    ['a b', 'FHIRPATH_SYNTAX@2 expected the end of the expression, found `b`'],
    ['a and', 'FHIRPATH_SYNTAX@5'],
    ['(a', 'FHIRPATH_SYNTAX@2 expected `)`, found its end'],
    ['a[0', 'FHIRPATH_SYNTAX@3'],
    ['a.where()', 'FHIRPATH_SYNTAX@2 expected `where(criterion)` with 1 arguments, found 0'],
    ['a.ofType(1)', 'FHIRPATH_SYNTAX@9 expected the name of a type'],
    ['a # b', 'FHIRPATH_SYNTAX@2 expected FHIRPath, found `#`'],
    ['name.memberOf(x)', 'FHIRPATH_UNKNOWN@5 the function `memberOf()`'],
    ['now()', 'FHIRPATH_UNKNOWN@0 the function `now()`'],
    ['constructor()', 'FHIRPATH_UNKNOWN@0 the function `constructor()`'],
    ['a ~ b', 'FHIRPATH_UNKNOWN@2 the operator `~`'],
    ['a is Patient', 'FHIRPATH_UNKNOWN@2 the operator `is`'],
    ['%gone', 'FHIRPATH_UNKNOWN@0 the constant `%gone`'],
    ['name.where($index = 0)', 'FHIRPATH_UNKNOWN@11 the variable `$index`'],
    ['4 days', 'FHIRPATH_UNKNOWN@0 quantities'],
    ["4 'mg'", 'FHIRPATH_UNKNOWN@0 quantities'],
    ['Group.name', 'FHIRPATH_UNKNOWN@0 expected the name of an element, or `Patient`, found `Group`'],
    ['name.where(Patient.id)', 'FHIRPATH_UNKNOWN@11 expected the name of an element'],
    ['value.ofType(Quantiy)', 'FHIRPATH_UNKNOWN@6 the type `Quantiy`'],
    ['value.ofType(quantity)', 'FHIRPATH_UNKNOWN@13 the type `quantity`'],
    ['value.ofType(System.String)', 'FHIRPATH_UNKNOWN@20 the type `String`'],
    ["name.iif(use = 'old', use)", 'FHIRPATH_UNKNOWN@5 `iif()` after a path'],
    ['name.given + id', 'FHIRPATH_MANY@11 `+` takes one value, found 3'],
    ['name.single()', 'FHIRPATH_MANY@5'],
    ['name and true', 'FHIRPATH_MANY@5'],
    ['id + 1', 'FHIRPATH_TYPE@3 `+` takes two numbers or two texts, found a number'],
    ['name[0] < 1', 'FHIRPATH_TYPE@8 `<` compares two numbers, texts, dates or times, found an element with parts and a number'],
    ['@2020 < id', 'FHIRPATH_TYPE@6'],
    ['active.length()', 'FHIRPATH_TYPE@7 `length()` takes text, found true or false'],
    ['name.join()', 'FHIRPATH_TYPE@5'],
    ['id.lowBoundary()', 'FHIRPATH_TYPE@3'],
    ['name.getResourceKey()', 'FHIRPATH_TYPE@5 `getResourceKey()` takes a resource'],
    ['id.getReferenceKey()', 'FHIRPATH_TYPE@3 `getReferenceKey()` takes a Reference, found text'],
    ['name.ofType(HumanName)', 'FHIRPATH_TYPE@5 expected an element that says its type'],
    [`${'('.repeat(70)}1${')'.repeat(70)}`, 'VIEW_LIMIT@64'],
    [`${'-'.repeat(70)}1`, 'VIEW_LIMIT@'],
    ['a'.repeat(5000), 'VIEW_LIMIT@undefined expected an expression of at most 4096 characters, found 5000'],
  ])('%s', (path, fault) => {
    expect(faultOf(path)).toContain(fault)
  })

  it('says nothing of what a resource holds', () => {
    const secret = { resourceType: 'Patient', note: 'secret', notes: ['secret', 'secret'] }
    for (const path of ['note + 1', 'notes + 1', 'note < 1', 'note.abs()', 'note.lowBoundary()', '@2020 < note', 'note.getResourceKey()']) {
      expect(faultOf(path, secret)).toMatch(/^FHIRPATH_/)
      expect(faultOf(path, secret)).not.toContain('secret')
    }
  })

  it('takes every text as FHIRPath, or refuses it with a typed error', () => {
    const part = fc.constantFrom(
      ..."name . ( ) [ ] + - * = != | & and or in contains where exists first ofType $this %n 'a' 1 2.5 @2020 { } , ` \" @ %".split(' '),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 40 }),
          fc.array(part, { maxLength: 12 }).map((parts) => parts.join(' ')),
        ),
        (text) => {
          expect(faultOf(text)).toMatch(/^(?:none|(?:FHIRPATH|VIEW)_[A-Z]+@)/)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('hostile resources', () => {
  it('have nothing that JavaScript gives every object', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', 'constructor.name', '__proto__.toString']) {
      expect(values(name), name).toEqual([])
      expect(values(`value.${name}`, JSON.parse('{"value":{}}')), name).toEqual([])
    }
    const own = JSON.parse('{"__proto__":{"x":1},"constructor":2,"toString":{"y":3}}')
    expect([...values('__proto__.x', own), ...values('constructor', own), ...values('toString.y', own)]).toEqual([1, 2, 3])
  })

  it('end where a product of lists or a depth becomes too much', () => {
    const long = { a: Array.from({ length: 3000 }, (_, i) => ({ i })) }
    expect(faultOf('a.where(%resource.a.where(i = 1).empty()).count()', long)).toContain('VIEW_LIMIT')
    expect(faultOf('a.distinct()', long)).toContain('VIEW_LIMIT')
    expect(faultOf('(a | a).count()', long)).toContain('VIEW_LIMIT')
    const deep = (end: number) => JSON.parse(`{"a":${'{"a":'.repeat(20_000)}${end}${'}'.repeat(20_000)}}`)
    expect(faultOf('a = b', { ...deep(1), b: deep(2).a })).toContain('VIEW_LIMIT')
    expect(faultOf('a & a & a & a & a', { a: 'x'.repeat(20_000_000) })).toContain('VIEW_LIMIT')
    expect(faultOf("a.replace('', 'yyyy')", { a: 'x'.repeat(20_000_000) })).toContain('VIEW_LIMIT')
    expect(faultOf('a.b', { a: [[{ b: 1 }]] })).toContain('VIEW_RESOURCE')
  })

  it('may hold numbers that JSON allows and nobody means', () => {
    const huge = JSON.parse('{"a":1e999,"b":1e308,"c":-0,"d":123456789012345678901234567890}')
    expect(values('a + 1', huge)).toEqual([])
    expect(values('b * b', huge)).toEqual([])
    expect(values('c = 0', huge)).toEqual([true])
    expect(values('d > b', huge)).toEqual([false])
    expect(values('b.highBoundary().exists()', huge)).toEqual([true])
    expect(values('a.round(99)', huge)).toEqual([])
    expect(values('b.round(9) = b', huge)).toEqual([true])
  })
})
