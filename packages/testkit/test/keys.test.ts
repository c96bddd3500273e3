import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { KeyRole, OrganizationId } from '@fiducia/core'
import { accessLogsOf, keysOf, logKeyOf, trust, validKeysOf } from '@fiducia/ledger'
import { exportNetwork, fsckNode, httpTransport, importNetwork, type KeyOperator, loadConfig, networkStatus, openKeyOperator } from '@fiducia/node'
import { auditNetwork, type BundleFiles, parseTrustPolicy, verifyBundle } from '@fiducia/proofs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getFrom } from '../src/story/stage.ts'
import { alder, birch, cedar, dune, openAgreedRig, type Rig } from './rig.ts'

/**
 * Keys change while patients are looked after: each role in turn, by the operator's own means, on nodes that run. Whatever was
 * proved before verifies under the genesis as it did; what is proved after carries how trust was handed on.
 */
let rig: Rig
let before: BundleFiles

const state = () => rig.node(birch).services.context.ledger.tip()
const genesisTrust = () => rig.stage.network.trustPolicy()
const operatorOf = (org: OrganizationId): Promise<KeyOperator> =>
  openKeyOperator(loadConfig(path.join(rig.dir, 'nodes', org, 'config.json')), {
    transport: httpTransport,
    now: () => rig.stage.clock.now(),
    random: rig.stage.random,
  })

/** The network's rounds go on while somebody works. */
async function whileRunning<T>(work: Promise<T>): Promise<T> {
  let done = false
  const finished = work.finally(() => (done = true))
  finished.catch(() => undefined)
  while (!done) {
    await rig.settle()
    rig.stage.clock.advance(4_000)
    for (const org of [alder, birch, cedar, dune]) await rig.node(org).round()
  }
  return finished
}

const rotate = async (org: OrganizationId, role: KeyRole) => whileRunning((await operatorOf(org)).rotate(role))

const expectValid = (files: BundleFiles) => {
  const { checks, valid } = verifyBundle(files, genesisTrust())
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
  expect(valid).toBe(true)
}

/** A release from Cedar, sealed, with a bundle that verifies under the genesis. */
async function look(): Promise<BundleFiles> {
  expect((await rig.ask(undefined, cedar)).status).toBe(200)
  const latest = (await rig.stage.patient.events(cedar)).at(-1)
  await rig.stage.publish()
  await rig.stage.publish()
  const { evidence, log } = rig.node(cedar).services
  const bundle = await evidence.access(rig.stage.patient.handleAt(cedar), latest?.n ?? 0, log.k)
  expectValid(bundle)
  return bundle
}

beforeAll(async () => {
  rig = await openAgreedRig()
  before = await look()
}, 60_000)
afterAll(() => rig[Symbol.asyncDispose]())

