import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { accessLogsOf } from '@fiducia/ledger'
import { fsckNode, NodeFailure, nodeFiles } from '@fiducia/node'
import { verifyBundle } from '@fiducia/proofs'
import { expect, it } from 'vitest'
import { birch, CARE_TEAM, cedar, openAgreedRig, type Rig } from './rig.ts'

/**
 * Copies that are put back: the database alone, the whole machine, the place outside the database lost. Two roots for one size
 * are never signed: the log is frozen, the standby goes on, what the members mirror comes back, and the patient can still have
 * the list of all accesses proved complete.
 */

const folderOf = (rig: Rig, org: OrganizationId) => path.join(rig.dir, 'nodes', org)
const ask = (rig: Rig) => rig.ask(undefined, cedar)
const BETWEEN_CHECKPOINTS_MS = 11_000
/** Cedar gets no answer from these addresses. */
const deafTo = (isSilent: (url: string) => boolean) => (from: string, url: string) =>
  Promise.resolve(from === cedar && isSilent(url) ? { status: 503, bytes: new Uint8Array() } : undefined)

/** Copies of the database files alone; or of everything. */
function keep(rig: Rig, what: 'database' | 'everything'): () => void {
  const [folder, kept] = [folderOf(rig, cedar), path.join(rig.dir, 'kept')]
  const isWanted = (name: string) => what === 'everything' || name.startsWith('node.sqlite')
  const copy = (from: string, to: string) => {
    mkdirSync(to, { recursive: true })
    for (const name of readdirSync(from).filter(isWanted)) {
      rmSync(path.join(to, name), { recursive: true, force: true })
      cpSync(path.join(from, name), path.join(to, name), { recursive: true })
    }
  }
  copy(folder, kept)
  return () => {
    for (const name of readdirSync(folder).filter(isWanted)) rmSync(path.join(folder, name), { recursive: true })
    copy(kept, folder)
  }
}

/** Some time passes; every log is sealed, cosigned and on the ledger. */
async function publish(rig: Rig): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    rig.stage.clock.advance(BETWEEN_CHECKPOINTS_MS)
    await rig.settle()
    for (const org of [cedar, birch]) await rig.node(org).round()
  }
  await rig.settle()
}

async function completeList(rig: Rig) {
  const { facts, valid, checks } = verifyBundle(await rig.stage.patient.completenessBundle(cedar), rig.stage.network.trustPolicy())
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
  expect(valid).toBe(true)
  return facts['logs'] as readonly { readonly k: number; readonly n: number }[]
}

it('freezes a log whose database is older than what it signed, and goes on under the standby', async () => {
  await using rig = await openAgreedRig()
  await ask(rig)
  await publish(rig)
  let restore = () => {}
  await rig.restart(cedar, () => (restore = keep(rig, 'database')))
  await rig.settle()
  await ask(rig)
  await ask(rig)
  await publish(rig)
  expect((await completeList(rig)).map(({ n }) => n)).toEqual([3])

  const restored = await rig.restart(cedar, () => restore())
  await rig.settle()
  const { log, logs } = restored.services
  expect([log.origin, log.size]).toEqual(['demo/log/cedar/2', 0])
  expect(logs.all[0]?.frozenBecause).toMatch(/size \d+ was signed before/)
  expect((await ask(rig)).status).toBe(200)
  // Members that do not serve it at first are asked again.
  const before = logs.all[0]?.sealedSize ?? 0
  await rig.stage.interception.during(
    deafTo((url) => url.includes('/witness/log/')),
    () => publish(rig),
  )
  expect(logs.all[0]?.sealedSize).toBe(before)
  await publish(rig)
  expect(logs.all[0]?.sealedSize).toBeGreaterThan(before)
  // Every access is still proved: those that the database lost came back from the mirrors, their numbers without a gap.
  expect(await completeList(rig)).toMatchObject([
    { k: 1, n: 3 },
    { k: 2, n: 1 },
  ])
  const report = await rig.stage.patient.checkEverything(cedar, [rig.stage.clinician.opening.code])
  expect(report.log.findings.map(({ code }) => code)).toEqual(['COPY_MISSING', 'COPY_MISSING'])
  const ready = (await (await fetch(`${restored.url}/health/ready`)).json()) as { frozen: readonly { origin: string }[]; accessLog: string }
  expect(ready).toMatchObject({ accessLog: 'demo/log/cedar/2', frozen: [{ origin: 'demo/log/cedar/1' }] })

  const again = await rig.restart(cedar)
  expect(again.services.log.k).toBe(2)
  await rig.settle()
  expect((await ask(rig)).status).toBe(200)
  await again[Symbol.asyncDispose]()
  expect((await fsckNode(folderOf(rig, cedar))).findings).toEqual([])
})

