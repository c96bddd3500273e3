import {
  type Checkpoint,
  formatNote,
  InputError,
  isSignatureBy,
  type Note,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  show,
  verifyCosignature,
  type VerifierKey,
  verifyNoteSignature,
} from '@fiducia/core'
import { CLOCK_AHEAD_SECONDS, SLOT_SECONDS } from './limits.ts'
import { logKeysOf, type TrustPolicy } from './trust-policy.ts'

/**
 * A checkpoint that may be believed: signed by a key of its log, and cosigned by witnesses of a quorum of groups.
 *
 * Notes live in two forms. On the wire a note may carry any lines: those of unknown keys are read over, more than a quorum
 * is welcome. In bundles and receipts it is *strict*: the log's line, then one cosignature for each of exactly k groups, in
 * the order of the key names, and nothing else. So there is nothing in a bundle that could be changed without being noticed.
 */

/** Seconds, both included. A cosignature outside is as if it were not there. */
export interface Window {
  readonly from: number
  readonly until: number
}

export interface CosignedOptions {
  /** The one origin that is expected. */
  readonly origin?: string
  readonly window?: Window
  readonly strict?: boolean
}

export interface Cosignature {
  readonly group: string
  /** The witness key's name. */
  readonly name: string
  /** Seconds. */
  readonly time: number
}

export interface CosignedCheckpoint {
  readonly checkpoint: Checkpoint
  /** One for each group, the freshest inside the window. */
  readonly cosignatures: readonly Cosignature[]
  /** Seconds, over `cosignatures`; undefined when there is none. */
  readonly earliest: number | undefined
  readonly latest: number | undefined
  /** The policy asks for no quorum: nobody but the log stands for this checkpoint. */
  readonly unwitnessed: boolean
}

const wrong = (message: string) => new InputError('NOTE_FORMAT', message)

/** Fresh by the reader's own clock: −30 s ≤ clock − time ≤ T (PROTOCOL section 2). */
export const freshWindow = (nowSeconds: number, freshSeconds: number): Window => ({ from: nowSeconds - freshSeconds, until: nowSeconds + CLOCK_AHEAD_SECONDS })

/** Fresh for an access in this slot: 60·slot − T ≤ time ≤ 60·slot + 89 s (PROTOCOL section 4, Receipt). */
export const slotWindow = (slot: number, freshSeconds: number): Window => ({
  from: SLOT_SECONDS * slot - freshSeconds,
  until: SLOT_SECONDS * slot + SLOT_SECONDS - 1 + CLOCK_AHEAD_SECONDS,
})

/** Throws `NOTE_FORMAT` unless the note is signed by a trusted key of its log and cosigned by the policy's quorum. */
export function verifyCosigned(noteText: string, policy: TrustPolicy, options: CosignedOptions = {}): CosignedCheckpoint {
  const note = parseNote(noteText)
  const checkpoint = parseCheckpoint(note.text)
  if (options.origin !== undefined && checkpoint.origin !== options.origin)
    throw wrong(`expected a checkpoint of ${show(options.origin)}, found ${show(checkpoint.origin)}`)
  refuseSecondLines(note)
  checkLogLine(note, checkpoint, policy)
  if (options.strict === true) checkStrictLines(note, policy)
  const cosignatures = freshestByGroup(readCosignatures(note, policy), options.window)
  if (cosignatures.length < policy.quorum) throw wrong(tooFew(cosignatures.length, policy.quorum, options.window))
  const times = cosignatures.map((cosignature) => cosignature.time)
  const some = times.length > 0
  return {
    checkpoint,
    cosignatures,
    earliest: some ? Math.min(...times) : undefined,
    latest: some ? Math.max(...times) : undefined,
    unwitnessed: policy.quorum === 0,
  }
}

const tooFew = (found: number, quorum: number, window: Window | undefined) =>
  `expected cosignatures of ${quorum} groups${window === undefined ? '' : ' within the time allowed'}, found ${found}`

/** The checkpoint of a note that carries its log's line alone, as the holder gives it away for each group commit. Throws `NOTE_FORMAT`. */
export function verifyLogNote(noteText: string, logs: readonly VerifierKey[]): Checkpoint {
  const note = parseNote(noteText)
  const checkpoint = parseCheckpoint(note.text)
  const [line, ...others] = note.signatures
  const key = logs.find((log) => line !== undefined && log.name === checkpoint.origin && isSignatureBy(line, log))
  if (line === undefined || key === undefined || others.length > 0) throw wrong(`expected one signature line, by a known key of ${show(checkpoint.origin)}`)
  if (!verifyNoteSignature(note.text, line, key)) throw wrong(`the signature of ${show(key.name)} does not hold`)
  return checkpoint
}

function refuseSecondLines(note: Note): void {
  const seen = new Set<string>()
  for (const { name, keyHash } of note.signatures) {
    const id = `${name} ${keyHash.join('.')}`
    if (seen.has(id)) throw wrong(`expected one signature line by each key, found two by ${show(name)}`)
    seen.add(id)
  }
}

