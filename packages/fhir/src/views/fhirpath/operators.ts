import { FhirPathError } from '../errors.ts'
import { checkLength, type Compiled, compiled, distinctItems, numberOf, textOf, type Work, wrongType } from './compiled.ts'
import { settle } from './numbers.ts'
import { compareTemporal } from './temporal.ts'
import {
  countOf,
  equals,
  includes,
  isEmpty,
  type Item,
  kindOf,
  listOf,
  oneOf,
  type StaticType,
  type TemporalMode,
  temporalMode,
  truthOf,
  type Values,
} from './values.ts'

/** The operators that are known, one row each; `docs/reference/views.md` is made from this table. */
export interface OperatorRow {
  /** For the reference: what it gives. */
  readonly about: string
  readonly make: (left: Compiled, right: Compiled, position: number) => Compiled
}

type Truth = boolean | undefined

const logic =
  (name: string, decide: (left: Truth, right: () => Truth) => Truth): OperatorRow['make'] =>
  ({ evaluate: left }, { evaluate: right }, position) =>
    compiled((focus, scope) => {
      const what = `\`${name}\``
      return decide(truthOf(left(focus, scope), what, position), () => truthOf(right(focus, scope), what, position))
    }, 'boolean')

const equality =
  (isSame: boolean): OperatorRow['make'] =>
  (left, right) => {
    const mode = temporalMode(left.type, right.type)
    return compiled((focus, scope) => {
      const equal = equals(left.evaluate(focus, scope), right.evaluate(focus, scope), mode)
      return equal === undefined ? undefined : equal === isSame
    }, 'boolean')
  }

const order =
  (name: string, holds: (difference: number) => boolean): OperatorRow['make'] =>
  (left, right, position) => {
    const mode = temporalMode(left.type, right.type)
    const what = `\`${name}\``
    return compiled((focus, scope) => {
      const a = oneOf(left.evaluate(focus, scope), what, position)
      const b = oneOf(right.evaluate(focus, scope), what, position)
      if (a === undefined || b === undefined) return undefined
      const difference = compareItems(a, b, mode, what, position)
      return difference === 'open' ? undefined : holds(difference)
    }, 'boolean')
  }

function compareItems(a: Item, b: Item, mode: TemporalMode, what: string, position: number): number | 'open' {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== 'string' || typeof b !== 'string') {
    throw new FhirPathError('FHIRPATH_TYPE', `${what} compares two numbers, texts, dates or times, found ${kindOf(a)} and ${kindOf(b)}`, position)
  }
  const difference = mode === 'never' ? undefined : compareTemporal(a, b)
  if (difference === undefined && mode === 'always') throw new FhirPathError('FHIRPATH_TYPE', `${what} compares dates or times, found other text`, position)
  return difference ?? (a < b ? -1 : Number(a > b))
}

const arithmetic =
  (name: string, work: (a: number, b: number) => number): OperatorRow['make'] =>
  (left, right, position) => {
    const what = `\`${name}\``
    return compiled(
      (focus, scope) => {
        const a = numberOf(left.evaluate(focus, scope), what, position)
        const b = numberOf(right.evaluate(focus, scope), what, position)
        return a === undefined || b === undefined ? undefined : settle(work(a, b))
      },
      numericType(name, left.type, right.type),
    )
  }

function numericType(name: string, left: StaticType | undefined, right: StaticType | undefined): StaticType | undefined {
  if (name === '/') return 'decimal'
  if (name === 'div' || (left === 'integer' && right === 'integer')) return 'integer'
  return left === 'decimal' || right === 'decimal' ? 'decimal' : undefined
}

const plus: OperatorRow['make'] = (left, right, position) => {
  const sum = arithmetic('+', (a, b) => a + b)(left, right, position)
  const isText = left.type === 'string' || right.type === 'string'
  return compiled(
    (focus, scope) => {
      const a = oneOf(left.evaluate(focus, scope), '`+`', position)
      const b = oneOf(right.evaluate(focus, scope), '`+`', position)
      if (a === undefined || b === undefined) return undefined
      if (typeof a === 'number' && typeof b === 'number') return settle(a + b)
      if (typeof a === 'string' && typeof b === 'string') return together(a, b, position)
      throw wrongType('`+`', 'two numbers or two texts', typeof a === 'number' || typeof a === 'string' ? b : a, position)
    },
    isText ? 'string' : sum.type,
  )
}

const concatenate: OperatorRow['make'] = ({ evaluate: left }, { evaluate: right }, position) =>
  compiled((focus, scope) => {
    const [a, b] = [textOf(left(focus, scope), '`&`', position), textOf(right(focus, scope), '`&`', position)]
    return together(a ?? '', b ?? '', position)
  }, 'string')

