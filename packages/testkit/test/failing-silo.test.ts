import { NodeFailure } from '@fiducia/node'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { alder, birch, openAgreedRig, type Rig } from './rig.ts'

/** The organization's own FHIR server fails: the answer says so, is logged and receipted like any other, and tells nothing. */
let rig: Rig
beforeAll(async () => {
  rig = await openAgreedRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

it.each(['search', 'read'] as const)('a failing %s is one event, mirrored, with no word of the silo', async (kind) => {
  const silo = rig.stage.network.node(alder).services.silo
  const failing = vi.spyOn(silo, kind).mockRejectedValue(new NodeFailure('SILO_FAILED', 'Rosa Lindqvist is in ward 7'))
  const [logged, mirrored] = [rig.logSize(alder), rig.logSize(birch)]
  try {
    const answer = await rig.ask(kind === 'search' ? undefined : { kind: 'read', type: 'Condition', id: 'c1' })
    expect(answer).toMatchObject({ status: 502 })
    expect(answer.receipt).toBeDefined()
    expect(answer.body).toContain('OperationOutcome')
    expect(answer.body).not.toMatch(/Rosa|ward/)
    expect([rig.logSize(alder) - logged, rig.logSize(birch) - mirrored]).toEqual([1, 1])
  } finally {
    failing.mockRestore()
  }
  const [event] = (await rig.stage.patient.events(alder)).slice(-1)
  expect(event?.content.decision.withheld).toEqual([{ code: 'SILO_FAILED', ref: '*' }])
})

it('the patient’s own check counts it as what cannot be judged, not as a difference', async () => {
  await rig.stage.publish()
  const { log, again } = await rig.stage.patient.checkEverything(alder, [rig.stage.clinician.opening.code])
  expect(log.findings).toEqual([])
  expect(again.flatMap(({ differences }) => differences)).toEqual([])
})
