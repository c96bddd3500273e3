import { decodeUtf8, encodeBase64Url, InputError, parseCanonical } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policy as anyPolicy } from '../test/arbitraries.ts'
import { decide, encodePolicy, MAX_GRANTS, parsePolicy, type Policy } from './index.ts'

const key = encodeBase64Url(new Uint8Array(32).fill(7))
const whole: Policy = parsePolicy({
  v: 1,
  preset: 'care-team',
  until: 2_000_000_000_000,
  replaces: [key],
  unlinked: [key],
  filters: { [key]: { types: ['Observation'] } },
  grants: [
    {
      effect: 'permit',
      recipients: [{ organization: 'birch' }, { practitioner: 'http://hl7.org/fhir/sid/us-npi|1999900001' }],
      purposes: ['TREAT'],
      actions: ['read', 'search'],
      data: { confidentiality: 'N' },
      valid: { from: 1, until: 1 },
    },
    {
      effect: 'deny',
      data: { items: ['Observation/1'], period: { from: '2024-02-29' } },
      except: { recipients: [{ role: 'physician' }], purposes: ['BTG'], data: { categories: ['hiv'] } },
    },
  ],
})

describe('a policy document', () => {
  it('is encoded to the canonical bytes that it parses from', () => {
    expect(parsePolicy(parseCanonical(encodePolicy(whole)))).toEqual(whole)
    expect(decodeUtf8(encodePolicy({ v: 1, grants: [] }))).toBe('{"grants":[],"v":1}')
  })

  const refused: readonly (readonly [string, unknown])[] = [
    ['no object', []],
    ['another version', { v: 2, grants: [] }],
    ['no grants', { v: 1 }],
    ['an unknown member', { v: 1, grants: [], note: 'x' }],
    ['an unknown member of a grant', { v: 1, grants: [{ effect: 'permit', reason: 'x' }] }],
    ['an unknown effect', { v: 1, grants: [{ effect: 'maybe' }] }],
    ['an empty list', { v: 1, grants: [{ effect: 'permit', purposes: [] }] }],
    ['an empty selector', { v: 1, grants: [{ effect: 'permit', data: {} }] }],
    ['an empty exception', { v: 1, grants: [{ effect: 'deny', except: {} }] }],
    ['an exception in an exception', { v: 1, grants: [{ effect: 'deny', except: { except: {} } }] }],
    ['a recipient that names nobody', { v: 1, grants: [{ effect: 'permit', recipients: [{}] }] }],
    ['two meanings of an item', { v: 1, grants: [{ effect: 'permit', data: { items: [{ related: 'Encounter/1', dependents: 'Encounter/1' }] } }] }],
    ['an exception that says nothing', { v: 1, grants: [{ effect: 'permit', except: [{}] }] }],
    ['a date that is none', { v: 1, grants: [{ effect: 'permit', data: { period: { from: '2024-13' } } }] }],
    ['no member in a recipient', { v: 1, grants: [{ effect: 'permit', recipients: [{}] }] }],
    ['anyone that is not true', { v: 1, grants: [{ effect: 'permit', recipients: [{ anyone: false }] }] }],
    ['a practitioner without a system', { v: 1, grants: [{ effect: 'permit', recipients: [{ practitioner: '1999900001' }] }] }],
    ['a code without a system', { v: 1, grants: [{ effect: 'permit', data: { codes: ['1-8'] } }] }],
    ['a day that does not exist', { v: 1, grants: [{ effect: 'permit', data: { period: { from: '2023-02-29' } } }] }],
    ['a period that ends before it begins', { v: 1, grants: [{ effect: 'permit', data: { period: { from: '2024-01-02', until: '2024-01-01' } } }] }],
    ['a time that ends before it begins', { v: 1, grants: [{ effect: 'permit', valid: { from: 2, until: 1 } }] }],
    ['a fraction', { v: 1, grants: [], until: 1.5 }],
    ['an item that is none', { v: 1, grants: [{ effect: 'deny', data: { items: ['Observation'] } }] }],
    ['a hash that is none', { v: 1, grants: [], unlinked: ['x'] }],
    ['too many grants', { v: 1, grants: Array.from({ length: MAX_GRANTS + 1 }, () => ({ effect: 'permit' })) }],
  ]
  it.each(refused)('refuses %s', (_, document) => {
    expect(() => parsePolicy(document)).toThrow(InputError)
  })

  it('names all faults at once', () => {
    expect(() => parsePolicy({ v: 3, grants: [{ effect: 'x' }, { effect: 'permit', purposes: [] }], odd: 1 })).toThrow(/odd.*v:.*grants\[0\].*grants\[1\]/)
  })

  it('a document with one value of another type is unreadable, and so denies', () => {
    const question = {
      actor: { identifiers: ['npi|1'], organization: 'birch', group: 'g1', roles: [] },
      purposes: ['TREAT'],
      action: 'read',
      at: 1500,
      default: 'normal-treatment',
      careRelationship: true,
    } as const
    const facts = {
      ref: 'Observation/1',
      type: 'Observation',
      codes: [],
      confidentiality: 'N',
      sensitivity: [],
      categories: [],
      sources: ['alder'],
      authors: ['npi|1'],
      encounter: 'Encounter/1',
      period: { from: Date.UTC(2020, 0, 1), until: Date.UTC(2020, 0, 1) },
    } as const
    fc.assert(
      fc.property(anyPolicy, fc.nat(), (policy, at) => {
        if (readOr(policy) === 'unreadable') return true
        const damaged = readOr(damage(policy, at))
        return damaged === 'unreadable' && decide(damaged, question, facts).effect === 'deny'
      }),
      { numRuns: 5000 },
    )
  })
})

function readOr(document: unknown): Policy | 'unreadable' {
  try {
    return parsePolicy(document)
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return 'unreadable'
  }
}

/** Replaces the n-th value of a document by one of another type. */
function damage(document: unknown, n: number): unknown {
  const places: (() => void)[] = []
  const copy: unknown = structuredClone(document)
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const name of Object.keys(value)) {
      places.push(() => Object.assign(value, { [name]: typeof Reflect.get(value, name) === 'number' ? 'x' : 7 }))
      visit(Reflect.get(value, name))
    }
  }
  visit(copy)
  places[n % places.length]?.()
  return copy
}
