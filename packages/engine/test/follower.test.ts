import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  concatBytes,
  formatCheckpoint,
  formatNote,
  KEY_TYPE_LOG,
  leafHash,
  makeVerifierKey,
  parseCheckpoint,
  parseNote,
  rootOfLeafHashes,
  signNote,
} from '@fiducia/core'
import { ed25519PublicKey, encodeU64 } from '@fiducia/core'
import { relationship } from '@fiducia/ledger'
import { createHashLog, readTile } from '@fiducia/proofs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createWitnessGuard,
  type Engine,
  type Follower,
  FollowFault,
  type LedgerSource,
  MAX_HANDED_ON,
  openEmbeddedEngine,
  openFollower,
} from '../src/index.ts'
import { genesisBytes, ledgerSeed, patient, seedOf, signers, sourceOf, START, TestClock } from './network.ts'

/** A member behind an operator that may lie in every way that the protocol names. */

let dir: string
let operatorClock: TestClock
let clock: TestClock
let engine: Engine
let source: LedgerSource
const closing: AsyncDisposable[] = []

const follower = async (from: LedgerSource = source, name = 'follower'): Promise<Follower> => {
  const opened = await openFollower({ dir: path.join(dir, name), genesis: genesisBytes(), source: from, clock })
  closing.push(opened)
  return opened
}

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-follow-'))
  operatorClock = new TestClock()
  clock = new TestClock()
  engine = await openEmbeddedEngine({ dir: path.join(dir, 'operator'), genesis: genesisBytes(), signers, clock: operatorClock, groupCommitMs: 0 })
  closing.push(engine)
  source = sourceOf(engine, genesisBytes())
})

afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

const accept = async (...wires: readonly Uint8Array[]) => {
  for (const wire of wires) expect((await engine.submit(wire)).result).toMatchObject({ accepted: true })
}

const key = makeVerifierKey('test/ledger', KEY_TYPE_LOG, ed25519PublicKey(ledgerSeed))

/** An operator that signs whatever entries it likes. */
function liar(entries: readonly Uint8Array[], options: { readonly seed?: Uint8Array; readonly root?: Uint8Array } = {}): LedgerSource {
  const log = createHashLog(entries.map(leafHash))
  const text = formatCheckpoint({ origin: 'test/ledger', size: entries.length, root: options.root ?? log.root() })
  const note = formatNote({ text, signatures: [signNote(text, key, options.seed ?? ledgerSeed)] })
  return {
    checkpoint: async () => note,
    tile: async (tile) => readTile(tile, log, (from, to) => entries.slice(from, to)),
    genesis: async () => genesisBytes(),
  }
}

const switching = () => {
  let current = source
  return {
    source: { checkpoint: () => current.checkpoint(), tile: (tile: string) => current.tile(tile), genesis: () => current.genesis() } satisfies LedgerSource,
    use(next: LedgerSource) {
      current = next
    },
  }
}

const entriesOf = () => [...engine.log.entries(0, engine.log.size())]

describe('an honest operator', () => {
  it('is followed block by block, to the same state, and may be cosigned', async () => {
    const member = await follower()
    expect(await member.follow()).toBe(0)
    const rosa = patient('rosa')
    await accept(rosa.open(START), rosa.set(1, START))
    expect(await member.follow()).toBe(2)
    expect(member.tip().tree.root).toEqual(engine.tip().tree.root)
    expect(relationship(member.tip(), rosa.handle)).toMatchObject({ version: 1 })
    expect(member.log.root()).toEqual(engine.log.root())
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
  })

  it('is followed over many bundles at once', async () => {
    await Promise.all(Array.from({ length: 600 }, (_, i) => engine.submit(patient(`p${i}`).open(START))))
    expect(engine.log.size()).toBeGreaterThan(600)
    const member = await follower()
    await member.follow()
    expect(member.log.root()).toEqual(engine.log.root())
    await accept(patient('one more').open(START))
    expect(await member.follow()).toBe(1)
    expect(member.stateAt(1)?.tree.root).toEqual(engine.stateAt(1)?.tree.root)
  })

  it('is followed further after a restart of the follower', async () => {
    const first = await follower()
    await accept(patient('rosa').open(START))
    await first.follow()
    await first[Symbol.asyncDispose]()
    closing.pop()
    await accept(patient('ida').open(START))
    const again = await follower()
    expect(again.tip().height).toBe(1)
    expect(await again.follow()).toBe(1)
    expect(again.log.root()).toEqual(engine.log.root())
  })

  it('that is away is told apart from one that lies', async () => {
    const member = await follower({ ...source, checkpoint: () => Promise.reject(new Error('connection refused')) })
    await expect(member.follow()).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
  })

  it('is not cosigned for what was not replayed yet', async () => {
    const member = await follower()
    await accept(patient('rosa').open(START))
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'NOT_FOLLOWED' })
  })
})

