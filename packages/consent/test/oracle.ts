import type { Actor, DataSelector, Frame, Grant, Party, Policy, Question, Reach, Recipient, ResourceFacts, Scope, Validity } from '../src/types.ts'

/**
 * The decision once more, slow and obvious, written from the rules of the contract and DESIGN section 4 and from nothing
 * else: three-valued logic, in which every statement about a question and a resource is `yes`, `no` or `unknown`. A deny
 * counts unless it is `no`; a permit counts only if it is `yes`. No indexes, no compilation, no reuse.
 */
export type Answer = 'permit' | 'deny'
type Truth = 'yes' | 'no' | 'unknown'

const and = (parts: readonly Truth[]): Truth => (parts.includes('no') ? 'no' : parts.includes('unknown') ? 'unknown' : 'yes')
const or = (parts: readonly Truth[]): Truth => (parts.includes('yes') ? 'yes' : parts.includes('unknown') ? 'unknown' : 'no')
const not = (truth: Truth): Truth => (truth === 'yes' ? 'no' : truth === 'no' ? 'yes' : 'unknown')
const sure = (fact: boolean): Truth => (fact ? 'yes' : 'no')
/** An empty list of alternatives says nothing that can be relied on. */
const anyOf = <T>(list: readonly T[], judge: (one: T) => Truth): Truth => (list.length === 0 ? 'unknown' : or(list.map(judge)))

/** Every purpose with all that stands above it. */
const PURPOSES: { readonly [code: string]: readonly string[] } = {
  TREAT: ['PurposeOfUse'],
  ETREAT: ['TREAT', 'PurposeOfUse'],
  BTG: ['ETREAT', 'TREAT', 'PurposeOfUse'],
  COC: ['TREAT', 'PurposeOfUse'],
  HPAYMT: ['PurposeOfUse'],
  CLMATTCH: ['HPAYMT', 'PurposeOfUse'],
  HRESCH: ['PurposeOfUse'],
  CLINTRCH: ['HRESCH', 'PurposeOfUse'],
  HMARKT: ['PurposeOfUse'],
  PurposeOfUse: [],
}
const SENSITIVITIES: { readonly [code: string]: { readonly above: readonly string[]; readonly categories: readonly string[] } } = {
  PSY: { above: ['BH', 'SPI'], categories: ['mental-health'] },
  MH: { above: ['BH', 'SPI'], categories: ['mental-health'] },
  BH: { above: ['SPI'], categories: ['mental-health', 'substance-use'] },
  SUD: { above: ['BH', 'SPI'], categories: ['substance-use'] },
  ETHUD: { above: ['SUD', 'BH', 'SPI'], categories: ['substance-use'] },
  HIV: { above: [], categories: ['hiv'] },
  SEX: { above: [], categories: ['sexual-reproductive'] },
  SPI: { above: [], categories: [] },
  GDIS: { above: [], categories: ['genetics'] },
}
const LEVELS = ['U', 'L', 'M', 'N', 'R', 'V']

export interface OracleInput {
  readonly policy: Policy | 'unreadable' | 'absent'
  readonly expires?: number
}

/** All versions must permit. */
export function oracleDecideAll(versions: readonly OracleInput[], question: Question, facts: ResourceFacts | undefined): Answer {
  if (versions.length === 0) return 'deny'
  return versions.every((version) => oracleDecide(version, question, facts) === 'permit') ? 'permit' : 'deny'
}

function oracleDecide({ policy, expires }: OracleInput, question: Question, facts: ResourceFacts | undefined): Answer {
  if (policy === 'unreadable' || policy === 'absent' || facts === undefined) return 'deny'
  if (policy.preset === 'closed') return 'deny'
  const purposes = [...new Set(question.purposes)]
  if (purposes.includes('BTG')) {
    const reason = question.breakGlass?.reason ?? ''
    if (purposes.length !== 1 || reason.trim().length === 0) return 'deny'
    if (question.default !== 'deny' && reads(question)) return 'permit'
  }
  if (purposes.length === 0) return 'deny'
  const expired = (policy.until !== undefined && question.at > policy.until) || (expires !== undefined && question.at > expires)
  return purposes.every((purpose) => oneByPurpose(policy, expired, purpose, question, facts)) ? 'permit' : 'deny'
}

