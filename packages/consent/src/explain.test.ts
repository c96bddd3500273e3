import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { facts, grant, policy, question, version } from '../test/arbitraries.ts'
import { decide, explainPolicy, type Grant, type Policy, type Question, renderExplanation, type ResourceFacts } from './index.ts'

const runs = { numRuns: 4000 }
const emergency = ({ purposes }: Question) => purposes.includes('BTG')
/** Every purpose that a permit can name. */
const ANY_PURPOSE = ['PurposeOfUse', 'BTG', 'ODD']

describe('an explanation', () => {
  it('ends in the verdict of the decision', () => {
    fc.assert(
      fc.property(version, question, fc.option(facts, { nil: undefined }), (one, asked, resource) => {
        const options = 'expires' in one && one.expires !== undefined ? { expires: one.expires } : {}
        expect(explainPolicy(one.policy, asked, resource, options).verdict).toEqual(decide(one.policy, asked, resource, options))
      }),
      runs,
    )
  })

  it('names as counting exactly the grants that decide', () => {
    fc.assert(
      fc.property(policy, question, facts, (given, asked, resource) => {
        for (const { verdict, grants } of explainPolicy(given, asked, resource).purposes) {
          const counting = grants.filter(({ counts }) => counts)
          const deciding = counting.find(({ effect }) => effect === 'deny') ?? counting[0]
          expect(verdict.reasons[0]?.grant).toBe(deciding?.grant)
          if (deciding !== undefined) expect(verdict.effect).toBe(deciding.effect)
        }
      }),
      runs,
    )
  })

  it('says that a grant counts if and only if it decides when it stands alone', () => {
    fc.assert(
      fc.property(grant, question, facts, (one, asked, resource) => {
        fc.pre(!emergency(asked) || asked.default === 'deny')
        const all: Grant = { effect: 'permit', purposes: ANY_PURPOSE, actions: ['read', 'search', 'export', 'correct', 'odd|act', 'odd'] }
        const alone: Policy = { v: 1, grants: one.effect === 'permit' ? [one] : [one, all] }
        const purposes = asked.purposes.slice(0, 1)
        const narrowed = { ...asked, purposes, default: 'deny' as const }
        const explained = explainPolicy(alone, narrowed, resource).purposes[0]
        if (explained === undefined) return
        expect(explained.grants[0]?.counts).toBe(decide(alone, narrowed, resource).reasons[0]?.grant === 0)
      }),
      runs,
    )
  })

  it('never says that a dimension matches where a grant does not, or the other way round', () => {
    fc.assert(
      fc.property(policy, question, facts, (given, asked, resource) => {
        for (const { effect, matches, dimensions } of explainPolicy(given, asked, resource).purposes.flatMap(({ grants }) => grants)) {
          const answers = Object.values(dimensions)
          const stands = answers.every((one) => one === 'match' || one === 'not stated' || (one === 'unknown' && effect === 'deny'))
          expect(matches).toBe(stands)
        }
      }),
      runs,
    )
  })

  it('answers differently once more is known, where it said unknown', () => {
    const asked = { ...ASKED, actor: { identifiers: ['npi|1'], roles: [] } }
    const given: Policy = { v: 1, grants: [{ effect: 'deny', recipients: [{ organization: 'birch' }] }] }
    const answer = (one: Question) => explainPolicy(given, one, ITEM).purposes[0]?.grants[0]?.dimensions.recipients
    expect(answer(asked)).toBe('unknown')
    expect(answer({ ...asked, actor: { ...asked.actor, organization: 'birch' } })).toBe('match')
    expect(answer({ ...asked, actor: { ...asked.actor, organization: 'cedar' } })).toBe('no match')
  })
})

const ASKED: Question = {
  actor: { identifiers: ['npi|1'], organization: 'birch', roles: [] },
  purposes: ['TREAT'],
  action: 'read',
  at: 1000,
  default: 'deny',
  careRelationship: true,
}
const ITEM: ResourceFacts = {
  ref: 'Observation/1',
  type: 'Observation',
  codes: ['s|a'],
  confidentiality: 'R',
  sensitivity: ['PSY'],
  categories: ['mental-health'],
  sources: undefined,
  authors: ['npi|2'],
  encounter: undefined,
  period: { from: 0, until: 10 },
}

describe('its table', () => {
  const given: Policy = {
    v: 1,
    grants: [
      { effect: 'permit', purposes: ['TREAT'], data: { categories: ['mental-health'] } },
      { effect: 'permit', recipients: [{ organization: 'cedar' }], purposes: ['HRESCH'] },
      { effect: 'permit', data: { sources: ['alder'] } },
      { effect: 'deny', data: { sources: ['alder'] } },
      { effect: 'deny', except: { purposes: ['TREAT'] } },
      { effect: 'permit', except: { data: { sources: ['alder'] } } },
    ],
  }
  it('gives a row for each grant: matched or not, and why', () => {
    const rows = renderExplanation(explainPolicy(given, ASKED, ITEM), given)
    expect(rows.map(({ matched, why }) => `${matched}: ${why}`)).toEqual([
      'yes: It applies, so it allows.',
      'no: Who asks and the purpose do not match.',
      'perhaps: Who keeps it cannot be told; what allows does not apply in doubt.',
      'perhaps: Who keeps it cannot be told; what forbids applies in doubt.',
      'no: An exception takes this out.',
      'perhaps: An exception may take this out; what allows does not apply in doubt.',
    ])
    expect(rows[0]).toMatchObject({ purpose: 'TREAT', grant: 0, effect: 'permit', answer: 'yes', sentence: expect.stringMatching(/^Anyone may see/) })
  })

  it('says that permits have ended, and that nothing can be said of what cannot be read', () => {
    const ended = { ...given, until: 999 }
    expect(renderExplanation(explainPolicy(ended, ASKED, ITEM), ended)[0]?.why).toBe('The policy has ended, and what it allowed with it.')
    expect(renderExplanation(explainPolicy(given, ASKED, undefined), given)[0]).toMatchObject({
      answer: 'no',
      why: 'The entry cannot be read, so no rule is asked.',
    })
  })

  it('is empty where no grant is asked', () => {
    const closed: Policy = { ...given, preset: 'closed' }
    const explained = explainPolicy(closed, ASKED, ITEM)
    expect(explained).toMatchObject({ isSettled: true, verdict: { reasons: [{ code: 'CLOSED' }] } })
    expect(renderExplanation(explained, closed)).toEqual([])
  })
})
