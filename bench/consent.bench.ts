import { check, compile, decide, type DataSelector, type Grant, type Policy, type Question, readFacts, type ResourceFacts } from '@fiducia/consent'
import { createRosa, generatePeople } from '../packages/testkit/src/people/index.ts'
import { decideWithCedar } from './cedar-policy.ts'
import { microseconds, microsecondsPerCall, printTable, times } from './measure.ts'

/**
 * The decision on one resource of a request under a policy of 50 grants, and the facts with their labels that it rests on.
 * Compared with the same answer reached the obvious way (every grant looked at anew, in all its parts, for each resource), and
 * with Cedar's engine (WebAssembly) on the same policy, parsed beforehand.
 */
const GRANTS = 50
const ROUNDS = 101
const CALLS = 3_000

const TYPES = ['Observation', 'Condition', 'MedicationRequest', 'Procedure', 'Encounter', 'Immunization', 'DiagnosticReport', 'AllergyIntolerance']

/** A patient who decides much: a permit for the practice, denies by category, item and period, grants that speak of others. */
function policyOf(items: readonly string[]): Policy {
  const grants: Grant[] = [
    { effect: 'permit', recipients: [{ organization: 'birch' }], purposes: ['TREAT'], data: { confidentiality: 'N' }, actions: ['read', 'search'] },
    { effect: 'deny', data: { categories: ['mental-health', 'substance-use', 'hiv', 'sexual-reproductive', 'violence', 'genetics'] } },
  ]
  for (let i = grants.length; i < GRANTS; i += 1) grants.push(furtherGrant(i, items))
  return { v: 1, grants }
}

function furtherGrant(i: number, items: readonly string[]): Grant {
  const type = TYPES[i % TYPES.length] ?? 'Observation'
  const item = items[(i * 7) % items.length] ?? 'Observation/none'
  if (i % 4 === 0) return { effect: 'deny', data: { items: [item] } }
  if (i % 4 === 1) return { effect: 'deny', recipients: [{ organization: `clinic-${i}` }], data: { types: [type] } }
  if (i % 4 === 2) return { effect: 'permit', recipients: [{ organization: 'birch' }], purposes: ['TREAT'], data: { types: [type], confidentiality: 'N' } }
  return { effect: 'deny', purposes: ['HMARKT'], data: { types: [type], period: { from: '2015-01-01', until: '2019-12-31' } } }
}

const QUESTION: Question = {
  actor: { identifiers: ['http://hl7.org/fhir/sid/us-npi|1932102084'], organization: 'birch', group: 'group-birch', roles: ['207Q00000X'] },
  purposes: ['TREAT'],
  action: 'search',
  at: 1_767_225_600_000,
  default: 'deny',
  careRelationship: true,
}

// ---- the obvious way --------------------------------------------------------------------------------------------------

const LEVELS = ['U', 'L', 'M', 'N', 'R', 'V']

function selectorMatches(selector: DataSelector, facts: ResourceFacts, isDeny: boolean): boolean {
  const difference = LEVELS.indexOf(facts.confidentiality) - LEVELS.indexOf(selector.confidentiality ?? 'N')
  const { period } = selector
  return (
    (selector.categories === undefined || selector.categories.some((category) => facts.categories.includes(category))) &&
    (selector.confidentiality === undefined || (isDeny ? difference >= 0 : difference <= 0)) &&
    (selector.types === undefined || selector.types.includes(facts.type)) &&
    (selector.items === undefined || selector.items.includes(facts.ref)) &&
    (period === undefined ||
      facts.period === undefined ||
      (facts.period.until >= Date.parse(period.from ?? '0001-01-01') && facts.period.from <= Date.parse(period.until ?? '9999-12-31')))
  )
}

function grantMatches(grant: Grant, question: Question, facts: ResourceFacts): boolean {
  const { recipients, purposes, actions, data } = grant
  return (
    (recipients === undefined || recipients.some((recipient) => 'organization' in recipient && recipient.organization === question.actor.organization)) &&
    (purposes === undefined || purposes.some((purpose) => question.purposes.includes(purpose))) &&
    (actions === undefined || actions.includes(question.action)) &&
    (data === undefined || selectorMatches(data, facts, grant.effect === 'deny'))
  )
}

