import type { Side } from './temporal.ts'

/**
 * Decimals of FHIRPath on the numbers of JavaScript: exact for integers up to 2^53, fifteen digits for the rest, so that
 * 0.1 + 0.2 is 0.3. What has no finite value is nothing, as FHIRPath says of division by zero and of overflow.
 */
const DIGITS = 15

export function settle(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined
  return Number.isSafeInteger(value) ? value : Number(value.toPrecision(DIGITS))
}

/** Digits after the point as the number is written; a decimal without any is taken as written with one (`1.0`): parsed JSON does not tell them apart. */
function scaleOf(value: number, isInteger: boolean): number {
  if (isInteger) return 0
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  return Math.max(1, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent))
}

/** The least or the greatest number that is rounded to this one. */
export function decimalBoundary(value: number, side: Side, isInteger: boolean): number | undefined {
  const scale = scaleOf(value, isInteger)
  const half = 0.5 * 10 ** -scale
  return settle(side === 'low' ? value - half : value + half)
}
