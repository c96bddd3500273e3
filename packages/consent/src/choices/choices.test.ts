import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grant, policy as anyPolicy, question } from '../../test/arbitraries.ts'
import { choices as anyChoices, facts, people } from '../../test/choices.ts'
import {
  CATEGORIES,
  type Choices,
  choicesOf,
  decide,
  exceptionsOf,
  type Grant,
  normalizeChoices,
  parseChoices,
  parsePolicy,
  type Policy,
  policyOf,
  PRESETS,
  type Question,
  type ResourceFacts,
} from '../index.ts'
import { keyOf } from './choices.ts'

const runs = { numRuns: 1500 }
const permits = (policy: Policy, asked: Question, resource: ResourceFacts) => decide(policy, asked, resource).effect === 'permit'
const isNoWider = (before: boolean, after: boolean) => before || !after
const sorted = (policy: Policy) => ({ ...policy, grants: policy.grants.map(keyOf).sort() })
/** Emergency access that no grant can hold back, where the network has it so. */
const overrides = ({ default: byDefault, purposes, action }: Question) =>
  byDefault !== 'deny' && purposes.length > 0 && purposes.every((one) => one === 'BTG') && action !== 'export'

describe('choices', () => {
  it('come back from the grants that they make', () => {
    fc.assert(
      fc.property(anyChoices, (chosen) => {
        expect(choicesOf(policyOf(chosen))).toEqual(normalizeChoices(chosen))
      }),
      runs,
    )
  })

  it('make a policy that is a valid document, and are one themselves', () => {
    fc.assert(
      fc.property(anyChoices, (chosen) => {
        const policy = policyOf(chosen)
        expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy)
        expect(policyOf(parseChoices(JSON.parse(JSON.stringify(chosen))))).toEqual(policy)
      }),
      runs,
    )
  })

  it('are read out of any policy without losing a grant', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(sorted(policyOf(choicesOf(policy)))).toEqual(sorted(policy))
      }),
      runs,
    )
  })

  it('keep beside them what no choice says, wherever it stood', () => {
    fc.assert(
      fc.property(anyChoices, fc.array(grant, { maxLength: 3 }), fc.infiniteStream(fc.nat()), (chosen, more, order) => {
        const { grants, ...rest } = policyOf(chosen)
        const mixed = more.reduce<readonly Grant[]>((all, one) => all.toSpliced(Number(order.next().value) % (all.length + 1), 0, one), grants)
        const read = choicesOf({ ...rest, grants: mixed })
        expect(sorted(policyOf(read))).toEqual(sorted({ ...rest, grants: mixed }))
        expect({ ...read, further: undefined, blocked: undefined, hidden: undefined }).toEqual({
          ...normalizeChoices(chosen),
          further: undefined,
          blocked: undefined,
          hidden: undefined,
        })
      }),
      runs,
    )
  })

  it('are damaged by nothing: a policy with a grant too few or twice is still the same policy', () => {
    fc.assert(
      fc.property(anyChoices, fc.nat(), fc.boolean(), (chosen, at, twice) => {
        const policy = policyOf(chosen)
        const i = at % Math.max(policy.grants.length, 1)
        const grants = twice ? policy.grants.concat(policy.grants.slice(i, i + 1)) : policy.grants.toSpliced(i, 1)
        expect(sorted(policyOf(choicesOf({ ...policy, grants })))).toEqual(sorted({ ...policy, grants }))
      }),
      runs,
    )
  })

  it('open each deny only as far as a permit beside it goes', () => {
    fc.assert(
      fc.property(anyChoices, (chosen) => {
        const { grants } = policyOf(chosen)
        const allowed = grants.filter(({ effect }) => effect === 'permit').map((one) => keyOf({ ...one, effect: undefined }))
        for (const scope of grants.flatMap(exceptionsOf)) expect(allowed).toContain(keyOf(scope))
      }),
      runs,
    )
  })
})

describe('a choice', () => {
  it('hides an item from everybody, whatever else is chosen', () => {
    fc.assert(
      fc.property(anyChoices, question, facts, (chosen, asked, resource) => {
        const hidden = policyOf({ ...chosen, hidden: [...(chosen.hidden ?? []), resource.ref] })
        return overrides(asked) || !permits(hidden, asked, resource)
      }),
      runs,
    )
  })

  it('of switching a topic off never widens', () => {
    fc.assert(
      fc.property(anyChoices, question, facts, fc.constantFrom(...CATEGORIES), (chosen, asked, resource, off) => {
        const without = { ...chosen, shared: chosen.shared?.filter((one) => one !== off) ?? [] }
        return isNoWider(permits(policyOf(chosen), asked, resource), permits(policyOf(without), asked, resource))
      }),
      runs,
    )
  })

  it('of blocking somebody never widens, of everything or of a topic', () => {
    fc.assert(
      fc.property(anyChoices, question, facts, people, fc.subarray([...CATEGORIES]), (chosen, asked, resource, who, categories) => {
        const blocked = { ...chosen, blocked: [...(chosen.blocked ?? []), { who, ...(categories.length === 0 ? {} : { categories }) }] }
        return isNoWider(permits(policyOf(chosen), asked, resource), permits(policyOf(blocked), asked, resource))
      }),
      runs,
    )
  })

  it('of approving somebody never narrows', () => {
    fc.assert(
      fc.property(anyChoices, question, facts, people, fc.subarray([...CATEGORIES]), (chosen, asked, resource, who, categories) => {
        const approved = { ...chosen, approved: [...(chosen.approved ?? []), { who, ...(categories.length === 0 ? {} : { categories }) }] }
        return isNoWider(permits(policyOf(approved), asked, resource), permits(policyOf(chosen), asked, resource))
      }),
      runs,
    )
  })
})

