import { checkLength, type Compiled, compiled, distinctItems, numberOf, type Scope, textOf, wrongType } from './compiled.ts'
import { decimalBoundary, settle } from './numbers.ts'
import { dateBoundary, dateTimeBoundary, isTemporal, type Side, timeBoundary } from './temporal.ts'
import { countOf, filter, firstOf, flatMap, isEmpty, type Item, listOf, oneOf, type StaticType, truthOf, type Values } from './values.ts'

/**
 * The functions that are known, one row each; `docs/reference/views.md` is made from this table. A name that has no row is
 * refused when a view is read. Those that take the name of a type, or read an element in a way of its own, stand in
 * `elements.ts`.
 */
export interface FunctionRow {
  /** For the reference: how it is written. */
  readonly form: string
  /** For the reference: what it gives. */
  readonly about: string
  readonly fewest: number
  readonly most: number
  /** Whether the arguments are asked of each item of the input, or once of what the whole path stands on. */
  readonly perItem?: true
  readonly make: (parts: Parts) => Compiled
}

export interface Parts {
  readonly input: Compiled
  readonly args: readonly Compiled[]
  readonly what: string
  readonly position: number
  /** What the column says that the whole expression gives. */
  readonly expected: StaticType | undefined
}

const NOTHING: Compiled = compiled(() => undefined)

const onValues = (type: StaticType | undefined, work: (values: Values) => Values) => ({
  fewest: 0,
  most: 0,
  make: ({ input }: Parts) => compiled((focus, scope) => work(input.evaluate(focus, scope)), type),
})

const selection = (work: (values: readonly Item[]) => Values) => ({
  fewest: 0,
  most: 0,
  make: ({ input }: Parts) => compiled((focus, scope) => work(listOf(input.evaluate(focus, scope))), input.type),
})

const slice = (work: (values: readonly Item[], count: number) => Values) => ({
  fewest: 1,
  most: 1,
  make: ({ input, args: [count = NOTHING], what, position }: Parts) =>
    compiled((focus, scope) => {
      const number = numberOf(count.evaluate(focus, scope), what, position)
      return number === undefined ? undefined : work(listOf(input.evaluate(focus, scope)), Math.max(0, number))
    }, input.type),
})

/** Whether the criterion is true of an item; what it leaves open is not true. */
const holds = ({ evaluate }: Compiled, item: Item, scope: Scope, what: string, position: number): boolean =>
  truthOf(evaluate(item, scope), what, position) === true

const where = ({ input, args: [criterion = NOTHING], what, position }: Parts): Compiled =>
  compiled((focus, scope) => {
    const values = input.evaluate(focus, scope)
    scope.work.spendOn(values)
    return filter(values, (item) => holds(criterion, item, scope, what, position))
  }, input.type)

const all = ({ input, args: [criterion = NOTHING], what, position }: Parts): Compiled =>
  compiled((focus, scope) => {
    const values = input.evaluate(focus, scope)
    scope.work.spendOn(values)
    return listOf(values).every((item) => holds(criterion, item, scope, what, position))
  }, 'boolean')

const exists = (parts: Parts): Compiled => {
  const { evaluate } = parts.args.length === 0 ? parts.input : where(parts)
  return compiled((focus, scope) => !isEmpty(evaluate(focus, scope)), 'boolean')
}

const select = ({ input, args: [projection = NOTHING] }: Parts): Compiled =>
  compiled((focus, scope) => {
    const values = input.evaluate(focus, scope)
    scope.work.spendOn(values)
    const found = flatMap(values, (item) => projection.evaluate(item, scope))
    scope.work.spendOn(found)
    return found
  }, projection.type)

const iif = ({ args: [criterion = NOTHING, then = NOTHING, otherwise = NOTHING], what, position }: Parts): Compiled =>
  compiled(
    (focus, scope) => (holds(criterion, focus, scope, what, position) ? then : otherwise).evaluate(focus, scope),
    then.type === otherwise.type ? then.type : undefined,
  )

const not = ({ input, what, position }: Parts): Compiled =>
  compiled((focus, scope) => {
    const truth = truthOf(input.evaluate(focus, scope), what, position)
    return truth === undefined ? undefined : !truth
  }, 'boolean')

