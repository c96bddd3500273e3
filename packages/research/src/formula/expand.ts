import { MAX_CROSSED_VARIABLES, MAX_MODEL_COLUMNS, MAX_TERM_VARIABLES } from '../limits.ts'
import { formulaError } from './lexer.ts'
import type { Formula, Variable } from './types.ts'

/** The right side of a formula as it is written, and where (`at`, from 0). */
export type Node = { readonly at: number } & (
  | { readonly kind: 'nothing' }
  | { readonly kind: 'constant'; readonly intercept: boolean }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'plus' | 'minus' | 'product' | 'interaction'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'power'; readonly base: Node; readonly exponent: number }
)

type Signed = Extract<Node, { readonly kind: 'plus' | 'minus' | 'product' | 'interaction' }>
type Term = readonly number[]
type Terms = ReadonlyMap<string, Term>

/** Terms with the same variables are the same term, whatever their order. */
export const termKey = (term: Term): string => term.join(',')

/**
 * Writes out what `*`, `^` and parentheses stand for, as R does. A term is a set of variables, kept as their ascending indices in order of
 * first appearance; a sum is a set of terms. `a * b` is `a + b + a:b`; `(a + b)^2` is `a + b + a:b` too; `-` takes terms away that stand
 * left of it. `1` and `0` say whether there is an intercept; the last of them decides.
 */
export function expandTerms(node: Node): Pick<Formula, 'intercept' | 'variables' | 'terms'> {
  const expansion = new Expansion()
  expansion.collect(node)
  const terms = [...expansion.terms(node).values()].sort((a, b) => a.length - b.length)
  return { intercept: expansion.intercept, variables: expansion.variables, terms }
}

class Expansion {
  intercept = true
  readonly variables: Variable[] = []
  readonly #index = new Map<string, number>()
  #crossed = 0

  /** Every variable gets its place before any term is made: also one that is taken away again keeps it. */
  collect(node: Node): void {
    if (node.kind === 'variable') this.#place(node.variable)
    if (node.kind === 'power') this.collect(node.base)
    if ('left' in node) {
      this.collect(node.left)
      this.collect(node.right)
    }
  }

  terms(node: Node): Terms {
    switch (node.kind) {
      case 'nothing':
        return new Map()
      case 'constant':
        throw formulaError(node.at, 'expected a column: 0 and 1 stand only after + or -, or at the beginning')
      case 'variable':
        return setOf([[this.#place(node.variable)]])
      case 'plus':
      case 'minus':
        return this.#sum(node)
      case 'product':
        return this.#crossing(this.terms(node.left), this.terms(node.right), node.at)
      case 'interaction':
        return this.#interactions(this.terms(node.left), this.terms(node.right), node.at)
      case 'power':
        return this.#power(this.terms(node.base), node.exponent, node.at)
    }
  }

  /** From left to right into one set: a copy for each sign would make long sums slow. */
  #sum(node: Node): Terms {
    const signs: Signed[] = []
    let first = node
    while (first.kind === 'plus' || first.kind === 'minus') {
      signs.push(first)
      first = first.left
    }
    const terms = new Map(this.terms(first))
    for (const { kind, right } of signs.toReversed()) {
      for (const [key, term] of this.#addend(right, kind === 'plus')) {
        if (kind === 'plus') terms.set(key, term)
        else terms.delete(key)
      }
    }
    return terms
  }

  #addend(node: Node, added: boolean): Terms {
    if (node.kind !== 'constant') return this.terms(node)
    this.intercept = node.intercept === added
    return new Map()
  }

  #place(variable: Variable): number {
    const key = `${variable.factor} ${variable.column}`
    const place = this.#index.get(key) ?? this.variables.push(variable) - 1
    this.#index.set(key, place)
    return place
  }

  #crossing(a: Terms, b: Terms, at: number): Terms {
    return union(union(a, b), this.#interactions(a, b, at))
  }

  /** Each term of one side with each of the other. */
  #interactions(a: Terms, b: Terms, at: number): Terms {
    const terms = new Map<string, Term>()
    for (const one of a.values()) {
      for (const other of b.values()) {
        this.#crossed += one.length + other.length
        if (this.#crossed > MAX_CROSSED_VARIABLES) throw formulaError(at, `expected terms of at most ${MAX_CROSSED_VARIABLES} variables to cross, found more`)
        const term = [...new Set([...one, ...other])].sort((x, y) => x - y)
        if (term.length > MAX_TERM_VARIABLES) throw formulaError(at, `expected terms of at most ${MAX_TERM_VARIABLES} variables, found more`)
        terms.set(termKey(term), term)
        if (terms.size > MAX_MODEL_COLUMNS) throw formulaError(at, `expected at most ${MAX_MODEL_COLUMNS} terms, found more`)
      }
    }
    return terms
  }

  /**
   * Each term with each of those found so far, and so with itself: that is R's order, which is not that of `*` where terms are of different size.
   * It ends when it changes nothing any more.
   */
  #power(base: Terms, exponent: number, at: number): Terms {
    let terms = base
    for (let i = 1; i < exponent; i += 1) {
      const more = this.#interactions(base, terms, at)
      if (isSameOrder(more, terms)) break
      terms = more
    }
    return terms
  }
}

function isSameOrder(a: Terms, b: Terms): boolean {
  const keys = [...b.keys()]
  return a.size === b.size && [...a.keys()].every((key, i) => key === keys[i])
}

const setOf = (terms: Iterable<Term>): Terms => new Map([...terms].map((term) => [termKey(term), term]))

const union = (a: Terms, b: Terms): Terms => new Map([...a, ...b])