function together(a: string, b: string, position: number): string {
  checkLength(a.length + b.length, position)
  return a + b
}

const union: OperatorRow['make'] = ({ evaluate: left, type }, { evaluate: right, type: other }) =>
  compiled((focus, scope) => distinctItems([...listOf(left(focus, scope)), ...listOf(right(focus, scope))], scope.work), type === other ? type : undefined)

const membership = (name: string, one: Values, list: Values, work: Work, position: number): Truth => {
  const item = oneOf(one, `\`${name}\``, position)
  work.spendOn(list)
  return item === undefined ? undefined : countOf(list) > 0 && includes(listOf(list), item)
}

const isIn: OperatorRow['make'] = ({ evaluate: left }, { evaluate: right }, position) =>
  compiled((focus, scope) => membership('in', left(focus, scope), right(focus, scope), scope.work, position), 'boolean')

const contains: OperatorRow['make'] = ({ evaluate: left }, { evaluate: right }, position) =>
  compiled((focus, scope) => membership('contains', right(focus, scope), left(focus, scope), scope.work, position), 'boolean')

const wholeQuotient = (a: number, b: number): number => Math.trunc(a / b)

export const OPERATORS: ReadonlyMap<string, OperatorRow> = new Map([
  ['=', { about: 'whether both sides have the same items in the same order; nothing if one side is empty', make: equality(true) }],
  ['!=', { about: 'the contrary of `=`; nothing if one side is empty', make: equality(false) }],
  ['<', { about: 'less, of two numbers, texts, dates or times', make: order('<', (difference) => difference < 0) }],
  ['>', { about: 'greater', make: order('>', (difference) => difference > 0) }],
  ['<=', { about: 'less or equal', make: order('<=', (difference) => difference <= 0) }],
  ['>=', { about: 'greater or equal', make: order('>=', (difference) => difference >= 0) }],
  ['and', { about: 'true if both are, false if one is false, else nothing', make: logic('and', and) }],
  ['or', { about: 'true if one is, false if both are false, else nothing', make: logic('or', (a, b) => negate(and(negate(a), () => negate(b())))) }],
  ['xor', { about: 'whether exactly one is true; nothing if one side is empty', make: logic('xor', (a, right) => differ(a, right())) }],
  ['implies', { about: 'true if the left is false or the right is true', make: logic('implies', (a, b) => negate(and(a, () => negate(b())))) }],
  ['+', { about: 'the sum of two numbers, or two texts put together', make: plus }],
  ['-', { about: 'the difference of two numbers', make: arithmetic('-', (a, b) => a - b) }],
  ['*', { about: 'the product of two numbers', make: arithmetic('*', (a, b) => a * b) }],
  ['/', { about: 'the quotient of two numbers; nothing for a division by zero', make: arithmetic('/', (a, b) => a / b) }],
  ['div', { about: 'the quotient without its fraction', make: arithmetic('div', wholeQuotient) }],
  ['mod', { about: 'what such a division leaves', make: arithmetic('mod', (a, b) => a % b) }],
  ['&', { about: 'two texts put together; nothing counts as an empty text', make: concatenate }],
  ['|', { about: 'all items of both sides, each once', make: union }],
  ['in', { about: 'whether the one item on the left is among those on the right', make: isIn }],
  ['contains', { about: 'whether the one item on the right is among those on the left', make: contains }],
])

function and(left: Truth, right: () => Truth): Truth {
  if (left === false) return false
  const other = right()
  if (other === false) return false
  return left === true && other === true ? true : undefined
}

function negate(value: Truth): Truth {
  return value === undefined ? undefined : !value
}

function differ(a: Truth, b: Truth): Truth {
  return a === undefined || b === undefined ? undefined : a !== b
}

/** `-x` and `+x` */
export const signed = (sign: '+' | '-', { evaluate, type }: Compiled, position: number): Compiled =>
  compiled((focus, scope) => {
    const value = numberOf(evaluate(focus, scope), `\`${sign}\``, position)
    return value === undefined || sign === '+' ? value : 0 - value
  }, type)

/** `list[index]`: the item at this place, counted from 0. */
export const indexed = ({ evaluate, type }: Compiled, { evaluate: which }: Compiled, position: number): Compiled =>
  compiled((focus, scope) => {
    const index = numberOf(which(focus, scope), '`[ ]`', position)
    const values = evaluate(focus, scope)
    return index === undefined || isEmpty(values) ? undefined : listOf(values)[index]
  }, type)
