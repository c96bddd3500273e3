import type { JsonObject, OrganizationId } from '@fiducia/core'
import { parseOrganizationId } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { type Scenario, scenario } from '../../../test/scenario.ts'
import { alder, birch, bytes32, cedar, nodeSeed, ORGS, seedOf, START, startState, transaction } from '../../../test/world.ts'
import { MAX_STUDY_RUNS } from '../../limits.ts'
import type { TransactionType } from '../../types.ts'
import { ballot, study, studyRound, studyRun } from './queries.ts'

/** Birch and elm are of one group. */
const [dune, elm] = ORGS.slice(3) as [OrganizationId, OrganizationId]
const spec = bytes32('spec')

const send = (type: TransactionType, org: OrganizationId, body: JsonObject) => transaction(type, { spec, ...body }, START, nodeSeed(org))
const propose = (sites: readonly OrganizationId[], by = alder) => send('study.propose', by, { sites })
const vote = (org: OrganizationId, version = 1, approves = true) => send('study.vote', org, { version, approves })
const open = (run: number, roster: readonly OrganizationId[], by = alder) => send('run.open', by, { run, roster })
const begin = (run: number, round = 1, by = alder) => send('round.begin', by, { run, round, model: bytes32(`model ${round}`), terms: bytes32('terms') })
const input = (org: OrganizationId, run: number, round = 1, transcript = 'transcript') =>
  send('round.input', org, { run, round, transcript: bytes32(transcript), commitment: bytes32(`commitment ${org}`) })
const survive = (run: number, survivors: readonly OrganizationId[], round = 1, by = alder) => send('round.survivors', by, { run, round, survivors })
const abort = (run: number, by = alder, reason = 'data') => send('run.abort', by, { run, reason })
const close = (run: number, by = alder) => send('run.close', by, { run, result: bytes32('result'), card: bytes32('card'), microEpsilon: 7 })

/** A study that all of these sites approve; the first proposed it. */
function approved(sites: readonly OrganizationId[] = ORGS, one = scenario()): Scenario {
  const [by = alder, ...voters] = sites
  for (const wire of [propose(sites, by), ...voters.map((org) => vote(org))]) expect(one.put(wire)).toBe('ok')
  return one
}

/** Opens a run of these sites and begins its first round; each gives its commitment. */
function began(one: Scenario, run: number, roster: readonly OrganizationId[] = ORGS): void {
  for (const wire of [open(run, roster), begin(run), ...roster.map((org) => input(org, run))]) expect(one.put(wire)).toBe('ok')
}

/** A whole run over exactly these sites; what naming them as survivors gave. */
function ran(one: Scenario, run: number, sites: readonly OrganizationId[]): string {
  began(one, run, sites)
  const named = one.put(survive(run, sites))
  expect(one.put(named === 'ok' ? close(run) : abort(run))).toBe('ok')
  return named
}