it('freezes a log after a whole machine was put back, and releases nothing until the patient has signed again', async () => {
  await using rig = await openAgreedRig()
  await ask(rig)
  let restore = () => {}
  await rig.restart(cedar, () => (restore = keep(rig, 'everything')))
  await rig.settle()
  // Given away after the copy was made; nothing seals it, so only Birch knows.
  expect((await ask(rig)).receipt).toBeDefined()

  const restored = await rig.restart(cedar, () => restore())
  await rig.settle()
  expect(restored.services.log.k).toBe(2)
  expect(restored.services.logs.all[0]?.frozenBecause).toMatch(/`birch` holds a note of this log for size \d+ that its \d+ entries do not extend/)
  expect((await ask(rig)).status).toBe(403)
  expect((await rig.stage.patient.events(cedar)).at(-1)?.content.decision.withheld).toEqual([{ code: 'POLICY_UNCONFIRMED', ref: '*' }])
  await (await rig.stage.patient.setPolicy(cedar, CARE_TEAM)).committed
  await rig.settle()
  expect((await ask(rig)).status).toBe(200)
  // Restored once more, to the same copy: both logs are known to be over, and a third goes on, whose key the copy has too.
  const twice = await rig.restart(cedar, () => restore())
  await rig.settle()
  const { log, logs } = twice.services
  expect([log.k, ...logs.all.map(({ frozenBecause }) => frozenBecause !== undefined)]).toEqual([3, true, true, false])
  await (await rig.stage.patient.setPolicy(cedar, CARE_TEAM)).committed
  await rig.settle()
  expect((await ask(rig)).status).toBe(200)
  const registered = accessLogsOf(rig.node(birch).services.context.ledger.tip(), cedar)
  expect(registered.map(({ k }) => k)).toEqual([1, 2, 3, 4])
})

it('gives a frozen log back all that any member has, also when the one that has most is silent at first', async () => {
  await using rig = await openAgreedRig()
  await ask(rig)
  await publish(rig)
  let restore = () => {}
  await rig.restart(cedar, () => (restore = keep(rig, 'everything')))
  await rig.settle()
  await ask(rig)
  await publish(rig)
  const shownToAll = rig.node(cedar).services.log.sealedSize
  const ofBirch = (url: string) => url.startsWith(rig.node(birch).url)
  await ask(rig)
  await rig.stage.interception.during(
    deafTo((url) => url.includes('/witness/add-checkpoint') && !ofBirch(url)),
    () => publish(rig),
  )
  const shownToBirch = rig.node(cedar).services.log.sealedSize
  expect(shownToBirch).toBeGreaterThan(shownToAll)

  const { services } = await rig.restart(cedar, () => restore())
  await rig.stage.interception.during(
    deafTo((url) => url.includes('/witness/log/') && ofBirch(url)),
    () => publish(rig),
  )
  expect(services.logs.all[0]?.sealedSize).toBe(shownToAll)
  await publish(rig)
  expect(services.logs.all[0]?.sealedSize).toBe(shownToBirch)
  expect((await completeList(rig)).map(({ n }) => n)[0]).toBe(3)
})

it('refuses to start when the file of the last signed size is lost, and goes on when somebody says so', async () => {
  await using rig = await openAgreedRig()
  await ask(rig)
  const files = nodeFiles(folderOf(rig, cedar))
  const refused = await rig.restart(cedar, () => rmSync(files.signed(1))).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(NodeFailure)
  expect(String(refused)).toMatch(/the file `signed-1` of its last signed size is missing: restore the file; if it is lost for good, put a file `frozen-1`/)
  writeFileSync(files.frozen(1), 'the disk with the signed sizes is lost\n')
  const again = await rig.restart(cedar)
  await rig.settle()
  expect(again.services.log.k).toBe(2)
  expect((await ask(rig)).status).toBe(403)
  expect(existsSync(files.unconfirmed)).toBe(true)
})

it('waits for a member that got a note after the last seal, and goes on when it has answered', async () => {
  await using rig = await openAgreedRig()
  expect((await ask(rig)).receipt).toBeDefined()
  const restarted = await rig.stage.interception.during(
    deafTo((url) => url.includes('/witness/notes/')),
    () => rig.restart(cedar),
  )
  expect(restarted.services.log.heldBecause).toMatch(new RegExp(`${birch} got notes after the last seal`))
  await restarted.join()
  expect(restarted.services.log.heldBecause).toBeUndefined()
  await rig.settle()
  expect((await ask(rig)).receipt).toBeDefined()
})
