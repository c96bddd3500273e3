import { createPrivateKey } from 'node:crypto'
import { type Bytes32, ed25519KeyId, ed25519PublicKey, encodeBase64Url, type JsonValue, type OrganizationId } from '@fiducia/core'
import { batchesBy, holdersOf, misses } from '@fiducia/ledger'
import { directoryFiles, fsckNode, hashAuthorizationDetails, httpTransport, openDirectory, openExistingDirectory, allSubjects } from '@fiducia/node'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeNpi, practitionerResource, SAMIR_HADDAD } from '../src/people/index.ts'
import type { Rule } from '../src/story/interception.ts'
import { seedOf } from '../src/story/liar.ts'
import { ALL, exchange, folderOf, isStored, newestOf, round, say, stateOf, whenAsked } from './directory-rig.ts'
import { alder, birch, cedar, dune, openRig, type Rig } from './rig.ts'

/** Batches on their way while nodes stop and start, stores are busy and answers are lost; and who may read them. */
let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

const MANY = 600
let spoken = 0

/** So many practitioners of whom nobody has heard. */
function sayMany(org: OrganizationId, count: number): Promise<unknown> {
  const resources = Array.from({ length: count }, () => {
    spoken += 1
    const npi = completeNpi(`1${String(spoken).padStart(8, '0')}`)
    return { ...practitionerResource({ ...SAMIR_HADDAD, npi }), id: `practitioner-${spoken}` }
  })
  return say(rig, org, { resources })
}

const endpointOf = (org: OrganizationId): string => rig.stage.network.genesis.members[org]?.endpoint ?? ''

/** A member's transactions do not get to the operator, or its answer gets lost. */
const transactionsOf =
  (org: OrganizationId, isTaken: boolean): Rule =>
  async (from, url, message) => {
    if (from !== org || url !== `${endpointOf(alder)}/ledger/transactions`) return undefined
    if (isTaken) await httpTransport(url, message)
    return { status: 503, bytes: new Uint8Array() }
  }

describe('an exchange goes on', () => {
  it('when the author is started again before it offered, and offers once when the ledger’s answer was lost', async () => {
    await sayMany(birch, 3)
    await rig.restart(birch)
    await rig.stage.interception.during(transactionsOf(birch, true), () => expect(round(rig, [birch])).rejects.toThrow('expected status 200'))
    await rig.restart(birch)
    await exchange(rig)
    expect(batchesBy(stateOf(rig), birch)).toBe(1)
    expect(holdersOf(stateOf(rig), newestOf(rig, birch).root)).toEqual(ALL)
    const { size } = rig.node(birch).services.context.ledger.log
    const before = size()
    await rig.node(birch).services.batches.run()
    expect(size()).toBe(before)
  })

  it('when a member is started again between two pages, and never takes more than a page at once', async () => {
    await sayMany(birch, MANY)
    await round(rig, [birch])
    const { root, count } = newestOf(rig, birch)
    expect(count).toBe(MANY)
    const { batches } = rig.node(birch).services
    const asked: number[] = []
    const page = (from: number, of: Bytes32) => {
      asked.push(from)
      return batches.page(of, from) ?? 404
    }
    const all = Buffer.concat([0, 500].map((from) => batches.page(root, from) ?? new Uint8Array()))
    await rig.stage.interception.during(
      whenAsked(rig, dune, birch, () => all),
      () => round(rig, [dune]),
    )
    expect(isStored(directoryFiles(folderOf(rig, dune)).database, root)).toBe(false)
    const secondFails = whenAsked(rig, dune, birch, (from, of) => (from === 0 ? page(from, of) : 503))
    await rig.stage.interception.during(secondFails, () => round(rig, [dune]))
    await rig.restart(dune)
    expect(isStored(directoryFiles(folderOf(rig, dune)).database, root)).toBe(false)
    await rig.stage.interception.during(whenAsked(rig, dune, birch, page), () => round(rig, [dune]))
    expect(asked).toEqual([0, 0, 500])
    expect(holdersOf(stateOf(rig), root)).toEqual([birch, dune])
    await exchange(rig)
    expect(holdersOf(stateOf(rig), root)).toEqual(ALL)
  })

  it('when a member has kept a batch, could not say so, and is started again', async () => {
    await sayMany(birch, 3)
    await round(rig, [birch])
    const { root } = newestOf(rig, birch)
    await rig.stage.interception.during(transactionsOf(dune, false), () => expect(round(rig, [dune])).rejects.toThrow('expected status 200'))
    expect(isStored(directoryFiles(folderOf(rig, dune)).database, root)).toBe(true)
    expect(holdersOf(stateOf(rig), root)).toEqual([birch])
    await rig.restart(dune)
    const noMore = whenAsked(rig, dune, birch, () => 404)
    await rig.stage.interception.during(noMore, () => round(rig, [dune]))
    expect(holdersOf(stateOf(rig), root)).toEqual([birch, dune])
  })

  it('when a load keeps a member’s store busy, and blames nobody else for that', async () => {
    await sayMany(birch, 3)
    await round(rig, [birch])
    const { root } = newestOf(rig, birch)
    using busy = openDirectory(folderOf(rig, dune))
    busy.run('BEGIN IMMEDIATE')
    for (let i = 0; i < 4; i += 1)
      await rig
        .node(dune)
        .services.batches.run()
        .catch(() => undefined)
    busy.run('ROLLBACK')
    await rig.settle()
    expect([holdersOf(stateOf(rig), root), misses(stateOf(rig), root, birch)]).toEqual([[birch], []])
    await exchange(rig)
    expect([holdersOf(stateOf(rig), root), misses(stateOf(rig), root, birch)]).toEqual([ALL, []])
  })
})

