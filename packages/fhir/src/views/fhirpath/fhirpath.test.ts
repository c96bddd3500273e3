import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FhirPathError } from '../errors.ts'
import { compileFhirPath } from './compile.ts'
import { Work } from './compiled.ts'
import { type Item, listOf } from './values.ts'

/** FHIRPath on small resources made up here. A list stands for a collection, an empty one for nothing. */

const PATIENT = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  birthDate: '1970-06',
  _birthDate: { id: 'born', extension: [{ url: 'urn:clock', valueTime: '04:05' }] },
  deceasedBoolean: false,
  name: [
    { use: 'official', family: 'Reed', given: ['Ann', null, 'Bo'], _given: [null, { extension: [{ url: 'urn:why', valueCode: 'unknown' }] }, null] },
    { use: 'old', given: ['Ann'] },
  ],
  contact: [{ name: { family: 'Alder' } }],
  link: [
    { other: { reference: 'Patient/q/_history/2' } },
    { other: { reference: 'urn:uuid:1' } },
    { other: { reference: 'https://x/Patient/z' } },
    { other: {} },
  ],
  extension: [
    { url: 'urn:a', valueQuantity: { value: 5, unit: 'mg' } },
    { url: 'urn:b', valueString: 'five' },
  ],
  contained: [
    { resourceType: 'Organization', id: 'o' },
    { resourceType: 'Practitioner', id: 'd' },
  ],
  multipleBirthInteger: 2,
  period: { start: '2020-02', end: '2020-03-04T10:00:00Z' },
}
const VIEW = {
  constants: new Map([
    ['n', { value: 2, type: 'integer' as const }],
    ['day', { value: '1970', type: 'date' as const }],
  ]),
  resourceType: 'Patient',
}
const fullUrls = new Map([['urn:uuid:1', 'Patient/one']])

const values = (text: string, resource: Item = PATIENT, rowIndex = 3): readonly Item[] => {
  const { evaluate } = compileFhirPath(text, VIEW)
  return listOf(evaluate(resource, { resource, rowIndex, fullUrls, work: new Work() }))
}

function faultOf(text: string, resource: Item = PATIENT): string {
  try {
    values(text, resource)
    return 'none'
  } catch (error) {
    if (!(error instanceof FhirPathError)) throw error
    return `${error.code}@${error.position} ${error.message}`
  }
}

