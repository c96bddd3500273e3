import { describe, expect, it } from 'vitest'
import { check, compile, decide, decideAll, decideByDefault, type DataSelector, type Grant, type Policy, type Question, type ResourceFacts } from './index.ts'

import { spanOfDate, spanOfPeriod } from './dates.ts'

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
  codes: ['http://loinc.org|1-8'],
  confidentiality: 'N',
  sensitivity: [],
  categories: [],
  sources: ['alder'],
  authors: ['Practitioner/1'],
  encounter: 'Encounter/1',
  period: spanOfDate('2024-01-01'),
}
const mental: ResourceFacts = { ...normal, confidentiality: 'R', sensitivity: ['PSY'], categories: ['mental-health'] }
const policyOf = (...grants: readonly Grant[]): Policy => ({ v: 1, grants })
const permitAll: Grant = { effect: 'permit' }
const outcome = (policy: Parameters<typeof decide>[0], more: Partial<Question> = {}, facts: ResourceFacts | undefined = normal, options = {}) => {
  const verdict = decide(policy, { ...question, ...more }, facts, options)
  return `${verdict.effect} ${verdict.reasons.map(({ code }) => code).join(',')}`
}
const emergency = { purposes: ['BTG'], breakGlass: { reason: 'unconscious' } }

describe('decide', () => {
  it('denies without a policy, with one that cannot be read, and what cannot be read', () => {
    expect(outcome(undefined)).toBe('deny NO_CONSENT')
    expect(outcome('absent')).toBe('deny NO_CONSENT')
    expect(outcome('unreadable')).toBe('deny UNREADABLE_POLICY')
    expect(decide(policyOf(permitAll), question, undefined).reasons[0]?.code).toBe('UNREADABLE_RESOURCE')
  })

  it('permits by a grant, and names it', () => {
    expect(decide(policyOf(permitAll), question, normal).reasons).toStrictEqual([{ code: 'PERMITTED', grant: 0 }])
    expect(outcome(policyOf())).toBe('deny NOT_COVERED')
  })

  it('lets any deny beat any permit, the most special one too', () => {
    expect(outcome(policyOf({ effect: 'permit', data: { items: ['Observation/1'] }, recipients: [{ practitioner: 'npi|1' }] }, { effect: 'deny' }))).toBe(
      'deny DENIED_BY_GRANT',
    )
  })

  it('lets only an exception inside the same grant open a deny', () => {
    const nobodyBut = policyOf(permitAll, { effect: 'deny', except: { recipients: [{ practitioner: 'npi|1' }] } })
    expect(outcome(nobodyBut)).toBe('permit PERMITTED')
    expect(outcome(nobodyBut, { actor: { ...question.actor, identifiers: ['npi|2'] } })).toBe('deny DENIED_BY_GRANT')
    expect(outcome(nobodyBut, { actor: { ...question.actor, identifiers: [] } })).toBe('deny DENIED_BY_GRANT')
  })

  it('subsumes purposes downwards only', () => {
    const research = policyOf({ effect: 'permit', purposes: ['HRESCH'] })
    expect(outcome(research, { purposes: ['CLINTRCH'] })).toBe('permit PERMITTED')
    expect(outcome(policyOf({ effect: 'permit', purposes: ['CLINTRCH'] }), { purposes: ['HRESCH'] })).toBe('deny NOT_COVERED')
    expect(outcome(research, { purposes: ['CLINTRCH', 'TREAT'] })).toBe('deny NOT_COVERED')
    expect(outcome(research, { purposes: [] })).toBe('deny NOT_COVERED')
  })

  it('knows an unknown purpose only by name, and denies by everything', () => {
    expect(outcome(policyOf(permitAll), { purposes: ['ODD'] })).toBe('deny PURPOSE_UNKNOWN')
    expect(outcome(policyOf({ effect: 'permit', purposes: ['ODD'] }), { purposes: ['ODD'] })).toBe('permit PERMITTED')
    expect(outcome(policyOf({ effect: 'permit', purposes: ['ODD'] }, { effect: 'deny', purposes: ['HMARKT'] }), { purposes: ['ODD'] })).toBe(
      'deny DENIED_BY_GRANT',
    )
  })

  it('keeps denies and drops permits and the default after the end, the end included', () => {
    const ending: Policy = { ...policyOf(permitAll), until: 1000 }
    expect(outcome(ending)).toBe('permit PERMITTED')
    expect(outcome(ending, { at: 1001 })).toBe('deny POLICY_EXPIRED')
    expect(outcome(policyOf(permitAll), { at: 1001 }, normal, { expires: 1000 })).toBe('deny POLICY_EXPIRED')
    expect(outcome(policyOf(), { at: 1001, default: 'all-treatment' }, normal, { expires: 1000 })).toBe('deny POLICY_EXPIRED')
    expect(outcome({ ...policyOf({ effect: 'deny' }), until: 1 })).toBe('deny DENIED_BY_GRANT')
  })

  it('withholds what is labelled higher than what is shared, and says so', () => {
    const shared = policyOf({ effect: 'permit', data: { confidentiality: 'N' } })
    expect(outcome(shared, {}, mental)).toBe('deny LABEL_DENIED')
    expect(outcome(policyOf(permitAll, { effect: 'deny', data: { categories: ['mental-health'] } }), {}, mental)).toBe('deny LABEL_DENIED')
    expect(outcome(policyOf({ effect: 'permit', data: { categories: ['mental-health'] } }), {}, mental)).toBe('permit PERMITTED')
    expect(outcome(policyOf({ effect: 'permit', data: { categories: ['mental-health'] } }), {}, { ...mental, confidentiality: 'V' })).toBe('deny LABEL_DENIED')
    expect(outcome(policyOf({ effect: 'permit', data: { sensitivity: ['BH'] } }), {}, mental)).toBe('permit PERMITTED')
    expect(outcome(policyOf({ effect: 'permit', data: { sensitivity: ['BH'] } }), {}, { ...mental, sensitivity: ['PSY', 'HIV'] })).toBe('deny LABEL_DENIED')
  })

  it.each<[except: string, data: DataSelector, expected: string]>([
    ['a level', { confidentiality: 'R' }, 'deny LABEL_DENIED'],
    ['a topic', { categories: ['mental-health'] }, 'deny LABEL_DENIED'],
    ['a code', { sensitivity: ['PSY'] }, 'deny LABEL_DENIED'],
    ['a type', { types: ['Observation'] }, 'deny NOT_COVERED'],
  ])('says what %s withholds, in an exception of a permit and in a deny', (_, data, expected) => {
    expect(outcome(policyOf({ effect: 'permit', except: { data } }), {}, mental)).toBe(expected)
    expect(outcome(policyOf(permitAll, { effect: 'deny', data }), {}, mental)).toBe(expected.replace('NOT_COVERED', 'DENIED_BY_GRANT'))
  })

  it('says of an exception without data, and of one by its source, that nothing covers the item', () => {
    expect(outcome(policyOf({ effect: 'permit', except: { within: { sources: ['alder'] } } }))).toBe('deny NOT_COVERED')
    expect(outcome(policyOf({ effect: 'permit', except: {} }))).toBe('deny NOT_COVERED')
    expect(outcome(policyOf(permitAll, { effect: 'deny', except: {} }))).toBe('deny DENIED_BY_GRANT')
  })

  it('lets an exception by source take away what comes from there, and nothing else', () => {
    const without = (effect: Grant['effect'], source: string): Grant => ({ effect, except: { within: { sources: [source] } } })
    expect(outcome(policyOf(permitAll, without('deny', 'alder')))).toBe('permit PERMITTED')
    expect(outcome(policyOf(permitAll, without('deny', 'birch')))).toBe('deny DENIED_BY_GRANT')
    expect(outcome(policyOf(without('permit', 'alder')))).toBe('deny NOT_COVERED')
    expect(outcome(policyOf(without('permit', 'birch')))).toBe('permit PERMITTED')
  })

  it('asks every version, and names the one that denies', () => {
    const [open, shut] = [policyOf(permitAll), policyOf({ effect: 'deny' })]
    expect(decideAll([], question, normal)).toEqual({ effect: 'deny', reasons: [{ code: 'NO_CONSENT' }] })
    expect(decideAll([open, { policy: open }], question, normal)).toEqual({ effect: 'permit', reasons: [{ code: 'PERMITTED', policy: 1, grant: 0 }] })
    expect(decideAll([open, shut], question, normal).reasons).toEqual([{ code: 'DENIED_BY_GRANT', policy: 1, grant: 0 }])
    expect(decideAll([open, { policy: open, expires: 999 }], question, normal).reasons).toEqual([{ code: 'POLICY_EXPIRED', policy: 1 }])
    expect(decideAll([open, 'unreadable'], question, normal).reasons).toEqual([{ code: 'UNREADABLE_POLICY', policy: 1 }])
    expect(decideAll([{ policy: 'absent' }, open], question, normal).reasons).toEqual([{ code: 'NO_CONSENT', policy: 0 }])
  })

  it('says of an unreadable resource why it is denied whatever it holds', () => {
    expect(check(compile('absent', question), undefined).reasons).toEqual([{ code: 'NO_CONSENT' }])
    const emergencyOpen = compile(policyOf(), { ...question, ...emergency, default: 'all-treatment' })
    expect(check(emergencyOpen, undefined)).toMatchObject({ effect: 'deny', reasons: [{ code: 'UNREADABLE_RESOURCE' }] })
  })

  it('permits by date only what lies wholly inside, and denies what overlaps', () => {
    const in2024 = { period: { from: '2024-01-01', until: '2024-12-31' } }
    const partial: ResourceFacts = { ...normal, period: spanOfPeriod('2023-12-01', '2024-01-01') }
    expect(outcome(policyOf({ effect: 'permit', data: in2024 }))).toBe('permit PERMITTED')
    expect(outcome(policyOf({ effect: 'permit', data: in2024 }), {}, partial)).toBe('deny NOT_COVERED')
    expect(outcome(policyOf(permitAll, { effect: 'deny', data: in2024 }), {}, partial)).toBe('deny DENIED_BY_GRANT')
    expect(outcome(policyOf(permitAll, { effect: 'deny', data: in2024 }), {}, { ...normal, period: undefined })).toBe('deny DENIED_BY_GRANT')
  })
})

