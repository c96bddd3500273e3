import { indexNames, lengthsOf, matchNames, type NameIndex, wordsOf } from './names.ts'
import { type Memory, newMemory } from './memory.ts'

/**
 * Rules that give sensitivity labels to codes. A rule set is data: tables per code system, each saying where it comes from.
 * Hierarchical systems (ICD) are ruled by the beginning of a code, so that a whole chapter is one row; the others code by
 * code; and what nobody can list, such as the tens of thousands of drug products and SNOMED CT's concepts, by the words of
 * the display (`names.ts`). A row without labels says that its code or word is known and ordinary.
 *
 * What a display can do: it raises. It never takes a label away that a code has. Two things rest on it alone, and that is
 * the limit of these rules: a code that no row names and whose display is ordinary counts as ordinary, and in a system of
 * drugs a code that no row names is *unidentified* unless its display names a drug that we know.
 */

/**
 * Code, labels separated by blanks, meaning. In a table of beginnings a code may be a range such as `F20-F29`; in a table of
 * names it is a key of words. A label with `+` in front is a mark: no label, but what a combination asks for (`+` alone: none).
 */
export type RuleRow = readonly [code: string, labels: string, meaning: string]

export interface RuleTable {
  /** `''`: every system that no other table rules, and texts without a code. */
  readonly system: string
  /** Version of the code system that the rows were written against. */
  readonly version: string
  readonly source: string
  readonly match: 'code' | 'beginning' | 'name'
  readonly rows: readonly RuleRow[]
}

/** Labels for what two findings in one resource say together and neither says alone. It only ever adds. */
export interface Combination {
  /** Marks that all have to be found. */
  readonly needs: readonly [string, string]
  readonly labels: readonly string[]
  readonly meaning: string
  readonly source: string
}

export interface RuleSet {
  readonly id: string
  readonly systems: ReadonlyMap<string, SystemRules>
  readonly combinations: readonly Combination[]
  /** Whether a system without rules carries no sensitive meaning of its own. */
  readonly isHarmless: (system: string) => boolean
  /** What was judged before: the same few codes come in every record. Changes how fast an answer comes, never which. */
  readonly memory: Memory<Judgement>
  readonly texts: Memory<Judgement>
  /** The system whose names are asked when a drug is only named. */
  readonly drugSystem: string
}

/** A row that speaks of a coding. */
export interface RuleHit {
  readonly table: RuleTable
  readonly row: RuleRow
}

/** What the rules say of one coding, or of a text. */
export interface Judgement {
  /** `system|code` */
  readonly name: string
  readonly display: string | undefined
  /** `unknown`: no table and no list of harmless systems names it. */
  readonly system: 'ruled' | 'harmless' | 'unknown'
  readonly hits: readonly RuleHit[]
  readonly labels: readonly string[]
  readonly marks: readonly string[]
  /** A drug, and we do not know which. */
  readonly unidentified: boolean
  /** The rules know what it is: a row names it, or its system shows the meaning in every code. */
  readonly placed: boolean
  /** Nothing but its name follows from it. */
  readonly quiet: boolean
}

interface SystemRules {
  readonly codes: ReadonlyMap<string, readonly RuleHit[]>
  readonly beginnings: ReadonlyMap<string, readonly RuleHit[]>
  /** Lengths of the beginnings, ascending. */
  readonly lengths: readonly number[]
  readonly names: NameIndex<RuleHit>
  /** Names that are marks only: beside the others, so that none takes a word away from a label. */
  readonly findings: NameIndex<RuleHit>
  /** Its codes are drugs, of which each has to be known by code or by name. */
  readonly drugs: boolean
}

interface MutableRules {
  readonly codes: Map<string, RuleHit[]>
  readonly beginnings: Map<string, RuleHit[]>
  readonly names: (readonly [key: string, hit: RuleHit])[]
  readonly findings: (readonly [key: string, hit: RuleHit])[]
}

export interface RuleSetParts {
  readonly id: string
  readonly tables: readonly RuleTable[]
  readonly combinations: readonly Combination[]
  /** Systems whose codes are drugs; the names of the first are asked when a drug is only named. */
  readonly drugSystems: readonly [string, ...string[]]
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
    const rules = mutable.get(table.system) ?? { codes: new Map(), beginnings: new Map(), names: [], findings: [] }
    mutable.set(table.system, rules)
    for (const row of table.rows) addRow(rules, { table, row })
  }
  const drugs = new Set(parts.drugSystems)
  const systems = new Map<string, SystemRules>()
  for (const [system, rules] of mutable) systems.set(system, finish(rules, drugs.has(system)))
  for (const [alias, system] of parts.aliases) {
    const rules = systems.get(system)
    if (rules !== undefined) systems.set(alias, rules)
  }
  const { id, combinations, drugSystems } = parts
  return { id, systems, combinations, isHarmless: harmlessTest(parts), memory: newMemory(), texts: newMemory(), drugSystem: drugSystems[0] }
}

function harmlessTest({ harmless, harmlessBeginnings, exceptBeginnings }: RuleSetParts): (system: string) => boolean {
  const exact = new Set(harmless)
  return (system) => {
    if (exact.has(system)) return true
    if (exceptBeginnings.some((beginning) => system.startsWith(beginning))) return false
    return harmlessBeginnings.some((beginning) => system.startsWith(beginning))
  }
}