/** At least one line by a key of this origin, and every such line holds. */
function checkLogLine(note: Note, checkpoint: Checkpoint, policy: TrustPolicy): void {
  const keys = logKeysOf(policy, checkpoint.origin)
  const lines = note.signatures.flatMap((line) => keys.filter((key) => isSignatureBy(line, key)).map((key) => ({ line, key })))
  if (lines.length === 0) throw wrong(`expected a signature by a trusted key of log ${show(checkpoint.origin)}, found none`)
  const broken = lines.find(({ line, key }) => !verifyNoteSignature(note.text, line, key))
  if (broken !== undefined) throw wrong(`the signature of ${show(broken.key.name)} does not hold`)
}

const witnessOf = (line: NoteSignature, policy: TrustPolicy) =>
  policy.groups.flatMap((group) => group.witnesses.map((key) => ({ group, key }))).find(({ key }) => isSignatureBy(line, key))

/** The cosignatures of known witnesses; one that does not hold spoils the note. */
function readCosignatures(note: Note, policy: TrustPolicy): readonly Cosignature[] {
  return note.signatures.flatMap((line) => {
    const witness = witnessOf(line, policy)
    if (witness === undefined) return []
    const time = verifyCosignature(note.text, line, witness.key)
    if (time === undefined) throw wrong(`the cosignature of ${show(line.name)} does not hold`)
    return [{ group: witness.group.name, name: line.name, time }]
  })
}

function freshestByGroup(cosignatures: readonly Cosignature[], window: Window | undefined): readonly Cosignature[] {
  const best = new Map<string, Cosignature>()
  for (const cosignature of cosignatures) {
    if (window !== undefined && (cosignature.time < window.from || cosignature.time > window.until)) continue
    const known = best.get(cosignature.group)
    if (known === undefined || known.time < cosignature.time) best.set(cosignature.group, cosignature)
  }
  return [...best.values()]
}

/** The log's line first; then lines of distinct groups by key name; exactly as many as the quorum asks for. */
function checkStrictLines(note: Note, policy: TrustPolicy): void {
  const [first, ...others] = note.signatures
  const witnesses = others.map((line) => witnessOf(line, policy))
  if (first === undefined || !policy.logs.some((log) => isSignatureBy(first, log))) throw wrong("expected the log's line first")
  if (witnesses.includes(undefined)) throw wrong('expected only lines of witnesses of the policy after the first, found one by an unknown key')
  if (others.length !== policy.quorum) throw wrong(`expected exactly ${policy.quorum} cosignatures, found ${others.length}`)
  if (new Set(witnesses.map((witness) => witness?.group.name)).size !== others.length) throw wrong('expected one cosignature for each group, found two of one')
  if (others.some((line, i) => i > 0 && (others[i - 1]?.name ?? '') >= line.name)) throw wrong('expected cosignatures in the order of their key names')
}

/**
 * The strict form of a note that carries more lines: of each group the freshest cosignature inside the window, of the
 * groups those with the freshest. Throws `NOTE_FORMAT` when the note does not reach the quorum.
 */
export function selectCosignatures(noteText: string, policy: TrustPolicy, options: Omit<CosignedOptions, 'strict'> = {}): string {
  const { cosignatures, checkpoint } = verifyCosigned(noteText, policy, options)
  const note = parseNote(noteText)
  const chosen = cosignatures.toSorted((a, b) => b.time - a.time || (a.name < b.name ? -1 : 1)).slice(0, policy.quorum)
  const logLine = note.signatures.find((line) => logKeysOf(policy, checkpoint.origin).some((key) => isSignatureBy(line, key)))
  const lines = chosen.map(({ group, name, time }) =>
    note.signatures.find((line) => isChosen(line, policy, group, name) && verifiedTime(note, line, policy) === time),
  )
  const sorted = lines.filter((line) => line !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return formatNote({ text: note.text, signatures: [...(logLine === undefined ? [] : [logLine]), ...sorted] })
}

const isChosen = (line: NoteSignature, policy: TrustPolicy, group: string, name: string) => line.name === name && witnessOf(line, policy)?.group.name === group

function verifiedTime(note: Note, line: NoteSignature, policy: TrustPolicy): number | undefined {
  const witness = witnessOf(line, policy)
  return witness === undefined ? undefined : verifyCosignature(note.text, line, witness.key)
}

/** The same note with more lines; lines by a key that stands there already replace the old one when `replace` is set, else are left out. */
export function withSignatures(noteText: string, lines: readonly NoteSignature[], replace = true): string {
  const note = parseNote(noteText)
  const same = (a: NoteSignature, b: NoteSignature) => a.name === b.name && a.keyHash.join('.') === b.keyHash.join('.')
  const kept = replace ? note.signatures.filter((old) => !lines.some((line) => same(line, old))) : note.signatures
  const added = replace ? lines : lines.filter((line) => !note.signatures.some((old) => same(line, old)))
  return formatNote({ text: note.text, signatures: [...kept, ...added] })
}
