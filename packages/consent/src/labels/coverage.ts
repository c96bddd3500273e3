import { shape } from '@fiducia/core'
import type { Confidentiality } from '../types.ts'
import { type ReadOptions, readFacts } from './read-facts.ts'
import type { Combination, Judgement, RuleHit, RuleSet } from './rule-set.ts'
import { RULE_SET } from './rules/index.ts'
import { type Json, type Trace, UNIDENTIFIED, type Walk, walkResource } from './walk.ts'

/**
 * Why a resource has its labels: which of its codes got which label from which rule, for those who write rules. It is told
 * by the walk that `readFacts` makes, so the two cannot disagree on what was found.
 */

/** A row of the rules that speaks of a code or a text; `none` never stands here, a code without rules has no row. */
export interface RuleExplanation {
  readonly system: string
  readonly version: string
  readonly source: string
  readonly match: 'code' | 'beginning' | 'name'
  readonly key: string
  readonly labels: readonly string[]
  readonly meaning: string
}

export interface CodeExplanation {
  /** In FHIR notation, such as `code.coding[0]`; of a text, the concept that it stands in. */
  readonly path: string
  /** Absent for a text. */
  readonly system?: string
  readonly code?: string
  /** What it is called, by itself or by its concept. */
  readonly display?: string
  /** `unknown`: the rules know neither the system nor that it is harmless. */
  readonly known: Judgement['system'] | 'text'
  readonly labels: readonly string[]
  readonly unidentified: boolean
  readonly match: RuleExplanation['match'] | 'none'
  readonly rules: readonly RuleExplanation[]
}

/** What raised a resource above what is normal. */
export type Raise = 'source-label' | 'rule' | 'combination' | 'unidentified-drug' | 'free-text' | 'unknown-code' | 'binary'

export interface Explanation {
  readonly ref: string
  readonly type: string
  readonly confidentiality: Confidentiality
  readonly sensitivity: readonly string[]
  readonly raisedBy: readonly Raise[]
  readonly codes: readonly CodeExplanation[]
  readonly combinations: readonly Combination[]
}

/** Explains the labels that `readFacts` gives with the same rules and options; `undefined` where it cannot read the resource. */
export function explainLabels(resource: unknown, ruleSet: RuleSet = RULE_SET, options: ReadOptions = {}): Explanation | undefined {
  const facts = readFacts(resource, ruleSet, options)
  if (facts === undefined || !shape.isObject(resource)) return undefined
  const pathOf = pathsIn(resource)
  const codes: CodeExplanation[] = []
  const combinations: Combination[] = []
  let sourceLabels = 0
  const trace: Trace = {
    coding: (coding, judgement) => void codes.push(explainCoding(pathOf(coding), coding, judgement)),
    text: (holder, judgement) => void codes.push({ path: pathOf(holder), ...explainJudgement(judgement), known: 'text' }),
    combination: (combination) => void combinations.push(combination),
    sourceLabel: () => void (sourceLabels += 1),
  }
  const walk = walkResource(resource, facts.type, { ruleSet, narrativeRemoved: options.narrativeRemoved === true, trace })
  const raisedBy = raisesOf(walk, facts.type, { codes, combinations, sourceLabels })
  const { ref, type, confidentiality, sensitivity } = facts
  return { ref, type, confidentiality, sensitivity, raisedBy, codes, combinations }
}

interface Found {
  readonly codes: readonly CodeExplanation[]
  readonly combinations: readonly Combination[]
  readonly sourceLabels: number
}

function raisesOf(walk: Walk, type: string, { codes, combinations, sourceLabels }: Found): readonly Raise[] {
  const raises: readonly (readonly [Raise, boolean])[] = [
    ['source-label', sourceLabels > 0 && (walk.sourceLevel === 'R' || walk.sourceLevel === 'V' || statesTopic(walk, codes, combinations))],
    ['rule', codes.some(({ labels }) => labels.length > 0)],
    ['combination', combinations.length > 0],
    ['unidentified-drug', walk.sensitivity.includes(UNIDENTIFIED)],
    ['free-text', walk.freeText && walk.sourceLevel === undefined],
    ['unknown-code', walk.unknownCode],
    ['binary', type === 'Binary'],
  ]
  return raises.filter(([, applies]) => applies).map(([raise]) => raise)
}

/** Whether a topic was found that no rule gives: then the source states it. */
function statesTopic(walk: Walk, codes: readonly CodeExplanation[], combinations: readonly Combination[]): boolean {
  const ours = new Set([UNIDENTIFIED, ...codes.flatMap(({ labels }) => labels), ...combinations.flatMap(({ labels }) => labels)])
  return walk.sensitivity.some((label) => !ours.has(label))
}

function explainCoding(path: string, { system, code }: Json, judgement: Judgement): CodeExplanation {
  return {
    path,
    ...(typeof system === 'string' ? { system } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...explainJudgement(judgement),
    known: judgement.system,
  }
}

function explainJudgement({ display, labels, unidentified, hits }: Judgement): Omit<CodeExplanation, 'path' | 'known'> {
  const rules = hits.map(explainHit)
  return { ...(display === undefined ? {} : { display }), labels, unidentified, match: rules[0]?.match ?? 'none', rules }
}

const explainHit = ({ table: { system, version, source, match }, row: [key, labels, meaning] }: RuleHit): RuleExplanation => ({
  system,
  version,
  source,
  match,
  key,
  labels: labels.split(' ').filter((label) => label !== ''),
  meaning,
})

/** Where each object stands. One that stands in several places is met as often, and each time gives its next place. */
function pathsIn(resource: Json): (found: unknown) => string {
  const paths = new Map<unknown, string[]>()
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    const known = paths.get(value)
    if (known === undefined) paths.set(value, [path])
    else known.push(path)
    if (Array.isArray(value)) value.forEach((entry, i) => visit(entry, `${path}[${i}]`))
    else for (const [name, child] of Object.entries(value)) visit(child, path === '' ? name : `${path}.${name}`)
  }
  visit(resource, '')
  return (found) => {
    const places = paths.get(found) ?? ['']
    return (places.length > 1 ? places.shift() : places[0]) ?? ''
  }
}
