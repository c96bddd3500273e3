import { equalBytes } from '@fiducia/core'
import { type Basis, parseStatement, type Statement, type SubjectKey, type SubjectKind, subjectKind } from '@fiducia/directory'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { agedFields, dueOf, lastObserved } from './ages.ts'
import { type BatchWriter, createBatchWriter, nextId } from './batch-writer.ts'
import { derive, NOTHING_DERIVED } from './derived.ts'
import { SUBJECTS_PER_REPORT } from './limits.ts'
import { keepReferences, replaceSpoken } from './references.ts'
import { addDerived, replaceDerived, type WordPlace } from './searched.ts'
import { countOfKind, type Excess, Shares } from './shares.ts'
import { merged, type StagedSubject, stagedSubjects } from './staged-subjects.ts'
import { internVoice, type VoiceName } from './store.ts'
import { compareWords, coveredFields, digestOf, type Fields, foldAll, type LoadScope, type Word, wordDigest, withdrawal } from './words.ts'

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
  /** Of a full load whoever is not in the files is withdrawn. */
  readonly scope: LoadScope
  /** Percent of what the origin has that may change or go. */
  readonly maxChange: number
}

export interface ApplyCounts {
  readonly subjects: { readonly [kind in SubjectKind]?: number }
  readonly new: number
  readonly changed: number
  readonly same: number
  readonly withdrawn: number
  /** Subjects of which the source has said something newer before: left as they are. */
  readonly older: number
  /** Subjects that the voice had before. */
  readonly had: number
  /** Where more is changed or withdrawn than may be. */
  readonly excess: Excess | null
}

export interface ApplyPorts {
  readonly random: (length: number) => Uint8Array
  readonly onSubject?: (done: number) => void
}

/** Call inside a transaction of `database`; rolled back, nothing has happened. */
export function applyStaged(database: Database, staged: Database, request: ApplyRequest, ports: ApplyPorts): ApplyCounts {
  const pass = new Pass(database, request, ports)
  for (const subject of stagedSubjects(staged)) pass.take(subject)
  for (const row of staged.each('SELECT DISTINCT subject FROM rejected WHERE subject IS NOT NULL')) pass.spare(textColumn(row, 'subject') as SubjectKey)
  pass.withdraw(replaceSpoken(database, staged, request.voice.origin))
  keepReferences(database, staged, request.voice.origin)
  pass.withdrawMissing()
  return pass.end()
}

/** What a load says of a subject again, and from when on what was said of it before is to be confirmed. */
interface Repeated {
  readonly fields: Fields
  readonly due: number
}

type Row = Readonly<Record<string, unknown>>

const INSERT_NEWEST = 'INSERT INTO newest (voice, subject, digest, seen, due, dated) VALUES (?, ?, ?, ?, ?, ?)'