describe('the default of the network', () => {
  it.each([
    ['deny', normal, 'deny NOT_COVERED'],
    ['normal-treatment', normal, 'permit DEFAULT_PERMITS'],
    ['normal-treatment', mental, 'deny LABEL_DENIED'],
    ['all-treatment', mental, 'permit DEFAULT_PERMITS'],
    ['break-glass-only', normal, 'deny NOT_COVERED'],
  ] as const)('%s', (setting, facts, expected) => {
    expect(outcome(policyOf(), { default: setting }, facts)).toBe(expected)
    expect(outcome(policyOf({ effect: 'deny' }), { default: setting }, facts)).toBe('deny DENIED_BY_GRANT')
    expect(decideByDefault({ ...question, default: setting }, facts).effect).toBe(expected.split(' ')[0])
  })

  it('speaks of reading for treatment under a live link only', () => {
    for (const more of [
      { purposes: ['HPAYMT'] },
      { purposes: ['TREAT', 'HRESCH'] },
      { careRelationship: false },
      { action: 'export' as const },
      { purposes: [] },
    ]) {
      expect(outcome(policyOf(), { default: 'all-treatment', ...more })).toBe('deny NOT_COVERED')
    }
  })
})

describe('emergency access', () => {
  it('needs a consent that names it where the default is deny', () => {
    expect(outcome(policyOf(permitAll), emergency)).toBe('deny NOT_COVERED')
    expect(outcome(policyOf({ effect: 'permit', purposes: ['TREAT'] }), emergency)).toBe('deny NOT_COVERED')
    expect(outcome(policyOf({ effect: 'permit', purposes: ['BTG'] }), emergency)).toBe('permit PERMITTED')
    expect(outcome(policyOf({ effect: 'permit', purposes: ['BTG'] }, { effect: 'deny', purposes: ['TREAT'] }), emergency)).toBe('deny DENIED_BY_GRANT')
  })

  it('overrides denies under any other default, but not a closed record or an absent policy', () => {
    const more = { ...emergency, default: 'break-glass-only' as const }
    expect(outcome(policyOf({ effect: 'deny' }), more, mental)).toBe('permit BREAK_GLASS')
    expect(outcome({ ...policyOf(permitAll), preset: 'closed' }, more)).toBe('deny CLOSED')
    expect(outcome('absent', more)).toBe('deny NO_CONSENT')
    expect(outcome('unreadable', more)).toBe('deny UNREADABLE_POLICY')
    expect(decideByDefault({ ...question, ...more }, normal).reasons[0]?.code).toBe('BREAK_GLASS')
    expect(outcome({ ...policyOf({ effect: 'deny' }), until: 1 }, more)).toBe('permit BREAK_GLASS')
  })

  it('needs a reason, no other purpose beside it, and only reads', () => {
    const names: Policy = policyOf({ effect: 'permit', purposes: ['BTG', 'TREAT'] })
    const expected = 'deny BREAK_GLASS_REASON_MISSING'
    expect(outcome(names, { purposes: ['BTG'] })).toBe(expected)
    expect(outcome(names, { ...emergency, breakGlass: { reason: '  ' } })).toBe(expected)
    expect(outcome(names, { ...emergency, purposes: ['BTG', 'TREAT'] })).toBe(expected)
    expect(outcome(policyOf(), { ...emergency, default: 'all-treatment', action: 'export' })).toBe('deny NOT_COVERED')
  })
})
