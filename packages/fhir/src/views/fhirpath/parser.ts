import { MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_LENGTH } from '../../limits.ts'
import { FhirPathError } from '../errors.ts'
import { type Token, tokensOf } from './lexer.ts'
import type { Item, StaticType } from './values.ts'

/**
 * FHIRPath as a tree. The grammar is that of FHIRPath N1 with all its precedences; what stands in the tree and is not known
 * is refused by the compiler, which can name it.
 */
export type Expression = { readonly position: number } & (
  | { readonly kind: 'literal'; readonly value: Item; readonly type: StaticType }
  /** `{}` */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'constant'; readonly name: string }
  /** `$this` and its like */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'member'; readonly base: Expression | undefined; readonly name: string }
  | { readonly kind: 'call'; readonly base: Expression | undefined; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'index'; readonly base: Expression; readonly index: Expression }
  | { readonly kind: 'sign'; readonly sign: '+' | '-'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
)

/** From the loosest to the tightest. */
const LEVELS: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '!=', '~', '!~'],
  ['<', '>', '<=', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
]

const WORDS: ReadonlySet<string> = new Set(['implies', 'or', 'xor', 'and', 'in', 'contains', 'is', 'as', 'div', 'mod'])
/** Of those, the ones that FHIRPath lets stand for a name where no operator can stand. */
const NAMES_TOO: ReadonlySet<string> = new Set(['in', 'contains', 'is', 'as'])

/** Throws `FHIRPATH_SYNTAX` with the place of the first sign that does not fit, `VIEW_LIMIT` for what is too long or too deep. */
export function parseFhirPath(text: string): Expression {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw new FhirPathError('VIEW_LIMIT', `expected an expression of at most ${MAX_EXPRESSION_LENGTH} characters, found ${text.length}`)
  }
  const reader = new Reader(tokensOf(text))
  const expression = reader.expression()
  reader.end()
  return expression
}

class Reader {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  expression(level = 0): Expression {
    if (level === 0) this.#deeper()
    const operators = LEVELS[level]
    if (operators === undefined) return this.#signed()
    let left = this.expression(level + 1)
    for (let token = this.#peek(); isOperator(token) && operators.includes(token.text); token = this.#peek()) {
      this.#next += 1
      left = { kind: 'binary', operator: token.text, left, right: this.expression(level + 1), position: token.position }
    }
    if (level === 0) this.#depth -= 1
    return left
  }

  end(): void {
    const token = this.#peek()
    if (token.kind !== 'end') throw unexpected('the end of the expression', token)
  }

  #signed(): Expression {
    const token = this.#peek()
    if (token.kind !== 'mark' || (token.text !== '+' && token.text !== '-')) return this.#path()
    this.#next += 1
    this.#deeper()
    const operand = this.#signed()
    this.#depth -= 1
    return { kind: 'sign', sign: token.text, operand, position: token.position }
  }

  /** A term, and what is asked of it with `.` and `[ ]`. */
  #path(): Expression {
    let base = this.#term()
    for (;;) {
      if (this.#take('.')) base = this.#step(base)
      else if (this.#take('[')) {
        const { position } = this.#peek()
        base = { kind: 'index', base, index: this.expression(), position }
        this.#expect(']')
      } else return base
    }
  }

  #term(): Expression {
    const token = this.#peek()
    const { position, text } = token
    if (token.kind === 'name') return this.#named()
    this.#next += 1
    if (token.kind === 'constant') return { kind: 'constant', name: text, position }
    if (token.kind === 'string') return { kind: 'literal', value: text, type: 'string', position }
    if (token.kind === 'number') this.#refuseQuantity(token)
    if (token.kind === 'number') return { kind: 'literal', value: Number(text), type: text.includes('.') ? 'decimal' : 'integer', position }
    // A dateTime literal may end with its `T`; FHIR writes the same without it.
    if (token.kind === 'dateTime') return { kind: 'literal', value: text.endsWith('T') ? text.slice(0, -1) : text, type: 'dateTime', position }
    if (token.kind === 'date' || token.kind === 'time') return { kind: 'literal', value: text, type: token.kind, position }
    if (text === '(') {
      const inner = this.expression()
      this.#expect(')')
      return inner
    }
    if (text === '{') {
      this.#expect('}')
      return { kind: 'nothing', position }
    }
    throw unexpected('a path, a value or `(`', token)
  }

  #named(): Expression {
    const { text, position, isQuoted } = this.#peek()
    if (isQuoted !== true && (text === 'true' || text === 'false')) {
      this.#next += 1
      return { kind: 'literal', value: text === 'true', type: 'boolean', position }
    }
    if (!text.startsWith('$') || isQuoted === true) return this.#step(undefined)
    this.#next += 1
    return { kind: 'variable', name: text, position }
  }

  #step(base: Expression | undefined): Expression {
    const token = this.#peek()
    const { text, position } = token
    const isReserved = token.isQuoted !== true && WORDS.has(text) && !NAMES_TOO.has(text)
    if (token.kind !== 'name' || isReserved || (token.isQuoted !== true && text.startsWith('$'))) throw unexpected('a name', token)
    this.#next += 1
    if (token.isQuoted === true || !this.#take('(')) return { kind: 'member', base, name: text, position }
    const args: Expression[] = []
    if (this.#take(')')) return { kind: 'call', base, name: text, args, position }
    do args.push(this.expression())
    while (this.#take(','))
    this.#expect(')')
    return { kind: 'call', base, name: text, args, position }
  }

  /** `4 'mg'` and `4 days` are FHIRPath, and not known here. */
  #refuseQuantity({ position }: Token): void {
    const { kind, text } = this.#peek()
    if (kind !== 'string' && (kind !== 'name' || WORDS.has(text))) return
    throw new FhirPathError('FHIRPATH_UNKNOWN', 'quantities, such as `4 days`, are not known here', position)
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', position: 0 }
  }

  #take(mark: string): boolean {
    const { kind, text } = this.#peek()
    if (kind !== 'mark' || text !== mark) return false
    this.#next += 1
    return true
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw unexpected(`\`${mark}\``, this.#peek())
  }

  #deeper(): void {
    this.#depth += 1
    if (this.#depth <= MAX_EXPRESSION_DEPTH) return
    throw new FhirPathError('VIEW_LIMIT', `expected at most ${MAX_EXPRESSION_DEPTH} parts within each other, found more`, this.#peek().position)
  }
}

const isOperator = ({ kind, text, isQuoted }: Token): boolean => kind === 'mark' || (kind === 'name' && isQuoted !== true && WORDS.has(text))

function unexpected(expected: string, { kind, text, position }: Token): FhirPathError {
  const found = kind === 'end' ? 'its end' : kind === 'string' ? 'a string' : `\`${kind === 'constant' ? '%' : ''}${text}\``
  return new FhirPathError('FHIRPATH_SYNTAX', `expected ${expected}, found ${found}`, position)
}
