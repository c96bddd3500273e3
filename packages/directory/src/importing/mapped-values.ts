import type { NormalizerId } from '../facts/fields.ts'
import { dayOf, genderOf, isTaxonomyCode, parseUsDay } from './field-values.ts'

/** What payers write in cells, in the words that all other sources use: two sources differ where they say something else, and not where they spell it otherwise. */

const STATUS: { readonly [word: string]: string | undefined } = {
  ...Object.fromEntries(['active', 'a', 'y', 'yes', 'true', '1', 'open', 'current', 'par'].map((word) => [word, 'active'])),
  ...Object.fromEntries(
    ['inactive', 'i', 'n', 'no', 'false', '0', 'closed', 'departed', 'term', 'termed', 'terminated', 'left'].map((word) => [word, 'departed']),
  ),
}

/** The codes of Plan-Net; what is none of these words stays as it is. */
const ACCEPTING: { readonly [word: string]: string | undefined } = {
  y: 'newpt',
  yes: 'newpt',
  true: 'newpt',
  '1': 'newpt',
  n: 'nopt',
  no: 'nopt',
  false: 'nopt',
  '0': 'nopt',
}

/** The value of a cell that is not empty; undefined for one that is not of the field's form. */
export function mappedValue(field: string, normalizer: NormalizerId, cell: string): string | undefined {
  const word = cell.toLowerCase()
  if (field === 'status') return STATUS[word]
  if (field === 'acceptingPatients') return ACCEPTING[word] ?? cell
  if (field === 'gender') return genderOf(cell)
  if (field === 'taxonomy/*') return isTaxonomyCode(cell.toUpperCase()) ? cell.toUpperCase() : undefined
  if (normalizer === 'day') return (/^\d{4}-\d\d-\d\d$/.test(cell) ? dayOf(cell) : parseUsDay(cell))?.iso
  return cell
}
