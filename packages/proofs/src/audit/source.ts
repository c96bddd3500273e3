import { decodeUtf8, InputError } from '@fiducia/core'
import { TILE_WIDTH } from '../limits.ts'
import { decodeEntryBundle, tilePath } from '../tiles.ts'

/** GET of a path at a member's node: the bytes of a 200, undefined for a 404. Throws when it does not answer. */
export type Get = (path: string) => Promise<Uint8Array | undefined>

/** Tiles that are asked for before the first of them is used. */
const AHEAD = 8

/**
 * The entries [0, size) of a log whose tiles lie below `base`, in order. Throws an `InputError` where they are not served
 * whole. A partial tile may have gone since the log has grown: then the full one holds its entries.
 */
export async function* readEntries(get: Get, base: string, size: number): AsyncGenerator<Uint8Array> {
  const tiles = Math.ceil(size / TILE_WIDTH)
  const asked: Promise<readonly Uint8Array[]>[] = []
  for (let n = 0; n < tiles; n += 1) {
    while (asked.length < Math.min(tiles, n + AHEAD)) {
      const next = readTileOfEntries(get, base, asked.length, Math.min(TILE_WIDTH, size - asked.length * TILE_WIDTH))
      next.catch(() => {})
      asked.push(next)
    }
    yield* (await asked[n]) ?? []
  }
}

async function readTileOfEntries(get: Get, base: string, n: number, width: number): Promise<readonly Uint8Array[]> {
  const partial = await get(`${base}/tile/${tilePath({ level: 'entries', n, width })}`)
  if (partial !== undefined) return decodeEntryBundle(partial, width)
  const full = width === TILE_WIDTH ? undefined : await get(`${base}/tile/${tilePath({ level: 'entries', n, width: TILE_WIDTH })}`)
  if (full === undefined) throw new InputError('PROOF_FORMAT', `the entries from ${n * TILE_WIDTH} on are not served`)
  return decodeEntryBundle(full, TILE_WIDTH).slice(0, width)
}

/** Text of a 200, undefined for a 404. */
export async function getText(get: Get, path: string): Promise<string | undefined> {
  const bytes = await get(path)
  return bytes === undefined ? undefined : decodeUtf8(bytes)
}
