import { RULE_SET_ID } from '@fiducia/consent'
import { InputError } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { decideCase } from './decide-case.ts'

const observation = (id: string, code = '29463-7') => ({
  resourceType: 'Observation',
  id,
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: 'Patient/1' },
})
const native = (...grants: unknown[]) => ({ profile: 'native', resource: { v: 1, grants } })
const r4 = (id: string, more: object = {}) => ({
  profile: 'r4',
  resource: { resourceType: 'Consent', id, status: 'active', scope: { coding: [{ code: 'patient-privacy' }] }, patient: { reference: 'Patient/1' }, ...more },
})
const document = {
  at: '2024-06-01T00:00:00Z',
  default: 'deny',
  consents: [native({ effect: 'permit', purposes: ['TREAT'], data: { confidentiality: 'N' } })] as unknown[],
  references: [{ resourceType: 'Practitioner', id: '7', identifier: [{ system: 'npi', value: '1' }] }],
  request: { actors: [{ reference: 'Practitioner/7' }], purpose: ['TREAT'], action: 'read' } as Record<string, unknown>,
  resources: [observation('1'), observation('2', '44261-6')] as unknown[] | undefined,
}
const decide = (more: Partial<typeof document> & Record<string, unknown> = {}) => decideCase(JSON.stringify({ ...document, ...more }))

