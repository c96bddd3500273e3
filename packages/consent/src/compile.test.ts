import { describe, expect, it } from 'vitest'
import { check, compile, couldPermit, isLimited } from './compile.ts'
import type { Grant, Policy, Question, ResourceFacts } from './types.ts'

const question: Question = {
  actor: { identifiers: ['npi|1'], organization: 'birch', group: 'birch', roles: ['physician'] },
  purposes: ['TREAT'],
  action: 'read',
  at: 1000,
  default: 'deny',
  careRelationship: true,
}
const normal: ResourceFacts = {
  ref: 'Observation/1',
  type: 'Observation',
  codes: [],
  confidentiality: 'N',
  sensitivity: [],
  categories: [],
  sources: ['alder'],
  authors: ['Practitioner/1'],
  encounter: 'Encounter/1',
  period: undefined,
}
const policyOf = (...grants: readonly Grant[]): Policy => ({ v: 1, grants })
const permitAll: Grant = { effect: 'permit' }
const emergency = { purposes: ['BTG'], breakGlass: { reason: 'unconscious' } }

describe('before any resource', () => {
  it('knows when nothing can be permitted', () => {
    expect(couldPermit(compile(policyOf(permitAll), question))).toBe(true)
    expect(couldPermit(compile(policyOf(permitAll, { effect: 'deny' }), question))).toBe(false)
    expect(couldPermit(compile(policyOf(), question))).toBe(false)
    expect(couldPermit(compile('absent', question))).toBe(false)
    expect(couldPermit(compile(policyOf(permitAll), { ...question, default: 'all-treatment' }, { expires: question.at - 1 }))).toBe(false)
  })

  it('tells a limited list by rule and reader alone', () => {
    const limited = (...grants: readonly Grant[]) => isLimited(compile(policyOf(...grants), question), 'Observation')
    expect(limited(permitAll)).toBe(false)
    expect(limited({ effect: 'permit', data: { types: ['Observation'] } })).toBe(false)
    expect(limited({ effect: 'permit', data: { confidentiality: 'N' } })).toBe(true)
    expect(limited(permitAll, { effect: 'deny', data: { types: ['Condition'] } })).toBe(false)
    expect(limited(permitAll, { effect: 'deny', data: { items: ['Observation/9'] } })).toBe(true)
    expect(limited()).toBe(true)
  })

  it.each<[name: string, expected: boolean, grants: readonly Grant[], more?: Partial<Question>]>([
    ['a permit', true, [permitAll]],
    ['no permit', false, [{ effect: 'deny', data: { types: ['Condition'] } }]],
    ['a default that permits', true, [], { default: 'normal-treatment' }],
    ['a default that is denied', false, [{ effect: 'deny' }], { default: 'all-treatment' }],
    ['a deny of some data', true, [permitAll, { effect: 'deny', data: { types: ['Condition'] } }]],
    ['a deny of what one source keeps', true, [permitAll, { effect: 'deny', within: { sources: ['alder'] } }]],
    ['a deny of what one author wrote', true, [permitAll, { effect: 'deny', within: { authors: ['npi|1'] } }]],
    ['a deny of other recipients', true, [permitAll, { effect: 'deny', recipients: [{ role: 'nurse' }] }]],
    ['a deny with an exception', true, [permitAll, { effect: 'deny', except: { data: { types: ['Condition'] } } }]],
    ['a permit for one of two purposes', false, [{ effect: 'permit', purposes: ['TREAT'] }], { purposes: ['TREAT', 'HRESCH'] }],
    ['a default without a live link', false, [], { default: 'all-treatment', careRelationship: false }],
    ['a permit that an exception takes back', false, [{ effect: 'permit', except: { recipients: [{ practitioner: 'npi|1' }] } }]],
    ['a permit that an exception without conditions takes back', false, [{ effect: 'permit', except: {} }]],
    ['an emergency', true, [], { ...emergency, default: 'all-treatment' }],
  ])('knows of %s whether anything could be permitted', (_, expected, grants, more = {}) => {
    expect(couldPermit(compile(policyOf(...grants), { ...question, ...more }))).toBe(expected)
  })

  it.each<[name: string, expected: boolean, grants: readonly Grant[], more?: Partial<Question>]>([
    ['a default that permits all', false, [], { default: 'all-treatment' }],
    ['a default that permits what is normal', true, [], { default: 'normal-treatment' }],
    ['a permit beside a narrower default', false, [permitAll], { default: 'normal-treatment' }],
    ['a permit of another type', true, [{ effect: 'permit', data: { types: ['Condition'] } }]],
    ['a permit with an exception', true, [{ effect: 'permit', except: { data: { types: ['Condition'] } } }]],
    ['a permit of what one source keeps', true, [{ effect: 'permit', within: { sources: ['alder'] } }]],
    ['a permit of what one author wrote', true, [{ effect: 'permit', within: { authors: ['npi|1'] } }]],
    ['a deny that an exception takes back', false, [permitAll, { effect: 'deny', except: { recipients: [{ practitioner: 'npi|1' }] } }]],
    ['a deny of a class that is no type', true, [permitAll, { effect: 'deny', data: { types: ['urn:x|y'] } }]],
    ['a deny of all types', true, [permitAll, { effect: 'deny', within: { sources: ['alder'] } }]],
    ['a permit for one of two purposes', true, [{ effect: 'permit', purposes: ['TREAT'] }], { purposes: ['TREAT', 'HRESCH'] }],
    ['an emergency', false, [], { ...emergency, default: 'all-treatment' }],
    ['an emergency without a reason', true, [], { purposes: ['BTG'], default: 'all-treatment' }],
    ...(
      [
        { categories: ['hiv'] },
        { confidentiality: 'N' },
        { sensitivity: ['HIV'] },
        { codes: ['s|1'] },
        { sources: ['alder'] },
        { authors: ['npi|1'] },
        { encounters: ['Encounter/1'] },
        { items: ['Observation/1'] },
        { period: { from: '2024' } },
      ] as const
    ).map((data): [string, boolean, readonly Grant[]] => [`a permit by ${Object.keys(data).join()}`, true, [{ effect: 'permit', data }]]),
  ])('knows of %s whether a list may be shorter', (_, expected, grants, more = {}) => {
    expect(isLimited(compile(policyOf(...grants), { ...question, ...more }), 'Observation')).toBe(expected)
  })

  it('asks how resources hang together only for a grant, or an exception, that speaks of it', () => {
    const asks = (...grants: readonly Grant[]) => compile(policyOf(...grants), question).asksForLinks
    expect(asks(permitAll, { effect: 'permit', data: { items: ['Observation/1', { authoredBy: ['npi|1'] }] } })).toBe(false)
    expect(asks(permitAll, { effect: 'deny', data: { items: ['Observation/1', { related: 'Encounter/1' }] } })).toBe(true)
    expect(asks({ effect: 'deny', except: { data: { items: [{ dependents: 'Encounter/1' }] } } })).toBe(true)
    expect(compile(undefined, question).asksForLinks).toBe(false)
  })

  it('reuses one verdict for each reason', () => {
    const compiled = compile(policyOf(permitAll), question)
    expect(check(compiled, normal)).toBe(check(compiled, { ...normal, ref: 'Observation/2' }))
  })
})
