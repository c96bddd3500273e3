import { parseBytes32 } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { bytes32, openWire, START, startState, wallet } from '../test/world.ts'
import { apply } from './apply.ts'
import { checkWrites, InvariantError } from './invariants.ts'
import { relationship } from './modules/policy/queries.ts'
import { relationshipKey, type RelationshipHead, type TransactionType } from './types.ts'

/** Writes that no rule gives, as a broken rule would. */

const rosa = wallet('rosa')
const state = apply(startState(), { height: 1, time: START, transactions: [openWire(rosa)] }).state
const head = relationship(state, rosa.handle)
if (head === undefined) throw new Error('not opened')
const key = relationshipKey(rosa.handle)
const check =
  (type: TransactionType, ...writes: readonly { key: string; value: object }[]) =>
  () =>
    checkWrites(state, type, writes)
const changed = (change: Partial<RelationshipHead>) => check('policy.set', { key, value: { ...head, ...change } })

describe('a broken invariant stops the node', () => {
  const cases: readonly (readonly [string, () => void])[] = [
    ['nothing written', check('policy.set')],
    ['a write outside the module', check('policy.set', { key: 'rules', value: {} })],
    ['a member written', check('access.open', { key: 'member/alder', value: {} })],
    ['a version left out', changed({ version: 2 })],
    ['an epoch left out', changed({ epoch: 2 })],
    ['another holder', changed({ org: 'birch' as RelationshipHead['org'] })],
    ['another chain', changed({ chain: bytes32('x') })],
    ['status without pending', changed({ status: 'recovering' })],
    ['control among the delegates', changed({ delegates: [{ pub: head.control, rights: ['set'], expires: 0 }] })],
    ['base above version', changed({ base: 1 })],
    ['a relationship that begins later', check('rel.open', { key: 'rel/x', value: { ...head, version: 1 } })],
    ['a role version left out', check('role.attest', { key: `role/${bytes32('r')}/birch-group`, value: { version: 2, expires: 0, withdrawn: false } })],
    ['a log that begins with leaves', check('access.open', { key: 'alog/test/log/alder/1', value: { size: 1, root: bytes32('r'), height: 1, at: START } })],
    [
      'a key out of nowhere',
      check('access.open', { key: `key/${bytes32('k')}`, value: { org: 'alder', role: 'log', alg: 'ed25519', pub: bytes32('k'), from: 0 } }),
    ],
  ]
  it.each(cases)('at %s', (_, work) => expect(work).toThrow(InvariantError))

  it('and lets through what the rules give', () => {
    expect(changed({ version: 1, base: 1, by: head.control, commitment: parseBytes32(bytes32('c')) })).not.toThrow()
  })

  it('at a block that may not follow', () => {
    expect(() => apply(state, { height: 1, time: START, transactions: [] })).toThrow(InvariantError)
    expect(() => apply(state, { height: 2, time: START - 1, transactions: [] })).toThrow(InvariantError)
    expect(apply(state, { height: 2, time: START, transactions: [] }).state).toBe(state)
  })
})
