import { type Checkpoint, equalBytes, InputError, parseCheckpoint, parseNote, type VerifierKey, verifyNoteSignature } from '@fiducia/core'
import { ledgerVerifierKeys, type LogFault } from '@fiducia/ledger'
import { FOLLOW_FAULTS, type FollowFaultCode, FollowFault } from './errors.ts'
import { createHandedOn, type HandedOnOptions } from './handed-on.ts'
import type { Ledger } from './port.ts'

/**
 * Whether a member may cosign a checkpoint of the ledger (PROTOCOL section 2, Witnesses). Its cosignature says: I replayed
 * every entry and my state is the same; block times are sane by my clock; and no transaction that I passed on, still valid
 * in my replica, has waited for more than a minute. The rule reads a replica, so the operator's own node uses it too.
 */
export type Judgement = { readonly ok: true } | { readonly ok: false; readonly code: FollowFaultCode; readonly message: string }

export interface WitnessGuard {
  /** Judges the newest note; never signs, never throws on its input. */
  judge(note: string): Judgement
  /** Remembers a transaction that this member passed on to the one who orders. Throws `ENGINE_BUSY` when too many wait. */
  handOn(wire: Uint8Array): void
  /** How many transactions expired that were passed on, valid, and never included. */
  expiredUnincluded(): number
  /** What following has found wrong; undefined when all is well again. A fork is never well again: it is signed. */
  report(fault: FollowFault | undefined): void
  /** The fault that stands. */
  readonly fault: FollowFault | undefined
}

export type GuardOptions = HandedOnOptions

const refuse = (code: FollowFaultCode, message: string = FOLLOW_FAULTS[code]): Judgement => ({ ok: false, code, message })

export function createWitnessGuard(options: GuardOptions): WitnessGuard {
  const { ledger } = options
  const handedOn = createHandedOn(options)
  let reported: FollowFault | undefined
  return {
    judge(note) {
      const checkpoint = readNote(ledger, note)
      if (!('origin' in checkpoint)) return checkpoint
      const known = judgeReplayed(ledger, checkpoint, reported)
      if (!known.ok && known.code === 'FORK') reported = new FollowFault('FORK', known.message, { note })
      if (!known.ok) return known
      if (reported !== undefined) return refuse(reported.code, reported.message)
      const late = handedOn.overdue()
      return late === undefined ? known : refuse('DROPPED', `a transaction waits since ${late.since}, valid until ${late.validUntil}`)
    },
    handOn: (wire) => handedOn.add(wire),
    expiredUnincluded: () => handedOn.expiredUnincluded(),
    report(fault) {
      if (reported?.code !== 'FORK') reported = fault
    },
    get fault() {
      return reported
    },
  }
}

/** The checkpoint of a note signed by one of these keys; by default those of the replica's trust record. */
export function readNote(
  ledger: Ledger,
  note: string,
  keys: readonly VerifierKey[] = ledgerVerifierKeys(ledger.tip()),
): Checkpoint | Extract<Judgement, { ok: false }> {
  const invalid = (message: string) => ({ ok: false, code: 'NOTE_INVALID', message }) as const
  try {
    const { text, signatures } = parseNote(note)
    const checkpoint = parseCheckpoint(text)
    if (checkpoint.origin !== ledger.log.origin) return invalid(`expected origin \`${ledger.log.origin}\`, found another`)
    if (!signatures.some((line) => keys.some((key) => verifyNoteSignature(text, line, key))))
      return invalid('expected the signature of a ledger key of this network')
    return checkpoint
  } catch (error) {
    if (error instanceof InputError) return invalid(error.message)
    throw error
  }
}

function judgeReplayed(ledger: Ledger, { size, root }: Checkpoint, reported: FollowFault | undefined): Judgement {
  if (size > ledger.log.size()) {
    return reported === undefined
      ? refuse('NOT_FOLLOWED', `replayed up to size ${ledger.log.size()}, the checkpoint is at ${size}`)
      : refuse(reported.code, reported.message)
  }
  if (!equalBytes(ledger.log.root(size), root)) return refuse('FORK', `this member replayed another root for size ${size}`)
  return ledger.blockAtSize(size) === undefined ? refuse('NOT_A_BLOCK_END', `size ${size} is inside a block`) : { ok: true }
}

/** What a fault in the log means to a follower. */
export function followFaultOf(fault: LogFault): FollowFault {
  return new FollowFault(fault.code === 'LOG_STATE' ? 'OTHER_STATE' : 'NOT_A_LEDGER', fault.message, { cause: fault })
}