const join = ({ input, args: [separator], what, position }: Parts): Compiled =>
  compiled((focus, scope) => {
    const between = separator === undefined ? '' : (textOf(separator.evaluate(focus, scope), what, position) ?? '')
    const texts = listOf(input.evaluate(focus, scope)).map((one) => {
      if (typeof one === 'string') return one
      throw wrongType(what, 'texts', one, position)
    })
    checkLength(
      texts.reduce((sum, text) => sum + text.length + between.length, 0),
      position,
    )
    return texts.join(between)
  }, 'string')

const ofText = (type: StaticType | undefined, work: (text: string) => Values) => ({
  fewest: 0,
  most: 0,
  make: ({ input, what, position }: Parts) =>
    compiled((focus, scope) => {
      const text = textOf(input.evaluate(focus, scope), what, position)
      return text === undefined ? undefined : work(text)
    }, type),
})

const ofTwoTexts = (type: StaticType, work: (text: string, other: string) => Values) => ({
  fewest: 1,
  most: 1,
  make: ({ input, args: [argument = NOTHING], what, position }: Parts) =>
    compiled((focus, scope) => {
      const text = textOf(input.evaluate(focus, scope), what, position)
      const other = textOf(argument.evaluate(focus, scope), what, position)
      return text === undefined || other === undefined ? undefined : work(text, other)
    }, type),
})

const replace = ({ input, args: [pattern = NOTHING, substitute = NOTHING], what, position }: Parts): Compiled =>
  compiled((focus, scope) => {
    const text = textOf(input.evaluate(focus, scope), what, position)
    const from = textOf(pattern.evaluate(focus, scope), what, position)
    const to = textOf(substitute.evaluate(focus, scope), what, position)
    if (text === undefined || from === undefined || to === undefined) return undefined
    checkLength((text.length + 1) * (to.length + 1), position)
    return text.replaceAll(from, () => to)
  }, 'string')

const substring = ({ input, args: [start = NOTHING, length], what, position }: Parts): Compiled =>
  compiled((focus, scope) => {
    const text = textOf(input.evaluate(focus, scope), what, position)
    const from = numberOf(start.evaluate(focus, scope), what, position)
    if (text === undefined || from === undefined || from < 0 || from >= text.length) return undefined
    const count = length === undefined ? undefined : numberOf(length.evaluate(focus, scope), what, position)
    return text.slice(from, count === undefined ? undefined : from + Math.max(0, count))
  }, 'string')

const ofNumber = (type: StaticType | undefined, work: (value: number) => number) => ({
  fewest: 0,
  most: 0,
  make: ({ input, what, position }: Parts) =>
    compiled((focus, scope) => {
      const value = numberOf(input.evaluate(focus, scope), what, position)
      return value === undefined ? undefined : settle(work(value))
    }, type ?? input.type),
})

const MAX_ROUNDED_DIGITS = 15

const round = ({ input, args: [digits], what, position }: Parts): Compiled =>
  compiled((focus, scope) => {
    const value = numberOf(input.evaluate(focus, scope), what, position)
    const count = digits === undefined ? 0 : numberOf(digits.evaluate(focus, scope), what, position)
    if (value === undefined || count === undefined) return undefined
    const factor = 10 ** Math.min(MAX_ROUNDED_DIGITS, Math.max(0, Math.trunc(count)))
    // Half away from zero, which JavaScript does for positive numbers only.
    const moved = settle(Math.abs(value) * factor)
    return settle(moved === undefined ? value : (Math.sign(value) * Math.round(moved)) / factor)
  }, 'decimal')

const converted = (type: StaticType, work: (item: Item) => Values) => ({
  fewest: 0,
  most: 0,
  make: ({ input, what, position }: Parts) =>
    compiled((focus, scope) => {
      const item = oneOf(input.evaluate(focus, scope), what, position)
      return item === undefined ? undefined : work(item)
    }, type),
})

const toNumber = (item: Item, pattern: RegExp): number | undefined => {
  if (typeof item === 'boolean') return Number(item)
  if (typeof item === 'number') return pattern.test(String(item)) ? item : undefined
  return typeof item === 'string' && pattern.test(item) ? settle(Number(item)) : undefined
}

