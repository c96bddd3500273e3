import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { accessLogOrigin, encodeUtf8, type OrganizationId } from '@fiducia/core'
import { accessLog } from '@fiducia/ledger'
import { formatAddCheckpoint, verifyBundle } from '@fiducia/proofs'
import { expect, it } from 'vitest'
import type { Rule } from '../src/story/interception.ts'
import { alder, birch, cedar, dune, openAgreedRig, type Rig } from './rig.ts'

/**
 * A seal must come to the members and onto the ledger by itself, also when nothing is logged after it. Each case here was found
 * by the simulator: a seal was shown once, and what kept a witness from seeing it kept it hidden until somebody asked again.
 */
const NETWORK = 'demo'
const BETWEEN_CHECKPOINTS_MS = 11_000

/** Members of this list do not cosign access logs. */
const unseenBy =
  (...away: readonly OrganizationId[]): Rule =>
  (from, url, message) => {
    const isAccessLog = String(message.body).includes(`${NETWORK}/log/${from}/`)
    const isAway = url.endsWith('/add-checkpoint') && away.some((org) => url.startsWith(`${endpoints.get(org)}/`))
    return Promise.resolve(isAway && isAccessLog ? { status: 503, bytes: new Uint8Array() } : undefined)
  }
const endpoints = new Map<OrganizationId, string>()

async function openRig(): Promise<Rig> {
  const rig = await openAgreedRig()
  for (const org of [alder, birch, cedar, dune]) endpoints.set(org, rig.node(org).url)
  return rig
}

const onLedger = (rig: Rig, org: OrganizationId, k = 1): number =>
  accessLog(rig.node(alder).services.context.ledger.tip(), accessLogOrigin(rig.stage.network.genesis.net, org, k))?.size ?? 0

async function publish(rig: Rig, org: OrganizationId): Promise<void> {
  rig.stage.clock.advance(BETWEEN_CHECKPOINTS_MS)
  await rig.settle()
  await rig.node(org).round()
  await rig.settle()
}

it('shows a seal again to a witness that did not see it, though nothing was logged since', async () => {
  await using rig = await openRig()
  await rig.ask()
  const mirrored = () => rig.node(birch).services.mirrors.of(`${NETWORK}/log/alder/1`).sealedSize
  await rig.stage.interception.during(unseenBy(birch), () => publish(rig, alder))
  expect([onLedger(rig, alder), mirrored()]).toEqual([16, 0])
  await publish(rig, alder)
  expect(mirrored()).toBe(16)
  expect(await rig.node(birch).services.disputes.run()).toEqual([])
  expect(rig.node(birch).services.context.database.all('SELECT leaf_hash FROM copy WHERE settled <> 1')).toEqual([])
})

it('publishes a seal that a crash kept from being shown', async () => {
  await using rig = await openRig()
  await rig.ask()
  // The process ends between the two steps of a round.
  await rig.node(cedar).services.log.append({ tag: new Uint8Array(32).fill(1), com: new Uint8Array(32) })
  await rig.node(cedar).services.log.seal()
  await rig.restart(cedar)
  expect(onLedger(rig, cedar)).toBe(0)
  await publish(rig, cedar)
  expect(onLedger(rig, cedar)).toBe(16)
})

it('puts no seal on the ledger that no quorum has mirrored: a lost disk would leave a list that is never complete again', async () => {
  await using rig = await openRig()
  await rig.ask()
  await rig.stage.interception.during(unseenBy(birch, cedar), () => publish(rig, alder))
  expect([rig.node(alder).services.log.sealedSize, onLedger(rig, alder)]).toEqual([16, 0])
  await publish(rig, alder)
  expect(onLedger(rig, alder)).toBe(16)
})

it('shows the last seal of a frozen log until a quorum has cosigned it', async () => {
  await using rig = await openRig()
  await rig.ask(undefined, cedar)
  await publish(rig, cedar)
  let putBack = () => {}
  await rig.restart(cedar, () => (putBack = keepDatabase(rig, cedar)))
  await rig.settle()
  await rig.ask(undefined, cedar)
  await publish(rig, cedar)
  await rig.restart(cedar, () => putBack())
  await rig.settle()
  await rig.ask(undefined, cedar)
  await rig.stage.interception.during(unseenBy(birch, dune), () => publish(rig, cedar))
  await publish(rig, cedar)
  await publish(rig, cedar)
  const { valid, checks } = verifyBundle(await rig.stage.patient.completenessBundle(cedar), rig.stage.network.trustPolicy())
  expect({ valid, failed: checks.filter(({ ok }) => !ok) }).toEqual({ valid: true, failed: [] })
})

/** Copies the database files; gives the way to put them back. */
function keepDatabase(rig: Rig, org: OrganizationId): () => void {
  const [folder, kept] = [path.join(rig.dir, 'nodes', org), path.join(rig.dir, 'kept')]
  const names = () => readdirSync(folder).filter((name) => name.startsWith('node.sqlite'))
  mkdirSync(kept, { recursive: true })
  for (const name of names()) cpSync(path.join(folder, name), path.join(kept, name))
  return () => {
    for (const name of names()) rmSync(path.join(folder, name))
    for (const name of readdirSync(kept)) cpSync(path.join(kept, name), path.join(folder, name))
  }
}

it('publishes the last seal of a frozen log whose copy was made before the seal was kept', async () => {
  await using rig = await openRig()
  await rig.ask(undefined, cedar)
  const random = (fill: number) => ({ tag: new Uint8Array(32).fill(fill), com: new Uint8Array(32) })
  const sealed = await rig.node(cedar).services.log.seal()
  for (const org of [alder, birch, dune])
    await rig.node(org).services.witness.addCheckpoint(encodeUtf8(formatAddCheckpoint({ oldSize: 0, path: [], note: sealed?.note ?? '' })))
  // Birch holds the note of an entry that no seal covers: it is not taken for one.
  await rig.ask(undefined, cedar)
  let putBack = () => {}
  await rig.restart(cedar, () => (putBack = keepDatabase(rig, cedar)))
  await rig.node(cedar).services.log.append(random(2))
  await rig.restart(cedar, () => putBack())
  await rig.settle()
  await publish(rig, cedar)
  const [frozen] = rig.node(cedar).services.logs.all
  expect([frozen?.size, frozen?.sealedSize, onLedger(rig, cedar)]).toEqual([17, 16, 16])
})
