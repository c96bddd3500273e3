import { ResearchError } from '../errors.ts'

const SMALLEST = 2 ** -40
const LARGEST = 2 ** 40

/**
 * Masked sums carry numbers below 2^62 in steps of 2^-64, so a column whose numbers are all near zero, or one of which is huge, would come
 * out wrong. Throws `STUDY_RANGE` with the column's name.
 */
export function checkRange(column: string, values: Iterable<number>): void {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  if (largest < LARGEST && (largest === 0 || largest >= SMALLEST)) return
  throw new ResearchError('STUDY_RANGE', `column \`${column}\`: expected numbers between 2^-40 and 2^40 in size, choose another unit`)
}

/** The power of two next to a positive number, 1 for zero: dividing by it loses no digit. */
export const powerOfTwoNear = (size: number): number => (size > 0 ? 2 ** Math.round(Math.log2(size)) : 1)