function decideNaively(policy: Policy, question: Question, facts: ResourceFacts): 'permit' | 'deny' {
  const matching = policy.grants.filter((grant) => grantMatches(grant, question, facts))
  return matching.length > 0 && matching.every(({ effect }) => effect === 'permit') ? 'permit' : 'deny'
}

// ---- measured ---------------------------------------------------------------------------------------------------------

const resources = [createRosa().person, ...generatePeople('fiducia bench', 24)].flatMap(({ records }) => records.alder)
const facts = resources.map((resource) => readFacts(resource)).filter((one) => one !== undefined)
const policy = policyOf(facts.map(({ ref }) => ref))
const compiled = compile(policy, QUESTION)
const each = <T>(list: readonly T[], call: number): T => {
  const one = list[call % list.length]
  if (one === undefined) throw new Error('the synthetic people have no records')
  return one
}

const differing = facts.filter((one) => check(compiled, one).effect !== decideNaively(policy, QUESTION, one))
if (differing.length > 0) throw new Error(`${differing.length} of ${facts.length} resources are decided differently the obvious way`)

const cedar = decideWithCedar(policy, QUESTION)
const differingFromCedar = facts.filter((one) => check(compiled, one).effect !== cedar(one))
if (differingFromCedar.length > 0) throw new Error(`${differingFromCedar.length} of ${facts.length} resources are decided differently by Cedar`)

const texts = resources.map((resource) => JSON.stringify(resource))
const asGateway = { narrativeRemoved: true, sources: ['alder'] }
const took = microsecondsPerCall(CALLS, ROUNDS, {
  naive: (call) => decideNaively(policy, QUESTION, each(facts, call)),
  checked: (call) => check(compiled, each(facts, call)),
  // A hundredth of the calls: one takes as long as hundreds of ours.
  cedar: (call) => (call % 100 === 0 ? cedar(each(facts, call / 100)) : undefined),
  whole: (call) => decide(policy, QUESTION, each(facts, call)),
  parsed: (call) => JSON.parse(each(texts, call)),
  labelled: (call) => readFacts(each(resources, call), undefined, asGateway),
  narrated: (call) => readFacts(each(resources, call)),
  both: (call) => check(compiled, readFacts(each(resources, call), undefined, asGateway)),
})
const [naive, checked, whole, parsed] = [took('naive'), took('checked'), took('whole'), took('parsed')]
const [labelled, narrated, both] = [took('labelled'), took('narrated'), took('both')]
const byCedar = took('cedar') * 100
const permitted = facts.filter((one) => check(compiled, one).effect === 'permit').length

printTable(
  `consent: a policy of ${GRANTS} grants, ${resources.length} synthetic resources of ${Math.round(texts.join('').length / texts.length)} bytes, ${permitted} permitted`,
  [
    {
      what: 'decision on one resource',
      measured: microseconds(checked),
      goal: '<= 2 µs p50',
      comparedWith: `all grants anew, ${microseconds(naive)}: ${times(checked, naive)}`,
    },
    {
      what: 'the same by Cedar',
      measured: microseconds(byCedar),
      goal: 'ours at least 6 times as fast',
      comparedWith: `policy prepared once: ${times(byCedar, checked)}; prepared each time: ${times(byCedar, whole)}`,
    },
    { what: 'the same, policy prepared each time', measured: microseconds(whole), comparedWith: `all grants anew: ${times(whole, naive)}` },
    {
      what: 'facts and labels, as the gateway reads them',
      measured: microseconds(labelled),
      goal: '<= 1.5 µs',
      comparedWith: `JSON.parse, ${microseconds(parsed)}: ${times(labelled, parsed)}`,
    },
    { what: 'facts and labels, everything read', measured: microseconds(narrated), comparedWith: `JSON.parse: ${times(narrated, parsed)}` },
    { what: 'labels and decision together', measured: microseconds(both), comparedWith: `JSON.parse: ${times(both, parsed)}` },
  ],
)