describe('a study', () => {
  it('lives from its proposal to the result of a run', () => {
    const one = approved()
    began(one, 1)
    expect(one.put(survive(1, ORGS))).toBe('ok')
    for (const wire of [begin(1, 2), ...ORGS.map((org) => input(org, 1, 2)), survive(1, ORGS, 2), close(1)]) expect(one.put(wire)).toBe('ok')
    expect(study(one.state, spec)).toEqual({ by: alder, at: START, sites: ORGS, runs: 1 })
    expect(studyRun(one.state, { spec, run: 1 })).toEqual({
      at: START,
      roster: ORGS,
      rounds: 2,
      survivors: ORGS,
      outcome: { state: 'closed', at: START, result: bytes32('result'), card: bytes32('card'), microEpsilon: 7 },
    })
    expect(studyRound(one.state, { spec, run: 1, round: 2 })).toMatchObject({ model: bytes32('model 2'), survivors: ORGS })
  })

  it('is proposed once, for members of three groups, each once and in order', () => {
    const one = scenario()
    const lists = [
      [alder, birch, elm],
      [birch, alder, cedar],
      [alder, alder, birch, cedar],
      [alder, birch, parseOrganizationId('stranger')],
    ]
    expect(lists.map((sites) => one.put(propose(sites)))).toEqual(lists.map(() => 'STUDY_SITES'))
    expect([one.put(propose([])), one.put(propose(ORGS)), one.put(propose(ORGS)), one.put(propose(ORGS, birch))]).toEqual([
      'TX_BODY',
      'ok',
      'STUDY_EXISTS',
      'STUDY_EXISTS',
    ])
  })

  it('is proposed and run also by a member that is no site of it', () => {
    const one = scenario()
    const sites = [birch, cedar, dune]
    for (const wire of [propose(sites), ...sites.map((org) => vote(org))]) expect(one.put(wire)).toBe('ok')
    expect(one.put(vote(alder))).toBe('STUDY_VOTER')
    expect(one.put(open(1, [alder, ...sites]))).toBe('RUN_ROSTER')
    expect(ran(one, 1, sites)).toBe('ok')
  })

  it('is voted on by its sites, each for itself and in its own order, and not by who proposed it', () => {
    const one = scenario()
    expect(one.put(vote(birch))).toBe('STUDY_UNKNOWN')
    one.put(propose([alder, birch, cedar]))
    expect([one.put(vote(alder)), one.put(vote(dune))]).toEqual(['STUDY_VOTER', 'STUDY_VOTER'])
    expect([one.put(vote(birch, 2)), one.put(vote(birch)), one.put(vote(birch)), one.put(vote(birch, 2, false))]).toEqual([
      'STUDY_VERSION',
      'ok',
      'STUDY_VERSION',
      'ok',
    ])
    expect(ballot(one.state, spec, birch)).toEqual({ version: 2, approves: false, at: START })
  })

  it('takes no word without a node key', () => {
    const one = approved()
    const bodies: readonly (readonly [TransactionType, JsonObject])[] = [
      ['study.propose', { sites: [...ORGS] }],
      ['study.vote', { version: 1, approves: true }],
      ['run.open', { run: 1, roster: [...ORGS] }],
      ['run.abort', { run: 1, reason: 'data' }],
      ['run.close', { run: 1, result: spec, card: spec, microEpsilon: 0 }],
      ['round.begin', { run: 1, round: 1, model: spec, terms: spec }],
      ['round.input', { run: 1, round: 1, transcript: spec, commitment: spec }],
      ['round.survivors', { run: 1, round: 1, survivors: [...ORGS] }],
    ]
    for (const [type, body] of bodies) expect(one.put(transaction(type, { spec, ...body }, START, seedOf('stranger')))).toBe('TX_NODE_KEY')
  })

  it('is run by who proposed it alone', () => {
    const one = scenario()
    const all = (by = alder) => [open(1, ORGS, by), begin(1, 1, by), survive(1, ORGS, 1, by), close(1, by)].map((wire) => one.put(wire))
    expect(all()).toEqual(Array.from({ length: 4 }, () => 'STUDY_UNKNOWN'))
    one.put(propose(ORGS))
    expect(all(birch)).toEqual(Array.from({ length: 4 }, () => 'STUDY_PROPOSER'))
  })
})

