import { InputError, shape } from '@fiducia/core'
import { fieldPolicy, FIELDS, type NormalizerId } from '../facts/fields.ts'
import { SUBJECT_KINDS, type SubjectKind } from '../facts/types.ts'
import { MAX_COLUMN_NAME, MAX_FIELDS, MAX_FIELD_NAME } from '../limits.ts'
import type { ColumnMapping } from './types.ts'

/**
 * A saved mapping of columns to fields. `name.family` is a field of the practitioner, `location.postalCode` one of its location: the name
 * of a kind in front, where it is another one than the practitioner. `taxonomy/*` takes the code from the cell.
 */
export interface MappedField {
  readonly kind: SubjectKind
  /** Without its kind. */
  readonly field: string
  readonly normalizer: NormalizerId
  readonly column: string
}

const MAPPED_KINDS: readonly SubjectKind[] = ['practitioner', 'organization', 'location', 'role', 'participation']

/** What joins subjects follows from the row, and is no column. */
const LINKS: ReadonlySet<string> = new Set(['role.practitioner', 'role.organization', 'role.location', 'participation.participant', 'location.organization'])

const parseShape = shape.object({
  key: shape.text(MAX_COLUMN_NAME),
  fields: ((value, at) => {
    if (!shape.isObject(value)) throw new InputError('SHAPE', 'expected an object of fields, each with its column', { at })
    const count = Object.keys(value).length
    if (count === 0 || count > MAX_FIELDS) throw new InputError('SHAPE', `expected 1 to ${MAX_FIELDS} fields, found ${count}`, { at })
    return Object.fromEntries(Object.entries(value).map(([field, column]) => [field, parseColumn(column, at)]))
  }) satisfies shape.Parser<ColumnMapping['fields']>,
})

const parseName = shape.text(MAX_COLUMN_NAME)

function parseColumn(value: unknown, at: string): string {
  const column = parseName(value, at)
  if (column.trim() === '') throw new InputError('SHAPE', 'expected the name of a column, found none', { at })
  return column
}

/** Throws an `InputError` that names the field or the member that is wrong. */
export function parseMapping(value: unknown): ColumnMapping {
  const mapping = parseShape(value, '')
  parseColumn(mapping.key, 'key')
  mappedFields(mapping)
  return mapping
}

/** Throws an `InputError` for a field that the table of fields does not have. */
export const mappedFields = ({ fields }: ColumnMapping): readonly MappedField[] =>
  Object.entries(fields).map(([name, column]) => {
    const { kind, field } = splitField(name)
    if (LINKS.has(`${kind}.${field}`)) throw new InputError('SHAPE', `field \`${shown(name)}\` follows from the row and has no column`, { at: 'fields' })
    return { kind, field, normalizer: policyOf(kind, field, name), column }
  })

export function splitField(name: string): { readonly kind: SubjectKind; readonly field: string } {
  const kind = SUBJECT_KINDS.find((one) => name.startsWith(`${one}.`))
  return kind === undefined ? { kind: 'practitioner', field: name } : { kind, field: name.slice(kind.length + 1) }
}

function policyOf(kind: SubjectKind, field: string, name: string): NormalizerId {
  try {
    if (MAPPED_KINDS.includes(kind) && name.length <= MAX_FIELD_NAME) return fieldPolicy(kind, field).normalizer
  } catch {
    // Told below, with the kinds that have such a field.
  }
  const kinds = MAPPED_KINDS.filter((one) => Object.hasOwn(FIELDS[one], field)).map((one) => `\`${one}.${field}\``)
  const hint = kinds.length === 0 ? '' : `; perhaps ${kinds.join(' or ')}`
  throw new InputError('SHAPE', `expected a field of the directory, found \`${shown(name)}\`${hint}`, { at: 'fields' })
}

const shown = (name: string): string => name.slice(0, 80)