function toBoolean(item: Item): boolean | undefined {
  if (typeof item === 'boolean') return item
  if (typeof item === 'object') return undefined
  const text = String(item).toLowerCase()
  if (/^(?:true|t|yes|y|1|1\.0)$/.test(text)) return true
  return /^(?:false|f|no|n|0|0\.0)$/.test(text) ? false : undefined
}

// ---- boundaries -----------------------------------------------------------------------------------------------------------

/**
 * A text does not say whether it is a date or a dateTime without a clock, and their ends are written differently. The
 * expression may say it (`ofType(dateTime)`), else the column's type, else how the text looks.
 */
const boundary =
  (side: Side) =>
  ({ input, what, position, expected }: Parts): Compiled => {
    const type = input.type ?? expected
    return compiled((focus, scope) => {
      const item = oneOf(input.evaluate(focus, scope), what, position)
      if (item === undefined) return undefined
      if (typeof item === 'number') return decimalBoundary(item, side, type === 'integer')
      const text = typeof item === 'object' ? endOf(item, side) : item
      if (typeof item === 'object' && text === undefined) return undefined
      if (typeof text !== 'string' || !isTemporal(text)) throw wrongType(what, 'a number, a date, a dateTime, a time or a Period', item, position)
      return boundaryOfText(text, side, typeof item === 'object' ? 'dateTime' : type)
    }, type)
  }

/** The end of a Period that has this side; nothing for one that is open there. */
const endOf = (item: { readonly [name: string]: unknown }, side: Side): unknown => item[side === 'low' ? 'start' : 'end']

function boundaryOfText(text: string, side: Side, type: StaticType | undefined): string | undefined {
  if (/^\d{2}:/.test(text)) return timeBoundary(text, side)
  return type === 'dateTime' || (type !== 'date' && text.includes('T')) ? dateTimeBoundary(text, side) : dateBoundary(text, side)
}

// ---- the table ------------------------------------------------------------------------------------------------------------

const INTEGER = /^[+-]?\d{1,15}$/
const DECIMAL = /^[+-]?\d{1,200}(?:\.\d{1,200})?$/

