import { shape } from '@fiducia/core'
import { MAX_RESOURCE_CODES, MAX_RESOURCE_DEPTH, MAX_RESOURCE_VALUES } from '../limits.ts'
import { higherOf, isConfidentiality, isKnownSensitivity } from '../sensitivity.ts'
import type { Confidentiality } from '../types.ts'
import { DRUG_TYPES, FREE_TEXT, MAIN_CONCEPTS, PERSONAL_EXTENSIONS, STRUCTURE } from './elements.ts'
import { type Combination, judge, type Judgement, judgeText, type RuleSet } from './rule-set.ts'

/**
 * The one bounded walk through a resource that finds everything its labels rest on. Nothing in it depends on the order of
 * members. It is run for every resource that is asked for, so it allocates next to nothing: members in the order in which
 * they stand, lists by index, codings from the rule set's memory.
 */
export type Json = { readonly [name: string]: unknown }

/**
 * A sensitivity code of ours: a drug, and we do not know which one. It stands in no code system, so to `sensitivity.ts` it
 * means nothing, which is its meaning: any topic may be behind it. Every deny by topic covers it, no permit by topic does.
 */
export const UNIDENTIFIED = 'UNIDENTIFIED'

/** Told what the walk found, for those who ask why. */
export interface Trace {
  readonly coding: (coding: Json, judgement: Judgement) => void
  readonly text: (holder: unknown, judgement: Judgement) => void
  readonly combination: (combination: Combination) => void
  /** A label by the source that counts: a level, a topic, or one of a system that nobody knows. */
  readonly sourceLabel: (label: Json) => void
}

export interface Walk {
  readonly ruleSet: RuleSet
  readonly narrativeRemoved: boolean
  readonly trace: Trace | undefined
  readonly codes: string[]
  readonly sensitivity: string[]
  readonly marks: string[]
  /** The highest confidentiality that the source states. */
  sourceLevel: Confidentiality | undefined
  freeText: boolean
  unknownCode: boolean
  values: number
  readable: boolean
}

export interface WalkOptions {
  readonly ruleSet: RuleSet
  readonly narrativeRemoved: boolean
  readonly trace: Trace | undefined
}

export function walkResource(resource: Json, type: string, { ruleSet, narrativeRemoved, trace }: WalkOptions): Walk {
  const walk: Walk = {
    ruleSet,
    narrativeRemoved,
    trace,
    codes: [],
    sensitivity: [],
    marks: [],
    sourceLevel: undefined,
    freeText: false,
    unknownCode: false,
    values: 0,
    readable: true,
  }
  readMainConcept(walk, resource, type)
  walkObject(walk, resource, '', 1)
  if (walk.values > MAX_RESOURCE_VALUES) walk.readable = false
  if (walk.marks.length > 1) combine(walk)
  return walk
}

/** The element that says what a resource is about. Without it nobody can tell, and in another shape nobody can read it. */
function readMainConcept(walk: Walk, resource: Json, type: string): void {
  const member = MAIN_CONCEPTS.get(type)
  if (member === undefined) return
  const drug = DRUG_TYPES.has(type)
  const concept = resource[member]
  if (concept === undefined) {
    walk.unknownCode = true
    if (drug && !isContained(resource['medicationReference'])) addSensitivity(walk, UNIDENTIFIED)
    return
  }
  const coding = shape.isObject(concept) ? concept['coding'] : undefined
  const text = shape.isObject(concept) ? concept['text'] : undefined
  if (isFilledList(coding)) {
    if (drug && !isKnownDrug(walk.ruleSet, coding, text)) addSensitivity(walk, UNIDENTIFIED)
  } else if (coding === undefined && typeof text === 'string') readText(walk, concept, text, drug)
  else walk.readable = false
}

/** One coding that the rules can place is enough, or one name of a drug that is known: the others say the same thing. */
function isKnownDrug(ruleSet: RuleSet, codings: readonly unknown[], text: unknown): boolean {
  const called = typeof text === 'string' ? text : displayIn(codings)
  for (const coding of codings) {
    if (!shape.isObject(coding)) continue
    const { system, code, display } = coding
    const name = typeof display === 'string' ? display : called
    if (typeof code === 'string' && judge(ruleSet, typeof system === 'string' ? system : undefined, code, name).placed) return true
    if (name !== undefined && !judgeText(ruleSet, name, true).unidentified) return true
  }
  return false
}

