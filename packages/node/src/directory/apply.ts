import { type Basis, parseStatement, type Statement, type SubjectKey, type SubjectKind, subjectKind } from '@fiducia/directory'
import { equalBytes, formatCanonical } from '@fiducia/core'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { agedFields, dueOf, lastObserved } from './ages.ts'
import { type BatchWriter, createBatchWriter, nextId } from './batch-writer.ts'
import { derive, NOTHING_DERIVED } from './derived.ts'
import { SUBJECTS_PER_REPORT } from './limits.ts'
import type { LoadFormat } from './loads.ts'
import { addDerived, replaceDerived, type WordPlace } from './searched.ts'
import { internVoice, type VoiceName } from './store.ts'
import { compareWords, digestOf, type Fields, foldAll, isWhole, type Word, wordDigest, withdrawal } from './words.ts'

/**
 * From what a load has read to statements. Subjects are gone through in the order of their keys, so that the trees of the store are
 * written from one end to the other; each is compared with the newest word of the same voice, and what differs is stated. What does not
 * differ is confirmed when it has grown old, so that what a source goes on saying does not go stale.
 * All of it is one transaction: readers see the directory before the load, or after it.
 */
export interface ApplyRequest {
  readonly load: number
  readonly voice: VoiceName
  readonly basis: Basis
  /** When the load began, milliseconds: later than any before. Stands for when a fact was observed where its source does not say. */
  readonly started: number
  readonly observedAt: number
  /** The files are all that the origin has: whoever is not in them is withdrawn. */
  readonly isFull: boolean
  readonly format: LoadFormat
}

export interface ApplyCounts {
  readonly subjects: { readonly [kind in SubjectKind]?: number }
  readonly new: number
  readonly changed: number
  readonly same: number
  readonly withdrawn: number
  /** Subjects that the voice had before. */
  readonly had: number
}

export interface ApplyPorts {
  readonly random: (length: number) => Uint8Array
  readonly onSubject?: (done: number) => void
}

/** Call inside a transaction of `database`; rolled back, nothing has happened. */
export function applyStaged(database: Database, staged: Database, request: ApplyRequest, ports: ApplyPorts): ApplyCounts {
  const pass = new Pass(database, request, ports)
  for (const subject of stagedSubjects(staged)) pass.take(subject)
  pass.withdrawMissing()
  keepReferences(database, staged, request.voice.origin)
  return pass.end()
}

function keepReferences(database: Database, staged: Database, origin: string): void {
  const sql = 'INSERT OR REPLACE INTO reference (origin, reference, subject) VALUES (?, ?, ?)'
  for (const row of staged.each('SELECT reference, subject FROM reference'))
    database.run(sql, origin, textColumn(row, 'reference'), row['subject'] === null ? null : textColumn(row, 'subject'))
}

interface StagedSubject {
  readonly key: SubjectKey
  readonly kind: SubjectKind
  readonly observedAt: number | undefined
  /** One for each record that speaks of it, in their order, as canonical JSON. */
  readonly said: readonly string[]
}

function* stagedSubjects(staged: Database): Generator<StagedSubject> {
  let key: SubjectKey | undefined
  let said: string[] = []
  let observed: number[] = []
  const whole = function* (): Generator<StagedSubject> {
    if (key !== undefined) yield { key, kind: subjectKind(key), said, observedAt: observed.length === 0 ? undefined : Math.max(...observed) }
  }
  for (const row of staged.each('SELECT key, observed, fields FROM staged INDEXED BY staged_key ORDER BY key, id')) {
    if (textColumn(row, 'key') !== key) {
      yield* whole()
      key = textColumn(row, 'key') as SubjectKey
      ;[said, observed] = [[], []]
    }
    const text = textColumn(row, 'fields')
    if (!said.includes(text)) said.push(text)
    if (row['observed'] !== null) observed = [Math.max(integerColumn(row, 'observed'), ...observed)]
  }
  yield* whole()
}

/** All that the records say, the later one's where two differ. */
function merged(said: readonly string[]): { readonly fields: Fields; readonly text: string } {
  const [first = '{}', ...more] = said
  const only = JSON.parse(first) as Fields
  // Nearly every subject stands in one record, and copying what was parsed takes half as long again.
  if (more.length === 0) return { fields: only, text: first }
  const fields = Object.assign(only, ...more.map((text) => JSON.parse(text) as Fields)) as Fields
  return { fields, text: formatCanonical(fields) }
}

