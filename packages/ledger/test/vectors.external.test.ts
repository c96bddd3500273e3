import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as core from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import * as ledger from '../src/index.ts'

/** The vectors of an independent implementation (`vectors/protocol`): every case and every refused case that the ledger owns. */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data')
// biome-ignore lint/suspicious/noExplicitAny: vector files are read as they are
type Vector = Record<string, any>
const read = (topic: string): { cases: Vector[]; refused: Vector[] } => JSON.parse(readFileSync(path.join(data, 'vectors/protocol', `${topic}.json`), 'utf8'))
const { decodeHex, encodeHex, encodeUtf8 } = core
const demo = core.parseNetworkId('demo')

/** A history's records; the members' groups stand beside them in the file. */
function stateOf(history: Vector): ledger.LedgerState {
  const records = Object.entries<string>(history['records']).map(([key, value]) => ({ key, value }))
  const members = Object.entries<string[]>(history['groups']).flatMap(([group, orgs]) =>
    orgs.map((org) => ({ key: `member/${org}`, value: core.formatCanonical({ endpoint: 'http://localhost', group, name: org }) })),
  )
  return ledger.stateFrom({ net: core.parseNetworkId(history['net']), height: 0, time: 0 }, [...records, ...members])
}

/** The states before the first step and after each. */
function statesOf(history: Vector): readonly ledger.LedgerState[] {
  const states = [stateOf(history)]
  for (const step of history['steps']) {
    const before = states.at(-1)
    if (before === undefined) throw new Error('no state')
    const result = ledger.apply(before, { height: step.height, time: step.timeMs, transactions: [encodeUtf8(step.wire)] })
    expect(result.results).toMatchObject([{ accepted: true, type: step.type }])
    const [accepted] = result.results
    if (accepted?.accepted) expect([...accepted.changed].sort()).toEqual(Object.keys(step.changed).sort())
    for (const [key, value] of Object.entries(step.changed)) expect(result.state.tree.get(key)).toBe(value)
    states.push(result.state)
  }
  return states
}

describe.each(['relationships', 'roles', 'disputes'])('%s', (topic) => {
  const { cases, refused } = read(topic)
  const histories = cases.filter((one) => 'steps' in one)
  it.each(histories.map((one) => [one['history'], one] as const))('accepts %s, and no transaction twice', (_, history) => {
    const states = statesOf(history)
    history['steps'].forEach((step: Vector, i: number) => {
      for (const state of states.slice(i + 1)) {
        const time = Math.max(state.time, step['timeMs'])
        const again = ledger.apply(state, { height: state.height + 1, time, transactions: [encodeUtf8(step['wire'])] })
        expect(again.results[0]?.accepted).toBe(false)
        expect(again.state).toBe(state)
      }
    })
  })
  it.each(refused)('refuses $name', (one) => {
    const history = histories.find((candidate) => candidate['history'] === one['history'])
    if (history === undefined) throw new Error('no such history')
    const before = statesOf(history)[one['afterStep']]
    if (before === undefined) throw new Error('no such step')
    const { results, state } = ledger.apply(before, { height: one['height'], time: one['timeMs'], transactions: [encodeUtf8(one['wire'])] })
    expect(results).toMatchObject([{ accepted: false }])
    expect(state).toBe(before)
  })
})

describe('roles', () => {
  const { cases } = read('roles')
  it('count with live attestations of two groups', () => {
    const states = statesOf(cases[0] ?? {})
    const checks = cases.filter((one) => 'countsForRequesterGroup' in one)
    expect(checks).toHaveLength(5)
    for (const one of checks) {
      const state = states[one['afterStep']]
      if (state === undefined) throw new Error('no such step')
      for (const [group, counts] of Object.entries(one['countsForRequesterGroup'])) {
        expect(ledger.roleStatus(state, one['role'], core.parseGroupId(group), one['timeMs']).counts).toBe(counts)
      }
    }
  })
})

describe('disputes', () => {
  it('become a public flag after 24 h', () => {
    const { cases } = read('disputes')
    const last = statesOf(cases[0] ?? {}).at(-1)
    if (last === undefined) throw new Error('no state')
    const flags: Vector[] = cases[1]?.['flags'] ?? []
    expect(flags).toHaveLength(3)
    for (const one of flags) expect(ledger.publicFlags(last, one['timeMs']).some(({ id }) => id === one['dispute'])).toBe(one['publicFlag'])
  })
})

