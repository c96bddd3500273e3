import { encodeUtf8, parseBytes32, parseOrganizationId, type SignedObject } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { bytes32, policy } from '../../test/network.ts'
import { ballot, closed, modelValues, researchSeed, round, run, signedKeys, specFile, studyBundle, type StudyChanges } from '../../test/study.ts'
import { formatVerification, verifyBundle } from '../index.ts'
import type { ShownRound } from '../study/keys.ts'
import { studyIdOf } from '../study/pack.ts'

const failedOf = (changes: StudyChanges): readonly string[] =>
  verifyBundle(studyBundle(changes), policy)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name)

const first = round(1)
/** Of one round, from 0, something else is shown. */
const withKeys = (at: number, change: (shown: ShownRound) => ShownRound): StudyChanges => ({
  keys: (keys) => ({ ...keys, rounds: keys.rounds.map((shown, i) => (i === at ? change(shown) : shown)) }),
})
const replaced = ({ keys, sharers }: ShownRound, signed: SignedObject): ShownRound => ({ keys: keys.map((one, i) => (i === 1 ? signed : one)), sharers })
const otherInput = { transcript: bytes32('other transcript'), commitment: bytes32('other') }

const aborted = { state: 'aborted', at: closed.at, by: parseOrganizationId('beta'), reason: 'withdrawal' } as const
const stopped: StudyChanges = { run: { ...run, outcome: aborted }, hasResult: false }

