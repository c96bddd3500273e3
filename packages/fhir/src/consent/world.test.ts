import { describe, expect, it } from 'vitest'
import { createWorld, hasOddIdentifier, identifiersOf, isLive, type Json, localName, resolve } from './world.ts'

const identified = (value: string) => ({ identifier: [{ system: 's', value }] })
const practitioner: Json = { resourceType: 'Practitioner', id: 'p', ...identified('p') }
const organization: Json = { resourceType: 'Organization', id: 'o', ...identified('o') }
const role = (id: string, reference: object): Json => ({ resourceType: 'PractitionerRole', id, practitioner: reference })
const part = (id: string, reference: object): Json => ({ resourceType: 'Organization', id, partOf: reference })
const to = (reference: string) => ({ reference })

describe('the resources that references lead to', () => {
  it('are found by name and by identifier, and not at all where one name stands for two', () => {
    const world = createWorld([practitioner, { ...practitioner }, organization, { ...organization, name: 'another' }, 'x', { resourceType: 'Organization' }])
    expect(world.byName('Practitioner/p')).toEqual(practitioner)
    expect(world.byIdentifier('s|p')).toEqual([practitioner])
    expect([world.byName('Organization/o'), world.byIdentifier('s|o'), world.byName('Organization/x')]).toEqual([undefined, [], undefined])
    const again = createWorld([organization, { ...organization, name: 'another' }, organization])
    expect(again.byName('Organization/o')).toBeUndefined()
  })

  it('share an identifier where several carry it, each once', () => {
    const twice = { ...practitioner, id: 'q', identifier: [...identified('p').identifier, ...identified('p').identifier] }
    expect(createWorld([practitioner, twice]).byIdentifier('s|p')).toEqual([practitioner, twice])
  })

  it('are the roles of a practitioner and the parts of an organization, by name and by identifier', () => {
    const byName = role('1', to('Practitioner/p/_history/2'))
    const byIdentifier = role('2', { identifier: { system: 's', value: 'p' } })
    const others = [
      role('3', to('Practitioner/q')),
      role('4', { reference: 'somewhere', identifier: { system: 's', value: 'p' } }),
      role('5', { display: 'x' }),
    ]
    const [lab, ward] = [part('lab', to('Organization/o')), part('ward', { identifier: { system: 's', value: 'o' } })]
    const strange = { resourceType: 'Location', id: 'l', partOf: to('Organization/o'), practitioner: to('Practitioner/p') }
    const world = createWorld([practitioner, organization, byName, byIdentifier, ...others, lab, ward, strange])
    expect(world.rolesOf(practitioner, 'Practitioner/p')).toEqual([byName, byIdentifier])
    expect(world.partsOf(organization, 'Organization/o')).toEqual([lab, ward])
    expect(world.rolesOf(role('6', {}), 'Practitioner/none')).toEqual([])
    expect(world.partsOf(lab, 'Organization/lab')).toEqual([])
  })
})

describe('identifiers', () => {
  it.each<[name: string, identifier: unknown, expected: readonly string[], isOdd: boolean]>([
    ['none', undefined, [], false],
    ['an empty list', [], [], false],
    ['one', [{ system: 's', value: '1' }], ['s|1'], false],
    ['one that is no list', { system: 's', value: '1' }, ['s|1'], false],
    [
      'two',
      [
        { system: 's', value: '1' },
        { system: 't', value: '2' },
      ],
      ['s|1', 't|2'],
      false,
    ],
    ['one without a system', [{ value: '1' }], [], true],
    ['one without a system beside another', [{ value: '1' }, { system: 's', value: '2' }], ['s|2'], false],
    ['one without a value', [{ system: 's' }, { system: 's', value: '2' }], ['s|2'], true],
    ['one with a blank value', [{ system: 's', value: ' ' }], [], true],
    [
      'one with a blank system',
      [
        { system: ' ', value: '1' },
        { system: 's', value: '2' },
      ],
      ['s|2'],
      true,
    ],
    ['one with numbers', [{ system: 1, value: 1 }], [], true],
    ['text', 's|1', [], true],
    ['text in a list', ['s|1', { system: 's', value: '2' }], ['s|2'], true],
  ])('%s', (_, identifier, expected, isOdd) => {
    const resource = identifier === undefined ? {} : { identifier }
    expect([identifiersOf(resource), hasOddIdentifier(resource)]).toEqual([expected, isOdd])
  })
})

