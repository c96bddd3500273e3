import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Policy } from '@fiducia/consent'
import { decodeBase64Url, type Handle, type SignedObject } from '@fiducia/core'
import { linkHashOf } from '@fiducia/ledger'
import { nodeFiles } from '@fiducia/node'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { alder, birch, CARE_TEAM, CONDITIONS, cedar, dune, NOBODY, openAgreedRig, type Rig } from './rig.ts'

/** What leaves a holder, and what of it is written down, over four real nodes. */
let rig: Rig
beforeAll(async () => {
  rig = await openAgreedRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

const services = (org = alder) => rig.stage.network.node(org).services

interface Searchset {
  readonly entry?: readonly { readonly search?: { readonly mode?: string }; readonly resource: { readonly resourceType: string; readonly id?: string } }[]
}
const matches = (body: string): readonly string[] =>
  ((JSON.parse(body) as Searchset).entry ?? [])
    .filter(({ search }) => search?.mode === 'match')
    .map(({ resource }) => `${resource.resourceType}/${resource.id ?? ''}`)

/** What one request costs at the holder: calls to the silo and entries of the log. */
async function measured(work: () => Promise<{ status: number; body: string }>) {
  const silo = services().silo
  const [read, search] = [vi.spyOn(silo, 'read'), vi.spyOn(silo, 'search')]
  const before = rig.logSize(alder)
  try {
    const { status, body } = await work()
    return { status, body, reads: read.mock.calls.length, searches: search.mock.calls.length, entries: rig.logSize(alder) - before }
  } finally {
    read.mockRestore()
    search.mockRestore()
  }
}

it('releases what the policy covers, with one event at the holder and one mirror at the requester', async () => {
  const mirrored = rig.logSize(birch)
  const answer = await measured(() => rig.ask())
  expect(answer).toMatchObject({ status: 200, searches: 1, entries: 1 })
  expect(matches(answer.body).length).toBeGreaterThan(2)
  expect(rig.logSize(birch)).toBe(mirrored + 1)
})

it('writes one event for each answer, whatever the answer is', async () => {
  const [released] = matches((await rig.ask()).body)
  const [type = '', id = ''] = (released ?? '').split('/')
  for (const [interaction, status] of [
    [{ kind: 'read', type, id }, 200],
    [{ kind: 'read', type, id: 'nothing' }, 404],
    [{ kind: 'read', type: 'Patient', id: 'somebody' }, 404],
    [{ kind: 'search', type: 'Observation', parameters: [] }, 200],
  ] as const)
    expect(await measured(() => rig.ask(interaction))).toMatchObject({ status, entries: 1 })
})

it('answers hidden and absent alike: status, body, silo calls, log entries', async () => {
  const { cast, patient } = rig.stage
  await (await patient.setPolicy(alder, { v: 1, grants: [...CARE_TEAM.grants, { effect: 'deny', data: { items: [cast.hidden] } }] })).committed
  await rig.stage.network.settle()
  const [type = '', id = ''] = cast.hidden.split('/')
  const others = cast.resources(alder).filter((one) => one.resourceType === type && !JSON.stringify(one).includes('rosa'))
  const hidden = await measured(() => rig.ask({ kind: 'read', type, id }))
  const absent = await measured(() => rig.ask({ kind: 'read', type, id: 'nothing-of-this-name' }))
  expect(hidden).toEqual(absent)
  expect(others.length).toBeGreaterThan(5)
  for (const other of others.slice(0, 12)) expect(await measured(() => rig.ask({ kind: 'read', type, id: other.id ?? '' }))).toEqual(absent)
  expect(hidden).toMatchObject({ status: 404, reads: 1, entries: 1 })
  const list = await rig.ask()
  expect(matches(list.body)).not.toContain(cast.hidden)
  expect(list.body).not.toContain(id)
})

it('refuses a requester that the patient gave no link, and looks the same for every reason', async () => {
  const { patient, links, cast, network } = rig.stage
  const link = links.get(alder)
  if (link === undefined) throw new Error('the patient gave a link')
  const ask = (changed: object | undefined) => {
    links.set(alder, changed as never)
    return measured(() => rig.ask()).finally(() => links.set(alder, link))
  }
  const without = await measured(() => rig.stage.clinician.ask(alder, CONDITIONS, { withoutLink: true }))
  const answers = [
    await ask({ ...link, body: { ...link.body, handle: 'A'.repeat(43) } }),
    await ask({ ...link, sig: `${link.sig.startsWith('A') ? 'B' : 'A'}${link.sig.slice(1)}` }),
    await ask(links.get(cedar)),
  ]
  expect(without).toMatchObject({ status: 403, reads: 0, searches: 0, entries: 1 })
  for (const answer of answers) expect(answer).toEqual(without)

  await patient.join(dune, network.node(dune).services.holder.issueDeskCode(cast.holders.find(({ org }) => org === dune)?.record ?? ''))
  await network.settle()
  links.set(dune, await patient.giveLink(dune, birch))
  await patient.close(dune)
  await network.settle()
  const closed = await rig.ask(CONDITIONS, dune)
  expect({ status: closed.status, body: closed.body, receipt: closed.receipt }).toEqual({ status: 403, body: without.body, receipt: undefined })
})

it.each<[string, (link: SignedObject) => Policy]>([
  ['a link is withdrawn', (link) => ({ ...CARE_TEAM, unlinked: [linkHashOf(link)] })],
  ['a restriction is acknowledged', () => NOBODY],
])('lets nothing out when %s after the leaf is durable, and the leaf stays', async (_what, policyFor) => {
  const { patient, links, network } = rig.stage
  await (await patient.setPolicy(alder, CARE_TEAM)).committed
  await network.settle()
  const link = links.get(alder)
  if (link === undefined) throw new Error('the patient gave a link')
  const { log, locks } = services()
  const append = log.append.bind(log)
  const before = log.size
  let acknowledged = false
  const spy = vi.spyOn(log, 'append').mockImplementationOnce(async (entry) => {
    const appended = await append(entry)
    acknowledged = (await patient.setPolicy(alder, policyFor(link), [])).ack !== undefined
    return appended
  })
  await expect(rig.ask()).rejects.toMatchObject({ code: 'PEER_FAILED', message: expect.stringContaining('ACCESS_DENIED') })
  spy.mockRestore()
  expect(acknowledged).toBe(true)
  expect(log.size).toBe(before + 1)
  expect(await locks.run(patient.handleAt(alder), () => 'free')).toBe('free')
  expect((await rig.ask()).status).toBe(403)
  await resubmit(patient.handleAt(alder))
})

/** What is pending goes on the ledger, so that the next version can follow. */
async function resubmit(handle: Handle): Promise<void> {
  const folder = nodeFiles(path.join(rig.dir, 'nodes', alder)).policies
  const wires = readdirSync(folder)
    .filter((name) => name.startsWith(handle))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .map((text) => decodeBase64Url((JSON.parse(text) as { readonly wire: string }).wire))
  for (const wire of wires) await services().context.submit(wire)
}