const reads = ({ action }: Question): boolean => ['read', 'search'].includes(action)

function oneByPurpose(policy: Policy, expired: boolean, purpose: string, question: Question, facts: ResourceFacts): boolean {
  for (const grant of policy.grants) if (grant.effect === 'deny' && grantSpeaks(grant, purpose, question, facts) !== 'no') return false
  if (expired) return false
  for (const grant of policy.grants) if (grant.effect === 'permit' && grantSpeaks(grant, purpose, question, facts) === 'yes') return true
  return defaultAnswer(purpose, question, facts)
}

function defaultAnswer(purpose: string, question: Question, facts: ResourceFacts): boolean {
  const treatment = purpose === 'TREAT' || (purpose !== 'BTG' && (PURPOSES[purpose] ?? []).includes('TREAT'))
  if (!treatment || !reads(question) || !question.careRelationship) return false
  if (question.default === 'all-treatment') return true
  return (
    question.default === 'normal-treatment' && LEVELS.indexOf(facts.confidentiality) <= 3 && facts.sensitivity.length === 0 && facts.categories.length === 0
  )
}

function grantSpeaks(grant: Grant, purpose: string, question: Question, facts: ResourceFacts): Truth {
  const { effect, except } = grant
  // What is taken away is judged from the other side: from a deny like a permit, from a permit like a deny.
  const opposite = effect === 'deny' ? 'permit' : 'deny'
  const exceptions = except === undefined ? [] : [except].flat()
  const taken = exceptions.map((scope) => (Object.keys(scope).length === 0 ? 'unknown' : scopeSpeaks(scope, purpose, question, facts, opposite)))
  return and([scopeSpeaks(grant, purpose, question, facts, effect), not(or(taken))])
}

function scopeSpeaks(scope: Scope, purpose: string, question: Question, facts: ResourceFacts, effect: Answer): Truth {
  return and([
    recipientsSpeak(scope.recipients, question.actor, effect),
    purposesSpeak(scope.purposes, purpose, effect),
    actionsSpeak(scope.actions, question.action),
    timeSpeaks(scope.valid, question.at),
    dataSpeaks(scope.data, facts, effect),
    frameSpeaks(scope.within, purpose, question, facts, effect),
  ])
}

function frameSpeaks(frame: Frame | undefined, purpose: string, question: Question, facts: ResourceFacts, effect: Answer): Truth {
  if (frame === undefined) return 'yes'
  const below = (code: string): Truth =>
    code === purpose || (PURPOSES[purpose] ?? []).includes(code) ? 'yes' : Object.hasOwn(PURPOSES, code) && Object.hasOwn(PURPOSES, purpose) ? 'no' : 'unknown'
  return and([
    recipientsSpeak(frame.recipients, question.actor, effect),
    frame.purposes === undefined ? 'yes' : anyOf(frame.purposes, below),
    frame.actions === undefined ? 'yes' : actionsSpeak(frame.actions, question.action),
    timeSpeaks(frame.valid, question.at),
    sourcesSpeak(frame.sources, facts.sources, effect),
    partiesSpeak(frame.authors, facts.authors),
  ])
}

function recipientsSpeak(recipients: readonly Recipient[] | undefined, actor: Actor, effect: Answer): Truth {
  if (recipients === undefined) return 'yes'
  if (actor.unidentified === true && effect === 'deny') return 'unknown'
  return anyOf(recipients, (recipient) => {
    const members = Object.entries(recipient).map(([kind, name]) => memberSpeaks(kind, name, actor))
    return members.length === 0 ? 'unknown' : effect === 'permit' ? and(members) : or(members)
  })
}

