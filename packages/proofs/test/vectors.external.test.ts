import { readFileSync } from 'node:fs'
import path from 'node:path'
import { decodeBase64Url, decodeHex, encodeBase64Url, encodeHex, encodeUtf8, InputError, leafHash, parseNetworkId, sha256 } from '@fiducia/core'
import { parseTrust, quorumOfGroups } from '@fiducia/ledger'
import { describe, expect, it } from 'vitest'
import * as proofs from '../src/index.ts'

/** The vectors of an independent implementation (`vectors/protocol`), PROTOCOL sections 2 to 4. */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data')
// biome-ignore lint/suspicious/noExplicitAny: vector files are read as they are
type Vector = Record<string, any>
const read = (topic: string) => JSON.parse(readFileSync(path.join(data, 'vectors/protocol', `${topic}.json`), 'utf8')) as { cases: Vector[]; refused: Vector[] }
const hex = (bytes: Uint8Array) => encodeHex(bytes)

describe('checkpoints', () => {
  const { cases, refused } = read('checkpoints')
  const policyText: string = cases[1]?.['policy']
  const work = (one: Vector) => {
    const { oldest, newest, exact } = one['options']
    return proofs.verifyCosigned(one['note'], proofs.parseTrustPolicy(one['policy'] ?? policyText), {
      origin: 'demo/ledger',
      strict: exact === true,
      ...(oldest === undefined ? {} : { window: { from: oldest, until: newest } }),
    })
  }
  it('writes the same policy', () => expect(proofs.formatTrustPolicy(proofs.parseTrustPolicy(policyText))).toBe(policyText))
  it.each(cases.filter((one) => 'note' in one))('accepts a note: $valid', (one) => {
    const cosigned = work(one)
    expect(cosigned.unwitnessed).toBe('policy' in one)
    if (String(one['valid']).includes('not in a bundle') || String(one['valid']).includes('unknown line')) {
      const strict = { ...one, options: { exact: true } }
      expect(() => work(strict)).toThrow(InputError)
    }
    const selected = proofs.selectCosignatures(one['note'], proofs.parseTrustPolicy(one['policy'] ?? policyText))
    expect(() => work({ ...one, note: selected, options: { exact: true } })).not.toThrow()
  })
  it.each(refused)('refuses $name', (one) => expect(() => work(one)).toThrow(InputError))
  it('counts quorums and windows alike', () => {
    for (const one of cases) {
      for (const [groups, quorum] of Object.entries(one['quorumOfGroups'] ?? {})) expect(quorumOfGroups(Number(groups))).toBe(quorum)
      const fresh = one['freshness']
      if (fresh !== undefined) expect(proofs.freshWindow(fresh.nowSeconds, fresh.T)).toEqual({ from: fresh.oldest, until: fresh.newest })
    }
  })
})

describe('trust records', () => {
  const { cases } = read('trust')
  it('name the same trust as the policies', () => {
    const [first, second] = ((cases[0] as Vector)['records'] as string[]).map((text) =>
      proofs.trustPolicyOf(parseTrust(JSON.parse(text), ''), parseNetworkId('demo')),
    )
    if (first === undefined || second === undefined) throw new Error('two records expected')
    expect(proofs.equalTrustPolicies(first, proofs.parseTrustPolicy(cases[1]?.['policy']))).toBe(true)
    expect(proofs.equalTrustPolicies(second, proofs.parseTrustPolicy(cases[2]?.['policyAfterwards']))).toBe(true)
    expect(proofs.equalTrustPolicies(first, second)).toBe(false)
  })
})

describe('tlog-proofs', () => {
  const { cases, refused } = read('tlog-proofs')
  const policy = proofs.parseTrustPolicy(cases[0]?.['policy'])
  const work = (one: Vector) => proofs.verifyTlogProof(proofs.parseTlogProof(one['proof']), decodeHex(one['entry']), policy, { strict: true })
  it.each(cases.slice(1))('accepts $name', (one) => {
    expect(() => work(one)).not.toThrow()
    expect(proofs.formatTlogProof(proofs.parseTlogProof(one['proof']))).toBe(one['proof'])
  })
  it.each(refused)('refuses $name', (one) => expect(() => work(one)).toThrow(InputError))
})

