import { isResourceType } from '../resource.ts'
import { MAX_SELECT_DEPTH, MAX_VIEW_PARTS } from '../limits.ts'
import { ViewError, type ViewErrorCode } from './errors.ts'
import { fitsPrimitive, primitiveType } from './fhirpath/types.ts'
import type { Item, StaticType } from './fhirpath/values.ts'
import { shape } from '@fiducia/core'

/**
 * A ViewDefinition of SQL-on-FHIR v2 as it is written, parsed once. Members that the specification does not define are
 * refused, so that a slip of the pen (`forEachOrnull`) never gives other rows than its author means; those that describe
 * a view, and `id` and `extension` everywhere, are taken and not looked at. The logical model of the specification asks for a
 * `status`; published views and the specification's own tests leave it out, so it may be absent.
 */
export interface ViewDefinition {
  readonly resource: string
  readonly constants: ReadonlyMap<string, Constant>
  readonly select: readonly Select[]
  readonly where: readonly Path[]
}

export interface Constant {
  readonly value: Item
  readonly type: StaticType
}

/** An expression, and where it stands in the view. */
export interface Path {
  readonly path: string
  readonly at: string
}

export interface Select {
  readonly at: string
  readonly columns: readonly Column[]
  readonly select: readonly Select[]
  readonly unionAll: readonly Select[]
  readonly forEach: Path | undefined
  readonly forEachOrNull: Path | undefined
  readonly repeat: readonly Path[]
}

export interface Column extends Path {
  readonly name: string
  /** As it is written, without the prefix of FHIR's own types. */
  readonly type: string | undefined
  readonly isCollection: boolean
}

/** What a ViewDefinition has from CanonicalResource and DomainResource, and what says for whom it was written. */
const DESCRIBING = [
  'resourceType id meta implicitRules language text contained extension url identifier version versionAlgorithmString versionAlgorithmCoding',
  'name title status experimental date publisher contact description useContext jurisdiction purpose copyright copyrightLabel',
  'profile fhirVersion approvalDate lastReviewDate effectivePeriod topic author editor reviewer endorser relatedArtifact',
].flatMap((line) => line.split(' '))
const ANYWHERE = ['id', 'extension']

const MEMBERS = {
  view: [...DESCRIBING, 'resource', 'constant', 'select', 'where'],
  select: [...ANYWHERE, 'column', 'select', 'unionAll', 'forEach', 'forEachOrNull', 'repeat'],
  column: [...ANYWHERE, 'path', 'name', 'type', 'collection', 'description', 'tag'],
  where: [...ANYWHERE, 'path', 'description'],
} as const

const KINDS: ReadonlySet<unknown> = new Set([undefined, 'ViewDefinition', 'https://sql-on-fhir.org/ig/StructureDefinition/ViewDefinition'])
const STATUS: ReadonlySet<unknown> = new Set([undefined, 'draft', 'active', 'retired', 'unknown'])
const TYPE_PREFIX = 'http://hl7.org/fhir/StructureDefinition/'
/** What the specification allows as a name, so that any database takes it. */
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/
const MAX_NAME_LENGTH = 255

type Members = { readonly [name: string]: unknown }

/** Throws a `ViewError` with the place of the first thing that a ViewDefinition may not have. */
export function parseViewDefinition(document: unknown): ViewDefinition {
  const view = objectOf(document, '', MEMBERS.view)
  if (!KINDS.has(view['resourceType'])) throw invalid('expected a ViewDefinition, found another resourceType', 'resourceType')
  if (!STATUS.has(view['status'])) throw invalid('expected draft, active, retired or unknown, found another value', 'status')
  const resource = view['resource']
  if (typeof resource !== 'string' || !isResourceType(resource)) throw invalid(`expected the type of a resource, found ${kindOf(resource)}`, 'resource')
  if (view['name'] !== undefined) nameOf(view['name'], 'name')
  return {
    resource,
    constants: constantsOf(listOf(view['constant'], 'constant')),
    select: listOf(view['select'], 'select', 1).map((one, i) => selectOf(one, `select[${i}]`, 1)),
    where: listOf(view['where'], 'where').map((one, i) => pathOf(objectOf(one, `where[${i}]`, MEMBERS.where)['path'], `where[${i}].path`)),
  }
}

function selectOf(value: unknown, at: string, depth: number): Select {
  if (depth > MAX_SELECT_DEPTH) throw new ViewError('VIEW_LIMIT', `expected at most ${MAX_SELECT_DEPTH} selects within each other, found more`, at)
  const select = objectOf(value, at, MEMBERS.select)
  const loops = ['forEach', 'forEachOrNull', 'repeat'].filter((name) => select[name] !== undefined)
  if (loops.length > 1) throw invalid(`expected at most one of forEach, forEachOrNull and repeat, found ${loops.join(' and ')}`, at)
  const nested = (name: 'select' | 'unionAll') => listOf(select[name], `${at}.${name}`).map((one, i) => selectOf(one, `${at}.${name}[${i}]`, depth + 1))
  const path = (name: 'forEach' | 'forEachOrNull') => (select[name] === undefined ? undefined : pathOf(select[name], `${at}.${name}`))
  const repeat = select['repeat'] === undefined ? [] : listOf(select['repeat'], `${at}.repeat`, 1)
  return {
    at,
    columns: listOf(select['column'], `${at}.column`).map((one, i) => columnOf(one, `${at}.column[${i}]`)),
    select: nested('select'),
    unionAll: nested('unionAll'),
    forEach: path('forEach'),
    forEachOrNull: path('forEachOrNull'),
    repeat: repeat.map((one, i) => pathOf(one, `${at}.repeat[${i}]`)),
  }
}

