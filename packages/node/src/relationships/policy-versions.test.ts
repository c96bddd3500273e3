import path from 'node:path'
import type { Policy } from '@fiducia/consent'
import type { Handle } from '@fiducia/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  DENY,
  EXPIRES,
  type Fixture,
  headOf,
  openFixture,
  openRelationship,
  PERMIT,
  publicText,
  type SignedVersion,
  signVersion,
  text32,
} from '../../test/fixture.ts'
import { createCommittedPolicies } from './committed-policies.ts'
import { openPolicyFiles } from './policy-files.ts'
import { createPolicyVersions, type PolicyVersions } from './policy-versions.ts'
import { openUnconfirmed } from './unconfirmed.ts'

let fixture: Fixture
let handle: Handle
let policies: PolicyVersions
const open = (): PolicyVersions =>
  createPolicyVersions(fixture.context, {
    files: openPolicyFiles(path.join(fixture.dir, 'policies')),
    committed: createCommittedPolicies(fixture.context),
    unconfirmed: openUnconfirmed(path.join(fixture.dir, 'unconfirmed.json')),
  })

beforeEach(async () => {
  fixture = await openFixture()
  handle = await openRelationship(fixture, 'ann')
  policies = open()
})
afterEach(() => fixture[Symbol.asyncDispose]())

const sign = (version: number, policy: Policy, signer = 'ann control') => signVersion(handle, version, policy, signer, fixture.clock.ms)
const accept = (signed: SignedVersion) => policies.accept(handle, signed)
const consult = (cosignedHeight = fixture.engine.tip().height) => policies.consult(handle, { instant: fixture.clock.ms, cosignedHeight })
const found = (cosignedHeight?: number) => consult(cosignedHeight).versions.map(({ version, policy }) => [version, policy])

async function commit(signed: SignedVersion): Promise<void> {
  const { result } = await fixture.engine.submit(signed.wire)
  if (!result.accepted) throw new Error(result.code)
  policies.followLedger()
}

it('has nothing but an absent body while no policy was ever set', () => {
  expect(found()).toEqual([[0, 'absent']])
})

it('says what is to be acknowledged: handle, version, commitment and the height it stands at', () => {
  const signed = sign(1, PERMIT)
  const { ack, pending } = accept(signed)
  expect(ack).toMatchObject({ type: 'ack', handle, version: 1, commitment: signed.commitment, height: fixture.engine.tip().height })
  expect(pending).toEqual([signed.commitment])
})

it('applies committed and pending together, so that a restriction acts before any block', async () => {
  const [open1, shut2] = [sign(1, PERMIT), sign(2, DENY)]
  accept(open1)
  expect(found()).toEqual([
    [0, 'absent'],
    [1, PERMIT],
  ])
  await commit(open1)
  expect(found()).toEqual([[1, PERMIT]])
  accept(shut2)
  expect(found()).toEqual([
    [1, PERMIT],
    [2, DENY],
  ])
  await commit(shut2)
  expect(found()).toEqual([[2, DENY]])
})

it('keeps to the head under the cosigned checkpoint and to every later one', async () => {
  const versions = [sign(1, PERMIT), sign(2, DENY), sign(3, PERMIT)]
  const heights: number[] = []
  for (const signed of versions) {
    accept(signed)
    await commit(signed)
    heights.push(fixture.engine.tip().height)
  }
  expect(found(heights[0])).toEqual([
    [1, PERMIT],
    [2, DENY],
    [3, PERMIT],
  ])
  expect(found(heights[2])).toEqual([[3, PERMIT]])
})

it('says absent for a committed version whose body never came here', async () => {
  await commit(sign(1, PERMIT))
  expect(found()).toEqual([[1, 'absent']])
})

