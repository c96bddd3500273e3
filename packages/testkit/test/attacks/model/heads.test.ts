import { encodeBase64Url, type JsonObject } from '@fiducia/core'
import { bodiesOf, effectiveHead, type RelationshipHead, relationship } from '@fiducia/ledger'
import { expect, it } from 'vitest'
import { type Scenario, scenario } from '../../../../ledger/test/scenario.ts'
import {
  bytes32,
  DAY,
  nodeSeed,
  openWire,
  publicOf,
  recoveryLabels,
  recoveryOf,
  seedOf,
  setWire,
  START,
  transaction,
  wallet,
} from '../../../../ledger/test/world.ts'

/** The model `Heads`: who changes a relationship's head, against the ledger's own transitions. A thief has some keys, the owner the others. */

const rosa = wallet('rosa')
const { handle } = rosa
const WAIT = 72 * 3_600_000
const thief = seedOf('thief')
const rand32 = encodeBase64Url(rosa.rand32)
const keys = recoveryLabels('rosa').slice(0, 2)
const accepted = 'ok'

const opened = (): Scenario => {
  const one = scenario()
  expect(one.put(openWire(rosa))).toBe(accepted)
  return one
}
const headOf = (one: Scenario): RelationshipHead => {
  const head = relationship(one.state, handle)
  if (head === undefined) throw new Error('a head expected')
  return head
}
const signed = (type: Parameters<typeof transaction>[0], body: JsonObject, at: number, ...seeds: readonly Uint8Array[]) =>
  transaction(type, { handle, ...body }, at, ...seeds)
const recover = (epoch: number, to = 'new', at = START, by: readonly string[] = keys) =>
  signed('rel.recover', { epoch, newControl: publicOf(to), newSeal: bytes32('new seal'), rand32, keys: by.map(publicOf) }, at, ...[...by, to].map(seedOf))
const veto = (epoch: number, at = START) => signed('rel.veto', { epoch }, at, rosa.control)
const delegate = (epoch: number, delegates: readonly JsonObject[], at = START, seed = rosa.control) => signed('rel.delegate', { epoch, delegates }, at, seed)
const son = { pub: publicOf('son'), rights: ['restrict'], expires: START + 30 * DAY }
const closeByHolder = () => signed('rel.close', { epoch: 0 }, START, nodeSeed(rosa.org))

it('Heads_x_epoch: a change of delegates that a later one undid is not accepted again', () => {
  const one = opened()
  const first = delegate(1, [son])
  expect([one.put(first), one.put(delegate(2, []))]).toEqual([accepted, accepted])
  expect(one.put(first), 'attack found: the delegate is back').toBe('REL_EPOCH')
})

it('Heads_x_version: an old permit is not accepted again after the restriction', () => {
  const one = opened()
  const permit = setWire(rosa, 1)
  expect([one.put(permit), one.put(setWire(rosa, 2))]).toEqual([accepted, accepted])
  expect(one.put(permit), 'attack found: the old version is in force again').toBe('REL_VERSION')
})

it('Heads_x_vetoEpoch: a veto that was used ends no later recovery', () => {
  const one = opened()
  const used = veto(1)
  expect([one.put(recover(1)), one.put(used), one.put(recover(2))]).toEqual([accepted, accepted, accepted])
  expect(one.put(used), 'attack found: the old veto ended another recovery').toBe('REL_EPOCH')
  expect(headOf(one).status).toBe('recovering')
})

it('Heads_x_raise: a recovery that was vetoed is not accepted again', () => {
  const one = opened()
  const vetoed = recover(1)
  expect(one.put(vetoed)).toBe(accepted)
  expect(one.put(veto(headOf(one).epoch))).toBe(accepted)
  expect(one.put(vetoed), 'attack found: the vetoed recovery runs again').toBe('REL_EPOCH')
})

it('Heads_x_bothSign: nobody rotates to a key of their own without the old one', () => {
  const one = opened()
  const body = { epoch: 1, newControl: publicOf('thief'), newSeal: bytes32('s') }
  expect(one.put(signed('rel.rotate', body, START, thief)), 'attack found: a stranger has control').toBe('TX_SIGNERS')
  expect(headOf(one).control).toBe(publicOf('rosa control 0'))
})

