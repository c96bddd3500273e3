import { type Bytes32, encodeBase64Url, type OrganizationId, parseGroupId, parseOrganizationId } from '@fiducia/core'
import { type Attestation, npiSubject, parseFieldName, parseStatement, type SubjectKey, subjectKind } from '@fiducia/directory'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { searchedName, searchedState } from './derived.ts'

/** What a directory is asked. Each question goes by an index, whatever the directory's size (`query.test.ts`). */

type Row = Readonly<Record<string, unknown>>

/** Of a batch that is not on the ledger so far: after everything that is. */
const NOT_PUBLISHED = Number.MAX_SAFE_INTEGER

const SAID = `
    SELECT s.id, s.com, s.json, b.root, b.recorded_at, b.height, v.attester, v.corporate_group
    FROM subject k JOIN statement s ON s.subject = k.id JOIN batch b ON b.id = s.batch JOIN voice v ON v.id = s.voice
    WHERE k.key = ?`

export const QUERIES = {
  /** What another member says (`load` 0) stands from the block on in which its batch counts; own words stand here already, unless they were given up (`restate.ts`). */
  attestations: `${SAID} AND b.recorded_at <= ? AND (b.height IS NOT NULL OR (b.load > 0 AND b.offered < 2)) ORDER BY s.id`,
  said: `${SAID} ORDER BY s.id`,
  around: `
    SELECT via.key AS via, at.key AS location FROM subject k JOIN reach r ON r.subject = k.id
    JOIN subject via ON via.id = r.via LEFT JOIN subject at ON at.id = r.location
    WHERE k.key = ?`,
  /** Subjects in steps, so that nothing is held open while an answer is written. */
  step: 'SELECT k.id, k.key FROM subject k WHERE k.id > ? ORDER BY k.id LIMIT ?',
  voices: 'SELECT id FROM voice WHERE attester = ?',
  /** What one voice says something of, in steps. */
  saidBy: 'SELECT k.id, k.key FROM newest n JOIN subject k ON k.id = n.subject WHERE n.voice = ? AND n.subject > ? ORDER BY n.subject LIMIT ?',
  countSaidBy: 'SELECT count(*) AS n FROM newest WHERE voice = ?',
  search: `
    SELECT DISTINCT k.key FROM name n JOIN subject k ON k.id = n.subject
    WHERE n.name >= ? AND n.name < ?
      AND EXISTS (SELECT 1 FROM reach r JOIN place p ON p.subject = r.location AND p.state = ? WHERE r.subject = n.subject)
    LIMIT ?`,
} as const

const EVER_NAMING = `
  SELECT DISTINCT k.key FROM json_each(?) named JOIN statement s ON instr(s.json, named.value) > 0 JOIN subject k ON k.id = s.subject
  WHERE k.key <> json_extract(named.value, '$') ORDER BY k.id`

/** What was said of a subject up to an instant, field by field, in the order in which it came. */
export const attestationsOf = (database: Database, subject: SubjectKey, until: number): readonly Attestation[] =>
  database.all(QUERIES.attestations, subject, until).flatMap((row) =>
    attestationsOfRow(row, subject, {
      at: integerColumn(row, 'recorded_at'),
      height: row['height'] === null ? NOT_PUBLISHED : integerColumn(row, 'height'),
    }),
  )

/** When a batch began to count: block time in milliseconds, and height. */
interface Began {
  readonly at: number
  readonly height: number
}

export interface CountedBatch extends Began {
  /** Whose it is on the ledger. */
  readonly org: OrganizationId
}

/** What was said in these batches and no others: those that counted on the ledger at some height, say (`known-ledger.ts`). */
export const attestationsIn = (database: Database, subject: SubjectKey, counted: ReadonlyMap<string, CountedBatch>): readonly Attestation[] =>
  database.all(QUERIES.said, subject).flatMap((row) => {
    const batch = counted.get(textColumn(row, 'root'))
    return batch?.org === textColumn(row, 'attester') ? attestationsOfRow(row, subject, batch) : []
  })

function attestationsOfRow(row: Row, subject: SubjectKey, { at, height }: Began): readonly Attestation[] {
  const { fields, ...said } = parseStatement(JSON.parse(textColumn(row, 'json')), `statement ${integerColumn(row, 'id')}`)
  const shared = {
    ...said,
    attester: parseOrganizationId(textColumn(row, 'attester')),
    group: parseGroupId(textColumn(row, 'corporate_group')),
    recordedAt: at,
    height,
    position: integerColumn(row, 'id'),
    tag: encodeBase64Url(bytesColumn(row, 'com')) as Bytes32,
  }
  return Object.entries(fields).map(([field, value]) => ({ ...shared, field: parseFieldName(subjectKind(subject), field), value }))
}

