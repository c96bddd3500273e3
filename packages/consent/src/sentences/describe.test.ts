import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policy as anyPolicy } from '../../test/arbitraries.ts'
import { choices as anyChoices } from '../../test/choices.ts'
import { answersOf, recording, sentencesOf } from '../../test/corpus.ts'
import {
  type Catalog,
  checkCatalog,
  type Choices,
  describeGrant,
  describePolicy,
  describeTerms,
  ENGLISH,
  type Grant,
  isKnownPurpose,
  isKnownSensitivity,
  type MessageKey,
  policyOf,
  PRESETS,
} from '../index.ts'

const KEYS = Object.keys(ENGLISH.messages) as MessageKey[]

/** What may stand between slots: everything but the words of the notation itself. */
const translate = (template: string): string =>
  template
    .split(/(\{\w+, plural,|\{\w+\}| (?:one|other) \{)/)
    .map((part, i) => (i % 2 === 0 ? part.replaceAll(/[a-z]/g, 'ж').replaceAll(/[A-Z]/g, 'Ж') : part))
    .join('')
const PSEUDO: Catalog = { locale: 'ru', messages: Object.fromEntries(KEYS.map((key) => [key, translate(ENGLISH.messages[key])])) as Catalog['messages'] }

/** Text that came out of the policy: longest first, so that none hides in another. */
function dataIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, ...value.split('|')]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(dataIn) : []
}
const withoutData = (text: string, value: unknown): string =>
  [...new Set(dataIn(value))].sort((a, b) => b.length - a.length).reduce((rest, one) => (one === '' ? rest : rest.replaceAll(one, '')), text)

describe('sentences', () => {
  it('begin with a capital, end with a full stop, and leave no slot open', () => {
    const all = fc.sample(anyPolicy, { numRuns: 500, seed: 1 }).flatMap((policy) => [...describePolicy(policy), ...describeTerms(policy)])
    for (const sentence of [...sentencesOf({}, KEYS), ...all]) expect(sentence).toMatch(/^[A-Z0-9“][^{}]*[A-Za-z0-9)”]\.$/)
  })

  it('use every message of the catalog', () => {
    const { catalog, used } = recording(ENGLISH)
    sentencesOf({ catalog }, KEYS)
    answersOf({ catalog })
    expect(KEYS.filter((key) => !used.has(key))).toEqual([])
  })

  it('are all of another language when the catalog is', () => {
    expect(checkCatalog(PSEUDO)).toEqual([])
    const voice = { catalog: PSEUDO, nameOf: () => '1' }
    for (const policy of [...fc.sample(anyPolicy, { numRuns: 500, seed: 2 }), ...fc.sample(anyChoices, { numRuns: 200, seed: 2 }).map(policyOf)])
      for (const sentence of [...describePolicy(policy, voice), ...describeTerms(policy, voice)]) {
        expect(withoutData(sentence, policy)).not.toMatch(/[A-Za-z]/)
        expect(sentence).toMatch(/^[Ж“].*\.$/)
      }
    for (const sentence of sentencesOf(voice, KEYS)) expect(sentence.replaceAll('Zzz', '')).not.toMatch(/[A-Za-z]/)
    for (const word of answersOf(voice)) expect(word).toMatch(/^ж+$/)
  })

  it('may put the parts into another order, and take another form of the plural', () => {
    const catalog: Catalog = {
      locale: 'ar',
      messages: {
        ...ENGLISH.messages,
        'grant.permit': '{data}{purposes}: {who} ({actions}{valid}{within}{except}).',
        'data.codes': ' [{count, plural, two {both of {codes}} other {{codes}}}]',
      },
    }
    expect(checkCatalog(catalog)).toEqual([])
    const grant: Grant = { effect: 'permit', recipients: [{ role: 'nurse' }], purposes: ['TREAT'], data: { codes: ['http://loinc.org|1-8', 'x|y'] } }
    expect(describeGrant(grant, { catalog })).toBe('Data [both of 1-8 (LOINC) or y (x)], for treatment: anyone with the role nurse (see and use).')
  })

  it('name every purpose and label that the decision knows', () => {
    for (const [kind, isKnown] of [
      ['purpose', isKnownPurpose],
      ['label', isKnownSensitivity],
    ] as const)
      for (const key of KEYS.filter((one) => one.startsWith(`${kind}.`) && !one.endsWith('.other'))) expect(isKnown(key.slice(kind.length + 1)), key).toBe(true)
  })
})

describe('a catalog', () => {
  it('is told what is wrong with it', () => {
    const faulty: Catalog = {
      ...ENGLISH,
      messages: { ...ENGLISH.messages, 'who.role': 'a {title}', 'who.anyone': '', 'action.read': 'see {', 'preview.people': '{people, plural, one {one}}' },
    }
    expect(checkCatalog(faulty)).toEqual([
      'who.anyone: expected a message, found none',
      'who.role: expected the slot `{name}`',
      'who.role: found the slot `{title}`, which nothing fills',
      'action.read: expected slots of the form `{name}`, found another brace',
      'preview.people: expected the plural of `people` to have a branch `other`',
    ])
  })
})

