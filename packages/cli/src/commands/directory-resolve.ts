import {
  fieldPolicy,
  isNpi,
  npiOf,
  npiSubject,
  parseSubjectKey,
  type ResolvedField,
  resolveSubject,
  type SubjectKey,
  type SubjectKind,
  subjectKind,
  type Voice,
} from '@fiducia/directory'
import { allSubjects, openExistingDirectory, subjectsEverNaming, subjectsOfNpi } from '@fiducia/node'
import { type DirectoryView, viewAtHeight, viewAtTime } from '../directory-view.ts'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'
import { type Sink, standardOutput } from '../write-rows.ts'
import { instantOf } from './directory-import.ts'

/** `fiducia directory resolve`: what all that was said comes to, field by field. */
export interface ResolveFlags {
  readonly data: string
  readonly npi?: string
  readonly subject?: string
  readonly atTime?: string
  readonly atHeight?: string
  readonly json?: boolean
}

type Directory = ReturnType<typeof openExistingDirectory>

/** As it is printed: instants in ISO 8601. */
export interface ResolvedSubject {
  readonly subject: SubjectKey
  readonly kind: SubjectKind
  readonly npi: string | null
  readonly fields: { readonly [field: string]: ShownField }
}

type ShownField = ReturnType<typeof shownField>

export async function resolve(flags: ResolveFlags): Promise<Answer> {
  const { at, height } = askedMoment(flags)
  using database = openExistingDirectory(flags.data)
  const view = height === undefined ? viewAtTime(database, flags.data, at) : viewAtHeight(database, flags.data, height)
  const isPast = flags.atTime !== undefined || height !== undefined
  const found = askedOf(database, flags, { view, isPast })
  if (found === undefined) return await resolveAll(database, view, flags.json === true)
  const none = `nothing was said of ${flags.npi ?? flags.subject} up to ${view.until}`
  return { exitCode: found.length === 0 ? 1 : 0, json: found, text: found.length === 0 ? none : found.map(table).join('\n\n') }
}

function askedMoment({ atTime, atHeight }: ResolveFlags): { readonly at: number; readonly height: number | undefined } {
  if (atTime !== undefined && atHeight !== undefined) throw new UsageError('BAD_USE', 'expected --at-time or --at-height, found both')
  if (atHeight !== undefined && !/^\d{1,15}$/.test(atHeight))
    throw new UsageError('BAD_USE', `expected --at-height with a whole number, found \`${atHeight}\``, '--at-height')
  return { at: atTime === undefined ? Date.now() : instantOf(atTime, '--at-time'), height: atHeight === undefined ? undefined : Number(atHeight) }
}

interface Moment {
  readonly view: DirectoryView
  readonly isPast: boolean
}

/** Undefined: all of them are asked for. */
function askedOf(database: Directory, { npi, subject }: ResolveFlags, { view, isPast }: Moment): readonly ResolvedSubject[] | undefined {
  if (npi !== undefined && subject !== undefined) throw new UsageError('BAD_USE', 'expected --npi or --subject, found both')
  if (subject !== undefined) return resolvedAll(view, [parseSubjectKey(subject, '--subject')])
  if (npi === undefined) return undefined
  if (!isNpi(npi)) throw new UsageError('BAD_USE', `expected --npi with ten digits and their check digit, found \`${npi}\``, '--npi')
  return isPast ? aroundThen(database, view, npi) : resolvedAll(view, subjectsOfNpi(database, npi))
}

/** Who had an NPI, and where it could be found at that moment: also through a role that was withdrawn since. */
function aroundThen(database: Directory, view: DirectoryView, npi: string): readonly ResolvedSubject[] {
  const own = [npiSubject('practitioner', npi), npiSubject('organization', npi)]
  const naming = resolvedAll(view, subjectsEverNaming(database, own)).filter((one) => own.some((key) => valuesOf(one).includes(key)))
  const places = naming.flatMap((one) => valuesOf(one, 'location')).filter((value) => value.startsWith('location/'))
  const seen = new Set<string>(naming.map(({ subject }) => subject))
  const others = [...new Set(places)].filter((key) => !seen.has(key)).map((key) => parseSubjectKey(key, 'location'))
  return [...resolvedAll(view, own), ...naming, ...resolvedAll(view, others)]
}

