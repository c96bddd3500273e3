import path from 'node:path'
import { loadConfig, openNode, silentLogger } from '@fiducia/node'
import { expect, it } from 'vitest'
import { timersOf } from '../src/clock.ts'
import { cedar, openAgreedRig } from './rig.ts'

/** A member whose own clock is set wrongly, while everybody else's is right. */
it('logs nothing, and so releases nothing, while the own clock is more than a minute off the members’', async () => {
  await using rig = await openAgreedRig()
  const { clock, interception } = rig.stage
  await rig.node(cedar)[Symbol.asyncDispose]()
  let off = 0
  const own = { now: () => clock.now() + off }
  const config = { ...loadConfig(path.join(rig.dir, 'nodes', cedar, 'config.json')), jobsEveryMs: 0 }
  await using node = await openNode(config, {
    clock: own,
    timers: timersOf(clock),
    logger: silentLogger,
    random: rig.stage.random,
    transport: interception.transport(cedar),
  })
  const settle = async () => {
    await rig.settle().catch(() => undefined)
    await node.ledgerRound()
  }
  await settle()
  await node.join()
  const outcome = () => rig.ask(undefined, cedar).then(({ status }) => status, String)
  expect(await outcome()).toBe(200)
  const { log } = node.services
  off = -600_000
  await expect(log.seal()).rejects.toMatchObject({ code: 'CLOCK_OFF' })
  off = 0
  clock.advance(25_000)
  await settle()
  const before = log.size
  for (const wrong of [-600_000, -90_000, 90_000, 3_600_000]) {
    off = wrong
    expect(await outcome(), `${wrong} ms off`).toMatch(wrong === 90_000 ? /CLOCK_OFF/ : /CLOCK_OFF|ASSERTION_INVALID/)
    await expect(log.seal()).rejects.toMatchObject({ code: 'CLOCK_OFF' })
  }
  expect(log.size).toBe(before)
  off = 20_000
  expect(log.heldBecause).toBeUndefined()
  await log.seal()
  off = 0
  // Time that passes is no error of the clock, however long no cosignature comes in.
  clock.advance(30 * 60_000)
  await log.append({ tag: rig.stage.random(32), com: rig.stage.random(32) })
  await settle()
  expect(await outcome()).toBe(200)
})
