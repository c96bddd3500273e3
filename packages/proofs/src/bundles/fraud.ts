import {
  type Bytes32,
  decodeBase64Url,
  encodeBase64,
  encodeBase64Url,
  equalBytes,
  formatNote,
  type Note,
  parseCheckpoint,
  type StateProof,
} from '@fiducia/core'
import type { DisputeRecord } from '@fiducia/ledger'
import type { BundleFiles, ProvenHead } from '../types.ts'
import { type AccessParts, buildCompleteness, buildConsentState, type CompletenessParts, type ConsentStateParts, type ProvenLeaf } from './build.ts'
import { bundleOf, jsonFile, proofFiles, textFile } from './files.ts'

/** Bundles that prove a fault (`verify/fraud.ts` says what each needs). What goes in is taken as it is; `verifyBundle` judges. */

export interface ForkParts {
  /** Two notes, each with the one line of the key at fault; in any order. */
  readonly notes: readonly [Note, Note]
  /** For two sizes: the root that the larger one has at the smaller size, and the path that shows it. */
  readonly grownFrom?: { readonly root: Uint8Array; readonly path: readonly Uint8Array[] }
}

export function buildFork({ notes, grownFrom }: ForkParts): BundleFiles {
  const [first, second] = notes
    .map((note) => ({ note, ...parseCheckpoint(note.text) }))
    .toSorted((a, b) => a.size - b.size || (encodeBase64(a.root) < encodeBase64(b.root) ? -1 : 1))
  if (first === undefined || second === undefined) throw new Error('two notes')
  const isOneSize = first.size === second.size || grownFrom === undefined
  return bundleOf(
    textFile('first.note', formatNote(first.note)),
    textFile('second.note', formatNote(second.note)),
    ...(isOneSize ? [] : [jsonFile('consistency.json', { path: grownFrom.path.map(encodeBase64Url), root: encodeBase64Url(grownFrom.root) })]),
  )
}

/** For each key that signed both notes: the two, each with its line alone, as `buildFork` takes them. */
export function signedByBoth(one: Note, other: Note): readonly (readonly [Note, Note])[] {
  return one.signatures.flatMap((line) => {
    const same = other.signatures.find(({ name, keyHash }) => name === line.name && equalBytes(keyHash, line.keyHash))
    return same === undefined
      ? []
      : [
          [
            { text: one.text, signatures: [line] },
            { text: other.text, signatures: [same] },
          ] as const,
        ]
  })
}

/** Two entries with one tag, under one note of the log. */
export const buildTwinTags = (first: ProvenLeaf, second: ProvenLeaf): BundleFiles =>
  bundleOf(...proofFiles('first', first.leaf, first.proof), ...proofFiles('second', second.leaf, second.proof))

/** An access as its receipt shows it, of a relationship whose head does not lead to its tag. */
export const buildOffChain = ({
  access,
  disclosure,
  tagkey,
  ...state
}: ConsentStateParts & Pick<AccessParts, 'access' | 'disclosure'> & { readonly tagkey: Uint8Array }): BundleFiles =>
  bundleOf(...buildConsentState(state), ...proofFiles('access', access.leaf, access.proof), textFile('disclosure.json', disclosure), ['tagkey', tagkey])

/** A complete list, and an access under the same note that it does not have. */
export const buildLeftOut = ({ access, disclosure, ...list }: CompletenessParts & Pick<AccessParts, 'access' | 'disclosure'>): BundleFiles =>
  bundleOf(...buildCompleteness(list), ...proofFiles('access', access.leaf, access.proof), textFile('disclosure.json', disclosure))

export interface UnansweredParts {
  readonly id: Bytes32
  readonly value: DisputeRecord
  /** Of `dispute/<id>` and of the absent `answer/<id>`. */
  readonly dispute: StateProof
  readonly answer: StateProof
  readonly proven: Pick<ProvenHead, 'block' | 'proof'>
}

export const buildUnanswered = ({ id, value, dispute, answer, proven }: UnansweredParts): BundleFiles =>
  bundleOf(
    jsonFile('dispute.json', { id, value }),
    jsonFile('dispute.state.json', dispute),
    jsonFile('answer.state.json', answer),
    ...proofFiles('block', decodeBase64Url(proven.block), proven.proof),
  )
