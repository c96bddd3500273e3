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
  const other = cast.resources(alder).find((one) => one.resourceType === type && one.id !== id && !JSON.stringify(one).includes('rosa'))
  const hidden = await measured(() => rig.ask({ kind: 'read', type, id }))
  const absent = await measured(() => rig.ask({ kind: 'read', type, id: 'nothing-of-this-name' }))
  const foreign = await measured(() => rig.ask({ kind: 'read', type, id: other?.id ?? '' }))
  expect(other).toBeDefined()
  expect(hidden).toEqual(absent)
  expect(foreign).toEqual(absent)
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

it('lets nothing out when a restriction is acknowledged after the leaf is durable, and the leaf stays', async () => {
  const { patient } = rig.stage
  const { log, policies, locks } = services()
  const handle = patient.handleAt(alder)
  const append = log.append.bind(log)
  const before = log.size
  let acknowledged = false
  const spy = vi.spyOn(log, 'append').mockImplementationOnce(async (entry) => {
    const appended = await append(entry)
    await patient.setPolicy(alder, NOBODY, [])
    acknowledged = policies.consult(handle, { instant: rig.stage.clock.now(), cosignedHeight: 0 }).versions.length > 0
    return appended
  })
  await expect(rig.ask()).rejects.toMatchObject({ code: 'PEER_FAILED', message: expect.stringContaining('ACCESS_DENIED') })
  spy.mockRestore()
  expect(acknowledged).toBe(true)
  expect(log.size).toBe(before + 1)
  expect(await locks.run(handle, () => 'free')).toBe('free')
  expect((await rig.ask()).status).toBe(403)
})
