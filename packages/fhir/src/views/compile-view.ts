import { MAX_VIEW_LOOPS, MAX_VIEW_PARTS } from '../limits.ts'
import { FhirPathError, ViewError } from './errors.ts'
import { compileFhirPath } from './fhirpath/compile.ts'
import type { Compiled, Evaluate } from './fhirpath/compiled.ts'
import { primitiveType } from './fhirpath/types.ts'
import { type StaticType } from './fhirpath/values.ts'
import { type Column, parseViewDefinition, type Path, type Select, type ViewDefinition } from './view-definition.ts'

/**
 * A view as a plan. A select without a loop of its own adds nothing to its parent but its columns and its parts, so the tree
 * is flattened: a `Group` has the columns that one item fills, and the parts that make several rows of it. Each column has a
 * place in the row, given once; the branches of a `unionAll` fill the same places. The rows of a group are every row of its
 * first part with every row of its second, and so on.
 */
export interface Plan {
  readonly resource: string
  readonly columns: readonly OutputColumn[]
  readonly where: readonly { readonly evaluate: Evaluate; readonly at: string }[]
  readonly group: Group
}

/** A column of the rows that come out. */
export interface OutputColumn {
  readonly name: string
  /** FHIR's name of the type, where the view states it. */
  readonly type: string | undefined
  readonly isCollection: boolean
}

export interface Group {
  readonly cells: readonly Cell[]
  readonly parts: readonly Part[]
  /** Places of all columns in it and below. */
  readonly places: readonly number[]
}

export interface Cell {
  readonly place: number
  readonly column: Column
  readonly evaluate: Evaluate
  /** What a value must be; absent where the view does not say. */
  readonly primitive: StaticType | undefined
  /** Alone among all expressions it has a value where there is no item: the row of an empty `forEachOrNull` is row 0. */
  readonly isRowIndex: boolean
}

export type Part =
  | { readonly kind: 'each'; readonly evaluate: Evaluate; readonly orNull: boolean; readonly at: string; readonly group: Group }
  | { readonly kind: 'repeat'; readonly steps: readonly { readonly evaluate: Evaluate; readonly at: string }[]; readonly at: string; readonly group: Group }
  | { readonly kind: 'union'; readonly branches: readonly Group[] }

/** Throws a `ViewError` for a view that is not valid, that uses what is not known, or whose columns do not fit together. */
export function compileView(document: unknown): Plan {
  const view = parseViewDefinition(document)
  const columns: Column[] = []
  for (const select of view.select) addColumns(select, columns)
  if (columns.length === 0) throw new ViewError('VIEW_COLUMNS', 'expected a column, found none', 'select')
  const places = new Map<string, number>()
  for (const [place, { name, at }] of columns.entries()) {
    if (places.has(name)) throw new ViewError('VIEW_COLUMNS', `expected each column once, found \`${name}\` again`, at)
    places.set(name, place)
  }
  const compiler = new Compiler(view, places)
  return {
    resource: view.resource,
    columns: columns.map(({ name, type, isCollection }) => ({ name, type, isCollection })),
    where: view.where.map((path) => compiler.where(path)),
    group: compiler.group(view.select, 'resource'),
  }
}

/** The columns of a select in the order of the specification: its own, those of its selects, those of its union. */
function addColumns(select: Select, all: Column[]): void {
  all.push(...select.columns)
  if (all.length > MAX_VIEW_PARTS) throw new ViewError('VIEW_LIMIT', `expected at most ${MAX_VIEW_PARTS} columns, found more`, select.at)
  for (const nested of select.select) addColumns(nested, all)
  const [first, ...others] = select.unionAll.map((branch) => {
    const columns: Column[] = []
    addColumns(branch, columns)
    return { columns, at: branch.at }
  })
  if (first === undefined) return
  for (const { columns, at } of others) {
    if (isSame(first.columns, columns)) continue
    const [expected, found] = [first.columns, columns].map((list) => list.map(({ name }) => `\`${name}\``).join(', '))
    throw new ViewError('VIEW_COLUMNS', `expected the columns of the first branch with their types (${expected}), found ${found}`, at)
  }
  all.push(...first.columns)
}

