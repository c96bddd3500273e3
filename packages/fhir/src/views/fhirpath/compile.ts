import { FhirPathError } from '../errors.ts'
import { type Compiled, compiled } from './compiled.ts'
import { besideElement, type Element, elementValues, namedElement, ofType, referenceKey, resourceKey, typedElement, withUrl } from './elements.ts'
import { FUNCTIONS } from './functions.ts'
import { indexed, OPERATORS, signed } from './operators.ts'
import { type Expression, parseFhirPath } from './parser.ts'
import { isChoice, isDataType, isType } from './types.ts'
import type { Item, StaticType } from './values.ts'

/**
 * Expressions become functions: each part of the tree one closure that calls those of its parts, with everything that does not
 * depend on a resource decided beforehand. Whatever is not known is refused here, by name and place, so that a view never
 * gives empty columns because of a function that is missing.
 */
export interface CompileOptions {
  /** `%name` → value and type. */
  readonly constants: ReadonlyMap<string, { readonly value: Item; readonly type: StaticType }>
  /** What `Patient.name` may begin with; absent where the expression does not stand on the resource. */
  readonly resourceType?: string
  /** What the column says that the expression gives. */
  readonly expected?: StaticType
}

/** Throws a `FhirPathError`: what is no FHIRPath, and what is not known. */
export const compileFhirPath = (text: string, options: CompileOptions): Compiled => compile(parseFhirPath(text), options)

/** Names that `%` may stand before besides the constants of a view. */
export const VARIABLES: ReadonlyMap<string, { readonly about: string; readonly value: Compiled }> = new Map([
  ['resource', { about: 'the resource that the view looks at', value: compiled((_, { resource }) => resource) }],
  ['rowIndex', { about: 'which item of the nearest `forEach` or `repeat` this is, from 0', value: compiled((_, { rowIndex }) => rowIndex, 'integer') }],
])

const THIS: Compiled = compiled((focus) => focus)

function compile(expression: Expression, options: CompileOptions): Compiled {
  const { position } = expression
  switch (expression.kind) {
    case 'literal': {
      const { value, type } = expression
      return compiled(() => value, type)
    }
    case 'nothing':
      return compiled(() => undefined)
    case 'constant':
      return constant(expression.name, options, position)
    case 'variable':
      if (expression.name === '$this') return THIS
      throw unknown(`the variable \`${expression.name}\``, position)
    case 'member':
      return member(expression, options)
    case 'call':
      return call(expression, options)
    case 'index':
      return indexed(compile(expression.base, inner(options)), compile(expression.index, onOther(options)), position)
    case 'sign':
      return signed(expression.sign, compile(expression.operand, inner(options)), position)
    case 'binary':
      return binary(expression, options)
  }
}

type Of<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>

/** The column's type is that of the whole expression, not of its parts. */
const inner = ({ constants, resourceType }: CompileOptions): CompileOptions => ({ constants, ...(resourceType === undefined ? {} : { resourceType }) })
/** Arguments and indexes may stand on anything. */
const onOther = ({ constants }: CompileOptions): CompileOptions => ({ constants })

const unknown = (what: string, position: number): FhirPathError => new FhirPathError('FHIRPATH_UNKNOWN', `${what} is not known here`, position)

function constant(name: string, { constants }: CompileOptions, position: number): Compiled {
  const variable = VARIABLES.get(name)
  if (variable !== undefined) return variable.value
  const defined = constants.get(name)
  if (defined === undefined) throw unknown(`the constant \`%${name}\``, position)
  const { value, type } = defined
  return compiled(() => value, type)
}

function binary({ operator, left, right, position }: Of<'binary'>, options: CompileOptions): Compiled {
  if (operator === 'as') return typed(left, right, options, position)
  const row = OPERATORS.get(operator)
  if (row === undefined) throw unknown(`the operator \`${operator}\``, position)
  return row.make(compile(left, inner(options)), compile(right, inner(options)), position)
}

// ---- elements -------------------------------------------------------------------------------------------------------------

const BASE_TYPES: readonly string[] = ['Resource', 'DomainResource']

function member({ base, name, position }: Of<'member'>, options: CompileOptions): Compiled {
  if (base === undefined && /^[A-Z]/.test(name)) {
    const { resourceType } = options
    if (resourceType !== undefined && (name === resourceType || BASE_TYPES.includes(name))) return THIS
    const expected = resourceType === undefined ? 'the name of an element' : `the name of an element, or \`${resourceType}\``
    throw new FhirPathError('FHIRPATH_UNKNOWN', `expected ${expected}, found \`${name}\``, position)
  }
  if (name === 'extension' || name === 'id') return beside(base, name, options)
  return elementValues(namedElement(ownerOf(base, options), name))
}

const ownerOf = (base: Expression | undefined, options: CompileOptions): Compiled => (base === undefined ? THIS : compile(base, inner(options)))

