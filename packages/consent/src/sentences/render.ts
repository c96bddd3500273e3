import { type Catalog, ENGLISH, type MessageKey } from './catalog.en.ts'

/**
 * Messages out of a catalog. A part of a sentence is made by a message of its own and put into the slot of another, so
 * that no word comes from anywhere but the catalog and the data.
 */
export type Slots = { readonly [slot: string]: string | number }

/** What a name belongs to. */
export type NameKind =
  | 'organization'
  | 'group'
  | 'role'
  | 'practitioner'
  | 'study'
  | 'delegate'
  | 'identifier'
  | 'item'
  | 'encounter'
  | 'code'
  | 'source'
  | 'author'

/** How sentences are made: in which language, and with which names for identifiers; the identifier where there is none. */
export interface Voice {
  readonly catalog?: Catalog
  readonly nameOf?: (kind: NameKind, id: string) => string | undefined
}

/** A voice with everything that it may leave open. */
export interface Speaker {
  readonly say: (key: MessageKey, slots?: Slots) => string
  readonly name: (kind: NameKind, id: string) => string
  readonly locale: string
}

export const speakerOf = ({ catalog = ENGLISH, nameOf }: Voice): Speaker => ({
  say: (key, slots = {}) => fill(catalog.messages[key], slots, catalog.locale),
  name: (kind, id) => nameOf?.(kind, id) ?? id,
  locale: catalog.locale,
})

/** The message of a code, where the catalog has one. */
export const sayCode = ({ say }: Speaker, kind: 'purpose' | 'label' | 'type' | 'action', code: string): string | undefined => {
  const key = `${kind}.${code}`
  return isKey(key) && code !== 'other' ? say(key) : undefined
}
const isKey = (key: string): key is MessageKey => Object.hasOwn(ENGLISH.messages, key)

/** Words joined as the language joins them. */
export function sayList({ say }: Speaker, kind: 'list.and' | 'list.or', words: readonly string[]): string {
  const [first = '', ...others] = words
  return others.reduce((a, b, i) => say(others.length === 1 ? `${kind}.two` : i === others.length - 1 ? `${kind}.last` : `${kind}.more`, { a, b }), first)
}

/** A sentence begins with a capital, in languages that have them. */
export function sentence(text: string, { locale }: Speaker): string {
  const [first = ''] = text
  return `${first.toLocaleUpperCase(locale)}${text.slice(first.length)}`
}

/** One slot, `{name}` or `{name, plural, one {…} other {…}}`; what is in a branch may hold slots, but no plurals. */
const SLOT = /\{(\w+)(?:, plural,((?: \w+ \{(?:[^{}]|\{\w+\})*\})+))?\}/g
const BRANCH = / (\w+) \{((?:[^{}]|\{\w+\})*)\}/g

function fill(template: string, slots: Slots, locale: string): string {
  return template.replaceAll(SLOT, (_, name: string, plural: string | undefined) => {
    const value = slots[name] ?? ''
    if (plural === undefined) return String(value)
    const branches = new Map([...plural.matchAll(BRANCH)].map(([, category = '', text = '']) => [category, text]))
    const chosen = branches.get(new Intl.PluralRules(locale).select(Number(value))) ?? branches.get('other') ?? ''
    return fill(chosen.replaceAll('#', String(value)), slots, locale)
  })
}

/** The slots of a message, each once. */
export const slotsOf = (template: string): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const [, name = '', plural = ''] of template.matchAll(SLOT)) {
    found.add(name)
    for (const [, , text = ''] of plural.matchAll(BRANCH)) for (const inner of slotsOf(text)) found.add(inner)
  }
  return found
}

/** What is wrong with a catalog, a line for each fault: a message that is empty, a slot left out or that nothing fills, a plural without `other`, a brace left over. */
export function checkCatalog({ messages }: Catalog): readonly string[] {
  return Object.entries(ENGLISH.messages).flatMap(([key, english]) => {
    const text = new Map(Object.entries(messages)).get(key) ?? ''
    const [expected, found] = [slotsOf(english), slotsOf(text)]
    const missing = [...expected].filter((slot) => !found.has(slot)).map((slot) => `${key}: expected the slot \`{${slot}}\``)
    const unknown = [...found].filter((slot) => !expected.has(slot)).map((slot) => `${key}: found the slot \`{${slot}}\`, which nothing fills`)
    const empty = text === '' ? [`${key}: expected a message, found none`] : []
    const broken = /[{}]/.test(text.replaceAll(SLOT, '')) ? [`${key}: expected slots of the form \`{name}\`, found another brace`] : []
    const partial = [...text.matchAll(SLOT)]
      .filter(([, , plural]) => plural !== undefined && ![...plural.matchAll(BRANCH)].some(([, category]) => category === 'other'))
      .map(([, slot]) => `${key}: expected the plural of \`${slot}\` to have a branch \`other\``)
    return [...empty, ...missing, ...unknown, ...broken, ...partial]
  })
}
