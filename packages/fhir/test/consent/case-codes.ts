import { listOf, type Json, objectsOf, own } from './json.ts'
import { type Effect, or, sure, type Truth } from './truth.ts'

/** Purposes, actions, types and codes: the dimensions of a rule that are told by codes alone. Only the codes that the cases use stand here. */

export const REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
export const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
export const SCOPES = 'http://terminology.hl7.org/CodeSystem/consentscope'
export const ACTIONS = 'http://terminology.hl7.org/CodeSystem/consentaction'
export const OUR_ACTIONS = 'urn:fiducia:action'
export const TYPES = 'http://hl7.org/fhir/resource-types'

/** Each purpose with all that stands above it. */
const PURPOSES = new Map<string, readonly string[]>([
  ['PurposeOfUse', []],
  ['TREAT', ['PurposeOfUse']],
  ['ETREAT', ['TREAT', 'PurposeOfUse']],
  ['BTG', ['ETREAT', 'TREAT', 'PurposeOfUse']],
  ['COC', ['TREAT', 'PurposeOfUse']],
  ['POPHLTH', ['TREAT', 'PurposeOfUse']],
  ['HPAYMT', ['PurposeOfUse']],
  ['CLMATTCH', ['HPAYMT', 'PurposeOfUse']],
  ['HOPERAT', ['PurposeOfUse']],
  ['CAREMGT', ['HOPERAT', 'PurposeOfUse']],
  ['HRESCH', ['PurposeOfUse']],
  ['CLINTRCH', ['HRESCH', 'PurposeOfUse']],
  ['HMARKT', ['PurposeOfUse']],
  ['PUBHLTH', ['PurposeOfUse']],
])

/** A code with the system it stands in; `system` is empty where none is stated and none can be read into it. */
export interface Told {
  readonly system: string
  readonly code: string
}

/** A coding without system is read in the system that R4 binds to its element, where its code is known there. */
export function told(coding: unknown, bound: readonly (readonly [system: string, isKnown: (code: string) => boolean])[]): Told | undefined {
  const [system, code] = [own(coding, 'system'), own(coding, 'code')]
  if (typeof code !== 'string') return undefined
  if (system !== undefined) return typeof system === 'string' ? { system, code } : undefined
  return { system: bound.find(([, isKnown]) => isKnown(code))?.[0] ?? '', code }
}

const isPurpose = (code: string): boolean => PURPOSES.has(code)
const knownPurpose = ({ system, code }: Told): boolean => system === REASON && isPurpose(code)
/** Two codes without a system are not known to be the same. */
const equal = (a: Told, b: Told): boolean => a.system !== '' && a.system === b.system && a.code === b.code

/** What a request names: a code of v3-ActReason, or a Coding. */
export const askedPurpose = (asked: unknown): Told | undefined =>
  typeof asked === 'string' ? { system: REASON, code: asked } : told(asked, [[REASON, isPurpose]])

export const isBreakGlass = (purpose: Told): boolean => purpose.system === REASON && purpose.code === 'BTG'
export const isTreatment = ({ system, code }: Told): boolean =>
  system === REASON && code !== 'BTG' && (code === 'TREAT' || (PURPOSES.get(code) ?? []).includes('TREAT'))

/** Whether one of the purposes equals or subsumes the one asked. `plain`: `BTG` needs no naming, as for the root of a child permit. */
export function purposesSpeak(stated: unknown, asked: Told, effect: Effect, plain: boolean): Truth {
  if (stated === undefined) return effect === 'deny' || plain ? 'yes' : sure(knownPurpose(asked) && !isBreakGlass(asked))
  return or(
    listOf(stated).map((coding) => {
      const purpose = told(coding, [[REASON, isPurpose]])
      if (purpose === undefined) return 'unknown'
      if (equal(purpose, asked)) return 'yes'
      if (!knownPurpose(purpose) || !knownPurpose(asked)) return 'unknown'
      const above = (PURPOSES.get(asked.code) ?? []).includes(purpose.code)
      return sure(above && (plain || effect === 'deny' || !isBreakGlass(asked)))
    }),
  )
}

const KNOWN_ACTIONS = ['collect', 'access', 'use', 'disclose', 'correct']
const OURS = ['read', 'search', 'export']

/** What a request asks to do: one of ours, one of R4's, or `system|code`. */
export function askedAction(text: string): Told {
  if (OURS.includes(text)) return { system: OUR_ACTIONS, code: text }
  if (KNOWN_ACTIONS.includes(text)) return { system: ACTIONS, code: text }
  const bar = text.lastIndexOf('|')
  return bar < 0 ? { system: '', code: text } : { system: text.slice(0, bar), code: text.slice(bar + 1) }
}

const knownAction = ({ system, code }: Told): boolean => (system === ACTIONS && KNOWN_ACTIONS.includes(code)) || (system === OUR_ACTIONS && OURS.includes(code))
export const looks = (action: Told): boolean => action.system === OUR_ACTIONS && action.code !== 'export'

/** An action that is unknown is permitted only by name. `inherited`: the root is asked, which limits nothing where it states nothing. */
export function actionsSpeak(stated: unknown, asked: Told, effect: Effect, inherited: boolean): Truth {
  if (stated === undefined) return effect === 'deny' || inherited ? 'yes' : sure(knownAction(asked))
  return or(
    objectsOf(stated).map((concept) => {
      const codings = listOf(own(concept, 'coding'))
      if (codings.length === 0) return 'unknown'
      return or(codings.map((coding) => actionCovers(told(coding, [[ACTIONS, (code) => KNOWN_ACTIONS.includes(code)]]), asked, effect)))
    }),
  )
}

function actionCovers(action: Told | undefined, asked: Told, effect: Effect): Truth {
  if (action === undefined) return 'unknown'
  if (equal(action, asked)) return 'yes'
  if (!knownAction(action) || !knownAction(asked)) return 'unknown'
  if (asked.system !== OUR_ACTIONS) return 'no'
  if (action.system === OUR_ACTIONS) return sure(looks(action) && asked.code === 'export' && effect === 'deny')
  if (action.code === 'access') return sure(asked.code !== 'export' || effect === 'deny')
  return sure(action.code === 'disclose' && asked.code === 'export')
}

/** A class that is not a resource type is never permitted and always denied. The types are those that the cases use. */
const RESOURCE_TYPES = ['Observation', 'Condition', 'Encounter', 'MedicationRequest', 'DocumentReference', 'Immunization', 'Procedure', 'Patient']

export function typesSpeak(stated: unknown, type: string): Truth {
  if (stated === undefined) return 'yes'
  return or(
    listOf(stated).map((coding) => {
      const one = told(coding, [])
      if (one === undefined || one.system !== TYPES || !RESOURCE_TYPES.includes(one.code)) return 'unknown'
      return sure(one.code === type)
    }),
  )
}

export function codesSpeak(stated: unknown, carried: readonly string[]): Truth {
  if (stated === undefined) return 'yes'
  const named = objectsOf(stated).flatMap((concept) => objectsOf(concept['coding']).map((coding: Json) => `${coding['system']}|${coding['code']}`))
  return sure(named.some((one) => carried.includes(one)))
}
