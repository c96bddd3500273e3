import { InputError } from './errors.ts'
import { show } from './identifiers.ts'
import { MAX_FAULTS, MAX_SHOWN_NAME } from './limits.ts'

/**
 * Shapes of documents: small parsers that compose. A parser takes an unknown value and where it stands, and gives a typed
 * value or throws an `InputError` that names what is wrong at once, up to a limit of faults. Unknown members are always refused.
 */
export type Parser<T> = (value: unknown, at: string) => T

export type Parsed<P> = P extends Parser<infer T> ? T : never
type Members = { readonly [name: string]: Parser<unknown> }
type ObjectOf<Required extends Members, Optional extends Members> = { readonly [K in keyof Required]: Parsed<Required[K]> } & {
  readonly [K in keyof Optional]?: Parsed<Optional[K]>
}

/** A name of the reader's, short enough for the place that a message names. */
const named = (name: string) => (name.length <= MAX_SHOWN_NAME ? name : '…')

const join = (at: string, name: string) => (at === '' ? name : `${at}.${name}`)

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object with exactly these members; those of `optional` may be absent. */
export function object<Required extends Members, Optional extends Members = Record<never, never>>(
  required: Required,
  optional?: Optional,
): Parser<ObjectOf<Required, Optional>> {
  const all: Members = { ...required, ...optional }
  return (value, at) => {
    if (!isObject(value)) throw new InputError('SHAPE', `expected an object, found ${show(value)}`, { at })
    const faults: InputError[] = []
    const parsed: Record<string, unknown> = {}
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(all, name))
    for (const name of unknown.slice(0, MAX_FAULTS)) faults.push(new InputError('SHAPE', `unknown member ${show(name)}`, { at: join(at, named(name)) }))
    for (const [name, parser] of Object.entries(all)) {
      if (!Object.hasOwn(value, name)) {
        if (Object.hasOwn(required, name)) faults.push(new InputError('SHAPE', `member \`${name}\` is missing`, { at: join(at, name) }))
        continue
      }
      collect(faults, () => {
        parsed[name] = parser(value[name], join(at, name))
      })
    }
    throwIfAny(faults)
    return parsed as ObjectOf<Required, Optional>
  }
}

/** An array of at most `max` items. */
export function array<T>(item: Parser<T>, max: number, min = 0): Parser<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new InputError('SHAPE', `expected an array, found ${show(value)}`, { at })
    if (value.length > max || value.length < min) throw new InputError('SHAPE', `expected ${min} to ${max} items, found ${value.length}`, { at })
    const faults: InputError[] = []
    const parsed: T[] = []
    for (const [i, entry] of value.entries()) {
      if (faults.length === MAX_FAULTS) break
      collect(faults, () => parsed.push(item(entry, `${at}[${i}]`)))
    }
    throwIfAny(faults)
    return parsed
  }
}

/** An object whose member names are data. */
export function map<T>(name: Parser<string>, item: Parser<T>, max: number): Parser<{ readonly [name: string]: T }> {
  return (value, at) => {
    if (!isObject(value)) throw new InputError('SHAPE', `expected an object, found ${show(value)}`, { at })
    const entries = Object.entries(value)
    if (entries.length > max) throw new InputError('SHAPE', `expected at most ${max} members, found ${entries.length}`, { at })
    return Object.fromEntries(entries.map(([key, entry]) => [name(key, at), item(entry, join(at, key))]))
  }
}

export const string =
  (pattern: RegExp, what: string): Parser<string> =>
  (value, at) => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw new InputError('SHAPE', `expected ${what}, found ${show(value)}`, { at })
  }

/** Any text of at most `max` UTF-16 code units, without half a surrogate pair. */
export const text =
  (max: number): Parser<string> =>
  (value, at) => {
    if (typeof value === 'string' && value.length <= max && value.isWellFormed()) return value
    throw new InputError('SHAPE', `expected text of at most ${max} characters, found ${show(value)}`, { at })
  }

export const integer =
  (min = 0, max = Number.MAX_SAFE_INTEGER): Parser<number> =>
  (value, at) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max && !Object.is(value, -0)) return value
    throw new InputError('SHAPE', `expected an integer from ${min} to ${max}, found ${show(value)}`, { at })
  }

export const boolean: Parser<boolean> = (value, at) => {
  if (typeof value === 'boolean') return value
  throw new InputError('SHAPE', `expected true or false, found ${show(value)}`, { at })
}

export const literal =
  <T extends string | number | boolean | null>(...allowed: readonly T[]): Parser<T> =>
  (value, at) => {
    const found = allowed.find((one) => one === value)
    if (found !== undefined) return found
    throw new InputError('SHAPE', `expected ${allowed.map((one) => `\`${one}\``).join(' or ')}, found ${show(value)}`, { at })
  }

export const nullable =
  <T>(parser: Parser<T>): Parser<T | null> =>
  (value, at) =>
    value === null ? null : parser(value, at)

function collect(faults: InputError[], work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    faults.push(error)
  }
}

function throwIfAny(faults: readonly InputError[]): void {
  const [first] = faults
  if (first === undefined) return
  if (faults.length === 1) throw first
  const shown = faults.flatMap(partsOf).slice(0, MAX_FAULTS)
  const more = shown.length >= MAX_FAULTS ? ['and perhaps more'] : []
  throw new InputError(first.code, [...shown.map((fault) => fault.message), ...more].join('; '), { cause: shown })
}

/** The faults that a fault was put together from. */
function partsOf(fault: InputError): readonly InputError[] {
  const parts: readonly unknown[] = Array.isArray(fault.cause) ? fault.cause : [fault]
  return parts.filter((part) => part instanceof InputError)
}
