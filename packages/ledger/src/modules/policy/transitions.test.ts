import { encodeBase64Url } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { scenario } from '../../../test/scenario.ts'
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
  birch,
} from '../../../test/world.ts'
import { relationship } from './queries.ts'

const rosa = wallet('rosa')
const { handle } = rosa
const HOUR = 3_600_000

const delegateTo = (right: 'set' | 'restrict' | 'read', expires: number, epoch = 1, at = START) =>
  transaction('rel.delegate', { handle, epoch, delegates: [{ pub: publicOf('son'), rights: [right], expires }] }, at, rosa.control)
const sonSets = (version: number, at = START) => setWire(rosa, version, at, seedOf('son'))
const keys = recoveryLabels('rosa').slice(0, 2)
const recoverWire = (epoch: number, at: number) =>
  transaction(
    'rel.recover',
    { handle, epoch, newControl: publicOf('new'), newSeal: bytes32('new seal'), rand32: encodeBase64Url(rosa.rand32), keys: keys.map(publicOf) },
    at,
    ...[...keys, 'new'].map(seedOf),
  )
const veto = (epoch: number, at: number, seed = rosa.control) => transaction('rel.veto', { handle, epoch }, at, seed)
const close = (epoch: number, at: number, seed = rosa.control) => transaction('rel.close', { handle, epoch }, at, seed)

const opened = () => {
  const one = scenario()
  expect(one.put(openWire(rosa))).toBe('ok')
  return one
}

describe('a delegate', () => {
  it('sets until the very instant of its expiry', () => {
    const one = opened()
    expect(one.put(delegateTo('set', START + 1_000))).toBe('ok')
    expect([one.put(sonSets(1), 1_000), one.put(sonSets(2), 1_001)]).toEqual(['ok', 'REL_DELEGATE_EXPIRED'])
  })
  it('who may only restrict adds at most eight bodies to those of control', () => {
    const one = opened()
    one.put(delegateTo('restrict', START + DAY))
    one.put(setWire(rosa, 1))
    for (let version = 2; version <= 8; version += 1) expect(one.put(sonSets(version))).toBe('ok')
    expect(one.put(sonSets(9))).toBe('REL_BODIES')
    expect([one.put(setWire(rosa, 9)), one.put(sonSets(10))]).toEqual(['ok', 'ok'])
    expect(relationship(one.state, handle)).toMatchObject({ version: 10, base: 9, by: publicOf('son') })
  })
  it('who may set replaces without bound', () => {
    const one = opened()
    one.put(delegateTo('set', START + DAY))
    for (let version = 1; version <= 12; version += 1) expect(one.put(sonSets(version))).toBe('ok')
    expect(relationship(one.state, handle)).toMatchObject({ base: 0, version: 12 })
  })
  it('with neither right sets nothing, and control is no delegate', () => {
    const one = opened()
    one.put(delegateTo('read', START + DAY))
    expect(one.put(sonSets(1))).toBe('REL_DELEGATE_RIGHT')
    const self = [{ pub: publicOf('rosa control 0'), rights: ['set'], expires: START + DAY }]
    expect(one.put(transaction('rel.delegate', { handle, epoch: 2, delegates: self }, START, rosa.control))).toBe('REL_DELEGATE_CONTROL')
  })
  it('does not become the control key', () => {
    const one = opened()
    one.put(delegateTo('set', START + DAY))
    const body = { handle, epoch: 2, newControl: publicOf('son'), newSeal: bytes32('s') }
    expect(one.put(transaction('rel.rotate', body, START, rosa.control, seedOf('son')))).toBe('REL_KEY_REUSED')
  })
})

