import { batchStatus, holdersOf } from '@fiducia/ledger'
import { attestationsOf, fsckNode, nodeFiles, openExistingDirectory } from '@fiducia/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ALL, ask, DAY, exchange, folderOf, isStored, newestOf, say, stateOf, subjectOfDoctor } from './directory-rig.ts'
import { agreeAt, alder, birch, cedar, CONDITIONS, dune, openRig, type Rig, vouch } from './rig.ts'

/** Statements among four members, and what the directory says of the role on which the story's doctor asks. */
let rig: Rig
beforeEach(async () => {
  rig = await openRig()
  await agreeAt(rig.stage, alder)
})
afterEach(() => rig[Symbol.asyncDispose]())

describe('batches', () => {
  it('are held by every group, counted at one height by all, and sound on each disk', async () => {
    for (const org of [birch, alder]) await say(rig, org)
    await exchange(rig)
    const offered = [alder, birch].map((org) => newestOf(rig, org))
    for (const one of offered) {
      expect(batchStatus(one, rig.stage.clock.now())).toBe('counted')
      expect(holdersOf(stateOf(rig), one.root)).toEqual(ALL)
    }
    const counted = ALL.map((org) => {
      using directory = openExistingDirectory(folderOf(rig, org))
      const said = attestationsOf(directory, subjectOfDoctor(rig), rig.stage.clock.now())
      return said.map(({ attester, field, value, height, recordedAt, tag }) => ({ attester, field, value, height, recordedAt, tag }))
    })
    const own = counted[1] ?? []
    expect(new Set(own.map(({ height }) => height))).toEqual(new Set(offered.map((one) => one.counted?.height)))
    for (const one of counted) expect(new Set(one.map((said) => JSON.stringify(said)))).toEqual(new Set(own.map((said) => JSON.stringify(said))))
    for (const org of ALL) await rig.node(org)[Symbol.asyncDispose]()
    for (const org of ALL) {
      const { findings, checked } = await fsckNode(folderOf(rig, org))
      expect({ org, findings, statements: checked.statements }).toEqual({ org, findings: [], statements: offered.reduce((sum, { count }) => sum + count, 0) })
    }
  })
})

describe('the role on which a doctor asks', () => {
  it('opens the gate when both sides say so in the directory, with nobody vouching on the ledger', async () => {
    expect(await ask(rig)).toMatchObject({ status: 403, why: 'ROLE_NOT_ATTESTED' })
    await say(rig, birch)
    await exchange(rig)
    expect(await ask(rig)).toMatchObject({ status: 403, why: 'ROLE_NOT_ATTESTED' })
    await say(rig, cedar)
    await exchange(rig)
    expect(await ask(rig)).toMatchObject({ status: 200 })
  })

  it('closes the gate to the day when nobody has said so for 90 days, though members still vouch on the ledger', async () => {
    await vouch(rig.stage, 200)
    const { clock } = rig.stage
    const observedAt = clock.now()
    for (const org of [birch, cedar]) await say(rig, org, { observedAt })
    await exchange(rig)
    for (const [day, expected] of [
      [89, { status: 200 }],
      [90, { status: 403, why: 'ROLE_STALE' }],
      [91, { status: 403, why: 'ROLE_STALE' }],
    ] as const) {
      clock.advance(observedAt + day * DAY - clock.now())
      await rig.settle()
      expect({ day, ...(await ask(rig)) }).toMatchObject(expected)
    }
    // The files say what they said before; that is enough.
    for (const org of [birch, cedar]) await say(rig, org, { observedAt: clock.now() })
    await exchange(rig)
    expect(await ask(rig)).toMatchObject({ status: 200 })
  })

  it('closes it when members contradict each other, and when he has left, and tells nobody but the patient and the own log why', async () => {
    await vouch(rig.stage)
    expect(await ask(rig)).toMatchObject({ status: 200 })
    await say(rig, cedar)
    await say(rig, dune, { active: false })
    await exchange(rig)
    const contested = await ask(rig)
    expect(contested).toMatchObject({ status: 403, why: 'ROLE_CONTESTED' })
    await say(rig, birch, { active: false })
    await exchange(rig)
    const departed = await ask(rig)
    expect(departed).toMatchObject({ status: 403, why: 'ROLE_DEPARTED' })
    const unlinked = await rig.stage.clinician.ask(alder, CONDITIONS, { withoutLink: true })
    expect([contested, departed].map(({ body }) => body)).toEqual([unlinked.body, unlinked.body])
    for (const { why = '', received } of [contested, departed]) {
      expect(received).not.toMatch(/ROLE_|departed|contested/i)
      const stored = ALL.filter((org) => isStored(nodeFiles(folderOf(rig, org)).database, why))
      expect({ why, stored }).toEqual({ why, stored: [alder] })
    }
  })
})
