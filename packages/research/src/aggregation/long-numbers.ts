/**
 * Numbers of the 128-bit ring: four limbs of 32 bits, the lowest first, two's complement, in units of 2^-64. Everything is exact
 * arithmetic on doubles: a limb times 2^32 plus a limb needs 64 bits only where it is split first. BigInt gives the same and takes
 * ten times as long; the tests compare with it.
 */

const LIMB = 2 ** 32

/** The largest double of which `sites` add up to less than 2^62. */
export function longLimit(sites: number): number {
  let limit = 2 ** 62 / sites
  while (BigInt(limit) * BigInt(sites) >= 2n ** 62n) limit *= 1 - Number.EPSILON / 2
  return limit
}

/** Writes `value`, |value| < 2^62, rounded to a multiple of 2^-64, half-way cases to even. */
export function encodeLong(value: number, limbs: Uint32Array, at: number): void {
  const magnitude = Math.abs(value)
  const whole = Math.floor(magnitude)
  const high = (magnitude - whole) * LIMB
  const half = Math.floor(high)
  const low = (high - half) * LIMB
  const cut = Math.floor(low)
  const rest = low - cut
  const up = rest > 0.5 || (rest === 0.5 && cut % 2 === 1) ? 1 : 0
  const top = Math.floor(whole / LIMB)
  let a = cut + up
  let b = half
  let c = whole - top * LIMB
  let d = top
  if (a === LIMB) [a, b, c, d] = carried(b, c, d)
  limbs[at] = a
  limbs[at + 1] = b
  limbs[at + 2] = c
  limbs[at + 3] = d
  if (value < 0) negate(limbs, at)
}

/** Rounding up a fraction of all ones; it cannot leave the fourth limb. */
function carried(b: number, c: number, d: number): [number, number, number, number] {
  if (b + 1 < LIMB) return [0, b + 1, c, d]
  return c + 1 < LIMB ? [0, 0, c + 1, d] : [0, 0, 0, d + 1]
}

function negate(limbs: Uint32Array, at: number): void {
  let carry = 1
  for (let i = at; i < at + 4; i += 1) {
    const limb = (~(limbs[i] ?? 0) >>> 0) + carry
    limbs[i] = limb
    carry = limb === LIMB ? 1 : 0
  }
}

/** The nearest double, half-way cases to even. */
export function decodeLong(limbs: Uint32Array, at: number): number {
  const d = limbs[at + 3] ?? 0
  if (d < 2 ** 31) return nearest(limbs[at] ?? 0, limbs[at + 1] ?? 0, limbs[at + 2] ?? 0, d)
  const copy = limbs.slice(at, at + 4)
  negate(copy, 0)
  return -nearest(copy[0] ?? 0, copy[1] ?? 0, copy[2] ?? 0, copy[3] ?? 0)
}

/** Limbs from the lowest. The highest one that is not zero and the next two hold more than 53 bits and the bit after them; the last one only breaks ties. */
function nearest(a: number, b: number, c: number, d: number): number {
  if (d !== 0) return roundThree(d, c, b, a !== 0)
  if (c !== 0) return roundThree(c, b, a, false) / LIMB
  return roundThree(b, a, 0, false) / LIMB / LIMB
}

/** high + middle·2^-32 + low·2^-64 (and a little more), times 2^32: the first part of 53 bits at most, the second of 44, are exact; their sum is rounded once. */
function roundThree(high: number, middle: number, low: number, more: boolean): number {
  const first = (high * LIMB + ((middle & ~0x7ff) >>> 0)) * LIMB * 2
  const second = ((middle & 0x7ff) * LIMB + low) * 2 + (more ? 1 : 0)
  return (first + second) / LIMB / 2
}

export function addLong(into: Uint32Array, limbs: Uint32Array, at = 0): void {
  for (let i = 0; i < limbs.length; i += 4) {
    const to = at + i
    const a = (into[to] ?? 0) + (limbs[i] ?? 0)
    const b = (into[to + 1] ?? 0) + (limbs[i + 1] ?? 0) + (a >= LIMB ? 1 : 0)
    const c = (into[to + 2] ?? 0) + (limbs[i + 2] ?? 0) + (b >= LIMB ? 1 : 0)
    into[to] = a
    into[to + 1] = b
    into[to + 2] = c
    into[to + 3] = (into[to + 3] ?? 0) + (limbs[i + 3] ?? 0) + (c >= LIMB ? 1 : 0)
  }
}

export function subtractLong(into: Uint32Array, limbs: Uint32Array, at = 0): void {
  for (let i = 0; i < limbs.length; i += 4) {
    const to = at + i
    const a = (into[to] ?? 0) - (limbs[i] ?? 0)
    const b = (into[to + 1] ?? 0) - (limbs[i + 1] ?? 0) - (a < 0 ? 1 : 0)
    const c = (into[to + 2] ?? 0) - (limbs[i + 2] ?? 0) - (b < 0 ? 1 : 0)
    into[to] = a
    into[to + 1] = b
    into[to + 2] = c
    into[to + 3] = (into[to + 3] ?? 0) - (limbs[i + 3] ?? 0) - (c < 0 ? 1 : 0)
  }
}