describe('a run', () => {
  it('is opened in order, one at a time, over sites that approve now', () => {
    const one = scenario()
    one.put(propose(ORGS))
    for (const org of [birch, cedar, dune]) one.put(vote(org))
    const rosters = [ORGS, [alder, birch], [birch, alder, cedar]]
    expect(rosters.map((roster) => one.put(open(1, roster)))).toEqual(rosters.map(() => 'RUN_ROSTER'))
    expect([one.put(open(2, [alder, birch, cedar])), one.put(open(0, ORGS)), one.put(open(MAX_STUDY_RUNS + 1, ORGS))]).toEqual([
      'RUN_NUMBER',
      'TX_BODY',
      'TX_BODY',
    ])
    expect([one.put(open(1, [alder, birch, cedar])), one.put(open(1, [alder, birch, cedar])), one.put(open(2, [alder, birch, cedar]))]).toEqual([
      'ok',
      'RUN_NUMBER',
      'RUN_NUMBER',
    ])
    expect([one.put(abort(1)), one.put(open(2, [alder, birch, cedar]))]).toEqual(['ok', 'ok'])
  })

  it('does not ask a site that took its approval back since the run before', () => {
    const one = approved()
    expect(ran(one, 1, ORGS)).toBe('ok')
    expect(one.put(vote(elm, 2, false))).toBe('ok')
    expect(one.put(open(2, ORGS))).toBe('RUN_ROSTER')
    expect([one.put(vote(elm, 3)), one.put(open(2, ORGS))]).toEqual(['ok', 'ok'])
  })

  it('is aborted by any of its sites before the next round, and nothing comes after', () => {
    const one = approved()
    const sites = [alder, birch, cedar, dune]
    began(one, 1, sites)
    expect(one.put(survive(1, sites))).toBe('ok')
    expect([one.put(abort(1, elm)), one.put(abort(2)), one.put(abort(1, cedar, 'boredom'))]).toEqual(['RUN_PARTY', 'RUN_UNKNOWN', 'TX_BODY'])
    expect(one.put(abort(1, cedar, 'withdrawal'))).toBe('ok')
    expect(studyRun(one.state, { spec, run: 1 })?.outcome).toEqual({ state: 'aborted', at: START, by: cedar, reason: 'withdrawal' })
    const later = [begin(1, 2), input(birch, 1), survive(1, sites, 2), close(1), abort(1)]
    expect(later.map((wire) => one.put(wire))).toEqual(later.map(() => 'RUN_ENDED'))
  })

  it('is closed with a finished round', () => {
    const one = approved()
    expect(one.put(close(1))).toBe('RUN_UNKNOWN')
    one.put(open(1, ORGS))
    expect(one.put(close(1))).toBe('RUN_EMPTY')
    for (const wire of [begin(1), ...ORGS.map((org) => input(org, 1))]) expect(one.put(wire)).toBe('ok')
    expect([one.put(close(1)), one.put(survive(1, ORGS)), one.put(begin(1, 2)), one.put(close(1))]).toEqual(['RUN_EMPTY', 'ok', 'ok', 'RUN_EMPTY'])
  })
})

describe('a round', () => {
  it('is begun in order, once the one before it has its survivors', () => {
    const one = approved()
    expect([one.put(begin(1)), one.put(open(1, ORGS)), one.put(begin(1, 2)), one.put(begin(1)), one.put(begin(1)), one.put(begin(1, 2))]).toEqual([
      'RUN_UNKNOWN',
      'ok',
      'ROUND_NUMBER',
      'ok',
      'ROUND_NUMBER',
      'ROUND_NUMBER',
    ])
  })

  it('takes one commitment of each site of the roster, under one transcript', () => {
    const one = approved()
    const sites = [alder, birch, cedar, dune]
    expect(one.put(input(birch, 1))).toBe('RUN_UNKNOWN')
    one.put(open(1, sites))
    expect([one.put(input(birch, 1)), one.put(begin(1)), one.put(input(elm, 1)), one.put(input(birch, 1)), one.put(input(birch, 1))]).toEqual([
      'ROUND_UNKNOWN',
      'ok',
      'RUN_PARTY',
      'ok',
      'ROUND_INPUT',
    ])
    expect([one.put(input(cedar, 1, 1, 'other keys')), one.put(input(cedar, 1)), one.put(input(alder, 1)), one.put(survive(1, [alder, birch, cedar]))]).toEqual(
      ['ROUND_TRANSCRIPT', 'ok', 'ok', 'ok'],
    )
    expect(one.put(input(dune, 1))).toBe('ROUND_INPUT')
  })

  it('has survivors who gave their commitment, of three groups, more than two thirds of the roster, named once', () => {
    const one = approved()
    one.put(open(1, ORGS))
    expect(one.put(survive(1, ORGS))).toBe('ROUND_UNKNOWN')
    for (const wire of [begin(1), ...[alder, birch, cedar, elm].map((org) => input(org, 1))]) expect(one.put(wire)).toBe('ok')
    const lists = [ORGS, [alder, birch, cedar], [birch, alder, cedar, elm], [alder, alder, birch, cedar]]
    expect(lists.map((survivors) => one.put(survive(1, survivors)))).toEqual(lists.map(() => 'ROUND_SURVIVORS'))
    expect([one.put(survive(1, [alder, birch, cedar, elm])), one.put(survive(1, [alder, birch, cedar, elm]))]).toEqual(['ok', 'ROUND_NAMED'])
    const two = approved([alder, birch, elm, cedar].toSorted())
    began(two, 1, [alder, birch, cedar, elm])
    expect(two.put(survive(1, [alder, birch, elm]))).toBe('ROUND_SURVIVORS')
  })

  it('has the survivors of the round before it', () => {
    const one = approved()
    began(one, 1)
    const four = [alder, birch, cedar, dune]
    expect([one.put(survive(1, four)), one.put(begin(1, 2)), ...ORGS.map((org) => one.put(input(org, 1, 2)))]).toEqual(Array.from({ length: 7 }, () => 'ok'))
    expect([one.put(survive(1, ORGS, 2)), one.put(survive(1, four, 2))]).toEqual(['ROUND_CHANGED', 'ok'])
  })
})

