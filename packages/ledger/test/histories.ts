import { encodeHex, verifySignature } from '@fiducia/core'
import { apply, decodeTransaction, type LedgerState, stateFrom, trust } from '../src/index.ts'
import { type ReferenceState, referenceApply } from './reference.ts'
import { simulate } from './simulation.ts'
import { net, startState } from './world.ts'

/** What is checked along a random history; each gives the first difference as text, or undefined. */

const entriesOf = (state: LedgerState): ReferenceState => new Map([...state.tree.entries()].map(({ key, value }) => [key, value]))

export interface HistoryCounts {
  readonly accepted: Map<string, number>
  readonly refused: Map<string, number>
}

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)

/** The rules and the reference accept the same transactions and keep the same records. */
export function differenceFromReference(seed: number, blocks: number, counts: HistoryCounts): string | undefined {
  let state = startState()
  const reference = entriesOf(state)
  for (const block of simulate(seed, blocks)) {
    const result = apply(state, block)
    const before = { net, trustBefore: trust(state).k, rootBefore: state.tree.root }
    const words = block.transactions.map((wire) => referenceApply(reference, wire, { height: block.height, time: block.time, ...before }))
    for (const [i, judged] of result.results.entries()) {
      count(judged.accepted ? counts.accepted : counts.refused, judged.accepted ? judged.type : judged.code)
      if (judged.accepted !== (words[i] === undefined)) {
        return `seed ${seed}, height ${block.height}, transaction ${i}: ${judged.accepted ? 'accepted' : judged.code} here, ${words[i] ?? 'accepted'} there`
      }
    }
    state = result.state
    const kept = entriesOf(state)
    for (const key of new Set([...kept.keys(), ...reference.keys()])) {
      if (kept.get(key) !== reference.get(key)) return `seed ${seed}, height ${block.height}, ${key}: ${kept.get(key)} here, ${reference.get(key)} there`
    }
  }
  return undefined
}

/** No transaction that was accepted is accepted at any later point, whatever happened in between. */
export function acceptedTwice(seed: number, blocks: number): string | undefined {
  let state = startState()
  const accepted: Uint8Array[] = []
  for (const block of simulate(seed, blocks)) {
    const result = apply(state, block)
    block.transactions.forEach((wire, i) => {
      if (result.results[i]?.accepted) accepted.push(wire)
    })
    state = result.state
    for (const wire of accepted) {
      // Judged inside its own window, so that the guard of its type has to refuse it, not its age.
      const { validUntil } = decodeTransaction(wire)
      const past = { ...state, time: 0 }
      const again = apply(past, { height: state.height + 1, time: validUntil, transactions: [wire] })
      if (again.state !== past) return `seed ${seed}, height ${state.height}: accepted again`
    }
  }
  return undefined
}

/** The index that was kept along the way is the one that follows from the final tree. */
export function indexDifference(seed: number, blocks: number): string | undefined {
  let state = startState()
  for (const block of simulate(seed, blocks)) state = apply(state, block, verifySignature).state
  const fresh = stateFrom(state, state.tree.entries())
  const text = ({ index }: LedgerState) =>
    JSON.stringify([
      index.members,
      [...index.keys].map(([org, keys]) => `${org} ${[...keys].sort().join()}`).sort(),
      [...index.origins].map(([origin, key]) => `${origin} ${key}`).sort(),
      [...index.batches].sort(),
      [...index.openDisputes].sort(),
      [...index.answeredNotes].sort(),
    ])
  return text(state) === text(fresh) && encodeHex(state.tree.root) === encodeHex(fresh.tree.root)
    ? undefined
    : `seed ${seed}: ${text(state)} kept, ${text(fresh)} follows`
}

/** The state root after a history. */
export function rootAfter(seed: number, blocks: number): string {
  let state = startState()
  for (const block of simulate(seed, blocks)) state = apply(state, block).state
  return encodeHex(state.tree.root)
}
