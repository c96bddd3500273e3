import { readFileSync } from 'node:fs'
import { createWallet, openRelationship, signWalletRequest } from '@fiducia/client'
import { ed25519PublicKey, encodeBase64Url, encodeUtf8, formatCanonical, type JsonObject, parseBytes32, parseNetworkId, sha256 } from '@fiducia/core'
import { decideCase } from '@fiducia/fhir'
import { buildTransaction } from '@fiducia/ledger'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { alder, CARE_TEAM, openAgreedRig, type Rig } from './rig.ts'

/** What a stranger can send to every route: 4xx with a code and words, never 500, and never back what was sent. */
const MARK = 'Zebedee-Quill-1961'
let rig: Rig
let url = ''
beforeAll(async () => {
  rig = await openAgreedRig()
  url = rig.node(alder).url
})
afterAll(() => rig[Symbol.asyncDispose]())

interface Sent {
  readonly method?: string
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function send(path: string, { method, body, type, headers }: Sent = {}) {
  const response = await fetch(`${url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body === undefined ? {} : { body }),
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
  })
  return { status: response.status, text: await response.text() }
}

async function expectRefused(path: string, sent: Sent = {}, statuses: readonly number[] = []): Promise<void> {
  const { status, text } = await send(path, sent)
  expect({ path, status, ok: status >= 400 && status < 500, text }).toMatchObject({ ok: true })
  if (statuses.length > 0) expect(statuses).toContain(status)
  expect(JSON.parse(text)).toEqual({ error: { code: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/), message: expect.stringMatching(/.{10}/) } })
  expect(text).not.toContain(MARK)
  expect(text).not.toMatch(/node_modules|\.ts:|at .*\(/)
}

const HANDLE = 'A'.repeat(43)
const JSON_ROUTES = [
  ['POST', '/relationships/begin'],
  ['POST', '/relationships'],
  ['PUT', `/relationships/${HANDLE}/policy`],
  ['POST', '/links'],
  ['POST', '/consent/decide'],
] as const
const BYTE_ROUTES = ['/ledger/transactions', '/witness/add-checkpoint'] as const
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

const BODIES: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['not JSON', `{"${MARK}":`],
  ['an array', `["${MARK}"]`],
  ['a string', `"${MARK}"`],
  ['null', 'null'],
  ['mistyped', `{"code":{"${MARK}":1},"wire":7,"body":[],"salt":null,"payload":"${MARK}","signature":[],"k":1,"key":2,"sig":{}}`],
  ['a member too many', `{"code":"abc","${MARK}":1}`],
  ['a name that no document may have', `{"__proto__":{"code":"${MARK}"}}`],
  ['very deep', deep(20_000)],
  ['with half a surrogate pair', '{"code":"\\ud800"}'],
  ['with a number beyond an integer', '{"code":1e400}'],
]

it.each(JSON_ROUTES)('%s %s refuses what is no request', async (method, path) => {
  for (const [, body] of BODIES) await expectRefused(path, { method, body, type: 'application/json' }, [400])
  await expectRefused(path, { method, body: `{"x":"${MARK.repeat(80_000)}"}`, type: 'application/json' }, [413])
  await expectRefused(path, { method, body: `<x>${MARK}</x>`, type: 'application/xml' }, [415])
  await expectRefused(path, { method, body: MARK, type: 'text/plain' }, [400, 415])
})

it.each(BYTE_ROUTES)('POST %s refuses what is no request', async (path) => {
  for (const type of ['application/octet-stream', 'text/plain', 'application/json'])
    for (const [, body] of BODIES) {
      const { status, text } = await send(path, { body, type })
      expect({ path, type, body: body.slice(0, 40), status }).toMatchObject({ status: expect.toSatisfy((one: number) => one >= 400 && one < 500) })
      expect(text).not.toContain(MARK)
    }
  await expectRefused(path, { body: new Uint8Array([0xff, 0xfe, 0]), type: 'application/octet-stream' })
  await expectRefused(path, { body: new Uint8Array(2 * 1024 * 1024), type: 'application/octet-stream' }, [413])
})

it('refuses paths, parameters and methods that no route has', async () => {
  await expectRefused(`/${MARK}`, {}, [404])
  await expectRefused(`/relationships/${MARK}/events`, {}, [400])
  await expectRefused(`/relationships/${HANDLE}/events/-1`, {}, [400])
  await expectRefused(`/relationships/${HANDLE}/events/${MARK}`, {}, [400])
  await expectRefused(`/links/${MARK}/copies`, {}, [400])
  await expectRefused(`/links/${HANDLE}/copies`, {}, [401])
  await expectRefused('/ledger/state', {}, [400])
  await expectRefused(`/ledger/state?key=${MARK.repeat(30)}`, {}, [400])
  for (const path of ['x', '0/000', '0/x999/999', `0/${MARK}`, '../../genesis', '-1/000', '0/000.p/0', '0/000.p/257', 'entries/999', '9/000'])
    for (const route of ['/ledger/tile/', '/log/1/tile/']) await expectRefused(`${route}${path}`, {}, [400, 404])
  await expectRefused('/log/2/checkpoint', {}, [404])
  await expectRefused('/log/0/checkpoint', {}, [400])
  await expectRefused('/ledger/genesis', { method: 'DELETE' }, [404])
  await expectRefused('/fhir/lowercase/1')
  await expectRefused(`/fhir/Patient/${MARK}%20`)
  await expectRefused('/%ff%fe', {}, [400, 404])
})

it('answers a question about any state key with a proof, present or absent', async () => {
  const { status, text } = await send('/ledger/state?key=rel/nobody')
  expect(status).toBe(200)
  expect(JSON.parse(text)).toMatchObject({ value: null })
})

it('refuses requests to the gateway without details, without an assertion, with another’s', async () => {
  const details = (value: unknown) => ({ 'fiducia-authorization-details': encodeBase64Url(encodeUtf8(formatCanonical(value as JsonObject))) })
  const good = [{ type: 'fiducia', purpose: 'TREAT', practitioner: 'npi|1', acr: 'x', auth_time: 1 }]
  await expectRefused('/fhir/Condition', {}, [400])
  for (const bad of [[], [{}], [{ ...good[0], purpose: MARK }], [...good, ...good], [{ ...good[0], link: { [MARK]: 1 } }], [{ ...good[0], more: MARK }]])
    await expectRefused('/fhir/Condition', { headers: details(bad) }, [400])
  await expectRefused('/fhir/Condition', { headers: { 'fiducia-authorization-details': encodeBase64Url(encodeUtf8('[{ "type":"fiducia" }]')) } }, [400])
  await expectRefused('/fhir/Condition', { headers: details(good) }, [401])
  await expectRefused('/fhir/Condition', { headers: { ...details(good), authorization: `Bearer ${MARK}` } }, [401])
})

// ---- transactions ------------------------------------------------------------------------------------------------------

const post = async (wire: Uint8Array) => send('/ledger/transactions', { body: new Uint8Array(wire), type: 'application/octet-stream' })
const seed = sha256(encodeUtf8('stranger'))
const now = () => rig.stage.clock.now()

function aTransaction(changed: { net?: string; validUntil?: number; body?: JsonObject } = {}): Uint8Array {
  const handle = rig.stage.patient.handleAt(alder)
  const body = changed.body ?? { handle, version: 9, commitment: HANDLE, expires: 0 }
  return buildTransaction({ net: parseNetworkId(changed.net ?? 'demo'), type: 'policy.set', body, validUntil: changed.validUntil ?? now() + 300_000 }, [seed])
}

it('refuses transactions by the ledger’s own codes, and changes nothing', async () => {
  const ledger = rig.node(alder).services.context.ledger
  const before = ledger.log.size()
  for (const wire of [
    aTransaction(),
    aTransaction({ net: 'other' }),
    aTransaction({ validUntil: now() - 1 }),
    aTransaction({ validUntil: now() + 86_400_000 }),
    aTransaction({ body: { handle: MARK } }),
  ]) {
    const { status, text } = await post(wire)
    expect({ status, text }).toMatchObject({ status: expect.toSatisfy((one: number) => one === 200 || one === 400) })
    const answer = JSON.parse(text)
    expect(answer.accepted === false || answer.error !== undefined).toBe(true)
    expect(text).not.toContain(MARK)
  }
  expect(ledger.log.size()).toBe(before)
})

it('refuses bytes that are not the one spelling of a transaction', async () => {
  const text = Buffer.from(aTransaction()).toString()
  const spellings = [
    ` ${text}`,
    text.replace('{"payload"', '{ "payload"'),
    text.replace('"signatures":', '"signatures":[],"signatures":'),
    text.replace('"v":1', '"v":1.0'),
    `${text}\n`,
    `\ufeff${text}`,
    text.replace('{"payload":', `{"more":"${MARK}","payload":`),
  ]
  for (const spelling of spellings) await expectRefused('/ledger/transactions', { body: spelling, type: 'application/octet-stream' }, [400])
})

it('takes a transaction once: the same again is refused by its own guard', async () => {
  const { patient } = rig.stage
  const set = await patient.setPolicy(alder, CARE_TEAM, [])
  expect(JSON.parse((await post(set.wire)).text)).toMatchObject({ accepted: true })
  const again = JSON.parse((await post(set.wire)).text)
  expect(again).toMatchObject({ accepted: false, code: expect.stringMatching(/VERSION/) })
})

// ---- the wallet's requests ---------------------------------------------------------------------------------------------

it('shows a patient’s events to nobody but the key that governs', async () => {
  const handle = rig.stage.patient.handleAt(alder)
  const path = `/relationships/${handle}/events`
  const sign = (changed: object = {}) =>
    signWalletRequest(
      { net: parseNetworkId('demo'), to: alder, method: 'GET', path, at: now(), rand: crypto.getRandomValues(new Uint8Array(32)), ...changed },
      seed,
    )
  await expectRefused(path, {}, [401])
  await expectRefused(path, { headers: { 'fiducia-request': sign() } }, [401])
  await expectRefused(path, { headers: { 'fiducia-request': MARK } }, [401])
  for (const route of ['completeness', 'head', 'record', 'events/0']) await expectRefused(`/relationships/${handle}/${route}`, {}, [401])
})

it('opens nothing with a code that is unknown, used, or for another opening', async () => {
  const { network, random, clock } = rig.stage
  const { holder } = network.node(alder).services
  const ports = { now: () => clock.now(), random }
  const recovery = { m: 1, publicKeys: [ed25519PublicKey(random(32))] }
  const post = (path: string, body: unknown) => ({ path, sent: { body: JSON.stringify(body), type: 'application/json' } })
  const unknown = post('/relationships/begin', { code: 'AAAA' })
  await expectRefused(unknown.path, unknown.sent, [403])
  const code = holder.issueDeskCode('Patient/somebody')
  const bind = parseBytes32(encodeBase64Url(random(32)))
  const opening = openRelationship(createWallet(network.genesis.net, random(32)), { org: alder, bind, recovery }, ports)
  const request = { code, payload: opening.payload, signature: opening.controlSignature, k: encodeBase64Url(opening.secret) }
  const wrong = post('/relationships', { ...request, payload: { v: 1, ...opening.payload } })
  await expectRefused(wrong.path, wrong.sent, [400])
  clock.advance(15 * 60_000 + 1)
  const late = post('/relationships/begin', { code })
  await expectRefused(late.path, late.sent, [403])
})

it('decides a case for another system, as the command does, and says where a case is wrong', async () => {
  const document = JSON.parse(readFileSync(new URL('../../cli/examples/case.json', import.meta.url), 'utf8'))
  const decide = (body: string) => send('/consent/decide', { body, type: 'application/json' })
  const { status, text } = await decide(JSON.stringify(document))
  expect(status).toBe(200)
  expect(JSON.parse(text)).toEqual(decideCase(JSON.stringify(document)).output)
  const wrong = await decide(JSON.stringify({ ...document, at: MARK, request: { ...document.request, actors: [{ reference: '' }], [MARK]: 1 } }))
  expect(wrong).toMatchObject({ status: 400, text: expect.stringMatching(/wrong here: `at`, `request`, `request\.actors\[0\]`/) })
  expect(wrong.text).not.toContain(MARK)
  await expectRefused('/consent/decide', { body: `{"at":1,${JSON.stringify(document).slice(1)}`, type: 'application/json' }, [400])
  await expectRefused('/consent/decide', { body: 'case', type: 'text/plain' }, [400, 415])
})