describe('GET /directory/batches/:root', () => {
  interface Asking {
    readonly seed?: Uint8Array
    readonly org?: OrganizationId
    readonly audience?: OrganizationId
    readonly about?: JsonValue
    readonly root?: Bytes32
    readonly from?: number
  }
  let root: Bytes32
  beforeAll(() => {
    ;({ root } = newestOf(rig, birch))
  })
  const about = (changed: object = {}): JsonValue => ({ v: 1, batch: root, from: 0, ...changed })

  async function sign({ seed = seedOf(rig.stage, dune, 'node'), org = dune, audience = birch, about: details = about() }: Asking): Promise<string> {
    const publicKey = ed25519PublicKey(seed)
    const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(publicKey), d: encodeBase64Url(seed) }, format: 'jwk' })
    const seconds = Math.floor(rig.stage.clock.now() / 1000)
    return new SignJWT({ fiducia_authz: hashAuthorizationDetails(details) })
      .setProtectedHeader({ alg: 'EdDSA', kid: ed25519KeyId(publicKey) })
      .setIssuer(org)
      .setSubject(org)
      .setAudience(endpointOf(audience))
      .setJti(encodeBase64Url(rig.stage.random(16)))
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 300)
      .sign(key)
  }

  async function get(headers: Readonly<Record<string, string>>, where = `${root}?from=0`) {
    const { status, bytes } = await httpTransport(`${endpointOf(birch)}/directory/batches/${where}`, { headers })
    return { status, text: Buffer.from(bytes).toString() }
  }
  const bearer = async (asking: Asking = {}) => ({ authorization: `Bearer ${await sign(asking)}` })

  it('gives a member the lines once for each assertion', async () => {
    const headers = await bearer()
    const { status, text } = await get(headers)
    expect(status).toBe(200)
    expect(text.split('\n').length).toBe(4)
    expect(text).toContain(SAMIR_HADDAD.family)
    expect((await get(headers)).status).toBe(401)
  })

  it.each<[string, () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>, string?]>([
    ['no assertion', () => ({})],
    ['none that is one', () => ({ authorization: 'Bearer nothing' })],
    ['one for another batch', () => bearer({ about: about({ batch: 'A'.repeat(43) }) })],
    ['one for another page', () => bearer({ about: about({ from: 1 }) })],
    ['one for another node', () => bearer({ audience: cedar })],
    ['one in another member’s name', () => bearer({ org: cedar })],
    ['one of a member’s key that is none of its node', () => bearer({ seed: seedOf(rig.stage, dune, 'witness') })],
    ['one of nobody in the network', () => bearer({ seed: rig.stage.random(32), org: 'elm' as OrganizationId })],
  ])('gives nothing for %s', async (_what, headers) => {
    const { status, text } = await get(await headers())
    expect(status).toBe(401)
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'ASSERTION_INVALID' } })
  })

  it('has no batch that is not there, and no page that is none', async () => {
    const other = 'A'.repeat(43)
    expect((await get(await bearer({ about: { v: 1, batch: other, from: 0 } }), `${other}?from=0`)).status).toBe(404)
    expect(await get(await bearer({ about: about({ from: 3 }) }), `${root}?from=3`)).toEqual({ status: 200, text: '' })
    for (const where of [`${root}?from=-1`, `${root}?from=10001`, `${root}?from=a`, root, 'nothing?from=0'])
      expect((await get(await bearer(), where)).status).toBe(400)
  })
})

it('leaves every statement once in each folder, and folders that fsck accepts', async () => {
  for (const org of ALL) await rig.node(org)[Symbol.asyncDispose]()
  for (const org of ALL) {
    const { findings, checked } = await fsckNode(folderOf(rig, org))
    using directory = openExistingDirectory(folderOf(rig, org))
    const subjects = [...allSubjects(directory, 1000)].flat().length
    expect({ org, findings, statements: checked.statements, subjects }).toEqual({ org, findings: [], statements: spoken, subjects: spoken })
  }
})
