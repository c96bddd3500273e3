import path from 'node:path'
import {
  type Checkpoint,
  encodeBase64Url,
  equalBytes,
  formatCheckpoint,
  formatNote,
  type Handle,
  leafHash,
  type Signer,
  signNoteBy,
  type VerifierKey,
} from '@fiducia/core'
import { openSignOnce, type SignOnce, systemTimers, type Timers } from '@fiducia/engine'
import {
  buildTagMap,
  closeBatch,
  createHashLog,
  emptyLogState,
  encodeLeaf,
  eventTag,
  hasTag,
  type HashLog,
  indexOfTag,
  type LogState,
  nextSlot,
  type TagMap,
  verifyBatch,
} from '@fiducia/proofs'
import { NodeFailure } from '../failures.ts'
import { APPEND_QUEUE, GROUP_COMMIT_ENTRIES, GROUP_COMMIT_MS, LOAD_STEP, MAX_CLOCK_OFF_MS } from '../limits.ts'
import { bytesColumn, integerColumn } from '../store/columns.ts'

import type { AccessLog, AccessLogOptions, Appended, NewEntry } from './types.ts'

export type { AccessLog, AccessLogOptions, Appended, EntryContent, EventPlace, NewEntry } from './types.ts'

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
  readonly #timers: Timers
  readonly #signOnce: SignOnce | undefined
  #state: LogState = emptyLogState()
  #queue: Waiting[] = []
  #committing = false
  #heldBecause: string | undefined
  #frozenBecause: string | undefined

  constructor(options: AccessLogOptions) {
    this.origin = options.origin
    this.k = options.k
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.key = options.key
    this.hashes = createHashLog()
    this.#load()
    this.#frozenBecause = options.frozenBecause
    if (this.#frozenBecause !== undefined) return
    this.#signOnce = openSignOnce(options.signOnceFile)
    this.#checkAgainstFile(this.#signOnce)
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

  async sealedNote(): Promise<string | undefined> {
    const signOnce = this.#signOnce
    const { signer } = this.#options
    if (this.sealedSize === 0 || signOnce === undefined || signer === undefined) return undefined
    const checkpoint: Checkpoint = { origin: this.origin, size: this.sealedSize, root: this.hashes.root(this.sealedSize) }
    // A seal that was committed by a process which ended before it signed.
    if ((signOnce.last?.size ?? 0) < checkpoint.size) this.#recordSigned(signOnce, checkpoint)
    return this.#noteOf(checkpoint, signer)
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

  indexOfTag(tag: Uint8Array): number | undefined {
    return indexOfTag(this.#state.tags, tag)
  }

  hold(reason: string | undefined): void {
    this.#heldBecause = reason
  }

  get heldBecause(): string | undefined {
    return this.#heldBecause
  }

  freeze(reason: string): void {
    this.#frozenBecause = reason
  }

  get frozenBecause(): string | undefined {
    return this.#frozenBecause
  }

  [Symbol.dispose](): void {
    this.#signOnce?.[Symbol.dispose]()
  }

  // ---- start --------------------------------------------------------------------------------------------------------

  #load(): void {
    for (;;) {
      const sql = 'SELECT idx, bytes FROM leaf WHERE origin = ? AND idx >= ? ORDER BY idx LIMIT ?'
      const rows = this.#options.database.all(sql, this.origin, this.size, LOAD_STEP)
      if (rows.length === 0) return
      const gap = rows.findIndex((row, i) => integerColumn(row, 'idx') !== this.size + i)
      if (gap >= 0) throw new NodeFailure('LOG_FROZEN', `expected entry ${this.size + gap} of \`${this.origin}\`, found a gap`)
      const leaves = rows.map((row) => bytesColumn(row, 'bytes'))
      this.#remember(leaves, this.#judge(leaves))
    }
  }

  /** A missing file is a refusal, as nobody can tell what was signed; entries that do not extend what it says freeze the log. */
  #checkAgainstFile(signOnce: SignOnce): void {
    const signed = signOnce.last
    const [file, frozen] = [path.basename(this.#options.signOnceFile), `frozen-${this.k}`]
    if (signed === undefined && this.size > 0) {
      throw new NodeFailure(
        'LOG_FROZEN',
        `\`${this.origin}\` has ${this.size} entries, but the file \`${file}\` of its last signed size is missing: restore the file; if it is lost for good, put a file \`${frozen}\` in its folder that says why, and the node goes on under its standby origin`,
      )
    }
    // A log that never signed anything says so: from then on a missing file means that something was lost.
    if (signed === undefined) return signOnce.record({ size: 0, root: this.hashes.root() })
    if (signed.size > this.size || !equalBytes(this.hashes.root(signed.size), signed.root))
      this.#frozenBecause = `size ${signed.size} was signed before, and the ${this.size} entries do not extend that: an older copy was restored`
  }

  #remember(leaves: readonly Uint8Array[], state: LogState): void {
    this.#state = state
    for (const leaf of leaves) this.hashes.append(leafHash(leaf))
  }

  /** The state after these leaves; throws when one of them may not follow. */
  #judge(leaves: readonly Uint8Array[]): LogState {
    const verdict = verifyBatch(this.#state, leaves)
    if (!verdict.ok) throw new NodeFailure('LOG_FROZEN', `the entries of \`${this.origin}\` after ${this.size} may not follow: ${verdict.message}`)
    return verdict.state
  }

  // ---- group commit -------------------------------------------------------------------------------------------------

  #enqueue(entry: NewEntry | 'seal'): Promise<Appended | undefined> {
    if (this.#frozenBecause !== undefined) return Promise.reject(new NodeFailure('LOG_FROZEN', `\`${this.origin}\` is frozen: ${this.#frozenBecause}`))
    if (this.#heldBecause !== undefined) return Promise.reject(new NodeFailure('LOG_FROZEN', `\`${this.origin}\` takes no entry: ${this.#heldBecause}`))
    if (this.#queue.length >= APPEND_QUEUE) throw new NodeFailure('OVERLOADED', `${APPEND_QUEUE} entries wait for the access log`)
    const waiting = new Promise<Appended | undefined>((resolve, reject) => this.#queue.push({ entry, resolve, reject }))
    if (!this.#committing) {
      this.#committing = true
      // One turn of the event loop lets requests that arrived together share the commit.
      this.#timers.after(0, () => void this.#commitAll())
    }
    return waiting
  }

  async #commitAll(): Promise<void> {
    const batch = this.#refuseKnownTags(this.#takeBatch())
    try {
      if (batch.length > 0) await this.#commit(batch)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    if (this.#queue.length === 0) this.#committing = false
    else this.#timers.after(this.#queue.length >= GROUP_COMMIT_ENTRIES ? 0 : GROUP_COMMIT_MS, () => void this.#commitAll())
  }

  /** Entries up to a seal, which is committed alone so that its padding closes what came before. */
  #takeBatch(): readonly Waiting[] {
    const seal = this.#queue.findIndex(({ entry }) => entry === 'seal')
    const count = seal === 0 ? 1 : Math.min(seal < 0 ? this.#queue.length : seal, GROUP_COMMIT_ENTRIES)
    return this.#queue.splice(0, count)
  }

  /** A tag stands once: whoever brings it again (a receipt that was shown twice) is refused alone, before anything is written. */
  #refuseKnownTags(batch: readonly Waiting[]): readonly Waiting[] {
    const inBatch = new Set<string>()
    return batch.filter(({ entry, reject }) => {
      if (entry === 'seal' || 'relationship' in entry) return true
      const name = encodeBase64Url(entry.tag)
      const isKnown = inBatch.has(name) || hasTag(this.#state.tags, entry.tag)
      inBatch.add(name)
      if (isKnown) reject(new NodeFailure('RECEIPT_REFUSED', 'an entry with this tag stands in the access log already; the answer was shown before'))
      return !isKnown
    })
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch
    const signOnce = this.#signOnce
    const { signer } = this.#options
    if (signOnce === undefined || signer === undefined || this.#frozenBecause !== undefined) throw new NodeFailure('LOG_FROZEN', `\`${this.origin}\` is frozen`)
    this.#requireClock()
    const isSeal = first?.entry === 'seal'
    if (isSeal && this.size === this.sealedSize) return first.resolve(undefined)
    const start = this.size
    const slot = nextSlot(this.#state.slot, Math.floor(this.#options.clock.now() / 1000))
    const { leaves, state } = this.#options.database.transaction(() => {
      const written = isSeal ? this.#writeSeal(slot) : batch.flatMap(({ entry }, i) => (entry === 'seal' ? [] : [this.#writeEntry(entry, start + i, slot)]))
      // Judged by the rules that witnesses judge by, before it is durable.
      return { leaves: written, state: this.#judge(written) }
    })
    this.#remember(leaves, state)
    const checkpoint: Checkpoint = { origin: this.origin, size: this.size, root: this.hashes.root() }
    this.#recordSigned(signOnce, checkpoint)
    const note = await this.#noteOf(checkpoint, signer)
    // A seal answers with its own leaf, which is the last; entries answer one by one.
    const given = isSeal ? leaves.slice(-1) : leaves
    given.forEach((leaf, i) => {
      const index = checkpoint.size - given.length + i
      batch[i]?.resolve({ index, leaf, checkpoint, note, path: this.hashes.inclusion(index, checkpoint.size) })
    })
  }

  /** An entry's minute is a statement to patients and members; a clock that was set wrongly may not make one. */
  #requireClock(): void {
    const off = this.#options.clockOffMs?.() ?? 0
    if (Math.abs(off) > MAX_CLOCK_OFF_MS)
      throw new NodeFailure('CLOCK_OFF', `the own clock is ${Math.round(off / 1000)} s off the members’: \`${this.origin}\` takes no entry until it is right`)
  }

  async #noteOf(checkpoint: Checkpoint, signer: Signer): Promise<string> {
    const text = formatCheckpoint(checkpoint)
    return formatNote({ text, signatures: [await signNoteBy(text, this.key, signer)] })
  }

  /** What could not be written outside the database is not signed, and nothing after it. */
  #recordSigned(signOnce: SignOnce, checkpoint: Checkpoint): void {
    try {
      signOnce.record(checkpoint)
    } catch (cause) {
      throw new NodeFailure('LOG_FROZEN', `\`${this.origin}\` could not write its signed size; see to the disk, then start again`, { cause })
    }
  }

  #writeEntry(entry: NewEntry, index: number, slot: number): Uint8Array {
    if (!('relationship' in entry)) {
      if (entry.content !== undefined) this.#insertEvent(index, null, null, entry.content, null)
      entry.alongside?.(index)
      return this.#insertLeaf(index, encodeLeaf({ kind: 'entry', slot, tag: entry.tag, com: entry.com }))
    }
    const { handle, tagkey } = entry.relationship
    const n = this.#allotN(handle)
    const tag = eventTag(tagkey, this.k, n)
    const { com, content, sealed } = entry.make({ k: this.k, n, tag })
    this.#insertEvent(index, handle, n, content, sealed)
    return this.#insertLeaf(index, encodeLeaf({ kind: 'entry', slot, tag, com }))
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

  #insertLeaf(index: number, leaf: Uint8Array): Uint8Array {
    this.#options.database.run('INSERT INTO leaf (origin, idx, bytes) VALUES (?, ?, ?)', this.origin, index, leaf)
    return leaf
  }

  #writeSeal(slot: number): readonly Uint8Array[] {
    return closeBatch(this.#state, slot, this.#options.random).map((leaf, i) => this.#insertLeaf(this.size + i, leaf))
  }
}
