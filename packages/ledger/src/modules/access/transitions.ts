import {
  type Bytes32,
  type Checkpoint,
  decodeBase64Url,
  EMPTY_ROOT,
  encodeBase64Url,
  isSignatureBy,
  parseCheckpoint,
  parseNote,
  verifyConsistency,
  verifyCosignature,
  verifyInclusion,
  verifyNoteSignature,
  InputError,
  parseBytes32,
} from '@fiducia/core'
import { disputeIdOf } from '../../derivations.ts'
import { CHECKPOINT_INTERVAL_MS } from '../../limits.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { nodeSigner, noNodeKey, requireSigners } from '../../signers.ts'
import { originOwner } from '../../state.ts'
import { accept, type Judging, type Outcome, refuseInput } from '../../transition.ts'
import type { LedgerState } from '../../types.ts'
import { claimLogKey } from '../membership/transitions.ts'
import { logKeyOf, logVerifierKey, validKey, witnessKeys } from '../membership/queries.ts'
import { accessLog, accessLogKey, answer, dispute, isAnswered } from './queries.ts'
import type { AnswerDispute, CheckpointAccessLog, DisputeNote, OpenAccessLog } from './types.ts'

/** Access logs on the ledger (PROTOCOL section 4): opening, checkpoints that only grow, disputes about notes, answers. */

const hashes = (path: readonly Bytes32[]): readonly Uint8Array[] => path.map((hash) => decodeBase64Url(hash))

const unknownLog = (origin: string): Refusal => refuse('ACCESS_UNKNOWN', `access log \`${origin}\` was never opened`)

export function openAccessLog(judging: Judging, { origin, key }: OpenAccessLog): Outcome {
  const { state, height, time } = judging
  const owner = originOwner(state.net, origin)
  if (owner === undefined) return refuse('ACCESS_ORIGIN', `expected \`${state.net}/log/ORGANIZATION/k\`, found another origin`)
  if (accessLog(state, origin) !== undefined) return refuse('ACCESS_EXISTS', `access log \`${origin}\` is open`)
  const before = `${state.net}/log/${owner.org}/${owner.k - 1}`
  if (owner.k > 1 && accessLog(state, before) === undefined) return refuse('ACCESS_ORDER', `expected \`${before}\` to be open first`)
  const signer = nodeSigner(judging, owner.org)
  if (signer === undefined) return noNodeKey(owner.org)
  const claimed = claimLogKey(judging, { keyId: key, org: owner.org, origin })
  if (!claimed.accepted) return claimed
  return (
    requireSigners(judging, signer.publicKey) ??
    accept(...claimed.writes, { key: accessLogKey(origin), value: { size: 0, root: encodeBase64Url(EMPTY_ROOT), height, at: time } })
  )
}

/**
 * The checkpoint of a note that carries the log's own signature once, cosignatures of registered witnesses at most once
 * each, and nothing else. Throws an `InputError` for any other note.
 */
function readSignedNote(state: LedgerState, origin: string, text: string): Checkpoint {
  const logKey = logVerifierKey(state, origin)
  const note = parseNote(text)
  const checkpoint = parseCheckpoint(note.text)
  if (logKey === undefined || checkpoint.origin !== origin) throw new InputError('NOTE_FORMAT', `expected a checkpoint of \`${origin}\``)
  const seen = new Set<string>()
  const witnesses = witnessKeys(state)
  for (const line of note.signatures) {
    const witness = witnesses.find((key) => isSignatureBy(line, key))
    const holds = witness === undefined ? verifyNoteSignature(note.text, line, logKey) : verifyCosignature(note.text, line, witness) !== undefined
    if (!holds) throw new InputError('NOTE_FORMAT', 'expected signatures of the log and of registered witnesses that verify')
    if (seen.has(line.name)) throw new InputError('NOTE_FORMAT', 'expected each signer once')
    seen.add(line.name)
  }
  if (!seen.has(origin)) throw new InputError('NOTE_FORMAT', 'expected a signature by the key of the log')
  return checkpoint
}

function judgeNote(state: LedgerState, origin: string, text: string): Checkpoint | Refusal {
  try {
    return readSignedNote(state, origin, text)
  } catch (error) {
    if (error instanceof InputError) return refuse('ACCESS_NOTE', error.message)
    throw error
  }
}

