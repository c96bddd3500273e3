import type { TransactionType } from './types.ts'

/** One rule about all writes below a prefix: gives what is broken by a transaction of this type, or undefined. `before` is undefined for a new key. */
export interface WriteCheck {
  readonly prefix: string
  readonly breaks: (before: unknown, after: unknown, type: TransactionType) => string | undefined
}

/** A check over records of one type: only its own module writes below the prefix. */
export function writeCheck<T>(prefix: string, breaks: (before: T | undefined, after: T, type: TransactionType) => string | undefined): WriteCheck {
  return { prefix, breaks: (before, after, type) => breaks(before as T | undefined, after as T, type) }
}
