import { FhirPathError } from '../errors.ts'

/** One sign of an expression, with the place of its first character, counted from 0. */
export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'date' | 'dateTime' | 'time' | 'constant' | 'mark' | 'end'
  /** What it says: a string without quotes and escapes, a constant without `%`, a date without `@`. */
  readonly text: string
  readonly position: number
  /** A name in backticks is never a keyword. */
  readonly isQuoted?: boolean
}

const BLANK = /[ \t\r\n]+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /\d+(?:\.\d+)?/y
/** FHIR has no time without minutes. */
const TIME = /@T((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)/y
const DATE_TIME =
  /@(\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?T(?:(?:[01]\d|2[0-3])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:\d{2})?)?)/y
const DATE = /@(\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)(?![\dT-])/y
const QUOTED = /(['`])((?:\\[\s\S]|(?!\1)[^\\])*)\1/y
const MARK = /<=|>=|!=|!~|[=<>~()[\]{}.,+\-*/|&]/y
/** `$` and `%` begin a name of their own. */
const VARIABLE = /\$[A-Za-z]+/y

const ESCAPES: { readonly [character: string]: string } = { t: '\t', n: '\n', r: '\r', f: '\f' }

/** All signs of an expression, the last of kind `end`. Throws `FHIRPATH_SYNTAX` with the place of what is none. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let position = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position
    return pattern.exec(text) ?? undefined
  }
  for (;;) {
    for (let blank = take(BLANK); blank !== undefined; blank = take(BLANK)) position += blank[0].length
    if (position >= text.length) break
    const { token, length } = tokenAt(take, position) ?? unreadable(text, position)
    tokens.push(token)
    position += length
  }
  return [...tokens, { kind: 'end', text: '', position }]
}

function tokenAt(take: (pattern: RegExp) => RegExpExecArray | undefined, position: number): { token: Token; length: number } | undefined {
  const quoted = take(QUOTED)
  if (quoted !== undefined) {
    const [whole, quote, raw = ''] = quoted
    const text = unescape(raw, position)
    const token: Token = quote === '`' ? { kind: 'name', text, position, isQuoted: true } : { kind: 'string', text, position }
    return { token, length: whole.length }
  }
  const constant = take(/%(?:([A-Za-z_][A-Za-z0-9_]*)|`([^`\\]+)`|'([^'\\]+)')/y)
  if (constant !== undefined) {
    const text = constant.slice(1).find((one) => one !== undefined) ?? ''
    return { token: { kind: 'constant', text, position }, length: constant[0].length }
  }
  const kinds = [
    ['name', NAME],
    ['name', VARIABLE],
    ['number', NUMBER],
    ['time', TIME],
    ['dateTime', DATE_TIME],
    ['date', DATE],
    ['mark', MARK],
  ] as const
  for (const [kind, pattern] of kinds) {
    const found = take(pattern)
    if (found !== undefined) return { token: { kind, text: found[1] ?? found[0], position }, length: found[0].length }
  }
  return undefined
}

function unescape(raw: string, position: number): string {
  return raw.replaceAll(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (code === 'u') throw new FhirPathError('FHIRPATH_SYNTAX', 'expected four hexadecimal digits after `\\u`', position)
    return ESCAPES[code] ?? code
  })
}

function unreadable(text: string, position: number): never {
  const found = text.slice(position, position + 1)
  const what = found === "'" || found === '`' ? 'a quote that is closed' : found === '@' ? 'a date, a dateTime or a time after `@`' : 'FHIRPath'
  throw new FhirPathError('FHIRPATH_SYNTAX', `expected ${what}, found \`${found}\``, position)
}
