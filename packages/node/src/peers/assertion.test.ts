import { createPrivateKey } from 'node:crypto'
import { encodeBase64Url, encodeUtf8 } from '@fiducia/core'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { birch, endpointOf, type Fixture, keyOf, openFixture, seedOf, START } from '../../test/fixture.ts'
import { ASSERTION_SECONDS, ASSERTION_TOLERANCE_SECONDS } from '../limits.ts'
import { type AssertionContext, checkAssertion, hashAuthorizationDetails, type NewAssertion, signAssertion } from './assertion.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await openFixture()
})
afterAll(() => fixture[Symbol.asyncDispose]())

const details = [{ type: 'fiducia', purpose: 'TREAT' }]
const birchKey = keyOf('birch node')
const asked: NewAssertion = {
  organization: birch,
  signer: birchKey,
  audience: endpointOf('alder'),
  details,
  tokenId: 'once',
  now: START,
}
/** As a library signs it. */
const privateKey = createPrivateKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(birchKey.publicKey), d: encodeBase64Url(seedOf('birch node')) },
  format: 'jwk',
})
const sign = (changed: Partial<NewAssertion> = {}) => signAssertion({ ...asked, ...changed })
const check = (text: string, changed: Partial<AssertionContext> = {}) =>
  checkAssertion(text, { state: fixture.engine.tip(), audience: endpointOf('alder'), details, now: START, ...changed })
const expectRefused = (text: string, changed: Partial<AssertionContext> = {}) =>
  expect(check(text, changed)).rejects.toMatchObject({ code: 'ASSERTION_INVALID', status: 401 })

it('says who asks, for what, and which token it is', async () => {
  const text = await sign()
  expect(await check(text)).toMatchObject({
    organization: birch,
    keyId: birchKey.keyId,
    authzHash: hashAuthorizationDetails(details),
    tokenId: 'birch once',
    expires: START + (ASSERTION_SECONDS + ASSERTION_TOLERANCE_SECONDS) * 1000,
  })
})

it('holds for five minutes', async () => {
  const text = await sign()
  await check(text, { now: START + (ASSERTION_SECONDS - 1) * 1000 })
  await expectRefused(text, { now: START + (ASSERTION_SECONDS + 31) * 1000 })
})

it('is never valid after the instant until which its token is remembered', async () => {
  const text = await sign()
  const { expires } = await check(text)
  for (const late of [1, 1_000, 60_000]) await expectRefused(text, { now: expires + late })
})

it('is for one node and one set of details', async () => {
  const text = await sign()
  await expectRefused(text, { audience: endpointOf('cedar') })
  await expectRefused(text, { details: [{ type: 'fiducia', purpose: 'ETREAT' }] })
})

it('is signed by the node key of the one that it names', async () => {
  await expectRefused(await sign({ signer: { ...keyOf('cedar node'), keyId: birchKey.keyId } }))
  await expectRefused(await sign({ organization: keyOf('x').keyId as never }))
  const witness = keyOf('birch witness')
  await expectRefused(await sign({ signer: witness }))
  const stranger = keyOf('stranger')
  await expectRefused(await sign({ signer: stranger }))
})

it('is refused without a signature, under another algorithm, and when it lacks a claim', async () => {
  const encode = (value: unknown) => encodeBase64Url(encodeUtf8(JSON.stringify(value)))
  const claims = {
    iss: birch,
    sub: birch,
    aud: endpointOf('alder'),
    jti: 'once',
    iat: START / 1000,
    exp: START / 1000 + 300,
    fiducia_authz: hashAuthorizationDetails(details),
  }
  await expectRefused(`${encode({ alg: 'none', kid: birchKey.keyId })}.${encode(claims)}.`)
  const withSecret = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: birchKey.keyId }).sign(birchKey.publicKey)
  await expectRefused(withSecret)
  for (const missing of ['exp', 'iat', 'jti', 'aud', 'iss', 'sub', 'fiducia_authz'] as const) {
    const { [missing]: _left, ...rest } = claims
    await expectRefused(await new SignJWT(rest).setProtectedHeader({ alg: 'EdDSA', kid: birchKey.keyId }).sign(privateKey))
  }
  const longLived = { ...claims, exp: claims.exp + 86_400 }
  const text = await new SignJWT(longLived).setProtectedHeader({ alg: 'EdDSA', kid: birchKey.keyId }).sign(privateKey)
  await expectRefused(text, { now: START + 400_000 })
})

it.each(['', 'x', 'a.b.c', `${'a'.repeat(10_000)}.b.c`])('refuses text that is no token', async (text) => {
  await expectRefused(text)
})