/** What is said of a subject, or of one field of it, by whomever. */
const valuesOf = ({ fields }: ResolvedSubject, field?: string): readonly string[] =>
  Object.entries(fields)
    .filter(([name]) => field === undefined || name === field)
    .flatMap(([, { value, dissent }]) => [value, ...dissent.map((other) => other.value)])
    .filter((value) => value !== null)

const resolvedAll = (view: DirectoryView, subjects: readonly SubjectKey[]): readonly ResolvedSubject[] =>
  subjects.flatMap((subject) => resolvedIn(view, subject) ?? [])

/** Undefined where nothing that was said of it stands. */
export function resolvedIn(view: DirectoryView, subject: SubjectKey): ResolvedSubject | undefined {
  const fields = resolveSubject(view.attestationsOf(subject), view)
  if (fields.size === 0) return undefined
  const shown = Object.fromEntries([...fields].map(([name, field]) => [name, shownField(field)]))
  return { subject, kind: subjectKind(subject), npi: npiOf(subject) ?? null, fields: shown }
}

/** Without what is kept and never shown to others, such as a mailing address. */
export const publishedOf = ({ fields, ...subject }: ResolvedSubject): ResolvedSubject => ({
  ...subject,
  fields: Object.fromEntries(Object.entries(fields).filter(([name]) => fieldPolicy(subject.kind, name).published)),
})

const shownField = ({ value, state, since, attesters, dissent, rule, policyVersion, normalizer }: ResolvedField) => ({
  value,
  state,
  since: new Date(since).toISOString(),
  attesters: attesters.map(shownVoice),
  dissent: dissent.map(({ value, voices }) => ({ value, voices: voices.map(shownVoice) })),
  rule,
  policyVersion,
  normalizer,
})

const shownVoice = ({ observedAt, ...voice }: Voice) => ({ ...voice, observedAt: new Date(observedAt).toISOString() })

// ---- all of them ----------------------------------------------------------------------------------------------------------

/** Subjects that are resolved between two writes. */
const STEP = 500

async function resolveAll(database: Directory, view: DirectoryView, isJson: boolean): Promise<Answer> {
  await using sink = standardOutput()
  if (isJson) await writeArray(database, view, sink)
  else for (const texts of resolvedTexts(database, view)) await sink.write(texts.map((text) => `${text}\n`).join(''))
  await sink.finish()
  return { exitCode: 0, json: undefined, text: '', isWritten: true }
}

async function writeArray(database: Directory, view: DirectoryView, sink: Sink): Promise<void> {
  let before = '['
  for (const texts of resolvedTexts(database, view)) {
    if (texts.length === 0) continue
    await sink.write(before + texts.join(','))
    before = ','
  }
  await sink.write(before === '[' ? '[]\n' : ']\n')
}

function* resolvedTexts(database: Directory, view: DirectoryView): Generator<readonly string[]> {
  for (const subjects of allSubjects(database, STEP)) {
    yield subjects.flatMap((subject) => {
      const resolved = resolvedIn(view, subject)
      return resolved === undefined ? [] : [JSON.stringify(resolved)]
    })
  }
}

// ---- for people -----------------------------------------------------------------------------------------------------------

const WIDTH = 44

function table({ subject, fields }: ResolvedSubject): string {
  const rows = Object.entries(fields).map(([name, { value, state, since, attesters, dissent, rule }]) => [
    name,
    value,
    state,
    since.slice(0, 10),
    attesters.map(({ attester, origin }) => (attester === origin ? attester : `${attester} from ${origin}`)).join(', '),
    dissent.map(({ value }) => value ?? 'denied').join(', '),
    rule,
  ])
  return [subject, ...tableOf([['field', 'value', 'state', 'since', 'who says so', 'otherwise', 'decided by'], ...rows], WIDTH)].join('\n')
}
