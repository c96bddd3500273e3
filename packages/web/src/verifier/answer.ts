import { InputError } from '@fiducia/core'
import {
  ENTRY_MISSING,
  formatVerification,
  isArchiveName,
  readArchive,
  readTrustText,
  toBundle,
  type Verification,
  verifyBundle,
  verifyTlogProofFile,
} from '@fiducia/proofs'

/**
 * From the bytes that somebody chose to what the page says. Pure; `json` is, byte for byte, the value that
 * `fiducia verify --json` prints for the same files.
 */
export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array
}

/** In a folder the names are those below it. */
export type Chosen =
  | { readonly from: 'folder'; readonly name: string; readonly files: readonly NamedBytes[] }
  | { readonly from: 'files'; readonly files: readonly NamedBytes[] }

export interface Verified {
  readonly ended: 'verified'
  readonly verification: Verification
  readonly json: string
  /** The lines of `fiducia verify`. */
  readonly text: string
}

export interface Unreadable {
  readonly ended: 'unreadable'
  readonly message: string
  readonly at: string
  readonly json: string
}

export type Answer = Verified | Unreadable

/** Input that could not even be judged; `at` is the file or folder. */
export class ReadFailure extends Error {
  readonly code: string
  readonly at: string

  constructor(code: string, message: string, at: string) {
    super(message)
    this.code = code
    this.at = at
  }
}

/** Never throws. Without trust nothing is valid. */
export function answer(chosen: Chosen, trust: NamedBytes | undefined): Answer {
  try {
    const text = trust === undefined ? undefined : readable(trust.name, () => readTrustText(trust.bytes))
    return verified(judge(chosen, text))
  } catch (error) {
    return unreadable(error)
  }
}

function judge(chosen: Chosen, trust: string | undefined): Verification {
  if (chosen.from === 'folder') return verifyBundle(bundleOf(chosen.name, chosen.files), trust)
  const { files } = chosen
  const [first, ...more] = files
  if (first === undefined) throw new ReadFailure('BUNDLE_EMPTY', 'expected the files of a bundle, found none', '')
  if (more.length === 0 && isArchiveName(first.name))
    return verifyBundle(
      readable(first.name, () => readArchive(first.bytes)),
      trust,
    )
  if (more.length === 0) throw new ReadFailure('FILE_MISSING', ENTRY_MISSING, first.name)
  const proofs = files.filter(({ name }) => name.endsWith('.tlog-proof'))
  if (files.length === 2 && proofs.length === 1) return judgeProof(files, trust)
  return verifyBundle(bundleOf(first.name, files), trust)
}

/** One proof by itself: the other file is its entry. */
function judgeProof(files: readonly NamedBytes[], trust: string | undefined): Verification {
  const proof = files.find(({ name }) => name.endsWith('.tlog-proof'))
  const entry = files.find((file) => file !== proof)
  return verifyTlogProofFile(proof?.bytes ?? new Uint8Array(), entry?.bytes, trust)
}

const bundleOf = (at: string, files: readonly NamedBytes[]) => readable(at, () => toBundle(files.map(({ name, bytes }) => [name, bytes] as const)))

/** Says in which file or folder it is that an input is not what was expected. */
export function readable<T>(at: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof InputError) throw new ReadFailure(error.code, error.message, at)
    throw error
  }
}

const verified = (verification: Verification): Verified => ({
  ended: 'verified',
  verification,
  json: JSON.stringify(verification),
  text: formatVerification(verification),
})

export function unreadable(error: unknown): Unreadable {
  const failure = error instanceof ReadFailure ? error : new ReadFailure('UNEXPECTED', error instanceof Error ? error.message : String(error), '')
  const { code, message, at } = failure
  return { ended: 'unreadable', message, at, json: JSON.stringify({ error: at === '' ? { code, message } : { code, message, at } }) }
}
