import { FIRST_INSTANT, LAST_INSTANT, spanOfDate } from './dates.ts'
import { categoriesOf, denyCoversSensitivity, isKnownSensitivity, rankOf, sensitivitySubsumes } from './sensitivity.ts'
import type { Category, Confidentiality, DataSelector, Item, Party, Reach, ResourceFacts } from './types.ts'

/**
 * Which data a grant speaks of, prepared once per question and then asked once per resource.
 *
 * Every match is made in one of two ways. *Eager* is for denies: whatever is unknown, unreadable or ambiguous matches, and
 * partial overlap is enough. *Strict* is for permits: only what is known for certain matches, and all of it must. What an
 * `except` takes away from a deny is judged like a permit (strict), what it takes away from a permit like a deny (eager).
 * With that single rule doubt can only ever lead to less being released.
 */
export interface CompiledSelector {
  readonly eager: boolean
  readonly categories: readonly Category[] | undefined
  readonly confidentiality: Confidentiality | undefined
  readonly sensitivity: readonly string[] | undefined
  readonly types: ReadonlySet<string> | undefined
  readonly codes: ReadonlySet<string> | undefined
  readonly sources: CompiledParties | undefined
  readonly authors: CompiledParties | undefined
  readonly encounters: ReadonlySet<string> | undefined
  readonly items: CompiledItems | undefined
  readonly period: { readonly from: number; readonly until: number; readonly readable: boolean } | undefined
  /** A deny by a sensitivity code that means nothing to us speaks of everything. */
  readonly unknownSensitivity: boolean
}

interface CompiledParties {
  readonly names: ReadonlySet<string>
  /** The kinds of names that each party has: by another kind nobody can tell whether they are the same. */
  readonly kinds: readonly ReadonlySet<string>[]
}

interface CompiledItems {
  readonly named: ReadonlySet<string>
  readonly related: readonly string[]
  readonly dependents: readonly string[]
  readonly authors: CompiledParties | undefined
  /** Nothing that can be relied on is named: a deny means everything by it. */
  readonly unresolved: boolean
}

/** `match`; `label` when only the labels stand against a match; `none` otherwise. */
export type SelectorMatch = 'match' | 'label' | 'none'

const setOf = (values: readonly string[] | undefined): ReadonlySet<string> | undefined => (values === undefined ? undefined : new Set(values))

export function compileSelector(data: DataSelector, eager: boolean): CompiledSelector {
  return {
    eager,
    categories: data.categories,
    confidentiality: data.confidentiality,
    sensitivity: data.sensitivity,
    types: setOf(data.types),
    codes: setOf(data.codes),
    sources: data.sources === undefined ? undefined : compileParties(data.sources),
    authors: data.authors === undefined ? undefined : compileParties(data.authors),
    encounters: setOf(data.encounters),
    items: data.items === undefined ? undefined : compileItems(data.items),
    period: compilePeriod(data.period),
    unknownSensitivity: eager && data.sensitivity !== undefined && !data.sensitivity.every(isKnownSensitivity),
  }
}

function compilePeriod(period: DataSelector['period']): CompiledSelector['period'] {
  if (period === undefined) return undefined
  const from = period.from === undefined ? FIRST_INSTANT : spanOfDate(period.from)?.from
  const until = period.until === undefined ? LAST_INSTANT : spanOfDate(period.until)?.until
  if (from === undefined || until === undefined) return { from: 0, until: 0, readable: false }
  return { from, until, readable: from <= until }
}

function compileItems(items: readonly Item[]): CompiledItems {
  const named: string[] = []
  const related: string[] = []
  const dependents: string[] = []
  const authors: Party[] = []
  let unresolved = items.length === 0
  for (const item of items) {
    if (typeof item === 'string') named.push(item)
    else if ('related' in item) related.push(item.related)
    else if ('dependents' in item) dependents.push(item.dependents)
    else if ('authoredBy' in item) authors.push(...item.authoredBy)
    else unresolved = true
  }
  return { named: new Set(named), related, dependents, authors: authors.length === 0 ? undefined : compileParties(authors), unresolved }
}

function compileParties(parties: readonly Party[]): CompiledParties {
  const lists = parties.map((party) => (typeof party === 'string' ? [party] : party))
  return { names: new Set(lists.flat()), kinds: lists.map((names) => new Set(names.map(kindOf))) }
}

/** The system of an identifier, `Type/id` within a server, or an organization of the network. */
function kindOf(name: string): string {
  const at = name.indexOf('|')
  return at >= 0 ? name.slice(0, at + 1) : name.includes('/') ? 'local' : 'network'
}

/** Whether the selector asks how a resource hangs together with others. */
export const asksForLinks = (data: DataSelector | undefined): boolean =>
  data?.items?.some((item) => typeof item === 'object' && ('related' in item || 'dependents' in item)) === true

/** Whether any label stands in the selector. */
export const hasLabels = (data: DataSelector | undefined): boolean =>
  data !== undefined && (data.categories !== undefined || data.confidentiality !== undefined || data.sensitivity !== undefined)

/** Pure, total, allocates nothing. */
export function matchSelector(selector: CompiledSelector, facts: ResourceFacts): SelectorMatch {
  const { eager } = selector
  if (selector.types !== undefined && !typeMatches(selector.types, facts.type, eager)) return 'none'
  if (selector.items !== undefined && !itemsMatch(selector.items, facts, eager)) return 'none'
  if (selector.codes !== undefined && !someOf(selector.codes, facts.codes, eager)) return 'none'
  if (selector.sources !== undefined && !sourcesMatch(selector.sources, facts.sources, eager)) return 'none'
  if (selector.authors !== undefined && !partiesMatch(selector.authors, facts.authors, eager)) return 'none'
  if (selector.encounters !== undefined && !(facts.encounter === undefined ? eager : oneOf(selector.encounters, facts.encounter, eager))) return 'none'
  if (selector.period !== undefined && !periodMatches(selector.period, facts.period, eager)) return 'none'
  return labelsMatch(selector, facts) ? 'match' : 'label'
}

