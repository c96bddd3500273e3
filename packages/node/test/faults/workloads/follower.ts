import { ledgerOrigin } from '@fiducia/core'
import { type Engine, type Ledger, type LedgerSource, openFollower } from '@fiducia/engine'
import { nodeFiles } from '../../../src/index.ts'
import { genesisBytes, net } from '../../fixture.ts'
import { openTransaction } from '../transactions.ts'
import { attempt, clock, hashesOf, namesFrom, openOwnEngine, prepareFolder, sayNote, type Workload } from '../workload.ts'

/** A member that takes over what the operator, whose disk is sound, has ordered. What it holds it cosigns: each size that it reached counts as a note. */
export const follower: Workload = {
  async prepare({ data, scratch }) {
    await prepareFolder(data)
    await (await openOwnEngine(scratch))[Symbol.asyncDispose]()
  },
  async run({ data, scratch }, from, say) {
    await using operator = await openOwnEngine(scratch)
    const own = await openFollower({ dir: nodeFiles(data).ledger, genesis: genesisBytes(), source: sourceOf(operator), clock })
    say({ kind: 'open', standing: { ids: idsOf(own), leaves: hashesOf(own.log.entries(0, own.log.size())) } })
    for (const i of namesFrom(from, 3)) {
      await operator.submit(openTransaction(`patient ${i}`))
      await attempt(say, `follow ${i}`, async () => {
        await own.follow()
        const judgement = own.judgeCheckpoint(await operator.checkpoint())
        if (!judgement.ok) throw Object.assign(new Error(judgement.message), { code: judgement.code })
        sayNote(say, `cosigned ${ledgerOrigin(net)}`, { size: own.log.size(), root: own.log.root() })
        return `block ${own.tip().height}`
      })
    }
    await own[Symbol.asyncDispose]()
  },
}

const idsOf = (ledger: Ledger) => Array.from({ length: ledger.tip().height + 1 }, (_, height) => `block ${height}`)

const sourceOf = (operator: Engine): LedgerSource => ({
  checkpoint: () => operator.checkpoint(),
  tile: async (tile) => operator.log.tile(tile),
  genesis: async () => genesisBytes(),
})
