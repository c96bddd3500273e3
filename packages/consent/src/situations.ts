import { spanOfDate } from './dates.ts'
import { labelsOf, type RuleSet } from './labels/rule-set.ts'
import { RULE_SET } from './labels/rules/index.ts'
import { MAX_SITUATIONS } from './limits.ts'
import { categoriesOf, isKnownSensitivity } from './sensitivity.ts'
import { exceptionsOf } from './scope.ts'
import { CONFIDENTIALITY, type DataSelector, type Frame, type Links, type Policy, type ResourceFacts, type TimeSpan } from './types.ts'

/**
 * Could anything at all be released? A question without resources is answered by trying every resource that the policies
 * can tell apart: a decision depends on a resource only through values that some grant names, so one resource for each
 * combination of named values, and of "none of the named ones", stands for all others. Beyond the limit the answer is
 * that nothing was found, which denies.
 */
export interface SituationInput {
  readonly policies: readonly Policy[]
  /** Only these types were asked for. */
  readonly types?: readonly string[]
  readonly ruleSet?: RuleSet
}

/** Stands for any value that no grant names. */
const OTHER = '-'

export function* situationsOf({ policies, types, ruleSet = RULE_SET }: SituationInput): Generator<ResourceFacts> {
  const scopes = policies.flatMap(({ grants }) => grants).flatMap((grant) => [grant, ...exceptionsOf(grant)])
  const selectors: readonly (DataSelector & Frame)[] = scopes.flatMap(({ data, within }) => [data, within]).filter((one) => one !== undefined)
  const named = (pick: (data: DataSelector) => readonly string[] | undefined): readonly string[] => [...new Set(selectors.flatMap((data) => pick(data) ?? []))]
  const items = [...itemsIn(selectors, 'named'), ...itemsIn(selectors, 'anchor')]
  const typesNamed = named((data) => data.types).filter((type) => !type.includes('|'))
  const typeNames = types ?? [...new Set([...typesNamed, ...items.map((item) => item.split('/')[0] ?? OTHER), 'Basic'])]
  const dimensions = {
    codes: [undefined, ...named((data) => data.codes)],
    sources: [OTHER, ...named((data) => data.sources?.flat())],
    authors: [OTHER, ...named((data) => data.authors?.flat()), ...itemsIn(selectors, 'author')],
    encounters: [OTHER, ...named((data) => data.encounters)],
    labels: labelsIn(selectors),
    times: timesIn(selectors),
    anchors: [undefined, ...itemsIn(selectors, 'anchor')],
  }
  let tried = 0
  for (const type of typeNames) {
    for (const ref of [`${type}/${OTHER}`, ...items.filter((item) => item.startsWith(`${type}/`))]) {
      for (const facts of combinations(type, ref, dimensions, ruleSet)) {
        tried += 1
        if (tried > MAX_SITUATIONS) return
        yield facts
      }
    }
  }
}

interface Labels {
  readonly confidentiality: ResourceFacts['confidentiality']
  readonly sensitivity: readonly string[]
}

interface Dimensions {
  readonly codes: readonly (string | undefined)[]
  readonly sources: readonly string[]
  readonly authors: readonly string[]
  readonly encounters: readonly string[]
  readonly labels: readonly Labels[]
  readonly times: readonly TimeSpan[]
  /** Resources that others hang on. */
  readonly anchors: readonly (string | undefined)[]
}

function* combinations(
  type: string,
  ref: string,
  { codes, sources, authors, encounters, labels, times, anchors }: Dimensions,
  ruleSet: RuleSet,
): Generator<ResourceFacts> {
  for (const code of codes) {
    for (const label of labels) {
      const carried = withCode(label, code, ruleSet)
      if (carried === undefined) continue
      const categories = [...new Set(carried.sensitivity.flatMap(categoriesOf))]
      for (const source of sources)
        for (const author of authors)
          for (const encounter of encounters)
            for (const period of times)
              for (const anchor of anchors)
                yield {
                  ref,
                  type,
                  codes: code === undefined ? [] : [code],
                  ...carried,
                  categories,
                  sources: [source],
                  authors: [author],
                  encounter,
                  period,
                  links: linksTo(anchor),
                }
    }
  }
}

/** What our rules say of the code joins the label; a label that such a resource cannot have is skipped. */
function withCode(label: Labels, code: string | undefined, ruleSet: RuleSet): Labels | undefined {
  if (code === undefined) return label
  const at = code.indexOf('|')
  const given = labelsOf(ruleSet, code.slice(0, at), code.slice(at + 1), undefined)
  const raised = given === undefined || given.length > 0
  if (raised && label.confidentiality !== 'R' && label.confidentiality !== 'V') return undefined
  return { confidentiality: label.confidentiality, sensitivity: [...new Set([...label.sensitivity, ...(given ?? [])])] }
}

/** Every level without a topic, and each named topic at R, the lowest level of a topic. */
function labelsIn(selectors: readonly DataSelector[]): readonly Labels[] {
  const codes = new Set(selectors.flatMap(({ sensitivity }) => sensitivity ?? []).filter(isKnownSensitivity))
  const categories = new Set(selectors.flatMap(({ categories: named }) => named ?? []))
  const byCategory = TOPICS.filter(([, category]) => categories.has(category)).map(([code]) => code)
  return [
    ...CONFIDENTIALITY.map((confidentiality) => ({ confidentiality, sensitivity: [] })),
    ...[...new Set([...codes, ...byCategory])].map((code) => ({ confidentiality: 'R' as const, sensitivity: [code] })),
  ]
}

/** One code for each category. */
const TOPICS = [
  ['PSY', 'mental-health'],
  ['SUD', 'substance-use'],
  ['HIV', 'hiv'],
  ['SEX', 'sexual-reproductive'],
  ['VIO', 'violence'],
  ['GDIS', 'genetics'],
] as const

/** The ends of every period, the instants beside them, and one far from all. */
function timesIn(selectors: readonly DataSelector[]): readonly TimeSpan[] {
  const ends = selectors.flatMap(({ period }) => [spanOfDate(period?.from)?.from, spanOfDate(period?.until)?.until]).filter((ms) => ms !== undefined)
  return [...new Set([FAR, ...ends.flatMap((ms) => [ms, ms - 1, ms + 1])])].map((ms) => ({ from: ms, until: ms }))
}

const FAR = Date.UTC(2000, 0, 1)

function itemsIn(selectors: readonly DataSelector[], kind: 'named' | 'anchor' | 'author'): readonly string[] {
  return selectors
    .flatMap(({ items }) => items ?? [])
    .flatMap((item) => {
      if (typeof item === 'string') return kind === 'named' ? [item] : []
      if ('related' in item) return kind === 'anchor' ? [item.related] : []
      if ('dependents' in item) return kind === 'anchor' ? [item.dependents] : []
      return 'authoredBy' in item && kind === 'author' ? item.authoredBy.flat() : []
    })
}

function linksTo(anchor: string | undefined): Links {
  const names = new Set(anchor === undefined ? [] : [anchor])
  const reach = { names, possible: names, complete: true }
  return { related: reach, dependsOn: reach }
}