class Pass {
  readonly #database: Database
  readonly #request: ApplyRequest
  readonly #ports: ApplyPorts
  readonly #voice: number
  readonly #writer: BatchWriter
  readonly #had: number
  readonly #counts = { new: 0, changed: 0, same: 0, withdrawn: 0, older: 0 }
  readonly #subjects: { [kind in SubjectKind]?: number } = {}
  readonly #shares = new Shares()
  /** Of the register, whose row has the role too: as of when a practitioner is known whose rows here are older, or of several ages. The places of the older ones were left since. */
  readonly #known = new Map<SubjectKey, number>()
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
    const { fields, text } = merged(staged.said, this.#startsOver(kind))
    const id = this.#intern(key)
    const known = this.#had === 0 ? undefined : this.#database.get(NEWEST, this.#voice, id)
    this.#subjects[kind] = (this.#subjects[kind] ?? 0) + 1
    const digest = digestOf(this.#request.basis, text)
    if (this.#isOlder(staged, fields, known)) this.#leave(staged)
    else if (known === undefined) this.#add(staged, id, fields, { text, digest })
    else if (equalBytes(bytesColumn(known, 'digest'), digest)) this.#keep(staged, id, { fields, due: integerColumn(known, 'due') })
    else this.#change(staged, id, { fields, due: integerColumn(known, 'due') })
    this.#done += 1
    if (this.#done % SUBJECTS_PER_REPORT === 0) this.#ports.onSubject?.(this.#done)
  }

  /** A row of the register's main file is all that it says of a provider. */
  #startsOver(kind: SubjectKind): (fields: Fields) => boolean {
    const { format } = this.#request.scope
    return ({ npi, status }) => format === 'nppes' && (kind === 'practitioner' || kind === 'organization') && npi !== undefined && status !== 'departed'
  }

  /**
   * Whether the source, which dates what it says, has said something newer: of the subject, or of the practitioner whose role it is. The register
   * dates a deactivation by its day, which can lie before the row's last change: that one counts whenever it comes.
   */
  #isOlder({ key, kind, observedAt, said }: StagedSubject, fields: Fields, known: Row | undefined): boolean {
    if (observedAt === undefined || kind === 'location') return false
    const isRegister = this.#request.scope.format === 'nppes'
    const dated = known === undefined ? 0 : integerColumn(known, 'dated')
    if (isRegister && kind === 'practitioner' && (observedAt < dated || said.length > 1)) this.#known.set(key, Math.max(observedAt, dated))
    if (isRegister && fields['status'] === 'departed') return false
    return observedAt < Math.max(dated, kind === 'role' ? (this.#known.get((fields['practitioner'] ?? '') as SubjectKey) ?? 0) : 0)
  }

  #leave({ key }: StagedSubject): void {
    this.spare(key)
    this.#counts.older += 1
  }

  /** Counts a subject, what says where it can be found, such as its roles, and whom these name as seen: rejected or older, it is not gone. */
  spare(key: SubjectKey): void {
    const row = this.#had === 0 ? undefined : this.#database.get('SELECT id FROM subject WHERE key = ?', key)
    if (row === undefined) return
    const id = integerColumn(row, 'id')
    this.#see(id)
    // Who works at an organization stands in rows of their own.
    for (const via of this.#database.all(VIA, id, this.#voice).map((one) => textColumn(one, 'key') as SubjectKey))
      if (subjectKind(via) !== 'role' || subjectKind(key) === 'practitioner') this.spare(via)
    for (const value of Object.values(foldAll(this.#statements(id))?.fields ?? {})) this.#database.run(SEE_NAMED, this.#request.started, this.#voice, value)
  }

  #add({ key, kind, observedAt: dated }: StagedSubject, id: number, fields: Fields, said: { readonly text: string; readonly digest: Uint8Array }) {
    const observedAt = dated ?? this.#request.observedAt
    this.#writer.write({ id, key }, { operation: 'assert', fields }, observedAt, said.text)
    const due = dueOf(kind, new Map(Object.keys(fields).map((field) => [field, observedAt])))
    this.#database.run(INSERT_NEWEST, this.#voice, id, said.digest, this.#request.started, due, dated ?? 0)
    addDerived(this.#database, this.#place(id), derive(key, fields))
    this.#counts.new += 1
    this.#shares.count(kind, 'new')
  }

  #keep(staged: StagedSubject, id: number, { fields, due }: Repeated): void {
    this.#see(id, staged.observedAt)
    if ((staged.observedAt ?? this.#request.observedAt) >= due) this.#confirm(staged, id, fields)
    this.#counts.same += 1
    this.#shares.count(staged.kind, 'kept')
  }

  #change(staged: StagedSubject, id: number, repeated: Repeated): void {
    const { key, kind, observedAt = this.#request.observedAt } = staged
    const { fields } = repeated
    const old = this.#word(id)
    const said = { basis: this.#request.basis, fields }
    const { word, changes } = compareWords(kind, old, said, { isCovered: coveredFields(kind, fields, this.#request.scope) })
    if (changes.length === 0) return this.#keep(staged, id, repeated)
    for (const change of changes) this.#writer.write({ id, key }, change, observedAt)
    replaceDerived(this.#database, this.#place(id), derive(key, old.fields), derive(key, word.fields))
    this.#database.run('UPDATE newest SET digest = ? WHERE voice = ? AND subject = ?', wordDigest(word), this.#voice, id)
    this.#see(id, staged.observedAt)
    this.#confirm(staged, id, fields)
    this.#counts.changed += 1
    this.#shares.count(kind, 'changed')
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

  #see(id: number, dated = 0): void {
    this.#database.run('UPDATE newest SET seen = ?, dated = max(dated, ?) WHERE voice = ? AND subject = ?', this.#request.started, dated, this.#voice, id)
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
    const { started } = this.#request
    const { isFull, format, isCorrection } = this.#request.scope
    if (this.#had === 0) return
    if (isFull) this.#withdrawAll(this.#database.each(MISSING, this.#voice, started))
    else if (format !== 'fhir' && !isCorrection) this.#withdrawAll(this.#database.each(LEFT_ROLES, started, this.#voice, started, this.#firstStatement))
  }

  /** These, but for those that the load names, and for places where somebody still is. */
  withdraw(keys: readonly SubjectKey[]): void {
    const unseen = keys.flatMap((key): readonly Row[] => this.#database.all(UNSEEN, this.#voice, key, this.#request.started))
    const [places, others] = [true, false].map((isPlace) => unseen.filter((row) => textColumn(row, 'key').startsWith('location/') === isPlace))
    this.#withdrawAll(others ?? [])
    if (places === undefined || places.length === 0) return
    const named = new Set(this.#database.all(PLACES, this.#voice).map((row) => integerColumn(row, 'location')))
    this.#withdrawAll(places.filter((row) => !named.has(integerColumn(row, 'id'))))
  }

  #withdrawAll(rows: Iterable<Row>): void {
    // Collected first: what a query reads is not written while it runs. Ids alone, of those that are gone.
    const gone = [...rows].map((row) => [integerColumn(row, 'id'), textColumn(row, 'key') as SubjectKey] as const)
    for (const [id, key] of gone) {
      const word = this.#word(id)
      this.#writer.write({ id, key }, withdrawal(word), this.#request.observedAt)
      replaceDerived(this.#database, this.#place(id), derive(key, word.fields), NOTHING_DERIVED)
      this.#database.run('DELETE FROM newest WHERE voice = ? AND subject = ?', this.#voice, id)
      this.#counts.withdrawn += 1
      this.#shares.count(subjectKind(key), 'withdrawn')
    }
  }

  end(): ApplyCounts {
    this.#writer.end()
    const excess = this.#shares.excess(this.#request.maxChange, this.#had, (kind) => countOfKind(this.#database, this.#voice, kind))
    return { subjects: this.#subjects, ...this.#counts, had: this.#had, excess }
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

const NEWEST = 'SELECT digest, due, dated FROM newest WHERE voice = ? AND subject = ?'

const MISSING = 'SELECT s.id, s.key FROM newest n JOIN subject s ON s.id = n.subject WHERE n.voice = ? AND n.seen <> ? ORDER BY s.key'

const UNSEEN = 'SELECT s.id, s.key FROM subject s JOIN newest n ON n.subject = s.id WHERE n.voice = ? AND s.key = ? AND n.seen <> ?'

/** Where somebody is by a role, or something by another record than the place's own. */
const PLACES = 'SELECT DISTINCT location FROM reach WHERE voice = ? AND via <> location'

const VIA = 'SELECT DISTINCT k.key FROM reach r JOIN subject k ON k.id = r.via WHERE r.subject = ? AND r.voice = ? AND r.via <> r.subject'

const SEE_NAMED = 'UPDATE newest SET seen = ? WHERE voice = ? AND subject = (SELECT id FROM subject WHERE key = ?)'

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