describe('access leaves', () => {
  const { cases, refused } = read('access-leaves')
  it('come out the same', () => {
    const { event, tag, blind, com, leaf } = cases[0] as Vector
    expect(hex(proofs.eventTag(decodeHex(event.tagkey), event.k, event.n))).toBe(tag)
    expect(hex(proofs.blindOf(decodeHex(event.salt2), event.decision))).toBe(blind)
    expect(hex(proofs.eventCom(decodeHex(event.salt), event.disclosure, decodeHex(blind)))).toBe(com)
    expect(hex(proofs.encodeLeaf({ kind: 'entry', slot: event.slot, tag: decodeHex(tag), com: decodeHex(com) }))).toBe(leaf)
    expect(proofs.formatDecisionRecord(proofs.readDecisionRecord(event.decision))).toBe(event.decision)
    for (const one of cases[1]?.['tags'] ?? []) expect(hex(proofs.eventTag(decodeHex(event.tagkey), one.k, one.n))).toBe(one.tag)
  })
  it('mirror and redact the same', () => {
    const { mirror, tag, com, mirrorLeaf } = cases[2] as Vector
    expect(hex(proofs.mirrorTag(decodeHex(mirror.r), decodeHex(mirror.leaf)))).toBe(tag)
    expect(hex(proofs.mirrorCom(decodeHex(mirror.salt), mirror.receipt))).toBe(com)
    expect(hex(proofs.encodeLeaf(proofs.decodeLeaf(decodeHex(mirrorLeaf))))).toBe(mirrorLeaf)
    const { redaction } = cases[3] as Vector
    expect(encodeBase64Url(sha256(encodeUtf8(redaction.signedRequest)))).toBe(redaction.request)
    expect(hex(proofs.redactionCom(decodeHex(redaction.salt), redaction))).toBe(cases[3]?.['com'])
  })
  it.each(refused)('refuses $name', (one) => expect(() => proofs.decodeLeaf(decodeHex(one['leaf']))).toThrow(InputError))
})

describe('batches', () => {
  const { cases, refused } = read('batches')
  const leaves = ((cases[0] as Vector)['leaves'] as string[]).map(decodeHex)
  const full = proofs.verifyBatch(proofs.emptyLogState(), leaves)
  if (!full.ok) throw new Error(full.message)
  it('follows the sealed batch', () => {
    expect(hex(full.state.sealed.tags.root)).toBe(cases[0]?.['tagMapRoot'])
    expect(full.state.sealed.size).toBe(16)
    expect(hex(proofs.createHashLog(leaves.map(leafHash)).root())).toBe(cases[0]?.['root'])
    expect(hex(proofs.buildTagMap(leaves).root)).toBe(cases[0]?.['tagMapRoot'])
  })
  it('counts sizes, slots and key hashes alike', () => {
    for (const one of cases[1]?.['sizes'] ?? []) expect(one.leavesBeforeSeal + proofs.paddingFor(one.leavesBeforeSeal) + 1).toBe(one.sealedSize)
    for (const one of cases[2]?.['nextSlot'] ?? []) expect(proofs.nextSlot(one.previous, one.nowSeconds)).toBe(one.slot)
    const { tag, kh } = cases[3]?.['tagKeyHash'] ?? {}
    expect(hex(proofs.tagKeyHash(decodeHex(tag)))).toBe(kh)
  })
  it.each(refused)('refuses $name', (one) => {
    const verdict = proofs.followLeaf(full.state, decodeHex(one['leafAfterThese16']))
    const codes: Record<string, string> = {
      'a tag twice': 'TAG_TWICE',
      'a slot that falls': 'SLOT_FELL',
      'a seal of another map': 'SEAL_ROOT',
      'a seal with another index': 'SEAL_INDEX',
      'a seal at a size that is no multiple of 16': 'SEAL_SIZE',
    }
    expect(verdict.ok ? 'accepted' : verdict.code).toBe(codes[one['name']])
  })
})

describe('sealed copies', () => {
  const { cases, refused } = read('sealed-copies')
  it.each(cases)('open and are made the same', (one) => {
    const content = proofs.openSealedCopy(decodeHex(one['K']), decodeHex(one['sealed']))
    expect(content.disclosure).toBe(one['disclosure'])
    expect(proofs.formatDecisionRecord(content.decision)).toBe(one['decision'])
    expect(hex(decodeBase64Url(content.salt2))).toBe(one['salt2'])
    expect(hex(proofs.sealCopy(decodeHex(one['K']), decodeHex(one['rand32']), content))).toBe(one['sealed'])
  })
  it.each(refused)('refuses $name', (one) => expect(() => proofs.openSealedCopy(decodeHex(one['K']), decodeHex(one['sealed']))).toThrow(InputError))
})

describe('keys of a relationship', () => {
  const { cases } = read('names')
  it('derive the same', () => {
    const wallet = cases.find((one) => 'walletSeed' in one) as Vector
    const [seed, rand32] = [decodeHex(wallet['walletSeed']), decodeHex(wallet['rand32'])]
    expect(hex(proofs.relationshipSecret(seed, rand32))).toBe(wallet['K'])
    expect(hex(proofs.tagKeyOf(decodeHex(wallet['K'])))).toBe(wallet['tagkey'])
    expect(proofs.chainOf(decodeHex(wallet['tagkey']))).toBe(wallet['chain'])
    for (const { epoch, control, seal } of wallet['keys']) {
      const [madeControl, madeSeal] = [proofs.controlKey(seed, rand32, epoch), proofs.sealKey(seed, rand32, epoch)]
      expect([hex(madeControl.secret), hex(decodeBase64Url(madeControl.pub))]).toEqual([control.secret, control.pub])
      expect([hex(madeSeal.secret), hex(decodeBase64Url(madeSeal.pub))]).toEqual([seal.secret, seal.pub])
    }
    const delegate = cases.find((one) => 'delegateSeed' in one) as Vector
    expect(hex(decodeBase64Url(proofs.delegateKey(decodeHex(delegate['delegateSeed']), decodeBase64Url(delegate['handle'])).pub))).toBe(delegate['pub'])
  })
})
