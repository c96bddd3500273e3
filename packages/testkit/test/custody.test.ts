import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import {
  createCustody,
  createNodeClient,
  createWallet,
  custodyKey,
  keysOf,
  openHolderCopy,
  recognizeOpening,
  signWalletRequest,
  wrapSeed,
  type WalletPorts,
  type WalletState,
} from '@fiducia/client'
import { decodeBase64Url, ed25519KeyId, ed25519PublicKey, encodeBase64Url, sha256 } from '@fiducia/core'
import { decodeLogEntry, decodeTransaction } from '@fiducia/ledger'
import { fsckNode, nodeFiles } from '@fiducia/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPatient } from '../src/story/patient.ts'
import { ALDER, BIRCH, DUNE, OBSERVATIONS, openScene, type Scene } from './attacks/scene.ts'

/**
 * A wallet leaves its seed at a key custodian; a new device with nothing but the synced passkey's secret gets it back and reads the
 * patient's records; then the patient has the custodian erase it. Whoever does not have the secret learns nothing.
 */

const random = (length: number) => new Uint8Array(randomBytes(length))
const [seed, secret] = [random(32), random(32)]
const place = () => ({ net: scene.stage.network.genesis.net, custodian: DUNE.org })
const ports: WalletPorts = { now: () => scene.stage.clock.now(), random }
const clientOf = (org = DUNE.org) =>
  createNodeClient({ base: scene.stage.network.genesis.members[org]?.endpoint ?? '', fetch: (url, init) => fetch(url, init) })
const custodyOf = (wrapping: Uint8Array) => createCustody(clientOf(), { ...place(), secret: wrapping }, ports)
const folder = () => path.join(scene.stage.dir, 'nodes', DUNE.org)

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

