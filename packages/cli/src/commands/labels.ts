import { categoriesOf, type CodeExplanation, explainLabels, RULE_SET_ID } from '@fiducia/consent'
import type { Answer } from '../output.ts'
import { readResources } from '../read-resources.ts'
import { tableOf } from '../table.ts'

/**
 * `fiducia labels coverage PATH…`: which codes of a record got which label from which rule and source, for those who write
 * rules. Codes and their displays are all that is shown; texts without a code may be about somebody and stay where they
 * are. References to the resources stand in the JSON only.
 */

/** One code, or `code: null` for all texts without a code that the same rules speak of. */
interface CodeLine {
  count: number
  readonly system: string | null
  readonly code: string | null
  readonly display: string | null
  readonly labels: readonly string[]
  readonly match: CodeExplanation['match'] | 'unidentified' | 'unknown system'
  readonly rules: CodeExplanation['rules']
  readonly resources: string[]
}

interface Coverage {
  readonly rules: string
  readonly resources: number
  readonly unreadable: number
  readonly restricted: number
  readonly codings: number
  readonly ruled: number
  readonly unruledBySystem: { readonly [system: string]: number }
  readonly resourcesByCategory: { readonly [category: string]: number }
  readonly resourcesByRaise: { readonly [raise: string]: number }
  readonly codes: readonly CodeLine[]
}

export function labelsCoverage(paths: readonly string[]): Answer {
  const coverage = coverageOf(paths.flatMap((path) => readResources(path, 'FHIR resources')).map(({ resource }) => resource))
  return { exitCode: 0, json: coverage, text: render(coverage) }
}

// ---- counting -------------------------------------------------------------------------------------------------------------

function coverageOf(resources: readonly unknown[]): Coverage {
  const explained = resources.flatMap((resource) => explainLabels(resource) ?? [])
  const lines = new Map<string, CodeLine>()
  for (const { ref, codes } of explained) for (const code of codes) addCode(lines, ref, code)
  const codings = explained.flatMap(({ codes }) => codes.filter(({ known }) => known !== 'text'))
  const unruled = codings.filter(({ match, known }) => match === 'none' && known !== 'harmless')
  return {
    rules: RULE_SET_ID,
    resources: resources.length,
    unreadable: resources.length - explained.length,
    restricted: explained.filter(({ raisedBy }) => raisedBy.length > 0).length,
    codings: codings.length,
    ruled: codings.filter(({ match }) => match !== 'none').length,
    unruledBySystem: countBy(unruled, ({ system = '' }) => [system]),
    resourcesByCategory: countBy(explained, ({ sensitivity }) => new Set(sensitivity.flatMap(categoriesOf))),
    resourcesByRaise: countBy(explained, ({ raisedBy }) => raisedBy),
    codes: [...lines.values()].sort(byLabelThenCount),
  }
}

function addCode(lines: Map<string, CodeLine>, ref: string, explanation: CodeExplanation): void {
  const { system = null, code = null, display = null, labels, rules, known } = explanation
  const name = known === 'text' ? null : display
  const match = explanation.unidentified ? 'unidentified' : known === 'unknown' && rules.length === 0 ? 'unknown system' : explanation.match
  const key = JSON.stringify([system, code, name, labels, match, rules.map((rule) => rule.key)])
  const line = lines.get(key) ?? { count: 0, system, code, display: name, labels, match, rules, resources: [] }
  line.count += 1
  if (line.resources.at(-1) !== ref) line.resources.push(ref)
  lines.set(key, line)
}

const byLabelThenCount = (a: CodeLine, b: CodeLine): number =>
  rankOf(a) - rankOf(b) || b.count - a.count || `${a.system}|${a.code}`.localeCompare(`${b.system}|${b.code}`, 'en')

/** What an author of rules looks for first. */
const rankOf = ({ labels, match }: CodeLine): number => (labels.length > 0 ? 0 : match === 'unidentified' ? 1 : match === 'unknown system' ? 2 : 3)

function countBy<T>(values: readonly T[], keysOf: (value: T) => Iterable<string>): { readonly [key: string]: number } {
  const counts = new Map<string, number>()
  for (const value of values) for (const key of keysOf(value)) counts.set(key, (counts.get(key) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))
}

// ---- for people -----------------------------------------------------------------------------------------------------------

const COLUMNS = ['count', 'system', 'code', 'display', 'labels', 'rule', 'source'] as const
const WIDTH = 40

function render(coverage: Coverage): string {
  const rows = coverage.codes.map((line) => [
    String(line.count),
    shortName(line.system),
    line.code ?? '(text)',
    line.display ?? '',
    line.labels.join(' '),
    ...ruleOf(line),
  ])
  const lines = tableOf([[...COLUMNS], ...rows], WIDTH)
  return [...lines, '', ...totalsOf(coverage)].join('\n')
}

function totalsOf({ rules, resources, unreadable, restricted, codings, ruled, ...counts }: Coverage): readonly string[] {
  const listed = (entries: { readonly [key: string]: number }): string =>
    Object.entries(entries)
      .map(([key, count]) => `${key === '' ? 'no system' : key} ${count}`)
      .join(' · ') || 'none'
  return [
    `rules ${rules}`,
    `resources: ${resources}, of which ${unreadable} cannot be read and ${restricted} are restricted`,
    `codes: ${codings}, of which ${ruled} are named by a rule`,
    `named by no rule, by system: ${listed(counts.unruledBySystem)}`,
    `resources by category: ${listed(counts.resourcesByCategory)}`,
    `restricted by: ${listed(counts.resourcesByRaise)}`,
  ]
}

const ruleOf = ({ match, rules: [rule] }: CodeLine): readonly [string, string] =>
  rule === undefined ? [match, ''] : [`${rule.match} ${rule.key}`, rule.source]

/** The last part of a system's name is what people call it. */
const shortName = (system: string | null): string => system?.split('/').at(-1) ?? ''
