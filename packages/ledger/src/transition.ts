import { InputError, type JsonObject, type Parser } from '@fiducia/core'
import { type Refusal, refuse } from './refusals.ts'
import type { LedgerState, Transaction, VerifySignature } from './types.ts'

/** What a transition gets and gives. It reads the state just before it, and writes nothing: its writes are values. */

export interface Judging {
  readonly state: LedgerState
  /** Before the first transaction of the block. */
  readonly before: LedgerState
  /** Of the block that is being made. */
  readonly height: number
  /** Block time, milliseconds. */
  readonly time: number
  readonly transaction: Transaction
  readonly verify: VerifySignature
}

export interface Write {
  readonly key: string
  /** A record of the protocol; stored as its canonical JSON. */
  readonly value: object
}

export interface Acceptance {
  readonly accepted: true
  readonly writes: readonly Write[]
}

export type Outcome = Acceptance | Refusal

export type Transition = (judging: Judging) => Outcome

export const accept = (...writes: readonly Write[]): Acceptance => ({ accepted: true, writes })

/** A transition over a parsed body: a body of another shape is a refusal. */
export function withBody<Body>(parse: Parser<Body>, transition: (judging: Judging, body: Body) => Outcome): Transition {
  return (judging) => {
    const body = parseBody(parse, judging.transaction.body)
    return body instanceof InputError ? refuse('TX_BODY', body.message) : transition(judging, body)
  }
}

function parseBody<Body>(parse: Parser<Body>, body: JsonObject): Body | InputError {
  try {
    return parse(body, 'body')
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

/** Turns what `work` throws about its input into a refusal with this code. */
export function refuseInput(code: Refusal['code'], work: () => void): Refusal | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof InputError) return refuse(code, error.message)
    throw error
  }
}
