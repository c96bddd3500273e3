import { giveLink, rotateKeys, type WalletState } from '@fiducia/client'
import { ed25519KeyId, ed25519PublicKey, encodeBase64Url, encodeCanonical, type JsonValue, type OrganizationId, type SignedObject } from '@fiducia/core'
import { parseLink, signLink } from '@fiducia/ledger'
import { DETAILS_HEADER, FIDUCIA_MEDIA_TYPE, hashAuthorizationDetails, httpTransport } from '@fiducia/node'
import { SignJWT } from 'jose'
import { createPrivateKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedOf } from '../../src/story/liar.ts'
import { ALDER, BIRCH, CEDAR, DUNE, OBSERVATIONS, openScene, PERMIT, type Scene, unwrap, type WrappedAnswer } from './scene.ts'
import { openSecond } from './second-patient.ts'

/**
 * A requester that lies, against an honest holder. It has its real keys and says what it likes over HTTP.
 *
 *   attack                                                         what catches it
 *   one practitioner's role opening for another                    the opening names the practitioner and the requester
 *   an opening nobody attested, of another code                    two groups must vouch for the very commitment
 *   the link of another patient, requester, holder or network      checkLink: no relationship is found, and all look alike
 *   a link that expired, lasts too long, is unlinked, is altered   the same
 *   a link signed by a rotated-away key, or by the requester       the same: the control key of the head signs
 *   details that the assertion does not cover                      fiducia_authz
 *   an assertion used twice, of another holder, by another key     jti once, audience, the ledger's node keys
 *   somebody else's record by its id                               absent and foreign are one answer
 *   purposes that the policy does not name                         the policy, decided for each purpose
 *   the mirror left out                                            the bundle of the access says `mirrored: false`
 *
 * Every answer to a request with a valid assertion is in the access log, refusals too.
 */

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

interface Asking {
  readonly holder?: OrganizationId
  readonly link?: SignedObject | undefined
  readonly practitioner?: string
  readonly role?: { readonly code: string; readonly org: string; readonly practitioner: string; readonly rand32: string }
  readonly purpose?: string
  readonly path?: string
  readonly assertion?: string
  /** What the assertion says it is over; the details sent by default. */
  readonly covers?: JsonValue
  readonly signer?: { readonly seed: Uint8Array; readonly org: string }
  readonly audience?: OrganizationId
}

const endpointOf = (org: OrganizationId): string => scene.stage.network.genesis.members[org]?.endpoint ?? ''
const alderLink = () => scene.stage.links.get(ALDER.org)

function detailsOf(asking: Asking): JsonValue {
  const { clinician } = scene.stage
  const link = 'link' in asking ? asking.link : alderLink()
  return [
    {
      type: 'fiducia',
      purpose: asking.purpose ?? 'TREAT',
      practitioner: asking.practitioner ?? clinician.identifier,
      role: { ...(asking.role ?? { ...clinician.opening, rand32: clinician.rand32 }) },
      ...(link === undefined ? {} : { link: { body: link.body, key: link.key, sig: link.sig } }),
    },
  ]
}

async function sign(asking: Asking, details: JsonValue): Promise<string> {
  const { seed, org } = asking.signer ?? { seed: seedOf(scene.stage, BIRCH.org, 'node'), org: BIRCH.org }
  const publicKey = ed25519PublicKey(seed)
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(publicKey), d: encodeBase64Url(seed) }, format: 'jwk' })
  const seconds = Math.floor(scene.stage.clock.now() / 1000)
  return new SignJWT({ fiducia_authz: hashAuthorizationDetails(asking.covers ?? details) })
    .setProtectedHeader({ alg: 'EdDSA', kid: ed25519KeyId(publicKey) })
    .setIssuer(org)
    .setSubject(org)
    .setAudience(endpointOf(asking.audience ?? asking.holder ?? ALDER.org))
    .setJti(encodeBase64Url(scene.stage.random(16)))
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 300)
    .sign(key)
}

