import type { Attestation, FieldName } from '../facts/types.ts'
import { NORMALIZERS } from '../normalize/normalizers.ts'
import { resolveField } from './resolve-field.ts'
import type { ResolveContext, ResolvedField } from './types.ts'
import { compareText } from './words.ts'

/** By field: the code that says of the whole subject that it is gone. */
const DEPARTED: { readonly [field: string]: string } = { status: 'departed', 'npi.status': 'deactivated' }

/**
 * All fields of one subject, by name in the order of names. If one of them says that the subject is gone, all others are `departed`, whatever
 * they were; the one that says so keeps its own state, which tells how sure that is.
 */
export function resolveSubject(attestations: readonly Attestation[], context: ResolveContext): ReadonlyMap<FieldName, ResolvedField> {
  const fields = [...Map.groupBy(attestations, ({ field }) => field)].toSorted(([a], [b]) => compareText(a, b))
  const resolved = fields.flatMap(([field, said]) => {
    const one = resolveField(said, context)
    return one === undefined ? [] : [[field, one] as const]
  })
  if (!resolved.some(([field, { value }]) => saysDeparted(field, value))) return new Map(resolved)
  return new Map(resolved.map(([field, one]) => [field, saysDeparted(field, one.value) ? one : { ...one, state: 'departed' }]))
}

const saysDeparted = (field: FieldName, value: string): boolean => DEPARTED[field] === NORMALIZERS.code.normalize(value)
