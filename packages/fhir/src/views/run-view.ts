import { shape } from '@fiducia/core'
import { MAX_COMPARED_DEPTH, MAX_REPEAT_DEPTH, MAX_ROWS_PER_RESOURCE } from '../limits.ts'
import { type Cell, compileView, type Group, type OutputColumn, type Part, type Plan } from './compile-view.ts'
import { FhirPathError, ViewError } from './errors.ts'
import { type Evaluate, type Scope, Work } from './fhirpath/compiled.ts'
import { fitsPrimitive } from './fhirpath/types.ts'
import { isMany, type Item, listOf, type Values } from './fhirpath/values.ts'

/** One row: a value for each column, in the view's order; `null` where there is none, a list for a column with `collection: true`. */
export interface Row {
  readonly [column: string]: unknown
}

/** A resource, and where it was found, for errors. */
export interface Placed {
  readonly resource: unknown
  /** `line 3`, `entry[2]`; may be empty. */
  readonly at: string
  /** `fullUrl` → `Type/id` of the Bundle that it stands in: what its references by URL and URN mean. */
  readonly fullUrls?: ReadonlyMap<string, string>
}

/** A view made ready: checked as a whole, to be run on any number of resources. It keeps nothing between them. */
export interface View {
  /** The type of the resources that it looks at. */
  readonly resource: string
  readonly columns: readonly OutputColumn[]
  /**
   * The rows of one resource; none for one of another type. Throws a `ViewError` with the places in view and input if the
   * resource cannot be read, or does not fit what the view says of it.
   */
  rowsOf(found: Placed): readonly Row[]
}

/** Makes a view ready. Throws a `ViewError` for one that is not valid or uses what is not known, before any resource is read. */
export function prepareView(document: unknown): View {
  const plan = compileView(document)
  const names = plan.columns.map(({ name }) => name)
  return {
    resource: plan.resource,
    columns: plan.columns,
    rowsOf: (found) => {
      const item = resourceOf(found)
      if (item['resourceType'] !== plan.resource) return []
      try {
        return new Run(plan, names).rows(item, found.fullUrls)
      } catch (error) {
        if (!(error instanceof ViewError)) throw error
        throw new ViewError(error.code, error.what, [found.at, error.at].filter((place) => place !== undefined && place !== '').join(', '))
      }
    },
  }
}

/** The rows of all resources, one resource after another: what is in memory is one resource with its rows. */
export function* runView(view: View, resources: Iterable<Placed>): Generator<Row> {
  for (const found of resources) yield* view.rowsOf(found)
}

function resourceOf({ resource, at }: Placed): { readonly [name: string]: unknown } {
  if (shape.isObject(resource) && typeof resource['resourceType'] === 'string') return resource
  throw new ViewError('VIEW_RESOURCE', 'expected a FHIR resource with a resourceType, found another value', at === '' ? undefined : at)
}

/** One resource on its way through the plan. The cells of the row that is being made are overwritten by the next one. */
class Run {
  readonly #plan: Plan
  readonly #names: readonly string[]
  readonly #cells: unknown[]
  readonly #rows: Row[] = []
  readonly #work = new Work()

  constructor(plan: Plan, names: readonly string[]) {
    this.#plan = plan
    this.#names = names
    this.#cells = Array.from({ length: names.length }, () => null)
  }

  rows(resource: Item, fullUrls: ReadonlyMap<string, string> | undefined): readonly Row[] {
    const scope: Scope = { resource, rowIndex: 0, fullUrls, work: this.#work }
    if (this.#plan.where.every(({ evaluate, at }) => isIncluded(evaluate, resource, scope, at))) {
      this.#fill(this.#plan.group, resource, scope, () => this.#emit())
    }
    return this.#rows
  }

  #emit(): void {
    if (this.#rows.length === MAX_ROWS_PER_RESOURCE) {
      throw new ViewError('VIEW_LIMIT', `expected at most ${MAX_ROWS_PER_RESOURCE} rows of one resource, found more`)
    }
    const row: { [column: string]: unknown } = {}
    for (let i = 0; i < this.#names.length; i += 1) row[this.#names[i] ?? ''] = this.#cells[i]
    this.#rows.push(row)
  }

  /** Fills the group's own cells, then goes through its parts; `done` is called for each way to fill them all. */
  #fill(group: Group, item: Item, scope: Scope, done: () => void): void {
    for (const cell of group.cells) this.#cells[cell.place] = cellOf(cell, item, scope)
    this.#parts(group.parts, 0, item, scope, done)
  }

