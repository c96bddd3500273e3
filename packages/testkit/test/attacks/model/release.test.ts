import { cpSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { ed25519PublicKey, encodeBase64Url, encodeUtf8, type OrganizationId } from '@fiducia/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rule } from '../../../src/story/interception.ts'
import { askBy, statusLeft } from '../asking.ts'
import { whileReplacing } from '../replacing.ts'
import { ALDER, BIRCH, CEDAR, DENY, openScene, PERMIT, type Scene } from '../scene.ts'
import { openSecond, type TwoDevices } from '../second-patient.ts'

/**
 * The model `Release`: one relationship at Cedar between a decision and a release. An operator that delays or drops is a wire
 * that the test puts on the ledger late, or never; a second device is a second version signed on the same wallet.
 */

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const RELEASED = 200
const REFUSED = 403
const services = (org: OrganizationId = CEDAR.org) => scene.stage.network.node(org).services
const left = (patient: TwoDevices) => statusLeft(scene, CEDAR.org, patient.link)
const commit = async (wire: Uint8Array, via: OrganizationId = CEDAR.org) => {
  expect((await services(via).context.submit(wire)).result.accepted).toBe(true)
}

/** A patient at Cedar whose policy permits, and data does leave. */
async function permitting(): Promise<TwoDevices> {
  const patient = await openSecond(scene, CEDAR.org)
  expect((await askBy(scene, CEDAR.org, patient.link)).body).toContain('"resourceType":"Observation"')
  return patient
}

/** Cedar hears nothing of the ledger's growth. */
const keptFromCedar: Rule = async (from, url) => {
  const operator = scene.stage.network.genesis.members[ALDER.org]?.endpoint ?? ''
  return from === CEDAR.org && url.startsWith(`${operator}/ledger/`) ? { status: 503, bytes: encodeUtf8('busy') } : undefined
}
const settleWithoutCedar = async () => {
  for (const node of scene.stage.network.nodes.values()) await node.ledgerRound().catch(() => undefined)
}

/** Everything that a backup of Cedar's database holds, as it is now; puts it back when called. */
function keepDatabase(): () => void {
  const [folder, kept] = [path.join(scene.stage.dir, 'nodes', CEDAR.org), path.join(scene.stage.dir, 'kept')]
  const copy = (from: string, to: string) => {
    for (const name of readdirSync(from).filter((one) => one.startsWith('node.sqlite'))) cpSync(path.join(from, name), path.join(to, name), { recursive: true })
  }
  copy(folder, kept)
  return () => {
    for (const name of readdirSync(folder).filter((one) => one.startsWith('node.sqlite'))) rmSync(path.join(folder, name), { recursive: true })
    copy(kept, folder)
  }
}

it('Release_x_noPending: an acknowledged restriction acts while the operator delays it', async () => {
  const patient = await permitting()
  expect(await patient.handOver(patient.sign(DENY))).toHaveLength(1)
  expect(await left(patient), 'attack found: the committed policy alone decided').toBe(REFUSED)
})

it('Release_x_ackFirst: an acknowledged restriction survives a crash', async () => {
  const patient = await permitting()
  expect(await patient.handOver(patient.sign(DENY))).toHaveLength(1)
  await scene.restart()
  await scene.stage.network.settle()
  expect(await left(patient), 'attack found: the restriction was in memory alone').toBe(REFUSED)
})

it('Release_x_restore: an acknowledged restriction survives a restored database', async () => {
  const patient = await openSecond(scene, CEDAR.org)
  let restore = () => {}
  await scene.restart(() => (restore = keepDatabase()))
  await scene.stage.network.settle()
  expect(await patient.handOver(patient.sign(DENY))).toHaveLength(1)
  await scene.restart(() => restore())
  await scene.stage.network.settle()
  expect(await left(patient), 'attack found: the restriction went with the database').toBe(REFUSED)
})

it('Release_x_noLaterHeads: a restriction acts once it is in the holder’s replica, cosigned or not', async () => {
  const patient = await permitting()
  const restriction = patient.sign(DENY)
  expect(await patient.handOver(restriction)).toHaveLength(1)
  await commit(restriction.wire)
  const { heads, context } = services()
  expect(heads.newest?.block.height).toBeLessThan(context.ledger.tip().height)
  expect(await left(patient), 'attack found: the cosigned head alone decided').toBe(REFUSED)
})

it('Release_x_notFresh: a holder that is kept from a restriction denies once its checkpoint is old', async () => {
  const patient = await permitting()
  const status = await scene.stage.interception.during(keptFromCedar, async () => {
    await commit(patient.sign(DENY).wire, BIRCH.org)
    await settleWithoutCedar()
    scene.stage.clock.advance(62_000)
    await settleWithoutCedar()
    return left(patient)
  })
  expect(status, 'attack found: released under a checkpoint that nobody cosigns any more').toBe(REFUSED)
  await scene.stage.network.settle()
})

it('Release_x_window: a holder that is kept from a restriction releases for T at most', async () => {
  const patient = await permitting()
  await scene.stage.interception.during(keptFromCedar, async () => {
    await commit(patient.sign(DENY).wire, BIRCH.org)
    await settleWithoutCedar()
    expect(await left(patient), 'the limit').toBe(RELEASED)
    scene.stage.clock.advance(62_000)
    await settleWithoutCedar()
    expect(await left(patient)).toBe(REFUSED)
  })
  await scene.stage.network.settle()
})

/** What Cedar answers when this happens after it has decided, while its silo looks for the data. */
async function leftWhen(patient: TwoDevices, happens: () => Promise<unknown>): Promise<number> {
  const { silo } = services()
  const { search } = silo
  const slow: typeof search = async (...asked) => {
    const found = await search(...asked)
    await happens()
    return found
  }
  return whileReplacing(silo, 'search', slow, () => left(patient))
}

it('Release_x_noRecheck: a restriction that reaches the replica after the decision keeps the answer back', async () => {
  const patient = await permitting()
  const { size } = services().log
  const status = await leftWhen(patient, () => commit(patient.sign(DENY).wire))
  expect(status, 'attack found: the answer left against the holder’s own replica').toBe(REFUSED)
  expect(services().log.size).toBe(size + 1)
})

it('Release_x_noRecheckAck: a restriction that is acknowledged after the decision keeps the answer back', async () => {
  const patient = await permitting()
  const { size } = services().log
  const status = await leftWhen(patient, async () => expect(await patient.handOver(patient.sign(DENY))).toHaveLength(1))
  expect(status, 'attack found: the answer left after the acknowledgment').toBe(REFUSED)
  expect(services().log.size).toBe(size + 1)
})

it('Release_x_noLeaf: a holder that ends before the leaf is durable has given nothing', async () => {
  const patient = await permitting()
  const ends = () => Promise.reject(new Error('the process ends here'))
  const status = await whileReplacing(services().log, 'append', ends, () => left(patient))
  expect(status, 'attack found: data left, and the holder has no trace of it').toBe(500)
})

it('Release_x_noMirror: a requester that ends before its mirror entry is durable has used nothing', async () => {
  const patient = await permitting()
  const ends = () => Promise.reject(new Error('the process ends here'))
  const used = await whileReplacing(services(BIRCH.org).log, 'append', ends, () =>
    askBy(scene, CEDAR.org, patient.link).then(
      () => 'used',
      (error: unknown) => String(error),
    ),
  )
  expect(used, 'attack found: data was used, and the requester has no trace of it').toBe('Error: the process ends here')
})

it('Release_x_endsGeq: an older permit of the same number that commits does not end an acknowledged restriction', async () => {
  const patient = await permitting()
  const [permit, restriction] = [patient.sign(PERMIT), patient.sign(DENY)]
  expect(await patient.handOver(permit)).toHaveLength(1)
  expect(await patient.handOver(restriction)).toHaveLength(2)
  await commit(permit.wire)
  await scene.stage.network.settle()
  expect(await left(patient), 'attack found: a permit of the same number ended the restriction').toBe(REFUSED)
})

it('Release_x_asWritten3guard: older permits of higher numbers that commit do not end an acknowledged restriction', async () => {
  const patient = await permitting()
  const second = patient.sign(PERMIT)
  const third = patient.sign(PERMIT, second.wallet)
  for (const permit of [second, third]) await patient.handOver(permit)
  // The other device has seen neither.
  expect(await patient.handOver(patient.sign(DENY))).toHaveLength(3)
  for (const { wire } of [second, third]) await commit(wire)
  await scene.stage.network.settle()
  expect(await left(patient), 'attack found: a version signed before it ended the restriction').toBe(REFUSED)
})

it('Release_x_asWritten3: no restriction is acknowledged that can no longer commit', async () => {
  const patient = await permitting()
  const second = patient.sign(PERMIT)
  const third = patient.sign(PERMIT, second.wallet)
  for (const permit of [second, third]) {
    await patient.handOver(permit)
    await commit(permit.wire)
  }
  await scene.stage.network.settle()
  const answer = await patient.handOver(patient.sign(DENY))
  const isPromised = typeof answer !== 'string'
  expect([isPromised, isPromised && (await left(patient)) === RELEASED], 'attack found: acknowledged, and released all the same').toEqual([false, false])
  expect(answer).toMatch(/expected a version above 3, found 2/)
})

it('Release_x_delegate: a delegate’s acknowledged restriction does not end with its transaction', async () => {
  const patient = await openSecond(scene, CEDAR.org)
  const seed = scene.stage.random(32)
  await patient.submit('rel.delegate', {
    epoch: 1,
    delegates: [{ pub: encodeBase64Url(ed25519PublicKey(seed)), rights: ['restrict'], expires: scene.stage.clock.now() + 86_400_000 }],
  })
  expect(await left(patient)).toBe(RELEASED)
  expect(await patient.handOver(patient.sign(DENY, patient.wallet(), seed))).toHaveLength(1)
  scene.stage.clock.advance(301_000)
  await scene.stage.network.settle()
  expect(await left(patient), 'attack found: dropped for five minutes, the restriction is forgotten').toBe(REFUSED)
})

it('Release_live_newest: a permit of control acts once it names what is pending, which the holder lists', async () => {
  const patient = await permitting()
  const [permit, restriction] = [patient.sign(PERMIT), patient.sign(DENY)]
  await patient.handOver(restriction)
  expect(await patient.handOver(permit)).toEqual(expect.arrayContaining([restriction.commitment]))
  await commit(permit.wire)
  await scene.stage.network.settle()
  expect(await left(patient)).toBe(REFUSED)
  const ends = patient.sign({ ...PERMIT, replaces: [restriction.commitment] }, permit.wallet)
  expect(await patient.handOver(ends)).toHaveLength(2)
  await commit(ends.wire)
  await scene.stage.network.settle()
  expect(await left(patient), 'attack found: nothing ends the restriction any more').toBe(RELEASED)
})
