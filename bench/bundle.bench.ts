import { check, compile, type CompiledPolicy, type Grant, type Policy, type Question, readFacts } from '@fiducia/consent'
import { isResource, limitedSearchset, stripForRelease } from '@fiducia/fhir'
import { createRosa, generatePeople } from '../packages/testkit/src/people/index.ts'
import { microseconds, microsecondsPerCall, printTable, times } from './measure.ts'

/**
 * What a gateway does with a silo's answer of 100 resources: parse it, label and decide each, strip what is released, make
 * the answer anew and serialise it. Compared with parsing and serialising the same bundle and doing nothing in between.
 */
const ENTRIES = 100
const BUNDLES = 12
const ROUNDS = 41
const CALLS = 24
const GRANTS = 50

const QUESTION: Question = {
  actor: { identifiers: ['http://hl7.org/fhir/sid/us-npi|1932102084'], organization: 'birch', group: 'group-birch', roles: ['207Q00000X'] },
  purposes: ['TREAT'],
  action: 'search',
  at: 1_767_225_600_000,
  default: 'deny',
  careRelationship: true,
}

/** A permit for the practice, a deny by topic, and many grants on single items and times. */
function policyOf(items: readonly string[]): Policy {
  const grants: Grant[] = [
    { effect: 'permit', recipients: [{ organization: 'birch' }], purposes: ['TREAT'], data: { confidentiality: 'N' }, actions: ['read', 'search'] },
    { effect: 'deny', data: { categories: ['mental-health', 'substance-use', 'hiv', 'sexual-reproductive', 'violence', 'genetics'] } },
  ]
  for (let i = grants.length; i < GRANTS; i += 1)
    grants.push(
      i % 2 === 0
        ? { effect: 'deny', data: { items: [items[(i * 31) % items.length] ?? 'Observation/none'] } }
        : { effect: 'deny', data: { types: ['Procedure'], period: { from: `${1950 + i}-01-01`, until: `${1950 + i}-12-31` } } },
    )
  return { v: 1, grants }
}

const people = [createRosa().person, ...generatePeople('fiducia bundles', 400)]
const resources = people.flatMap(({ records }) => records.alder).slice(0, ENTRIES * BUNDLES)
const texts = Array.from({ length: BUNDLES }, (_, i) =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'searchset',
    total: ENTRIES,
    entry: resources.slice(i * ENTRIES, (i + 1) * ENTRIES).map((resource) => ({ resource, search: { mode: 'match' } })),
  }),
)
const compiled = compile(policyOf(resources.map(({ resourceType, id }) => `${resourceType}/${id}`)), QUESTION)
const asGateway = { narrativeRemoved: true, sources: ['alder'] }

interface Parsed {
  readonly entry: readonly { readonly resource: unknown }[]
}
const textOf = (call: number): string => texts[call % texts.length] ?? ''
const parse = (text: string): Parsed => JSON.parse(text)

const released = (bundle: Parsed, policy: CompiledPolicy) =>
  bundle.entry.map(({ resource }) => resource).filter((resource) => check(policy, readFacts(resource, undefined, asGateway)).effect === 'permit')

const PAGE = { baseUrl: 'https://alder.example/fhir', selfUrl: 'https://alder.example/fhir/Observation' }
const answer = (call: number): string => JSON.stringify(limitedSearchset(released(parse(textOf(call)), compiled).map(stripForRelease), PAGE))

const kept = texts.map((text) => released(parse(text), compiled).length)
if (kept.some((count) => count === 0 || count === ENTRIES))
  throw new Error(`expected bundles of which a part is released, found ${kept.join(', ')} of ${ENTRIES}`)
if (!released(parse(textOf(0)), compiled).every(isResource)) throw new Error('something that is no resource was released')

const parsed = texts.map(parse)
const took = microsecondsPerCall(CALLS, ROUNDS, {
  bare: (call) => JSON.stringify(parse(textOf(call))),
  labelled: (call) => parsed[call % parsed.length]?.entry.map(({ resource }) => readFacts(resource, undefined, asGateway)),
  fresh: (call) => parse(textOf(call)).entry.map(({ resource }) => readFacts(resource, undefined, asGateway)),
  filtered: (call) => JSON.stringify({ resourceType: 'Bundle', entry: released(parse(textOf(call)), compiled).map((resource) => ({ resource })) }),
  whole: answer,
})
const bare = took('bare')
const against = (value: number): string => `JSON.parse and JSON.stringify, ${microseconds(bare)}: ${times(value, bare)}`

printTable(
  `bundles: ${ENTRIES} resources, ${Math.round(texts.join('').length / texts.length / 1024)} KiB, about ${Math.round(kept.reduce((a, b) => a + b) / kept.length)} released under ${GRANTS} grants`,
  [
    { what: 'labels of 100 resources', measured: microseconds(took('labelled')), goal: '<= 150 µs', comparedWith: against(took('labelled')) },
    { what: 'parsed, labelled', measured: microseconds(took('fresh')), comparedWith: against(took('fresh')) },
    {
      what: 'parsed, labelled, decided, filtered, serialised',
      measured: microseconds(took('filtered')),
      goal: '<= 3×',
      comparedWith: against(took('filtered')),
    },
    {
      what: 'the same, stripped and made anew as the gateway does',
      measured: microseconds(took('whole')),
      goal: '<= 3×',
      comparedWith: against(took('whole')),
    },
  ],
)