describe('what a patient reads', () => {
  const names = new Map([
    ['npi|1', 'Dr. Samir Haddad'],
    ['npi|2', 'Pat Lund'],
    ['birch', 'Birch Family Practice'],
    ['Observation/1', '“Blood pressure, 3 May 2026”'],
  ])
  const said = (choices: Choices) => {
    const policy = policyOf(choices)
    const voice = { nameOf: (_: string, id: string) => names.get(id) }
    return [...describeTerms(policy, voice), ...describePolicy(policy, voice)]
  }

  it.each([
    [
      'care-team',
      [
        'What one sentence forbids, no other allows, unless it says so itself.',
        'Nobody may see or use anything, unless another sentence here allows it.',
        'Anyone may see and search data not marked as sensitive, for treatment.',
        'Anyone may see and search everything in an emergency, with a stated reason.',
      ],
    ],
    ['ask-me', ['Nobody may see or use anything.']],
    [
      'emergency-only',
      [
        'What one sentence forbids, no other allows, unless it says so itself.',
        'Nobody may see or use anything, unless another sentence here allows it.',
        'Anyone may see and search everything in an emergency, with a stated reason.',
      ],
    ],
    ['closed', ['The record is closed: nobody sees it, not even in an emergency, whatever else is said here.', 'Nobody may see or use anything.']],
  ] as const)('of the preset %s', (preset, expected) => {
    expect(PRESETS).toContain(preset)
    expect(said({ preset })).toEqual(expected)
  })

  it('of exceptions, hidden items and an end', () => {
    const choices: Choices = {
      preset: 'ask-me',
      shared: ['hiv', 'genetics'],
      approved: [
        { who: { practitioner: 'npi|1' }, categories: ['mental-health'] },
        { who: { organization: 'birch' }, types: ['MedicationRequest', 'Observation'], until: Date.UTC(2026, 11, 23) - 1 },
      ],
      blocked: [{ who: { practitioner: 'npi|2' } }, { who: { organization: 'birch' }, categories: ['violence'] }],
      hidden: ['Observation/1', 'Condition/7'],
      until: Date.UTC(2027, 0, 1, 12),
    }
    expect(said(choices).slice(1)).toEqual([
      'All this is shared until 2027-01-01 12:00 UTC; after that nobody may see or use anything.',
      'Nobody may see or use anything, unless another sentence here allows it.',
      'Those who will be approved later may see and search data about HIV or genetics and no other sensitive topic, for treatment.',
      'The practitioner Dr. Samir Haddad may see and search data not marked as sensitive, for treatment.',
      'The practitioner Dr. Samir Haddad may see and search data about HIV or genetics and no other sensitive topic, for treatment.',
      'The practitioner Dr. Samir Haddad may see and search data about mental health and no other sensitive topic, for treatment.',
      'People at Birch Family Practice may see and search prescriptions and findings not marked as sensitive, for treatment, until 2026-12-22.',
      'People at Birch Family Practice may see and search prescriptions and findings about HIV or genetics and no other sensitive topic, for treatment, until 2026-12-22.',
      'The practitioner Pat Lund may not see or use anything.',
      'People at Birch Family Practice may not see or use data about violence.',
      'Nobody may see or use the item “Blood pressure, 3 May 2026” or the item Condition/7.',
    ])
  })

  it('of what others wrote as a Consent', () => {
    const grants: readonly (readonly [Grant, string])[] = [
      [
        {
          effect: 'permit',
          recipients: [{ practitioner: 'npi|1', organization: 'birch' }, { role: 'nurse' }],
          purposes: ['TREAT', 'HPAYMT', 'https://example.org|check'],
          actions: ['read', 'export', 'collect', 'correct'],
          data: {
            types: ['Observation'],
            codes: ['http://loinc.org|8302-2'],
            sources: ['alder'],
            authors: ['npi|1'],
            period: { from: '2019', until: '2024-02-29' },
          },
          within: { recipients: [{ group: 'north' }], purposes: ['PurposeOfUse'], sources: ['alder'] },
        },
        'The practitioner npi|1 (if also among people at birch) and anyone with the role nurse may see, take along, collect and correct ' +
          'findings with the code 8302-2 (LOINC), kept by alder alone, written by npi|1, dated 2019 to 2024-02-29, ' +
          'for treatment, payment or the purpose check (https://example.org), ' +
          'provided that it is asked for by people at the organizations of north, it is for any purpose and it is kept by alder alone.',
      ],
      [
        {
          effect: 'deny',
          data: { items: [{ related: 'Encounter/1' }, { dependents: 'Condition/1' }, { authoredBy: ['npi|2'] }, { unresolved: 'Basic/9' }] },
          valid: { from: Date.UTC(2026, 0, 1) },
          except: [{ recipients: [{ role: 'physician' }], data: { categories: ['hiv'] } }, { purposes: ['BTG'] }],
        },
        'Nobody may see or use all that belongs to the item Encounter/1, all that depends on the item Condition/1, all that was written by npi|2 ' +
          'or something that could not be found (Basic/9), from 2026-01-01 on, except that anyone with the role physician may see and use data about HIV ' +
          'and no other sensitive topic and anyone may see and use it in an emergency, with a stated reason.',
      ],
      [
        {
          effect: 'permit',
          recipients: [{ study: 's1' }],
          purposes: ['HRESCH'],
          data: { confidentiality: 'R' },
          except: { data: { sensitivity: ['PSYTHPN', 'ODD'] } },
        },
        'The study s1 may see and use data not marked as very sensitive, for research, except that they may not see or use data labelled psychotherapy notes or “ODD”.',
      ],
    ]
    for (const [grant, expected] of grants) expect(describeGrant(grant)).toBe(expected)
    const party: Grant = {
      effect: 'deny',
      data: {
        authors: [
          ['Practitioner/9', 'npi|1'],
          ['Practitioner/8', 'npi|8'],
        ],
      },
    }
    expect(describeGrant(party, { nameOf: (_, id) => names.get(id) })).toBe('Nobody may see or use data, written by Dr. Samir Haddad or Practitioner/8.')
  })
})
