import { writeSync } from 'node:fs'
import path from 'node:path'
import { encodeHex, leafHash } from '@fiducia/core'
import { openEmbeddedEngine } from '@fiducia/engine'
import { nodeFiles } from '../../src/index.ts'
import { openDatabase } from '../../src/store/database.ts'
import { genesisBytes, ledgerSigners, seedOf, START } from '../fixture.ts'

/**
 * A piece of the product that writes, run as a process of its own over a folder whose calls are counted and made to fail. What
 * it says goes through a pipe at once: what the parent has read was acknowledged.
 */
export interface Workload {
  /** Makes what the process finds in its folder. */
  prepare(place: Place): Promise<void>
  /** Opens the folder, says what stands there, does the load with names from `from` on, and closes. */
  run(place: Place, from: number, say: Say): Promise<void>
}

export interface Place {
  /** A node's data directory: the folder under faults. */
  readonly data: string
  /** What others hold: no fault ever. */
  readonly scratch: string
}

/** What stands after opening: names of everything that was ever acknowledged, hashes of a log's leaves in hex. */
export interface Standing {
  readonly ids: readonly string[]
  readonly leaves?: readonly string[]
}

export type Said =
  | { readonly kind: 'open'; readonly standing: Standing }
  | { readonly kind: 'ack'; readonly id: string }
  | { readonly kind: 'note'; readonly origin: string; readonly size: number; readonly root: string }
  | { readonly kind: 'refused'; readonly id: string; readonly code: string; readonly message: string }
  /** It did not start, or did not close. */
  | { readonly kind: 'stopped'; readonly code: string; readonly message: string }
  | { readonly kind: 'closed' }

/** The names of a load. Below zero there is none: the process only opens, and signs or acknowledges again what stands. */
export const namesFrom = (from: number, count: number): readonly number[] => (from < 0 ? [] : Array.from({ length: count }, (_, i) => from + i))

export type Say = (said: Said) => void

export const sayThroughPipe: Say = (said) => void writeSync(1, `${JSON.stringify(said)}\n`)

/** The code of a product's error, of the system's, or of SQLite's; what has none says so. */
export function codeOf(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'NO_CODE'
  return { code, message }
}

/** One thing that is asked for: acknowledged or refused, never silent. */
export async function attempt(say: Say, id: string, work: () => Promise<string> | string): Promise<void> {
  try {
    say({ kind: 'ack', id: await work() })
  } catch (error) {
    say({ kind: 'refused', id, ...codeOf(error) })
  }
}

export function sayNote(say: Say, origin: string, { size, root }: { readonly size: number; readonly root: Uint8Array }): void {
  say({ kind: 'note', origin, size, root: encodeHex(root) })
}

export const hashesOf = (leaves: readonly Uint8Array[]): readonly string[] => leaves.map((leaf) => encodeHex(leafHash(leaf)))

export const clock = { now: () => START }

/** Bytes that follow from a label, any number of them. */
export function bytesFor(label: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 32) bytes.set(seedOf(`${label} ${at}`).subarray(0, Math.min(32, length - at)), at)
  return bytes
}

export const openOwnEngine = (data: string) =>
  openEmbeddedEngine({ dir: nodeFiles(data).ledger, genesis: genesisBytes(), signers: ledgerSigners, clock, groupCommitMs: 1 })

/** A data directory with an empty ledger and store, as the first start leaves it. */
export async function prepareFolder(data: string): Promise<void> {
  await (await openOwnEngine(data))[Symbol.asyncDispose]()
  openDatabase(nodeFiles(data).database)[Symbol.dispose]()
}

export const folderOf = (place: string): Place => ({ data: path.join(place, 'data'), scratch: path.join(place, 'scratch') })