describe('transactions', () => {
  const { cases, refused } = read('transactions')
  const wireOf = (one: Vector) =>
    encodeUtf8('wire' in one ? one['wire'] : `${one['wireWithRun'][0]}${one['runOf'].repeat(one['times'])}${one['wireWithRun'][1]}`)
  const publicKeys = (one: Vector): Uint8Array[] => one['signers'].map(decodeHex)
  it('have the same signed bytes, id and wire', () => {
    for (const one of cases.filter((candidate) => 'payload' in candidate)) {
      const { v: _, ...payload } = one['payload']
      expect(encodeHex(ledger.transactionSignedBytes(payload))).toBe(one['signedBytes'])
      expect(core.decodeUtf8(ledger.buildTransaction(payload, one['signerSeeds'].map(decodeHex)))).toBe(one['wire'])
      const decoded = ledger.decodeTransaction(wireOf(one))
      expect(encodeHex(core.decodeBase64Url(decoded.id))).toBe(one['id'])
      expect(ledger.judgeEnvelope(decoded, { net: one['net'], time: one['blockTimeMs'] })).toBeUndefined()
      expect(ledger.judgeSignatures(decoded, publicKeys(one), core.verifySignature)).toBeUndefined()
    }
  })
  it('may be 61,440 bytes, and valid for ten minutes, both ends included', () => {
    const largest = cases.find((one) => 'wireWithRun' in one) ?? {}
    expect(wireOf(largest)).toHaveLength(core.MAX_TRANSACTION_BYTES)
    const decoded = ledger.decodeTransaction(wireOf(largest))
    expect(ledger.judgeSignatures(decoded, publicKeys(largest), core.verifySignature)).toBeUndefined()
    expect(ledger.VALID_UNTIL_WINDOW_MS).toBe(cases[0]?.['validUntilWindowMs'].others)
    for (const time of [decoded.validUntil, decoded.validUntil - ledger.VALID_UNTIL_WINDOW_MS])
      expect(ledger.judgeEnvelope(decoded, { net: demo, time })).toBeUndefined()
    for (const time of [decoded.validUntil + 1, decoded.validUntil - ledger.VALID_UNTIL_WINDOW_MS - 1])
      expect(ledger.judgeEnvelope(decoded, { net: demo, time })).toBeDefined()
  })
  it.each(refused)('refuses $name', (one) => {
    const judge = () => {
      const decoded = ledger.decodeTransaction(wireOf(one))
      return (
        ledger.judgeEnvelope(decoded, { net: one['net'], time: one['blockTimeMs'] }) ?? ledger.judgeSignatures(decoded, publicKeys(one), core.verifySignature)
      )
    }
    let refusal: unknown
    try {
      refusal = judge()
    } catch (error) {
      expect(error).toBeInstanceOf(core.InputError)
      refusal = error
    }
    expect(refusal).toBeDefined()
  })
})

describe('effective heads', () => {
  const { cases, refused } = read('effective')
  const linkOf = (one: Vector) => {
    const body = JSON.parse(one['link'] ?? one['object'])['body']
    return ledger.checkLink(one['link'] ?? one['object'], {
      net: demo,
      head: ledger.parseHead(JSON.parse(one['head']), ''),
      handle: body.handle,
      instant: one['t'] ?? one['timeMs'],
      holder: core.parseOrganizationId(one['holder'] ?? 'alpha'),
      requester: core.parseOrganizationId(one['requester'] ?? 'beta'),
    })
  }
  it('are those of the instant, and so are the links that hold', () => {
    for (const one of cases) {
      if ('effective' in one) expect(ledger.encodeRecord(ledger.effectiveHead(ledger.parseHead(JSON.parse(one['head']), ''), one['t']))).toBe(one['effective'])
      else expect(linkOf(one)).toMatchObject({ ok: true })
    }
  })
  it.each(refused)('refuses $name', (one) => expect(linkOf(one)).toMatchObject({ ok: false }))
  const objects = read('signed-objects')
  const links = objects.refused.filter((one) => 'head' in one)
  it('are what the links of signed-objects fail against', () => {
    expect(links.length).toBeGreaterThan(5)
    for (const one of links) expect([one['name'], linkOf(one).ok]).toEqual([one['name'], false])
  })
  it.each(objects.cases.filter((one) => 'head' in one))('accepts $name', (one) => expect(linkOf(one)).toMatchObject({ ok: true }))
})

describe('bodies', () => {
  it.each(read('bodies').cases)('$name', (one) => {
    const head = ledger.parseHead(JSON.parse(one['head']), '')
    expect(ledger.headCountsAs(head)).toBe(one['countsAs'])
    expect(ledger.bodiesOf(head)).toEqual(one['bodies'])
  })
})

