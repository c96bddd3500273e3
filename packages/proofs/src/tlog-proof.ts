import {
  decodeBase64,
  encodeBase64,
  InputError,
  leafHash,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
  verifyInclusion,
  type Checkpoint,
  MAX_TREE_PATH,
} from '@fiducia/core'
import { type CosignedCheckpoint, type CosignedOptions, verifyCosigned, verifyLogNote } from './cosigned.ts'
import { MAX_EXTRA_BYTES, MAX_TLOG_PROOF_BYTES } from './limits.ts'
import type { TrustPolicy } from './trust-policy.ts'

/**
 * One entry's place in a log, as a file that other tools check too (c2sp.org/tlog-proof@v1):
 *
 *   c2sp.org/tlog-proof@v1
 *   extra BASE64                  only where the place asks for it: salt ‖ blind of an access
 *   index 4
 *   BASE64 …                      the inclusion path, one hash a line, leaf side first
 *                                 an empty line, then the checkpoint with its signatures
 */
export interface TlogProof {
  readonly extra: Uint8Array | undefined
  readonly index: number
  readonly path: readonly Uint8Array[]
  /** The signed note under which the path ends. */
  readonly note: string
}

const HEADER = 'c2sp.org/tlog-proof@v1'
const wrong = (message: string) => new InputError('PROOF_FORMAT', message)

/** Throws `PROOF_FORMAT`, `NOTE_FORMAT` or `BYTES_ENCODING` for any but the one spelling of a proof. */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > MAX_TLOG_PROOF_BYTES) throw wrong(`expected a proof of at most ${MAX_TLOG_PROOF_BYTES} bytes, found ${text.length}`)
  const split = text.indexOf('\n\n')
  const [header, ...lines] = text.slice(0, Math.max(split, 0)).split('\n')
  if (header !== HEADER) throw wrong(`expected \`${HEADER}\` in the first line`)
  const extraLine = lines[0]?.startsWith('extra ') === true ? lines.shift() : undefined
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '')?.[1]
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw wrong('expected a line `index N` below 2^53')
  if (lines.length > MAX_TREE_PATH) throw wrong(`expected at most ${MAX_TREE_PATH} hashes, found ${lines.length}`)
  const note = text.slice(split + 2)
  parseCheckpoint(parseNote(note).text)
  return { extra: extraLine === undefined ? undefined : parseExtra(extraLine), index: Number(index), path: lines.map(parseHash), note }
}

function parseHash(line: string): Uint8Array {
  const hash = decodeBase64(line)
  if (hash.length !== 32) throw wrong(`expected a hash of 32 bytes, found ${hash.length}`)
  return hash
}

function parseExtra(line: string): Uint8Array {
  const extra = decodeBase64(line.slice('extra '.length))
  if (extra.length > MAX_EXTRA_BYTES) throw wrong(`expected at most ${MAX_EXTRA_BYTES} bytes of extra, found ${extra.length}`)
  return extra
}

export function formatTlogProof(proof: TlogProof): string {
  const extra = proof.extra === undefined ? [] : [`extra ${encodeBase64(proof.extra)}`]
  return [HEADER, ...extra, `index ${proof.index}`, ...proof.path.map(encodeBase64), '', proof.note].join('\n')
}

/** Throws `PROOF_FORMAT` unless the entry stands at the proof's index under its checkpoint; says nothing about signatures. */
export function verifyTlogInclusion(proof: TlogProof, entry: Uint8Array): Checkpoint {
  const checkpoint = parseCheckpoint(parseNote(proof.note).text)
  verifyInclusion(proof.index, checkpoint.size, leafHash(entry), proof.path, checkpoint.root)
  return checkpoint
}

/** Throws unless the entry stands in a log that the policy trusts, under a checkpoint that its quorum cosigned. */
export function verifyTlogProof(proof: TlogProof, entry: Uint8Array, policy: TrustPolicy, options: CosignedOptions = {}): CosignedCheckpoint {
  const cosigned = verifyCosigned(proof.note, policy, options)
  verifyTlogInclusion(proof, entry)
  return cosigned
}

/** The same under a note with the log's line alone, by one of `logs`. */
export function verifyLogProof(proof: TlogProof, entry: Uint8Array, logs: readonly VerifierKey[]): Checkpoint {
  const checkpoint = verifyLogNote(proof.note, logs)
  verifyTlogInclusion(proof, entry)
  return checkpoint
}
