import { encodeCanonical, encodeHex, InputError, parseCanonical, type JsonValue } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alder, genesis, genesisFile, GROUPS, net, ORGS, publicOf, START } from '../test/world.ts'
import { encodeGenesis, initialState, parseGenesis } from './genesis.ts'
import { groupOf, keysOf, ledgerVerifierKeys, members, quorumOfGroups, rules, trust, witnessKeys } from './modules/membership/queries.ts'
import { parseTrust } from './modules/membership/codec.ts'

describe('a genesis', () => {
  it('is its own canonical JSON', () => {
    expect(parseGenesis(genesisFile())).toEqual(genesis())
    expect(encodeGenesis(parseGenesis(genesisFile()))).toEqual(genesisFile())
  })

  it('brings members, keys, rules and trust record 1', () => {
    const state = initialState(genesis())
    expect([state.height, state.time, state.net]).toEqual([0, START, net])
    expect(members(state).map(({ org, group }) => [org, group])).toEqual(ORGS.map((org) => [org, GROUPS[org]]))
    expect(groupOf(state, alder)).toBe('alder-group')
    expect(
      keysOf(state, alder, 'log')
        .map(({ record }) => record.pub)
        .sort(),
    ).toEqual([publicOf('alder log 2'), publicOf('alder log 3')].sort())
    expect(rules(state)).toEqual({ default: 'normal-treatment', freshSeconds: 60 })
    const record = trust(state)
    expect(parseTrust(record, '')).toEqual(record)
    expect(record).toMatchObject({ k: 1, quorum: 3 })
    expect(record.logs.map((key) => key.split('+')[0])).toEqual(['test/ledger', ...ORGS.flatMap((org) => [`test/log/${org}/1`, `test/log/${org}/2`])])
    expect(record.groups['birch-group']?.map((key) => key.split('+')[0]).sort()).toEqual(['test/witness/birch', 'test/witness/elm'])
    expect(witnessKeys(state)).toHaveLength(ORGS.length)
    expect(ledgerVerifierKeys(state)).toHaveLength(1)
  })

  it('has a quorum of floor((N - 1) / 2) + 2, and none for one', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(quorumOfGroups)).toEqual([0, 2, 3, 3, 4, 4, 5])
  })

  it('gives the same root in whatever order members are written', () => {
    const { members: unordered, ...rest } = genesis()
    const reversed = { ...rest, members: Object.fromEntries(Object.entries(unordered).reverse()) }
    expect(encodeHex(initialState(reversed).tree.root)).toBe(encodeHex(initialState(genesis()).tree.root))
  })
})

describe('a genesis is refused', () => {
  const changed = (change: (document: { [name: string]: JsonValue }) => unknown): Uint8Array => {
    const document = structuredClone(parseCanonical(genesisFile())) as { [name: string]: JsonValue }
    change(document)
    return encodeCanonical(document)
  }
  // biome-ignore lint/suspicious/noExplicitAny: documents are changed as they come
  const cases: readonly (readonly [string, (document: any) => unknown])[] = [
    ['without the operator among the members', (one) => (one.operator = 'nobody')],
    ['without a ledger key of the operator', (one) => one.members.alder.keys.shift()],
    ['with a key twice', (one) => one.members.birch.keys.push(one.members.alder.keys[1])],
    ['with two witness keys', (one) => one.members.birch.keys.push({ role: 'witness', alg: 'ed25519', pub: publicOf('spare') })],
    ['without a node key', (one) => one.members.birch.keys.shift()],
    ['with a node key on another curve', (one) => (one.members.birch.keys[0].alg = 'es384')],
    ['with a key of small order', (one) => (one.members.birch.keys[0].pub = 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')],
    ['with a final slash in an endpoint', (one) => (one.members.birch.endpoint = 'http://birch.example/')],
    ['with an unknown default', (one) => (one.rules.default = 'permit')],
    ['with T of zero', (one) => (one.rules.freshSeconds = 0)],
    ['with an unknown member', (one) => (one.note = 'x')],
    ['with a group of a name that a trust policy keeps', (one) => (one.members.birch.group = 'none')],
    ['without members', (one) => (one.members = {})],
  ]
  it.each(cases)('%s', (_, change) => expect(() => parseGenesis(changed(change))).toThrow(InputError))

  it('for any other bytes, with an InputError', () => {
    const file = genesisFile()
    const mutated = fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => file.with(at, byte))
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          expect(encodeGenesis(parseGenesis(bytes))).toEqual(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
