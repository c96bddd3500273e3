import { formatCanonical } from '@fiducia/core'
import { policyCommitment } from '@fiducia/ledger'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EXPIRES, type Fixture, openFixture, openRelationship, DENY, PERMIT, publicText, seedOf, signVersion, START, wireOf } from '../../test/fixture.ts'
import { MAX_PENDING_VERSIONS, MAX_POLICY_BYTES } from '../limits.ts'
import { type HandedOver, judgePolicy } from './accept-policy.ts'
import type { PolicyVersion } from './policy-files.ts'

let fixture: Fixture
let handle: Awaited<ReturnType<typeof openRelationship>>
beforeEach(async () => {
  fixture = await openFixture()
  handle = await openRelationship(fixture, 'ann')
})
afterEach(() => fixture[Symbol.asyncDispose]())

const judge = (handedOver: HandedOver, pending: readonly PolicyVersion[] = [], of = handle) => judgePolicy(fixture.context, of, handedOver, pending)

function expectRefused(handedOver: HandedOver, words: string, pending: readonly PolicyVersion[] = []): void {
  const judgement = judge(handedOver, pending)
  expect(judgement.ok ? 'accepted' : judgement.problem).toContain(words)
}

const delegate = (rights: string[], expires = EXPIRES) => ({ pub: publicText('delegate'), rights, expires })

it('accepts the next version that control signed, and any above it', () => {
  const first = signVersion(handle, 1, PERMIT, 'ann control')
  expect(judge(first)).toEqual({
    ok: true,
    version: expect.objectContaining({ handle, version: 1, commitment: first.commitment, by: publicText('ann control'), body: first.body }),
  })
  expect(judge(signVersion(handle, 7, PERMIT, 'ann control')).ok).toBe(true)
})

it.each<[string, string, boolean]>([
  ['set', 'set', true],
  ['restrict', 'restrict', true],
  ['only link', 'link', false],
  ['only read', 'read', false],
])('judges a delegate with right %s by it', async (_what, right, accepted) => {
  await fixture.submit('rel.delegate', { handle, epoch: 1, delegates: [delegate([right])] }, 'ann control')
  expect(judge(signVersion(handle, 1, DENY, 'delegate')).ok).toBe(accepted)
})

it('refuses a delegate whose time is over, not at the instant itself', async () => {
  await fixture.submit('rel.delegate', { handle, epoch: 1, delegates: [delegate(['set'], START + 1_000)] }, 'ann control')
  fixture.clock.ms = START + 1_000
  expect(judge(signVersion(handle, 1, DENY, 'delegate')).ok).toBe(true)
  fixture.clock.ms = START + 1_001
  expectRefused(signVersion(handle, 1, DENY, 'delegate'), 'expected the signature of control')
})

it('refuses a version that the ledger has already passed', async () => {
  await fixture.submit(
    'policy.set',
    { handle, version: 1, commitment: signVersion(handle, 1, PERMIT, 'ann control').commitment, expires: EXPIRES },
    'ann control',
  )
  expectRefused(signVersion(handle, 1, DENY, 'ann control'), 'expected a version above 1, found 1')
})

it('refuses what does not open the commitment: another salt, another body', () => {
  const signed = signVersion(handle, 1, PERMIT, 'ann control')
  expectRefused({ ...signed, salt: seedOf('another salt') }, 'do not open the commitment')
  expectRefused({ ...signed, body: signVersion(handle, 1, DENY, 'ann control').body }, 'do not open the commitment')
})

it('refuses another signer, two signers, and a signature that does not hold', () => {
  expectRefused(signVersion(handle, 1, PERMIT, 'ben control'), 'expected the signature of control')
  expectRefused(signVersion(handle, 1, PERMIT, 'alder node'), 'expected the signature of control')
  const signed = signVersion(handle, 1, PERMIT, 'ann control')
  const two = wireOf('policy.set', { handle, version: 1, commitment: signed.commitment, expires: EXPIRES }, START, 'ann control', 'ben control')
  expectRefused({ ...signed, wire: two }, 'expected the signature of control')
  const text = Buffer.from(signed.wire).toString()
  const forged = text.replace(/"sig":"(.)/, (_all, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`)
  expectRefused({ ...signed, wire: Buffer.from(forged) }, 'expected the signature of control')
})

it('refuses another handle, another kind of transaction, and bytes that are none', async () => {
  const other = await openRelationship(fixture, 'ben')
  expectRefused(signVersion(other, 1, PERMIT, 'ann control'), 'expected a policy.set for this relationship')
  expectRefused({ ...signVersion(handle, 1, PERMIT, 'ann control'), wire: Buffer.from('{}') }, 'expected a signed transaction')
  const close = wireOf('rel.close', { handle, epoch: 0 }, START, 'ann control')
  expectRefused({ ...signVersion(handle, 1, PERMIT, 'ann control'), wire: close }, 'expected')
})

it('refuses an expired transaction, not at its last instant', () => {
  const signed = signVersion(handle, 1, DENY, 'ann control')
  fixture.clock.ms = START + 300_000
  expect(judge(signed).ok).toBe(true)
  fixture.clock.ms += 1
  expectRefused(signed, 'expected a transaction that is still valid')
})

it('refuses a relationship that is closed, or that the ledger does not have', async () => {
  expect(judge(signVersion(handle, 1, DENY, 'ann control'), [], 'A'.repeat(43) as typeof handle)).toMatchObject({ ok: false })
  await fixture.submit('rel.close', { handle, epoch: 0 }, 'ann control')
  expectRefused(signVersion(handle, 1, DENY, 'ann control'), 'expected an open relationship')
})

it('refuses a policy that cannot be read, or is too large', () => {
  const own = (body: string): HandedOver => {
    const salt = seedOf('salt')
    return { body, salt, wire: wireOf('policy.set', { handle, version: 1, commitment: policyCommitment(body, salt), expires: EXPIRES }, START, 'ann control') }
  }
  expectRefused(own('{"grants":[{"effect":"allow"}],"v":1}'), 'expected a policy that this version of the rules can read')
  expectRefused(own('not json'), 'expected a policy that this version of the rules can read')
  expectRefused(own(formatCanonical({ v: 1, grants: [], note: 'x'.repeat(MAX_POLICY_BYTES) })), 'expected a policy of at most')
})

it('refuses more pending versions than its limit, but takes one again that it knows', () => {
  const pending = Array.from({ length: MAX_PENDING_VERSIONS }, (_, i) => signVersion(handle, i + 1, PERMIT, 'ann control')).map((signed) => {
    const judgement = judge(signed)
    if (!judgement.ok) throw new Error(judgement.problem)
    return judgement.version
  })
  expectRefused(signVersion(handle, 40, DENY, 'ann control'), `expected at most ${MAX_PENDING_VERSIONS} pending versions`, pending)
  expect(judge(signVersion(handle, 3, PERMIT, 'ann control'), pending).ok).toBe(true)
})