it('Heads_x_recSign: a thief with control does not replace the recovery set', () => {
  const one = opened()
  const body = { epoch: 1, recovery: recoveryOf('thief', 1), rand32 }
  const foreign = signed('rel.recovery', { ...body, keys: [publicOf('thief')] }, START, rosa.control, thief)
  // The owner's recovery keys can be named by whoever has seen them; they have to sign.
  const named = signed('rel.recovery', { ...body, keys: keys.map(publicOf) }, START, rosa.control)
  expect([one.put(foreign), one.put(named)], 'attack found: the owner is out for good').toEqual(['REL_RECOVERY_KEYS', 'TX_SIGNERS'])
  expect(one.put(recover(1))).toBe(accepted)
})

it('Heads_x_noWait: a thief with the recovery set has no control before 72 h, in which the owner vetoes', () => {
  const one = opened()
  expect(one.put(recover(1, 'thief'))).toBe(accepted)
  const early = effectiveHead(headOf(one), START + WAIT - 1)
  expect(early.control, 'attack found: the thief has control at once').toBe(publicOf('rosa control 0'))
  expect(one.put(setWire(rosa, 1, START, thief))).toBe('REL_RECOVERING')
  expect(one.put(veto(1, START + WAIT - 1), WAIT - 1)).toBe(accepted)
  expect(effectiveHead(headOf(one), START + WAIT).control).toBe(publicOf('rosa control 0'))
})

it('Heads_x_commitNull: after a recovery no policy from before it is consulted', () => {
  const one = opened()
  // A thief who has control signs what it likes; the owner recovers.
  expect([one.put(setWire(rosa, 1)), one.put(recover(1))]).toEqual([accepted, accepted])
  expect(bodiesOf(effectiveHead(headOf(one), START + WAIT - 1))).toEqual([1])
  expect(bodiesOf(effectiveHead(headOf(one), START + WAIT)), 'attack found: the thief’s policy goes on').toEqual([])
})

it('Heads_x_asWritten: after a recovery no delegate revives a policy from before it', () => {
  const one = opened()
  expect([one.put(setWire(rosa, 1)), one.put(recover(1))]).toEqual([accepted, accepted])
  const at = START + WAIT
  expect(one.put(delegate(2, [son], at, seedOf('new')), WAIT)).toBe(accepted)
  expect(headOf(one)).toMatchObject({ control: publicOf('new'), commitment: null })
  const revived = one.put(setWire(rosa, 2, at, seedOf('son')), WAIT)
  expect([revived, bodiesOf(headOf(one))], 'attack found: the versions from 1 on permit again').toEqual(['REL_DELEGATE_BASE', []])
  // Control signs; from there on the delegate may restrict, and nothing older counts.
  expect([one.put(setWire(rosa, 2, at, seedOf('new')), WAIT), one.put(setWire(rosa, 3, at, seedOf('son')), WAIT)]).toEqual([accepted, accepted])
  expect(bodiesOf(headOf(one))).toEqual([2, 3])
})

it('Heads_x_vetoClose: a veto does not clear the holder’s close, which could then be sent again', () => {
  const one = opened()
  const close = closeByHolder()
  expect(one.put(close)).toBe(accepted)
  const cleared = one.put(veto(0))
  expect([cleared, one.put(close)], 'attack found: the same close is accepted twice').toEqual(['REL_NOTHING_TO_VETO', 'REL_PENDING'])
  expect(headOf(one).pending?.kind).toBe('close')
})

it('Heads_x_closeOver: the holder’s close does not end a recovery that runs', () => {
  const one = opened()
  expect(one.put(recover(1))).toBe(accepted)
  const close = signed('rel.close', { epoch: 1 }, START, nodeSeed(rosa.org))
  expect(one.put(close), 'attack found: the holder ended the owner’s recovery').toBe('REL_RECOVERING')
  expect(effectiveHead(headOf(one), START + WAIT)).toMatchObject({ status: 'open', control: publicOf('new') })
})

it('Heads_stuck: an owner with the recovery set alone recovers also while the holder’s close is pending', () => {
  const one = opened()
  expect(one.put(closeByHolder())).toBe(accepted)
  expect(one.put(recover(1)), 'attack found: the owner can do nothing until the head is closed').toBe(accepted)
  expect(effectiveHead(headOf(one), START + 31 * DAY)).toMatchObject({ status: 'open', control: publicOf('new') })
})