function beside(base: Expression | undefined, name: 'extension' | 'id', options: CompileOptions): Compiled {
  const element = base === undefined ? undefined : elementOf(base, options)
  return element === undefined ? elementValues(namedElement(ownerOf(base, options), name)) : besideElement(element, name)
}

/** The element that an expression names: `birthDate`, `value.ofType(dateTime)`; nothing for any other expression. */
function elementOf(expression: Expression, options: CompileOptions): Element | undefined {
  if (expression.kind === 'member' && /^[a-z]/.test(expression.name)) return namedElement(ownerOf(expression.base, options), expression.name)
  if (expression.kind !== 'call' || !isOfType(expression.name) || expression.base?.kind !== 'member') return undefined
  const [type] = expression.args
  const { base, name } = expression.base
  return type === undefined ? undefined : typedElement(ownerOf(base, options), name, typeName(type), expression.position)
}

const isOfType = (name: string): boolean => name === 'ofType' || name === 'as'

function typed(base: Expression | undefined, type: Expression, options: CompileOptions, position: number): Compiled {
  const name = typeName(type)
  if (base?.kind !== 'member' || /^[A-Z]/.test(base.name)) return ofType(ownerOf(base, options), name, position)
  // Any other word with a capital letter may be a type of resource, but no choice has one: it is a slip of the pen.
  if (isChoice(base.name) && !isDataType(name)) throw unknown(`the type \`${name}\``, position)
  return elementValues(typedElement(ownerOf(base.base, options), base.name, name, position))
}

/** `Quantity`, `FHIR.Quantity`; types of other models are refused. */
function typeName(expression: Expression): string {
  const { position } = expression
  if (expression.kind !== 'member') throw new FhirPathError('FHIRPATH_SYNTAX', 'expected the name of a type, found another expression', position)
  const { base, name } = expression
  const isPlain = base === undefined || (base.kind === 'member' && base.base === undefined && base.name === 'FHIR')
  if (!isPlain || !isType(name)) throw unknown(`the type \`${name}\``, position)
  return name
}

// ---- functions ------------------------------------------------------------------------------------------------------------

/** Functions that take the name of a type or look at how their input is written; for the reference like the rows of `FUNCTIONS`. */
export const ELEMENT_FUNCTIONS: ReadonlyMap<string, { readonly form: string; readonly about: string; readonly fewest: number; readonly most: number }> =
  new Map([
    ['ofType', { form: 'ofType(type)', about: 'those of this type: `value.ofType(Quantity)` is the member `valueQuantity`', fewest: 1, most: 1 }],
    ['as', { form: 'as(type)', about: 'the same as `ofType`', fewest: 1, most: 1 }],
    ['extension', { form: 'extension(url)', about: 'the extensions with this URL, also of a primitive element', fewest: 1, most: 1 }],
    ['getResourceKey', { form: 'getResourceKey()', about: '`Type/id` of the resource', fewest: 0, most: 0 }],
    ['getReferenceKey', { form: 'getReferenceKey([type])', about: 'the same of what a Reference points to; nothing for another type', fewest: 0, most: 1 }],
  ])

function call(expression: Of<'call'>, options: CompileOptions): Compiled {
  const { base, name, args, position } = expression
  const row = FUNCTIONS.get(name) ?? ELEMENT_FUNCTIONS.get(name)
  if (row === undefined) throw unknown(`the function \`${name}()\``, position)
  if (args.length < row.fewest || args.length > row.most) {
    const expected = row.fewest === row.most ? `${row.fewest}` : `${row.fewest} to ${row.most}`
    throw new FhirPathError('FHIRPATH_SYNTAX', `expected \`${row.form}\` with ${expected} arguments, found ${args.length}`, position)
  }
  // It would stand on each item of the path, or on none.
  if (name === 'iif' && base !== undefined) throw unknown('`iif()` after a path', position)
  const known = FUNCTIONS.get(name)
  if (known === undefined) return elementCall(expression, options)
  const argument = known.perItem === true ? onOther(options) : inner(options)
  return known.make({
    input: ownerOf(base, options),
    args: args.map((one) => compile(one, argument)),
    what: `\`${name}()\``,
    position,
    expected: options.expected,
  })
}

function elementCall({ base, name, args: [argument], position }: Of<'call'>, options: CompileOptions): Compiled {
  if (name === 'getResourceKey') return resourceKey(ownerOf(base, options), position)
  if (name === 'getReferenceKey') return referenceKey(ownerOf(base, options), argument === undefined ? undefined : referencedType(argument), position)
  if (argument === undefined) throw unknown(`the function \`${name}()\` without an argument`, position)
  if (name === 'extension') return withUrl(beside(base, 'extension', options), compile(argument, inner(options)), position)
  return typed(base, argument, options, position)
}

/** The specification's own example writes the type as a string. */
const referencedType = (argument: Expression): string =>
  argument.kind === 'literal' && typeof argument.value === 'string' && isType(argument.value) ? argument.value : typeName(argument)