/** What a load says of a subject again, and from when on what was said of it before is to be confirmed. */
interface Repeated {
  readonly fields: Fields
  readonly due: number
}

const INSERT_NEWEST = 'INSERT INTO newest (voice, subject, digest, seen, due) VALUES (?, ?, ?, ?, ?)'

class Pass {
  readonly #database: Database
  readonly #request: ApplyRequest
  readonly #ports: ApplyPorts
  readonly #voice: number
  readonly #writer: BatchWriter
  readonly #had: number
  readonly #subjects: { [kind in SubjectKind]?: number } = {}
  readonly #counts = { new: 0, changed: 0, same: 0, withdrawn: 0 }
  readonly #firstStatement: number
  #nextSubject: number
  #done = 0

  constructor(database: Database, request: ApplyRequest, ports: ApplyPorts) {
    const { load, basis, started } = request
    this.#database = database
    this.#request = request
    this.#ports = ports
    this.#voice = internVoice(database, request.voice)
    this.#firstStatement = nextId(database, 'statement')
    this.#writer = createBatchWriter(database, { load, basis, voice: this.#voice, origin: request.voice.origin, recordedAt: started, random: ports.random })
    this.#had = integerColumn(database.get('SELECT count(*) AS n FROM newest WHERE voice = ?', this.#voice) ?? {}, 'n')
    this.#nextSubject = nextId(database, 'subject')
  }

