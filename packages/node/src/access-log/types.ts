import type { Checkpoint, Handle, Signer, VerifierKey } from '@fiducia/core'
import type { Clock, Timers } from '@fiducia/engine'
import type { HashLog, TagMap } from '@fiducia/proofs'
import type { Database } from '../store/database.ts'

/** What an access log is to those who write and read it; how it is kept: `access-log.ts`. */

/** Where an event of a relationship stands: origin k, its n, and the tag that follows from them. */
export interface EventPlace {
  readonly k: number
  readonly n: number
  readonly tag: Uint8Array
}

/** What is to be written: an event of a relationship, or an entry under a tag of its own (mirror, unlinked request). */
export type NewEntry =
  | { readonly relationship: { readonly handle: Handle; readonly tagkey: Uint8Array }; readonly make: (place: EventPlace) => EntryContent }
  | {
      readonly tag: Uint8Array
      readonly com: Uint8Array
      readonly content?: string
      /** Writes to the store what must stand or fall with the entry, in the transaction that makes it durable. */
      readonly alongside?: (index: number) => void
    }

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
  /** The log's own line under its last seal, once more; undefined before the first. */
  sealedNote(): Promise<string | undefined>
  leaf(index: number): Uint8Array
  /** Entry bytes of [from, to). */
  entries(from: number, to: number): readonly Uint8Array[]
  /** The tag map as it stood under the seal that closes `sealedSize`. */
  tagMap(sealedSize?: number): TagMap
  /** Where a tag stands, undefined when it does not. */
  indexOfTag(tag: Uint8Array): number | undefined
  /** Takes no entry while there is a reason to hold it; undefined lets it go on. */
  hold(reason: string | undefined): void
  readonly heldBecause: string | undefined
  /** Takes no entry ever again: it was restored from an older copy than what it signed. */
  freeze(reason: string): void
  readonly frozenBecause: string | undefined
}

export interface AccessLogOptions {
  readonly origin: string
  readonly k: number
  /** The key under which its notes are checked. */
  readonly key: VerifierKey
  /** Signs them; a log that is frozen needs none. */
  readonly signer: Signer | undefined
  readonly database: Database
  readonly signOnceFile: string
  readonly clock: Clock
  /** The system's by default. */
  readonly timers?: Timers | undefined
  readonly random: (length: number) => Uint8Array
  /** How far the own clock is off the quorum's, milliseconds. */
  readonly clockOffMs?: (() => number) | undefined
  /** Opens it to be read only: what it signed is no longer held against it. */
  readonly frozenBecause?: string | undefined
}
