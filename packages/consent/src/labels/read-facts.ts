import { shape } from '@fiducia/core'
import { MAX_RESOURCE_CODES, MAX_RESOURCE_DEPTH, MAX_RESOURCE_VALUES } from '../limits.ts'
import { categoriesOf, higherOf, isConfidentiality } from '../sensitivity.ts'
import type { Category, Confidentiality, ResourceFacts } from '../types.ts'
import { readEncounter, readProvenance, readSpan } from './provenance.ts'
import { labelsOf, type RuleSet } from './rule-set.ts'
import { RULE_SET } from './rules/index.ts'

/**
 * What the decision has to know about one resource, read from its FHIR R4 JSON in a single bounded walk.
 *
 * Labels: the source's own (`meta.security`) and those that our rules give to any code anywhere in the resource, whichever
 * is higher; a sensitivity code raises to R. A confidentiality label by the source settles free text and narrative;
 * without one they count as R, since nobody has read them. Binary, codes of systems that the rules do not know, and
 * entries with text instead of a code count as R too. Test labels (HTEST) say nothing. Whatever cannot be read at all
 * gives `undefined`, which every decision denies.
 */
export interface ReadOptions {
  /** The organizations that hold the resource; where absent, those that the resource itself names. */
  readonly sources?: readonly string[]
  /** The narrative is removed before anything leaves, so it need not be judged. */
  readonly narrativeRemoved?: boolean
}

type Json = { readonly [name: string]: unknown }

const CONFIDENTIALITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const SENSITIVITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
/** Purposes, handling instructions and integrity marks are no statement about sensitivity; HTEST is one of them. */
const SILENT_SYSTEMS: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
])

/** Members whose text was written by somebody for somebody, wherever they stand. */
const FREE_TEXT: ReadonlySet<string> = new Set([
  'valueString',
  'valueMarkdown',
  'description',
  'comment',
  'conclusion',
  'patientInstruction',
  'instruction',
  'summary',
  'details',
  'contentString',
  'reasonString',
  'data',
  'div',
  'textEquivalent',
  'disposition',
])

/** Extensions about who somebody is; their text is no clinical statement. */
const PERSONAL_EXTENSIONS: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex',
  'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
  'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
  'http://hl7.org/fhir/StructureDefinition/geolocation',
])

interface Walk {
  readonly ruleSet: RuleSet
  readonly narrativeRemoved: boolean
  readonly codes: string[]
  readonly sensitivity: string[]
  sourceLevel: Confidentiality | undefined
  freeText: boolean
  unknownCode: boolean
  values: number
  readable: boolean
}

/** Pure and total: any value gives facts or `undefined`; only getters of a host object could throw, and JSON has none. */
export function readFacts(resource: unknown, ruleSet: RuleSet = RULE_SET, options: ReadOptions = {}): ResourceFacts | undefined {
  if (!shape.isObject(resource)) return undefined
  const type = resource['resourceType']
  const id = resource['id']
  if (typeof type !== 'string' || !/^[A-Z][A-Za-z]{1,63}$/.test(type) || typeof id !== 'string' || !/^[A-Za-z0-9.-]{1,64}$/.test(id)) return undefined
  const walk: Walk = {
    ruleSet,
    narrativeRemoved: options.narrativeRemoved === true,
    codes: [],
    sensitivity: [],
    sourceLevel: undefined,
    freeText: false,
    unknownCode: false,
    values: 0,
    readable: true,
  }
  readMainConcept(walk, resource, type)
  walkObject(walk, resource, '', 1)
  if (!walk.readable) return undefined
  const ref = `${type}/${id}`
  const { authors, sources } = readProvenance(resource)
  return {
    ref,
    type,
    codes: walk.codes,
    confidentiality: levelOf(walk, type),
    sensitivity: walk.sensitivity,
    categories: categoriesFrom(walk.sensitivity),
    sources: options.sources ?? sources,
    authors,
    encounter: readEncounter(resource, type, ref),
    period: readSpan(resource),
  }
}

/** The element that says what a resource is about. Without it nobody can tell, and in another shape nobody can read it. */
const MAIN_CONCEPTS: ReadonlyMap<string, string> = new Map([
  ['Condition', 'code'],
  ['Observation', 'code'],
  ['Procedure', 'code'],
  ['DiagnosticReport', 'code'],
  ['AllergyIntolerance', 'code'],
  ['ServiceRequest', 'code'],
  ['Medication', 'code'],
  ['MedicationRequest', 'medicationCodeableConcept'],
  ['MedicationStatement', 'medicationCodeableConcept'],
  ['MedicationAdministration', 'medicationCodeableConcept'],
  ['MedicationDispense', 'medicationCodeableConcept'],
  ['Immunization', 'vaccineCode'],
  ['DocumentReference', 'type'],
])