describe('consent decide', () => {
  it('releases what is permitted and withholds the rest, each once, with a code', () => {
    const { exitCode, output } = decide()
    expect(exitCode).toBe(0)
    expect(output).toMatchObject({
      decision: 'permit',
      released: ['Observation/1'],
      withheld: [{ ref: 'Observation/2', code: 'LABEL_DENIED' }],
      rules: RULE_SET_ID,
    })
    expect(output.reasons).toEqual([
      {
        code: 'PERMITTED',
        consent: 'consents[0]',
        rule: 'grants[0]',
        resources: ['Observation/1'],
        detail: 'a grant of the patient permits it and none denies it',
      },
      { code: 'LABEL_DENIED', resources: ['Observation/2'], detail: 'it is more sensitive than what is shared' },
    ])
  })

  it('denies with exit code 1 when nothing is released', () => {
    const { exitCode, output } = decide({ request: { ...document.request, purpose: ['HMARKT'] } })
    expect(exitCode).toBe(1)
    expect(output).toMatchObject({ decision: 'deny', released: [], withheld: [{ ref: 'Observation/1' }, { ref: 'Observation/2' }] })
  })

  it('withholds what cannot be read, and what was not asked for', () => {
    const { output } = decide({
      resources: ['x', { resourceType: 'Observation' }, observation('1'), { resourceType: 'Patient', id: '1' }],
      request: { ...document.request, resourceTypes: ['Observation'] },
    })
    expect(output.released).toEqual(['Observation/1'])
    expect(output.withheld).toEqual([
      { ref: 'resources[0]', code: 'UNREADABLE_RESOURCE' },
      { ref: 'resources[1]', code: 'UNREADABLE_RESOURCE' },
      { ref: 'Patient/1', code: 'NOT_REQUESTED' },
    ])
  })

  it('lets the stricter of two copies speak for both', () => {
    expect(decide({ resources: [observation('1'), observation('1', '44261-6')] }).output).toMatchObject({
      decision: 'deny',
      released: [],
      withheld: [{ ref: 'Observation/1', code: 'LABEL_DENIED' }],
    })
  })

  it('finds the identifiers of the one who asks behind references', () => {
    const forOne = [native({ effect: 'permit', recipients: [{ practitioner: 'npi|1' }] })]
    expect(decide({ consents: forOne }).exitCode).toBe(0)
    expect(decide({ consents: forOne, references: [] }).exitCode).toBe(1)
    expect(decide({ consents: forOne, request: { ...document.request, actors: [{ system: 'npi', value: '1' }] } }).exitCode).toBe(0)
    const forBirch = [native({ effect: 'permit', recipients: [{ organization: 'birch' }] })]
    expect(decide({ consents: forBirch }).exitCode).toBe(1)
    expect(decide({ consents: forBirch, request: { ...document.request, actors: [{ system: 'urn:fiducia:organization', value: 'birch' }] } }).exitCode).toBe(0)
  })

  it('withholds what an organization wrote that is denied as a source, by whatever name the record gives it', () => {
    const [alder, birch] = [
      { resourceType: 'Organization', id: 'alder', identifier: [{ system: 'urn:org', value: 'a' }] },
      { resourceType: 'Organization', id: 'birch', identifier: [{ system: 'urn:org', value: 'b' }] },
    ]
    const source = { role: { coding: [{ code: 'CST' }] }, reference: { reference: 'Organization/birch' } }
    const consents = [r4('1', { provision: { type: 'permit', provision: [{ type: 'deny', actor: [source] }] } })]
    const writtenBy = (performer: object) => ({ ...observation('1'), performer: [performer], custodian: { reference: 'Organization/alder' } })
    const exitCodeFor = (performer: object) => decide({ consents, references: [alder, birch], resources: [writtenBy(performer)] }).exitCode
    const identifier = { system: 'urn:org', value: 'b' }
    expect(exitCodeFor({ reference: 'Organization/birch' })).toBe(1)
    expect(exitCodeFor({ type: 'Organization', identifier })).toBe(1)
    expect(exitCodeFor({ identifier })).toBe(1)
    expect(exitCodeFor({ type: 'Practitioner', identifier: { system: 'npi', value: '1' } })).toBe(0)
  })

  it('asks the default where there is no consent', () => {
    const open = { consents: [], default: 'normal-treatment' }
    expect(decide(open).exitCode).toBe(1)
    expect(decide({ ...open, request: { ...document.request, careRelationship: true } }).output).toMatchObject({
      decision: 'permit',
      released: ['Observation/1'],
    })
    expect(decide({ consents: [], request: { ...document.request, careRelationship: true } }).exitCode).toBe(1)
  })

  it('breaks the glass with a reason only', () => {
    const request = { ...document.request, purpose: ['BTG'] }
    expect(decide({ request, default: 'break-glass-only' }).output.reasons[0]?.code).toBe('BREAK_GLASS_REASON_MISSING')
    expect(decide({ request: { ...request, breakGlass: { reason: 'unconscious' } }, default: 'break-glass-only' }).output).toMatchObject({
      decision: 'permit',
      withheld: [],
    })
    expect(decide({ request: { ...request, breakGlass: { reason: 'unconscious' } } }).exitCode).toBe(1)
  })

  it('reports what it cannot represent and denies everything', () => {
    for (const wrong of [r4('1'), native({ effect: 'maybe' }), r4('1', { scope: undefined })]) {
      const { exitCode, output } = decide({ consents: [...document.consents, wrong] })
      expect(exitCode).toBe(1)
      expect(output.reasons[0]?.code).toBe('NOT_REPRESENTABLE')
      expect(output.released).toEqual([])
    }
  })

  it('reports and ignores what is not in force or not about privacy', () => {
    const { exitCode, output } = decide({
      consents: [...document.consents, r4('1', { status: 'inactive' }), r4('2', { scope: { coding: [{ code: 'research' }] } })],
    })
    expect(exitCode).toBe(0)
    expect(output.reasons.slice(0, 2)).toMatchObject([
      { code: 'CONSENT_IGNORED', consent: 'Consent/1' },
      { code: 'CONSENT_IGNORED', consent: 'Consent/2' },
    ])
  })

  it.each([
    ['permits something', [{ effect: 'permit' }], undefined, 0],
    ['permits what a deny leaves', [{ effect: 'permit' }, { effect: 'deny', data: { types: ['Observation'] } }], undefined, 0],
    ['permits nothing of that type', [{ effect: 'permit' }, { effect: 'deny', data: { types: ['Observation'] } }], ['Observation'], 1],
    [
      'permits nothing that is not denied',
      [
        { effect: 'permit', data: { items: ['Observation/1'] } },
        { effect: 'deny', data: { items: ['Observation/1'] } },
      ],
      undefined,
      1,
    ],
    ['permits a code that our rules label too high', [{ effect: 'permit', data: { codes: ['http://loinc.org|44261-6'], confidentiality: 'N' } }], undefined, 1],
    [
      'permits the days around a denied one',
      [
        { effect: 'permit', data: { period: { from: '2024-01-01', until: '2024-01-03' } } },
        { effect: 'deny', data: { period: { from: '2024-01-02', until: '2024-01-02' } } },
      ],
      undefined,
      0,
    ],
    ['permits a topic', [{ effect: 'permit', data: { categories: ['hiv'] } }], undefined, 0],
    [
      'denies every level it permits',
      [
        { effect: 'permit', data: { confidentiality: 'N' } },
        { effect: 'deny', data: { confidentiality: 'U' } },
      ],
      undefined,
      1,
    ],
  ])('without resources: %s', (_, grants, resourceTypes, expected) => {
    const { exitCode, output } = decide({ consents: [native(...grants)], resources: undefined, request: { ...document.request, resourceTypes } })
    expect(exitCode).toBe(expected)
    expect(output).not.toHaveProperty('released')
  })

  it.each([
    ['no JSON', '{"at": "yesterday", "consents": ['],
    ['a member twice', `{"at":"2024-06-01T00:00:00Z","at":"2025-06-01T00:00:00Z",${JSON.stringify({ consents: [], request: document.request }).slice(1)}`],
    [
      'a member twice by an escape',
      `{"at":"2024-06-01T00:00:00Z","\\u0061t":"2025-06-01T00:00:00Z",${JSON.stringify({ consents: [], request: document.request }).slice(1)}`,
    ],
    ['a date for an instant', JSON.stringify({ ...document, at: '2024-06-01' })],
    ['an instant that does not exist', JSON.stringify({ ...document, at: '2024-02-30T00:00:00Z' })],
    ['an unknown default', JSON.stringify({ ...document, default: 'permit' })],
    ['an unknown profile', JSON.stringify({ ...document, consents: [{ profile: 'x', resource: {} }] })],
    ['an unknown member', JSON.stringify({ ...document, request: { ...document.request, emergency: true } })],
    ['an actor that is none', JSON.stringify({ ...document, request: { ...document.request, actors: [{ value: '1' }] } })],
    ['consents of two patients', JSON.stringify({ ...document, consents: [r4('1'), r4('2', { patient: { reference: 'Patient/2' } })] })],
    ['too many levels', `${'['.repeat(200)}${']'.repeat(200)}`],
  ])('cannot read %s', (_, text) => {
    expect(() => decideCase(text)).toThrow(InputError)
  })

  it('names every fault of a case', () => {
    expect(() => decideCase('{"at":"x","odd":1}')).toThrow(/odd.*at:.*consents.*request/)
  })
})
