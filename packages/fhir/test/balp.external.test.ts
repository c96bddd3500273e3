import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseBytes32, parseHandle } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { buildDisclosure, type DisclosureInput } from '../src/index.ts'

/**
 * The cardinalities, fixed patterns and slices of the published profiles, checked element by element. It understands as
 * much of StructureDefinition as these four profiles use; a full validator is run elsewhere.
 */
interface Element {
  readonly id: string
  readonly min?: number
  readonly max?: string
  readonly [pattern: `pattern${string}`]: unknown
}

const folder = path.join(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'audit/ihe-balp')
const load = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'))
const elementsOf = (profile: string): readonly Element[] => load(`StructureDefinition-IHE.BasicAudit.${profile}.json`).differential.element

/** Every member of the pattern is in the value; each item of a list somewhere in the value's list. */
function includes(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) return Array.isArray(value) && pattern.every((part) => value.some((one) => includes(one, part)))
  if (typeof pattern !== 'object' || pattern === null) return value === pattern
  return typeof value === 'object' && value !== null && Object.entries(pattern).every(([name, part]) => includes(Reflect.get(value, name), part))
}

const patternOf = (element: Element | undefined): unknown => Object.entries(element ?? {}).find(([name]) => name.startsWith('pattern'))?.[1]

function at(value: unknown, names: readonly string[]): readonly unknown[] {
  return names.reduce<readonly unknown[]>(
    (level, name) =>
      level.flatMap((one) => {
        const child: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, name) : undefined
        return child === undefined ? [] : Array.isArray(child) ? child : [child]
      }),
    [value],
  )
}

function faultsOf(event: unknown, profiles: readonly string[]): readonly string[] {
  const elements = profiles.flatMap(elementsOf)
  return elements.flatMap((element) => {
    const [, ...names] = element.id.split('.')
    const sliced = names.findIndex((name) => name.includes(':'))
    if (sliced < 0) return faultsAt(element, [event], names)
    const slice = ['AuditEvent', ...names.slice(0, sliced + 1)].join('.')
    const [list = ''] = (names[sliced] ?? '').split(':')
    const pattern = patternOf(elements.find(({ id }) => id === `${slice}.type`))
    if (pattern === undefined) return []
    const members = at(event, [list]).filter((one) => includes(Reflect.get(one as object, 'type'), pattern))
    const rest = names.slice(sliced + 1)
    if (rest.length === 0) return countFaults(element, members.length)
    return members.flatMap((member) => faultsAt(element, [member], rest))
  })
}

function faultsAt(element: Element, roots: readonly unknown[], names: readonly string[]): readonly string[] {
  if (names.length === 0) return []
  const values = roots.flatMap((root) => at(root, names))
  const pattern = patternOf(element)
  const unlike = pattern === undefined ? [] : values.filter((value) => !includes(value, pattern)).map(() => `${element.id} is not as the pattern`)
  return [...countFaults(element, values.length), ...unlike]
}

function countFaults({ id, min, max }: Element, found: number): readonly string[] {
  if (min !== undefined && found < min) return [`${id}: expected at least ${min}, found ${found}`]
  return max !== undefined && max !== '*' && found > Number(max) ? [`${id}: expected at most ${max}, found ${found}`] : []
}

const bytes = (letter: string) => parseBytes32(`${letter.repeat(42)}A`)
const read: DisclosureInput = {
  interaction: 'read',
  outcome: 'released',
  recorded: 0,
  requester: 'birch',
  holder: 'alder',
  practitioner: 'npi|1',
  purpose: 'TREAT',
  handle: parseHandle(bytes('h')),
  authzHash: bytes('a'),
  responseDigest: bytes('d'),
  mirrorKey: bytes('m'),
  released: ['Observation/1/_history/1'],
}
const search: DisclosureInput = {
  ...read,
  interaction: 'search',
  asked: 'Observation?code=1-8',
  released: ['Observation/1/_history/1', 'Observation/2/_history/1'],
}
const codesIn = (valueSet: string): readonly string[] =>
  load(`ValueSet-${valueSet}.json`).compose.include.flatMap(({ concept }: { concept?: { code: string }[] }) => concept?.map(({ code }) => code) ?? [])

describe('a disclosure against the published profiles', () => {
  it('knows a good example from a bad one', () => {
    expect(faultsOf(load('AuditEvent-ex-auditBasicReadServer.json'), ['Read', 'PatientRead'])).toEqual([])
    expect(faultsOf(load('AuditEvent-ex-auditBasicQueryGetServer.json'), ['Query', 'PatientQuery'])).toEqual([])
    expect(faultsOf(load('AuditEvent-ex-auditBasicReadServer.json'), ['Query', 'PatientQuery'])).not.toEqual([])
    expect(faultsOf({ ...buildDisclosure(read), outcome: '8' }, ['Read'])).not.toEqual([])
  })

  it('of a read is a PatientRead', () => {
    const event = buildDisclosure(read)
    expect(event['meta']).toEqual({ profile: [load('StructureDefinition-IHE.BasicAudit.PatientRead.json').url] })
    expect(faultsOf(event, ['Read', 'PatientRead'])).toEqual([])
    expect(codesIn('AllReadVS')).toContain('read')
  })

  it('of a search is a PatientQuery, also when nothing was found', () => {
    for (const input of [search, { ...search, released: [] }]) {
      const event = buildDisclosure(input)
      expect(event['meta']).toEqual({ profile: [load('StructureDefinition-IHE.BasicAudit.PatientQuery.json').url] })
      expect(faultsOf(event, ['Query', 'PatientQuery'])).toEqual([])
    }
    expect(codesIn('AllSearchVS')).toContain('search')
  })

  it('of a refusal claims no profile, since both are for what succeeded', () => {
    expect(buildDisclosure({ ...read, outcome: 'refused', released: [] })).not.toHaveProperty('meta')
    expect(buildDisclosure({ ...read, outcome: 'not-found', released: [] })).not.toHaveProperty('meta')
  })
})