async function ask(asking: Asking = {}): Promise<WrappedAnswer & { readonly error?: { readonly code: string } }> {
  const details = detailsOf(asking)
  const assertion = asking.assertion ?? (await sign(asking, details))
  const headers = { accept: FIDUCIA_MEDIA_TYPE, authorization: `Bearer ${assertion}`, [DETAILS_HEADER]: encodeBase64Url(encodeCanonical(details)) }
  return unwrap(await httpTransport(`${endpointOf(asking.holder ?? ALDER.org)}/fhir/${asking.path ?? 'Observation'}`, { headers }))
}

const logSize = () => scene.stage.network.node(ALDER.org).services.log.size

/** Refused as if nobody had ever heard of the patient, and written down. */
async function expectUnlinked(asking: Asking): Promise<void> {
  const before = logSize()
  const unknown = await ask({ link: undefined })
  expect(await ask(asking)).toEqual(unknown)
  expect(unknown).toMatchObject({ status: 403 })
  expect(unknown.receipt).toBeUndefined()
  expect(logSize()).toBe(before + 2)
}

describe('a role', () => {
  it('is the practitioner’s and the requester’s own, and vouched for', async () => {
    expect((await ask()).status).toBe(200)
    const { opening, rand32 } = scene.stage.clinician
    const other = opening.practitioner.replace(/.$/, (digit) => String((Number(digit) + 1) % 10))
    const own = { ...opening, rand32 }
    const tries: readonly Asking[] = [
      { practitioner: other },
      { practitioner: other, role: { ...own, practitioner: other } },
      { role: { ...own, code: '2084P0800X' } },
      { role: { ...own, rand32: encodeBase64Url(scene.stage.random(32)) } },
      { role: { ...own, org: CEDAR.org } },
    ]
    for (const asking of tries) {
      const before = logSize()
      const { status, receipt, body } = await ask(asking)
      expect([status, receipt === undefined]).toEqual([403, false])
      expect(body).toBe((await ask({ link: undefined })).body)
      expect(logSize()).toBe(before + 2)
    }
  })
})

describe('a link', () => {
  /** Word for word the patient's link, by another key. */
  const linkBy = (seed: Uint8Array) => {
    const { body = {}, key, sig } = alderLink() ?? {}
    return signLink(parseLink({ body, key, sig }, scene.stage.network.genesis.net).link, seed)
  }

  it('is signed by the patient', async () => {
    await expectUnlinked({ link: linkBy(scene.stage.random(32)) })
    await expectUnlinked({ link: linkBy(seedOf(scene.stage, BIRCH.org, 'node')) })
    await expectUnlinked({ link: linkBy(seedOf(scene.stage, ALDER.org, 'node')) })
    const link = alderLink()
    if (link === undefined) throw new Error('a link expected')
    await expectUnlinked({ link: { ...link, body: { ...link.body, expires: Number(link.body['expires']) + 1 } } })
    await expectUnlinked({ link: { ...link, key: ed25519KeyId(ed25519PublicKey(scene.stage.random(32))) } })
  })

  it('is for this requester, holder and relationship', async () => {
    await expectUnlinked({ link: scene.stage.links.get(CEDAR.org) })
    await expectUnlinked({ signer: { seed: seedOf(scene.stage, DUNE.org, 'node'), org: DUNE.org } })
    await expectUnlinked({ link: await scene.stage.patient.giveLink(ALDER.org, DUNE.org) })
  })

  it('opens nobody else’s record', async () => {
    const silo = scene.stage.cast.resources(ALDER.org)
    const rosa = scene.stage.cast.holders.find(({ org }) => org === ALDER.org)?.record
    const foreign = silo.find(
      ({ resourceType, subject }) =>
        resourceType === 'Observation' && JSON.stringify(subject ?? '').includes('Patient/') && !JSON.stringify(subject).includes(rosa ?? ''),
    )
    const answer = await ask({ path: `Observation/${foreign?.id}` })
    expect(answer.status).toBe(404)
    expect(answer.body).toBe((await ask({ path: 'Observation/nothing-of-this-name' })).body)
    for (const parameter of ['patient', 'subject'])
      expect((await ask({ path: `Observation?${parameter}=Patient/somebody-else` })).status).toBeGreaterThanOrEqual(400)
  })

  it('ends: by its date, by the policy, by a rotation of the key', async () => {
    const { network, clock } = scene.stage
    const second = await openSecond(scene)
    const given = (wallet: WalletState, expires?: number) => giveLink(wallet, second.handle, BIRCH.org, second.ports, expires).link
    const [first, short, long] = [given(second.wallet()), given(second.wallet(), clock.now() + 1_000), given(second.wallet(), clock.now() + 731 * 86_400_000)]
    expect((await ask({ link: first })).status).toBe(200)
    await expectUnlinked({ link: long })
    clock.advance(2_000)
    await expectUnlinked({ link: short })

    await second.setPolicy({ ...PERMIT, unlinked: [second.hashOf(first)] })
    await expectUnlinked({ link: first })
    const another = given(second.wallet())
    expect((await ask({ link: another })).status).toBe(200)

    const rotated = rotateKeys(second.wallet(), second.handle, second.ports)
    const { result } = await network.node(ALDER.org).services.context.submit(rotated.wire)
    expect(result.accepted).toBe(true)
    await network.settle()
    await expectUnlinked({ link: another })
    expect((await ask({ link: giveLink(rotated.wallet, second.handle, BIRCH.org, second.ports).link })).status).toBe(200)
  })
})

