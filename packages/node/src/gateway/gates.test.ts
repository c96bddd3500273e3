import path from 'node:path'
import type { Policy } from '@fiducia/consent'
import { type Handle, parseBytes32, type OrganizationId, type SignedObject } from '@fiducia/core'
import { linkHashOf, roleIdOf, signLink } from '@fiducia/ledger'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  alder,
  birch,
  cedar,
  DENY,
  EXPIRES,
  type Fixture,
  net,
  openFixture,
  openRelationship,
  PERMIT,
  seedOf,
  signVersion,
  START,
  text32,
} from '../../test/fixture.ts'
import type { RoleWord } from '../directory/role-word.ts'
import type { CosignedHead, CosignedHeads } from '../peers/cosigned-head.ts'
import { createCommittedPolicies } from '../relationships/committed-policies.ts'
import { createHolder } from '../relationships/holder.ts'
import { openPolicyFiles } from '../relationships/policy-files.ts'
import { createPolicyVersions, type PolicyVersions } from '../relationships/policy-versions.ts'
import { openUnconfirmed, type Unconfirmed } from '../relationships/unconfirmed.ts'
import type { AccessRequest, AuthorizationDetails } from './access-request.ts'
import { createGates, type Gates } from './gates.ts'

const PRACTITIONER = 'http://hl7.org/fhir/sid/us-npi|1234567893'
const opening = { code: '207Q00000X', org: birch, practitioner: PRACTITIONER }
const role = { opening, rand32: seedOf('role') }

let fixture: Fixture
let handle: Handle
let policies: PolicyVersions
let gates: Gates
let unconfirmed: Unconfirmed
let isFresh = true
let word: RoleWord | undefined

/** The replica's own tip, as if a quorum had cosigned it. */
const heads: CosignedHeads = {
  adopt: () => false,
  clockOffMs: () => 0,
  get newest(): CosignedHead {
    return { note: '', whole: '', block: fixture.engine.block(), cosigned: undefined as never }
  },
  fresh: () => (isFresh ? heads.newest : undefined),
}

beforeEach(async () => {
  isFresh = true
  fixture = await openFixture()
  handle = await openRelationship(fixture, 'ann')
  unconfirmed = openUnconfirmed(path.join(fixture.dir, 'unconfirmed.json'))
  const files = openPolicyFiles(path.join(fixture.dir, 'policies'))
  policies = createPolicyVersions(fixture.context, { files, committed: createCommittedPolicies(fixture.context), unconfirmed })
  word = undefined
  gates = createGates(fixture.context, { holder: createHolder(fixture.context), policies, heads, roles: { wordOn: () => word } })
  await attest('alder')
  await attest('cedar')
  await setPolicy(1, PERMIT)
})
afterEach(() => fixture[Symbol.asyncDispose]())

const attest = (org: string, expires = EXPIRES) => fixture.submit('role.attest', { role: roleIdOf(opening, role.rand32), version: 1, expires }, `${org} node`)

async function setPolicy(version: number, policy: Policy): Promise<void> {
  const signed = signVersion(handle, version, policy, 'ann control', fixture.clock.ms)
  policies.accept(handle, signed)
  await fixture.engine.submit(signed.wire)
  policies.followLedger()
}

const linkOf = (changed: { requester?: OrganizationId; expires?: number; seed?: Uint8Array; handle?: Handle } = {}): SignedObject =>
  signLink(
    {
      net,
      holder: alder,
      handle: changed.handle ?? handle,
      requester: changed.requester ?? birch,
      expires: changed.expires ?? START + 86_400_000,
      rand: text32('link'),
    },
    changed.seed ?? seedOf('ann control'),
  )

const request = (changed: Partial<AuthorizationDetails> = {}, kind: 'read' | 'search' = 'search'): AccessRequest => ({
  assertion: '',
  details: { purpose: 'TREAT', practitioner: PRACTITIONER, link: linkOf(), role, json: [], ...changed },
  interaction: kind === 'read' ? { kind, type: 'Condition', id: 'c' } : { kind, type: 'Condition', parameters: [] },
})

const finds = (asked: AccessRequest, requester = birch, instant = START) => gates.findRelationship(asked, requester, instant) !== undefined
function refusalOf(asked = request(), requester = birch, instant = fixture.clock.ms): string | undefined {
  const relationship = createHolder(fixture.context).find(handle)
  if (relationship === undefined) throw new Error('no relationship')
  return gates.decide(relationship, asked, requester, instant).refusal
}

