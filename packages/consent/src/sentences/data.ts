import type { DataSelector, Effect, Item, Party } from '../types.ts'
import { type NameKind, sayCode, sayList, type Speaker } from './render.ts'

/** The data that a grant speaks of, for the middle of a sentence. */
export function sayData(speaker: Speaker, data: DataSelector | undefined, effect: Effect): string {
  const { say } = speaker
  if (data === undefined || Object.keys(data).length === 0) return say(`data.everything.${effect}`)
  return say('data.some', {
    head: sayHead(speaker, data, effect),
    labels: sayLabels(speaker, data, effect),
    codes:
      data.codes === undefined ? '' : say('data.codes', { count: data.codes.length, codes: sayEach(speaker, data.codes, (code) => sayCoding(speaker, code)) }),
    sources: data.sources === undefined ? '' : say(`data.sources.${effect}`, { names: sayParties(speaker, 'source', data.sources) }),
    authors: data.authors === undefined ? '' : say('data.authors', { names: sayParties(speaker, 'author', data.authors) }),
    encounters:
      data.encounters === undefined ? '' : say('data.encounters', { count: data.encounters.length, names: sayNames(speaker, 'encounter', data.encounters) }),
    period: data.period === undefined ? '' : sayPeriod(speaker, data.period),
  })
}

/** Alternatives; none at all say nothing that can be relied on. */
export function sayEach<T>(speaker: Speaker, values: readonly T[], one: (value: T) => string, kind: 'list.and' | 'list.or' = 'list.or'): string {
  return values.length === 0 ? speaker.say('data.nothing-named') : sayList(speaker, kind, values.map(one))
}

export const sayNames = (speaker: Speaker, kind: NameKind, ids: readonly string[]): string => sayEach(speaker, ids, (id) => speaker.name(kind, id))

export const sayParties = (speaker: Speaker, kind: 'source' | 'author', parties: readonly Party[]): string =>
  sayEach(speaker, parties, (party) => (typeof party === 'string' ? speaker.name(kind, party) : sayParty(speaker, kind, party)))

/** Of several names of one party, the first that people know. */
function sayParty({ name, say }: Speaker, kind: 'source' | 'author', names: readonly string[]): string {
  const [first] = names
  return names.map((id) => ({ id, known: name(kind, id) })).find(({ id, known }) => id !== known)?.known ?? first ?? say('data.nothing-named')
}

/** What may be seen is all of these, what may not be seen any of them. */
function sayHead(speaker: Speaker, { items, types }: DataSelector, effect: Effect): string {
  const { say } = speaker
  const kind = effect === 'permit' ? 'list.and' : 'list.or'
  const ofTypes = types === undefined ? undefined : sayEach(speaker, types, (type) => sayType(speaker, type), kind)
  const ofItems = items === undefined ? undefined : sayEach(speaker, items, (item) => sayItem(speaker, item), kind)
  if (ofItems === undefined) return ofTypes === undefined ? say('data.head.any') : say('data.head.types', { types: ofTypes })
  return ofTypes === undefined ? say('data.head.items', { items: ofItems }) : say('data.head.both', { items: ofItems, types: ofTypes })
}

const sayType = (speaker: Speaker, type: string): string =>
  type.includes('|')
    ? speaker.say('data.type.foreign', { type: sayCoding(speaker, type) })
    : (sayCode(speaker, 'type', type) ?? speaker.say('data.type.other', { type }))

function sayItem(speaker: Speaker, item: Item): string {
  const { say, name } = speaker
  if (typeof item === 'string') return say('data.item', { name: name('item', item) })
  if ('related' in item) return say('data.item.related', { name: name('item', item.related) })
  if ('dependents' in item) return say('data.item.dependents', { name: name('item', item.dependents) })
  if ('authoredBy' in item) return say('data.item.authored', { names: sayParties(speaker, 'author', item.authoredBy) })
  return say('data.item.unresolved', { name: item.unresolved })
}

function sayLabels(speaker: Speaker, { categories, confidentiality, sensitivity }: DataSelector, effect: Effect): string {
  const { say } = speaker
  return [
    categories === undefined ? '' : say(`data.categories.${effect}`, { topics: sayEach(speaker, categories, (category) => say(`category.${category}`)) }),
    sensitivity === undefined ? '' : say(`data.sensitivity.${effect}`, { labels: sayEach(speaker, sensitivity, (code) => sayLabel(speaker, code)) }),
    confidentiality === undefined ? '' : say(`level.${effect}.${confidentiality}`),
  ].join('')
}

const sayLabel = (speaker: Speaker, code: string): string => sayCode(speaker, 'label', code) ?? speaker.say('label.other', { code: sayCoding(speaker, code) })

/** What people call the systems whose codes they meet. */
const SYSTEM_NAMES: ReadonlyMap<string, string> = new Map([
  ['http://loinc.org', 'LOINC'],
  ['http://snomed.info/sct', 'SNOMED CT'],
  ['http://www.nlm.nih.gov/research/umls/rxnorm', 'RxNorm'],
  ['http://hl7.org/fhir/sid/icd-10', 'ICD-10'],
  ['http://hl7.org/fhir/sid/icd-10-cm', 'ICD-10-CM'],
  ['http://hl7.org/fhir/sid/ndc', 'NDC'],
  ['http://hl7.org/fhir/sid/cvx', 'CVX'],
])

/** `system|code`, by its name where there is one. */
export function sayCoding({ say, name }: Speaker, coding: string): string {
  const named = name('code', coding)
  const at = coding.indexOf('|')
  if (named !== coding || at < 0) return named
  const system = coding.slice(0, at)
  return say('code.with-system', { code: coding.slice(at + 1), system: SYSTEM_NAMES.get(system) ?? system })
}

/** Partial dates stay partial. */
function sayPeriod({ say }: Speaker, { from, until }: NonNullable<DataSelector['period']>): string {
  if (from !== undefined && until !== undefined) return say('data.period.both', { from, until })
  if (from !== undefined) return say('data.period.from', { from })
  return until === undefined ? '' : say('data.period.until', { until })
}