describe('sums of several runs', () => {
  it('are of the same sites, or leave three groups when one is taken from the other', () => {
    const one = approved()
    expect([ran(one, 1, ORGS), ran(one, 2, ORGS), ran(one, 3, [alder, birch, cedar, dune])]).toEqual(['ok', 'ok', 'ROUND_CHANGED'])
  })

  it('count from the moment when survivors are named, whatever becomes of the run', () => {
    const one = approved()
    began(one, 1)
    expect([one.put(survive(1, ORGS)), one.put(abort(1))]).toEqual(['ok', 'ok'])
    expect(ran(one, 2, [alder, birch, cedar, dune])).toBe('ROUND_CHANGED')
    const two = approved()
    began(two, 1)
    expect(two.put(abort(1))).toBe('ok')
    expect(ran(two, 2, [alder, birch, cedar, dune])).toBe('ok')
  })

  it('may differ by three groups', () => {
    const { one, named } = wide()
    expect([ran(one, 1, named('a b c d e f')), ran(one, 2, named('a b c')), ran(one, 3, named('d e f')), ran(one, 4, named('a b d'))]).toEqual([
      'ok',
      'ok',
      'ok',
      'ROUND_CHANGED',
    ])
  })

  it('are refused where each two of three are harmless and all of them are not', () => {
    // Each two have three sites in common, and each has three that the other has not. What all three have in common is a and b alone.
    const [first, second, third] = ['a b c d f g', 'a b c e h i', 'a b d e j k']
    for (const pair of [
      [first, second],
      [first, third],
      [second, third],
    ] as const) {
      const { one, named } = wide()
      expect(pair.map((sites, i) => ran(one, i + 1, named(sites)))).toEqual(['ok', 'ok'])
    }
    const { one, named } = wide()
    expect([first, second, third].map((sites, i) => ran(one, i + 1, named(sites)))).toEqual(['ok', 'ok', 'ROUND_CHANGED'])
  })
})

/** A study of eleven sites of eleven groups. Alder is none of them, and runs it. */
function wide() {
  const named = (letters: string) => letters.split(' ').map((letter) => parseOrganizationId(`site-${letter}`))
  const sites = named('a b c d e f g h i j k')
  const one = scenario(startState(Object.fromEntries([alder, ...sites].map((org) => [org, `${org}-group`]))))
  for (const wire of [propose(sites), ...sites.map((org) => vote(org))]) expect(one.put(wire)).toBe('ok')
  return { one, named }
}
