import { mkdirSync } from 'node:fs'
import { encodeHex, encodeUtf8, ledgerOrigin, parseCheckpoint, parseNote } from '@fiducia/core'
import { openNode, silentLogger, type Transport } from '../../../src/index.ts'
import { alder, genesisBytes, handleFor, net, seedOf } from '../../fixture.ts'
import { openTransaction } from '../transactions.ts'
import { attempt, bytesFor, clock, hashesOf, sayNote, type Workload } from '../workload.ts'

/** The other members hold no note of this log, and answer nothing else. */
const onlyNotes: Transport = async (url) => {
  if (!url.includes('/witness/notes/')) throw new Error('no network')
  return { status: 200, bytes: encodeUtf8('{"notes":[]}') }
}

/** A whole node in an empty folder: every file that it has is made here. */
export const firstStart: Workload = {
  async prepare({ data }) {
    mkdirSync(data, { recursive: true })
  },
  async run({ data }, from, say) {
    let drawn = 0
    const node = await openNode(
      {
        net,
        org: alder,
        listen: { host: '127.0.0.1', port: 0 },
        data,
        genesis: genesisBytes(),
        keys: {
          seeds: Object.fromEntries(['node', 'log', 'witness', 'ledger'].map((name) => [name, seedOf(`alder ${name}`)])),
          folder: `${data}/keys`,
          agent: undefined,
        },
        silo: { base: 'http://127.0.0.1:1/fhir', bearer: undefined },
        outside: { witnesses: [], logs: [] },
        jobsEveryMs: 0,
        sealEverySeconds: 10,
        retainEventsDays: 1098,
        custodian: false,
        auditEveryHours: 0,
      },
      {
        clock,
        logger: silentLogger,
        transport: onlyNotes,
        random: (length) => bytesFor(`${from} random ${(drawn += 1)}`, length),
      },
    )
    const { log, context, ledgerTip } = node.services
    const handles = [...context.ledger.tip().tree.entries()].flatMap(({ key }) => (key.startsWith('rel/') ? [key.slice(4)] : []))
    const entries = log.entries(0, log.size).map((leaf, index) => `${index} ${encodeHex(leaf)}`)
    say({ kind: 'open', standing: { ids: ['joined', ...handles, ...entries], leaves: hashesOf(context.ledger.log.entries(0, context.ledger.log.size())) } })
    if (from >= 0) await load()
    await node[Symbol.asyncDispose]()

    async function load() {
      await attempt(say, 'join', async () => {
        await node.join()
        return handles[0] ?? 'joined'
      })
      await attempt(say, `transaction ${from}`, async () => {
        const { result } = await context.submit(openTransaction(`patient ${from}`))
        if (!result.accepted) throw Object.assign(new Error(result.message), { code: result.code })
        return handleFor(`patient ${from}`)
      })
      await attempt(say, `entry ${from}`, async () => {
        const { index, leaf } = await log.append({ tag: seedOf(`tag ${from}`), com: seedOf(`com ${from}`) })
        return `${index} ${encodeHex(leaf)}`
      })
      await attempt(say, `checkpoint ${from}`, async () => {
        sayNote(say, ledgerOrigin(net), parseCheckpoint(parseNote(await ledgerTip()).text))
        return 'joined'
      })
    }
  },
}