function columnOf(value: unknown, at: string): Column {
  const { path, name, type, collection = false } = objectOf(value, at, MEMBERS.column)
  if (typeof collection !== 'boolean') throw invalid(`expected true or false, found ${kindOf(collection)}`, `${at}.collection`)
  if (type !== undefined && (typeof type !== 'string' || type === '')) throw invalid(`expected the name of a type, found ${kindOf(type)}`, `${at}.type`)
  return {
    ...pathOf(path, `${at}.path`),
    name: nameOf(name, `${at}.name`),
    type: type?.startsWith(TYPE_PREFIX) === true ? type.slice(TYPE_PREFIX.length) : type,
    isCollection: collection,
  }
}

// ---- constants ------------------------------------------------------------------------------------------------------------

/** Names that `%` stands before in FHIRPath already. */
const TAKEN: ReadonlySet<string> = new Set(['context', 'resource', 'rootResource', 'rowIndex', 'ucum', 'sct', 'loinc'])

/** `valueString` → the type of a constant; the specification's list. */
const VALUES: ReadonlyMap<string, StaticType> = new Map(
  ['base64Binary boolean canonical code date dateTime decimal id instant integer integer64 oid string positiveInt time unsignedInt uri url uuid'].flatMap(
    (line) => line.split(' ').map((name) => [`value${name.charAt(0).toUpperCase()}${name.slice(1)}`, primitiveType(name) ?? 'other'] as const),
  ),
)

function constantsOf(list: readonly unknown[]): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>()
  for (const [i, entry] of list.entries()) {
    const at = `constant[${i}]`
    const constant = objectOf(entry, at, [...ANYWHERE, 'name', ...VALUES.keys()])
    const name = nameOf(constant['name'], `${at}.name`)
    const fault = (what: string) => new ViewError('VIEW_CONSTANT', what, at)
    if (TAKEN.has(name) || constants.has(name)) throw fault(`expected a name that is free, found \`${name}\``)
    const [member, ...more] = Object.keys(constant).filter((key) => VALUES.has(key))
    if (member === undefined || more.length > 0)
      throw fault(`expected exactly one value of constant \`${name}\`, found ${more.length === 0 ? 'none' : 'several'}`)
    const value = constant[member]
    const type = VALUES.get(member) ?? 'other'
    if (!isItem(value) || !fitsPrimitive(value, type)) throw fault(`expected \`${member}\` of its type, found ${kindOf(value)}`)
    constants.set(name, { value, type })
  }
  return constants
}

const isItem = (value: unknown): value is string | number | boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

// ---- members --------------------------------------------------------------------------------------------------------------

const invalid = (what: string, at: string, code: ViewErrorCode = 'VIEW_INVALID'): ViewError => new ViewError(code, what, at === '' ? undefined : at)

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'other text' : typeof value === 'number' ? 'a number' : 'true or false'
}

/** A name that starts with `_` belongs to the primitive without it. */
function objectOf(value: unknown, at: string, known: readonly string[]): Members {
  if (!shape.isObject(value)) throw invalid(`expected an object, found ${kindOf(value)}`, at)
  const strange = Object.keys(value).find((name) => !known.includes(name.replace(/^_/, '')))
  if (strange === undefined) return value
  throw invalid(`expected only members that a ViewDefinition has here, found \`${strange.slice(0, 48)}\``, at)
}

function listOf(value: unknown, at: string, fewest = 0): readonly unknown[] {
  if (value === undefined && fewest === 0) return []
  if (!Array.isArray(value) || value.length < fewest) {
    throw invalid(`expected a list${fewest > 0 ? ' with something in it' : ''}, found ${Array.isArray(value) ? 'an empty one' : kindOf(value)}`, at)
  }
  if (value.length > MAX_VIEW_PARTS) throw invalid(`expected at most ${MAX_VIEW_PARTS}, found ${value.length}`, at, 'VIEW_LIMIT')
  return value
}

function pathOf(value: unknown, at: string): Path {
  if (typeof value === 'string' && value.trim() !== '') return { path: value, at }
  throw invalid(`expected a FHIRPath expression, found ${typeof value === 'string' ? 'an empty text' : kindOf(value)}`, at)
}

function nameOf(value: unknown, at: string): string {
  if (typeof value === 'string' && NAME.test(value) && value.length <= MAX_NAME_LENGTH) return value
  throw invalid(`expected a name of letters, digits and \`_\` that begins with a letter, found ${kindOf(value)}`, at)
}
