import { encodeHex } from '@fiducia/core'
import { ResearchError } from '../errors.ts'

/**
 * Shamir's sharing (CACM 22, 1979) of 32-byte secrets: the secret is the value at 0 of a random polynomial of degree t − 1, a share
 * its value at 1 … n. Fewer than t shares say nothing about it.
 *
 * The field is the integers modulo 2^256 + 297, the smallest prime above 2^256: every 32-byte string is an element of it, so that neither a
 * seed nor an X25519 secret needs splitting or drawing again, and each share is 33 bytes, whatever it shares.
 */
export interface Share {
  /** From 1. */
  readonly index: number
  /** 33 bytes, big-endian, below the prime. */
  readonly value: Uint8Array
}

export const SHARE_BYTES = 33

const PRIME = 2n ** 256n + 297n

/** Bytes from which a coefficient is drawn: reduced, they are uniform but for 2^-127. */
const COEFFICIENT_BYTES = 48

export type RandomBytes = (length: number) => Uint8Array

/** The shares with index 1 … `count` of a 32-byte secret, `threshold` of which give it back. */
export function splitSecret(secret: Uint8Array, threshold: number, count: number, random: RandomBytes): readonly Share[] {
  if (secret.length !== 32) throw new RangeError(`expected a secret of 32 bytes, found ${secret.length}`)
  if (threshold < 1 || threshold > count) throw new RangeError(`expected a threshold from 1 to ${count}, found ${threshold}`)
  const coefficients = [integerOf(secret), ...Array.from({ length: threshold - 1 }, () => integerOf(random(COEFFICIENT_BYTES)) % PRIME)]
  return Array.from({ length: count }, (_, i) => ({ index: i + 1, value: bytesOf(valueAt(coefficients, BigInt(i + 1)), SHARE_BYTES) }))
}

/**
 * The secret. Throws `STUDY_ROUND` for fewer shares than `threshold`, one of a malformed value or index, two of one index, and
 * where more than `threshold` do not lie on one polynomial. Exactly `threshold` false shares give a false secret: who knows
 * what the secret must fit compares it.
 */
export function joinShares(shares: readonly Share[], threshold: number): Uint8Array {
  if (new Set(shares.map(({ index }) => index)).size !== shares.length) throw refused('two shares have one index')
  if (shares.length < threshold) throw refused(`expected ${threshold} shares, found ${shares.length}`)
  const points = shares.map(pointOf)
  const [used, others] = [points.slice(0, threshold), points.slice(threshold)]
  if (others.some(({ x, y }) => interpolate(used, x) !== y)) throw refused('the shares are not of one secret')
  const secret = interpolate(used, 0n)
  if (secret >= 2n ** 256n) throw refused('the shares are not of a secret of 32 bytes')
  return bytesOf(secret, 32)
}

interface Point {
  readonly x: bigint
  readonly y: bigint
}

function pointOf({ index, value }: Share): Point {
  if (!Number.isSafeInteger(index) || index < 1) throw refused('the index of a share is not a number from 1')
  const y = integerOf(value)
  if (value.length !== SHARE_BYTES || y >= PRIME) throw refused(`a share is not ${SHARE_BYTES} bytes below the prime`)
  return { x: BigInt(index), y }
}

/** Lagrange's formula: the value at `x` of the polynomial through the points. */
function interpolate(points: readonly Point[], x: bigint): bigint {
  let sum = 0n
  for (const [i, one] of points.entries()) {
    let above = one.y
    let below = 1n
    for (const [j, other] of points.entries()) {
      if (i === j) continue
      above = (above * (x - other.x)) % PRIME
      below = (below * (one.x - other.x)) % PRIME
    }
    sum += above * inverse(below)
  }
  return modulo(sum)
}

const valueAt = (coefficients: readonly bigint[], x: bigint): bigint => coefficients.reduceRight((sum, coefficient) => (sum * x + coefficient) % PRIME, 0n)

const modulo = (value: bigint): bigint => ((value % PRIME) + PRIME) % PRIME

/** By Euclid's algorithm; `value` is no multiple of the prime, since indices differ and are far smaller. */
function inverse(value: bigint): bigint {
  let [a, b] = [modulo(value), PRIME]
  let [u, v] = [1n, 0n]
  while (a !== 1n) {
    const quotient = b / a
    ;[a, b] = [b - quotient * a, a]
    ;[u, v] = [v - quotient * u, u]
  }
  return modulo(u)
}

const integerOf = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${encodeHex(bytes)}`))

function bytesOf(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(length * 2, '0')
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

const refused = (message: string) => new ResearchError('STUDY_ROUND', message)
