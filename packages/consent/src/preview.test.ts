import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { facts, policy, question, version } from '../test/arbitraries.ts'
import { checkAll, compileAll, decideAll, describePreview, policyOf, preview, type PreviewInput, type ResourceFacts } from './index.ts'

const item = (ref: string, more: Partial<ResourceFacts> = {}): ResourceFacts => ({
  ref,
  type: ref.split('/')[0] ?? '',
  codes: [],
  confidentiality: 'N',
  sensitivity: [],
  categories: [],
  sources: undefined,
  authors: undefined,
  encounter: undefined,
  period: undefined,
  ...more,
})
const person = (name: string, organization: string) => ({
  name,
  actor: { identifiers: [`npi|${name}`], organization, group: organization, roles: [] },
  purposes: ['TREAT'],
  careRelationship: true,
})
const input: PreviewInput = {
  before: [policyOf({ preset: 'care-team' })],
  after: [policyOf({ preset: 'care-team', hidden: ['Observation/1'], blocked: [{ who: { organization: 'cedar' } }] })],
  people: [person('haddad', 'birch'), person('ross', 'birch'), person('lund', 'cedar')],
  items: [item('Observation/1'), item('Observation/2'), item('Condition/1', { confidentiality: 'R', categories: ['hiv'], sensitivity: ['HIV'] })],
  at: 0,
  default: 'deny',
}

describe('a preview', () => {
  it('says who loses sight of what', () => {
    const found = preview(input)
    expect(found.people.map(({ name, loses, gains }) => ({ name, loses, gains }))).toEqual([
      { name: 'haddad', loses: ['Observation/1'], gains: [] },
      { name: 'ross', loses: ['Observation/1'], gains: [] },
      { name: 'lund', loses: ['Observation/1', 'Observation/2'], gains: [] },
    ])
    expect(found).toMatchObject({ lose: { people: 3, organizations: 2, items: 2 }, gain: { people: 0, organizations: 0, items: 0 }, safety: false })
    expect(describePreview(found)).toEqual(['3 people at 2 organizations lose sight of 2 items.', 'Nobody gains.'])
  })

  it('says who gains sight of what', () => {
    const found = preview({ ...input, before: [policyOf({ preset: 'care-team' })], after: [policyOf({ preset: 'care-team', shared: ['hiv'] })] })
    expect(describePreview(found)).toEqual(['Nobody loses sight of anything.', '3 people at 2 organizations gain sight of 1 item.'])
  })

  it('says so when nothing changes', () => {
    expect(describePreview(preview({ ...input, after: input.before }))).toEqual(['Nothing changes for anybody.'])
  })

  it('warns of what may matter in an emergency', () => {
    expect(preview({ ...input, items: [item('AllergyIntolerance/1')] }).safety).toBe(true)
    expect(preview({ ...input, items: [], after: [policyOf({ preset: 'closed' })] }).safety).toBe(true)
    expect(preview({ ...input, items: [], before: [policyOf({ preset: 'closed' })], after: [policyOf({ preset: 'emergency-only' })] }).safety).toBe(false)
  })

  it('lets the stricter of two items with one name speak for both', () => {
    const items = [item('Observation/1'), item('Observation/1', { confidentiality: 'V' })]
    expect(preview({ ...input, items, after: [policyOf({ preset: 'ask-me' })] }).lose.items).toBe(0)
  })

  it('is the decision, asked twice of everything', () => {
    const versions = fc.array(version, { maxLength: 2 })
    fc.assert(
      fc.property(versions, versions, question, fc.array(facts, { maxLength: 3 }), (before, after, asked, items) => {
        const [purpose = 'TREAT'] = asked.purposes
        const way = { ...asked, purposes: [purpose], breakGlass: { reason: 'unconscious' } }
        const { actor, careRelationship, at } = asked
        const found = preview({
          before,
          after,
          items,
          at,
          default: asked.default,
          people: [{ name: 'x', actor, purposes: [purpose], actions: [asked.action], careRelationship }],
        })
        const sees = (list: typeof before, ref: string) =>
          items
            .filter((one) => one.ref === ref)
            .every((one) => checkAll(compileAll(list, way), one).effect === 'permit' && decideAll(list, way, one).effect === 'permit')
        for (const ref of new Set(items.map((one) => one.ref))) {
          expect(found.people[0]?.loses.includes(ref)).toBe(sees(before, ref) && !sees(after, ref))
          expect(found.people[0]?.gains.includes(ref)).toBe(!sees(before, ref) && sees(after, ref))
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('of a version beside the one in force never gains', () => {
    fc.assert(
      fc.property(policy, policy, question, facts, (committed, pending, asked, one) => {
        const people = [{ name: 'x', actor: asked.actor, purposes: asked.purposes, careRelationship: asked.careRelationship }]
        return preview({ ...input, people, items: [one], before: [committed], after: [committed, pending] }).gain.people === 0
      }),
      { numRuns: 1000 },
    )
  })
})
