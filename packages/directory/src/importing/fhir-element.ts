import { shape } from '@fiducia/core'
import { MAX_REPEATS } from '../limits.ts'
import type { Finding } from './types.ts'

/**
 * Elements of a FHIR resource, read without believing anything: a value of another JSON type than its element has is found and left out,
 * and the rest is read.
 */
export interface Element {
  /** As FHIR writes it: `Practitioner.identifier[0]`. */
  readonly path: string
  readonly members: { readonly [name: string]: unknown }
  readonly findings: Finding[]
}

const valueOf = (element: Element, name: string): unknown => (Object.hasOwn(element.members, name) ? element.members[name] : undefined)

function wrongType({ path, findings }: Element, name: string): undefined {
  findings.push({ code: 'WRONG_TYPE', field: `${path}.${name}` })
  return undefined
}

/** Trimmed; undefined where there is none. */
export function textOf(element: Element, name: string): string | undefined {
  const value = valueOf(element, name)
  if (value === undefined) return undefined
  if (typeof value !== 'string') return wrongType(element, name)
  return value.trim() === '' ? undefined : value.trim()
}

export function flagOf(element: Element, name: string): boolean | undefined {
  const value = valueOf(element, name)
  return value === undefined || typeof value === 'boolean' ? value : wrongType(element, name)
}

export function childOf(element: Element, name: string): Element | undefined {
  const value = valueOf(element, name)
  if (value === undefined) return undefined
  return shape.isObject(value) ? { path: `${element.path}.${name}`, members: value, findings: element.findings } : wrongType(element, name)
}

export function childrenOf(element: Element, name: string): readonly Element[] {
  return listOf(element, name).flatMap((value, i) => {
    if (shape.isObject(value)) return [{ path: `${element.path}.${name}[${i}]`, members: value, findings: element.findings }]
    wrongType(element, `${name}[${i}]`)
    return []
  })
}

/** Of a list of texts null stands where only an extension is known. */
export function textsOf(element: Element, name: string): readonly string[] {
  return listOf(element, name).flatMap((value, i) => {
    if (value !== null && typeof value !== 'string') wrongType(element, `${name}[${i}]`)
    return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : []
  })
}

function listOf(element: Element, name: string): readonly unknown[] {
  const value = valueOf(element, name)
  if (value === undefined) return []
  if (!Array.isArray(value)) return wrongType(element, name) ?? []
  if (value.length > MAX_REPEATS) element.findings.push({ code: 'VALUE_TOO_LONG', field: `${element.path}.${name}` })
  return value.slice(0, MAX_REPEATS)
}

/** The extensions of an element with this address. */
export const extensionsOf = (element: Element, url: string): readonly Element[] =>
  childrenOf(element, 'extension').filter(({ members }) => members['url'] === url)

export const PLAN_NET = 'http://hl7.org/fhir/us/davinci-pdex-plan-net'
