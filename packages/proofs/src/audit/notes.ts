import {
  type Checkpoint,
  equalBytes,
  InputError,
  isSignatureBy,
  type Note,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
  verifyNoteSignature,
} from '@fiducia/core'
import { buildFork, signedByBoth } from '../bundles/fraud.ts'
import type { HashLog } from '../hash-log.ts'
import type { BundleFiles } from '../types.ts'

/** A checkpoint that a log's own key signed, and who showed it. */
export interface ShownNote {
  readonly by: string
  readonly text: string
  readonly note: Note
  readonly checkpoint: Checkpoint
}

/** Undefined for what is no checkpoint; who signed it is not looked at. */
export function readAnyNote(by: string, text: string): ShownNote | undefined {
  try {
    const note = parseNote(text)
    return { by, text, note, checkpoint: parseCheckpoint(note.text) }
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** Undefined for what is no note, or carries no line by one of these keys of its log that holds: it says nothing about the log. */
export function readShownNote(by: string, text: string, keys: readonly VerifierKey[]): ShownNote | undefined {
  const shown = readAnyNote(by, text)
  const own = keys.filter(({ name }) => name === shown?.checkpoint.origin)
  const holds = shown?.note.signatures.some((line) => own.some((key) => isSignatureBy(line, key) && verifyNoteSignature(shown.note.text, line, key)))
  return holds === true ? shown : undefined
}

/** Whether the tree, as far as it goes, is the one of the checkpoint; a larger checkpoint contradicts nothing. */
export const isOf = (tree: HashLog, { size, root }: Checkpoint): boolean => size > tree.size || equalBytes(tree.root(size), root)

/** For each key that signed both: the proof that it did. `whole` is the checkpoint of the tree's full size. */
export function forksOf(tree: HashLog, whole: ShownNote, contradicting: ShownNote): readonly BundleFiles[] {
  const { size } = contradicting.checkpoint
  const grownFrom = { root: tree.root(size), path: tree.consistency(size, tree.size) }
  return signedByBoth(contradicting.note, whole.note).map((notes) => buildFork(size === tree.size ? { notes } : { notes, grownFrom }))
}