const OWN_BYTES = 2 + 33 + 2 + 57

describe('a lying operator', () => {
  it('is refused when another key signed', async () => {
    const member = await follower(liar(entriesOf(), { seed: seedOf('somebody') }))
    await expect(member.follow()).rejects.toMatchObject({ code: 'NOTE_INVALID' })
    expect(member.judgeCheckpoint('no note at all')).toMatchObject({ ok: false, code: 'NOTE_INVALID' })
  })

  it('is refused when its entries do not lead to the signed root', async () => {
    await accept(patient('rosa').open(START))
    const member = await follower(liar(entriesOf(), { root: new Uint8Array(32) }))
    await expect(member.follow()).rejects.toMatchObject({ code: 'TILES_DIFFER' })
    expect(member.tip().height).toBe(0)
  })

  it('is refused for a fork, for good', async () => {
    const way = switching()
    const member = await follower(way.source)
    await accept(patient('rosa').open(START), patient('ida').open(START))
    await member.follow()
    const shorter = await openEmbeddedEngine({ dir: path.join(dir, 'second'), genesis: genesisBytes(), signers, clock: operatorClock, groupCommitMs: 0 })
    closing.push(shorter)
    await shorter.submit(patient('ida').open(START))
    way.use(sourceOf(shorter, genesisBytes()))
    await expect(member.follow()).rejects.toMatchObject({ code: 'FORK' })
    expect(member.judgeCheckpoint(await shorter.checkpoint())).toMatchObject({ ok: false, code: 'FORK' })
    way.use(source)
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'FORK' })
  })

  it('is refused for a fork that is longer than what was followed, with the note that proves it', async () => {
    const way = switching()
    const member = await follower(way.source)
    await accept(patient('rosa').open(START))
    await member.follow()
    const other = await openEmbeddedEngine({ dir: path.join(dir, 'second'), genesis: genesisBytes(), signers, clock: operatorClock, groupCommitMs: 0 })
    closing.push(other)
    for (const name of ['ida', 'ugo', 'leo']) await other.submit(patient(name).open(START))
    way.use(sourceOf(other, genesisBytes()))
    await expect(member.follow()).rejects.toMatchObject({ code: 'FORK', note: await other.checkpoint() })
    expect(member.tip().height).toBe(1)
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'FORK' })
  })

  it('is refused for a fork that somebody else was shown', async () => {
    const member = await follower()
    await accept(patient('rosa').open(START))
    await member.follow()
    expect([member.fault(), member.judgeCheckpoint(await engine.checkpoint())]).toEqual([undefined, { ok: true }])
    const shown = await liar(entriesOf(), { root: new Uint8Array(32) }).checkpoint()
    expect(member.judgeCheckpoint(shown)).toMatchObject({ ok: false, code: 'FORK' })
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'FORK' })
    expect(member.fault()).toMatchObject({ code: 'FORK', note: shown })
  })

  it('never brings a member down, whatever bytes it serves', async () => {
    await accept(patient('rosa').open(START), patient('ida').open(START))
    const note = await engine.checkpoint()
    const member = await follower()
    await member.follow()
    const honest = [member.log.size(), member.log.root()]
    await accept(patient('ugo').open(START))
    const size = engine.log.size()
    const bundle = engine.log.tile(`entries/000.p/${size}`) ?? new Uint8Array()
    for (let i = 0; i < 60; i += 1) {
      // Behind the genesis and its block entry, which every follower has by itself.
      const at = OWN_BYTES + ((i * 2_654_435_761) % (bundle.length - OWN_BYTES))
      const bytes = i % 3 === 0 ? bundle.slice(0, at) : bundle.with(at, (bundle[at] ?? 0) ^ (1 << (i % 8)))
      const text = await engine.checkpoint()
      const changed = i % 5 === 0 ? text.slice(0, at % text.length) + String.fromCharCode(33 + (i % 90)) + text.slice((at % text.length) + 1) : text
      const served = await openFollower({
        dir: path.join(dir, `fuzz${i % 2}`),
        genesis: genesisBytes(),
        clock,
        source: { checkpoint: async () => changed, tile: async () => (i % 7 === 0 ? undefined : bytes), genesis: async () => genesisBytes() },
      })
      await served.follow().then(
        () => undefined,
        (error: unknown) => expect(error).toBeInstanceOf(FollowFault),
      )
      expect(served.log.size(), `run ${i}, byte ${at}`).toBe(2)
      await served[Symbol.asyncDispose]()
    }
    expect([member.log.size(), member.log.root()]).toEqual(honest)
    expect(member.judgeCheckpoint(note)).toEqual({ ok: true })
  })

  it('is refused when its log shrinks', async () => {
    const way = switching()
    const before = liar(entriesOf())
    const member = await follower(way.source)
    await accept(patient('rosa').open(START))
    await member.follow()
    way.use(before)
    await expect(member.follow()).rejects.toMatchObject({ code: 'SHRUNK' })
    way.use(source)
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
  })

  it('is refused when it states another state', async () => {
    await accept(patient('rosa').open(START))
    const entries = entriesOf()
    const last = entries.pop() ?? new Uint8Array()
    const other = last.slice()
    other[20] = (other[20] ?? 0) ^ 1
    const member = await follower(liar([...entries, other]))
    await expect(member.follow()).rejects.toMatchObject({ code: 'OTHER_STATE' })
    expect(member.judgeCheckpoint(await liar([...entries, other]).checkpoint())).toMatchObject({ ok: false, code: 'OTHER_STATE' })
  })

  it('is refused when it includes what the rules refuse', async () => {
    await accept(patient('rosa').open(START))
    const entries = entriesOf()
    const last = entries.at(-1) ?? new Uint8Array()
    const block = concatBytes(last.slice(0, 1), encodeU64(2), last.slice(9))
    const stranger = concatBytes(Uint8Array.of(1), patient('stranger').set(1, START))
    const member = await follower(liar([...entries, stranger, block]))
    await expect(member.follow()).rejects.toMatchObject({ code: 'NOT_A_LEDGER' })
    expect(member.tip().height).toBe(0)
  })

  it('is refused when a checkpoint ends inside a block', async () => {
    await accept(patient('rosa').open(START))
    const member = await follower(liar(entriesOf().slice(0, -1)))
    await expect(member.follow()).rejects.toMatchObject({ code: 'NOT_A_BLOCK_END' })
    const honest = await follower(source, 'honest')
    await honest.follow()
    expect(honest.judgeCheckpoint(await liar(entriesOf().slice(0, -1)).checkpoint())).toMatchObject({ ok: false, code: 'NOT_A_BLOCK_END' })
  })

  it('is refused while a block lies ahead of the clock', async () => {
    const member = await follower()
    operatorClock.ms = START + 60_001
    await accept(patient('rosa').open(operatorClock.ms))
    await expect(member.follow()).rejects.toMatchObject({ code: 'TIME_AHEAD' })
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'TIME_AHEAD' })
    clock.ms = START + 1
    expect(await member.follow()).toBe(1)
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
  })

  it('is refused for a stopped clock while the member is in step, not while it catches up', async () => {
    await accept(patient('rosa').open(START))
    clock.ms = START + 3_600_000
    const member = await follower()
    expect(await member.follow()).toBe(1)
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
    operatorClock.ms = clock.ms - 60_001
    await accept(patient('late').open(operatorClock.ms))
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'TIME_BEHIND' })
    expect(await member.follow()).toBe(0)
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'TIME_BEHIND' })
    operatorClock.ms = clock.ms - 60_000
    await accept(patient('in time').open(operatorClock.ms))
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
  })

  it('is refused for as long as its block was late, and no longer: the clock of the member itself may have been wrong', async () => {
    clock.ms = START + 3_600_000
    const member = await follower()
    await member.follow()
    operatorClock.ms = clock.ms - 75_000
    await accept(patient('late').open(operatorClock.ms))
    await member.follow()
    clock.ms += 14_999
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'TIME_BEHIND' })
    clock.ms += 1
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
  })

  it('is refused while it drops a transaction that the member passed on', async () => {
    const dropped = patient('dropped').open(START)
    const expired: Uint8Array[] = []
    const member = await openFollower({ dir: path.join(dir, 'strict'), genesis: genesisBytes(), source, clock, onExpired: (wire) => expired.push(wire) })
    closing.push(member)
    await member.follow()
    member.handOn(dropped)
    clock.ms = START + 60_000
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
    clock.ms = START + 60_001
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'DROPPED' })
    await accept(patient('another').open(START))
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'DROPPED' })
    clock.ms = START + 300_001
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
    expect(member.expiredUnincluded()).toBe(1)
    expect(expired).toEqual([dropped])
  })

  it('is refused for a dropped transaction even when strangers flood the member with what nobody will ever include', async () => {
    const member = await follower()
    const rosa = patient('rosa')
    const junk = (i: number) => rosa.set(i + 2, START)
    let taken = 0
    for (let i = 0; i < MAX_HANDED_ON; i += 1) {
      try {
        member.handOn(junk(i))
        taken += 1
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENGINE_BUSY' })
        break
      }
    }
    expect(taken).toBe(MAX_HANDED_ON / 2)
    expect(() => member.handOn(junk(MAX_HANDED_ON))).toThrow()
    member.handOn(rosa.open(START))
    clock.ms = START + 60_001
    await accept(patient('another').open(START))
    await member.follow()
    expect(member.judgeCheckpoint(await engine.checkpoint())).toMatchObject({ ok: false, code: 'DROPPED' })
  })

  it('is no longer refused once it includes the transaction, or has no reason to', async () => {
    const member = await follower()
    const rosa = patient('rosa')
    member.handOn(rosa.open(START))
    member.handOn(patient('never opened').set(1, START))
    await accept(rosa.open(START))
    await member.follow()
    clock.ms = START + 60_001
    expect(member.judgeCheckpoint(await engine.checkpoint())).toEqual({ ok: true })
    clock.ms = START + 300_001
    expect(member.expiredUnincluded()).toBe(0)
  })
})

describe('the operator as a member', () => {
  it('judges its own checkpoints by the same rule', async () => {
    const guard = createWitnessGuard({ ledger: engine, clock })
    await accept(patient('rosa').open(START))
    expect(guard.judge(await engine.checkpoint())).toEqual({ ok: true })
    guard.handOn(patient('waiting').open(START))
    clock.ms = START + 60_001
    expect(guard.judge(await engine.checkpoint())).toMatchObject({ ok: false, code: 'DROPPED' })
    await accept(patient('waiting').open(START))
    expect(guard.judge(await engine.checkpoint())).toEqual({ ok: true })
    expect(parseCheckpoint(parseNote(await engine.checkpoint()).text).root).toEqual(rootOfLeafHashes(entriesOf().map(leafHash)))
  })
})
