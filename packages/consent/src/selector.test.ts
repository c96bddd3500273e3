import { describe, expect, it } from 'vitest'
import { compileSelector, matchSelector } from './selector.ts'
import type { DataSelector, Links, ResourceFacts } from './types.ts'

const DAY = 86_400_000
const start = Date.UTC(2024, 0, 1)
const facts: ResourceFacts = {
  ref: 'Observation/1',
  type: 'Observation',
  codes: ['s|1', 's|2'],
  confidentiality: 'N',
  sensitivity: [],
  categories: [],
  sources: ['alder'],
  authors: ['npi|1'],
  encounter: 'Encounter/1',
  period: { from: start, until: start + DAY - 1 },
}
/** As a permit matches, and as a deny does. */
const matches = (data: DataSelector, more: Partial<ResourceFacts> = {}) =>
  [false, true].map((eager) => matchSelector(compileSelector(data, eager), { ...facts, ...more }))

type Case = readonly [name: string, data: DataSelector, more: Partial<ResourceFacts>, permit: string, deny: string]
const check = (cases: readonly Case[]) =>
  it.each(cases)('%s', (_, data, more, permit, deny) => {
    expect(matches(data, more)).toEqual([permit, deny])
  })

describe('by type, code and encounter', () => {
  check([
    ['the type', { types: ['Observation'] }, {}, 'match', 'match'],
    ['another type', { types: ['Condition'] }, {}, 'none', 'none'],
    ['a class that may be any type', { types: ['urn:x|y'] }, {}, 'none', 'match'],
    ['no type at all', { types: [] }, {}, 'none', 'match'],
    ['one of its codes', { codes: ['s|2'] }, {}, 'match', 'match'],
    ['another code', { codes: ['s|3'] }, {}, 'none', 'none'],
    ['no code at all', { codes: [] }, {}, 'none', 'match'],
    ['its encounter', { encounters: ['Encounter/1'] }, {}, 'match', 'match'],
    ['another encounter', { encounters: ['Encounter/2'] }, {}, 'none', 'none'],
    ['an unknown encounter', { encounters: ['Encounter/2'] }, { encounter: undefined }, 'none', 'match'],
    ['no encounter at all', { encounters: [] }, {}, 'none', 'match'],
  ])
})

describe('by sources and authors', () => {
  check([
    ['its source', { sources: ['alder'] }, {}, 'match', 'match'],
    ['one of its sources', { sources: ['alder'] }, { sources: ['alder', 'birch'] }, 'none', 'match'],
    ['all of its sources', { sources: ['alder', 'birch'] }, { sources: ['alder', 'birch'] }, 'match', 'match'],
    ['another source', { sources: ['birch'] }, {}, 'none', 'none'],
    ['a source of another kind', { sources: ['Organization/1'] }, {}, 'none', 'match'],
    ['a source whose system is empty', { sources: ['alder'] }, { sources: ['|1'] }, 'none', 'match'],
    ['a source of another system', { sources: ['t|1'] }, { sources: ['s|1'] }, 'none', 'match'],
    ['another of the same system', { sources: ['s|2'] }, { sources: ['s|1'] }, 'none', 'none'],
    ['another within the server', { sources: ['Organization/2'] }, { sources: ['Organization/1'] }, 'none', 'none'],
    ['a source by its other name', { sources: ['s|1'] }, { sources: [['Organization/1', 's|1']] }, 'match', 'match'],
    ['another with a name of the same kind', { sources: [['Organization/2', 's|2']] }, { sources: [['Organization/1', 's|1']] }, 'none', 'none'],
    ['another with a name of another kind', { sources: [['Organization/2', 't|2']] }, { sources: ['s|1'] }, 'none', 'match'],
    ['unknown sources', { sources: ['alder'] }, { sources: undefined }, 'none', 'match'],
    ['sources of whom none is named', { sources: ['alder'] }, { sources: [] }, 'none', 'match'],
    ['no source at all', { sources: [] }, {}, 'none', 'match'],
    ['one of its authors', { authors: ['npi|1'] }, { authors: ['npi|1', 'npi|2'] }, 'match', 'match'],
    ['another author', { authors: ['npi|2'] }, {}, 'none', 'none'],
    ['unknown authors', { authors: ['npi|2'] }, { authors: undefined }, 'none', 'match'],
    ['no author at all', { authors: [] }, {}, 'none', 'match'],
  ])
})

describe('by items', () => {
  const links = (names: readonly string[], possible: readonly string[], complete: boolean): Links => {
    const reach = { names: new Set(names), possible: new Set(possible), complete }
    const nothing = { names: new Set<string>(), possible: new Set<string>(), complete: true }
    return { related: reach, dependsOn: nothing }
  }
  const related: DataSelector = { items: [{ related: 'Encounter/1' }] }
  check([
    ['itself', { items: ['Observation/1'] }, {}, 'match', 'match'],
    ['another', { items: ['Observation/2'] }, {}, 'none', 'none'],
    ['itself as what others relate to', { items: [{ related: 'Observation/1' }] }, {}, 'match', 'match'],
    ['itself as what others depend on', { items: [{ dependents: 'Observation/1' }] }, {}, 'match', 'match'],
    ['what is related', related, { links: links(['Encounter/1'], ['Encounter/1'], true) }, 'match', 'match'],
    ['what may be related', related, { links: links([], ['Encounter/1'], true) }, 'none', 'match'],
    ['what is related to something else', related, { links: links(['Encounter/2'], ['Encounter/2'], true) }, 'none', 'none'],
    ['what may be related to more', related, { links: links([], [], false) }, 'none', 'match'],
    ['what nobody looked at', related, {}, 'none', 'match'],
    [
      'what depends on something, where it is only related',
      { items: [{ dependents: 'Encounter/1' }] },
      { links: links(['Encounter/1'], [], true) },
      'none',
      'none',
    ],
    ['what somebody wrote', { items: [{ authoredBy: ['npi|1'] }] }, {}, 'match', 'match'],
    ['what somebody else wrote', { items: [{ authoredBy: ['npi|2'] }] }, {}, 'none', 'none'],
    ['what somebody unknown wrote', { items: [{ authoredBy: ['npi|2'] }] }, { authors: undefined }, 'none', 'match'],
    ['what cannot be told', { items: [{ unresolved: 'x' }] }, {}, 'none', 'match'],
    ['no item at all', { items: [] }, {}, 'none', 'match'],
  ])
})

