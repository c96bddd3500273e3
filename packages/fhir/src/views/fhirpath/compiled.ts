import { MAX_ITEMS_PER_RESOURCE, MAX_TEXT_LENGTH } from '../../limits.ts'
import { FhirPathError } from '../errors.ts'
import { distinct, type Item, isMany, kindOf, oneOf, type StaticType, type Values } from './values.ts'

/** What an expression can see besides the item that it stands on. */
export interface Scope {
  /** `%resource` */
  readonly resource: Item
  /** `%rowIndex`: which item of the nearest `forEach` or `repeat` this is, from 0. */
  readonly rowIndex: number
  /** `fullUrl` of a Bundle's entries → `Type/id`: what references by URL and URN mean. */
  readonly fullUrls: ReadonlyMap<string, string> | undefined
  readonly work: Work
}

/** Counts the items that are looked at for one resource, so that a product of long lists ends. */
export class Work {
  #left = MAX_ITEMS_PER_RESOURCE

  spend(items: number): void {
    this.#left -= items
    if (this.#left < 0) throw new FhirPathError('VIEW_LIMIT', `expected at most ${MAX_ITEMS_PER_RESOURCE} items to look at in one resource, found more`)
  }

  /** For each item of the collection in turn. */
  spendOn(values: Values): void {
    this.spend(isMany(values) ? values.length : 1)
  }
}

/** Each item once; elements with parts are compared with each other, which counts as looking at them. */
export function distinctItems(values: Values, work: Work): Values {
  if (isMany(values)) work.spend(values.length * (values.filter((item) => typeof item === 'object').length + 1))
  return distinct(values)
}

/** An expression made ready: a function of the item that it stands on. Pure, and safe to call for any number of resources. */
export type Evaluate = (focus: Item, scope: Scope) => Values

export interface Compiled {
  readonly evaluate: Evaluate
  /** Nothing where JSON does not say. */
  readonly type: StaticType | undefined
}

export const compiled = (evaluate: Evaluate, type?: StaticType): Compiled => ({ evaluate, type })

export function textOf(values: Values, what: string, position: number): string | undefined {
  const one = oneOf(values, what, position)
  if (one === undefined || typeof one === 'string') return one
  throw wrongType(what, 'text', one, position)
}

export function numberOf(values: Values, what: string, position: number): number | undefined {
  const one = oneOf(values, what, position)
  if (one === undefined || typeof one === 'number') return one
  throw wrongType(what, 'a number', one, position)
}

/** Refuses a text that would be longer than the machine can hold. */
export function checkLength(length: number, position: number): void {
  if (length > MAX_TEXT_LENGTH) throw new FhirPathError('VIEW_LIMIT', `expected a text of at most ${MAX_TEXT_LENGTH} characters, found a longer one`, position)
}

export const wrongType = (what: string, expected: string, found: Item, position: number): FhirPathError =>
  new FhirPathError('FHIRPATH_TYPE', `${what} takes ${expected}, found ${kindOf(found)}`, position)
