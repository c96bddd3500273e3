import { ed25519KeyId, encodeBase64Url, type JsonObject, KEY_TYPE_WITNESS, makeVerifierKey, formatVerifierKey, type OrganizationId } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { type Scenario, scenario } from '../../../test/scenario.ts'
import { alder, birch, bytes32, nodeSeed, publicKeyOf, publicOf, seedOf, START, transaction } from '../../../test/world.ts'
import { apply } from '../../apply.ts'
import { keyRecord, trust } from './queries.ts'

const idOf = (label: string) => ed25519KeyId(publicKeyOf(label))

/** Birch's node key and the new key sign, unless a test says otherwise. */
const add = (role: string, label: string, { org = birch, by = [seedOf(label)] }: { readonly org?: OrganizationId; readonly by?: readonly Uint8Array[] } = {}) =>
  transaction('key.add', { role, alg: 'ed25519', pub: publicOf(label) }, START, nodeSeed(org), ...by)
const retire = (label: string, more: JsonObject = {}, by: Uint8Array = nodeSeed(birch)) => transaction('key.retire', { key: idOf(label), ...more }, START, by)
const open = (k: number, label: string) =>
  transaction('access.open', { origin: `test/log/birch/${k}`, key: idOf(label), ...(k > 1 ? { standby: true } : {}) }, START, nodeSeed(birch))

const witnessOf = (label: string) => formatVerifierKey(makeVerifierKey('test/witness/birch', KEY_TYPE_WITNESS, publicKeyOf(label)))
const record = (one: Scenario, label: string) => keyRecord(one.state, idOf(label))
const birchWitnesses = (one: Scenario) => trust(one.state).groups['birch-group']?.filter((text) => text.startsWith('test/witness/birch+'))

describe('a key that is added', () => {
  it('counts from its block on, for the organization whose node signed', () => {
    const one = scenario()
    expect(one.put(add('node', 'new'))).toBe('ok')
    expect(record(one, 'new')).toEqual({ org: birch, role: 'node', alg: 'ed25519', pub: publicOf('new'), from: 1 })
    expect(trust(one.state).k).toBe(1)
    expect(one.put(retire('birch node 0', {}, seedOf('new')))).toBe('ok')
    expect(one.put(add('node', 'third'))).toBe('TX_NODE_KEY')
  })

  it.each<readonly [string, Uint8Array, string]>([
    ['that does not sign itself', add('node', 'new', { by: [] }), 'TX_SIGNERS'],
    ['that another signs for', add('node', 'new', { by: [seedOf('stranger')] }), 'TX_SIGNERS'],
    [
      'that is of small order',
      transaction('key.add', { role: 'node', alg: 'ed25519', pub: encodeBase64Url(new Uint8Array(32)) }, START, nodeSeed(birch)),
      'KEY_INADMISSIBLE',
    ],
    ['that stands for another role', add('log', 'birch witness 1'), 'KEY_EXISTS'],
    ['that stands for another organization', add('node', 'alder node 0', { by: [nodeSeed(alder)] }), 'KEY_EXISTS'],
    ['of the ledger, by one who does not order it', add('ledger', 'new'), 'KEY_ROLE'],
    [
      'of another algorithm than its role may have',
      transaction('key.add', { role: 'node', alg: 'es384', pub: bytes32('p') }, START, nodeSeed(birch)),
      'KEY_INADMISSIBLE',
    ],
    ['of no member', transaction('key.add', { role: 'node', alg: 'ed25519', pub: publicOf('new') }, START, seedOf('stranger'), seedOf('new')), 'TX_NODE_KEY'],
  ])('is refused: one %s', (_, wire, code) => {
    expect(scenario().put(wire)).toBe(code)
  })

  it('of a client may be of another algorithm, and signs nothing here', () => {
    // A point of P-384 in its uncompressed form: the generator of the curve (SEC 2).
    const pub = encodeBase64Url(
      Buffer.from(
        '04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f',
        'hex',
      ),
    )
    expect(scenario().put(transaction('key.add', { role: 'client', alg: 'es384', pub }, START, nodeSeed(birch)))).toBe('ok')
  })
})

