import { accessInvariants } from './modules/access/invariants.ts'
import { directoryInvariants } from './modules/directory/invariants.ts'
import { membershipInvariants } from './modules/membership/invariants.ts'
import { policyInvariants } from './modules/policy/invariants.ts'
import { studyInvariants } from './modules/study/invariants.ts'
import type { LedgerState, TransactionType } from './types.ts'
import type { Write } from './transition.ts'
import type { WriteCheck } from './write-check.ts'

/**
 * What must hold whatever the rules accepted. A refusal is about a transaction; a broken invariant is about this program,
 * and stops the node before anything is written.
 */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InvariantError'
  }
}

const CHECKS: readonly WriteCheck[] = [...policyInvariants, ...directoryInvariants, ...accessInvariants, ...membershipInvariants, ...studyInvariants]

/** The keys that each family of types may write. */
const WRITABLE: { readonly [family: string]: readonly string[] } = {
  rel: ['rel/'],
  policy: ['rel/'],
  role: ['role/'],
  batch: ['author/', 'batch/', 'hold/', 'miss/'],
  contest: ['contest/', 'merit/'],
  access: ['alog/', 'key/', 'trust', 'dispute/', 'answer/'],
  key: ['key/', 'trust'],
  study: ['study/', 'ballot/'],
  run: ['study/', 'run/'],
  round: ['run/', 'round/'],
}

/** Throws `InvariantError` unless these writes of an accepted transaction keep every rule. */
export function checkWrites(state: LedgerState, type: TransactionType, writes: readonly Write[]): void {
  if (writes.length === 0) throw new InvariantError(`an accepted \`${type}\` changed nothing`)
  const writable = WRITABLE[type.slice(0, type.indexOf('.'))] ?? []
  for (const { key, value } of writes) {
    if (!writable.some((prefix) => key.startsWith(prefix))) throw new InvariantError(`\`${type}\` wrote outside its module`)
    const text = state.tree.get(key)
    const before: unknown = text === undefined ? undefined : JSON.parse(text)
    for (const { prefix, breaks } of CHECKS) {
      const broken = key.startsWith(prefix) ? breaks(before, value, type) : undefined
      if (broken !== undefined) throw new InvariantError(`\`${type}\`: ${broken}`)
    }
  }
}

/** Throws `InvariantError` unless a block may follow this state. */
export function checkBlockOrder(state: LedgerState, block: { readonly height: number; readonly time: number }): void {
  if (!Number.isSafeInteger(block.height) || block.height <= state.height)
    throw new InvariantError(`expected a height above ${state.height}, found ${block.height}`)
  if (!Number.isSafeInteger(block.time) || block.time < state.time)
    throw new InvariantError(`expected a block time of at least ${state.time}, found ${block.time}`)
}
