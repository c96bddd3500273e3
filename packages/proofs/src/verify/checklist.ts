import { InputError, type JsonObject, type JsonValue } from '@fiducia/core'
import type { CheckName } from '../checks.ts'
import type { Check } from '../types.ts'

/**
 * The list that a verification fills. A check is work that gives a value and a line of explanation, or throws an
 * `InputError` whose message then is the explanation. Later checks that need the value of a failed one are not made.
 */
export interface Checklist {
  readonly checks: readonly Check[]
  readonly facts: JsonObject
  /** The work's value, or undefined when the check failed. */
  run<T>(name: CheckName, work: () => Passed<T>): T | undefined
  /** A check that could not even be made. */
  fail(name: CheckName, detail: string): void
  /** A fact that the caller may print. */
  note(name: string, value: JsonValue): void
}

export interface Passed<T> {
  readonly value: T
  readonly detail: string
}

export const passed = <T>(value: T, detail: string): Passed<T> => ({ value, detail })

/** A fact as text; empty when there is none. */
export function textFact(facts: JsonObject, name: string): string {
  const value = facts[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Stops a check: what was expected does not hold. */
export function demand(holds: boolean, message: string): void {
  if (!holds) throw new InputError('PROOF_FORMAT', message)
}

export function createChecklist(): Checklist {
  const checks: Check[] = []
  const facts: Record<string, JsonValue> = {}
  return {
    checks,
    facts,
    run(name, work) {
      try {
        const { value, detail } = work()
        checks.push({ name, ok: true, detail })
        return value
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        checks.push({ name, ok: false, detail: error.message })
        return undefined
      }
    },
    fail(name, detail) {
      checks.push({ name, ok: false, detail })
    },
    note(name, value) {
      facts[name] = value
    },
  }
}
