import { MAX_REMEMBERED_NAME, MAX_REMEMBERED_SYSTEMS } from '../limits.ts'

/**
 * Rules that give sensitivity labels to codes. A rule set is data: tables per code system, each saying where it comes from.
 * Hierarchical systems (ICD) are ruled by the beginning of a code, so that a whole chapter is one row; the others code by
 * code; drug products, of which there are tens of thousands, also by the name of the ingredient in their display.
 */

/** Code, labels separated by blanks, meaning. In a table of beginnings a code may be a range such as `F20-F29`. */
export type RuleRow = readonly [code: string, labels: string, meaning: string]

export interface RuleTable {
  readonly system: string
  /** Version of the code system that the rows were written against. */
  readonly version: string
  readonly source: string
  readonly match: 'code' | 'beginning' | 'name'
  readonly rows: readonly RuleRow[]
}

export interface RuleSet {
  readonly id: string
  readonly systems: ReadonlyMap<string, SystemRules>
  /** Whether a system without rules carries no sensitive meaning of its own. */
  readonly isHarmless: (system: string) => boolean
}

interface SystemRules {
  readonly codes: ReadonlyMap<string, readonly string[]>
  readonly beginnings: ReadonlyMap<string, readonly string[]>
  /** Lengths of the beginnings, ascending. */
  readonly lengths: readonly number[]
  readonly names: RegExp | undefined
  readonly labelsByName: ReadonlyMap<string, readonly string[]>
}

interface MutableRules {
  readonly codes: Map<string, readonly string[]>
  readonly beginnings: Map<string, readonly string[]>
  readonly labelsByName: Map<string, readonly string[]>
}

const NONE: readonly string[] = []

export interface RuleSetParts {
  readonly id: string
  readonly tables: readonly RuleTable[]
  /** Systems known by another name, such as an object identifier: other name → name in the tables. */
  readonly aliases: readonly (readonly [alias: string, system: string])[]
  /** Systems that carry no sensitive meaning of their own, and beginnings of such systems. */
  readonly harmless: readonly string[]
  readonly harmlessBeginnings: readonly string[]
  /** Beginnings that are not harmless although a shorter beginning is. */
  readonly exceptBeginnings: readonly string[]
}

/** Prepares tables for lookup. A code that stands in several rows gets the labels of all. */
export function compileRuleSet(parts: RuleSetParts): RuleSet {
  const mutable = new Map<string, MutableRules>()
  for (const table of parts.tables) {
    const rules = mutable.get(table.system) ?? { codes: new Map(), beginnings: new Map(), labelsByName: new Map() }
    mutable.set(table.system, rules)
    for (const [code, labels] of table.rows) addRow(rules, table.match, code, labels.split(' '))
  }
  const systems = new Map<string, SystemRules>()
  for (const [system, rules] of mutable) systems.set(system, finish(rules))
  for (const [alias, system] of parts.aliases) {
    const rules = systems.get(system)
    if (rules !== undefined) systems.set(alias, rules)
  }
  return { id: parts.id, systems, isHarmless: rememberSome(harmlessTest(parts)) }
}

function harmlessTest({ harmless, harmlessBeginnings, exceptBeginnings }: RuleSetParts): (system: string) => boolean {
  const exact = new Set(harmless)
  return (system) => {
    if (exact.has(system)) return true
    if (exceptBeginnings.some((beginning) => system.startsWith(beginning))) return false
    return harmlessBeginnings.some((beginning) => system.startsWith(beginning))
  }
}

/** Records name the same few systems over and over; the first ones that are asked about are remembered. */
function rememberSome(test: (system: string) => boolean): (system: string) => boolean {
  const answers = new Map<string, boolean>()
  return (system) => {
    const known = answers.get(system)
    if (known !== undefined) return known
    const answer = test(system)
    if (answers.size < MAX_REMEMBERED_SYSTEMS && system.length <= MAX_REMEMBERED_NAME) answers.set(system, answer)
    return answer
  }
}

function addRow(rules: MutableRules, match: RuleTable['match'], code: string, labels: readonly string[]): void {
  if (match === 'code') return merge(rules.codes, code, labels)
  if (match === 'name') return merge(rules.labelsByName, code, labels)
  for (const beginning of expandRange(code)) merge(rules.beginnings, beginning, labels)
}

function merge(map: Map<string, readonly string[]>, key: string, labels: readonly string[]): void {
  map.set(key, [...new Set([...(map.get(key) ?? []), ...labels])])
}

/** `F20-F29` → F20 … F29; the ends share their letters and their number of digits. */
function expandRange(range: string): readonly string[] {
  const parts = /^([A-Z]*)([0-9]+)-([A-Z]*)([0-9]+)$/.exec(range)
  if (parts === null) return [range]
  const [, letters = '', first = '', lastLetters = '', last = ''] = parts
  if (letters !== lastLetters || first.length !== last.length) return [range]
  const length = Number(last) - Number(first) + 1
  return Array.from({ length }, (_, i) => letters + String(Number(first) + i).padStart(first.length, '0'))
}

function finish(rules: MutableRules): SystemRules {
  const lengths = [...new Set([...rules.beginnings.keys()].map((beginning) => beginning.length))].sort((a, b) => a - b)
  const names = [...rules.labelsByName.keys()]
  return { ...rules, lengths, names: names.length === 0 ? undefined : new RegExp(`(?<![a-z])(?:${names.join('|')})`, 'gi') }
}

/** The sensitivity codes of one coding; `undefined` when its system is none that the rules know. */
export function labelsOf(ruleSet: RuleSet, system: string | undefined, code: string, display: string | undefined): readonly string[] | undefined {
  if (system === undefined) return undefined
  const rules = ruleSet.systems.get(system)
  if (rules === undefined) return ruleSet.isHarmless(system) ? NONE : undefined
  const exact = rules.codes.get(code) ?? NONE
  const beginning = rules.lengths.length === 0 ? NONE : labelsByBeginning(rules, code)
  const named = rules.names === undefined || display === undefined ? NONE : labelsByName(rules, rules.names, display)
  if (beginning.length === 0 && named.length === 0) return exact
  if (exact.length === 0) return beginning.length === 0 ? named : named.length === 0 ? beginning : [...beginning, ...named]
  return [...exact, ...beginning, ...named]
}

function labelsByBeginning(rules: SystemRules, code: string): readonly string[] {
  let labels = NONE
  for (const length of rules.lengths) {
    if (length > code.length) break
    const found = rules.beginnings.get(code.slice(0, length))
    if (found !== undefined) labels = labels.length === 0 ? found : [...labels, ...found]
  }
  return labels
}

function labelsByName(rules: SystemRules, names: RegExp, display: string): readonly string[] {
  const found = display.match(names)
  return found === null ? NONE : found.flatMap((name) => rules.labelsByName.get(name.toLowerCase()) ?? NONE)
}