describe('rotation in the middle of everything', () => {
  it.each<readonly [OrganizationId, KeyRole]>([
    [cedar, 'node'],
    [birch, 'node'],
    [cedar, 'witness'],
    [dune, 'witness'],
    [alder, 'ledger'],
    [cedar, 'log'],
  ])('%s changes its %s key, and nothing stops', async (org, role) => {
    const old = validKeysOf(state(), org, role, state().height).map(({ keyId }) => keyId)
    const changes = await rotate(org, role)
    await rig.settle()
    const valid = validKeysOf(state(), org, role, state().height).map(({ keyId }) => keyId)
    if (role === 'log') {
      expect(logKeyOf(state(), 'demo/log/cedar/1')?.record).toMatchObject({ to: changes.at(-1)?.height })
    } else {
      expect(valid).toHaveLength(1)
      expect(old).not.toContain(valid[0])
    }
    const bundle = await look()
    expectValid(before)
    const { k } = trust(state())
    expect([...bundle.keys()].filter((name) => name.startsWith('trust-')).length).toBe(k === 1 ? 0 : 1 + 4 * (k - 1))
  })

  it('leaves a chain of trust records, and a list of all accesses over both logs', async () => {
    // Two witnesses and the ledger, each first beside its old key and then alone; Cedar's third log.
    expect(trust(state()).k).toBe(8)
    for (const org of [alder, birch, cedar, dune]) expect(rig.node(org).services.chain.steps.map(({ record }) => record.k)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(accessLogsOf(state(), cedar).map(({ k }) => k)).toEqual([1, 2, 3])
    const { log, again } = await rig.stage.patient.checkEverything(cedar, [rig.stage.clinician.opening.code])
    expect(log.findings).toEqual([])
    expect(again.flatMap(({ differences }) => differences)).toEqual([])
  })

  it('is seen by whoever looks: status and audit start from the genesis and follow', async () => {
    await rig.settle()
    const { genesis, genesisBytes } = rig.stage.network
    const status = await networkStatus({ genesis, transport: httpTransport, now: () => rig.stage.clock.now() })
    expect(status.members.map(({ witnessing }) => witnessing)).toEqual([true, true, true, true])
    await rig.stage.publish()
    await rig.settle()
    const report = await auditNetwork({ genesis: genesisBytes, member: (org) => getFrom(rig.stage, org), now: rig.stage.clock.now() })
    expect(report.findings).toEqual([])
  })

  it('does not keep a member out that lost its replica: it replays from the genesis, under a key that it has not seen so far', async () => {
    const folder = path.join(rig.dir, 'nodes', dune)
    await rig.restart(dune, () => rmSync(path.join(folder, 'ledger'), { recursive: true }))
    await rig.settle()
    expect(rig.node(dune).services.context.ledger.tip().tree.root).toEqual(state().tree.root)
    await rig.restart(dune, () => rmSync(path.join(folder, 'node.sqlite')))
    await rig.settle()
    // The old witnesses cosign no more: what they did is taken from the others.
    expect(rig.node(dune).services.chain.steps).toHaveLength(trust(state()).k)
  })

  it('survives restarts', async () => {
    for (const org of [alder, cedar, dune]) await rig.restart(org)
    await rig.settle()
    expect((await rig.ask(undefined, cedar)).status).toBe(200)
    for (const org of [alder, cedar]) {
      await rig.node(org)[Symbol.asyncDispose]()
      expect((await fsckNode(path.join(rig.dir, 'nodes', org))).findings).toEqual([])
      await rig.restart(org)
    }
    await rig.settle()
  })
})

describe('a key that is gone', () => {
  it('counts no more: neither for a request nor for a transaction', async () => {
    const operator = await operatorOf(birch)
    const retired = (await operator.list()).filter(({ role, valid }) => role === 'node' && !valid)
    expect(retired).toHaveLength(1)
    // The retired key alone is at hand.
    const config = loadConfig(path.join(rig.dir, 'nodes', birch, 'config.json'))
    const folder = mkdtempSync(path.join(tmpdir(), 'fiducia-keys-'))
    const stale = await openKeyOperator(
      { ...config, keys: { ...config.keys, folder } },
      { transport: httpTransport, now: () => rig.stage.clock.now(), random: rig.stage.random },
    )
    await expect(stale.add('research')).rejects.toMatchObject({ code: 'KEY_MISSING' })
    rmSync(folder, { recursive: true })
  })

  it('says when it was stolen: by height, or by the last block before a time', async () => {
    const operator = await operatorOf(birch)
    const added = await operator.add('research')
    expect(existsSync(added.file ?? '')).toBe(true)
    const byHeight = await operator.retire(added.key, { height: added.height })
    expect(byHeight.compromisedFrom).toBe(added.height)
    const second = await operator.add('research')
    rig.stage.clock.advance(1_000)
    const stolen = rig.stage.clock.now()
    rig.stage.clock.advance(1_000)
    await operator.add('research')
    expect((await operator.retire(second.key, { before: stolen })).compromisedFrom).toBe(second.height + 1)
    await expect(operator.retire(second.key)).rejects.toMatchObject({ code: 'KEY_REFUSED', message: expect.stringContaining('KEY_RETIRED') })
    expect(keysOf(state(), birch, 'research')).toHaveLength(3)
  })
})

it('moves: the export carries the chain, and a network without its stores knows it', async () => {
  await rig.settle()
  for (const org of [alder, birch, cedar, dune]) await rig.node(org)[Symbol.asyncDispose]()
  const [out, moved] = [path.join(rig.dir, 'export'), path.join(rig.dir, 'moved')]
  const figures = await exportNetwork(rig.dir, out)
  expect(parseTrustPolicy(readFileSync(path.join(out, 'trust.policy'), 'utf8')).groups).toHaveLength(4)
  expect(importNetwork(out, moved)).toMatchObject({ stateRoot: figures.stateRoot })
  expect(readdirSync(path.join(moved, 'nodes', cedar))).toContain('trust.json')
  writeFileSync(path.join(out, 'trust.json'), '{"steps":[]}\n')
  expect(() => importNetwork(out, path.join(rig.dir, 'again'))).toThrow('ledger/checkpoint')
})
