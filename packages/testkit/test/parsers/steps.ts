import { Session } from 'node:inspector'

/**
 * Work counted in steps that are the same on every machine: how often each block of the project's own code runs, as V8's
 * precise coverage counts it, and how many characters, bytes or items are handed to built-in functions that walk over them,
 * which coverage does not see. Time is never looked at. What patterns do inside is counted in `patterns.test.ts`.
 */

type Method = (...args: unknown[]) => unknown
const lengthOf = (value: unknown): number => {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 1
}

const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype)

/** Methods that walk over what they are called on; what they give is charged too, for those that copy. */
const WALKS: readonly (readonly [object, readonly string[]])[] = [
  [String.prototype, ['split', 'replace', 'replaceAll', 'match', 'lastIndexOf', 'includes', 'isWellFormed', 'trim', 'toLowerCase']],
  [Array.prototype, ['includes', 'indexOf', 'shift', 'unshift', 'join', 'flat', 'concat', 'slice', 'toSorted', 'sort', 'reverse', 'toReversed']],
  [TYPED_ARRAY, ['every', 'some', 'fill', 'join', 'reduce']],
  [TextDecoder.prototype, ['decode']],
  [TextEncoder.prototype, ['encode']],
  [JSON, ['parse', 'stringify']],
  [Object, ['keys', 'values', 'entries', 'fromEntries']],
]
/** Methods that cost what they give. */
const COPIES: readonly (readonly [object, readonly string[]])[] = [
  [String.prototype, ['slice', 'substring', 'repeat', 'padStart']],
  [TYPED_ARRAY, ['slice']],
]
/** Methods that cost what they are given. */
const TAKES: readonly (readonly [object, readonly string[]])[] = [[TYPED_ARRAY, ['set']]]

function charging(charge: (steps: number) => void): () => void {
  const undo: (() => void)[] = []
  let isInside = false
  const wrap = (on: object, name: string, cost: (self: unknown, args: readonly unknown[], given: unknown) => number) => {
    const old: Method = Reflect.get(on, name)
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      if (isInside) return Reflect.apply(old, this, args)
      isInside = true
      let given: unknown
      try {
        given = Reflect.apply(old, this, args)
      } finally {
        charge(cost(this, args, given))
        isInside = false
      }
      return given
    }
    Reflect.defineProperty(on, name, { value: wrapped, configurable: true, writable: true, enumerable: false })
    undo.push(() => Reflect.defineProperty(on, name, { value: old, configurable: true, writable: true, enumerable: false }))
  }
  const isStatic = (on: object) => on === JSON || on === Object || on === TextDecoder.prototype || on === TextEncoder.prototype
  for (const [on, names] of WALKS) for (const name of names) wrap(on, name, (self, args) => lengthOf(isStatic(on) ? args[0] : self))
  // From where it begins to what it finds.
  for (const on of [String.prototype, TYPED_ARRAY])
    wrap(on, 'indexOf', (self, [, from = 0], given) => (Number(given) < 0 ? lengthOf(self) : Number(given)) - Number(from) + 1)
  for (const [on, names] of COPIES) for (const name of names) wrap(on, name, (_self, _args, given) => lengthOf(given))
  for (const [on, names] of TAKES) for (const name of names) wrap(on, name, (_self, args) => lengthOf(args[0]))
  return () => {
    for (const one of undo) one()
  }
}

interface Counted {
  readonly result: readonly { readonly url: string; readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[] }[]
}

/** Must be opened before the code that is counted is loaded. */
export function openCounter(isCounted: (url: string) => boolean) {
  const session = new Session()
  session.connect()
  const post = (method: string, params: object = {}): unknown => {
    let answer: unknown
    session.post(method, params, (error: Error | null, result?: object) => {
      if (error !== null) throw error
      answer = result
    })
    return answer
  }
  post('Profiler.enable')
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const take = (): number => {
    const { result } = post('Profiler.takePreciseCoverage') as Counted
    let steps = 0
    for (const { url, functions } of result) if (isCounted(url)) for (const { ranges } of functions) for (const { count } of ranges) steps += count
    return steps
  }
  return {
    /** Forgets what ran so far. */
    begin: take,
    /** Blocks run and characters walked by this work, which may throw. What ran since the last count must not have been counted code. */
    steps(work: () => unknown): number {
      let walked = 0
      const restore = charging((steps) => {
        walked += steps
      })
      try {
        work()
      } catch {
        // A refusal is work like any other.
      } finally {
        restore()
      }
      return take() + walked
    },
    [Symbol.dispose]: () => session.disconnect(),
  }
}
