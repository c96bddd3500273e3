import { spanOfDate, spanOfPeriod, type TimeSpan } from '@fiducia/consent'
import { InputError, shape } from '@fiducia/core'
import { isAboutPatient } from './compartment.ts'
import { valuesAt } from './elements.ts'
import { DEFAULT_PAGE_ENTRIES, MAX_DATE_BOUNDS, MAX_PAGE_ENTRIES, MAX_SEARCH_ALTERNATIVES, MAX_SEARCH_VALUE_LENGTH } from './limits.ts'
import { type FhirResource, isResource, isResourceId } from './resource.ts'

/**
 * The searches that a gateway answers: a closed list of types and parameters, always for one patient. A search that is not
 * on the list is refused, never answered in part, since each further parameter (a chain, a modifier, `_include`) is a way to
 * learn something about what is withheld. `matchesSearch` answers a shape over resources, so that a silo that ignores or
 * misreads a parameter can still not widen an answer.
 */
export interface SearchShape {
  readonly type: string
  readonly patientId: string
  readonly tokens: readonly TokenCriterion[]
  readonly dates: readonly DateCriterion[]
  readonly ids: readonly string[] | undefined
  readonly count: number
}

export interface TokenCriterion {
  readonly parameter: string
  readonly paths: readonly string[]
  /** Alternatives; `system` undefined = any system, `''` = no system; `code` undefined = any code of the system. */
  readonly anyOf: readonly { readonly system: string | undefined; readonly code: string | undefined }[]
}

export interface DateCriterion {
  readonly parameter: string
  readonly paths: readonly string[]
  readonly prefix: DatePrefix
  readonly from: number
  readonly until: number
  /** As it was asked, for the silo. */
  readonly value: string
}

type DatePrefix = 'eq' | 'ge' | 'le' | 'gt' | 'lt'

interface Parameter {
  readonly kind: 'token' | 'date'
  readonly paths: readonly string[]
}

const token = (...paths: readonly string[]): Parameter => ({ kind: 'token', paths })
const date = (...paths: readonly string[]): Parameter => ({ kind: 'date', paths })

/** Allowed parameters by type; `patient`, `_id` and `_count` go without saying. */
const SEARCHES: { readonly [type: string]: { readonly [parameter: string]: Parameter } } = {
  Patient: {},
  Observation: {
    category: token('category'),
    code: token('code'),
    date: date('effectiveDateTime', 'effectivePeriod', 'effectiveInstant'),
    status: token('status'),
  },
  Condition: { category: token('category'), code: token('code'), 'clinical-status': token('clinicalStatus'), 'recorded-date': date('recordedDate') },
  MedicationRequest: { code: token('medicationCodeableConcept'), status: token('status'), intent: token('intent'), authoredon: date('authoredOn') },
  AllergyIntolerance: { category: token('category'), code: token('code'), 'clinical-status': token('clinicalStatus'), date: date('recordedDate') },
  Immunization: { 'vaccine-code': token('vaccineCode'), date: date('occurrenceDateTime'), status: token('status') },
  Procedure: { category: token('category'), code: token('code'), date: date('performedDateTime', 'performedPeriod'), status: token('status') },
  Encounter: { class: token('class'), type: token('type'), date: date('period'), status: token('status') },
  DiagnosticReport: { category: token('category'), code: token('code'), date: date('effectiveDateTime', 'effectivePeriod'), status: token('status') },
  DocumentReference: { category: token('category'), type: token('type'), date: date('date'), status: token('status') },
}

export const SEARCHABLE_TYPES: readonly string[] = Object.keys(SEARCHES)

/** The allowed parameters of a type, for the capability statement. */
export function searchParametersOf(type: string): readonly { readonly name: string; readonly type: 'token' | 'date' | 'reference' }[] {
  const allowed = Object.hasOwn(SEARCHES, type) ? Object.entries(SEARCHES[type] ?? {}) : []
  const own = allowed.map(([name, parameter]) => ({ name, type: parameter.kind }))
  return [...(type === 'Patient' ? [] : [{ name: 'patient', type: 'reference' as const }]), { name: '_id', type: 'token' as const }, ...own]
}

interface Draft {
  patientId: string | undefined
  ids: readonly string[] | undefined
  count: number | undefined
  readonly tokens: TokenCriterion[]
  readonly dates: DateCriterion[]
}