describe('a reference', () => {
  const world = createWorld([practitioner])
  const nothing = (said: string) => ({ kind: 'nothing', said })
  const found = { kind: 'resource', resource: practitioner, name: 'Practitioner/p', contained: false }
  const inside = { resourceType: 'Group', id: 'g' }
  it.each<[name: string, reference: unknown, expected: object]>([
    ['to a known resource', to('Practitioner/p'), found],
    ['to a version of it', to('Practitioner/p/_history/1'), found],
    ['to an unknown resource', to('Practitioner/q'), nothing('Practitioner/q')],
    ['to another server', to('https://a.example/Practitioner/p'), nothing('https://a.example/Practitioner/p')],
    ['with a path in front', to('fhir/Practitioner/p'), nothing('fhir/Practitioner/p')],
    ['with a path behind', to('Practitioner/p/more'), nothing('Practitioner/p/more')],
    ['to a contained resource', to('#g'), { kind: 'resource', resource: inside, name: '#g', contained: true }],
    ['to a contained resource that is not there', to('#h'), nothing('#h')],
    ['to a contained resource that is there twice', to('#d'), nothing('#d')],
    ['by an identifier', { identifier: { system: 's', value: '1' } }, { kind: 'identifier', system: 's', value: '1', type: undefined }],
    [
      'by an identifier with a type',
      { type: 'Group', identifier: { system: 's', value: '1' } },
      { kind: 'identifier', system: 's', value: '1', type: 'Group' },
    ],
    [
      'by an identifier with a type that is none',
      { type: 7, identifier: { system: 's', value: '1' } },
      { kind: 'identifier', system: 's', value: '1', type: undefined },
    ],
    ['by an identifier beside a reference that is none', { reference: 7, identifier: { system: 's', value: '1' } }, nothing('')],
    ['by an identifier without a system', { identifier: { value: '1' } }, nothing('')],
    ['by an identifier without a value', { identifier: { system: 's', value: '' } }, nothing('')],
    ['by a name alone', { display: 'x' }, nothing('a name without a reference')],
    ['by a blank name', { display: ' ' }, nothing('')],
    ['that is text', 'Practitioner/p', nothing('')],
  ])('%s', (_, reference, expected) => {
    expect(resolve(reference, world, [inside, 'd', { id: 'd' }, { id: 'd' }])).toEqual(expected)
  })

  it('names a resource of this server only in its proper form', () => {
    expect(localName(to('Practitioner/p'))).toBe('Practitioner/p')
    expect(localName(to(`Xy/${'x'.repeat(64)}/_history/${'1'.repeat(64)}`))).toBe(`Xy/${'x'.repeat(64)}`)
    for (const text of [
      'practitioner/p',
      'X/p',
      'Practitioner/',
      'Practitioner/a_b',
      `Xy/${'x'.repeat(65)}`,
      'Practitioner/p/_history/',
      ' Practitioner/p',
      'Practitioner/p ',
    ])
      expect(localName(to(text))).toBeUndefined()
    expect([localName('Practitioner/p'), localName({ reference: 7 }), localName(undefined)]).toEqual([undefined, undefined, undefined])
  })
})

describe('what counts at an instant', () => {
  const at = Date.UTC(2024, 5, 1)
  const period = (start?: string, end?: string) => ({ period: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) } })
  it.each<[name: string, resource: Json, asResource: boolean, asEntry: boolean]>([
    ['nothing said', {}, true, true],
    ['active', { active: true }, true, true],
    ['not active', { active: false }, false, true],
    ['active in another way', { active: 'true' }, false, true],
    ['within its period', period('2024', '2024'), true, true],
    ['from this instant', period('2024-06-01T00:00:00.000Z'), true, true],
    ['until this instant', period(undefined, '2024-06-01T00:00:00.000Z'), true, true],
    ['before its period', period('2025'), false, false],
    ['after its period', period('2020', '2023'), false, false],
    ['a period that cannot be read', period('soon'), false, false],
    ['a period that says nothing', period(), false, false],
    ['a period that is text', { period: '2024' }, false, false],
  ])('%s', (_, resource, asResource, asEntry) => {
    expect([isLive(resource, at), isLive(resource, at, 'none')]).toEqual([asResource, asEntry])
  })
})
