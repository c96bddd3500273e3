import {
  ACTIONS,
  type Catalog,
  CATEGORIES,
  CONFIDENTIALITY,
  describePolicy,
  describePreview,
  describeReason,
  describeTerms,
  type Effect,
  type PolicyExplanation,
  explainPolicy,
  type Grant,
  type MessageKey,
  type Policy,
  type Preview,
  type Question,
  REASON_CODES,
  renderExplanation,
  type ResourceFacts,
  type Scope,
  type Voice,
} from '../src/index.ts'

/** Something of everything that can be said, so that a catalog is rendered whole. */

const codesOf = (kind: string, keys: readonly MessageKey[]): readonly string[] =>
  keys.filter((key) => key.startsWith(`${kind}.`) && !key.endsWith('.other')).map((key) => key.slice(kind.length + 1))

function scopes(keys: readonly MessageKey[]): readonly Scope[] {
  return [
    {},
    { recipients: [] },
    { recipients: [{}] },
    { recipients: [{ anyone: true }] },
    { recipients: [{ practitioner: '1|1', organization: '2' }, { role: '3' }, { group: '4' }] },
    { recipients: [{ study: '5' }, { delegate: '6' }] },
    { recipients: [{ identifier: '7|7' }] },
    { recipients: [{ unresolved: '8' }] },
    { recipients: [{ unresolved: 'approved later' }] },
    { actions: [] },
    { actions: [...ACTIONS, '1|2'] },
    { purposes: [] },
    { purposes: ['BTG'] },
    { purposes: [...codesOf('purpose', keys), '1|2', '9'] },
    { valid: { from: 0 } },
    { valid: { until: 1 } },
    { valid: { from: 60_000, until: 8.65e15 } },
    { data: {} },
    { data: { categories: CATEGORIES } },
    { data: { sensitivity: [...codesOf('label', keys), '1|2'] } },
    { data: { types: [...codesOf('type', keys), '1|2'] } },
    { data: { types: ['Zzz'], items: ['1/2', { related: '1/3' }] } },
    { data: { items: [{ dependents: '1/4' }, { authoredBy: ['1|5'] }, { unresolved: '6' }] } },
    { data: { codes: [] } },
    { data: { codes: ['1|2'], sources: ['3'], authors: ['4'], encounters: ['5', '6'] } },
    { data: { codes: ['1|2', '1|3'], encounters: ['5'], period: { from: '2024' } } },
    { data: { period: { until: '2024-02' } } },
    { data: { period: { from: '2024-01-01', until: '2024-02' } } },
    ...CONFIDENTIALITY.map((confidentiality) => ({ data: { confidentiality } })),
    { within: { recipients: [{ role: '3' }], purposes: ['TREAT'], actions: ['read'], valid: { from: 0 }, sources: ['3'], authors: ['4'] } },
    { within: { valid: { until: 1 }, sources: ['3'] } },
    { within: { valid: { from: 0, until: 1 } } },
  ]
}

export function policies(keys: readonly MessageKey[]): readonly Policy[] {
  const effects: readonly Effect[] = ['permit', 'deny']
  const grants = scopes(keys).flatMap((scope): readonly Grant[] =>
    effects.flatMap((effect) => [
      { effect, ...scope },
      { effect, recipients: [{ role: '3' }], except: scope },
      { effect, except: [scope, { data: { confidentiality: 'N' } }, { purposes: ['TREAT'] }] },
    ]),
  )
  const scope: Scope = { purposes: ['TREAT'] }
  return [
    { v: 1, grants },
    {
      v: 1,
      preset: 'closed',
      until: 5,
      grants: [
        { effect: 'deny', except: [scope] },
        { effect: 'permit', ...scope },
      ],
    },
    { v: 1, until: 86_399_999, grants: [] },
  ]
}

