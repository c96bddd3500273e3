import { MAX_PARENTHESES } from '../limits.ts'
import { nearHint, shown } from '../table/near.ts'
import type { ColumnKinds } from '../table/types.ts'
import { expandTerms, type Node } from './expand.ts'
import { formatName, formulaError, type Sign, type Token, tokensOf } from './lexer.ts'
import type { Formula, Outcome, Variable } from './types.ts'

/**
 * Reads R's formula language as far as a study has it. The grammar, loosest first:
 *
 *     formula     = outcome "~" sum
 *     outcome     = "Surv" "(" column "," column ")" | variable
 *     sum         = ["+" | "-"] product { ("+" | "-") product }
 *     product     = interaction { "*" interaction }
 *     interaction = power { ":" power }
 *     power       = atom [ "^" number ]
 *     atom        = "0" | "1" | "(" sum ")" | variable
 *     variable    = column | "factor" "(" column ")"
 *
 * Right of `Surv`, and outside of parentheses, `strata(column, …)` may be added as a product.
 * What R has beyond it (`.`, `/`, `%in%`, `offset`, functions of columns) is refused in words, because a term that is read another
 * way than R reads it gives a wrong answer that looks right. Throws `ResearchError` (`STUDY_FORMULA`) that points at the character.
 */
export function parseFormula(text: string, columns: ColumnKinds): Formula {
  const parser = new Parser(tokensOf(text), columns)
  const outcome = parser.outcome()
  const right = parser.right()
  const { intercept, terms, variables } = expandTerms(right)
  return { outcome, intercept, variables, terms, strata: parser.strata }
}

/** The columns that a formula needs, each once: what `readTable` has to read. */
export function columnsOf(formula: Formula): readonly string[] {
  const { outcome, variables, strata } = formula
  return [...new Set([...outcomeColumns(outcome), ...variables.map(({ column }) => column), ...strata])]
}

const outcomeColumns = (outcome: Outcome): readonly string[] => (outcome.kind === 'survival' ? [outcome.time, outcome.event] : [outcome.variable.column])

/** A formula that reads as the same value: its terms written out, one by one. */
export function formatFormula(formula: Formula): string {
  const { outcome, intercept, variables, terms, strata } = formula
  const written = terms.map((term) =>
    term
      .map((i) => variables[i])
      .filter((one) => one !== undefined)
      .map(formatVariable)
      .join(':'),
  )
  const added = [...written, ...strata.map((one) => `strata(${formatName(one)})`)].map((one) => `+ ${one}`)
  const right = [...(intercept ? [] : ['+ 0']), ...orderingPrefix(formula), ...added].join(' ')
  return `${formatOutcome(outcome)} ~ ${right === '' ? '1' : right.slice(2)}`
}

/** `name` or `factor(name)`, as in the names of coefficients. */
export const formatVariable = ({ column, factor }: Variable): string => (factor ? `factor(${formatName(column)})` : formatName(column))

const formatOutcome = (outcome: Outcome): string =>
  outcome.kind === 'survival' ? `Surv(${formatName(outcome.time)}, ${formatName(outcome.event)})` : formatVariable(outcome.variable)

/** Terms in order of their size can name variables in another order than the formula did; named and taken away first, they keep theirs. */
function orderingPrefix({ variables, terms }: Formula): readonly string[] {
  const inTerms = [...new Set(terms.flat())]
  if (inTerms.length === variables.length && inTerms.every((variable, i) => variable === i)) return []
  return variables.flatMap((one) => [`+ ${formatVariable(one)}`, `- ${formatVariable(one)}`])
}

const SIGN_WORDS = 'expected + - * : or the end'

/** Recursive descent: a method for each rule of the grammar, one token ahead. */
class Parser {
  readonly strata: string[] = []
  readonly #tokens: readonly Token[]
  readonly #columns: ColumnKinds
  #explained: readonly string[] = []
  #isSurvival = false
  #place = 0
  #depth = 0

  constructor(tokens: readonly Token[], columns: ColumnKinds) {
    this.#tokens = tokens
    this.#columns = columns
  }

  outcome(): Outcome {
    const token = this.#peek()
    if (token.kind === 'sign' && token.sign === '~') throw formulaError(token.at, 'expected the outcome left of `~`, found nothing')
    const outcome = this.#calls('Surv') ? this.#survival() : ({ kind: 'variable', variable: this.#variable() } as const)
    this.#expect('~', 'expected `~` after the outcome')
    this.#explained = outcomeColumns(outcome)
    this.#isSurvival = outcome.kind === 'survival'
    return outcome
  }

  right(): Node {
    const sum = this.#sum(true)
    const token = this.#peek()
    if (token.kind !== 'end') throw formulaError(token.at, `${SIGN_WORDS}, found ${format(token)}`)
    return sum
  }