/** The same without batches that do not count on the ledger: what all members can go by. */
export const countedAttestationsOf = (database: Database, subject: SubjectKey, until: number): readonly Attestation[] =>
  attestationsOf(database, subject, until).filter(({ height }) => height !== NOT_PUBLISHED)

const keyOf = (row: Row, column: string): SubjectKey => textColumn(row, column) as SubjectKey

/** The subject itself, if anything was said of it, and whatever says where it can be found: roles, say, and their locations. */
export function subjectsAround(database: Database, subject: SubjectKey): readonly SubjectKey[] {
  const named = database
    .all(QUERIES.around, subject)
    .flatMap((row) => (row['location'] === null ? [keyOf(row, 'via')] : [keyOf(row, 'via'), keyOf(row, 'location')]))
  const isKnown = subjectNumber(database, subject) !== undefined
  return [...new Set([...(isKnown ? [subject] : []), ...named])]
}

/** The same for an NPI, whomever it names. */
export const subjectsOfNpi = (database: Database, npi: string): readonly SubjectKey[] => [
  ...new Set((['practitioner', 'organization'] as const).flatMap((kind) => subjectsAround(database, npiSubject(kind, npi)))),
]

/**
 * Every subject of which a statement ever named one of these, withdrawn or not: what is found now stands in `reach`, what was is only in the
 * statements. The one question that reads all of them.
 */
export const subjectsEverNaming = (database: Database, keys: readonly SubjectKey[]): readonly SubjectKey[] =>
  database.all(EVER_NAMING, JSON.stringify(keys.map((key) => JSON.stringify(key)))).map((row) => keyOf(row, 'key'))

/** All subjects, some at a time. */
export function* allSubjects(database: Database, step: number): Generator<readonly SubjectKey[]> {
  for (let after = 0; ; ) {
    const rows = database.all(QUERIES.step, after, step)
    const last = rows.at(-1)
    if (last === undefined) return
    after = integerColumn(last, 'id')
    yield rows.map((row) => keyOf(row, 'key'))
  }
}

/** A subject with its number, which orders subjects by when they were first named and never changes. */
export interface NumberedSubject {
  readonly id: number
  readonly key: SubjectKey
}

const voicesOf = (database: Database, attester: OrganizationId): readonly number[] =>
  database.all(QUERIES.voices, attester).map((row) => integerColumn(row, 'id'))

/** Every subject of which a member says something, under any origin, once; some at a time, by number. */
export function* subjectsSaidBy(database: Database, attester: OrganizationId, step: number): Generator<readonly NumberedSubject[]> {
  const voices = voicesOf(database, attester)
  for (let after = 0; ; ) {
    // The first of all voices together are among the first of each.
    const rows = voices.flatMap((voice) => database.all(QUERIES.saidBy, voice, after, step))
    const keys = new Map(rows.map((row) => [integerColumn(row, 'id'), keyOf(row, 'key')]))
    const found = [...keys].map(([id, key]) => ({ id, key })).toSorted((a, b) => a.id - b.id)
    const some = found.slice(0, step)
    const last = some.at(-1)
    if (last === undefined) return
    after = last.id
    yield some
  }
}

/** How many there are, each counted once for every origin. */
export const countSaidBy = (database: Database, attester: OrganizationId): number =>
  voicesOf(database, attester).reduce((sum, voice) => sum + integerColumn(database.get(QUERIES.countSaidBy, voice) ?? {}, 'n'), 0)

/** Undefined for one that nobody ever named. */
export function subjectNumber(database: Database, key: SubjectKey): number | undefined {
  const row = database.get('SELECT id FROM subject WHERE key = ?', key)
  return row === undefined ? undefined : integerColumn(row, 'id')
}

/** Who has said anything here, of whom the first ones. */
export const attesters = (database: Database, limit: number): readonly string[] =>
  database.all('SELECT DISTINCT attester FROM voice ORDER BY attester LIMIT ?', limit).map((row) => textColumn(row, 'attester'))

/** After every text that begins with the one before it. */
const AFTER = '\u{10ffff}'

/** Practitioners by family name and organizations by name, from its beginning, that can be found in a state. At most `limit`, by name. */
export function searchSubjects(database: Database, name: string, state: string, limit: number): readonly SubjectKey[] {
  const names = [...new Set([searchedName('practitioner', name), searchedName('organization', name)])].filter((text) => text !== '')
  const found = names.flatMap((text) => database.all(QUERIES.search, text, text + AFTER, searchedState(state), limit))
  return [...new Set(found.map((row) => keyOf(row, 'key')))].slice(0, limit)
}