function memberSpeaks(kind: string, name: unknown, actor: Actor): Truth {
  const possible = (actor.possible ?? []).some((one) => one === name)
  const named = actor.identifiers.some((one) => one === name)
  const belongsTo = (stated: string | undefined): Truth => (stated === name || named ? 'yes' : stated === undefined || possible ? 'unknown' : 'no')
  switch (kind) {
    case 'anyone':
      return 'yes'
    case 'organization':
      return belongsTo(actor.organization)
    case 'group':
      return belongsTo(actor.group)
    case 'role':
      return sure(actor.roles.some((role) => role === name))
    case 'study':
      return sure(actor.study === name)
    case 'delegate':
      return sure(actor.delegate === name)
    case 'unresolved':
      return 'unknown'
    default:
      return named ? 'yes' : actor.identifiers.length === 0 || possible ? 'unknown' : 'no'
  }
}

/** Nothing is taken along without being seen, so a deny of reading speaks of exporting too; a permit of reading does not. */
function actionsSpeak(actions: readonly string[] | undefined, asked: string): Truth {
  const known = (action: string) => ['read', 'search', 'export', 'collect', 'use', 'correct'].includes(action)
  if (actions === undefined) return known(asked) ? 'yes' : 'unknown'
  return anyOf(actions, (action) => {
    if (action === asked) return 'yes'
    if (!known(action) || !known(asked)) return 'unknown'
    return asked === 'export' && (action === 'read' || action === 'search') ? 'unknown' : 'no'
  })
}

/** A permit covers an emergency only by naming it, and an unknown purpose only by the same code. */
function purposesSpeak(granted: readonly string[] | undefined, asked: string, effect: Answer): Truth {
  const known = (code: string) => Object.hasOwn(PURPOSES, code)
  if (granted === undefined) return asked === 'BTG' ? sure(effect === 'deny') : known(asked) ? 'yes' : 'unknown'
  return anyOf(granted, (code) => {
    if (code === asked) return 'yes'
    if (!known(code) || !known(asked)) return 'unknown'
    const below = (PURPOSES[asked] ?? []).includes(code)
    return sure(below && !(asked === 'BTG' && effect === 'permit'))
  })
}

function timeSpeaks(valid: Validity | undefined, at: number): Truth {
  if (valid === undefined) return 'yes'
  if (valid.from !== undefined && valid.until !== undefined && valid.from > valid.until) return 'unknown'
  return sure((valid.from === undefined || at >= valid.from) && (valid.until === undefined || at <= valid.until))
}

function dataSpeaks(data: DataSelector | undefined, facts: ResourceFacts, effect: Answer): Truth {
  if (data === undefined) return 'yes'
  return and([
    data.types === undefined ? 'yes' : anyOf(data.types, (one) => (one.includes('|') ? 'unknown' : sure(one === facts.type))),
    itemsSpeak(data.items, facts),
    data.codes === undefined ? 'yes' : anyOf(data.codes, (one) => sure(facts.codes.includes(one))),
    sourcesSpeak(data.sources, facts.sources, effect),
    partiesSpeak(data.authors, facts.authors),
    data.encounters === undefined ? 'yes' : facts.encounter === undefined ? 'unknown' : anyOf(data.encounters, (one) => sure(one === facts.encounter)),
    periodSpeaks(data.period, facts.period, effect),
    effect === 'permit' ? labelsPermit(data, facts) : labelsDeny(data, facts),
  ])
}

/** Two that have no kind of name in common may be the same. */
function partiesSpeak(list: readonly Party[] | undefined, found: readonly Party[] | undefined): Truth {
  if (list === undefined) return 'yes'
  if (found === undefined || found.length === 0) return 'unknown'
  return anyOf(list, (party) => or(found.map((one) => sameParty([party].flat(), [one].flat()))))
}

function sameParty(one: readonly string[], other: readonly string[]): Truth {
  if (one.some((name) => other.includes(name))) return 'yes'
  const system = (name: string) => (name.includes('|') ? name.split('|')[0] : name.includes('/'))
  return one.some((name) => other.some((two) => system(name) === system(two))) ? 'no' : 'unknown'
}