/** Files of the custodian's node in which either half of the bytes stands: a page may end in the middle. */
function filesWith(bytes: Uint8Array): readonly string[] {
  const files = readdirSync(folder(), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const halves = [Buffer.from(bytes.slice(0, bytes.length / 2)), Buffer.from(bytes.slice(bytes.length / 2))]
  const isIn = (file: string) => halves.some((half) => readFileSync(file).includes(half))
  return files.filter((entry) => isIn(path.join(entry.parentPath, entry.name))).map(({ name }) => name)
}

const stored = () => scene.stage.network.node(DUNE.org).services.context.database.all('SELECT id, version, ciphertext FROM custody')

/** A request signed by the key with this seed, for an id that may be another's. */
async function ask(method: 'GET' | 'PUT' | 'DELETE', signer: Uint8Array, { id, query = '', body }: { id?: string; query?: string; body?: Uint8Array } = {}) {
  const pub = ed25519PublicKey(signer)
  const target = `/custody/${id ?? ed25519KeyId(pub)}?key=${encodeBase64Url(pub)}${query}`
  const header = signWalletRequest({ net: place().net, to: DUNE.org, method, path: target, at: ports.now(), rand: random(32) }, signer)
  const response = await fetch(`${scene.stage.network.genesis.members[DUNE.org]?.endpoint}${target}`, {
    method,
    headers: { 'fiducia-request': header, ...(body === undefined ? {} : { 'content-type': 'application/octet-stream' }) },
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  })
  return { status: response.status, text: await response.text() }
}

it('gives a new device its seed back, and with it the records', async () => {
  const { network, clinician, links } = scene.stage
  const patient = createPatient(network, seed, ports)
  // The wallet of this test has a record of its own at Alder.
  const { holder, context } = network.node(ALDER.org).services
  const known = new Set(holder.all.map(({ record }) => record))
  const other = scene.stage.cast.resources(ALDER.org).find(({ resourceType, id }) => resourceType === 'Patient' && !known.has(`Patient/${id}`))
  await patient.join(ALDER.org, holder.issueDeskCode(`Patient/${other?.id}`))
  await (await patient.setPolicy(ALDER.org, { v: 1, grants: [{ effect: 'permit', recipients: [{ organization: BIRCH.org }], purposes: ['TREAT'] }] })).committed
  await network.settle()
  links.set(ALDER.org, await patient.giveLink(ALDER.org, BIRCH.org))
  await clinician.ask(ALDER.org, OBSERVATIONS)
  await custodyOf(secret).store(seed, 1)

  // A new device: the secret, and what is public.
  const restored = await custodyOf(secret).restore()
  expect(restored).toEqual({ seed, version: 1 })
  let wallet: WalletState = createWallet(place().net, restored.seed)
  for (const bytes of context.ledger.log.entries(0, context.ledger.block().index + 1)) {
    const entry = decodeLogEntry(bytes)
    const transaction = entry.kind === 'transaction' ? decodeTransaction(entry.wire) : undefined
    const found = transaction?.type === 'rel.open' ? recognizeOpening(restored.seed, transaction.body) : undefined
    if (found !== undefined) wallet = { ...wallet, relationships: [...wallet.relationships, found] }
  }
  const [relationship, ...more] = wallet.relationships
  if (relationship === undefined) throw new Error('the relationship was not found again')
  expect([relationship.handle, more]).toEqual([patient.handleAt(ALDER.org), []])
  const control = keysOf(wallet, relationship).control.secret
  const sign = (target: { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string }) =>
    signWalletRequest({ net: place().net, to: ALDER.org, ...target, at: ports.now(), rand: random(32) }, control)
  const resources = await clientOf(ALDER.org).record(relationship.handle, sign)
  expect(resources).toContainEqual(expect.objectContaining({ resourceType: 'Patient', id: other?.id }))
  const [event] = await clientOf(ALDER.org).events(relationship.handle, sign)
  expect(openHolderCopy(wallet, relationship, event?.sealed ?? new Uint8Array()).decision.n).toBe(0)
})

it('holds nothing that it could read, or connect with a handle', async () => {
  expect(filesWith(seed)).toEqual([])
  expect(filesWith(secret)).toEqual([])
  const [row] = stored()
  const id = String(row?.['id'])
  expect(row?.['ciphertext']).toHaveLength(81)
  const { ledger } = scene.stage.network.node(ALDER.org).services.context
  const everything = Buffer.concat(ledger.log.entries(0, ledger.block().index + 1).map((bytes) => Buffer.from(bytes)))
  const { pub } = custodyKey(secret, place())
  for (const trace of [id, pub]) expect(everything.includes(trace)).toBe(false)
  expect(custodyKey(secret, { ...place(), custodian: ALDER.org }).pub).not.toBe(pub)
  await expect(custodyOf(random(32)).restore()).rejects.toMatchObject({ code: 'CUSTODY_REFUSED' })
})

it('refuses whoever does not have the key in the words with which it refuses an unknown id', async () => {
  const mine = custodyKey(secret, place())
  const id = ed25519KeyId(decodeBase64Url(mine.pub))
  const stranger = random(32)
  const unknown = await ask('GET', stranger)
  expect([unknown.status, JSON.parse(unknown.text)]).toMatchObject([403, { error: { code: 'CUSTODY_REFUSED' } }])
  expect(await ask('GET', stranger, { id })).toEqual(unknown)
  expect(await ask('DELETE', stranger, { id })).toEqual(unknown)
  expect(await ask('DELETE', stranger)).toEqual(unknown)
  expect(await ask('GET', mine.secret, { id: ed25519KeyId(ed25519PublicKey(stranger)) })).toEqual(unknown)
  const endpoint = scene.stage.network.genesis.members[DUNE.org]?.endpoint
  const unsigned = await fetch(`${endpoint}/custody/${id}?key=${mine.pub}`)
  expect({ status: unsigned.status, text: await unsigned.text() }).toEqual(unknown)
  // At a member that is no custodian there is no such route.
  expect((await fetch(`${scene.stage.network.genesis.members[ALDER.org]?.endpoint}/custody/${id}?key=${mine.pub}`)).status).toBe(404)
  expect(stored()).toHaveLength(1)
})

it('takes only versions that grow, the bytes that were signed for, and no more than it has room for', async () => {
  const mine = custodyKey(secret, place())
  const query = (version: number, body: Uint8Array) => `&version=${version}&hash=${encodeBase64Url(sha256(body))}`
  const second = wrapSeed(secret, place(), { seed, rand32: random(32) })
  expect((await ask('PUT', mine.secret, { query: query(2, second), body: random(81) })).status).toBe(400)
  expect((await ask('PUT', mine.secret, { query: query(2, random(1025)), body: random(1025) })).status).toBe(400)
  expect((await ask('PUT', mine.secret, { query: query(2, second), body: second })).status).toBe(200)
  expect((await ask('PUT', mine.secret, { query: query(2, second), body: second })).status).toBe(200)
  await expect(custodyOf(secret).store(seed, 2)).rejects.toMatchObject({ code: 'CUSTODY_VERSION', status: 409 })
  await expect(custodyOf(secret).store(seed, 1)).rejects.toMatchObject({ code: 'CUSTODY_VERSION' })
  expect(await custodyOf(secret).restore()).toEqual({ seed, version: 2 })
  // A request counts once.
  const target = `/custody/${ed25519KeyId(decodeBase64Url(mine.pub))}?key=${mine.pub}`
  const header = signWalletRequest({ net: place().net, to: DUNE.org, method: 'GET', path: target, at: ports.now(), rand: random(32) }, mine.secret)
  const again = async () =>
    (await fetch(`${scene.stage.network.genesis.members[DUNE.org]?.endpoint}${target}`, { headers: { 'fiducia-request': header } })).status
  expect([await again(), await again()]).toEqual([200, 403])
  // One address asks so often in a minute, and no more.
  const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await ask('GET', random(32))).status))
  expect(statuses).toContain(429)
  scene.stage.clock.advance(60_000)
})

