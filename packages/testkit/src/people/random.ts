/** A small seeded generator (sfc32 over a hashed seed): the same seed gives the same people on every machine. Not for secrets. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number
  /** An integer, both ends included. */
  integer(from: number, to: number): number
  /** A number near `mean`, nearly normal, at most three deviations away, with `digits` decimals. */
  near(mean: number, deviation: number, digits?: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
  /** A generator of its own, so that one person's changes leave the others alone. */
  fork(name: string): Random
}

/** FNV-1a with four different starts. */
function hash(text: string): readonly [number, number, number, number] {
  const one = (start: number) => {
    let h = start
    for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 16_777_619)
    return h >>> 0
  }
  return [one(2_166_136_261), one(3_335_557_771), one(1_234_567_891), one(987_654_321)]
}

export function createRandom(seed: string): Random {
  let [a, b, c, counter] = hash(seed)
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 15; i += 1) next()
  const random: Random = {
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    near: (mean, deviation, digits = 0) => {
      const nearlyNormal = (next() + next() + next() + next() + next() + next() - 3) * Math.SQRT2
      return Number((mean + Math.max(-3, Math.min(3, nearlyNormal)) * deviation).toFixed(digits))
    },
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    fork: (name) => createRandom(`${seed}/${name}`),
  }
  return random
}