const TABLES: { readonly [topic: string]: [path: string, ...values: unknown[]][] } = {
  paths: [
    ['id', 'p'],
    ['Patient.name.family', 'Reed'],
    ['Resource.id', 'p'],
    ['name.given', 'Ann', 'Bo', 'Ann'],
    ['name.nothing'],
    ['name[1].use', 'old'],
    ['name[2].use'],
    ['name[%n - 1].use', 'old'],
    ['name[{}].use'],
    ['`name`.`use`', 'official', 'old'],
    ['$this.id', 'p'],
    ['%resource.id', 'p'],
    ['%rowIndex', 3],
    ['%n', 2],
    ['name.where(%resource.active).count()', 2],
    ['active /* a comment */ // and another', true],
    ['id.length.more'],
  ],
  'literals of all kinds': [
    ["'a\\'b\\u0041\\n'", "a'bA\n"],
    ['4.50', 4.5],
    ['-4', -4],
    ['+4', 4],
    ['-name.count()', -2],
    ['true', true],
    ['{}'],
    ['@2020-02', '2020-02'],
    ['@2020-02-03T', '2020-02-03'],
    ['@2020-02-03T10:00:00Z', '2020-02-03T10:00:00Z'],
    ['@T10:30', '10:30'],
  ],
  'choices of types': [
    ['deceased', false],
    ['deceased.ofType(boolean)', false],
    ['deceased.exists()', true],
    ['deceased.ofType(dateTime)'],
    ['multipleBirth as integer', 2],
    ['multipleBirth.as(FHIR.integer)', 2],
    ["extension('urn:a').value.unit", 'mg'],
    ["extension('urn:b').value.ofType(Quantity)"],
    ["extension('urn:b').value", 'five'],
    ['contained.ofType(Organization).id', 'o'],
    ['contained.ofType(Resource).count()', 2],
    ['active.ofType(boolean)', true],
    ['active.ofType(string)'],
    ['birthDate.ofType(date)', '1970-06'],
    ['id.ofType(date)'],
  ],
  'extensions of primitives': [
    ["birthDate.extension('urn:clock').value.ofType(time)", '04:05'],
    ['birthDate.extension.url', 'urn:clock'],
    ['birthDate.id', 'born'],
    ["name.given.extension('urn:why').value.ofType(code)", 'unknown'],
    ["id.extension('urn:clock')"],
    ["multipleBirth.ofType(integer).extension('x')"],
    ["multipleBirth.extension('x')"],
    ['contained.id', 'o', 'd'],
  ],
  'three-valued logic': [
    ['true and {}'],
    ['false and {}', false],
    ['{} and false', false],
    ['true and true', true],
    ['true or {}', true],
    ['{} or true', true],
    ['false or {}'],
    ['false or false', false],
    ['true xor false', true],
    ['true xor {}'],
    ['false implies {}', true],
    ['{} implies true', true],
    ['true implies {}'],
    ['true implies false', false],
    ['{}.not()'],
    ['active.not()', false],
    ["'text' and true", true],
  ],
  equality: [
    ["id = 'p'", true],
    ["id != 'p'", false],
    ['id = {}'],
    ['{} != {}'],
    ['name.given = name.given', true],
    ['name[0].given = name[1].given', false],
    ['name = name', true],
    ['name[0] = name[1]', false],
    ['1 = 1.0', true],
    ["1 = '1'", false],
    ['birthDate = @1970-06', true],
    ['birthDate = @1970-06-02'],
    ['birthDate = %day'],
    ['birthDate = @1971', false],
    ["birthDate = '1970'", false],
    ['@2020-01-01T10:00:00Z = @2020-01-01T11:00:00+01:00', true],
    ['@2020-01-01T10:00:00 = @2020-01-01T10:00:00Z'],
    ['@T10:00 = @T10:00:00'],
    ["'2020-01-01T10:00:00Z' = '2020-01-01T11:00:00+01:00'", false],
    ['id = name', false],
  ],
  order: [
    ['1 < 2', true],
    ['2 <= 2', true],
    ['3 > 4', false],
    ['3 >= {}'],
    ["'a' < 'b'", true],
    ['birthDate < @1970-07', true],
    ['birthDate < @1970-06-02'],
    ['birthDate >= @1969', true],
    ['period.start < period.end', true],
    ['@T23:59 > @T04:00', true],
    ['@2020-01-01T23:30:00-01:00 > @2020-01-02T00:00:00Z', true],
    ['@0050-01-01T00:00:00+01:00 < @0050-01-01T00:00:00Z', true],
  ],
  arithmetic: [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['0.1 + 0.2', 0.3],
    ['1 / 0'],
    ['7 div 2', 3],
    ['-7 div 2', -3],
    ['7 mod 4', 3],
    ['1 mod 0'],
    ['7 / 2', 3.5],
    ['9007199254740991 - 1', 9007199254740990],
    ["'a' + 'b'", 'ab'],
    ["'a' + {}"],
    ["'a' & {}", 'a'],
    ['1 - -1', 2],
  ],
  lists: [
    ["'Ann' in name.given", true],
    ["name.given contains 'Cy'", false],
    ['{} in name.given'],
    ['(name.given | id).count()', 3],
    ['name.given.distinct()', 'Ann', 'Bo'],
    ['(name | name).count()', 2],
    ['name.given.first()', 'Ann'],
    ['name.given.last()', 'Ann'],
    ['name.given.tail()', 'Bo', 'Ann'],
    ['name.given.skip(2)', 'Ann'],
    ['name.given.take(1)', 'Ann'],
    ['name.given.take(-1)'],
    ['id.single()', 'p'],
    ["name.where(use = 'old').given", 'Ann'],
    ['name.where(family).use', 'official'],
    ['name.select(given | use)', 'Ann', 'Bo', 'official', 'Ann', 'old'],
    ['name.all(use.exists())', true],
    ['name.all(family.exists())', false],
    ['nothing.all(false)', true],
    ["name.exists(use = 'old')", true],
    ["name.exists(use = 'new')", false],
    ['name.empty()', false],
    ['nothing.empty()', true],
    ['id.hasValue()', true],
    ['name.hasValue()', false],
    ["iif(active, 'yes', 'no')", 'yes'],
    ["iif({}, 'yes', 'no')", 'no'],
    ["iif(false, 'yes')"],
  ],
  texts: [
    ['name.given.join()', 'AnnBoAnn'],
    ["name.given.join(', ')", 'Ann, Bo, Ann'],
    ["nothing.join(',')", ''],
    ["'abc'.startsWith('ab')", true],
    ["'abc'.endsWith('ab')", false],
    ["'abc'.contains('b')", true],
    ["'abc'.indexOf('c')", 2],
    ["'abc'.substring(1)", 'bc'],
    ["'abc'.substring(1, 1)", 'b'],
    ["'abc'.substring(3)"],
    ["'abc'.replace('b', '$&')", 'a$&c'],
    ["'abc'.replace('', 'x')", 'xaxbxcx'],
    ["'aB'.upper()", 'AB'],
    ["'aB'.lower()", 'ab'],
    ["' a '.trim()", 'a'],
    ["'abc'.length()", 3],
    ['nothing.length()'],
    ['1.5.toString()', '1.5'],
    ['name.first().toString()'],
  ],
  numbers: [
    ['(-1.5).abs()', 1.5],
    ['(-1.5).ceiling()', -1],
    ['(-1.5).floor()', -2],
    ['(-1.5).truncate()', -1],
    ['(-1.5).round()', -2],
    ['2.345.round(2)', 2.35],
    ["'12'.toInteger()", 12],
    ["'1.2'.toInteger()"],
    ["'1.2'.toDecimal()", 1.2],
    ['true.toInteger()', 1],
    ["'x'.toDecimal()"],
    ["'Yes'.toBoolean()", true],
    ["'0'.toBoolean()", false],
    ["'maybe'.toBoolean()"],
    ['name.first().toBoolean()'],
  ],
  boundaries: [
    ['1.587.lowBoundary()', 1.5865],
    ['1.587.highBoundary()', 1.5875],
    ['(-1.5).lowBoundary()', -1.55],
    ['1.lowBoundary()', 0.5],
    ['1.0.highBoundary()', 1.05],
    ['0.0000001.highBoundary()', 0.00000015],
    ['@2020.lowBoundary()', '2020-01-01'],
    ['@2020-02.highBoundary()', '2020-02-29'],
    ['@2021-02-03.highBoundary()', '2021-02-03'],
    ['@0004-02.highBoundary()', '0004-02-29'],
    ['birthDate.highBoundary()', '1970-06-30'],
    ['@2020T.lowBoundary()', '2020-01-01T00:00:00.000+14:00'],
    ['@2020-02-03T10Z.highBoundary()', '2020-02-03T10:59:59.999Z'],
    ['@2020-02-03T10:11:12.1+02:00.highBoundary()', '2020-02-03T10:11:12.199+02:00'],
    ['@T12:34.lowBoundary()', '12:34:00.000'],
    ['@T12:34.highBoundary()', '12:34:59.999'],
    ['period.lowBoundary()', '2020-02-01T00:00:00.000+14:00'],
    ['period.highBoundary()', '2020-03-04T10:00:00.999Z'],
    ['nothing.lowBoundary()'],
    ['contact.first().name.lowBoundary()'],
  ],
  keys: [
    ['getResourceKey()', 'Patient/p'],
    ['contained.getResourceKey()', 'Organization/o', 'Practitioner/d'],
    ['link.other.getReferenceKey()', 'Patient/q', 'Patient/one'],
    ['link.other.getReferenceKey(Patient)', 'Patient/q', 'Patient/one'],
    ["link.other.getReferenceKey('Patient')", 'Patient/q', 'Patient/one'],
    ['link.other.getReferenceKey(Group)'],
  ],
}

describe.each(Object.entries(TABLES))('%s', (_, rows) => {
  it.each(rows)('%s', (path, ...expected) => {
    expect(values(path)).toEqual(expected)
  })
})

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