/** `params` are names and values in the order of the request. Throws an `InputError` that names every fault; values are not quoted. */
export function parseSearch(type: string, params: Iterable<readonly [name: string, value: string]>): SearchShape {
  const allowed = Object.hasOwn(SEARCHES, type) ? SEARCHES[type] : undefined
  if (allowed === undefined) throw new InputError('SHAPE', `expected one of the types ${SEARCHABLE_TYPES.join(', ')}, found another`, { at: 'type' })
  const draft: Draft = { patientId: undefined, ids: undefined, count: undefined, tokens: [], dates: [] }
  const faults: InputError[] = []
  for (const [name, value] of params) {
    try {
      readParameter(draft, allowed, type, name, value)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      faults.push(error)
    }
  }
  const patientId = type === 'Patient' ? (draft.ids?.length === 1 ? draft.ids[0] : undefined) : draft.patientId
  if (patientId === undefined) faults.push(new InputError('SHAPE', 'expected exactly one patient', { at: type === 'Patient' ? '_id' : 'patient' }))
  if (faults.length > 0 || patientId === undefined) throw new InputError('SHAPE', faults.map((fault) => fault.message).join('; '), { cause: faults })
  return { type, patientId, tokens: draft.tokens, dates: draft.dates, ids: draft.ids, count: draft.count ?? DEFAULT_PAGE_ENTRIES }
}

function readParameter(draft: Draft, allowed: { readonly [parameter: string]: Parameter }, type: string, name: string, value: string): void {
  const at = /^[a-zA-Z_-]{1,40}$/.test(name) ? name : 'parameter'
  if (value === '' || value.length > MAX_SEARCH_VALUE_LENGTH || !/^[\x21-\x7e]+$/.test(value) || value.includes('\\')) {
    throw new InputError('SHAPE', 'expected a value of printable characters without blanks and backslashes', { at })
  }
  if (name === 'patient' && type !== 'Patient') draft.patientId = once(draft.patientId, parsePatient(value), at)
  else if (name === '_id') draft.ids = once(draft.ids, parseIds(value), at)
  else if (name === '_count') draft.count = once(draft.count, parseCount(value), at)
  else readCriterion(draft, Object.hasOwn(allowed, name) ? allowed[name] : undefined, name, value, at)
}

function readCriterion(draft: Draft, parameter: Parameter | undefined, name: string, value: string, at: string): void {
  if (parameter === undefined) throw new InputError('SHAPE', 'expected a parameter that is on the list for this type, without modifier or chain', { at })
  if (parameter.kind === 'date') {
    if (draft.dates.filter((one) => one.parameter === name).length >= MAX_DATE_BOUNDS)
      throw new InputError('SHAPE', `expected at most ${MAX_DATE_BOUNDS} bounds`, { at })
    draft.dates.push({ parameter: name, paths: parameter.paths, ...parseDateBound(value, at) })
    return
  }
  if (draft.tokens.some((one) => one.parameter === name)) throw new InputError('SHAPE', 'expected the parameter once', { at })
  draft.tokens.push({ parameter: name, paths: parameter.paths, anyOf: parseTokens(value, at) })
}

function once<T>(held: T | undefined, value: T, at: string): T {
  if (held !== undefined) throw new InputError('SHAPE', 'expected the parameter once', { at })
  return value
}

function parsePatient(value: string): string {
  const id = value.startsWith('Patient/') ? value.slice('Patient/'.length) : value
  if (isResourceId(id)) return id
  throw new InputError('SHAPE', 'expected `Patient/id` or an id', { at: 'patient' })
}

function parseIds(value: string): readonly string[] {
  const ids = value.split(',')
  if (ids.length <= MAX_SEARCH_ALTERNATIVES && ids.every(isResourceId)) return ids
  throw new InputError('SHAPE', `expected at most ${MAX_SEARCH_ALTERNATIVES} ids`, { at: '_id' })
}

function parseCount(value: string): number {
  const count = /^[1-9][0-9]{0,3}$/.test(value) ? Number(value) : 0
  if (count >= 1 && count <= MAX_PAGE_ENTRIES) return count
  throw new InputError('SHAPE', `expected a number from 1 to ${MAX_PAGE_ENTRIES}`, { at: '_count' })
}