function readMainConcept(walk: Walk, resource: Json, type: string): void {
  const member = MAIN_CONCEPTS.get(type)
  if (member === undefined) return
  const concept = resource[member]
  if (concept === undefined) walk.unknownCode = true
  else if (!shape.isObject(concept) || (concept['coding'] === undefined && typeof concept['text'] !== 'string')) walk.readable = false
}

function levelOf(walk: Walk, type: string): Confidentiality {
  const stated = walk.sourceLevel ?? 'N'
  const raised = walk.sensitivity.length > 0 || walk.unknownCode || type === 'Binary' || (walk.freeText && walk.sourceLevel === undefined)
  return raised ? higherOf(stated, 'R') : stated
}

const NO_CATEGORIES: readonly Category[] = []

function categoriesFrom(sensitivity: readonly string[]): readonly Category[] {
  return sensitivity.length === 0 ? NO_CATEGORIES : [...new Set(sensitivity.flatMap(categoriesOf))]
}

function walkValue(walk: Walk, value: unknown, name: string, depth: number): void {
  walk.values += 1
  if (depth > MAX_RESOURCE_DEPTH || walk.values > MAX_RESOURCE_VALUES) walk.readable = false
  if (!walk.readable || typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) return walkObject(walk, value as Json, name, depth)
  for (const entry of value) {
    if (name === 'coding') readCoding(walk, entry)
    else walkValue(walk, entry, name, depth + 1)
  }
}

function walkObject(walk: Walk, value: Json, name: string, depth: number): void {
  if (name === 'extension' && typeof value['url'] === 'string' && PERSONAL_EXTENSIONS.has(value['url'])) return
  if (isBareCoding(value)) return readCoding(walk, value)
  for (const member in value) {
    if (!Object.hasOwn(value, member)) continue
    const child = value[member]
    if (typeof child === 'string') {
      if (member === 'text') noteText(walk, value)
      else if (FREE_TEXT.has(member)) walk.freeText = true
      else if (member === 'implicitRules' || member === 'coding') walk.readable = false
    } else if (member === 'coding' && !isFilledList(child)) walk.readable = false
    else if (member === 'meta') readMeta(walk, child)
    else if (member === 'modifierExtension') walk.readable = false
    else if (member === 'text' && depth === 1 && walk.narrativeRemoved) continue
    else if (typeof child === 'object' && child !== null) walkValue(walk, child, member, depth + 1)
  }
}

/** FHIR has no empty lists, so one is a sign that something is missing. */
const isFilledList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0

/** A Coding outside a CodeableConcept, such as an encounter's class; a Quantity has a value as well and is none. */
const isBareCoding = (value: Json): boolean => typeof value['code'] === 'string' && typeof value['system'] === 'string' && value['value'] === undefined

/** The text of a CodeableConcept repeats its coding, that of a name or address is no clinical statement; all other text is free. */
function noteText(walk: Walk, holder: Json): void {
  const coding = holder['coding']
  if (Array.isArray(coding) && coding.length > 0) return
  if (holder['family'] !== undefined || holder['given'] !== undefined || holder['line'] !== undefined || holder['city'] !== undefined) return
  walk.freeText = true
}

function readCoding(walk: Walk, coding: unknown): void {
  walk.values += 1
  if (!shape.isObject(coding) || coding['modifierExtension'] !== undefined) {
    walk.readable = false
    return
  }
  const { system, code, display } = coding
  if ((system !== undefined && typeof system !== 'string') || (code !== undefined && typeof code !== 'string')) {
    walk.readable = false
    return
  }
  if (code === undefined) {
    if (typeof display !== 'string') walk.readable = false
    walk.unknownCode = true
    return
  }
  if (walk.codes.length >= MAX_RESOURCE_CODES) walk.readable = false
  walk.codes.push(`${system ?? ''}|${code}`)
  const labels = labelsOf(walk.ruleSet, system, code, typeof display === 'string' ? display : undefined)
  if (labels === undefined) walk.unknownCode = true
  else for (const label of labels) addSensitivity(walk, label)
}

function addSensitivity(walk: Walk, label: string): void {
  if (!walk.sensitivity.includes(label)) walk.sensitivity.push(label)
}

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

function readLabel(walk: Walk, label: unknown): void {
  if (!shape.isObject(label) || typeof label['code'] !== 'string') {
    walk.readable = false
    return
  }
  const { system, code } = label
  if (system !== undefined && typeof system !== 'string') walk.readable = false
  else if (system === CONFIDENTIALITY_SYSTEM) {
    const level: Confidentiality = isConfidentiality(code) ? code : 'V'
    walk.sourceLevel = walk.sourceLevel === undefined ? level : higherOf(walk.sourceLevel, level)
  } else if (system === SENSITIVITY_SYSTEM) addSensitivity(walk, code)
  else if (system === undefined || !SILENT_SYSTEMS.has(system)) walk.unknownCode = true
}