describe('a recovery', () => {
  it('ripens after 72 h to the millisecond, and takes delegates and commitment with it', () => {
    const one = opened()
    one.put(setWire(rosa, 1))
    one.put(delegateTo('set', START + 30 * DAY))
    expect(one.put(recoverWire(2, START), 0)).toBe('ok')
    const at = 72 * HOUR
    expect(one.put(setWire(rosa, 2, START + at, seedOf('new')), at - 1)).toBe('REL_RECOVERING')
    expect(one.put(veto(2, START + at), at)).toBe('REL_NOTHING_TO_VETO')
    expect(one.put(sonSets(2, START + at), at)).toBe('TX_SIGNERS')
    const sealed = transaction(
      'rel.delegate',
      { handle, epoch: 3, delegates: [{ pub: publicOf('son'), rights: ['set'], expires: START + 30 * DAY }] },
      START + at,
      seedOf('new'),
    )
    expect(one.put(sealed, at)).toBe('ok')
    expect(relationship(one.state, handle)).toMatchObject({
      control: publicOf('new'),
      seal: bytes32('new seal'),
      commitment: null,
      base: null,
      version: 1,
      status: 'open',
    })
    expect(one.put(sonSets(2, START + at), at)).toBe('REL_DELEGATE_BASE')
    expect([one.put(setWire(rosa, 2, START + at, seedOf('new')), at), one.put(sonSets(3, START + at), at)]).toEqual(['ok', 'ok'])
  })
  it('is vetoed by control at its own epoch only, and a veto from before cannot be replayed', () => {
    const one = opened()
    one.put(recoverWire(1, START))
    expect(one.put(veto(0, START))).toBe('REL_EPOCH')
    expect(one.put(veto(1, START, seedOf('new')))).toBe('TX_SIGNERS')
    const first = veto(1, START)
    expect([one.put(first), one.put(recoverWire(1, START)), one.put(recoverWire(2, START)), one.put(first), one.put(veto(2, START))]).toEqual([
      'ok',
      'REL_EPOCH',
      'ok',
      'REL_EPOCH',
      'ok',
    ])
  })
  it('needs m keys that open the hashes, and only they sign with the new control key', () => {
    const one = opened()
    const [body, seeds] = [
      { handle, epoch: 1, newControl: publicOf('new'), newSeal: bytes32('s'), rand32: encodeBase64Url(rosa.rand32) },
      [seedOf(keys[0] ?? ''), seedOf('new')],
    ]
    expect(one.put(transaction('rel.recover', { ...body, keys: [publicOf(keys[0] ?? '')] }, START, ...seeds))).toBe('REL_RECOVERY_KEYS')
    expect(one.put(transaction('rel.recover', { ...body, keys: [publicOf(keys[0] ?? ''), publicOf('stranger')] }, START, ...seeds, seedOf('stranger')))).toBe(
      'REL_RECOVERY_KEYS',
    )
    const asControl = { ...body, newControl: publicOf(keys[0] ?? ''), keys: keys.map(publicOf) }
    expect(one.put(transaction('rel.recover', asControl, START, ...keys.map(seedOf)))).toBe('TX_SIGNERS')
  })
  it('may change its own keys with control and enough of the old', () => {
    const one = opened()
    const body = { handle, epoch: 1, recovery: recoveryOf('other', 1), rand32: encodeBase64Url(rosa.rand32), keys: keys.map(publicOf) }
    expect(one.put(transaction('rel.recovery', body, START, rosa.control, ...keys.map(seedOf)))).toBe('ok')
    expect(one.put(recoverWire(2, START))).toBe('REL_RECOVERY_KEYS')
  })
})

describe('closing', () => {
  it('by control is at once, and for good', () => {
    const one = opened()
    expect([one.put(close(0, START)), one.put(close(0, START)), one.put(setWire(rosa, 1)), one.put(openWire(rosa))]).toEqual([
      'ok',
      'REL_CLOSED',
      'REL_CLOSED',
      'REL_EXISTS',
    ])
  })
  it('by the holder waits 30 days, in which all goes on', () => {
    const one = opened()
    const holder = nodeSeed(rosa.org)
    expect([one.put(close(0, START, nodeSeed(birch))), one.put(close(0, START, holder)), one.put(close(0, START, holder))]).toEqual([
      'TX_NODE_KEY',
      'ok',
      'REL_PENDING',
    ])
    expect(one.put(veto(0, START))).toBe('REL_NOTHING_TO_VETO')
    const due = START + 30 * DAY
    expect([one.put(setWire(rosa, 1, due), 30 * DAY - 1), one.put(setWire(rosa, 2, due), 30 * DAY)]).toEqual(['ok', 'REL_CLOSED'])
  })
  it('by the holder is replaced by a recovery', () => {
    const one = opened()
    expect([one.put(close(0, START, nodeSeed(rosa.org))), one.put(recoverWire(1, START)), one.put(veto(1, START))]).toEqual(['ok', 'ok', 'ok'])
    expect(relationship(one.state, handle)).toMatchObject({ status: 'open', pending: null })
  })
})

it('refuses keys that are not admissible, whoever signs', () => {
  const one = opened()
  const small = 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  const body = { handle, epoch: 1, delegates: [{ pub: small, rights: ['set'], expires: START }] }
  expect(one.put(transaction('rel.delegate', body, START, rosa.control))).toBe('KEY_INADMISSIBLE')
})

it('takes nothing but the body of its type', () => {
  const one = opened()
  for (const extra of [{ note: 'x' }, { commitment: null }, { version: '1' }]) {
    const body = { handle, version: 1, commitment: bytes32('c'), expires: 1_801_440_000_000, ...extra }
    expect(one.put(transaction('policy.set', body, START, rosa.control))).toBe('TX_BODY')
  }
})
