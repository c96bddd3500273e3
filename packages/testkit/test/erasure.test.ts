import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createCustody, createNodeClient, giveLink } from '@fiducia/client'
import { encodeUtf8, type OrganizationId } from '@fiducia/core'
import { fsckNode, nodeFiles } from '@fiducia/node'
import type { BundleFiles } from '@fiducia/proofs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ALDER, BIRCH, CEDAR, DUNE, OBSERVATIONS, openScene, type Scene } from './attacks/scene.ts'
import { openSecond, type SecondPatient } from './attacks/second-patient.ts'

/**
 * A patient has one holder, the requester and the key custodian erase what they keep. Their bytes are searched for in every file of
 * these nodes; everybody else's proofs, and those that were taken away before, verify as they did.
 */

let scene: Scene
let second: SecondPatient
beforeAll(async () => {
  scene = await openScene()
  second = await openSecond(scene)
})
afterAll(() => scene[Symbol.asyncDispose]())

const services = (org: OrganizationId) => scene.stage.network.node(org).services
const folderOf = (org: OrganizationId) => path.join(scene.stage.dir, 'nodes', org)

/** Files of a node in which the bytes stand, either half of long ones (a page may end in the middle); the ledger's aside: what is on it is public. */
function filesWith(org: OrganizationId, bytes: Uint8Array): readonly string[] {
  const names = readdirSync(folderOf(org), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !entry.parentPath.endsWith('ledger'))
  const middle = bytes.length < 32 ? bytes.length : bytes.length / 2
  const parts = [bytes.slice(0, middle), bytes.slice(middle)].filter(({ length }) => length > 0).map((one) => Buffer.from(one))
  return names.map((entry) => path.join(entry.parentPath, entry.name)).filter((file) => parts.some((one) => readFileSync(file).includes(one)))
}

/** A part of an encrypted or hashed text that nothing else has. */
const part = (bytes: Uint8Array) => bytes.slice(10, 60)

async function round(): Promise<void> {
  await scene.stage.publish()
  for (const org of [ALDER.org, BIRCH.org, DUNE.org]) {
    await services(org).disputes.run()
    await services(org).erasure.run()
  }
}

it('refuses while the relationship is open, and while a receipt is not compared with the public log', async () => {
  const { patient } = scene.stage
  await scene.stage.clinician.ask(ALDER.org, OBSERVATIONS)
  await expect(patient.erase(ALDER.org)).rejects.toMatchObject({ code: 'RELATIONSHIP_OPEN', status: 409 })
  await expect(patient.eraseCopies(ALDER.org)).rejects.toMatchObject({ code: 'COPIES_OPEN', status: 409 })
})

