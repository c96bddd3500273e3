import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TransactionResult } from '@fiducia/ledger'
import { createApplication, createMemoryStore, openEmbeddedEngine, openReplica } from '../src/index.ts'
import { engineConformance, type Subject } from './conformance.ts'
import { genesisBytes, signers, TestClock } from './network.ts'

engineConformance('embedded', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-engine-'))
  const clock = new TestClock()
  const open = () => openEmbeddedEngine({ dir, genesis: genesisBytes(), signers, clock, groupCommitMs: 0 })
  let engine = await open()
  const subject: Subject = {
    get ledger() {
      return engine
    },
    clock,
    deliver: async (...wires) => (await Promise.all(wires.map((wire) => engine.submit(wire)))).map(({ result }) => result),
    async reopen() {
      await engine[Symbol.asyncDispose]()
      engine = await open()
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true })
    },
  }
  return subject
})

/** The application alone, driven block by block as an engine of its own would. */
engineConformance('application over a store in memory', async () => {
  const clock = new TestClock()
  const store = createMemoryStore()
  let replica = openReplica({ store, genesis: genesisBytes() })
  let application = createApplication(replica, { clock })
  return {
    get ledger() {
      return replica
    },
    clock,
    async deliver(...wires) {
      const { height, time } = replica.tip()
      const proposal = { height: height + 1, time: Math.max(time, clock.now()), transactions: wires }
      for (const wire of wires) await application.checkTx(wire)
      const { results, appHash }: { results: readonly TransactionResult[]; appHash: Uint8Array } = application.finalizeBlock(proposal)
      await application.commit()
      if (Buffer.compare(appHash, application.info().appHash) !== 0) throw new Error('commit gave another app hash than finalizeBlock')
      return results
    },
    async reopen() {
      replica = openReplica({ store, genesis: genesisBytes() })
      application = createApplication(replica, { clock })
    },
    async [Symbol.asyncDispose]() {
      await application[Symbol.asyncDispose]()
    },
  }
})