/** The contained Medication is walked like everything else. */
const isContained = (reference: unknown): boolean =>
  shape.isObject(reference) && typeof reference['reference'] === 'string' && reference['reference'].startsWith('#')

function combine(walk: Walk): void {
  for (const combination of walk.ruleSet.combinations) {
    const [first, second] = combination.needs
    if (!walk.marks.includes(first) || !walk.marks.includes(second)) continue
    for (const label of combination.labels) addSensitivity(walk, label)
    walk.trace?.combination(combination)
  }
}

function walkList(walk: Walk, list: readonly unknown[], name: string, depth: number): void {
  for (let i = 0; i < list.length; i += 1) {
    walk.values += 1
    const entry = list[i]
    if (typeof entry !== 'object' || entry === null) continue
    if (!withinBounds(walk, depth)) return
    if (Array.isArray(entry)) walkList(walk, entry, name, depth + 1)
    else walkObject(walk, entry as Json, name, depth)
  }
}

function withinBounds(walk: Walk, depth: number): boolean {
  if (depth > MAX_RESOURCE_DEPTH || walk.values > MAX_RESOURCE_VALUES) walk.readable = false
  return walk.readable
}

/** One question for each member that is a string. */
const TELLING_MEMBERS: ReadonlySet<string> = new Set([...FREE_TEXT, ...STRUCTURE])

function walkObject(walk: Walk, value: Json, name: string, depth: number): void {
  if (name === 'extension' && typeof value['url'] === 'string' && PERSONAL_EXTENSIONS.has(value['url'])) return
  let [hasCode, hasDisplay] = [false, false]
  for (const member in value) {
    // JSON inherits no members; had somebody given the prototype some, they could only raise. `Object.hasOwn` doubles the time.
    const child = value[member]
    if (typeof child === 'string') {
      if (member === 'code') hasCode = true
      else if (member === 'display') hasDisplay = true
      else if (member === 'text') noteText(walk, value)
      else if (TELLING_MEMBERS.has(member)) {
        if (STRUCTURE.has(member)) walk.readable = false
        else walk.freeText = true
      }
    } else if (typeof child === 'object' && child !== null) {
      walk.values += 1
      if (member === 'coding') readCodings(walk, child, value['text'])
      else if (member === 'meta') readMeta(walk, child)
      else if (member === 'text' && depth === 1 && walk.narrativeRemoved) continue
      else if (!withinBounds(walk, depth + 1)) return
      else if (member === 'modifierExtension' || member === 'implicitRules') walk.readable = false
      else if (Array.isArray(child)) walkList(walk, child, member, depth + 2)
      else walkObject(walk, child as Json, member, depth + 1)
    } else if (STRUCTURE.has(member)) walk.readable = false
  }
  if (hasCode || (hasDisplay && typeof value['system'] === 'string')) readBareCoding(walk, value)
}

/** FHIR has no empty lists, so one is a sign that something is missing. */
const isFilledList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0

/** A Coding outside a CodeableConcept, such as an encounter's class; a Quantity has a value as well and is none. */
function readBareCoding(walk: Walk, value: Json): void {
  if (value['value'] === undefined) readCoding(walk, value, undefined)
}

/** The text of a CodeableConcept is judged with its codings, that of a name or address is no clinical statement; all other text is free. */
function noteText(walk: Walk, holder: Json): void {
  const coding = holder['coding']
  if (Array.isArray(coding) && coding.length > 0) return
  if (holder['family'] !== undefined || holder['given'] !== undefined || holder['line'] !== undefined || holder['city'] !== undefined) return
  walk.freeText = true
}

/** A coding without a display is called what the concept is called. Where its text says something else, that counts as well. */
function readCodings(walk: Walk, codings: unknown, text: unknown): void {
  if (!isFilledList(codings)) {
    walk.readable = false
    return
  }
  const name = typeof text === 'string' ? text : displayIn(codings)
  let clinical = false
  let repeated = false
  for (let i = 0; i < codings.length; i += 1) {
    const judgement = readCoding(walk, codings[i], name)
    if (judgement === undefined) continue
    clinical ||= judgement.system !== 'harmless'
    repeated ||= judgement.display === name
  }
  if (clinical && !repeated && name !== undefined) readText(walk, codings, name, false)
}