it('leaves no byte of what was kept, and every other proof as it was', async () => {
  const { stage } = scene
  const { patient, clinician } = stage
  const handle = patient.handleAt(ALDER.org)
  const { link } = giveLink(second.wallet(), second.handle, BIRCH.org, second.ports)
  const { identifier, opening, rand32 } = clinician
  const practitioner = { identifier, role: { opening, rand32 }, acr: 'urn:acr', authTime: Math.floor(stage.clock.now() / 1000) }
  await services(BIRCH.org).exchange.ask({ holder: ALDER.org, link, practitioner, purpose: 'TREAT', interaction: OBSERVATIONS })
  await clinician.ask(CEDAR.org, OBSERVATIONS)
  await round()

  const holder = services(ALDER.org)
  const relationship = holder.holder.find(handle)
  const [event] = holder.evidence.events(handle)
  const stored = holder.context.database.get('SELECT content FROM event WHERE handle = ?', handle)?.['content'] as string
  const policy = readdirSync(nodeFiles(folderOf(ALDER.org)).policies).find((name) => name.startsWith(handle)) ?? ''
  const policyText = readFileSync(path.join(nodeFiles(folderOf(ALDER.org)).policies, policy), 'utf8')
  const copy = services(BIRCH.org).context.database.get('SELECT receipt, sealed FROM copy WHERE receipt LIKE ?', `%${handle}%`) as {
    receipt: string
    sealed: string
  }
  const atHolder: readonly Uint8Array[] = [
    relationship?.k ?? new Uint8Array(),
    part(event?.sealed ?? new Uint8Array()),
    encodeUtf8((JSON.parse(stored) as { salt: string }).salt),
    encodeUtf8((JSON.parse(policyText) as { salt: string }).salt),
    encodeUtf8(relationship?.record ?? ''),
  ]
  const atRequester = [encodeUtf8(copy.sealed.slice(20, 80)), encodeUtf8((JSON.parse(copy.receipt) as { proof: string }).proof.split('\n')[1] ?? '')]
  for (const bytes of atHolder) expect(filesWith(ALDER.org, bytes)).not.toEqual([])
  for (const bytes of atRequester) expect(filesWith(BIRCH.org, bytes)).not.toEqual([])

  const custody = createCustody(
    createNodeClient({ base: stage.network.genesis.members[DUNE.org]?.endpoint ?? '', fetch: (url, init) => fetch(url, init) }),
    { net: stage.network.genesis.net, custodian: DUNE.org, secret: stage.random(32) },
    { now: () => stage.clock.now(), random: stage.random },
  )
  await custody.store(stage.random(32), 1)
  const [kept] = services(DUNE.org).context.database.all('SELECT ciphertext FROM custody')
  const atCustodian = part(kept?.['ciphertext'] as Uint8Array)
  expect(filesWith(DUNE.org, atCustodian)).not.toEqual([])

  const taken: readonly BundleFiles[] = [await patient.accessBundle(ALDER.org, 0), await patient.completenessBundle(ALDER.org)]
  await patient.close(ALDER.org)
  await stage.network.settle()
  const events = holder.evidence.events(handle).length
  const { size } = holder.log
  expect(await patient.erase(ALDER.org)).toBe(events)
  expect(await patient.eraseCopies(ALDER.org)).toBeGreaterThan(0)
  await custody.erase()
  await round()

  for (const bytes of atHolder) expect(filesWith(ALDER.org, bytes)).toEqual([])
  for (const bytes of atRequester) expect(filesWith(BIRCH.org, bytes)).toEqual([])
  expect(filesWith(DUNE.org, atCustodian)).toEqual([])
  await expect(patient.completenessBundle(ALDER.org)).rejects.toMatchObject({ code: 'RELATIONSHIP_UNKNOWN' })
  expect((await clinician.ask(ALDER.org, OBSERVATIONS)).status).toBe(403)
  // Everybody else's proofs, and those taken away before.
  for (const files of taken) expect(stage.verify(files).valid).toBe(true)
  expect(stage.verify(await holder.evidence.access(second.handle, 0)).valid).toBe(true)
  expect(stage.verify(await patient.completenessBundle(CEDAR.org)).valid).toBe(true)
  const other = holder.holder.find(second.handle)
  expect(other === undefined ? undefined : stage.verify(holder.evidence.completeness(other)).valid).toBe(true)
  // The answer to the last request is an entry; a redaction is not written yet.
  expect(holder.log.size).toBeGreaterThan(size)
  expect(holder.context.database.all('SELECT idx FROM redaction')).toEqual([])
})

it('writes a redaction leaf that looks like any other, at least a day later', async () => {
  const { clock } = scene.stage
  clock.advance(23 * 3_600_000)
  await round()
  expect(services(ALDER.org).context.database.all('SELECT idx FROM redaction')).toEqual([])
  clock.advance(26 * 3_600_000)
  await scene.stage.network.settle()
  await round()
  for (const org of [ALDER.org, BIRCH.org]) {
    const { database } = services(org).context
    const [row] = database.all('SELECT idx, content FROM redaction')
    expect(JSON.parse(String(row?.['content']))).toMatchObject({ count: expect.any(Number), ground: 'patient-request' })
    const leaf = services(org).log.leaf(Number(row?.['idx']))
    expect([leaf.length, leaf[0], leaf[1]]).toEqual([72, 1, 1])
  }
  await round()
  expect(services(ALDER.org).context.database.all('SELECT idx FROM redaction')).toHaveLength(1)
})

it('is done again when a backup is put back, and fsck says that it must be', async () => {
  const { patient } = scene.stage
  const handle = patient.handleAt(CEDAR.org)
  const database = nodeFiles(folderOf(CEDAR.org)).database
  await scene.restart(() => copyFileSync(database, `${database}.kept`))
  await scene.stage.network.settle()
  await patient.close(CEDAR.org)
  await scene.stage.network.settle()
  const k = services(CEDAR.org).holder.find(handle)?.k ?? new Uint8Array()
  expect(await patient.erase(CEDAR.org)).toBeGreaterThan(0)
  await services(CEDAR.org).erasure.run()
  const putBack = () => {
    for (const name of [`${database}-wal`, `${database}-shm`]) rmSync(name, { force: true })
    copyFileSync(`${database}.kept`, database)
  }
  await scene.restart(putBack)
  expect(services(CEDAR.org).holder.find(handle)).toBeUndefined()
  await services(CEDAR.org).erasure.run()
  expect(filesWith(CEDAR.org, k).map((file) => path.basename(file))).toEqual(['node.sqlite.kept'])
  await scene.stage.network.node(CEDAR.org)[Symbol.asyncDispose]()
  const codes = async () => (await fsckNode(folderOf(CEDAR.org))).findings.map(({ code }) => code)
  expect(await codes()).toEqual([])
  putBack()
  expect(await codes()).toEqual(['ERASED'])
})