export const FUNCTIONS: ReadonlyMap<string, FunctionRow> = new Map<string, FunctionRow>([
  ['where', { form: 'where(criterion)', about: 'the items of which the criterion is true', fewest: 1, most: 1, perItem: true, make: where }],
  [
    'exists',
    { form: 'exists([criterion])', about: 'whether there is an item, or one of which the criterion is true', fewest: 0, most: 1, perItem: true, make: exists },
  ],
  ['empty', { form: 'empty()', about: 'whether there is no item', ...onValues('boolean', isEmpty) }],
  ['not', { form: 'not()', about: 'the contrary of true or false', fewest: 0, most: 0, make: not }],
  ['all', { form: 'all(criterion)', about: 'whether the criterion is true of all items; true of none', fewest: 1, most: 1, perItem: true, make: all }],
  ['count', { form: 'count()', about: 'how many items there are', ...onValues('integer', countOf) }],
  ['hasValue', { form: 'hasValue()', about: 'whether there is exactly one item, and it is no element with parts', ...onValues('boolean', hasValue) }],
  ['select', { form: 'select(projection)', about: 'what the projection gives for each item', fewest: 1, most: 1, perItem: true, make: select }],
  ['first', { form: 'first()', about: 'the first item', fewest: 0, most: 0, make: first }],
  ['last', { form: 'last()', about: 'the last item', ...selection((values) => values.at(-1)) }],
  ['tail', { form: 'tail()', about: 'all items but the first', ...selection((values) => values.slice(1)) }],
  ['skip', { form: 'skip(count)', about: 'all items but so many first ones', ...slice((values, count) => values.slice(count)) }],
  ['take', { form: 'take(count)', about: 'so many first items', ...slice((values, count) => values.slice(0, count)) }],
  ['single', { form: 'single()', about: 'the one item; an error if there are more', fewest: 0, most: 0, make: single }],
  ['distinct', { form: 'distinct()', about: 'each item once', fewest: 0, most: 0, make: eachOnce }],
  ['iif', { form: 'iif(criterion, then [, otherwise])', about: '`then` if the criterion is true, else `otherwise`', fewest: 2, most: 3, make: iif }],
  ['join', { form: 'join([separator])', about: 'the texts put together; an empty text if there are none', fewest: 0, most: 1, make: join }],
  ['startsWith', { form: 'startsWith(text)', about: 'whether the text begins so', ...ofTwoTexts('boolean', (text, other) => text.startsWith(other)) }],
  ['endsWith', { form: 'endsWith(text)', about: 'whether the text ends so', ...ofTwoTexts('boolean', (text, other) => text.endsWith(other)) }],
  ['contains', { form: 'contains(text)', about: 'whether the text has this in it', ...ofTwoTexts('boolean', (text, other) => text.includes(other)) }],
  [
    'indexOf',
    { form: 'indexOf(text)', about: 'where in the text this begins, from 0; -1 if nowhere', ...ofTwoTexts('integer', (text, other) => text.indexOf(other)) },
  ],
  ['substring', { form: 'substring(start [, length])', about: 'a part of the text', fewest: 1, most: 2, make: substring }],
  ['replace', { form: 'replace(pattern, text)', about: 'the text with another one in each place of the first', fewest: 2, most: 2, make: replace }],
  ['upper', { form: 'upper()', about: 'the text in capitals', ...ofText('string', (text) => text.toUpperCase()) }],
  ['lower', { form: 'lower()', about: 'the text in small letters', ...ofText('string', (text) => text.toLowerCase()) }],
  ['trim', { form: 'trim()', about: 'the text without blanks at its ends', ...ofText('string', (text) => text.trim()) }],
  ['length', { form: 'length()', about: 'how long the text is', ...ofText('integer', (text) => text.length) }],
  ['abs', { form: 'abs()', about: 'the number without its sign', ...ofNumber(undefined, Math.abs) }],
  ['ceiling', { form: 'ceiling()', about: 'the next integer that is not less', ...ofNumber('integer', Math.ceil) }],
  ['floor', { form: 'floor()', about: 'the next integer that is not greater', ...ofNumber('integer', Math.floor) }],
  ['truncate', { form: 'truncate()', about: 'the number without its fraction', ...ofNumber('integer', Math.trunc) }],
  ['round', { form: 'round([digits])', about: 'the number rounded, halves away from zero', fewest: 0, most: 1, make: round }],
  [
    'toInteger',
    { form: 'toInteger()', about: 'a text or a truth as an integer; nothing if it is none', ...converted('integer', (item) => toNumber(item, INTEGER)) },
  ],
  [
    'toDecimal',
    { form: 'toDecimal()', about: 'a text or a truth as a number; nothing if it is none', ...converted('decimal', (item) => toNumber(item, DECIMAL)) },
  ],
  ['toBoolean', { form: 'toBoolean()', about: 'a text or a number as true or false; nothing if it is neither', ...converted('boolean', toBoolean) }],
  [
    'toString',
    {
      form: 'toString()',
      about: 'the value as text; nothing for an element with parts',
      ...converted('string', (item) => (typeof item === 'object' ? undefined : String(item))),
    },
  ],
  [
    'lowBoundary',
    { form: 'lowBoundary()', about: 'the least value that a decimal, date, dateTime, time or Period may mean', fewest: 0, most: 0, make: boundary('low') },
  ],
  ['highBoundary', { form: 'highBoundary()', about: 'the greatest value that it may mean', fewest: 0, most: 0, make: boundary('high') }],
])

function hasValue(values: Values): boolean {
  return countOf(values) === 1 && typeof firstOf(values) !== 'object'
}

function first({ input }: Parts): Compiled {
  return compiled((focus, scope) => firstOf(input.evaluate(focus, scope)), input.type)
}

function single({ input, what, position }: Parts): Compiled {
  return compiled((focus, scope) => oneOf(input.evaluate(focus, scope), what, position), input.type)
}

function eachOnce({ input }: Parts): Compiled {
  return compiled((focus, scope) => distinctItems(input.evaluate(focus, scope), scope.work), input.type)
}
