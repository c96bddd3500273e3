import { aesCtrStream, encodeU64, sha256 } from '@fiducia/core'

/** Random bytes and choices that a seed repeats. */
export interface Random {
  readonly bytes: (length: number) => Uint8Array
  /** From 0 to `below` − 1. */
  readonly integer: (below: number) => number
  readonly chance: (share: number) => boolean
  readonly shuffled: <T>(items: readonly T[]) => readonly T[]
}

export function createRandom(seed: number): Random {
  const key = sha256(encodeU64(BigInt.asUintN(64, BigInt(seed))))
  let block = 0
  const bytes = (length: number): Uint8Array => {
    const drawn = aesCtrStream(key, block, length)
    block += Math.ceil(length / 16)
    return drawn
  }
  const integer = (below: number): number => new DataView(bytes(4).slice().buffer).getUint32(0) % below
  const shuffled = <T>(items: readonly T[]): readonly T[] => {
    const order = items.map((item) => ({ item, place: integer(2 ** 30) }))
    return order.toSorted((a, b) => a.place - b.place).map(({ item }) => item)
  }
  return { bytes, integer, chance: (share) => integer(1_000_000) < share * 1_000_000, shuffled }
}
