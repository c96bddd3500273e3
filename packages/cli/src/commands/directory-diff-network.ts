import { type OrganizationId, parseOrganizationId } from '@fiducia/core'
import {
  compareWithOthers,
  type DecidingRule,
  type FieldComparison,
  type FieldName,
  fieldPolicy,
  FIELDS,
  normalizerName,
  npiOf,
  parseSubjectKey,
  type SubjectKey,
  type SubjectKind,
  subjectKind,
} from '@fiducia/directory'
import { attesters, countSaidBy, openExistingDirectory, subjectNumber, subjectsSaidBy } from '@fiducia/node'
import { MAX_LISTED_DIFFERENCES } from '../limits.ts'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'
import { nodeOrganization } from './directory-import.ts'
import { LoadProgressLine } from './directory-progress.ts'
import { viewAtTime } from '../directory-view.ts'

/**
 * `fiducia directory diff --data DIR`: what our organization says of providers beside what all other groups say, field by field. With
 * `--field` also the subjects where that field differs, some at a time.
 */
export interface NetworkDiffFlags {
  readonly data: string
  readonly org?: string
  readonly field?: readonly string[]
  readonly limit?: string
  readonly after?: string
}

type Directory = ReturnType<typeof openExistingDirectory>

/** Subjects that are read between two reports. */
const STEP = 500

export function diffNetwork(flags: NetworkDiffFlags): Promise<Answer> {
  using database = openExistingDirectory(flags.data)
  const org = ourOrganization(database, flags)
  const list = listOf(database, flags)
  const tally = new Tally()
  const view = viewAtTime(database, flags.data, Date.now())
  const total = countSaidBy(database, org)
  let done = 0
  using progress = new LoadProgressLine()
  for (const subjects of subjectsSaidBy(database, org, STEP)) {
    for (const subject of subjects) {
      const compared = compareWithOthers(view.attestationsOf(subject.key), org, view)
      tally.take(subject.key, compared)
      list?.take(subject, compared)
    }
    done += subjects.length
    progress.show({ phase: 'compare', done, share: done / total })
  }
  const json = { org, subjects: tally.subjects, onlyOurs: tally.onlyOurs, fields: tally.fields(), list: list?.page() ?? null }
  return Promise.resolve({ exitCode: 0, json, text: render(json) })
}

// ---- flags ----------------------------------------------------------------------------------------------------------------

/** Organizations that a message names. */
const NAMED = 5

function ourOrganization(database: Directory, { data, org }: NetworkDiffFlags): OrganizationId {
  const ours = org === undefined ? nodeOrganization(data)?.org : parseOrganizationId(org, '--org')
  if (ours === undefined) throw new UsageError('BAD_USE', `expected --org, found none, and no node’s config.json in \`${data}\``, '--org')
  if (countSaidBy(database, ours) > 0) return ours
  const known = attesters(database, NAMED).map((name) => `\`${name}\``)
  throw new UsageError('BAD_USE', `expected an organization that says something here, such as ${known.join(', ')}, found \`${ours}\``, '--org')
}

function listOf(database: Directory, { field, limit = '100', after }: NetworkDiffFlags): DifferenceList | undefined {
  if (field === undefined) return undefined
  const [name = '', ...more] = field
  if (more.length > 0) throw new UsageError('BAD_USE', `expected one --field with --data, found ${field.length}`, '--field')
  if (!FIELD_NAMES.has(name)) throw new UsageError('BAD_USE', `expected --field with a field of the directory, found \`${name}\`${hintOf(name)}`, '--field')
  const size = /^\d{1,9}$/.test(limit) ? Number(limit) : 0
  if (size < 1 || size > MAX_LISTED_DIFFERENCES)
    throw new UsageError('BAD_USE', `expected --limit from 1 to ${MAX_LISTED_DIFFERENCES}, found \`${limit}\``, '--limit')
  return new DifferenceList(name, size, after === undefined ? 0 : numberOf(database, after))
}

function numberOf(database: Directory, after: string): number {
  const number = subjectNumber(database, parseSubjectKey(after, '--after'))
  if (number === undefined) throw new UsageError('BAD_USE', `expected --after with a subject that was listed, found \`${after}\``, '--after')
  return number
}

/** As mappings of columns name them: of anybody but a practitioner with the kind in front; of many of a kind all together. */
const listedName = (kind: SubjectKind, field: string): string => `${kind === 'practitioner' ? '' : `${kind}.`}${field.replace(/\/.*/s, '/*')}`

const FIELD_NAMES: ReadonlySet<string> = new Set(
  (Object.keys(FIELDS) as SubjectKind[]).flatMap((kind) => Object.keys(FIELDS[kind]).map((field) => listedName(kind, field))),
)

function hintOf(name: string): string {
  const near = [...FIELD_NAMES].filter((known) => known.endsWith(`.${name}`)).map((known) => `\`${known}\``)
  return near.length === 0 ? '' : `; perhaps ${near.join(' or ')}`
}

