import { expect, it } from 'vitest'
import { scenario } from '../../../test/scenario.ts'
import { alder, birch, bytes32, cedar, nodeSeed, ORGS, START, transaction } from '../../../test/world.ts'
import { ballot, isApproved, openedSums, study, studyRound, studyRun } from './queries.ts'

const spec = bytes32('spec')
const sites = [alder, birch, cedar]
const body = { spec, run: 1, round: 1 }
const history = [
  transaction('study.propose', { spec, sites }, START, nodeSeed(alder)),
  transaction('study.vote', { spec, version: 1, approves: true }, START, nodeSeed(birch)),
  transaction('study.vote', { spec, version: 1, approves: true }, START, nodeSeed(cedar)),
  transaction('run.open', { spec, run: 1, roster: sites }, START, nodeSeed(alder)),
  transaction('round.begin', { ...body, model: spec, terms: spec }, START, nodeSeed(alder)),
  ...sites.map((org) => transaction('round.input', { ...body, transcript: spec, commitment: spec }, START, nodeSeed(org))),
]

it('knows nothing of a study that nobody proposed', () => {
  const { state } = scenario()
  expect([study(state, spec), ballot(state, spec, birch), studyRun(state, body), studyRound(state, body)]).toEqual(Array.from({ length: 4 }, () => undefined))
  expect([isApproved(state, spec, alder), openedSums(state, spec)]).toEqual([false, []])
})

it('takes a site’s last word, and the proposal for the proposer’s', () => {
  const one = scenario()
  const approvals = () => ORGS.slice(0, 4).map((org) => isApproved(one.state, spec, org))
  one.put(history[0] ?? new Uint8Array())
  expect(approvals()).toEqual([true, false, false, false])
  one.put(history[1] ?? new Uint8Array())
  expect(approvals()).toEqual([true, true, false, false])
  one.put(transaction('study.vote', { spec, version: 2, approves: false }, START, nodeSeed(birch)))
  expect(approvals()).toEqual([true, false, false, false])
})

it('lists a sum once its survivors are named, and keeps it when the run is aborted', () => {
  const one = scenario()
  for (const wire of history) expect(one.put(wire)).toBe('ok')
  expect(openedSums(one.state, spec)).toEqual([])
  expect(one.put(transaction('round.survivors', { ...body, survivors: sites }, START, nodeSeed(alder)))).toBe('ok')
  expect(openedSums(one.state, spec)).toEqual([sites])
  expect(one.put(transaction('run.abort', { spec, run: 1, reason: 'data' }, START, nodeSeed(birch)))).toBe('ok')
  expect(openedSums(one.state, spec)).toEqual([sites])
})