const isSame = (a: readonly Column[], b: readonly Column[]): boolean =>
  a.length === b.length &&
  a.every(({ name, type, isCollection }, i) => {
    const other = b[i]
    if (other === undefined || other.name !== name || other.isCollection !== isCollection) return false
    return type === undefined || other.type === undefined || type === other.type
  })

/** Where an expression stands: on the resource, whose type a path may begin with, or on something in it. */
type Standing = 'resource' | 'element'

class Compiler {
  readonly #view: ViewDefinition
  readonly #places: ReadonlyMap<string, number>
  #loops = 0

  constructor(view: ViewDefinition, places: ReadonlyMap<string, number>) {
    this.#view = view
    this.#places = places
  }

  where(path: Path): Plan['where'][number] {
    const { evaluate, type } = this.#path(path, 'resource')
    if (type !== undefined && type !== 'boolean') throw new ViewError('VIEW_WHERE', 'expected true or false, found an expression that never gives it', path.at)
    return { evaluate, at: path.at }
  }

  group(selects: readonly Select[], standing: Standing): Group {
    const [cells, parts]: [Cell[], Part[]] = [[], []]
    for (const select of selects) this.#add(select, standing, cells, parts)
    return { cells, parts, places: [...cells.map(({ place }) => place), ...parts.flatMap(placesOf)] }
  }

  #add(select: Select, standing: Standing, cells: Cell[], parts: Part[]): void {
    const { forEach, forEachOrNull, repeat, at } = select
    const each = forEach ?? forEachOrNull
    if (each !== undefined || repeat.length > 0) this.#count(at)
    if (each !== undefined) {
      const { evaluate } = this.#path(each, standing)
      parts.push({ kind: 'each', evaluate, orNull: forEachOrNull !== undefined, at: each.at, group: this.#body(select, 'element') })
    } else if (repeat.length > 0) {
      // A step is taken from the resource first, and then from whatever it led to.
      const steps = repeat.map((step) => ({ evaluate: this.#path(step, 'element').evaluate, at: step.at }))
      parts.push({ kind: 'repeat', steps, at: `${at}.repeat`, group: this.#body(select, 'element') })
    } else this.#fill(select, standing, cells, parts)
  }

  #body(select: Select, standing: Standing): Group {
    const [cells, parts]: [Cell[], Part[]] = [[], []]
    this.#fill(select, standing, cells, parts)
    return { cells, parts, places: [...cells.map(({ place }) => place), ...parts.flatMap(placesOf)] }
  }

  #count(at: string): void {
    this.#loops += 1
    if (this.#loops > MAX_VIEW_LOOPS) throw new ViewError('VIEW_LIMIT', `expected at most ${MAX_VIEW_LOOPS} loops and unions, found more`, at)
  }

  #fill({ at, columns, select, unionAll }: Select, standing: Standing, cells: Cell[], parts: Part[]): void {
    for (const column of columns) cells.push(this.#cell(column, standing))
    for (const nested of select) this.#add(nested, standing, cells, parts)
    if (unionAll.length === 0) return
    this.#count(at)
    parts.push({ kind: 'union', branches: unionAll.map((branch) => this.group([branch], standing)) })
  }

  #cell(column: Column, standing: Standing): Cell {
    const primitive = column.type === undefined ? undefined : primitiveType(column.type)
    const { evaluate } = this.#path(column, standing, primitive)
    return { place: this.#places.get(column.name) ?? 0, column, evaluate, primitive, isRowIndex: column.path.trim() === '%rowIndex' }
  }

  #path({ path, at }: Path, standing: Standing, expected?: StaticType): Compiled {
    try {
      const { constants, resource } = this.#view
      return compileFhirPath(path, {
        constants,
        ...(standing === 'resource' ? { resourceType: resource } : {}),
        ...(expected === undefined ? {} : { expected }),
      })
    } catch (error) {
      throw error instanceof FhirPathError ? error.within(at) : error
    }
  }
}

/** The branches of a union fill the same places. */
const placesOf = (part: Part): readonly number[] => (part.kind === 'union' ? (part.branches[0]?.places ?? []) : part.group.places)