const QUESTION: Question = {
  actor: { identifiers: ['npi|1'], roles: [] },
  purposes: ['TREAT'],
  action: 'read',
  at: 1000,
  default: 'deny',
  careRelationship: true,
}
const FACTS: ResourceFacts = {
  ref: '1/1',
  type: 'Observation',
  codes: [],
  confidentiality: 'N',
  sensitivity: [],
  categories: [],
  sources: undefined,
  authors: undefined,
  encounter: undefined,
  period: undefined,
}

/** Explanations with each kind of answer. */
function explained(): readonly { readonly explanation: PolicyExplanation; readonly policy: Policy }[] {
  const nothing: Scope = {
    recipients: [{ role: '3' }],
    purposes: ['HMARKT'],
    actions: ['export'],
    valid: { until: 1 },
    data: {
      categories: ['hiv'],
      confidentiality: 'U',
      sensitivity: ['HIV'],
      types: ['Zzz'],
      codes: ['1|1'],
      sources: ['3'],
      authors: ['3'],
      encounters: ['3'],
      items: ['1/2'],
      period: { from: '2024' },
    },
    within: { recipients: [{ role: '3' }], purposes: ['HMARKT'], actions: ['export'], valid: { until: 1 }, sources: ['3'], authors: ['3'] },
  }
  const known = { ...FACTS, sources: ['9'], authors: ['9'], encounter: '9', period: { from: 0, until: 1 } }
  const policy: Policy = {
    v: 1,
    grants: [
      { effect: 'permit' },
      { effect: 'deny' },
      { effect: 'permit', ...nothing },
      { effect: 'permit', purposes: ['HMARKT'] },
      { effect: 'permit', data: { sources: ['3'] } },
      { effect: 'deny', data: { sources: ['3'] } },
      { effect: 'permit', except: { purposes: ['TREAT'] } },
      { effect: 'permit', except: { data: { sources: ['3'] } } },
    ],
  }
  const ended: Policy = { ...policy, until: 1 }
  return [
    { policy, explanation: explainPolicy(policy, QUESTION, FACTS) },
    { policy, explanation: explainPolicy(policy, QUESTION, known) },
    { policy, explanation: explainPolicy(policy, QUESTION, undefined) },
    { policy: ended, explanation: explainPolicy(ended, QUESTION, known) },
  ]
}

const change = (people: number, organizations: number) => ({ people, organizations, items: people })
const previews: readonly Preview[] = [
  { people: [], lose: change(0, 0), gain: change(0, 0), safety: false },
  { people: [], lose: change(1, 1), gain: change(0, 0), safety: true },
  { people: [], lose: change(0, 0), gain: change(2, 2), safety: false },
  { people: [], lose: change(2, 0), gain: change(1, 0), safety: false },
]

/** All sentences of the corpus. */
export function sentencesOf(voice: Voice, keys: readonly MessageKey[]): readonly string[] {
  return [
    ...policies(keys).flatMap((policy) => [...describeTerms(policy, voice), ...describePolicy(policy, voice)]),
    ...REASON_CODES.map((code) => describeReason(code, voice)),
    ...explained().flatMap(({ explanation, policy }) => renderExplanation(explanation, policy, voice).map(({ why }) => why)),
    ...previews.flatMap((one) => describePreview(one, voice)),
  ]
}

/** The answers of the table, which are words and no sentences. */
export const answersOf = (voice: Voice): readonly string[] =>
  explained().flatMap(({ explanation, policy }) => renderExplanation(explanation, policy, voice).map(({ matched }) => matched))

/** A catalog that writes down which of its messages are used. */
export function recording(catalog: Catalog): { readonly catalog: Catalog; readonly used: ReadonlySet<string> } {
  const used = new Set<string>()
  const messages = new Proxy(catalog.messages, {
    get: (target, key) => {
      used.add(String(key))
      return Reflect.get(target, key) as unknown
    },
  })
  return { catalog: { ...catalog, messages }, used }
}
