import { shape } from '@fiducia/core'
import { linksOfOne } from '../links.ts'
import { categoriesOf, higherOf } from '../sensitivity.ts'
import type { Category, Confidentiality, ResourceFacts } from '../types.ts'
import { readEncounter, readProvenance, readSpan } from './provenance.ts'
import type { RuleSet } from './rule-set.ts'
import { RULE_SET } from './rules/index.ts'
import { type Walk, walkResource } from './walk.ts'

/**
 * What the decision has to know about one resource, read from its FHIR R4 JSON in a single bounded walk.
 *
 * Labels: the source's own (`meta.security`) and those that our rules give to any code anywhere in the resource, whichever
 * is higher; a sensitivity code raises to R. A drug that neither its code nor its name tells us is `UNIDENTIFIED`: R, and
 * any topic. A confidentiality label by the source settles free text and narrative; without one they count as R, since
 * nobody has read them. Binary, codes of systems that the rules do not know, and entries with text instead of a code count
 * as R too. Test labels (HTEST) say nothing. Whatever cannot be read at all gives `undefined`, which every decision denies.
 */
export interface ReadOptions {
  /** The organizations that hold the resource; where absent, those that the resource itself names. */
  readonly sources?: readonly string[]
  /** The narrative is removed before anything leaves, so it need not be judged. */
  readonly narrativeRemoved?: boolean
  /** A policy asks what the resource refers to (`CompiledPolicy.asksForLinks`); what refers to it stays unknown. */
  readonly links?: boolean
}

/** Pure and total: any value gives facts or `undefined`; only getters of a host object could throw, and JSON has none. */
export function readFacts(resource: unknown, ruleSet: RuleSet = RULE_SET, options: ReadOptions = {}): ResourceFacts | undefined {
  if (!shape.isObject(resource)) return undefined
  const type = resource['resourceType']
  const id = resource['id']
  if (typeof type !== 'string' || !isTypeName(type) || typeof id !== 'string' || !isId(id)) return undefined
  const walk = walkResource(resource, type, { ruleSet, narrativeRemoved: options.narrativeRemoved === true, trace: undefined })
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
    ...(options.links === true ? { links: linksOfOne(resource) } : NO_LINKS),
  }
}

const NO_LINKS = {}

/** The level that the source states or that something found raises it to, whichever is higher. */
function levelOf(walk: Walk, type: string): Confidentiality {
  const stated = walk.sourceLevel ?? 'N'
  const raised = walk.sensitivity.length > 0 || walk.unknownCode || type === 'Binary' || (walk.freeText && walk.sourceLevel === undefined)
  return raised ? higherOf(stated, 'R') : stated
}

const NO_CATEGORIES: readonly Category[] = []

function categoriesFrom(sensitivity: readonly string[]): readonly Category[] {
  if (sensitivity.length === 0) return NO_CATEGORIES
  const categories: Category[] = []
  for (const code of sensitivity) for (const category of categoriesOf(code)) if (!categories.includes(category)) categories.push(category)
  return categories
}

const [UPPER_A, UPPER_Z, LOWER_A, LOWER_Z, ZERO, NINE, DASH, DOT] = [65, 90, 97, 122, 48, 57, 45, 46] as const
const isUpper = (char: number): boolean => char >= UPPER_A && char <= UPPER_Z
const isLetter = (char: number): boolean => isUpper(char) || (char >= LOWER_A && char <= LOWER_Z)

/** `[A-Z][A-Za-z]{1,63}`; read by hand, as a regular expression takes a tenth of the time of a whole resource. */
function isTypeName(text: string): boolean {
  if (text.length < 2 || text.length > 64 || !isUpper(text.charCodeAt(0))) return false
  for (let i = 1; i < text.length; i += 1) if (!isLetter(text.charCodeAt(i))) return false
  return true
}

/** `[A-Za-z0-9.-]{1,64}` */
function isId(text: string): boolean {
  if (text.length === 0 || text.length > 64) return false
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i)
    if (!isLetter(char) && !(char >= ZERO && char <= NINE) && char !== DASH && char !== DOT) return false
  }
  return true
}