/** An empty list of alternatives says nothing that can be relied on. */
const oneOf = (set: ReadonlySet<string>, value: string, eager: boolean): boolean => (set.size === 0 ? eager : set.has(value))

/** A class that is no resource type may be any. */
export function typeMatches(set: ReadonlySet<string>, type: string, eager: boolean): boolean {
  if (set.has(type)) return true
  if (!eager) return false
  if (set.size === 0) return true
  for (const named of set) if (named.includes('|')) return true
  return false
}

function itemsMatch(items: CompiledItems, facts: ResourceFacts, eager: boolean): boolean {
  if (items.named.has(facts.ref) || items.related.includes(facts.ref) || items.dependents.includes(facts.ref)) return true
  if (eager && items.unresolved) return true
  for (const anchor of items.related) if (reaches(facts.links?.related, anchor, eager)) return true
  for (const anchor of items.dependents) if (reaches(facts.links?.dependsOn, anchor, eager)) return true
  return items.authors !== undefined && partiesMatch(items.authors, facts.authors, eager)
}

const reaches = (reach: Reach | undefined, anchor: string, eager: boolean): boolean =>
  reach === undefined ? eager : reach.names.has(anchor) || (eager && (!reach.complete || reach.possible.has(anchor)))

function someOf(set: ReadonlySet<string>, values: readonly string[], eager: boolean): boolean {
  if (set.size === 0) return eager
  for (const value of values) if (set.has(value)) return true
  return false
}

function partiesMatch(parties: CompiledParties, found: readonly Party[] | undefined, eager: boolean): boolean {
  if (found === undefined || found.length === 0 || parties.names.size === 0) return eager
  for (const party of found) if (isOneOf(parties, party) || (eager && !canTellApart(parties, party))) return true
  return false
}

function isOneOf({ names }: CompiledParties, party: Party): boolean {
  if (typeof party === 'string') return names.has(party)
  for (const name of party) if (names.has(name)) return true
  return false
}

/** Whether it has a kind of name in common with each of them. */
function canTellApart({ kinds }: CompiledParties, party: Party): boolean {
  for (const one of kinds) {
    if (typeof party === 'string' ? !one.has(kindOf(party)) : !party.some((name) => one.has(kindOf(name)))) return false
  }
  return true
}

/** A resource with several sources is permitted only by a grant that names all of them. */
function sourcesMatch(parties: CompiledParties, found: readonly Party[] | undefined, eager: boolean): boolean {
  if (eager || found === undefined || found.length === 0) return partiesMatch(parties, found, eager)
  for (const party of found) if (!isOneOf(parties, party)) return false
  return true
}

/** A permit needs the whole span inside, a deny any overlap; all ends are inclusive. */
function periodMatches(period: NonNullable<CompiledSelector['period']>, span: ResourceFacts['period'], eager: boolean): boolean {
  if (!period.readable || span === undefined || !(span.from <= span.until)) return eager
  return eager ? span.from <= period.until && span.until >= period.from : span.from >= period.from && span.until <= period.until
}

function labelsMatch(selector: CompiledSelector, facts: ResourceFacts): boolean {
  return selector.eager ? labelsMatchEagerly(selector, facts) : labelsMatchStrictly(selector, facts)
}

function labelsMatchEagerly(selector: CompiledSelector, facts: ResourceFacts): boolean {
  const { categories, confidentiality, sensitivity } = selector
  if (confidentiality !== undefined && rankOf(facts.confidentiality) < rankOf(confidentiality)) return false
  if (categories !== undefined && categories.length > 0 && !categories.some((one) => carriesCategory(facts, one))) return false
  if (sensitivity === undefined || sensitivity.length === 0 || selector.unknownSensitivity) return true
  return sensitivity.some((granted) => facts.sensitivity.some((found) => denyCoversSensitivity(granted, found)))
}

/** A permit by topic opens an item only if every topic on it is named, and never above R. */
function labelsMatchStrictly(selector: CompiledSelector, facts: ResourceFacts): boolean {
  const { categories, confidentiality, sensitivity } = selector
  const rank = rankOf(facts.confidentiality)
  if (confidentiality !== undefined && rank > rankOf(confidentiality)) return false
  if ((categories !== undefined || sensitivity !== undefined) && rank > rankOf('R')) return false
  if (categories !== undefined && !allCategoriesNamed(categories, facts)) return false
  if (sensitivity === undefined) return true
  return facts.sensitivity.length > 0 && facts.sensitivity.every((found) => sensitivity.some((granted) => sensitivitySubsumes(granted, found)))
}

/** The categories of an item are those stated and those that follow from its sensitivity codes; a code that means nothing to us may be any. */
const carriesCategory = (facts: ResourceFacts, category: Category): boolean =>
  facts.categories.includes(category) || facts.sensitivity.some((code) => !isKnownSensitivity(code) || categoriesOf(code).includes(category))

function allCategoriesNamed(categories: readonly Category[], facts: ResourceFacts): boolean {
  let carried = facts.categories.length
  if (!facts.categories.every((one) => categories.includes(one))) return false
  for (const code of facts.sensitivity) {
    const implied = categoriesOf(code)
    if (implied.length === 0 || !implied.every((one) => categories.includes(one))) return false
    carried += implied.length
  }
  return carried > 0
}
