import { copyFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildTransaction } from '@fiducia/ledger'
import { nodeFiles } from '@fiducia/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedOf } from '../../src/story/liar.ts'
import { askBy } from './asking.ts'
import { ALDER, CEDAR, DENY, openScene, PERMIT, type Scene } from './scene.ts'
import { openSecond } from './second-patient.ts'

/**
 * A release around a restriction, beyond what the model `Release` says (model/release.test.ts plays that).
 *
 *   attack                                                       what stops it
 *   a database of before the restriction, after denials          the log that signed more is frozen; the version's file stays
 *   a policy by no key of the head, of an old number, unopened   refused, and the pending ones are listed
 */

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const services = (org: typeof CEDAR.org = CEDAR.org) => scene.stage.network.node(org).services
const ask = () => askBy(scene, CEDAR.org, scene.stage.links.get(CEDAR.org))

it('no older copy of the database ends a restriction: the log that signed more is frozen, and the restriction stays', async () => {
  const database = nodeFiles(path.join(scene.stage.dir, 'nodes', CEDAR.org)).database
  const kept = `${database}.kept`
  expect((await ask()).status).toBe(200)
  await scene.restart(() => copyFileSync(database, kept))
  await scene.stage.network.settle()
  const restriction = await scene.stage.patient.setPolicy(CEDAR.org, DENY, [])
  expect((await ask()).status).toBe(403)
  await scene.restart(() => copyFileSync(kept, database))
  await scene.stage.network.settle()
  expect(services().log.k).toBe(2)
  expect((await ask()).status).toBe(403)
  rmSync(kept)
  // Handed in again, it commits; only then the next number can.
  expect((await services().context.submit(restriction.wire)).result.accepted).toBe(true)
  await (await scene.stage.patient.setPolicy(CEDAR.org, PERMIT)).committed
  await scene.stage.network.settle()
  expect((await ask()).status).toBe(200)
})

it('no version is taken from another key, for another number, or without its body', async () => {
  const second = await openSecond(scene)
  const { policies, context } = services(ALDER.org)
  const signed = second.sign(PERMIT)
  const body = (version: number) => ({ handle: second.handle, version, commitment: signed.commitment, expires: signed.expires })
  const wire = (version: number, seed: Uint8Array) =>
    buildTransaction({ net: context.net, type: 'policy.set', body: body(version), validUntil: scene.stage.clock.now() + 300_000 }, [seed])
  for (const seed of [seedOf(scene.stage, ALDER.org, 'node'), scene.stage.random(32)])
    expect(() => policies.accept(second.handle, { ...signed, wire: wire(signed.version, seed) })).toThrow('signature of control')
  expect(() => policies.accept(second.handle, { ...signed, body: signed.body.replace('permit', 'deny') })).toThrow('do not open the commitment')
  expect(() => policies.accept(second.handle, { ...signed, salt: scene.stage.random(32) })).toThrow('do not open the commitment')
  policies.accept(second.handle, signed)
  await context.submit(signed.wire)
  await scene.stage.network.settle()
  expect(() => policies.accept(second.handle, signed)).toThrow('expected a version above')
})
