import { type NetworkDefault, spanOfDate } from '@fiducia/consent'
import { InputError, jsonTokens, type Parser, shape } from '@fiducia/core'
import { isResource } from '../resource.ts'
import type { Asker } from './actors.ts'
import { purposeOf } from './terminology.ts'

/**
 * The case document of a decision, read strictly: every fault at once, nothing guessed. Resources inside it are FHIR
 * and stay as they came; the decision reads them defensively.
 */
export interface ConsentCase {
  /** Milliseconds. */
  readonly at: number
  readonly default: NetworkDefault
  readonly consents: readonly CaseConsent[]
  readonly references: readonly unknown[]
  readonly request: CaseRequest
  /** Absent: may anything go at all? */
  readonly resources: readonly unknown[] | undefined
}

export interface CaseConsent {
  readonly profile: 'r4' | 'pcf' | 'native'
  readonly resource: { readonly [name: string]: unknown }
}

interface CaseRequest {
  readonly actors: readonly Asker[]
  readonly purpose: readonly string[]
  readonly action: string
  readonly resourceTypes: readonly string[] | undefined
  readonly careRelationship: boolean
  readonly breakGlass: { readonly reason: string } | undefined
}

const MAX_CASE_CHARACTERS = 64 * 1024 * 1024
const MAX_LIST = 10_000
const MAX_DEPTH = 100

const anything: Parser<unknown> = (value) => value
const anyObject: Parser<{ readonly [name: string]: unknown }> = (value, at) => {
  if (shape.isObject(value)) return value
  throw new InputError('SHAPE', 'expected an object', { at })
}

/** What references lead to; a resource that cannot be named would be left out in silence. */
const reference: Parser<unknown> = (value, at) => {
  if (isResource(value)) return value
  throw new InputError('SHAPE', 'expected a resource with its type and id, found another value', { at })
}

const instant: Parser<number> = (value, at) => {
  // A date of FHIR that has a time has its zone too.
  const isInstant = typeof value === 'string' && spanOfDate(value) !== undefined && value.includes('T')
  const ms = isInstant ? Date.parse(value) : Number.NaN
  if (Number.isSafeInteger(ms)) return ms
  throw new InputError('SHAPE', 'expected an instant with its time zone, such as `2024-06-01T00:00:00Z`', { at })
}

const actor: Parser<Asker> = (value, at) => {
  const { reference, system, value: named } = shape.object({}, { reference: shape.text(512), system: shape.text(512), value: shape.text(512) })(value, at)
  if (isStated(reference) && system === undefined && named === undefined) return { kind: 'reference', name: reference }
  if (reference === undefined && isStated(system) && isStated(named)) return { kind: 'identifier', name: `${system}|${named}` }
  throw new InputError('SHAPE', 'expected `{system, value}` or `{reference: "Type/id"}`', { at })
}
const isStated = (text: string | undefined): text is string => text !== undefined && text.trim() !== ''

/** A code of v3-ActReason, bare or as a Coding; a code of another system stands with its system and is known to nobody. */
const purpose: Parser<string> = (value, at) => {
  if (typeof value === 'string' && /^[^|\s]{1,64}$/.test(value)) return value
  if (!shape.isObject(value)) throw new InputError('SHAPE', 'expected a code or a Coding', { at })
  const { system, code } = shape.object({ code: shape.string(/^[^|\s]{1,64}$/, 'a code') }, { system: shape.text(512), display: shape.text(512) })(value, at)
  return purposeOf({ system, code })
}

const request = shape.object(
  { actors: shape.array(actor, MAX_LIST), purpose: shape.array(purpose, 100), action: shape.string(/^[^\s]{1,256}$/, 'an action') },
  {
    resourceTypes: shape.array(shape.string(/^[A-Z][A-Za-z]{1,63}$/, 'a resource type'), 200),
    careRelationship: shape.boolean,
    breakGlass: shape.object({ reason: shape.text(4096) }),
  },
)

const caseShape = shape.object(
  {
    at: instant,
    consents: shape.array(shape.object({ profile: shape.literal('r4', 'pcf', 'native'), resource: anyObject }), MAX_LIST),
    request,
  },
  {
    default: shape.literal<NetworkDefault>('deny', 'normal-treatment', 'all-treatment', 'break-glass-only'),
    references: shape.array(reference, MAX_LIST),
    resources: shape.array(anything, MAX_LIST),
  },
)

/** Throws an `InputError` that names every fault. */
export function parseConsentCase(text: string): ConsentCase {
  const parsed = caseShape(parseJson(text), '')
  const { action, resourceTypes, careRelationship, breakGlass } = parsed.request
  return {
    at: parsed.at,
    default: parsed.default ?? 'deny',
    consents: parsed.consents,
    references: parsed.references ?? [],
    // An action that is none of ours is judged as one: every deny matches it and no permit does.
    request: { ...parsed.request, action, resourceTypes, careRelationship: careRelationship ?? false, breakGlass },
    resources: parsed.resources,
  }
}

function parseJson(text: string): unknown {
  if (text.length > MAX_CASE_CHARACTERS) throw new InputError('JSON_SIZE', `expected at most ${MAX_CASE_CHARACTERS} characters, found ${text.length}`)
  checkNesting(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new InputError('JSON_SYNTAX', 'expected JSON, found other text', { cause })
  }
  checkDuplicates(text)
  return value
}

function checkNesting(text: string): void {
  let depth = 0
  for (const token of jsonTokens(text)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    if (depth > MAX_DEPTH) throw new InputError('JSON_DEPTH', `expected at most ${MAX_DEPTH} levels of objects and arrays, found more`)
  }
}

/** A member that stands twice would be half read: one reader takes the first, another the last. The text is known to be JSON. */
function checkDuplicates(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const token of jsonTokens(text)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const names = open.at(-1)
      const name = String(JSON.parse(last))
      if (names?.has(name) === true) throw new InputError('JSON_DUPLICATE', 'expected each member once, found one twice')
      names?.add(name)
    }
    last = token
  }
}