function itemsSpeak(items: DataSelector['items'], { ref, authors, links }: ResourceFacts): Truth {
  if (items === undefined) return 'yes'
  const reached = (reach: Reach | undefined, name: string): Truth =>
    ref === name || reach?.names.has(name) === true ? 'yes' : reach?.complete === true && !reach.possible.has(name) ? 'no' : 'unknown'
  return anyOf(items, (item) => {
    if (typeof item === 'string') return sure(item === ref)
    if ('related' in item) return reached(links?.related, item.related)
    if ('dependents' in item) return reached(links?.dependsOn, item.dependents)
    return 'authoredBy' in item ? partiesSpeak(item.authoredBy, authors) : 'unknown'
  })
}

function sourcesSpeak(list: readonly Party[] | undefined, values: readonly Party[] | undefined, effect: Answer): Truth {
  if (list === undefined) return 'yes'
  if (values === undefined || values.length === 0 || list.length === 0) return 'unknown'
  return effect === 'permit' ? sure(values.every((value) => [value].flat().some((name) => list.flat().includes(name)))) : partiesSpeak(list, values)
}

function periodSpeaks(period: DataSelector['period'], span: ResourceFacts['period'], effect: Answer): Truth {
  if (period === undefined) return 'yes'
  const from = period.from === undefined ? -1e15 : Date.parse(`${period.from}T00:00:00.000Z`)
  const until = period.until === undefined ? 1e15 : Date.parse(`${period.until}T23:59:59.999Z`)
  if (span === undefined || span.from > span.until || from > until) return 'unknown'
  const inside = from <= span.from && span.until <= until
  const apart = span.until < from || until < span.from
  return sure(effect === 'permit' ? inside : !apart)
}

const categoriesOn = (facts: ResourceFacts): readonly string[] => [
  ...facts.categories,
  ...facts.sensitivity.flatMap((code) => SENSITIVITIES[code]?.categories ?? []),
]
const atOrAbove = (code: string): readonly string[] => [code, ...(SENSITIVITIES[code]?.above ?? [])]

/** At most X; every topic on the item is named; by topic never above R. */
function labelsPermit(data: DataSelector, facts: ResourceFacts): Truth {
  const level = LEVELS.indexOf(facts.confidentiality)
  const topical = data.categories !== undefined || data.sensitivity !== undefined
  const { categories, sensitivity } = data
  const topics = categoriesOn(facts)
  return and([
    data.confidentiality === undefined ? 'yes' : sure(level <= LEVELS.indexOf(data.confidentiality)),
    topical ? sure(level <= LEVELS.indexOf('R')) : 'yes',
    categories === undefined
      ? 'yes'
      : sure(
          topics.length > 0 &&
            topics.every((one) => categories.some((named) => named === one)) &&
            facts.sensitivity.every((code) => (SENSITIVITIES[code]?.categories ?? []).length > 0),
        ),
    sensitivity === undefined
      ? 'yes'
      : sure(facts.sensitivity.length > 0 && facts.sensitivity.every((code) => atOrAbove(code).some((above) => sensitivity.includes(above)))),
  ])
}

/** At least X; any topic. */
function labelsDeny(data: DataSelector, facts: ResourceFacts): Truth {
  const known = (code: string) => Object.hasOwn(SENSITIVITIES, code)
  return and([
    data.confidentiality === undefined ? 'yes' : sure(LEVELS.indexOf(facts.confidentiality) >= LEVELS.indexOf(data.confidentiality)),
    data.categories === undefined
      ? 'yes'
      : anyOf(data.categories, (one) => (categoriesOn(facts).includes(one) ? 'yes' : facts.sensitivity.every(known) ? 'no' : 'unknown')),
    data.sensitivity === undefined
      ? 'yes'
      : anyOf(data.sensitivity, (one) =>
          !known(one) ? 'unknown' : facts.sensitivity.some((code) => atOrAbove(code).includes(one)) ? 'yes' : facts.sensitivity.every(known) ? 'no' : 'unknown',
        ),
  ])
}
