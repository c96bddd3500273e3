import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingsOf } from '../../test/read-file.ts'
import { bundle, clinic, load, ndjson, network, PLAN_NET, role, to } from '../../test/resources.ts'
import { DirectoryError } from '../index.ts'
import { MAX_RESOURCE_BYTES } from '../limits.ts'

describe('a hostile file', () => {
  it('spoils one line and no other', () => {
    const latin = Uint8Array.from(`${ndjson(clinic)}\n{"resourceType":"Organization","id":"\xe9"}\n${ndjson(network)}`, (character) => character.charCodeAt(0))
    expect(findingsOf(load(latin))).toEqual([[], ['ROW_ENCODING resource'], []])
    const long = `${ndjson(clinic)}\n{"resourceType":"${'x'.repeat(MAX_RESOURCE_BYTES)}"}\n${ndjson(network)}\n{"${'x'.repeat(MAX_RESOURCE_BYTES)}`
    const records = load(long)
    expect(findingsOf(records)).toEqual([[], ['RESOURCE_SIZE resource'], [], ['RESOURCE_SIZE resource']])
    expect(records.map(({ row }) => row)).toEqual([1, 2, 3, 4])
  })

  it.each(['id,name\n1,a\n', '<Bundle/>', '[1]', '\u001F\u008B\b'])('that is none of resources is refused: %j', (file) => {
    expect(() => load(file)).toThrow(DirectoryError)
  })

  it('that was cut is rejected from where it ends', () => {
    const text = JSON.stringify(bundle(clinic, network), null, 2)
    expect(load(text.slice(0, -10)).every(({ accepted }) => !accepted)).toBe(true)
    expect(load(`${ndjson(clinic)}\n${ndjson(network).slice(0, -5)}`).map(({ accepted }) => accepted)).toEqual([true, false])
    expect(load('')).toEqual([])
  })

  it('of any JSON at all throws nothing', () => {
    const types = fc.constantFrom(
      'Practitioner',
      'PractitionerRole',
      'Organization',
      'OrganizationAffiliation',
      'Location',
      'Endpoint',
      'HealthcareService',
      'InsurancePlan',
    )
    const names = [
      'identifier',
      'name',
      'address',
      'telecom',
      'qualification',
      'extension',
      'location',
      'network',
      'organization',
      'meta',
      'period',
      'type',
      'code',
      'communication',
      'status',
      'contained',
    ]
    const anything = fc.record(Object.fromEntries(names.map((name) => [name, fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()))])), { requiredKeys: [] })
    fc.assert(
      fc.property(types, anything, (resourceType, rest) => {
        const [record] = load(ndjson({ resourceType, id: 'x', ...rest }))
        expect(record?.accepted).toBe(true)
      }),
    )
  })

  it('of many locations in many networks says at most so much', () => {
    const many = (prefix: string) => Array.from({ length: 300 }, (_, i) => `${prefix}${i}`)
    const resources = [
      ...many('n').map((id) => ({ ...network, id })),
      ...many('l').map((id) => ({ resourceType: 'Location', id })),
      {
        ...role,
        location: many('l').map((id) => to(`Location/${id}`)),
        extension: many('n').map((id) => ({ url: `${PLAN_NET}/StructureDefinition/network-reference`, valueReference: to(`Organization/${id}`) })),
      },
    ]
    const record = load(ndjson(...resources)).at(-1)
    expect(record?.accepted === true && record.facts.length).toBeLessThanOrEqual(2_000)
    expect(record?.findings.map(({ code }) => code)).toContain('VALUE_TOO_LONG')
  })
})
