import type { Bytes32, JsonObject, OrganizationId } from '@fiducia/core'
import { ballot, isApproved, type LedgerState, study, studyRound, studyRun, type TransactionType } from '../src/index.ts'
import { bytes32, ORGS } from './world.ts'

/** What sites and proposers of three studies would do next, and now and then something slightly wrong with it. */
interface Draw {
  readonly state: LedgerState
  readonly random: (below: number) => number
  pick<T>(list: readonly T[]): T
  mostly<T>(right: T, wrong: T): T
}

interface Tools<D extends Draw> {
  build(draw: D, type: TransactionType, body: JsonObject, signers: readonly Uint8Array[]): Uint8Array
  nodeOf(draw: D, org: OrganizationId): Uint8Array
}

const SPECS = [0, 1, 2].map((i) => bytes32(`spec ${i}`))

const some = (draw: Draw, from: readonly OrganizationId[], least: number): readonly OrganizationId[] => {
  const kept = from.filter(() => draw.random(8) !== 0)
  return kept.length >= least ? kept : from
}

/** The next thing of one study, by whoever it is for. */
export function studyMaker<D extends Draw>({ build, nodeOf }: Tools<D>) {
  const by = (draw: D, type: TransactionType, body: JsonObject, org: OrganizationId) =>
    build(draw, type, body, [nodeOf(draw, draw.mostly(org, draw.pick(ORGS)))])

  function next(draw: D): Uint8Array {
    const spec = draw.pick(SPECS)
    const proposed = study(draw.state, spec)
    const proposer = proposed?.by ?? draw.pick(ORGS)
    if (proposed === undefined || draw.random(40) === 0)
      return by(draw, 'study.propose', { spec, sites: draw.mostly([...some(draw, ORGS, 3)], [...ORGS].slice(0, 2)) }, proposer)
    const waiting = proposed.sites.filter((org) => !isApproved(draw.state, spec, org))
    if (waiting.length > 0 || draw.random(30) === 0) return vote(draw, spec, waiting[0] ?? draw.pick(proposed.sites))
    const name = { spec, run: Math.max(1, proposed.runs) }
    const run = studyRun(draw.state, name)
    if (run === undefined || run.outcome !== null) {
      const roster = draw.mostly([...some(draw, proposed.sites, 3)], [...ORGS])
      return by(draw, 'run.open', { spec, run: proposed.runs + draw.mostly(1, 0), roster }, proposer)
    }
    if (draw.random(40) === 0) return by(draw, 'run.abort', { ...name, reason: draw.mostly('withdrawal', 'weather') }, draw.pick(run.roster))
    return inRun(draw, name, proposer)
  }

  function vote(draw: D, spec: Bytes32, org: OrganizationId): Uint8Array {
    const version = (ballot(draw.state, spec, org)?.version ?? 0) + draw.mostly(1, 2)
    return by(draw, 'study.vote', { spec, version, approves: draw.mostly(true, false) }, org)
  }

  function inRun(draw: D, name: { readonly spec: Bytes32; readonly run: number }, proposer: OrganizationId): Uint8Array {
    const run = studyRun(draw.state, name)
    const round = studyRound(draw.state, { ...name, round: run?.rounds ?? 0 })
    if (run === undefined || round === undefined || round.survivors !== null) {
      if (run !== undefined && run.rounds > 0 && draw.random(2) === 0)
        return by(draw, 'run.close', { ...name, result: bytes32('result'), card: bytes32('card'), microEpsilon: draw.random(9) }, proposer)
      return by(
        draw,
        'round.begin',
        { ...name, round: (run?.rounds ?? 0) + draw.mostly(1, 2), model: bytes32(`model ${draw.random(3)}`), terms: bytes32('terms') },
        proposer,
      )
    }
    const at = { ...name, round: run.rounds }
    const missing = run.roster.filter((org) => !Object.hasOwn(round.inputs, org))
    const [org] = missing
    if (org !== undefined && (run.survivors === null || run.survivors.includes(org)) && draw.random(12) !== 0)
      return by(
        draw,
        'round.input',
        { ...at, transcript: bytes32(`transcript ${draw.mostly(0, 1)}`), commitment: bytes32(`commitment ${draw.random(9)}`) },
        org,
      )
    const given = run.roster.filter((one) => Object.hasOwn(round.inputs, one))
    return by(draw, 'round.survivors', { ...at, survivors: draw.mostly([...(run.survivors ?? given)], [...some(draw, ORGS, 1)]) }, proposer)
  }

  return next
}