  #survival(): Outcome {
    this.#place += 2
    const time = this.#column('number')
    this.#expect(',', 'expected `,` between time and event')
    const event = this.#column('number')
    this.#expect(')', 'expected `)` after time and event')
    return { kind: 'survival', time, event }
  }

  #sum(top: boolean): Node {
    const first = this.#peek()
    let sum: Node = { kind: 'nothing', at: first.at }
    let sign: Sign | undefined = this.#take('+', '-') ?? '+'
    while (sign !== undefined) {
      const right = top && this.#calls('strata') ? this.#stratum(sign) : this.#product()
      sum = { kind: sign === '-' ? 'minus' : 'plus', left: sum, right, at: right.at }
      sign = this.#take('+', '-')
    }
    return sum
  }

  /** A stratum is a term of its own: within a product it would have no meaning. */
  #stratum(sign: Sign): Node {
    const { at } = this.#peek()
    if (!this.#isSurvival) throw formulaError(at, 'expected `strata` only right of `Surv`: other models have no baseline of their own for each stratum')
    if (sign === '-') throw formulaError(at, 'expected a term to take away, found `strata`')
    this.#place += 2
    do {
      const column = this.#column()
      if (!this.strata.includes(column)) this.strata.push(column)
    } while (this.#take(',') !== undefined)
    this.#expect(')', 'expected `)` after the columns of `strata`')
    return { kind: 'nothing', at }
  }

  #product(): Node {
    let left = this.#interaction()
    while (this.#take('*') !== undefined) left = { kind: 'product', left, right: this.#interaction(), at: left.at }
    return left
  }

  #interaction(): Node {
    let left = this.#power()
    while (this.#take(':') !== undefined) left = { kind: 'interaction', left, right: this.#power(), at: left.at }
    return left
  }

  #power(): Node {
    const base = this.#atom()
    if (this.#take('^') === undefined) return base
    const token = this.#next()
    if (token.kind !== 'number' || Number(token.text) < 1) throw formulaError(token.at, `expected a whole number from 1 after \`^\`, found ${format(token)}`)
    return { kind: 'power', base, exponent: Number(token.text), at: base.at }
  }

  #atom(): Node {
    const token = this.#peek()
    if (token.kind === 'number') return this.#constant()
    if (this.#take('(') === undefined) return { kind: 'variable', variable: this.#variable(), at: token.at }
    if (this.#depth === MAX_PARENTHESES) throw formulaError(token.at, `expected at most ${MAX_PARENTHESES} parentheses within each other, found more`)
    this.#depth += 1
    const inner = this.#sum(false)
    this.#depth -= 1
    this.#expect(')', 'expected + - * : or `)`')
    return inner
  }

  #constant(): Node {
    const token = this.#next()
    if (token.kind === 'number' && (token.text === '0' || token.text === '1')) return { kind: 'constant', intercept: token.text === '1', at: token.at }
    throw formulaError(token.at, `expected a column, 0 or 1, found ${format(token)}`)
  }

  #variable(): Variable {
    if (!this.#calls('factor')) return { column: this.#column(), factor: false }
    this.#place += 2
    const column = this.#column()
    this.#expect(')', 'expected `)` after the column of `factor`')
    return { column, factor: true }
  }

  /** A declared column, of one kind where only that one will do. */
  #column(kind?: 'number'): string {
    const call = this.#peek(1)
    const token = this.#next()
    if (token.kind !== 'name') throw formulaError(token.at, `expected a column, found ${format(token)}`)
    const { name, at } = token
    if (name === '.') throw formulaError(at, 'expected columns by name, found `.`: a study says which columns it uses')
    if (isSign(call, '('))
      throw formulaError(at, `expected a column, found the function \`${shown(name)}\`: the right side knows \`factor\` and \`strata\`, the left \`Surv\``)
    const declared = this.#columns.get(name)
    if (declared === undefined) throw formulaError(at, `the study declares no column \`${shown(name)}\`${nearHint(name, this.#columns.keys())}`)
    if (kind !== undefined && declared !== kind) throw formulaError(at, `expected a column of numbers, found \`${shown(name)}\`, declared as a ${declared}`)
    if (this.#explained.includes(name)) throw formulaError(at, `expected another column than left of \`~\`, found \`${shown(name)}\` again`)
    return name
  }

  /** Whether a call of this function comes next. */
  #calls(name: string): boolean {
    const token = this.#peek()
    return token.kind === 'name' && token.name === name && isSign(this.#peek(1), '(')
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#place + ahead] ?? { kind: 'end', at: this.#tokens.at(-1)?.at ?? 0 }
  }

  #next(): Token {
    const token = this.#peek()
    this.#place += 1
    return token
  }

  #take(...signs: readonly Sign[]): Sign | undefined {
    const token = this.#peek()
    if (token.kind !== 'sign' || !signs.includes(token.sign)) return undefined
    this.#place += 1
    return token.sign
  }

  #expect(sign: Sign, expected: string): void {
    const token = this.#next()
    if (!isSign(token, sign)) throw formulaError(token.at, `${expected}, found ${format(token)}`)
  }
}

const isSign = (token: Token, sign: Sign): boolean => token.kind === 'sign' && token.sign === sign

function format(token: Token): string {
  switch (token.kind) {
    case 'name':
      return `\`${shown(token.name)}\``
    case 'number':
      return `\`${shown(token.text)}\``
    case 'sign':
      return `\`${token.sign}\``
    case 'end':
      return 'the end'
  }
}
