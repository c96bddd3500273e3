import { apply, type LedgerState, type TransactionResult } from '../src/index.ts'
import { START, startState } from './world.ts'

/** A hand-written history: one transaction a block, at times that the test names. */
export interface Scenario {
  readonly state: LedgerState
  /** The refusal's code, or `ok`. Time is milliseconds after the start. */
  put(wire: Uint8Array, atMs?: number): string
}

export function scenario(start = startState()): Scenario {
  let state = start
  return {
    get state() {
      return state
    },
    put(wire, atMs) {
      const time = atMs === undefined ? state.time : START + atMs
      const applied = apply(state, { height: state.height + 1, time, transactions: [wire] })
      state = applied.state
      const [result]: readonly (TransactionResult | undefined)[] = applied.results
      return result === undefined ? 'no result' : result.accepted ? 'ok' : result.code
    },
  }
}
