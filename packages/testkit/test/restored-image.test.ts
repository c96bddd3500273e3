import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'
import { NodeFailure } from '@fiducia/node'
import { describe, expect, it } from 'vitest'
import { birch, cedar, openAgreedRig } from './rig.ts'

/** A whole machine restored from an image: database and sign-once file agree with each other, and both are of before. */
describe('a restored image', () => {
  it('does not go on under an origin whose later notes a member holds, so that two roots for one size are never signed', async () => {
    await using rig = await openAgreedRig()
    await rig.ask(undefined, cedar)
    const folder = path.join(rig.dir, 'nodes', cedar)
    const image = path.join(rig.dir, 'image')
    await rig.restart(cedar, () => cpSync(folder, image, { recursive: true }))
    await rig.settle()
    // Given away after the image was taken; nothing seals it, so only Birch knows.
    expect((await rig.ask(undefined, cedar)).receipt).toBeDefined()
    const sizeBefore = rig.logSize(cedar)

    const restored = await rig.restart(cedar, () => {
      rmSync(folder, { recursive: true })
      cpSync(image, folder, { recursive: true })
    })
    await rig.settle()
    expect(rig.logSize(cedar)).toBeLessThan(sizeBefore)
    expect(restored.services.log.heldBecause).toMatch(/`birch` holds a note of this log for size \d+ that its \d+ entries do not extend/)
    const refused = await rig.ask(undefined, cedar).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(NodeFailure)
    expect(String(refused)).toMatch(/LOG_FROZEN/)
    expect(await restored.services.log.seal().catch((error: unknown) => (error instanceof NodeFailure ? error.code : error))).toBe('LOG_FROZEN')
  })

  it('waits for a member that got a note after the last seal, and goes on when it has answered', async () => {
    await using rig = await openAgreedRig()
    expect((await rig.ask(undefined, cedar)).receipt).toBeDefined()
    const silence = (from: string, url: string) =>
      Promise.resolve(from === cedar && url.includes('/witness/notes/') ? { status: 503, bytes: new Uint8Array() } : undefined)
    const restarted = await rig.stage.interception.during(silence, () => rig.restart(cedar))
    expect(restarted.services.log.heldBecause).toMatch(new RegExp(`${birch} got notes after the last seal`))
    await restarted.join()
    expect(restarted.services.log.heldBecause).toBeUndefined()
    await rig.settle()
    expect((await rig.ask(undefined, cedar)).receipt).toBeDefined()
  })
})