it('ends a pending version only when control replaces it by name, never by number', async () => {
  const [shut, open2] = [sign(1, DENY), sign(2, PERMIT)]
  accept(shut)
  // Version 1 that stands on the ledger is another text; the restriction stays pending.
  const other = sign(1, { ...PERMIT, until: EXPIRES })
  await commit(other)
  accept(open2)
  await commit(open2)
  expect(found()).toEqual([
    [2, PERMIT],
    [1, DENY],
  ])
  const replacing = sign(3, { ...PERMIT, replaces: [shut.commitment] })
  accept(replacing)
  expect(found().map(([version]) => version)).toEqual([2, 1, 3])
  await commit(replacing)
  expect(found().map(([version]) => version)).toEqual([3])
})

it('does not let a delegate replace what is pending', async () => {
  const delegate = { pub: publicText('delegate'), rights: ['set'], expires: EXPIRES }
  const first = sign(1, PERMIT)
  accept(first)
  await commit(first)
  await fixture.submit('rel.delegate', { handle, epoch: 1, delegates: [delegate] }, 'ann control')
  const shut = sign(2, DENY)
  accept(shut)
  const byDelegate = sign(2, { ...PERMIT, replaces: [shut.commitment] }, 'delegate')
  accept(byDelegate)
  await commit(byDelegate)
  expect(found().filter(([, policy]) => policy !== 'absent')).toContainEqual([2, DENY])
})

it('ends a delegate’s pending version when its key has left the head, and never control’s', async () => {
  const delegate = { pub: publicText('delegate'), rights: ['restrict'], expires: EXPIRES }
  const first = sign(1, PERMIT)
  accept(first)
  await commit(first)
  await fixture.submit('rel.delegate', { handle, epoch: 1, delegates: [delegate] }, 'ann control')
  accept(sign(2, DENY, 'delegate'))
  const shut = sign(3, DENY)
  accept(shut)
  expect(found().map(([version]) => version)).toEqual([1, 2, 3])
  await fixture.submit('rel.delegate', { handle, epoch: 2, delegates: [] }, 'ann control')
  policies.followLedger()
  expect(found().map(([version]) => version)).toEqual([1, 3])
})

it('does not bring back a replaced version when control is rotated later', async () => {
  const shut = sign(1, DENY)
  accept(shut)
  await commit(sign(1, { ...PERMIT, until: EXPIRES }))
  const replacing = sign(2, { ...PERMIT, replaces: [shut.commitment] })
  accept(replacing)
  await commit(replacing)
  expect(found().map(([version]) => version)).toEqual([2])
  const newKeys = { newControl: publicText('ann control 1'), newSeal: publicText('ann seal 1') }
  await fixture.submit('rel.rotate', { handle, epoch: 1, ...newKeys }, 'ann control', 'ann control 1')
  policies.followLedger()
  expect(headOf(fixture, handle)?.control).toBe(publicText('ann control 1'))
  expect(found().map(([version]) => version)).toEqual([2])
})

it('remembers after a restart what was pending and what was committed', async () => {
  const [open1, shut2] = [sign(1, PERMIT), sign(2, DENY)]
  accept(open1)
  await commit(open1)
  accept(shut2)
  policies = open()
  expect(found()).toEqual([
    [1, PERMIT],
    [2, DENY],
  ])
  await fixture.engine.submit(shut2.wire)
  policies = open()
  policies.followLedger()
  expect(found()).toEqual([[2, DENY]])
})

it('collects the unlinked hashes of every version that counts', async () => {
  const hash = text32('a link')
  const open1 = sign(1, PERMIT)
  accept(open1)
  await commit(open1)
  accept(sign(2, { ...PERMIT, unlinked: [hash] }))
  expect(consult().unlinked.has(hash)).toBe(true)
})

it('refuses with what is pending, in words that do not quote the policy', () => {
  const shut = sign(1, DENY)
  accept(shut)
  expect(() => accept({ ...sign(2, PERMIT), body: '{"secret":"diagnosis"}' })).toThrow(
    expect.objectContaining({ code: 'POLICY_REFUSED', message: expect.stringContaining(shut.commitment) }),
  )
  expect(() => accept({ ...sign(2, PERMIT), body: '{"secret":"diagnosis"}' })).not.toThrow('diagnosis')
})