// ---- counting -------------------------------------------------------------------------------------------------------------

interface FieldTally {
  agrees: number
  differs: number
  alone: number
  /** Of what the others’ words come to, where they come to anything. */
  readonly states: { [state: string]: number }
  readonly normalizer: string
}

/** As many counters as there are fields, however many subjects come by. */
class Tally {
  subjects = 0
  onlyOurs = 0
  readonly #fields = new Map<string, FieldTally>()

  /** A subject on which all our words are too old to count is none of ours. */
  take(key: SubjectKey, compared: readonly FieldComparison[]): void {
    if (compared.length === 0) return
    this.subjects += 1
    if (compared.every(({ outcome }) => outcome === 'alone')) this.onlyOurs += 1
    for (const { field, outcome, theirs } of compared) {
      const counts = this.#of(subjectKind(key), field)
      counts[outcome] += 1
      if (theirs !== undefined) counts.states[theirs.state] = (counts.states[theirs.state] ?? 0) + 1
    }
  }

  #of(kind: SubjectKind, field: FieldName): FieldTally {
    const name = listedName(kind, field)
    const known = this.#fields.get(name)
    if (known !== undefined) return known
    const fresh = { agrees: 0, differs: 0, alone: 0, states: {}, normalizer: normalizerName(fieldPolicy(kind, field).normalizer) }
    this.#fields.set(name, fresh)
    return fresh
  }

  fields(): { readonly [name: string]: Readonly<FieldTally> } {
    return Object.fromEntries([...this.#fields].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
}

interface Difference {
  readonly subject: SubjectKey
  readonly npi: string | null
  readonly field: FieldName
  readonly ours: string
  /** Null where others deny ours and give none. */
  readonly theirs: string | null
  readonly state: string
  readonly rule: DecidingRule | null
  readonly who: readonly string[]
}

/** Where one field differs: those after a subject, as many as a page takes, and how many more there are. */
class DifferenceList {
  readonly #name: string
  readonly #limit: number
  readonly #after: number
  readonly #items: Difference[] = []
  #more = 0

  constructor(name: string, limit: number, after: number) {
    this.#name = name
    this.#limit = limit
    this.#after = after
  }

  take({ id, key }: { readonly id: number; readonly key: SubjectKey }, compared: readonly FieldComparison[]): void {
    if (id <= this.#after) return
    const differing = compared.flatMap((one) => (listedName(subjectKind(key), one.field) === this.#name ? (differenceOf(key, one) ?? []) : []))
    // A subject is listed whole, so that the next page begins with the next subject.
    if (this.#items.length < this.#limit) this.#items.push(...differing)
    else this.#more += differing.length
  }

  page() {
    const next = this.#more === 0 ? null : (this.#items.at(-1)?.subject ?? null)
    return { field: this.#name, items: this.#items, more: this.#more, next }
  }
}

function differenceOf(subject: SubjectKey, { field, ours, outcome, theirs }: FieldComparison): Difference | undefined {
  if (outcome !== 'differs' || theirs === undefined) return undefined
  const { value, state, rule, voices } = theirs
  return { subject, npi: npiOf(subject) ?? null, field, ours: ours.value, theirs: value, state, rule, who: voices.map(({ attester }) => attester) }
}

// ---- for people -----------------------------------------------------------------------------------------------------------

interface NetworkDiff {
  readonly org: OrganizationId
  readonly subjects: number
  readonly onlyOurs: number
  readonly fields: ReturnType<Tally['fields']>
  readonly list: ReturnType<DifferenceList['page']> | null
}

const WIDTH = 44

function render({ org, subjects, onlyOurs, fields, list }: NetworkDiff): string {
  const rows = Object.entries(fields).map(([name, { agrees, differs, alone, states, normalizer }]) => {
    const shown = Object.entries(states).map(([state, count]) => `${count} ${state}`)
    return [name, String(differs), String(agrees), String(alone), normalizer, shown.join(', ')]
  })
  const heading = ['field', 'differs', 'agrees', 'alone', 'compared by', 'what the others say is']
  const title = `${org} says something of ${subjects} subjects; of ${onlyOurs} nobody else does.`
  return [title, '', ...tableOf([heading, ...rows], WIDTH), ...(list === null ? [] : ['', ...listLines(list)])].join('\n')
}

function listLines({ field, items, more, next }: ReturnType<DifferenceList['page']>): readonly string[] {
  if (items.length === 0) return [`no subject is left where ${field} differs`]
  const rows = items.map((one) => [one.npi ?? one.subject, one.ours, one.theirs ?? 'denied', one.state, one.rule ?? '', one.who.join(', ')])
  const left = more === 0 ? [] : [`… and ${more} more: --after ${next}`]
  return [...tableOf([[field, 'ours', 'theirs', 'state', 'rule', 'who says so'], ...rows], WIDTH), ...left]
}
