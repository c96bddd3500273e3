import {
  describePreview,
  linksAmong,
  type NetworkDefault,
  parseChoices,
  parsePolicy,
  type PersonPreview,
  type Policy,
  policyOf,
  preview,
  type PreviewPerson,
  readFacts,
  spanOfDate,
} from '@fiducia/consent'
import { InputError, type Parser, shape } from '@fiducia/core'
import { identifiersOf, referenceOf } from '@fiducia/fhir'
import { MAX_PREVIEW_PEOPLE, MAX_VERSIONS } from '../limits.ts'
import { type Answer, UsageError } from '../output.ts'
import { readTextInput } from '../read-input.ts'
import { readResources } from '../read-resources.ts'
import { tableOf } from '../table.ts'

/**
 * `fiducia consent preview BEFORE AFTER`: who would lose or gain sight of what, by the decision itself over the actors and
 * the resources of a record. Each side is a policy document, choices, or a list of versions that count together.
 */
export interface PreviewFlags {
  readonly actors: string
  readonly record: string
  readonly default?: string
  readonly at?: string
}

const DEFAULTS = ['deny', 'normal-treatment', 'all-treatment', 'break-glass-only'] as const satisfies readonly NetworkDefault[]

export function previewConsent(beforePath: string, afterPath: string, flags: PreviewFlags): Answer {
  const byDefault = DEFAULTS.find((one) => one === (flags.default ?? 'deny'))
  if (byDefault === undefined)
    throw new UsageError('BAD_OPTION', `expected ${DEFAULTS.map((one) => `\`${one}\``).join(', ')} for --default, found \`${flags.default}\``)
  const at = flags.at === undefined ? Date.now() : spanOfDate(flags.at)?.from
  if (at === undefined) throw new UsageError('BAD_OPTION', `expected an instant such as \`2026-06-01T00:00:00Z\` for --at, found \`${flags.at}\``)
  const record = readRecord(flags.record)
  const people = readDocument(flags.actors, 'a list of actors', shape.array(person, MAX_PREVIEW_PEOPLE, 1))
  const found = preview({
    before: readDocument(beforePath, VERSIONS, versions),
    after: readDocument(afterPath, VERSIONS, versions),
    people,
    items: record.items,
    at,
    default: byDefault,
  })
  const sentences = describePreview(found)
  const unreadable = record.unreadable === 0 ? [] : [`${record.unreadable} of the resources cannot be read, so nobody sees them either way.`]
  const table = found.people.filter(isConcerned).length === 0 ? [] : ['', ...changesOf(found.people)]
  return {
    exitCode: 0,
    json: { sentences, ...found, unreadable: record.unreadable },
    text: [`If you do this: ${sentences.join(' ')}`, ...unreadable, ...table].join('\n'),
  }
}

// ---- reading --------------------------------------------------------------------------------------------------------------

const VERSIONS = 'a policy, choices, or a list of these'
const named = shape.text(512)
const names = shape.array(named, MAX_PREVIEW_PEOPLE)

const person: Parser<PreviewPerson> = (value, at) => {
  const { name, purposes, actions, careRelationship, identifiers, roles, ...known } = shape.object(
    { name: named, purposes: shape.array(named, MAX_PREVIEW_PEOPLE, 1) },
    { actions: names, careRelationship: shape.boolean, identifiers: names, roles: names, organization: named, group: named, study: named, delegate: named },
  )(value, at)
  return {
    name,
    purposes,
    ...(actions === undefined ? {} : { actions }),
    careRelationship: careRelationship ?? false,
    actor: { identifiers: identifiers ?? [], roles: roles ?? [], ...known },
  }
}

const version: Parser<Policy> = (value, at) => {
  if (shape.isObject(value) && 'grants' in value) return parsePolicy(value)
  if (shape.isObject(value) && 'preset' in value) return policyOf(parseChoices(value))
  throw new InputError('SHAPE', 'expected a policy with `grants` or choices with a `preset`, found neither', { at })
}

const versions: Parser<readonly Policy[]> = (value, at) => (Array.isArray(value) ? shape.array(version, MAX_VERSIONS, 1)(value, at) : [version(value, at)])

function readDocument<T>(path: string, what: string, parser: Parser<T>): T {
  const text = readTextInput(path, what)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError('JSON_SYNTAX', `expected ${what} as JSON, found other text`, path)
  }
  try {
    return parser(value, '')
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(error.code, `expected ${what} in \`${path}\`: ${error.message}`, error.at ?? path)
    throw error
  }
}

function readRecord(path: string) {
  const resources = readResources(path, 'the resources of a record').map(({ resource }) => resource)
  const linksOf = linksAmong(resources, {
    nameOf: referenceOf,
    identifiersOf: (resource) => (shape.isObject(resource) ? identifiersOf(resource) : []),
  })
  const items = resources.flatMap((resource) => {
    const facts = readFacts(resource)
    return facts === undefined ? [] : [{ ...facts, links: linksOf(resource) }]
  })
  return { items, unreadable: resources.length - items.length }
}

// ---- for people -----------------------------------------------------------------------------------------------------------

/** Items named in one line; `--json` has all. */
const SHOWN_ITEMS = 6

const isConcerned = ({ loses, gains }: PersonPreview): boolean => loses.length + gains.length > 0

/** Those who lose or gain something, and how many do not. */
function changesOf(people: readonly PersonPreview[]): readonly string[] {
  const rows = people.filter(isConcerned).map(({ name, loses, gains }) => [name, String(loses.length), String(gains.length), itemsOf(loses, gains)])
  const all = [['who', 'loses', 'gains', 'items (- lost, + gained)'], ...rows]
  const lines = tableOf(all)
  const others = people.length - rows.length
  return others === 0 ? lines : [...lines, `no change for ${others} more`]
}

function itemsOf(loses: readonly string[], gains: readonly string[]): string {
  const items = [...loses.map((ref) => `-${ref}`), ...gains.map((ref) => `+${ref}`)]
  const more = items.length - SHOWN_ITEMS
  return [...items.slice(0, SHOWN_ITEMS), ...(more > 0 ? [`and ${more} more`] : [])].join(' ')
}