function parseTokens(value: string, at: string): TokenCriterion['anyOf'] {
  const parts = value.split(',')
  if (parts.length > MAX_SEARCH_ALTERNATIVES) throw new InputError('SHAPE', `expected at most ${MAX_SEARCH_ALTERNATIVES} alternatives`, { at })
  return parts.map((part) => {
    const pieces = part.split('|')
    const [first = '', second] = pieces
    if (pieces.length > 2 || part === '' || part === '|') throw new InputError('SHAPE', 'expected `code`, `system|code`, `|code` or `system|`', { at })
    return second === undefined ? { system: undefined, code: first } : { system: first, code: second === '' ? undefined : second }
  })
}

function parseDateBound(value: string, at: string): Pick<DateCriterion, 'prefix' | 'from' | 'until' | 'value'> {
  const parts = /^(eq|ge|le|gt|lt)?([0-9].*)$/.exec(value)
  const span = spanOfDate(parts?.[2])
  if (parts === null || span === undefined) throw new InputError('SHAPE', 'expected a date with one of the prefixes eq, ge, le, gt, lt', { at })
  return { prefix: prefixOf(parts[1]), ...span, value }
}

function prefixOf(text: string | undefined): DatePrefix {
  return text === 'ge' || text === 'le' || text === 'gt' || text === 'lt' ? text : 'eq'
}

/** Whether a resource answers the search: right type, about the patient, every parameter satisfied. Dates are compared as spans, UTC. */
export function matchesSearch(search: SearchShape, resource: unknown): boolean {
  return (
    isResource(resource) &&
    resource.resourceType === search.type &&
    isAboutPatient(resource, search.patientId) &&
    (search.ids === undefined || search.ids.includes(resource.id)) &&
    search.tokens.every((criterion) => tokenMatches(criterion, resource)) &&
    search.dates.every((criterion) => dateMatches(criterion, resource))
  )
}

function tokenMatches(criterion: TokenCriterion, resource: FhirResource): boolean {
  const codings = criterion.paths.flatMap((path) => valuesAt(resource, path)).flatMap(codingsOf)
  return criterion.anyOf.some(({ system, code }) =>
    codings.some((coding) => (code === undefined || coding.code === code) && (system === undefined || (coding.system ?? '') === system)),
  )
}

/** A code, a Coding, or the codings of a CodeableConcept. */
function codingsOf(value: unknown): readonly { readonly system?: string; readonly code: string }[] {
  if (typeof value === 'string') return [{ code: value }]
  if (!shape.isObject(value)) return []
  const codings = Array.isArray(value['coding']) ? value['coding'] : [value]
  return codings.flatMap((coding: unknown) => {
    if (!shape.isObject(coding) || typeof coding['code'] !== 'string') return []
    return [typeof coding['system'] === 'string' ? { system: coding['system'], code: coding['code'] } : { code: coding['code'] }]
  })
}

function dateMatches(criterion: DateCriterion, resource: FhirResource): boolean {
  return criterion.paths
    .flatMap((path) => valuesAt(resource, path))
    .some((value) => {
      const span = shape.isObject(value) ? spanOfPeriod(value['start'], value['end']) : spanOfDate(value)
      return span !== undefined && spanMatches(criterion, span)
    })
}

/** FHIR R4 section 3.1.1.5.6: the span of the resource against the span of the parameter. */
function spanMatches(criterion: DateCriterion, span: TimeSpan): boolean {
  switch (criterion.prefix) {
    case 'eq':
      return span.from >= criterion.from && span.until <= criterion.until
    case 'ge':
      return span.until >= criterion.from
    case 'le':
      return span.from <= criterion.until
    case 'gt':
      return span.until > criterion.until
    case 'lt':
      return span.from < criterion.from
  }
}

/** The search as a query string in a fixed order: for the silo, and for the audit event. */
export function formatSearch(search: SearchShape): string {
  const parts: (readonly [string, string])[] = search.type === 'Patient' ? [] : [['patient', search.patientId]]
  if (search.ids !== undefined) parts.push(['_id', search.ids.join(',')])
  for (const { parameter, anyOf } of search.tokens) parts.push([parameter, anyOf.map(formatToken).join(',')])
  for (const { parameter, value } of search.dates) parts.push([parameter, value])
  parts.push(['_count', String(search.count)])
  return parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
}

const formatToken = ({ system, code }: { readonly system: string | undefined; readonly code: string | undefined }): string =>
  system === undefined ? (code ?? '') : `${system}|${code ?? ''}`