function addRow(rules: MutableRules, hit: RuleHit): void {
  const [code] = hit.row
  if (hit.table.match === 'code') return append(rules.codes, code, hit)
  if (hit.table.match === 'name') return void (hit.row[1].startsWith('+') ? rules.findings : rules.names).push([code, hit])
  for (const beginning of expandRange(code)) {
    append(rules.beginnings, beginning, hit)
    // Claims write ICD codes without the point.
    if (beginning.includes('.')) append(rules.beginnings, beginning.replace('.', ''), hit)
  }
}

function append(map: Map<string, RuleHit[]>, key: string, hit: RuleHit): void {
  const hits = map.get(key)
  if (hits === undefined) map.set(key, [hit])
  else hits.push(hit)
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

const finish = ({ codes, beginnings, names, findings }: MutableRules, drugs: boolean): SystemRules => ({
  codes,
  beginnings,
  lengths: lengthsOf(beginnings),
  names: indexNames(names),
  findings: indexNames(findings),
  drugs,
})

/** What the rules say of a coding; `display` is what it is called, by itself or by the concept that it stands in. */
export function judge(ruleSet: RuleSet, system: string | undefined, code: string, display: string | undefined): Judgement {
  const remembered = ruleSet.memory.codesOf(system ?? '')
  const known = remembered?.get(code)
  if (known !== undefined && known.display === display) return known
  const judgement = judgeAnew(ruleSet, system, code, display)
  ruleSet.memory.remember(system ?? '', code, display, judgement)
  return judgement
}

function judgeAnew(ruleSet: RuleSet, system: string | undefined, code: string, display: string | undefined): Judgement {
  const ruled = system === undefined || system === '' ? undefined : ruleSet.systems.get(system)
  const kind = ruled !== undefined ? 'ruled' : system !== undefined && ruleSet.isHarmless(system) ? 'harmless' : 'unknown'
  const rules = kind === 'unknown' ? ruleSet.systems.get('') : ruled
  const byCode = rules === undefined ? [] : hitsByCode(rules, code)
  const byName = rules === undefined || display === undefined ? [] : hitsByName(rules, display)
  const hits = [...byCode, ...byName]
  const unidentified = ruled?.drugs === true && byCode.length === 0 && !(display !== undefined && namesEveryDrug(ruled, display))
  const placed = hits.length > 0 || (ruled !== undefined && ruled.lengths.length > 0 && ruled.codes.size === 0)
  return concluded({ name: `${system ?? ''}|${code}`, display, system: kind, hits, unidentified, placed })
}

function concluded(found: Omit<Judgement, 'labels' | 'marks' | 'quiet'>): Judgement {
  const given = [...new Set(found.hits.flatMap(({ row }) => row[1].split(' ').filter((label) => label !== '')))]
  const labels = given.filter((label) => !label.startsWith('+'))
  const marks = given.filter((label) => label.startsWith('+') && label !== '+')
  const quiet = labels.length === 0 && marks.length === 0 && !found.unidentified && found.system !== 'unknown'
  return { ...found, labels, marks, quiet }
}

function hitsByCode(rules: SystemRules, code: string): readonly RuleHit[] {
  const exact = rules.codes.get(code) ?? []
  if (rules.lengths.length === 0) return exact
  const written = code.trim().toUpperCase()
  const hits = [...exact]
  for (const length of rules.lengths) {
    if (length > written.length) break
    hits.push(...(rules.beginnings.get(written.slice(0, length)) ?? []))
  }
  return hits
}

function hitsByName({ names, findings }: SystemRules, display: string): readonly RuleHit[] {
  const words = wordsOf(display)
  return [...matchNames(names, words), ...matchNames(findings, words)]
}

/** Between the ingredients of one product. */
const BETWEEN_DRUGS = / \/ | and | & |\+/i

/** A product of several ingredients is known only if each of them is; what has no word of four letters names none. */
function namesEveryDrug(rules: SystemRules, display: string): boolean {
  const parts = display.split(BETWEEN_DRUGS).filter((part) => /\p{L}{4}/u.test(part))
  return parts.length > 0 && parts.every((part) => hitsByName(rules, part).length > 0)
}

/** What the words of a text say that stands beside codings or instead of them; `drug`: it should name a drug. */
export function judgeText(ruleSet: RuleSet, text: string, drug: boolean): Judgement {
  const kind = drug ? 'drug' : ''
  const known = ruleSet.texts.codesOf(kind)?.get(text)
  if (known !== undefined) return known
  const rules = ruleSet.systems.get(drug ? ruleSet.drugSystem : '')
  const hits = rules === undefined ? [] : hitsByName(rules, text)
  const unidentified = drug && (rules === undefined || !namesEveryDrug(rules, text))
  const judgement = concluded({ name: '', display: text, system: 'ruled', hits, unidentified, placed: hits.length > 0 })
  ruleSet.texts.remember(kind, text, undefined, judgement)
  return judgement
}

/** The sensitivity codes that a coding has by the rules; `undefined` when its system is none that the rules know. */
export function labelsOf(ruleSet: RuleSet, system: string | undefined, code: string, display: string | undefined): readonly string[] | undefined {
  const { system: kind, labels } = judge(ruleSet, system, code, display)
  return kind === 'unknown' ? undefined : labels
}