export function checkpointAccessLog(judging: Judging, body: CheckpointAccessLog): Outcome {
  const { state, height, time } = judging
  const { origin, size, root } = body
  const [known, owner] = [accessLog(state, origin), originOwner(state.net, origin)]
  if (known === undefined || owner === undefined) return unknownLog(origin)
  const signer = nodeSigner(judging, owner.org)
  if (signer === undefined) return noNodeKey(owner.org)
  if (validKey(logKeyOf(state, origin)?.record, 'log', height) === undefined) return refuse('ACCESS_KEY', `the key of \`${origin}\` is no longer valid`)
  const checkpoint = judgeNote(state, origin, body.note)
  if ('accepted' in checkpoint) return checkpoint
  if (checkpoint.size !== size || encodeBase64Url(checkpoint.root) !== root)
    return refuse('ACCESS_NOT_OF_NOTE', `expected size ${checkpoint.size} and the root of the note`)
  if (size <= known.size) return refuse('ACCESS_NOT_GROWN', `expected a size above ${known.size}, found ${size}`)
  if (known.size > 0 && time < known.at + CHECKPOINT_INTERVAL_MS)
    return refuse('ACCESS_TOO_SOON', `expected a block at ${known.at + CHECKPOINT_INTERVAL_MS} or later`)
  return (
    judgeGrowth(known, { size, root }, body.consistency) ??
    requireSigners(judging, signer.publicKey) ??
    accept({ key: accessLogKey(origin), value: { size, root, height, at: time } })
  )
}

interface SizedRoot {
  readonly size: number
  readonly root: Bytes32
}

function judgeGrowth(old: SizedRoot, next: SizedRoot, path: readonly Bytes32[]): Refusal | undefined {
  if (old.size === 0) return path.length === 0 ? undefined : refuse('ACCESS_CONSISTENCY', 'expected no hashes from size 0')
  return refuseInput('ACCESS_CONSISTENCY', () => verifyConsistency(old.size, next.size, hashes(path), decodeBase64Url(old.root), decodeBase64Url(next.root)))
}

/** Whoever holds a note that the log's later checkpoint does not extend files it here, with the leaf that it was shown. */
export function disputeNote(judging: Judging, body: DisputeNote): Outcome {
  const { state, time } = judging
  const { origin, index, leafHash, path } = body
  const known = accessLog(state, origin)
  if (known === undefined) return unknownLog(origin)
  const id = disputeIdOf(judging.transaction.body)
  if (dispute(state, id) !== undefined) return refuse('DISPUTE_EXISTS', `dispute \`${id}\` is filed`)
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  const checkpoint = judgeNote(state, origin, body.note)
  if ('accepted' in checkpoint) return checkpoint
  const note = { origin, size: checkpoint.size, root: parseBytes32(encodeBase64Url(checkpoint.root)) }
  if ((note.size === known.size && note.root === known.root) || isAnswered(state, note))
    return refuse('DISPUTE_COVERED', `the note of size ${note.size} is covered`)
  return (
    refuseInput('DISPUTE_PATH', () => verifyInclusion(index, checkpoint.size, decodeBase64Url(leafHash), hashes(path), checkpoint.root)) ??
    requireSigners(judging, signer.publicKey) ??
    accept({ key: `dispute/${id}`, value: { at: time, by: signer.org, origin, root: note.root, size: note.size } })
  )
}

/** The log's owner shows that the disputed note is extended by the checkpoint on the ledger. */
export function answerDispute(judging: Judging, { dispute: id, consistency }: AnswerDispute): Outcome {
  const { state, time } = judging
  const disputed = dispute(state, id)
  if (disputed === undefined) return refuse('DISPUTE_UNKNOWN', `no dispute \`${id}\``)
  if (answer(state, id) !== undefined) return refuse('ANSWER_EXISTS', `dispute \`${id}\` is answered`)
  const [known, owner] = [accessLog(state, disputed.origin), originOwner(state.net, disputed.origin)]
  if (known === undefined || owner === undefined) return unknownLog(disputed.origin)
  const signer = nodeSigner(judging, owner.org)
  if (signer === undefined) return noNodeKey(owner.org)
  if (known.size < disputed.size) return refuse('ANSWER_BEHIND', `expected a checkpoint of at least ${disputed.size}, found ${known.size}`)
  return judgeGrowth(disputed, known, consistency) ?? requireSigners(judging, signer.publicKey) ?? accept({ key: `answer/${id}`, value: { at: time } })
}