  #parts(parts: readonly Part[], next: number, item: Item, scope: Scope, done: () => void): void {
    const part = parts[next]
    if (part === undefined) done()
    else this.#part(part, item, scope, next + 1 === parts.length ? done : () => this.#parts(parts, next + 1, item, scope, done))
  }

  #part(part: Part, item: Item, scope: Scope, done: () => void): void {
    if (part.kind === 'union') {
      for (const branch of part.branches) this.#fill(branch, item, scope, done)
      return
    }
    const items = part.kind === 'each' ? listOf(evaluated(part.evaluate, item, scope, part.at)) : this.#repeated(part.steps, item, scope)
    if (items.length === 0 && part.kind === 'each' && part.orNull) {
      for (const place of part.group.places) this.#cells[place] = null
      for (const { place, isRowIndex } of part.group.cells) if (isRowIndex) this.#cells[place] = 0
      done()
      return
    }
    this.#spend(items.length, part.at)
    for (const [rowIndex, each] of items.entries()) this.#fill(part.group, each, { ...scope, rowIndex }, done)
  }

  /** Everything that the steps lead to, and what they lead to from there, each element before those below it. */
  #repeated(steps: Extract<Part, { kind: 'repeat' }>['steps'], from: Item, scope: Scope): readonly Item[] {
    const all: Item[] = []
    const visit = (item: Item, depth: number): void => {
      for (const { evaluate, at } of steps) {
        const found = listOf(evaluated(evaluate, item, scope, at))
        if (found.length > 0 && depth > MAX_REPEAT_DEPTH) {
          throw new ViewError('VIEW_LIMIT', `expected at most ${MAX_REPEAT_DEPTH} steps of a repeat below each other, found more`, at)
        }
        this.#spend(found.length, at)
        for (const each of found) {
          all.push(each)
          visit(each, depth + 1)
        }
      }
    }
    visit(from, 1)
    return all
  }

  #spend(items: number, at: string): void {
    try {
      this.#work.spend(items)
    } catch (error) {
      throw placed(error, at)
    }
  }
}

const placed = (error: unknown, at: string): unknown => (error instanceof FhirPathError ? error.within(at) : error)

function evaluated(evaluate: Evaluate, item: Item, scope: Scope, at: string): Values {
  try {
    return evaluate(item, scope)
  } catch (error) {
    throw placed(error, at)
  }
}

function isIncluded(evaluate: Evaluate, resource: Item, scope: Scope, at: string): boolean {
  const [one, ...more] = listOf(evaluated(evaluate, resource, scope, at))
  if (more.length === 0 && (one === undefined || typeof one === 'boolean')) return one === true
  throw new ViewError('VIEW_WHERE', `expected true, false or nothing, found ${more.length > 0 ? 'several values' : 'another value'}`, at)
}

// ---- cells ----------------------------------------------------------------------------------------------------------------

function cellOf(cell: Cell, item: Item, scope: Scope): unknown {
  const { column } = cell
  const values = evaluated(cell.evaluate, item, scope, column.at)
  if (column.isCollection) {
    const list = listOf(values)
    for (const one of list) checkType(cell, one)
    return list
  }
  if (values === undefined) return null
  if (!isMany(values)) return checkType(cell, values)
  const [one, ...more] = values
  if (more.length > 0) {
    throw new ViewError('VIEW_COLUMN_MANY', `expected one value for column \`${column.name}\` (or \`collection: true\`), found ${values.length}`, column.at)
  }
  return one === undefined ? null : checkType(cell, one)
}

/** The specification asks for an error where a value is not of the stated type, or has parts and no type is stated. */
function checkType({ column, primitive }: Cell, value: Item): Item {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ViewError('VIEW_COLUMN_TYPE', `expected a number for column \`${column.name}\`, found one that is too large for any`, column.at)
  }
  if (primitive !== undefined) {
    if (fitsPrimitive(value, primitive)) return value
    throw new ViewError('VIEW_COLUMN_TYPE', `expected \`${column.type}\` for column \`${column.name}\`, found a value of another type`, column.at)
  }
  if (typeof value !== 'object') return value
  if (column.type === undefined) {
    throw new ViewError(
      'VIEW_COLUMN_TYPE',
      `expected a value without parts for column \`${column.name}\`, which states no type, found one with parts`,
      column.at,
    )
  }
  if (isDeeper(value, MAX_COMPARED_DEPTH)) {
    throw new ViewError('VIEW_LIMIT', `expected elements nested at most ${MAX_COMPARED_DEPTH} deep, found a deeper one`, column.at)
  }
  return value
}

const isDeeper = (value: unknown, depth: number): boolean =>
  typeof value === 'object' && value !== null && (depth === 0 || Object.values(value).some((entry) => isDeeper(entry, depth - 1)))
