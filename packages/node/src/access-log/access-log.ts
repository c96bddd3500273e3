import {
  type Checkpoint,
  ed25519PublicKey,
  equalBytes,
  formatCheckpoint,
  formatNote,
  type Handle,
  KEY_TYPE_LOG,
  leafHash,
  makeVerifierKey,
  signNote,
  type VerifierKey,
} from '@fiducia/core'
import type { Clock } from '@fiducia/engine'
import {
  buildTagMap,
  closeBatch,
  createHashLog,
  emptyLogState,
  encodeLeaf,
  eventTag,
  followLeaf,
  type HashLog,
  type LogState,
  nextSlot,
  type TagMap,
} from '@fiducia/proofs'
import { NodeFailure } from '../failures.ts'
import { APPEND_QUEUE, GROUP_COMMIT_ENTRIES, GROUP_COMMIT_MS } from '../limits.ts'
import { bytesColumn, integerColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { openSignOnce, type SignOnceFile } from './sign-once.ts'

/**
 * The organization's access log (PROTOCOL section 4): nothing is released before its leaf is durable here.
 *
 *   append → queue → group commit:  one SQLite transaction (n allotted, leaves, event contents)
 *                                   → the signed size and root, outside the database
 *                                   → one note for the commit, given to the requesters in it alone
 *   seal   → padding to a multiple of 16, then the root of the tag map over every tag so far
 *
 * An append commits at once when nothing is under way, else within a window of 5 ms. The tree and the tag map are in
 * memory and rebuilt at start; the log refuses to go on when its leaves do not extend what its sign-once file says.
 */

/** Where an event of a relationship stands: origin k, its n, and the tag that follows from them. */
export interface EventPlace {
  readonly k: number
  readonly n: number
  readonly tag: Uint8Array
}

/** What is to be written: an event of a relationship, or an entry under a tag of its own (mirror, unlinked request). */
export type NewEntry =
  | { readonly relationship: { readonly handle: Handle; readonly tagkey: Uint8Array }; readonly make: (place: EventPlace) => EntryContent }
  | { readonly tag: Uint8Array; readonly com: Uint8Array; readonly content?: string }

export interface EntryContent {
  readonly com: Uint8Array
  /** Kept for the patient and for disputes: canonical JSON of disclosure, decision and salts. */
  readonly content: string
  readonly sealed: Uint8Array
}

/** A durable entry and the note that covers it. */
export interface Appended {
  readonly index: number
  readonly leaf: Uint8Array
  readonly checkpoint: Checkpoint
  /** The commit's note: the log's own line only. */
  readonly note: string
  readonly path: readonly Uint8Array[]
}

export interface AccessLog extends Disposable {
  readonly origin: string
  readonly k: number
  readonly key: VerifierKey
  readonly size: number
  /** Size at the last seal. */
  readonly sealedSize: number
  readonly hashes: HashLog
  append(entry: NewEntry): Promise<Appended>
  /** Pads and seals what came since the last seal; undefined when nothing did. The note is the log's own line. */
  seal(): Promise<Appended | undefined>
  leaf(index: number): Uint8Array
  /** Entry bytes of [from, to). */
  entries(from: number, to: number): readonly Uint8Array[]
  /** The tag map as it stood under the seal that closes `sealedSize`. */
  tagMap(sealedSize?: number): TagMap
}

export interface AccessLogOptions {
  readonly origin: string
  readonly k: number
  readonly seed: Uint8Array
  readonly database: Database
  readonly signOnceFile: string
  readonly clock: Clock
  readonly random: (length: number) => Uint8Array
}

interface Waiting {
  readonly entry: NewEntry | 'seal'
  readonly resolve: (appended: Appended | undefined) => void
  readonly reject: (error: unknown) => void
}

export function openAccessLog(options: AccessLogOptions): AccessLog {
  return new SqliteAccessLog(options)
}

class SqliteAccessLog implements AccessLog {
  readonly origin: string
  readonly k: number
  readonly key: VerifierKey
  readonly hashes: HashLog
  readonly #options: AccessLogOptions
  readonly #signOnce: SignOnceFile
  #state: LogState = emptyLogState()
  #queue: Waiting[] = []
  #committing = false

  constructor(options: AccessLogOptions) {
    this.origin = options.origin
    this.k = options.k
    this.#options = options
    this.key = makeVerifierKey(options.origin, KEY_TYPE_LOG, ed25519PublicKey(options.seed))
    this.hashes = createHashLog()
    this.#load()
    this.#signOnce = openSignOnce(options.signOnceFile)
    this.#checkAgainstFile()
  }

  get size(): number {
    return this.hashes.size
  }

  get sealedSize(): number {
    return this.#state.sealed.size
  }

  append(entry: NewEntry): Promise<Appended> {
    return this.#enqueue(entry).then((appended) => {
      if (appended === undefined) throw new NodeFailure('LOG_FROZEN', 'the entry was not written')
      return appended
    })
  }

  seal(): Promise<Appended | undefined> {
    return this.#enqueue('seal')
  }

  leaf(index: number): Uint8Array {
    const [only] = this.entries(index, index + 1)
    if (only === undefined) throw new NodeFailure('NOT_FOUND', `expected an index below ${this.size}, found ${index}`)
    return only
  }

  entries(from: number, to: number): readonly Uint8Array[] {
    return this.#options.database
      .all('SELECT bytes FROM leaf WHERE origin = ? AND idx >= ? AND idx < ? ORDER BY idx', this.origin, from, to)
      .map((row) => bytesColumn(row, 'bytes'))
  }

  tagMap(sealedSize = this.sealedSize): TagMap {
    return sealedSize === this.sealedSize ? this.#state.sealed.tags : buildTagMap(this.entries(0, sealedSize))
  }

  [Symbol.dispose](): void {
    this.#signOnce[Symbol.dispose]()
  }

  // ---- start --------------------------------------------------------------------------------------------------------

  #load(): void {
    const rows = this.#options.database.all('SELECT idx, bytes FROM leaf WHERE origin = ? ORDER BY idx', this.origin)
    rows.forEach((row, index) => {
      if (integerColumn(row, 'idx') !== index) throw new NodeFailure('LOG_FROZEN', `expected entry ${index} of \`${this.origin}\`, found a gap`)
      this.#remember(bytesColumn(row, 'bytes'))
    })
  }

  #checkAgainstFile(): void {
    const signed = this.#signOnce.last
    if (signed === undefined) {
      if (this.size > 0)
        throw new NodeFailure(
          'LOG_FROZEN',
          `\`${this.origin}\` has ${this.size} entries but the file of its last signed size is missing: restore the file, or retire this log key and open the standby`,
        )
      return
    }
    if (signed.size > this.size || !equalBytes(this.hashes.root(signed.size), signed.root)) {
      throw new NodeFailure(
        'LOG_FROZEN',
        `\`${this.origin}\` signed size ${signed.size} before, and its ${this.size} entries do not extend that: an older copy was restored; open the standby origin`,
      )
    }
  }

  #remember(leaf: Uint8Array): void {
    const verdict = followLeaf(this.#state, leaf)
    if (!verdict.ok) throw new NodeFailure('LOG_FROZEN', `entry ${this.size} of \`${this.origin}\` may not follow: ${verdict.message}`)
    this.#state = verdict.state
    this.hashes.append(leafHash(leaf))
  }

  // ---- group commit -------------------------------------------------------------------------------------------------

  #enqueue(entry: NewEntry | 'seal'): Promise<Appended | undefined> {
    if (this.#queue.length >= APPEND_QUEUE) throw new NodeFailure('OVERLOADED', `${APPEND_QUEUE} entries wait for the access log`)
    const waiting = new Promise<Appended | undefined>((resolve, reject) => this.#queue.push({ entry, resolve, reject }))
    if (!this.#committing) {
      this.#committing = true
      // One turn of the event loop lets requests that arrived together share the commit.
      setImmediate(() => this.#commitAll())
    }
    return waiting
  }

  #commitAll(): void {
    const batch = this.#takeBatch()
    try {
      this.#commit(batch)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    if (this.#queue.length === 0) this.#committing = false
    else setTimeout(() => this.#commitAll(), this.#queue.length >= GROUP_COMMIT_ENTRIES ? 0 : GROUP_COMMIT_MS)
  }

  /** Entries up to a seal, which is committed alone so that its padding closes what came before. */
  #takeBatch(): readonly Waiting[] {
    const seal = this.#queue.findIndex(({ entry }) => entry === 'seal')
    const count = seal === 0 ? 1 : Math.min(seal < 0 ? this.#queue.length : seal, GROUP_COMMIT_ENTRIES)
    return this.#queue.splice(0, count)
  }

  #commit(batch: readonly Waiting[]): void {
    const [first] = batch
    const isSeal = first?.entry === 'seal'
    if (isSeal && this.size === this.sealedSize) return first.resolve(undefined)
    const start = this.size
    const leaves = this.#options.database.transaction(() =>
      isSeal ? this.#writeSeal() : batch.flatMap(({ entry }, i) => (entry === 'seal' ? [] : [this.#writeEntry(entry, start + i)])),
    )
    for (const leaf of leaves) this.#remember(leaf)
    const checkpoint: Checkpoint = { origin: this.origin, size: this.size, root: this.hashes.root() }
    this.#signOnce.record(checkpoint)
    const text = formatCheckpoint(checkpoint)
    const note = formatNote({ text, signatures: [signNote(text, this.key, this.#options.seed)] })
    // A seal answers with its own leaf, which is the last; entries answer one by one.
    const given = isSeal ? leaves.slice(-1) : leaves
    given.forEach((leaf, i) => {
      const index = this.size - given.length + i
      batch[i]?.resolve({ index, leaf, checkpoint, note, path: this.hashes.inclusion(index, this.size) })
    })
  }

  #writeEntry(entry: NewEntry, index: number): Uint8Array {
    if (!('relationship' in entry)) {
      if (entry.content !== undefined) this.#insertEvent(index, null, null, entry.content, null)
      return this.#insert(index, entry.tag, entry.com)
    }
    const { handle, tagkey } = entry.relationship
    const n = this.#allotN(handle)
    const tag = eventTag(tagkey, this.k, n)
    const { com, content, sealed } = entry.make({ k: this.k, n, tag })
    this.#insertEvent(index, handle, n, content, sealed)
    return this.#insert(index, tag, com)
  }

  #allotN(handle: Handle): number {
    const { database } = this.#options
    const row = database.get('SELECT n FROM next_n WHERE handle = ? AND origin = ?', handle, this.origin)
    const n = row === undefined ? 0 : integerColumn(row, 'n')
    database.run('INSERT INTO next_n (handle, origin, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = excluded.n', handle, this.origin, n + 1)
    return n
  }

  #insertEvent(index: number, handle: Handle | null, n: number | null, content: string, sealed: Uint8Array | null): void {
    this.#options.database.run(
      'INSERT INTO event (origin, idx, handle, n, content, sealed) VALUES (?, ?, ?, ?, ?, ?)',
      this.origin,
      index,
      handle,
      n,
      content,
      sealed,
    )
  }

  #slot(): number {
    return nextSlot(this.#state.slot, Math.floor(this.#options.clock.now() / 1000))
  }

  #insert(index: number, tag: Uint8Array, com: Uint8Array): Uint8Array {
    return this.#insertLeaf(index, encodeLeaf({ kind: 'entry', slot: this.#slot(), tag, com }))
  }

  #insertLeaf(index: number, leaf: Uint8Array): Uint8Array {
    this.#options.database.run('INSERT INTO leaf (origin, idx, bytes) VALUES (?, ?, ?)', this.origin, index, leaf)
    return leaf
  }

  #writeSeal(): readonly Uint8Array[] {
    return closeBatch(this.#state, this.#slot(), this.#options.random).map((leaf, i) => this.#insertLeaf(this.size + i, leaf))
  }
}
