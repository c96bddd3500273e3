import {
  decodeBase64,
  encodeBase64,
  equalBytes,
  InputError,
  parseCheckpoint,
  parseNote,
  verifyConsistency,
  type VerifierKey,
  verifyNoteSignature,
  type Checkpoint,
  decodeUtf8,
} from '@fiducia/core'
import type { Finding, WitnessFault } from './findings.ts'
import { MAX_ADD_CHECKPOINT_BYTES, MAX_CONSISTENCY_LINES } from './limits.ts'

/**
 * The rule by which a witness follows a log (C2SP tlog-witness, `add-checkpoint`), without the network: what is asked, what
 * is known, what is answered. What the log's entries say is judged elsewhere, before this cosigns.
 *
 *   old SIZE           the size that the asker believes was cosigned last
 *   BASE64 …           consistency path from there
 *                      an empty line, then the checkpoint, a signed note
 */
export interface AddCheckpoint {
  readonly oldSize: number
  readonly path: readonly Uint8Array[]
  readonly note: string
}

/** What this witness cosigned last for the log. */
export interface KnownCheckpoint {
  readonly size: number
  readonly root: Uint8Array
}

export type WitnessVerdict =
  | { readonly status: 200; readonly checkpoint: Checkpoint }
  | ({ readonly status: 400 | 403 | 404 | 422 } & Finding<WitnessFault>)
  /** The body of the answer is the size that is known. */
  | ({ readonly status: 409; readonly knownSize: number } & Finding<WitnessFault>)

const wrong = (message: string) => new InputError('PROOF_FORMAT', message)

/** Throws an `InputError` for bytes that are not a request. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  if (body.length > MAX_ADD_CHECKPOINT_BYTES) throw wrong(`expected a request of at most ${MAX_ADD_CHECKPOINT_BYTES} bytes, found ${body.length}`)
  const text = decodeUtf8(body)
  const split = text.indexOf('\n\n')
  const [first, ...lines] = text.slice(0, Math.max(split, 0)).split('\n')
  const old = /^old (0|[1-9][0-9]{0,15})$/.exec(first ?? '')?.[1]
  if (old === undefined || !Number.isSafeInteger(Number(old))) throw wrong('expected a first line `old SIZE`, hashes and an empty line')
  if (lines.length > MAX_CONSISTENCY_LINES) throw wrong(`expected at most ${MAX_CONSISTENCY_LINES} hashes, found ${lines.length}`)
  const path = lines.map((line) => decodeBase64(line))
  if (path.some((hash) => hash.length !== 32)) throw wrong('expected hashes of 32 bytes')
  const note = text.slice(split + 2)
  parseCheckpoint(parseNote(note).text)
  return { oldSize: Number(old), path, note }
}

export const formatAddCheckpoint = ({ oldSize, path, note }: AddCheckpoint): string => [`old ${oldSize}`, ...path.map(encodeBase64), '', note].join('\n')

/** `logKeys` are those this witness knows for the origin that the note names; none of them: the log is unknown. Never throws. */
export function judgeAddCheckpoint(known: KnownCheckpoint | undefined, request: AddCheckpoint, logKeys: readonly VerifierKey[]): WitnessVerdict {
  const note = parseNote(request.note)
  const checkpoint = parseCheckpoint(note.text)
  const keys = logKeys.filter((key) => key.name === checkpoint.origin)
  const knownSize = known?.size ?? 0
  if (keys.length === 0) return { status: 404, code: 'ORIGIN_UNKNOWN', message: 'expected a log that this witness knows' }
  if (!note.signatures.some((line) => keys.some((key) => verifyNoteSignature(note.text, line, key)))) {
    return { status: 403, code: 'SIGNATURE_MISSING', message: 'expected a signature by a known key of the log' }
  }
  if (request.oldSize > checkpoint.size)
    return { status: 400, code: 'SIZE_BELOW_OLD', message: `expected a size of ${request.oldSize} or more, found ${checkpoint.size}` }
  if (request.oldSize !== knownSize)
    return { status: 409, knownSize, code: 'OLD_SIZE_DIFFERS', message: `expected old size ${knownSize}, found ${request.oldSize}` }
  if (known !== undefined && known.size === checkpoint.size && !equalBytes(known.root, checkpoint.root)) {
    return { status: 409, knownSize, code: 'ROOT_DIFFERS', message: `another root was cosigned at size ${known.size}` }
  }
  return isConsistent(known, request, checkpoint)
    ? { status: 200, checkpoint }
    : { status: 422, code: 'CONSISTENCY', message: `the path does not lead from size ${knownSize} to ${checkpoint.size}` }
}

function isConsistent(known: KnownCheckpoint | undefined, request: AddCheckpoint, checkpoint: Checkpoint): boolean {
  if (known === undefined || known.size === 0) return request.path.length === 0
  try {
    verifyConsistency(known.size, checkpoint.size, request.path, known.root, checkpoint.root)
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}
