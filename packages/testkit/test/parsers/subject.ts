import * as core from '@fiducia/core'
import * as proofs from '@fiducia/proofs'
import { fromBinary, jsonOf, toBinary } from './mutations.ts'

/** What a test needs to try a parser: good samples by the real encoders, the parser itself, and how its result is written again. */
export interface Subject {
  /** Of its row. */
  readonly name: string
  /** Text; bytes one character each. */
  readonly good: readonly string[]
  readonly isBinary: boolean
  /** Takes the input as above; gives how what was read is written again, where a format has one spelling. */
  readonly read: (input: string) => (() => string) | undefined
  readonly isRefusal: (error: unknown) => boolean
  /** Most of its work is to admit keys or to decode whole logs: the long run tries a tenth of the cases. */
  readonly isSlow: boolean
}

export const isInputError = (error: unknown): boolean => error instanceof core.InputError
/** Of a function that answers whatever it is given. */
export const never = (): boolean => false
type Options = Partial<Pick<Subject, 'isRefusal' | 'isSlow'>>

export function ofText<T>(name: string, good: readonly string[], parse: (text: string) => T, format?: (value: T) => string, options: Options = {}): Subject {
  const read = (input: string) => {
    const value = parse(input)
    return format === undefined ? undefined : () => format(value)
  }
  return { name, good, isBinary: false, read, isRefusal: isInputError, isSlow: false, ...options }
}

export function ofBytes<T>(
  name: string,
  good: readonly Uint8Array[],
  parse: (bytes: Uint8Array) => T,
  encode?: (value: T) => Uint8Array,
  options: Options = {},
): Subject {
  const format = encode === undefined ? undefined : (value: T) => toBinary(encode(value))
  return { ...ofText(name, good.map(toBinary), (input) => parse(fromBinary(input)), format, options), isBinary: true }
}

/** A parser of values that were JSON: what is no JSON comes as text. Another spelling of a value is as good as the canonical one. */
export function ofValue<T>(name: string, good: readonly object[], parse: (value: unknown) => T, format: (value: T) => string): Subject {
  const read = (input: string) => {
    const given = jsonOf(input) ?? input
    const value = parse(given)
    return () => (format(value) === core.formatCanonical(given) ? input : 'another value')
  }
  return { ...ofText(name, good.map(proofs.formatRecord), () => undefined), read, isSlow: name === 'key record' }
}
