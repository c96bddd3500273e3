import { ledgerOrigin, parseCheckpoint, parseNote } from '@fiducia/core'
import { rmSync } from 'node:fs'
import { nodeFiles } from '../../../src/index.ts'
import { handleFor, net } from '../../fixture.ts'
import { openTransaction } from '../transactions.ts'
import { attempt, hashesOf, namesFrom, openOwnEngine, prepareFolder, sayNote, type Workload } from '../workload.ts'

/** The operator: transactions into blocks, a checkpoint signed after each. */
export const block: Workload = {
  async prepare({ data }) {
    await prepareFolder(data)
    rmSync(`${nodeFiles(data).ledger}/lock.pid`)
  },
  async run({ data }, from, say) {
    const engine = await openOwnEngine(data)
    const handles = [...engine.tip().tree.entries()].flatMap(({ key }) => (key.startsWith('rel/') ? [key.slice(4)] : []))
    say({ kind: 'open', standing: { ids: handles, leaves: hashesOf(engine.log.entries(0, engine.log.size())) } })
    const sign = async () => sayNote(say, ledgerOrigin(net), parseCheckpoint(parseNote(await engine.checkpoint()).text))
    if (from < 0) await sign()
    for (const i of namesFrom(from, 4)) {
      await attempt(say, `transaction ${i}`, async () => {
        const { result } = await engine.submit(openTransaction(`patient ${i}`))
        if (!result.accepted) throw Object.assign(new Error(result.message), { code: result.code })
        return handleFor(`patient ${i}`)
      })
      try {
        await sign()
      } catch (error) {
        await attempt(say, `checkpoint ${i}`, () => Promise.reject(error))
      }
    }
    await engine[Symbol.asyncDispose]()
  },
}