describe('an assertion', () => {
  it('covers what is asked, once, at one holder, with a key of the ledger', async () => {
    const other = detailsOf({ purpose: 'HPAYMT' })
    const assertion = await sign({}, detailsOf({}))
    expect((await ask({ assertion })).status).toBe(200)
    const tries: readonly Asking[] = [
      { covers: other },
      { covers: detailsOf({ link: scene.stage.links.get(CEDAR.org) }) },
      { assertion },
      { audience: CEDAR.org },
      { signer: { seed: scene.stage.random(32), org: BIRCH.org } },
      { signer: { seed: seedOf(scene.stage, BIRCH.org, 'witness'), org: BIRCH.org } },
      { signer: { seed: seedOf(scene.stage, BIRCH.org, 'log'), org: BIRCH.org } },
      { signer: { seed: seedOf(scene.stage, BIRCH.org, 'node'), org: CEDAR.org } },
      { assertion: '' },
      { assertion: 'eyJhbGciOiJub25lIn0.e30.' },
    ]
    const before = logSize()
    for (const asking of tries) expect(await ask(asking)).toMatchObject({ status: 401, error: { code: 'ASSERTION_INVALID' } })
    expect(logSize()).toBe(before)
  })

  it('is still used up in the half minute in which clocks may differ', async () => {
    const assertion = await sign({}, detailsOf({}))
    expect((await ask({ assertion })).status).toBe(200)
    scene.stage.clock.advance(305_000)
    await scene.stage.network.settle()
    expect((await ask()).status).toBe(200)
    expect(await ask({ assertion })).toMatchObject({ status: 401 })
  })

  it('says a purpose that the policy names', async () => {
    for (const purpose of ['HPAYMT', 'HMARKT', 'XX', 'BTG']) expect((await ask({ purpose })).status).toBe(403)
  })
})

describe('a requester that takes the data and skips its mirror', () => {
  it('is seen in the proof of the access', async () => {
    const { stage } = scene
    expect((await ask()).status).toBe(200)
    expect((await stage.clinician.ask(ALDER.org, OBSERVATIONS)).status).toBe(200)
    await stage.publish()
    const events = await stage.patient.events(ALDER.org)
    const verified = async (n: number) => stage.verify(await stage.patient.accessBundle(ALDER.org, n))
    expect(await verified(events.length - 2)).toMatchObject({ valid: true, facts: { mirrored: false } })
    expect(await verified(events.length - 1)).toMatchObject({ valid: true, facts: { mirrored: true } })
    const { log } = await stage.patient.checkEverything(ALDER.org, [stage.clinician.opening.code])
    expect(log.findings).toEqual([])
  })
})