  take(staged: StagedSubject): void {
    const { key, kind } = staged
    this.#subjects[kind] = (this.#subjects[kind] ?? 0) + 1
    const { fields, text } = merged(staged.said)
    const id = this.#intern(key)
    const known = this.#had === 0 ? undefined : this.#database.get('SELECT digest, due FROM newest WHERE voice = ? AND subject = ?', this.#voice, id)
    const digest = digestOf(this.#request.basis, text)
    if (known === undefined) this.#add(staged, id, fields, { text, digest })
    else if (equalBytes(bytesColumn(known, 'digest'), digest)) this.#keep(staged, id, { fields, due: integerColumn(known, 'due') })
    else this.#change(staged, id, { fields, due: integerColumn(known, 'due') })
    this.#done += 1
    if (this.#done % SUBJECTS_PER_REPORT === 0) this.#ports.onSubject?.(this.#done)
  }

  #add(
    { key, kind, observedAt = this.#request.observedAt }: StagedSubject,
    id: number,
    fields: Fields,
    said: { readonly text: string; readonly digest: Uint8Array },
  ) {
    this.#writer.write({ id, key }, { operation: 'assert', fields }, observedAt, said.text)
    const due = dueOf(kind, new Map(Object.keys(fields).map((field) => [field, observedAt])))
    this.#database.run(INSERT_NEWEST, this.#voice, id, said.digest, this.#request.started, due)
    addDerived(this.#database, this.#place(id), derive(key, fields))
    this.#counts.new += 1
  }

  #keep(staged: StagedSubject, id: number, { fields, due }: Repeated): void {
    this.#see(id)
    if ((staged.observedAt ?? this.#request.observedAt) >= due) this.#confirm(staged, id, fields)
    this.#counts.same += 1
  }

  #change(staged: StagedSubject, id: number, repeated: Repeated): void {
    const { key, kind, observedAt = this.#request.observedAt } = staged
    const { fields } = repeated
    const old = this.#word(id)
    const said = { basis: this.#request.basis, fields }
    const { word, changes } = compareWords(kind, old, said, { isWhole: isWhole(kind, fields, this.#request) })
    if (changes.length === 0) return this.#keep(staged, id, repeated)
    for (const change of changes) this.#writer.write({ id, key }, change, observedAt)
    replaceDerived(this.#database, this.#place(id), derive(key, old.fields), derive(key, word.fields))
    this.#database.run('UPDATE newest SET digest = ?, seen = ? WHERE voice = ? AND subject = ?', wordDigest(word), this.#request.started, this.#voice, id)
    this.#confirm(staged, id, fields)
    this.#counts.changed += 1
  }

  /** Says again what the load says and what was observed too long ago; from then on the next field to grow old is waited for. */
  #confirm({ key, kind, observedAt = this.#request.observedAt }: StagedSubject, id: number, said: Fields): void {
    const statements = this.#statements(id)
    const observed = lastObserved(statements)
    const fields = agedFields(kind, { word: foldAll(statements), observed, said, observedAt })
    if (fields !== undefined) this.#writer.write({ id, key }, { operation: 'confirm', fields }, observedAt)
    const after = new Map([...observed, ...Object.keys(fields ?? {}).map((field) => [field, observedAt] as const)])
    this.#database.run('UPDATE newest SET due = ? WHERE voice = ? AND subject = ?', dueOf(kind, after), this.#voice, id)
  }

  #see(id: number): void {
    this.#database.run('UPDATE newest SET seen = ? WHERE voice = ? AND subject = ?', this.#request.started, this.#voice, id)
  }

  /** What the voice says so far, from its statements. */
  #word(id: number): Word {
    const word = foldAll(this.#statements(id))
    if (word === undefined) throw new Error('the directory is damaged: a newest word has no statement; run `fiducia fsck`')
    return word
  }

  #statements(id: number): readonly Statement[] {
    const rows = this.#database.all('SELECT json FROM statement WHERE subject = ? AND voice = ? ORDER BY id', id, this.#voice)
    return rows.map((row) => parseStatement(JSON.parse(textColumn(row, 'json')), 'statement'))
  }

  /** Whoever the load did not name, where not to be named means to be gone. */
  withdrawMissing(): void {
    const { isFull, format, started } = this.#request
    if (this.#had === 0) return
    if (isFull) this.#withdrawAll(this.#database.each(MISSING, this.#voice, started))
    else if (format !== 'fhir') this.#withdrawAll(this.#database.each(LEFT_ROLES, started, this.#voice, started, this.#firstStatement))
  }

  #withdrawAll(rows: Iterable<Readonly<Record<string, unknown>>>): void {
    // Collected first: what a query reads is not written while it runs. Ids alone, of those that are gone.
    const gone = [...rows].map((row) => [integerColumn(row, 'id'), textColumn(row, 'key') as SubjectKey] as const)
    for (const [id, key] of gone) {
      const word = this.#word(id)
      this.#writer.write({ id, key }, withdrawal(word), this.#request.observedAt)
      replaceDerived(this.#database, this.#place(id), derive(key, word.fields), NOTHING_DERIVED)
      this.#database.run('DELETE FROM newest WHERE voice = ? AND subject = ?', this.#voice, id)
      this.#counts.withdrawn += 1
    }
  }

  end(): ApplyCounts {
    this.#writer.end()
    return { subjects: this.#subjects, ...this.#counts, had: this.#had }
  }

  #intern(key: SubjectKey): number {
    const row = this.#database.get('SELECT id FROM subject WHERE key = ?', key)
    if (row !== undefined) return integerColumn(row, 'id')
    const id = this.#nextSubject
    this.#nextSubject += 1
    this.#database.run('INSERT INTO subject (id, key) VALUES (?, ?)', id, key)
    return id
  }

  #place(subject: number): WordPlace {
    return { subject, voice: this.#voice, intern: (key) => this.#intern(key) }
  }
}

const MISSING = 'SELECT s.id, s.key FROM newest n JOIN subject s ON s.id = n.subject WHERE n.voice = ? AND n.seen <> ? ORDER BY s.key'

/**
 * The role that a practitioner of the load had before and that the load does not name, where it was the only one: who had one place and
 * is at another now has moved. Which of several were left an increment does not say.
 */
const LEFT_ROLES = `
  SELECT DISTINCT s.id, s.key FROM newest p
  JOIN subject o ON o.id = p.subject AND o.key >= 'practitioner/' AND o.key < 'practitioner0'
  JOIN reach r ON r.subject = p.subject AND r.voice = p.voice
  JOIN newest n ON n.voice = p.voice AND n.subject = r.via AND n.seen <> ?
  JOIN subject s ON s.id = r.via AND s.key >= 'role/' AND s.key < 'role0'
  WHERE p.voice = ? AND p.seen = ? AND NOT EXISTS (
    SELECT 1 FROM reach other JOIN statement old ON old.subject = other.via AND old.voice = other.voice AND old.id < ?
    WHERE other.subject = p.subject AND other.voice = p.voice AND other.via <> r.via)
  ORDER BY s.key`
