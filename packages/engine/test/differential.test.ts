import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeHex } from '@fiducia/core'
import { appHashOf, decodeLogEntry } from '@fiducia/ledger'
import { expect, it } from 'vitest'
import { createApplication, createMemoryStore, openEmbeddedEngine, openReplica } from '../src/index.ts'
import { alder, birch, genesisBytes, openLog, signers, patient, START, TestClock } from './network.ts'

/** The block boundaries and times that the embedded engine happened to choose, replayed through the bare application. */
it('gives the same app hash at every height through both', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-differential-'))
  const clock = new TestClock()
  const engine = await openEmbeddedEngine({ dir, genesis: genesisBytes(), signers, clock, groupCommitMs: 3 })
  const people = Array.from({ length: 60 }, (_, i) => patient(`d${i}`, i % 3 === 0 ? birch : alder))
  const submitted: Promise<unknown>[] = []
  for (const [i, one] of people.entries()) {
    submitted.push(engine.submit(one.open(START)), engine.submit(one.set(1, START)), engine.submit(one.set(3, START)))
    if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 4))
    clock.ms += 17
  }
  submitted.push(engine.submit(openLog(alder, START)))
  await Promise.all(submitted)
  expect(engine.tip().height).toBeGreaterThan(3)

  const replica = openReplica({ store: createMemoryStore(), genesis: genesisBytes() })
  await using application = createApplication(replica, { clock })
  let from = 2
  for (let height = 1; height <= engine.tip().height; height += 1) {
    const block = engine.block(height)
    const transactions = engine.log.entries(from, block.index).map((entry) => {
      const decoded = decodeLogEntry(entry)
      return decoded.kind === 'transaction' ? decoded.wire : new Uint8Array()
    })
    from = block.index + 1
    const proposal = { height, time: block.time, transactions }
    expect(application.processProposal(proposal)).toBe(true)
    expect(application.prepareProposal({ ...proposal, maxBytes: 1_000_000 })).toEqual(transactions)
    const { appHash } = application.finalizeBlock(proposal)
    await application.commit()
    expect(encodeHex(appHash)).toBe(encodeHex(appHashOf(block.index + 1, engine.log.root(block.index + 1))))
  }
  expect(application.info()).toMatchObject({ height: engine.tip().height, logSize: engine.log.size() })
  await engine[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

it('leaves out of a proposal what would be refused or does not fit, and refuses a proposal that holds such', async () => {
  const replica = openReplica({ store: createMemoryStore(), genesis: genesisBytes() })
  await using application = createApplication(replica, { clock: new TestClock() })
  const [rosa, ida] = [patient('rosa'), patient('ida')]
  const transactions = [rosa.set(1, START), rosa.open(START), rosa.set(1, START), ida.open(START)]
  const at = { height: 1, time: START }
  expect(application.prepareProposal({ ...at, transactions, maxBytes: 100_000 })).toEqual(transactions.slice(1))
  expect(application.prepareProposal({ ...at, transactions, maxBytes: transactions.slice(0, 3).reduce((sum, wire) => sum + wire.length, 0) })).toEqual(
    transactions.slice(1, 3),
  )
  expect(application.processProposal({ ...at, transactions })).toBe(false)
  expect(application.processProposal({ ...at, transactions: transactions.slice(1) })).toBe(true)
  expect(application.processProposal({ height: 0, time: START, transactions: [] })).toBe(false)
  expect(application.processProposal({ height: 1, time: START - 1, transactions: [] })).toBe(false)
  expect(application.query()?.height).toBe(0)
  expect(application.query(0)).toBe(application.query())
})
