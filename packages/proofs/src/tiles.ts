import { concatBytes, InputError, show } from '@fiducia/core'
import type { HashLog } from './hash-log.ts'
import { MAX_ENTRY_BYTES, MAX_TILE_LEVEL, TILE_WIDTH } from './limits.ts'

/**
 * Tiles (C2SP tlog-tiles): how a log is published as files that never change.
 *
 *   <L>/<N>            256 hashes of tree level 8·L, from 256·N on
 *   entries/<N>        256 entries, each u16 length ‖ bytes
 *   ….p/<W>            the same, cut at W < 256: the right edge of a log of that size
 *
 * N is written in groups of three digits, each but the last with an `x` before it: 1234067 is `x001/x234/067`. Paths here
 * are relative to `tile/`.
 */

export interface TileName {
  /** Tile level, or the bundles of entries. */
  readonly level: number | 'entries'
  readonly n: number
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number
}

const wrongPath = (path: string) => new InputError('PROOF_FORMAT', `expected a tile path, found ${show(path)}`)

function formatTileNumber(n: number): string {
  const groups = [String(n % 1000).padStart(3, '0')]
  for (let left = Math.floor(n / 1000); left > 0; left = Math.floor(left / 1000)) groups.unshift(`x${String(left % 1000).padStart(3, '0')}`)
  return groups.join('/')
}

/** The path below `tile/`. */
export function tilePath({ level, n, width }: TileName): string {
  return `${level}/${formatTileNumber(n)}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** Throws `PROOF_FORMAT` for any but the one spelling of a tile's path. */
export function parseTilePath(path: string): TileName {
  const parts = /^(entries|[0-5])\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path)
  if (parts === null) throw wrongPath(path)
  const name: TileName = {
    level: parts[1] === 'entries' ? 'entries' : Number(parts[1]),
    n: Number((parts[2] ?? '').replaceAll(/[x/]/g, '')),
    width: parts[3] === undefined ? TILE_WIDTH : Number(parts[3]),
  }
  if (name.width > TILE_WIDTH || tilePath(name) !== path) throw wrongPath(path)
  return name
}

/** One bundle of entries, at most 256. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH) throw new InputError('PROOF_FORMAT', `expected 1 to ${TILE_WIDTH} entries, found ${entries.length}`)
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES) throw new InputError('PROOF_FORMAT', `expected an entry of at most ${MAX_ENTRY_BYTES} bytes, found ${entry.length}`)
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]
    }),
  )
}

/** The entries of a bundle; throws `PROOF_FORMAT` unless they are exactly `count` and nothing is left over. */
export function decodeEntryBundle(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at + 2 <= bytes.length && entries.length < count) {
    const end = at + 2 + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    if (end > bytes.length) break
    entries.push(bytes.slice(at + 2, end))
    at = end
  }
  if (entries.length !== count || at !== bytes.length)
    throw new InputError('PROOF_FORMAT', `expected a bundle of exactly ${count} entries, found ${entries.length} and ${bytes.length - at} bytes more`)
  return entries
}

/** Every tile that a log of `size` consists of, entries included: full ones and the partial right edge. */
export function tilesOfSize(size: number): readonly TileName[] {
  const row = (level: TileName['level'], count: number): readonly TileName[] => {
    const full = Array.from({ length: Math.floor(count / TILE_WIDTH) }, (_, n) => ({ level, n, width: TILE_WIDTH }))
    return count % TILE_WIDTH === 0 ? full : [...full, { level, n: full.length, width: count % TILE_WIDTH }]
  }
  const hashes = Array.from({ length: MAX_TILE_LEVEL + 1 }, (_, level) => row(level, Math.floor(size / TILE_WIDTH ** level)))
  return [...row('entries', size), ...hashes.flat()]
}

/** Reads tiles of a log in memory; `entries` gives the entries [from, to). Undefined for what lies beyond the log. */
export function readTile(path: string, log: HashLog, entries: (from: number, to: number) => readonly Uint8Array[]): Uint8Array | undefined {
  const { level, n, width } = parseTilePath(path)
  if (level !== 'entries') return log.hashTile(level, n, width)
  const from = n * TILE_WIDTH
  return from + width > log.size ? undefined : encodeEntryBundle(entries(from, from + width))
}
