import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fsckNode, loadConfig, openNode, silentLogger } from '@fiducia/node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { alder, birch, cedar, dune, NOBODY, openAgreedRig, type Rig } from './rig.ts'

/** A node that is stopped and started again knows what it promised; two processes never use one folder. */
let rig: Rig
beforeEach(async () => {
  rig = await openAgreedRig()
})
afterEach(() => rig[Symbol.asyncDispose]())

const configOf = (org: string) => ({ ...loadConfig(path.join(rig.dir, 'nodes', org, 'config.json')), jobsEveryMs: 0 })

it('keeps relationships, policies, pending restrictions and the log across a restart of the holder', async () => {
  const { patient } = rig.stage
  expect((await rig.ask()).status).toBe(200)
  await patient.setPolicy(alder, NOBODY, [])
  const before = rig.node(alder).services
  const [root, size] = [before.log.hashes.root(), before.log.size]
  const again = await rig.restart(alder)
  expect(again.services.log.size).toBe(size)
  expect(again.services.log.hashes.root()).toEqual(root)
  expect(again.services.holder.find(patient.handleAt(alder))?.record).toBe(before.holder ? rig.stage.cast.holders[0]?.record : '')
  await rig.settle()
  expect((await rig.ask()).status).toBe(403)
  expect((await patient.events(alder)).map(({ content }) => content.decision.withheld[0]?.code)).toContain('NO_CONSENT')
})

it('denies after a restart until a fresh checkpoint is there, but does not forget the newest one', async () => {
  rig.stage.clock.advance(10 * 60_000)
  const again = await rig.restart(cedar)
  expect(again.services.heads.newest).toBeDefined()
  expect(again.services.heads.fresh(rig.stage.clock.now())).toBeUndefined()
  await rig.settle()
  expect(again.services.heads.fresh(rig.stage.clock.now())).toBeDefined()
})

it('catches up when a follower was away while the ledger grew, and cosigns again', async () => {
  const { network, patient } = rig.stage
  await network.node(dune)[Symbol.asyncDispose]()
  for (let i = 0; i < 5; i += 1) expect(await (await patient.setPolicy(cedar, NOBODY)).committed).toBe(true)
  const again = await rig.restart(dune)
  const behind = again.services.context.ledger.tip().height
  await again.ledgerRound()
  const { ledger } = again.services.context
  expect(ledger.tip().height).toBeGreaterThanOrEqual(behind + 5)
  expect(ledger.log.root()).toEqual(rig.node(alder).services.context.ledger.log.root())
  // Of four groups three must cosign: with Cedar away, Dune is one of them.
  await rig.node(cedar)[Symbol.asyncDispose]()
  rig.stage.clock.advance(30_000)
  await rig.node(alder).ledgerRound()
  const head = rig.node(alder).services.heads.fresh(rig.stage.clock.now())
  expect(head?.note).toContain('demo/witness/dune')
})

/** Every file below the node's data directory with its length and when it was written; not the lock's own. */
function filesOf(org: string): readonly string[] {
  const { data } = configOf(org)
  const names = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) => !/-shm$|(^|\/)lock/.test(name))
  return names.flatMap((name) => {
    const info = statSync(path.join(data, name))
    return info.isDirectory() ? [] : [`${name} ${info.size} ${info.mtimeMs}`]
  })
}

it.each([alder, birch])('does not open the folder of %s a second time, says why, and writes nothing', async (org) => {
  const size = rig.logSize(org)
  const before = filesOf(org)
  const config = { ...configOf(org), listen: { host: '127.0.0.1', port: 0 } }
  await expect(openNode(config, { clock: rig.stage.clock, logger: silentLogger })).rejects.toThrow(/is in use by process \d+; stop that process first/)
  expect(filesOf(org)).toEqual(before)
  expect((await rig.ask()).status).toBe(200)
  expect(rig.logSize(org)).toBe(size + 1)
})

it('does not start on another member’s port, network or genesis, and leaves nothing locked', async () => {
  const config = configOf(cedar)
  await expect(openNode({ ...config, net: 'other' as typeof config.net }, { clock: rig.stage.clock, logger: silentLogger })).rejects.toThrow(
    'expected the genesis of network `other`',
  )
  await expect(openNode({ ...config, org: 'nobody' as typeof config.org }, { clock: rig.stage.clock, logger: silentLogger })).rejects.toThrow(
    '`nobody` is no member',
  )
  await rig.node(cedar)[Symbol.asyncDispose]()
  const taken = Number(new URL(rig.node(alder).url).port)
  await expect(openNode({ ...config, listen: { host: '127.0.0.1', port: taken } }, { clock: rig.stage.clock, logger: silentLogger })).rejects.toThrow(
    'EADDRINUSE',
  )
  await rig.restart(cedar)
})

it('leaves folders that fsck accepts: fresh, used, and only mirrored', async () => {
  await rig.ask()
  for (const org of [alder, birch, cedar, dune]) {
    await rig.node(org)[Symbol.asyncDispose]()
    const { ok, findings, checked } = await fsckNode(configOf(org).data)
    expect({ org, ok, findings }).toEqual({ org, ok: true, findings: [] })
    expect(checked.transactions).toBeGreaterThan(5)
  }
})
