import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPatient } from '../src/story/patient.ts'
import { alder, birch, CARE_TEAM, cedar, openRig, type Rig } from './rig.ts'

/** Opening, closing and opening again: one open relationship for each record, whoever comes at the same time. */
let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

function newPatient() {
  const { network, clock, random } = rig.stage
  return createPatient(network, random(32), { now: () => clock.now(), random })
}
const codeFor = (record: string, org = alder) => rig.node(org).services.holder.issueDeskCode(record)
const joins = (record: string, code = codeFor(record)) => newPatient().join(alder, code)

it('opens one relationship for a record, and refuses a second until the first is closed', async () => {
  const first = newPatient()
  const handle = await first.join(alder, codeFor('Patient/one'))
  await rig.settle()
  expect(rig.node(alder).services.holder.find(handle)?.record).toBe('Patient/one')
  await expect(joins('Patient/one')).rejects.toMatchObject({ code: 'RELATIONSHIP_EXISTS', status: 409 })
  await first.close(alder)
  await rig.settle()
  await joins('Patient/one')
})

it('opens one relationship only when several people come with codes for one record at the same moment', async () => {
  const codes = Array.from({ length: 4 }, () => codeFor('Patient/two'))
  const outcomes = await Promise.allSettled(codes.map((code) => joins('Patient/two', code)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'RELATIONSHIP_EXISTS' })
})

it('takes a code from the desk once, also from two at the same moment', async () => {
  const code = codeFor('Patient/three')
  const outcomes = await Promise.allSettled([joins('Patient/three', code), joins('Patient/three', code)])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(joins('Patient/three', code)).rejects.toMatchObject({ code: 'DESK_CODE_INVALID' })
})

it('leaves the record free when the ledger did not take the opening', async () => {
  const operatorAway = async (_from: string, url: string) =>
    url.endsWith('/ledger/transactions')
      ? { status: 200, bytes: new TextEncoder().encode('{"height":0,"accepted":false,"code":"BUSY","message":"later"}') }
      : undefined
  const first = newPatient()
  await expect(rig.stage.interception.during(operatorAway, () => first.join(cedar, codeFor('Patient/four', cedar)))).rejects.toMatchObject({
    code: 'TRANSACTION_REFUSED',
  })
  await newPatient().join(cedar, codeFor('Patient/four', cedar))
})

it('takes a link only at the requester that it names, signed by the key that governs', async () => {
  const patient = newPatient()
  await patient.join(alder, codeFor('Patient/five'))
  await (await patient.setPolicy(alder, CARE_TEAM)).committed
  await rig.settle()
  const link = await patient.giveLink(alder, birch)
  expect(() => rig.node(cedar).services.links.add({ ...link })).toThrow('expected a link to `cedar`, found one to `birch`')
  const other = newPatient()
  await other.join(alder, codeFor('Patient/six'))
  await rig.settle()
  const foreign = await other.giveLink(alder, birch)
  expect(() => rig.node(birch).services.links.add({ ...link, key: foreign.key, sig: foreign.sig })).toThrow('signed by the key that governs')
})