describe('a study that was run', () => {
  it('is what its sites approved, round by round, to its result', () => {
    const { valid, kind, checks, facts, proves, doesNotProve } = verifyBundle(studyBundle(), policy)
    expect({ valid, kind }).toEqual({ valid: true, kind: 'study' })
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['study', 'spec', 'votes', 'rounds', 'round-keys', 'models', 'result', 'cosigned']))
    expect(facts).toMatchObject({ study: studyIdOf(specFile), by: 'alpha', run: 1, rounds: 2, sites: 'alpha, beta, delta', microEpsilon: 0 })
    expect(proves[0]).toMatch(/was run by `alpha` in 2 rounds over alpha, beta, delta, and closed with exactly this result\.$/)
    expect(proves[1]).toMatch(/fewer than three groups/)
    expect(doesNotProve.slice(0, 3)).toEqual([
      expect.stringMatching(/what a site put in was true/),
      expect.stringMatching(/the sums were told as they came out/),
      expect.stringMatching(/says nothing about a single person/),
    ])
  })

  it.each<readonly [string, number, StudyChanges]>([
    ['before anything was asked', 0, { ...stopped, run: { ...run, rounds: 0, survivors: null, outcome: aborted }, rounds: [], files: { models: [] } }],
    ['in its second round', 1, { ...stopped, rounds: [first, { ...round(2), inputs: {}, survivors: null }] }],
    ['after its second round', 2, stopped],
  ])('may have been aborted %s, by whom and why', (_when, rounds, changes) => {
    const { valid, facts, checks, proves } = verifyBundle(studyBundle(changes), policy)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect({ valid, ...facts }).toMatchObject({ valid: true, rounds, abortedBy: 'beta', reason: 'withdrawal' })
    expect(facts).not.toHaveProperty('microEpsilon')
    expect(proves[0]).toMatch(/and aborted by `beta` \(withdrawal\): it has no result\.$/)
  })

  it.each<readonly [string, string, StudyChanges]>([
    ['another spec', 'spec', { files: { spec: encodeUtf8('{"title":"Length of stay","v":2}') } }],
    ['a ballot against', 'votes', { ballots: { beta: { ...ballot, approves: false, version: 2 } } }],
    ['a ballot later than the run', 'votes', { ballots: { delta: { ...ballot, at: run.at + 1 } } }],
    ['a site’s ballot missing', 'votes', { pack: (pack) => ({ ...pack, ballots: pack.ballots.slice(1) }) }],
    [
      'a ballot said to be another site’s',
      'study',
      { pack: (pack) => ({ ...pack, ballots: pack.ballots.toReversed().map((one, i) => ({ ...one, org: pack.ballots[i]?.org ?? one.org })) }) },
    ],
    ['a roster with somebody who was not asked', 'votes', { study: { by: run.roster[0] as never, at: 1, sites: run.roster.slice(0, 3), runs: 1 } }],
    ['a run that the study does not have', 'study', { study: { by: run.roster[0] as never, at: 1, sites: run.roster, runs: 0 } }],
    ['a round left out', 'rounds', { pack: (pack) => ({ ...pack, rounds: pack.rounds.slice(0, 1) }) }],
    ['no round at all', 'rounds', { run: { ...run, rounds: 0 }, rounds: [] }],
    ['other survivors in one round', 'rounds', { rounds: [first, { ...round(2), survivors: run.roster }] }],
    ['a round without survivors', 'rounds', { rounds: [first, { ...round(2), survivors: null }] }],
    ['a survivor who committed to nothing', 'rounds', { rounds: [round(1, ['alpha', 'beta']), round(2)] }],
    ['a survivor who saw other keys', 'rounds', { rounds: [{ ...first, inputs: { ...first.inputs, beta: otherInput } }, round(2)] }],
    [
      'a survivor with a name that every object knows',
      'rounds',
      { run: { ...run, survivors: ['constructor' as never] }, rounds: [1, 2].map((n) => ({ ...round(n), survivors: ['constructor' as never] })) },
    ],
    ['keys of one round left out', 'round-keys', { keys: (keys) => ({ ...keys, rounds: keys.rounds.slice(1) }) }],
    ['keys of another round', 'round-keys', { keys: (keys) => ({ ...keys, rounds: keys.rounds.toReversed() }) }],
    ['other keys than the sites saw', 'round-keys', withKeys(0, (shown) => ({ ...shown, keys: shown.keys.toReversed() }))],
    ['keys signed by somebody else', 'round-keys', withKeys(1, (shown) => replaced(shown, signedKeys(2, 'beta', { seed: researchSeed('stranger') })))],
    ['keys under another site’s name', 'round-keys', withKeys(1, (shown) => replaced(shown, signedKeys(2, 'beta', { org: 'alpha' })))],
    ['keys for another study’s round', 'round-keys', withKeys(1, (shown) => replaced(shown, signedKeys(2, 'beta', { round: bytes32('other terms') })))],
    ['a changed signature of keys', 'round-keys', withKeys(1, (shown) => replaced(shown, { ...signedKeys(2, 'beta'), sig: signedKeys(2, 'alpha').sig }))],
    ['keys of a survivor left out', 'round-keys', withKeys(0, ({ keys, sharers }) => ({ keys: keys.slice(1), sharers }))],
    ['fewer shares handed on than were', 'round-keys', withKeys(0, ({ keys, sharers }) => ({ keys, sharers: sharers.slice(0, 3) }))],
    ['research keys left out', 'round-keys', { keys: (keys) => ({ ...keys, research: keys.research.slice(1) }) }],
    ['a key that is none for research', 'round-keys', { researchKey: (record) => ({ ...record, role: 'node' }) }],
    ['a research key that was retired', 'round-keys', { researchKey: (record) => ({ ...record, to: 1 }) }],
    [
      'a research key that the ledger has otherwise',
      'round-keys',
      { keys: (keys) => ({ ...keys, research: keys.research.map((one) => ({ ...one, value: { ...one.value, from: 3 } })) }) },
    ],
    ['a model’s values changed', 'models', { files: { models: modelValues.map((values) => values.map((byte) => byte ^ 1)) } }],
    ['a model’s values left out', 'models', { files: { models: modelValues.slice(0, 1) } }],
    ['another result', 'result', { files: { result: encodeUtf8('{"mean":4.4}') } }],
    ['another card', 'result', { files: { card: encodeUtf8('{}') } }],
    ['a result of a run that was aborted', 'result', { run: { ...run, outcome: aborted } }],
    ['no result of a run that was closed', 'result', { hasResult: false }],
    ['two rounds without survivors in a run that was aborted', 'rounds', { ...stopped, rounds: [1, 2].map((n) => ({ ...round(n), survivors: null })) }],
    ['a run that goes on', 'result', { run: { ...run, outcome: null } }],
    ['the name of another study', 'study', { pack: (pack) => ({ ...pack, spec: parseBytes32(bytes32('other study')) }) }],
    ['another run’s number', 'study', { pack: (pack) => ({ ...pack, run: 2 }) }],
    ['a record that the ledger knows otherwise', 'study', { pack: (pack) => ({ ...pack, record: { ...pack.record, value: { ...run, at: 0 } } }) }],
  ])('is refused with %s', (_what, check, changes) => {
    const failed = failedOf(changes)
    expect(failed).toContain(check)
    expect(failed).not.toContain('readable')
  })

  it('says what came, also of times that no calendar has', () => {
    const late = Number.MAX_SAFE_INTEGER
    const detailOf = (changes: StudyChanges, check: string) => verifyBundle(studyBundle(changes), policy).checks.find(({ name }) => name === check)?.detail
    expect(detailOf({ run: { ...run, at: late, outcome: { ...closed, at: late } } }, 'result')).toBe('closed a time after the year 275759')
    expect(detailOf({ run: { ...run, outcome: null } }, 'result')).toBe('expected a run that has ended, found one that goes on')
    expect(detailOf({ ballots: { beta: { ...ballot, approves: false } } }, 'votes')).toBe('expected approvals before the run, found otherwise: beta')
  })

  it.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['no title', '{}'],
    ['a title of another kind', '{"title":7}'],
  ])('is refused with a spec that is %s', (_what, text) => {
    const check = verifyBundle(studyBundle({ spec: encodeUtf8(text) }), policy).checks.find(({ name }) => name === 'spec')
    expect(check).toEqual({ name: 'spec', ok: false, detail: 'spec.json: expected a spec with a title' })
  })

  it('shows a long title without half a character', () => {
    const title = `${'a'.repeat(199)}\u{1f600}b`
    const verification = verifyBundle(studyBundle({ spec: encodeUtf8(JSON.stringify({ title })) }), policy)
    expect(verification.checks.find(({ name }) => name === 'spec')?.detail).toBe(`${'a'.repeat(199)}\ufffd`)
    expect(formatVerification(verification).isWellFormed()).toBe(true)
  })
})