describe('by dates', () => {
  const [first, last] = ['2024-01-01T00:00:00.000Z', '2024-01-01T23:59:59.999Z']
  const instant = { period: { from: start, until: start } }
  check([
    ['exactly the span', { period: { from: first, until: last } }, {}, 'match', 'match'],
    ['the first instant alone', { period: { from: first, until: first } }, {}, 'none', 'match'],
    ['the last instant alone', { period: { from: last, until: last } }, {}, 'none', 'match'],
    ['a single instant', { period: { from: first, until: first } }, instant, 'match', 'match'],
    ['the day before', { period: { from: '2023-12-31', until: '2023-12-31' } }, {}, 'none', 'none'],
    ['the day after', { period: { from: '2024-01-02', until: '2024-01-02' } }, {}, 'none', 'none'],
    ['from the day after', { period: { from: '2024-01-02' } }, {}, 'none', 'none'],
    ['until the day before', { period: { until: '2023-12-31' } }, {}, 'none', 'none'],
    ['from that day', { period: { from: '2024-01-01' } }, {}, 'match', 'match'],
    ['until that day', { period: { until: '2024-01-01' } }, {}, 'match', 'match'],
    ['an unknown span', { period: { from: '2020' } }, { period: undefined }, 'none', 'match'],
    ['a span that ends before it starts', { period: { from: '2020' } }, { period: { from: start, until: start - 1 } }, 'none', 'match'],
    ['a period that ends before it starts', { period: { from: '2025', until: '2020' } }, {}, 'none', 'match'],
    ['a start that cannot be read', { period: { from: 'soon' } }, {}, 'none', 'match'],
    ['an end that cannot be read', { period: { until: 'soon' } }, {}, 'none', 'match'],
  ])
})

describe('by labels', () => {
  const mental = { confidentiality: 'R', sensitivity: ['PSY'], categories: ['mental-health'] } as const
  check([
    ['a higher level', { confidentiality: 'R' }, {}, 'match', 'label'],
    ['the level', { confidentiality: 'N' }, {}, 'match', 'match'],
    ['a lower level', { confidentiality: 'L' }, {}, 'label', 'match'],
    ['a topic it has', { categories: ['mental-health'] }, mental, 'match', 'match'],
    ['a topic that follows from its code', { categories: ['mental-health'] }, { ...mental, categories: [] }, 'match', 'match'],
    ['another topic', { categories: ['hiv'] }, mental, 'label', 'label'],
    ['a topic on an ordinary item', { categories: ['hiv'] }, {}, 'label', 'label'],
    ['one of two topics', { categories: ['mental-health'] }, { ...mental, categories: ['mental-health', 'hiv'] }, 'label', 'match'],
    ['one of two topics, the other by its code', { categories: ['mental-health'] }, { ...mental, sensitivity: ['PSY', 'HIV'] }, 'label', 'match'],
    ['a topic beside a code that means nothing to us', { categories: ['mental-health'] }, { ...mental, sensitivity: ['PSY', 'ODD'] }, 'label', 'match'],
    ['a topic beside a code without a topic', { categories: ['mental-health'] }, { ...mental, sensitivity: ['PSY', 'TBOO'] }, 'label', 'match'],
    ['another topic beside a code that means nothing to us', { categories: ['hiv'] }, { ...mental, sensitivity: ['ODD'] }, 'label', 'match'],
    ['a topic above R', { categories: ['mental-health'] }, { ...mental, confidentiality: 'V' }, 'label', 'match'],
    ['no topic at all', { categories: [] }, mental, 'label', 'match'],
    ['a code it has', { sensitivity: ['PSY'] }, mental, 'match', 'match'],
    ['a code above it', { sensitivity: ['BH'] }, mental, 'match', 'match'],
    ['a code below it', { sensitivity: ['PSY'] }, { ...mental, sensitivity: ['BH'] }, 'label', 'label'],
    ['a code that means nothing to us', { sensitivity: ['ODD'] }, {}, 'label', 'match'],
    ['one of two codes', { sensitivity: ['PSY'] }, { ...mental, sensitivity: ['PSY', 'HIV'] }, 'label', 'match'],
    ['a code on an ordinary item', { sensitivity: ['PSY'] }, {}, 'label', 'label'],
    ['a code above R', { sensitivity: ['PSY'] }, { ...mental, confidentiality: 'V' }, 'label', 'match'],
    ['no code at all', { sensitivity: [] }, mental, 'label', 'match'],
    ['the level, and another topic', { confidentiality: 'R', categories: ['hiv'] }, mental, 'label', 'label'],
  ])
})