describe('names', () => {
  it('derives handle, recovery hashes, commitment, bind and role', () => {
    const done = { handle: 0, recovery: 0, policy: 0, bind: 0, role: 0 }
    for (const one of read('names').cases) {
      if ('stateKey' in one) {
        const handle = ledger.handleOf(one['net'], one['org'], decodeHex(one['control']), decodeHex(one['rand32']))
        expect([handle, ledger.relationshipKey(handle)]).toEqual([one['handle'], one['stateKey']])
        done.handle += 1
      } else if ('recovery' in one) {
        for (const { rand32, pub, hash } of one['recovery']) expect(ledger.recoveryHashOf(decodeHex(rand32), decodeHex(pub))).toBe(hash)
        expect(ledger.parseRecovery(one['inHead'], '')).toEqual(one['inHead'])
        done.recovery += 1
      } else if ('policy' in one) {
        expect(ledger.policyCommitment(one['policy'], decodeHex(one['salt']))).toBe(one['commitment'])
        done.policy += 1
      } else if ('bind' in one) {
        expect(ledger.bindOf(decodeHex(one['salt']), one['bind'])).toBe(one['value'])
        done.bind += 1
      } else if ('role' in one) {
        expect(ledger.roleIdOf(ledger.parseRoleOpening(one['role'], ''), decodeHex(one['rand32']))).toBe(one['value'])
        done.role += 1
      }
    }
    expect(done).toEqual({ handle: 1, recovery: 1, policy: 1, bind: 1, role: 1 })
  })
})

describe('trust records', () => {
  const { cases, refused } = read('trust')
  it('have sorted keys and the quorum of their groups', () => {
    for (const text of cases[0]?.['records'] ?? []) expect(ledger.parseTrust(JSON.parse(text), '').quorum).toBe(3)
  })
  it.each(refused.filter((one) => ['a smaller quorum in the record', 'logs not sorted'].includes(one['name'])))('refuses $name', (one) => {
    expect(() => ledger.parseTrust(JSON.parse(one['changes']['trust-2.json']), '')).toThrow(core.InputError)
  })
})

describe('ledger-log', () => {
  const { cases, refused } = read('ledger-log')
  const rows = cases.filter((one) => 'index' in one)
  const entries = rows.map((one) => decodeHex(one['entry']))
  it('has the same entries, leaf hashes, roots and app hashes', () => {
    const range = new core.CompactRange()
    expect(encodeHex(ledger.encodeGenesisEntry(encodeUtf8(cases[0]?.['genesis'])))).toBe(rows[0]?.['entry'])
    for (const row of rows) {
      const bytes = decodeHex(row['entry'])
      range.append(core.leafHash(bytes))
      expect(encodeHex(core.leafHash(bytes))).toBe(row['leafHash'])
      expect(encodeHex(range.root())).toBe(row['root'])
      if ('appHash' in row) expect(encodeHex(ledger.appHashOf(range.size, range.root()))).toBe(row['appHash'])
      const entry = ledger.decodeLogEntry(bytes)
      if (entry.kind === 'transaction') expect(ledger.encodeTransactionEntry(entry.wire)).toEqual(bytes)
      if (entry.kind === 'block') expect(ledger.encodeBlockEntry(entry)).toEqual(bytes)
      const { fields } = row
      if (fields !== undefined) {
        expect(entry).toEqual({
          kind: 'block',
          height: fields.height,
          time: fields.timeMs,
          stateRoot: decodeHex(fields.stateRoot),
          appVersion: fields.appVersion,
          count: fields.accepted,
        })
      }
    }
    expect(ledger.readLogForm(entries)).toMatchObject({ size: 6, height: 2 })
  })
  it('replays to the same state roots', () => {
    const life = read('relationships').cases.find((one) => one['history'] === 'a life') ?? {}
    const records = Object.entries<string>(life['records']).map(([key, value]) => ({ key, value }))
    const begin = ledger.stateFrom({ net: demo, height: 0, time: 0 }, records)
    const replay = new ledger.LedgerReplay({ begin: () => begin })
    const blocks = entries.flatMap((entry) => replay.push(entry) ?? [])
    expect(blocks.map(({ block }) => block.height)).toEqual([0, 1, 2])
  })
  it.each(cases.filter((one) => 'firstHeight' in one))('accepts $name', (one) => {
    expect(ledger.readLogForm(one['entries'].map(decodeHex)).height).toBe(one['firstHeight'])
  })
  it.each(refused)('refuses $name', (one) => expect(() => ledger.readLogForm(one['entries'].map(decodeHex))).toThrow(ledger.LogFault))
})