function displayIn(codings: readonly unknown[]): string | undefined {
  for (let i = 0; i < codings.length; i += 1) {
    const coding = codings[i]
    if (shape.isObject(coding) && typeof coding['display'] === 'string') return coding['display']
  }
  return undefined
}

/** What a name says beyond its code: topics only, since the code is there. */
function readText(walk: Walk, holder: unknown, text: string, drug: boolean): void {
  const judgement = judgeText(walk.ruleSet, text, drug)
  walk.trace?.text(holder, judgement)
  if (!judgement.quiet) addJudgement(walk, judgement)
}

function readCoding(walk: Walk, coding: unknown, text: string | undefined): Judgement | undefined {
  walk.values += 1
  if (!shape.isObject(coding) || coding['modifierExtension'] !== undefined) {
    walk.readable = false
    return undefined
  }
  const { system, code, display } = coding
  if ((system !== undefined && typeof system !== 'string') || (code !== undefined && typeof code !== 'string')) {
    walk.readable = false
    return undefined
  }
  const name = typeof display === 'string' ? display : text
  if (code === undefined) return readNameless(walk, coding, name)
  if (walk.codes.length >= MAX_RESOURCE_CODES) walk.readable = false
  const judgement = judge(walk.ruleSet, system, code, name)
  walk.codes.push(judgement.name)
  if (!judgement.quiet) addJudgement(walk, judgement)
  walk.trace?.coding(coding, judgement)
  return judgement
}

/** A Coding without a code may have a display, which has to be read like a text. */
function readNameless(walk: Walk, coding: Json, name: string | undefined): undefined {
  walk.unknownCode = true
  if (typeof coding['display'] !== 'string') walk.readable = false
  if (name !== undefined) readText(walk, coding, name, false)
}

function addJudgement(walk: Walk, { labels, marks, system, unidentified }: Judgement): void {
  for (const label of labels) addSensitivity(walk, label)
  for (const mark of marks) if (!walk.marks.includes(mark)) walk.marks.push(mark)
  if (system === 'unknown') walk.unknownCode = true
  if (unidentified) addSensitivity(walk, UNIDENTIFIED)
}

function addSensitivity(walk: Walk, label: string): void {
  if (!walk.sensitivity.includes(label)) walk.sensitivity.push(label)
}

const CONFIDENTIALITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const SENSITIVITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
/** Purposes, handling instructions and integrity marks are no statement about sensitivity; HTEST is one of them. */
const SILENT_SYSTEMS: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
])

/** Labels that are not written as FHIR writes them make the resource unreadable: they might have said more. */
function readMeta(walk: Walk, meta: unknown): void {
  if (!shape.isObject(meta) || Object.keys(meta).length === 0 || meta['modifierExtension'] !== undefined) {
    walk.readable = false
    return
  }
  const security = meta['security']
  if (security === undefined) return
  if (!isFilledList(security) || security.length > MAX_RESOURCE_CODES) walk.readable = false
  else for (const label of security) readLabel(walk, label)
}

/** A label of a system that nobody here knows may be of any topic. */
function readLabel(walk: Walk, label: unknown): void {
  if (!shape.isObject(label) || typeof label['code'] !== 'string') {
    walk.readable = false
    return
  }
  const { system, code } = label
  if (system !== undefined && typeof system !== 'string') {
    walk.readable = false
    return
  }
  if (system !== undefined && SILENT_SYSTEMS.has(system)) return
  walk.trace?.sourceLabel(label)
  if (system === CONFIDENTIALITY_SYSTEM || (system === undefined && isConfidentiality(code))) {
    const level: Confidentiality = isConfidentiality(code) ? code : 'V'
    walk.sourceLevel = walk.sourceLevel === undefined ? level : higherOf(walk.sourceLevel, level)
  } else addSensitivity(walk, system === SENSITIVITY_SYSTEM || (system === undefined && isKnownSensitivity(code)) ? code : `${system ?? ''}|${code}`)
}
