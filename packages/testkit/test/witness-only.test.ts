import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { accessLogOrigin, encodeUtf8, parseNote, parseOrganizationId, sha256, witnessName } from '@fiducia/core'
import {
  createNetwork,
  type FiduciaNode,
  fsckNode,
  httpTransport,
  loadConfig,
  loadWitnessConfig,
  networkFolder,
  openNode,
  openWitnessNode,
  parseManifest,
  silentLogger,
  type WitnessNode,
} from '@fiducia/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { wallClock } from '../src/clock.ts'
import { freePort } from '../src/network/files.ts'

/** Four groups, one of them a member that only witnesses. With birch down, three are the quorum, and elm is one of them. */
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-witness-'))
const [alder, birch, cedar, elm] = [parseOrganizationId('alder'), parseOrganizationId('birch'), parseOrganizationId('cedar'), parseOrganizationId('elm')]
const files = networkFolder(path.join(dir, 'valley'))
const ports = { clock: wallClock, logger: silentLogger }
const nodes: FiduciaNode[] = []
let witness: WitnessNode

const openWhole = async (org: typeof alder) => openNode({ ...loadConfig(files.config(org)), jobsEveryMs: 0 }, ports)
const operator = (): FiduciaNode => {
  const [first] = nodes
  if (first === undefined) throw new Error('expected the operator')
  return first
}

beforeAll(async () => {
  const organizations = []
  for (const org of [alder, birch, cedar, elm]) {
    const kind = org === elm ? { witnessOnly: true } : { silo: { base: 'http://127.0.0.1:9' } }
    organizations.push({ org, name: org, group: org, listen: { port: await freePort(0) }, ...kind })
  }
  const plan = parseManifest(JSON.stringify({ net: 'valley', operator: alder, organizations }), 'network.json')
  createNetwork(files.dir, plan, { now: wallClock.now(), random: (length) => crypto.getRandomValues(new Uint8Array(length)) })
  for (const org of [alder, cedar]) nodes.push(await openWhole(org))
  witness = await openWitnessNode({ ...loadWitnessConfig(files.config(elm)), jobsEveryMs: 0 }, ports)
})

afterAll(async () => {
  await witness[Symbol.asyncDispose]()
  for (const node of nodes) await node[Symbol.asyncDispose]()
  expect((await fsckNode(files.node(elm))).findings).toEqual([])
  rmSync(dir, { recursive: true })
})

it('makes the quorum of the ledger with another member down', async () => {
  await operator().ledgerRound()
  const { heads } = operator().services
  expect(
    heads
      .fresh(wallClock.now())
      ?.cosigned.cosignatures.map(({ group }) => group)
      .toSorted(),
  ).toEqual([alder, cedar, elm])
  await witness.ledgerRound()
  expect((await httpTransport(`${witness.url}/health/ready`)).status).toBe(200)
})

it('mirrors an access log, and cosigns its seal', async () => {
  await operator().join()
  await operator().ledgerRound()
  const { log, checkpoints } = operator().services
  await log.append({ tag: sha256(encodeUtf8('tag')), com: sha256(encodeUtf8('com')), content: '{}' })
  await checkpoints.publish()
  const sealed = checkpoints.newestOf(accessLogOrigin(operator().services.context.net, alder, 1))
  const names = parseNote(sealed?.note ?? '').signatures.map(({ name }) => name)
  expect(names).toContain(witnessName(operator().services.context.net, elm))
  const [served, mirrored] = await Promise.all(
    [`${operator().url}/log/1`, `${witness.url}/witness/log/alder/1`].map((base) => httpTransport(`${base}/tile/entries/000.p/${sealed?.size}`)),
  )
  expect(mirrored).toEqual(served)
  expect(mirrored?.status).toBe(200)
})

it('is not what a member with a log can be', async () => {
  await expect(openWitnessNode({ ...loadConfig(files.config(birch)), witnessOnly: true }, ports)).rejects.toThrow('found a log key of `birch`')
})