it('finds the relationship by a link that holds, and by nothing else', async () => {
  const { link: _link, ...unlinked } = request().details
  expect(finds(request())).toBe(true)
  expect(finds({ ...request(), details: unlinked })).toBe(false)
  expect(finds(request(), cedar)).toBe(false)
  expect(finds(request({ link: linkOf({ requester: cedar }) }))).toBe(false)
  expect(finds(request({ link: linkOf({ seed: seedOf('ben control') }) }))).toBe(false)
  expect(finds(request({ link: linkOf({ handle: parseBytes32(text32('unknown')) as never }) }))).toBe(false)
  expect(finds(request(), birch, START + 86_400_000)).toBe(true)
  expect(finds(request(), birch, START + 86_400_001)).toBe(false)
})

it('does not honor a link that a policy unlinked, pending or committed', () => {
  const link = linkOf()
  policies.accept(handle, signVersion(handle, 2, { ...PERMIT, unlinked: [linkHashOf(link)] }, 'ann control', fixture.clock.ms))
  expect(finds(request({ link }))).toBe(false)
})

it('opens when everything holds', () => {
  expect(refusalOf()).toBeUndefined()
  expect(refusalOf(request({}, 'read'))).toBeUndefined()
})

it('denies without a fresh cosigned checkpoint', () => {
  isFresh = false
  expect(refusalOf()).toBe('NODE_BEHIND')
})

it('denies when the relationship is closed, also to a link given before', async () => {
  await fixture.submit('rel.close', { handle, epoch: 0 }, 'ann control')
  expect(finds(request())).toBe(false)
  expect(refusalOf()).toBe('RELATIONSHIP_CLOSED')
})

it.each<[string, Partial<AuthorizationDetails>]>([
  ['of another practitioner', { practitioner: 'http://hl7.org/fhir/sid/us-npi|1999999999' }],
  ['at another organization', { role: { ...role, opening: { ...opening, org: cedar } } }],
  ['under another code', { role: { ...role, opening: { ...opening, code: '163W00000X' } } }],
  ['with another opening', { role: { ...role, rand32: seedOf('another') } }],
])('denies a role %s', (_what, changed) => {
  expect(refusalOf(request(changed))).toBe('ROLE_NOT_ATTESTED')
})

it.each([
  ['stale', 'ROLE_STALE'],
  ['contested', 'ROLE_CONTESTED'],
  ['departed', 'ROLE_DEPARTED'],
] as const)('denies a role that is %s in the directory, whoever vouches for it', (state, refusal) => {
  word = { state, counts: false }
  expect(refusalOf()).toBe(refusal)
})

it('opens for a role that the directory has, and asks who vouches for one that it hardly knows', async () => {
  const unvouched = request({ role: { ...role, rand32: seedOf('another') } })
  word = { state: 'supported', counts: true }
  expect([refusalOf(), refusalOf(unvouched)]).toEqual([undefined, undefined])
  word = { state: 'single-source', counts: false }
  expect([refusalOf(), refusalOf(unvouched)]).toEqual([undefined, 'ROLE_NOT_ATTESTED'])
})

it('denies without a role, and when too few groups vouch for it now', async () => {
  const { role: _role, ...without } = request().details
  expect(refusalOf({ ...request(), details: without })).toBe('ROLE_NOT_ATTESTED')
  await fixture.submit('role.withdraw', { role: roleIdOf(opening, role.rand32), version: 2, expires: START }, 'cedar node')
  expect(refusalOf()).toBe('ROLE_NOT_ATTESTED')
})

it('denies what no policy permits: another purpose, another requester, a pending restriction', () => {
  expect(refusalOf(request({ purpose: 'HMARKT' }))).toBe('NO_CONSENT')
  expect(refusalOf(request({ purpose: 'NOT_A_PURPOSE' }))).toBe('NO_CONSENT')
  policies.accept(handle, signVersion(handle, 2, DENY, 'ann control', fixture.clock.ms))
  expect(refusalOf()).toBe('NO_CONSENT')
})

it('denies while restrictions may be forgotten, until control has signed again', async () => {
  unconfirmed.add([handle])
  expect(refusalOf()).toBe('POLICY_UNCONFIRMED')
  expect(openUnconfirmed(path.join(fixture.dir, 'unconfirmed.json')).has(handle)).toBe(true)
  await setPolicy(2, PERMIT)
  expect(refusalOf()).toBeUndefined()
  expect(openUnconfirmed(path.join(fixture.dir, 'unconfirmed.json')).has(handle)).toBe(false)
})

it('denies when the committed body is missing, or has expired', async () => {
  fixture.clock.ms = EXPIRES
  expect(refusalOf(request(), birch, EXPIRES)).not.toBe('NO_CONSENT')
  expect(refusalOf(request(), birch, EXPIRES + 1)).toBe('ROLE_NOT_ATTESTED')
  fixture.clock.ms = START
  await fixture.engine.submit(signVersion(handle, 2, PERMIT, 'ann control', fixture.clock.ms).wire)
  policies.followLedger()
  expect(refusalOf()).toBe('NO_CONSENT')
})