describe('a witness’s key', () => {
  it('is followed by the next: both count, then the new one alone, and each step is a trust record', () => {
    const one = scenario()
    expect(one.put(add('witness', 'next'))).toBe('ok')
    expect([trust(one.state).k, birchWitnesses(one)]).toEqual([2, [witnessOf('birch witness 1'), witnessOf('next')].toSorted()])
    expect(one.put(add('witness', 'third'))).toBe('KEY_ROLE')
    expect(one.put(retire('birch witness 1'))).toBe('ok')
    expect([trust(one.state).k, birchWitnesses(one)]).toEqual([3, [witnessOf('next')]])
    expect(one.put(retire('next'))).toBe('KEY_LAST')
    expect(trust(one.state).quorum).toBe(3)
  })
})

describe('a trust record', () => {
  it('stands at the end of a block: a second change in one is refused, and taken in the next', () => {
    const before = scenario().state
    const second = transaction('key.add', { role: 'witness', alg: 'ed25519', pub: publicOf('other') }, START, nodeSeed(alder), seedOf('other'))
    const { state, results } = apply(before, { height: 1, time: START, transactions: [add('witness', 'next'), second] })
    expect(results.map((result) => (result.accepted ? 'ok' : result.code))).toEqual(['ok', 'TRUST_TWICE'])
    expect(apply(state, { height: 2, time: START, transactions: [second] }).results[0]?.accepted).toBe(true)
  })
})

describe('the ledger’s key', () => {
  it('changes like that of a witness', () => {
    const one = scenario()
    const ledgerKeys = () => trust(one.state).logs.filter((text) => text.startsWith('test/ledger+')).length
    expect(one.put(retire('ledger', {}, nodeSeed(alder)))).toBe('KEY_LAST')
    expect(one.put(add('ledger', 'next', { org: alder }))).toBe('ok')
    expect(ledgerKeys()).toBe(2)
    expect(one.put(retire('ledger', {}, nodeSeed(alder)))).toBe('ok')
    expect([ledgerKeys(), trust(one.state).k]).toEqual([1, 3])
  })
})

describe('a log’s key', () => {
  it('joins the trust record when it opens a log that stands in none', () => {
    const one = scenario()
    for (const k of [1, 2]) expect(one.put(open(k, `birch log ${k + 1}`))).toBe('ok')
    expect(trust(one.state).k).toBe(1)
    expect(one.put(open(3, 'new'))).toBe('ACCESS_KEY')
    expect(one.put(add('log', 'new'))).toBe('ok')
    expect(one.put(open(3, 'new'))).toBe('ok')
    expect([trust(one.state).k, trust(one.state).logs.filter((text) => text.startsWith('test/log/birch/3+')).length]).toEqual([2, 1])
  })

  it('replaces the one that the genesis named for that log, so that one log never has two', () => {
    const one = scenario()
    one.put(add('log', 'new'))
    expect(one.put(open(1, 'new'))).toBe('ok')
    expect([trust(one.state).k, trust(one.state).logs.filter((text) => text.startsWith('test/log/birch/1+')).length]).toEqual([2, 1])
  })

  it('stays listed when it is retired, and its log goes no further', () => {
    const one = scenario()
    one.put(open(1, 'birch log 2'))
    expect(one.put(retire('birch log 2'))).toBe('ok')
    expect(trust(one.state).k).toBe(1)
    expect(one.put(open(2, 'birch log 2'))).toBe('ACCESS_KEY')
  })
})

describe('a key that is retired', () => {
  it('ends once; a compromise may be told later, and only ever earlier', () => {
    const one = scenario()
    for (const label of ['a', 'b', 'c']) one.put(add('research', label))
    expect(one.put(retire('a'))).toBe('ok')
    expect(record(one, 'a')).toMatchObject({ from: 1, to: 4 })
    expect(one.put(retire('a'))).toBe('KEY_RETIRED')
    expect(one.put(retire('a', { compromisedFrom: 3 }))).toBe('ok')
    expect(record(one, 'a')).toMatchObject({ to: 4, compromisedFrom: 3 })
    for (const height of [3, 4]) expect(one.put(retire('a', { compromisedFrom: height }))).toBe('KEY_RETIRED')
    expect(one.put(retire('a', { compromisedFrom: 2 }))).toBe('ok')
  })

  it.each<readonly [string, Uint8Array, string]>([
    ['of another organization', retire('alder log 2'), 'TX_NODE_KEY'],
    ['that nobody has', retire('nobody'), 'KEY_UNKNOWN'],
    ['that is the only node key', retire('birch node 0'), 'KEY_LAST'],
    ['from a height that is not there yet', retire('birch log 2', { compromisedFrom: 2 }), 'KEY_HEIGHT'],
  ])('is refused: one %s', (_, wire, code) => {
    expect(scenario().put(wire)).toBe(code)
  })
})
