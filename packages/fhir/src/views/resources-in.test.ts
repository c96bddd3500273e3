import { describe, expect, it } from 'vitest'
import { resourcesIn } from './resources-in.ts'

const patient = (id: string) => ({ resourceType: 'Patient', id })
const bundle = (...entry: unknown[]) => ({ resourceType: 'Bundle', entry })
const idsOf = (value: unknown) => resourcesIn(value).map(({ resource, at }) => `${at} ${String(Object(resource).id)}`)

describe('resources in a JSON value', () => {
  it('are the value, the elements of an array, and the entries of Bundles wherever they stand', () => {
    expect(idsOf(patient('a'))).toEqual([' a'])
    expect(idsOf([patient('a'), bundle({ resource: patient('b') })])).toEqual(['[0] a', '[1] entry[0] b'])
    expect(idsOf(bundle({ request: { method: 'DELETE' } }, { resource: bundle({ resource: patient('c') }) }))).toEqual(['entry[1] entry[0] c'])
    expect(idsOf({ resourceType: 'Bundle' })).toEqual([])
  })

  it('know the URLs of the Bundle in which they stand', () => {
    const [found] = resourcesIn(bundle({ resource: bundle({ fullUrl: 'urn:uuid:1', resource: patient('a') }) }))
    expect([...(found?.fullUrls ?? [])]).toEqual([['urn:uuid:1', 'Patient/a']])
  })

  it('are Bundles where these are asked for', () => {
    expect(resourcesIn([bundle(), patient('a')], '', true)).toHaveLength(2)
  })

  it('may be none, for their reader to say so', () => {
    expect(resourcesIn([7, [patient('a')]])).toEqual([
      { resource: 7, at: '[0]' },
      { resource: [patient('a')], at: '[1]' },
    ])
  })

  it.each([
    [bundle('x'), 'entry[0]: expected an entry of a Bundle, found a string'],
    [bundle({ resource: null }), 'entry[0]: expected a FHIR resource, found null'],
    [{ resourceType: 'Bundle', entry: { resource: patient('a') } }, 'entry: expected a list of entries, found an object'],
    [[{ resourceType: 'Bundle', entry: 'x' }], '[0] entry: expected a list of entries, found a string'],
  ])('are not in what is neither (%#)', (value, message) => {
    expect(() => resourcesIn(value)).toThrow(expect.objectContaining({ code: 'VIEW_RESOURCE', message }))
  })

  it('are not looked for in Bundles without end', () => {
    const deep = Array.from({ length: 9 }).reduce<object>((inner) => bundle({ resource: inner }), patient('a'))
    expect(() => resourcesIn(deep)).toThrow('expected at most 8 Bundles within each other, found more')
  })
})