describe('presets', () => {
  const asked = {
    actor: { identifiers: ['npi|1'], organization: 'birch', group: 'birch', roles: [] },
    purposes: ['TREAT'],
    action: 'read',
    at: 0,
    default: 'normal-treatment',
    careRelationship: true,
  } as const
  const normal = {
    ref: 'Observation/1',
    type: 'Observation',
    codes: [],
    confidentiality: 'N',
    sensitivity: [],
    categories: [],
    sources: ['alder'],
    authors: undefined,
    encounter: undefined,
    period: undefined,
  } as const
  const mental = { ...normal, ref: 'Observation/2', confidentiality: 'R', sensitivity: ['PSY'], categories: ['mental-health'] } as const
  const emergency = { ...asked, purposes: ['BTG'], breakGlass: { reason: 'unconscious' } } as const
  /** May they see: normal data, mental health, mental health where the default is generous; in an emergency, and where only a consent opens for one. */
  const effects = (chosen: Choices) => {
    const policy = policyOf(chosen)
    return [
      permits(policy, asked, normal),
      permits(policy, asked, mental),
      permits(policy, { ...asked, default: 'all-treatment' }, mental),
      permits(policy, emergency, mental),
      permits(policy, { ...emergency, default: 'deny' }, mental),
    ].map((yes) => (yes ? 'yes' : 'no'))
  }
  const birch = { who: { organization: 'birch' } } as const
  const psychiatrist = { who: { practitioner: 'npi|1' }, categories: ['mental-health'] } as const
  const cases: readonly (readonly [string, Choices, string])[] = [
    ['care team', { preset: 'care-team' }, 'yes no no yes yes'],
    ['care team with mental health switched on', { preset: 'care-team', shared: ['mental-health'] }, 'yes yes yes yes yes'],
    ['care team, the psychiatrist approved for mental health', { preset: 'care-team', approved: [psychiatrist] }, 'yes yes yes yes yes'],
    ['care team, approved without a topic', { preset: 'care-team', approved: [birch] }, 'yes no no yes yes'],
    ['care team, blocked', { preset: 'care-team', blocked: [birch] }, 'no no no yes no'],
    ['care team, blocked for a topic', { preset: 'care-team', blocked: [{ ...birch, categories: ['mental-health'] }] }, 'yes no no yes no'],
    ['care team, another blocked', { preset: 'care-team', blocked: [{ who: { organization: 'cedar' } }] }, 'yes no no yes yes'],
    ['care team with an item hidden', { preset: 'care-team', hidden: ['Observation/1'] }, 'no no no yes yes'],
    ['ask me, nobody approved', { preset: 'ask-me' }, 'no no no yes no'],
    ['ask me, approved', { preset: 'ask-me', approved: [birch] }, 'yes no no yes no'],
    ['ask me, approved, mental health switched on', { preset: 'ask-me', shared: ['mental-health'], approved: [birch] }, 'yes yes yes yes no'],
    ['ask me, the psychiatrist approved for mental health', { preset: 'ask-me', approved: [psychiatrist] }, 'yes yes yes yes no'],
    ['ask me, approved until yesterday', { preset: 'ask-me', approved: [{ ...birch, until: -1 }] }, 'no no no yes no'],
    ['ask me, approved for other entries', { preset: 'ask-me', approved: [{ ...birch, types: ['Condition'] }] }, 'no no no yes no'],
    ['ask me, another approved', { preset: 'ask-me', approved: [{ who: { organization: 'cedar' } }] }, 'no no no yes no'],
    ['ask me, approved and blocked', { preset: 'ask-me', approved: [birch], blocked: [birch] }, 'no no no yes no'],
    ['emergency only', { preset: 'emergency-only' }, 'no no no yes yes'],
    ['emergency only, approved', { preset: 'emergency-only', approved: [birch] }, 'yes no no yes yes'],
    ['closed', { preset: 'closed' }, 'no no no no no'],
    ['closed, approved before', { preset: 'closed', approved: [birch] }, 'no no no no no'],
  ]
  it.each(cases)('%s', (_, chosen, expected) => {
    expect(effects(chosen).join(' ')).toBe(expected)
  })

  it('keep switches and exceptions for another preset', () => {
    for (const preset of PRESETS) {
      const chosen: Choices = { preset, shared: ['hiv'], approved: [psychiatrist], blocked: [birch], hidden: ['Observation/1'], until: 5 }
      expect(choicesOf(policyOf(chosen))).toEqual(chosen)
    }
  })
})

describe('a document of choices', () => {
  const refused: readonly (readonly [string, unknown])[] = [
    ['no preset', {}],
    ['an unknown preset', { preset: 'open' }],
    ['an unknown member', { preset: 'ask-me', note: 'x' }],
    ['an approval of everybody', { preset: 'ask-me', approved: [{ who: { anyone: true } }] }],
    ['an approval of nobody', { preset: 'ask-me', approved: [{ who: {} }] }],
    ['a block that would mean more than it says', { preset: 'ask-me', blocked: [{ who: { practitioner: 'npi|1', organization: 'birch' } }] }],
    ['an unknown topic', { preset: 'ask-me', shared: ['money'] }],
    ['a hidden item that is none', { preset: 'ask-me', hidden: ['Observation'] }],
    ['more than a policy holds', { preset: 'ask-me', approved: Array.from({ length: 300 }, (_, until) => ({ who: { role: 'x' }, until })) }],
  ]
  it.each(refused)('is refused with %s', (_, document) => {
    expect(() => parseChoices(document)).toThrow(expect.objectContaining({ code: 'SHAPE' }))
  })
})
