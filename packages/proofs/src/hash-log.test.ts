import { equalBytes, leafHash, rootOfLeafHashes, verifyConsistency, verifyInclusion } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHashLog, decodeEntryBundle, encodeEntryBundle, parseTilePath, readTile, TILE_WIDTH, tilePath, tilesOfSize } from './index.ts'

const entry = (index: number) => new TextEncoder().encode(`entry ${index}`)
const hashes = Array.from({ length: 700 }, (_, index) => leafHash(entry(index)))

describe('the hash log', () => {
  it('has at every size the root that the plain definition gives', () => {
    const log = createHashLog()
    for (let size = 0; size <= 70; size += 1) {
      expect(equalBytes(log.root(), rootOfLeafHashes(hashes.slice(0, size)))).toBe(true)
      log.append(hashes[size] ?? new Uint8Array())
    }
    for (let size = 0; size <= 70; size += 1) expect(equalBytes(log.root(size), rootOfLeafHashes(hashes.slice(0, size)))).toBe(true)
  })

  it('proves inclusion and consistency between any two sizes', () => {
    const log = createHashLog(hashes)
    fc.assert(
      fc.property(fc.nat(hashes.length - 1), fc.integer({ min: 1, max: hashes.length }), fc.integer({ min: 1, max: hashes.length }), (index, a, b) => {
        const [oldSize, size] = [Math.min(a, b), Math.max(a, b)]
        verifyConsistency(oldSize, size, log.consistency(oldSize, size), log.root(oldSize), log.root(size))
        if (index < size) verifyInclusion(index, size, log.leaf(index), log.inclusion(index, size), log.root(size))
        else expect(() => log.inclusion(index, size)).toThrow('an index up to')
      }),
    )
  })

  it('forgets what is cut off, and goes on as if it had never been', () => {
    const log = createHashLog(hashes)
    log.truncate(333)
    expect(log.size).toBe(333)
    expect(() => log.root(334)).toThrow('up to 333')
    for (const hash of hashes.slice(333)) log.append(hash)
    expect(equalBytes(log.root(), rootOfLeafHashes(hashes))).toBe(true)
  })

  it('refuses a hash of another length', () => {
    expect(() => createHashLog().append(new Uint8Array(31))).toThrow('32 bytes')
  })
})

describe('tiles', () => {
  it('write numbers in groups of three digits, as the example in C2SP tlog-tiles', () => {
    expect(tilePath({ level: 0, n: 1_234_067, width: 256 })).toBe('0/x001/x234/067')
    expect(tilePath({ level: 'entries', n: 0, width: 5 })).toBe('entries/000.p/5')
  })

  it('have one path each, and each path is read back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant('entries' as const), fc.nat(5)), fc.nat(10 ** 12), fc.integer({ min: 1, max: 256 }), (level, n, width) => {
        expect(parseTilePath(tilePath({ level, n, width }))).toEqual({ level, n, width })
      }),
    )
  })

  it.each([
    '0/1',
    '0/0001',
    '0/x000/001',
    '6/000',
    '00/000',
    '0/000.p/0',
    '0/000.p/256',
    '0/000.p/007',
    'entries/000/',
    '../000',
    '0/000.p/300',
    'x/000',
    '',
    '0/x001/x1/000',
  ])('refuse the path `%s`', (path) => {
    expect(() => parseTilePath(path)).toThrow('tile path')
  })

  it('hold the hashes and entries of the log, full and partial', () => {
    const log = createHashLog(hashes)
    const entries = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => entry(from + i))
    for (const name of tilesOfSize(log.size)) {
      const bytes = readTile(tilePath(name), log, entries)
      expect(bytes, tilePath(name)).toBeDefined()
      if (name.level === 'entries')
        expect(decodeEntryBundle(bytes ?? new Uint8Array(), name.width)).toEqual(entries(name.n * TILE_WIDTH, name.n * TILE_WIDTH + name.width))
    }
    expect(tilesOfSize(700).map(tilePath)).toEqual(['entries/000', 'entries/001', 'entries/002.p/188', '0/000', '0/001', '0/002.p/188', '1/000.p/2'])
    expect(log.hashTile(1, 0, 2)?.subarray(32)).toEqual(rootOfLeafHashes(hashes.slice(256, 512)))
    expect(readTile('entries/002', log, entries)).toBeUndefined()
    expect(readTile('0/002.p/189', log, entries)).toBeUndefined()
  })

  it('are made of 1 to 256 entries whose length fits in two bytes', () => {
    expect(() => encodeEntryBundle([])).toThrow('1 to 256')
    expect(() => encodeEntryBundle(Array.from({ length: 257 }, () => entry(0)))).toThrow('1 to 256')
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow('65535')
    expect(decodeEntryBundle(encodeEntryBundle([new Uint8Array(65_535)]), 1)[0]).toHaveLength(65_535)
  })

  it('give back exactly the entries that were put in, or throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { minLength: 1, maxLength: 20 }), fc.nat(200), (entries, cut) => {
        const bundle = encodeEntryBundle(entries)
        expect(decodeEntryBundle(bundle, entries.length)).toEqual(entries)
        if (cut < bundle.length) expect(() => decodeEntryBundle(bundle.subarray(0, cut), entries.length)).toThrow('exactly')
        expect(() => decodeEntryBundle(bundle, entries.length + 1)).toThrow('exactly')
      }),
    )
  })
})
