import { concatBytes, encodeHex, equalBytes, leafHash, verifyConsistency, verifyInclusion } from '@fiducia/core'
import { accessLog, appHashOf, decodeLogEntry, parseGenesis, readLogForm, relationship, type TransactionResult } from '@fiducia/ledger'
import { decodeEntryBundle } from '@fiducia/proofs'
import { afterEach, describe, expect, it } from 'vitest'
import type { Ledger } from '../src/index.ts'
import { alder, birch, genesisBytes, net, openLog, patient, START, type TestClock } from './network.ts'

/** What every engine must do, as a function of a factory. */
export interface Subject extends AsyncDisposable {
  readonly ledger: Ledger
  readonly clock: TestClock
  /** Delivers transactions in this order; gives their results once they are durable. */
  readonly deliver: (...wires: readonly Uint8Array[]) => Promise<readonly TransactionResult[]>
  /** Closes and opens again over the same data. */
  reopen(): Promise<void>
}

/** Recorded from the first run of this history: both engines, on every platform, must reach it. */
const GOLDEN_APP_HASH = 'd8ed424004d19ae40058b09dceefe1ac471d05133aa923eac4a7a1e10626f7dd'

export function engineConformance(name: string, create: () => Promise<Subject>): void {
  let subject: Subject
  const setup = async () => {
    subject = await create()
    return subject
  }
  const appHash = () => encodeHex(appHashOf(subject.ledger.log.size(), subject.ledger.log.root()))

  describe(`engine: ${name}`, () => {
    afterEach(async () => {
      await subject[Symbol.asyncDispose]()
    })

    it('begins with the genesis and a block entry of height 0', async () => {
      const { ledger } = await setup()
      expect(ledger.net).toBe(net)
      expect(ledger.log.size()).toBe(2)
      expect(ledger.block()).toMatchObject({ height: 0, time: START, index: 1 })
      expect(readLogForm(ledger.log.entries(0, 2))).toMatchObject({ size: 2, height: 0 })
      expect(ledger.tip().height).toBe(0)
    })

    it('puts accepted transactions in blocks, in order, with the state after them', async () => {
      const { ledger, deliver } = await setup()
      const rosa = patient('rosa')
      expect(await deliver(rosa.open(START))).toMatchObject([{ accepted: true, type: 'rel.open' }])
      expect(await deliver(rosa.set(1, START), rosa.set(2, START))).toMatchObject([{ accepted: true }, { accepted: true }])
      expect(relationship(ledger.tip(), rosa.handle)).toMatchObject({ version: 2, org: alder })
      const kinds = ledger.log.entries(2, ledger.log.size()).map((entry) => decodeLogEntry(entry).kind)
      expect(kinds.filter((kind) => kind === 'transaction')).toHaveLength(3)
      const last = decodeLogEntry(ledger.block().entry)
      expect(last).toMatchObject({ kind: 'block', height: ledger.tip().height, stateRoot: ledger.tip().tree.root })
    })

    it('changes no byte for a block that accepts nothing', async () => {
      const { ledger, deliver } = await setup()
      await deliver(patient('rosa').open(START))
      const before = [appHash(), ledger.tip().height, ledger.tip().time]
      const tip = ledger.tip()
      subject.clock.ms += 5_000
      const refused = await deliver(patient('nobody').set(1, START), patient('rosa').open(START + 10), new Uint8Array([1, 2, 3]))
      expect(refused.map((result) => !result.accepted && result.code)).toEqual(['REL_UNKNOWN', 'REL_EXISTS', 'TX_MALFORMED'])
      expect(await deliver()).toEqual([])
      expect([appHash(), ledger.tip().height, ledger.tip().time]).toEqual(before)
      expect(ledger.tip()).toBe(tip)
    })

    it('refuses forged signatures, and the transaction itself is still accepted afterwards', async () => {
      const { deliver } = await setup()
      const wire = patient('rosa').open(START)
      const text = new TextDecoder().decode(wire)
      const forged = new TextEncoder().encode(text.replace(/"sig":"(.)/, (_, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`))
      expect(equalBytes(forged, wire)).toBe(false)
      expect(await deliver(forged)).toMatchObject([{ accepted: false, code: 'TX_SIGNATURE' }])
      expect(await deliver(wire)).toMatchObject([{ accepted: true }])
    })

    it('refuses an accepted transaction ever after', async () => {
      const { deliver } = await setup()
      const rosa = patient('rosa')
      const wires = [rosa.open(START), rosa.set(1, START), openLog(birch, START), rosa.close(START)]
      for (const wire of wires) expect(await deliver(wire)).toMatchObject([{ accepted: true }])
      for (const wire of wires) expect(await deliver(wire)).toMatchObject([{ accepted: false }])
    })

    it('never lets block time fall', async () => {
      const { ledger, deliver, clock } = await setup()
      clock.ms = START + 50_000
      await deliver(patient('rosa').open(clock.ms))
      clock.ms = START
      await deliver(patient('ida').open(START))
      expect(ledger.tip()).toMatchObject({ time: START + 50_000, height: 2 })
    })

    it('reads blocks and states of the past', async () => {
      const { ledger, deliver } = await setup()
      const rosa = patient('rosa')
      await deliver(rosa.open(START))
      for (let version = 1; version <= 4; version += 1) await deliver(rosa.set(version, START))
      await deliver(openLog(birch, START))
      for (let height = 1; height <= 5; height += 1) {
        const state = ledger.stateAt(height)
        expect(state === undefined ? undefined : relationship(state, rosa.handle)?.version).toBe(height - 1)
        const block = ledger.block(height)
        expect(block.height).toBe(height)
        expect(ledger.blockAtSize(block.index + 1)).toEqual(block)
        expect(ledger.blockAtSize(block.index)).toBeUndefined()
      }
      expect(ledger.stateAt(1_000)).toBe(ledger.tip())
      expect(ledger.stateAt(-1)).toBeUndefined()
    })

    it('proves its entries and its growth, and publishes them as tiles', async () => {
      const { ledger, deliver } = await setup()
      await deliver(...Array.from({ length: 20 }, (_, i) => patient(`p${i}`).open(START)))
      const { log } = ledger
      const [size, root] = [log.size(), log.root()]
      log.entries(0, size).forEach((entry, index) => {
        verifyInclusion(index, size, leafHash(entry), log.inclusion(index, size), root)
      })
      for (let old = 1; old <= size; old += 1) verifyConsistency(old, size, log.consistency(old, size), log.root(old), root)
      expect(decodeEntryBundle(log.tile(`entries/000.p/${size}`) ?? new Uint8Array(), size)).toEqual(log.entries(0, size))
      expect(log.tile(`0/000.p/${size}`)).toEqual(concatBytes(...log.entries(0, size).map(leafHash)))
      expect(log.tile(`entries/000.p/${size + 1}`)).toBeUndefined()
    })

    it('tells of each block after it is durable', async () => {
      const { ledger, deliver } = await setup()
      const heights: number[] = []
      const stop = ledger.onBlock((block) => {
        expect(ledger.tip().height).toBe(block.height)
        expect(ledger.log.size()).toBe(block.index + 1)
        heights.push(block.height)
      })
      await deliver(patient('rosa').open(START))
      await deliver(patient('ida').open(START))
      stop()
      await deliver(patient('ugo').open(START))
      expect(heights).toEqual([1, 2])
    })

    it('goes on where it was after it was closed', async () => {
      await setup()
      const rosa = patient('rosa')
      await subject.deliver(rosa.open(START))
      await subject.deliver(openLog(alder, START))
      const before = [appHash(), subject.ledger.tip().height]
      await subject.reopen()
      expect([appHash(), subject.ledger.tip().height]).toEqual(before)
      expect(accessLog(subject.ledger.tip(), `${net}/log/alder/1`)).toMatchObject({ size: 0 })
      const first = subject.ledger.stateAt(1)
      expect(first === undefined ? undefined : [relationship(first, rosa.handle)?.version, first.index.origins.size]).toEqual([0, 0])
      expect(await subject.deliver(rosa.set(1, START))).toMatchObject([{ accepted: true }])
      expect(subject.ledger.tip().height).toBe(3)
    })

    it('reaches the recorded app hash', async () => {
      const { deliver, clock } = await setup()
      expect(parseGenesis(genesisBytes()).net).toBe(net)
      for (let i = 0; i < 5; i += 1) {
        clock.ms = START + i * 1_000
        await deliver(patient(`golden ${i}`, i % 2 === 0 ? alder : birch).open(clock.ms))
        await deliver(patient(`golden ${i}`, i % 2 === 0 ? alder : birch).set(1, clock.ms))
      }
      await deliver(openLog(birch, clock.ms))
      expect(appHash()).toBe(GOLDEN_APP_HASH)
    })
  })
}
