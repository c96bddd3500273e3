import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { MAX_SITUATIONS } from './limits.ts'
import { situationsOf } from './situations.ts'
import { CATEGORIES, CONFIDENTIALITY, type DataSelector, type Grant, type Policy, type Question, type ResourceFacts } from './types.ts'

const question: Question = {
  actor: { identifiers: ['npi|1'], organization: 'birch', roles: [] },
  purposes: ['TREAT'],
  action: 'read',
  at: 0,
  default: 'deny',
  careRelationship: false,
}
const policyOf = (...grants: readonly Grant[]): Policy => ({ v: 1, grants })
const permit = (data?: DataSelector): Grant => ({ effect: 'permit', ...(data === undefined ? {} : { data }) })
const deny = (data: DataSelector): Grant => ({ effect: 'deny', data })
/** The first resource that would be released. */
function found(grants: readonly Grant[], types?: readonly string[]): ResourceFacts | undefined {
  const policy = policyOf(...grants)
  for (const facts of situationsOf({ policies: [policy], ...(types === undefined ? {} : { types }) }))
    if (decide(policy, question, facts).effect === 'permit') return facts
  return undefined
}
const LOINC = 'http://loinc.org'

describe('whether anything at all could be released', () => {
  it.each<[name: string, grants: readonly Grant[], types?: readonly string[]]>([
    ['anything', [permit()]],
    ['a type', [permit({ types: ['Observation'] })]],
    ['another type than the denied one', [permit(), deny({ types: ['Observation'] })]],
    ['a type that was asked for', [permit({ types: ['Observation'] })], ['Observation']],
    ['a single item', [permit({ items: ['Observation/1'] })]],
    ['another item than the denied one', [permit({ types: ['Observation'] }), deny({ items: ['Observation/1'] })]],
    ['what is related to something', [permit({ items: [{ related: 'Encounter/1' }], types: ['Observation'] })]],
    ['what depends on something', [permit({ items: [{ dependents: 'Encounter/1' }], types: ['Observation'] })]],
    ['what is not related', [permit(), deny({ items: [{ related: 'Encounter/1' }, { dependents: 'Encounter/2' }] })]],
    ['what somebody wrote', [permit({ items: [{ authoredBy: ['npi|7'] }] })]],
    ['what somebody else wrote', [permit({ authors: ['npi|8'] }), deny({ items: [{ authoredBy: ['npi|7'] }] })]],
    ['an ordinary code', [permit({ codes: [`${LOINC}|29463-7`], confidentiality: 'N' })]],
    ['a code that is labelled', [permit({ codes: [`${LOINC}|44261-6`], confidentiality: 'R' })]],
    ['a code of an unknown system', [permit({ codes: ['urn:x|1'], confidentiality: 'R' })]],
    ['a code of an unknown system beside a denied topic', [permit({ codes: ['urn:x|1'] }), deny({ categories: ['hiv'] })]],
    ['what has no topic beside a denied one', [permit(), deny({ sensitivity: ['PSY'] })]],
    ['what has none of the denied codes', [permit(), deny({ codes: [`${LOINC}|29463-7`] })]],
    ['a source', [permit({ sources: ['alder'] })]],
    ['another source', [permit(), deny({ sources: ['alder'] })]],
    ['an author', [permit({ authors: ['npi|7'] })]],
    ['an encounter', [permit({ encounters: ['Encounter/1'] })]],
    ['another encounter', [permit(), deny({ encounters: ['Encounter/1'] })]],
    ['sources and authors of a frame', [{ effect: 'permit', within: { sources: ['alder'], authors: ['npi|7'] } }]],
    ['a sensitivity code', [permit({ sensitivity: ['STD'] })]],
    ['the days before', [permit({ period: { until: '2024-01-01' } }), deny({ period: { from: '2024-01-01' } })]],
    ['the days after', [permit({ period: { from: '2024-01-01' } }), deny({ period: { until: '2024-06-30' } })]],
    ['a single day', [permit({ period: { from: '2024-01-02', until: '2024-01-02' } })]],
    ['what was before all that is denied', [permit(), deny({ period: { from: '1990' } })]],
    ['any other day', [permit(), deny({ period: { from: '2024-01-02', until: '2024-01-02' } })]],
    ['what an exception leaves', [permit(), { effect: 'deny', except: { data: { codes: [`${LOINC}|29463-7`] } } }]],
    ...CATEGORIES.map((category): [string, readonly Grant[]] => [`the topic ${category}`, [permit({ categories: [category] })]]),
    ...CONFIDENTIALITY.map((level): [string, readonly Grant[]] => [`the level ${level}`, [permit({ confidentiality: level }), ...below(level)]]),
  ])('finds %s', (_, grants, types) => {
    expect(found(grants, types)).toBeDefined()
  })

  /** The level alone: what lies above it is not permitted, and this says that what lies below does not count. */
  function below(level: (typeof CONFIDENTIALITY)[number]): readonly Grant[] {
    return level === 'U' ? [] : [{ effect: 'deny', except: { data: { confidentiality: level } } }]
  }

  it.each<[name: string, grants: readonly Grant[], types?: readonly string[]]>([
    ['nothing', []],
    ['a type that was not asked for', [permit({ types: ['Condition'] })], ['Observation']],
    ['a class that is no type', [permit({ types: ['urn:x|Observation'] })]],
    ['an item of a type that was not asked for', [permit({ items: ['Condition/1'] })], ['Observation']],
    ['a code that our rules label above what is permitted', [permit({ codes: [`${LOINC}|44261-6`], confidentiality: 'N' })]],
    ['a code of a topic that is denied', [permit({ codes: [`${LOINC}|44261-6`] }), deny({ sensitivity: ['PSY'] })]],
    ['a code of an unknown system, which counts as R', [permit({ codes: ['urn:x|1'], confidentiality: 'N' })]],
    ['a topic below R', [permit({ categories: ['hiv'], confidentiality: 'N' })]],
    ['what nobody can tell', [permit({ items: [{ unresolved: 'data' }] })]],
    ['a topic that means nothing to us', [permit({ sensitivity: ['urn:x|WHO'] })]],
    ['what is denied at every level', [permit(), deny({ confidentiality: 'U' })]],
  ])('does not find %s', (_, grants, types) => {
    expect(found(grants, types)).toBeUndefined()
  })

  it('tries types that somebody names, and one that nobody names', () => {
    const typesTried = (...grants: readonly Grant[]) => new Set([...situationsOf({ policies: [policyOf(...grants)] })].map(({ type }) => type))
    expect(typesTried(permit({ types: ['Observation', 'urn:x|y'] }), deny({ items: ['Condition/1', { related: 'Encounter/1' }] }))).toEqual(
      new Set(['Observation', 'Condition', 'Encounter', 'Basic']),
    )
    expect(typesTried()).toEqual(new Set(['Basic']))
  })

  it('gives up at a limit', () => {
    const many = (name: string) => Array.from({ length: 100 }, (_, i) => `${name}|${i}`)
    const policies = [policyOf(permit({ sources: many('s'), authors: many('a'), encounters: Array.from({ length: 100 }, (_, i) => `Encounter/${i}`) }))]
    let tried = 0
    for (const _ of situationsOf({ policies })) tried += 1
    expect(tried).toBe(MAX_SITUATIONS)
  })
})
