import { ResearchError } from '../errors.ts'
import { MAX_FORMULA } from '../limits.ts'
import { shown } from '../table/near.ts'

/** A word of a formula and where it begins, counted from 0. */
export type Token =
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  | { readonly kind: 'sign'; readonly sign: Sign; readonly at: number }
  | { readonly kind: 'end'; readonly at: number }

export type Sign = (typeof SIGNS)[number]

const SIGNS = ['~', '+', '-', '*', ':', '^', '(', ')', ','] as const

/** Places are shown as people count. */
export const formulaError = (at: number, message: string): ResearchError => new ResearchError('STUDY_FORMULA', message, `formula, character ${at + 1}`)

/** The words of a formula, an `end` last. Throws `ResearchError` (`STUDY_FORMULA`) at the first character that begins none. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MAX_FORMULA) throw formulaError(MAX_FORMULA, `expected at most ${MAX_FORMULA} characters, found ${text.length}`)
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (isBlank(text.charAt(at))) {
      at += 1
      continue
    }
    const { token, end } = tokenAt(text, at)
    tokens.push(token)
    at = end
  }
  return [...tokens, { kind: 'end', at }]
}

interface Read {
  readonly token: Token
  readonly end: number
}

function tokenAt(text: string, at: number): Read {
  const first = text.charAt(at)
  const sign = SIGNS.find((one) => one === first)
  if (sign !== undefined) return { token: { kind: 'sign', sign, at }, end: at + 1 }
  if (first === '`') return quotedName(text, at)
  if (isDigit(first)) return number(text, at)
  if (isLetter(first) || first === '.') return plainName(text, at)
  throw formulaError(at, `expected a column, a number or one of ${SIGNS.join(' ')}, found \`${shown(String.fromCodePoint(text.codePointAt(at) ?? 0))}\``)
}

function number(text: string, at: number): Read {
  let end = at
  while (isDigit(text.charAt(end))) end += 1
  return { token: { kind: 'number', text: text.slice(at, end), at }, end }
}

function plainName(text: string, at: number): Read {
  const end = endOfName(text, at)
  return { token: { kind: 'name', name: text.slice(at, end), at }, end }
}

function endOfName(text: string, at: number): number {
  let end = at
  while (isNamePart(text.charAt(end))) end += 1
  return end
}

/** Between backticks every character is the name's; a backslash stands before a backtick or a backslash that is part of it. */
function quotedName(text: string, at: number): Read {
  let name = ''
  for (let end = at + 1; end < text.length; end += 1) {
    const one = text.charAt(end)
    if (one === '`') {
      if (name === '') throw formulaError(at, 'expected a name between backticks, found nothing')
      return { token: { kind: 'name', name, at }, end: end + 1 }
    }
    if (one === '\\') end += 1
    name += text.charAt(end)
  }
  throw formulaError(at, `expected a backtick that closes the name \`${shown(name)}\`, found the end`)
}

/** A name as a formula has it and as R writes it in the names of coefficients: in backticks unless it is made of letters, digits, `.` and `_`. */
export function formatName(name: string): string {
  const plain = (isLetter(name.charAt(0)) || (name.startsWith('.') && !isDigit(name.charAt(1)))) && endOfName(name, 0) === name.length
  return plain && name !== '.' && !RESERVED.has(name) ? name : `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}

/** Words that R keeps for itself: a column of such a name stands in backticks. */
const RESERVED = new Set(['if', 'else', 'repeat', 'while', 'function', 'for', 'next', 'break', 'in', 'TRUE', 'FALSE', 'NULL', 'Inf', 'NaN', 'NA'])

const isBlank = (one: string): boolean => one.trim() === ''
const isDigit = (one: string): boolean => one >= '0' && one <= '9' && one.length === 1
const isLetter = (one: string): boolean => /^\p{L}$/u.test(one)
const isNamePart = (one: string): boolean => isLetter(one) || isDigit(one) || one === '.' || one === '_'