it('erases it for good: no byte is left, and a backup that is put back revives nothing', async () => {
  const [row] = stored()
  const ciphertext = row?.['ciphertext'] as Uint8Array
  const database = nodeFiles(folder()).database
  await scene.restart(() => copyFileSync(database, `${database}.kept`))
  await scene.stage.network.settle()
  expect(filesWith(ciphertext.slice(10, 60))).toContain('node.sqlite')
  await custodyOf(secret).erase()
  const { erasure } = scene.stage.network.node(DUNE.org).services
  await erasure.run()
  expect(filesWith(ciphertext.slice(10, 60))).toEqual(['node.sqlite.kept'])
  await expect(custodyOf(secret).restore()).rejects.toMatchObject({ code: 'CUSTODY_REFUSED' })
  await expect(custodyOf(secret).store(seed, 3)).rejects.toMatchObject({ code: 'CUSTODY_REFUSED' })
  await expect(custodyOf(secret).erase()).rejects.toMatchObject({ code: 'CUSTODY_REFUSED' })
  const putBack = () => {
    for (const name of [`${database}-wal`, `${database}-shm`]) rmSync(name, { force: true })
    copyFileSync(`${database}.kept`, database)
  }
  await scene.restart(putBack)
  await expect(custodyOf(secret).restore()).rejects.toMatchObject({ code: 'CUSTODY_REFUSED' })
  await scene.stage.network.node(DUNE.org).services.erasure.run()
  expect(filesWith(ciphertext.slice(10, 60))).toEqual(['node.sqlite.kept'])
  // No leaf is written: none of the log was about it.
  expect(scene.stage.network.node(DUNE.org).services.context.database.all('SELECT idx FROM redaction')).toEqual([])
  await scene.stage.network.node(DUNE.org)[Symbol.asyncDispose]()
  const codes = async () => (await fsckNode(folder())).findings.map(({ code }) => code)
  expect(await codes()).toEqual([])
  putBack()
  expect(await codes()).toEqual(['ERASED'])
})
