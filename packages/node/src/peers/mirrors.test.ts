import { type AccessLogName, leafHash } from '@fiducia/core'
import { createHashLog, encodeEntryBundle, parseTilePath } from '@fiducia/proofs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { birch, type Fixture, logKeyOf, net, openFixture } from '../../test/fixture.ts'
import { openAccessLog } from '../access-log/access-log.ts'
import { openDatabase } from '../store/database.ts'
import { createMirrors, type Mirrors } from './mirrors.ts'

/** Birch's log, served to Alder with whatever the test puts in its place. */
const name: AccessLogName = { net, org: birch, k: 1 }
const ORIGIN = 'test/log/birch/1'

let fixture: Fixture
let mirrors: Mirrors
let leaves: Uint8Array[]
let served: Uint8Array[]

beforeEach(async () => {
  fixture = await openFixture(async (url) => {
    const tile = parseTilePath(url.slice(url.indexOf('/tile/') + 6))
    if (served.length < tile.n * 256 + tile.width) return { status: 404, bytes: new Uint8Array() }
    return { status: 200, bytes: encodeEntryBundle(served.slice(tile.n * 256, tile.n * 256 + tile.width)) }
  })
  leaves = await writeLog(fixture.dir)
  served = [...leaves]
  mirrors = createMirrors(fixture.context)
})
afterEach(() => fixture[Symbol.asyncDispose]())

/** Three batches, more than one tile of entries. */
async function writeLog(dir: string): Promise<Uint8Array[]> {
  using database = openDatabase(`${dir}/birch.sqlite`)
  const { clock, random } = fixture.context
  const long = (length: number) => new Uint8Array([...random(32), ...random(32)]).subarray(0, length)
  using log = openAccessLog({ origin: ORIGIN, k: 1, ...logKeyOf(ORIGIN, 'birch log'), database, signOnceFile: `${dir}/birch-signed`, clock, random: long })
  for (const count of [100, 150, 40]) {
    await Promise.all(Array.from({ length: count }, () => log.append({ tag: random(32), com: random(32) })))
    await log.seal()
  }
  return [...log.entries(0, log.size)]
}

function rootOf(entries: readonly Uint8Array[]): Uint8Array {
  const log = createHashLog()
  for (const entry of entries) log.append(leafHash(entry))
  return log.root()
}
/** What the log signed for the entries that it wrote, or for those that it serves. */
const signed = (size: number, entries: readonly Uint8Array[] = leaves) => ({ size, root: rootOf(entries.slice(0, size)) })
const follow = (checkpoint: ReturnType<typeof signed>, alongside = () => {}) => mirrors.follow(name, checkpoint, alongside)
const stored = () => fixture.context.database.all('SELECT idx FROM leaf WHERE origin = ? ORDER BY idx', ORIGIN).map((row) => row['idx'])

it('follows a log over several tiles, in steps, and has every root', async () => {
  expect((await follow(signed(112))).root(112)).toEqual(rootOf(leaves.slice(0, 112)))
  const mirror = await follow(signed(leaves.length))
  expect(mirror.root(leaves.length)).toEqual(rootOf(leaves))
  expect(mirror.root(112)).toEqual(rootOf(leaves.slice(0, 112)))
  expect(mirror.sealedSize).toBe(leaves.length)
  expect(stored()).toEqual(leaves.map((_leaf, i) => i))
})

it('keeps what belongs to the leaves together with them, up to a seal alone', async () => {
  const kept: number[] = []
  const keep = (size: number) => () => void kept.push(size, stored().length)
  await follow(signed(112), keep(112))
  await follow(signed(150), keep(150))
  await follow(signed(150), keep(150))
  served[200] = served[3] ?? new Uint8Array()
  await expect(follow(signed(leaves.length, served), keep(leaves.length))).rejects.toThrow('TAG_TWICE')
  expect(kept).toEqual([112, 112])
})

it('forgets the leaves when what belongs to them cannot be kept', async () => {
  const fails = () => {
    throw new Error('the disk is full')
  }
  await expect(follow(signed(112), fails)).rejects.toThrow('the disk is full')
  expect(stored()).toEqual([])
  expect((await follow(signed(112))).root(112)).toEqual(rootOf(leaves.slice(0, 112)))
})

it('knows after a restart what it mirrored before', async () => {
  await follow(signed(112))
  const again = createMirrors(fixture.context)
  expect(again.of(ORIGIN).size).toBe(112)
  expect((await again.follow(name, signed(leaves.length), () => {})).root(leaves.length)).toEqual(rootOf(leaves))
  expect(again.leaf(ORIGIN, 5)).toEqual(leaves[5])
})

it('keeps what held before the first leaf that breaks a rule, and can go on when the log is served right', async () => {
  served[70] = served[3] ?? new Uint8Array()
  await expect(follow(signed(112, served))).rejects.toThrow('TAG_TWICE')
  expect(mirrors.of(ORIGIN).size).toBe(70)
  expect(stored()).toEqual(Array.from({ length: 70 }, (_, i) => i))
  served = [...leaves]
  expect((await follow(signed(112))).root(112)).toEqual(rootOf(leaves.slice(0, 112)))
  expect(createMirrors(fixture.context).of(ORIGIN).root(112)).toEqual(rootOf(leaves.slice(0, 112)))
})

it('keeps nothing that does not lead to the signed root, whoever served it', async () => {
  served[70] = leaves[200] ?? new Uint8Array()
  await expect(follow(signed(112))).rejects.toThrow('do not lead to the root')
  expect(mirrors.of(ORIGIN).size).toBe(0)
  expect(stored()).toEqual([])
  served = [...leaves]
  expect((await follow(signed(112))).root(112)).toEqual(rootOf(leaves.slice(0, 112)))
})

it('refuses a log that does not serve its entries, serves fewer, or serves bytes that are no leaves', async () => {
  served = leaves.slice(0, 50)
  await expect(follow(signed(112))).rejects.toThrow('does not serve the entries')
  served = leaves.map((leaf) => leaf.subarray(0, 71))
  await expect(follow(signed(112))).rejects.toThrow()
  expect(mirrors.of(ORIGIN).size).toBe(0)
})
