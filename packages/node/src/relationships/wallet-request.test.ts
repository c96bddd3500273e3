import { encodeBase64Url, encodeCanonical, type JsonObject, signObject } from '@fiducia/core'
import { beforeEach, expect, it } from 'vitest'
import { keyOf, net, seedOf, START, text32 } from '../../test/fixture.ts'
import { WALLET_REQUEST_SKEW_MS } from '../limits.ts'
import { checkWalletRequest } from './wallet-request.ts'

const control = keyOf('ann control')
const body = { v: 1, net, type: 'request', to: 'alder', method: 'GET', path: '/relationships/h/events', at: START, rand: text32('once') }
const headerOf = (changed: JsonObject = {}, seed = seedOf('ann control')): string => {
  const { body: signed, key, sig } = signObject('request', { ...body, ...changed }, seed)
  return encodeBase64Url(encodeCanonical({ body: signed, key, sig }))
}

let used: Set<string>
let now = START
beforeEach(() => {
  used = new Set()
  now = START
})

const check = (header: unknown) =>
  checkWalletRequest(header, {
    net,
    organization: 'alder',
    method: 'GET',
    path: '/relationships/h/events',
    publicKey: control.publicKey,
    clock: { now: () => now },
    isFirstUse: (id) => !used.has(id) && used.add(id) !== undefined,
  })

it('takes a fresh request of the key that governs, once', () => {
  expect(check(headerOf())).toMatchObject({ body: { to: 'alder' } })
  expect(() => check(headerOf())).toThrow(expect.objectContaining({ code: 'WALLET_REQUEST_INVALID', status: 401 }))
})

it('takes it up to five minutes early or late, both included', () => {
  now = START + WALLET_REQUEST_SKEW_MS
  check(headerOf({ rand: text32('late') }))
  now = START - WALLET_REQUEST_SKEW_MS
  check(headerOf({ rand: text32('early') }))
  now = START + WALLET_REQUEST_SKEW_MS + 1
  expect(() => check(headerOf({ rand: text32('too late') }))).toThrow()
})

it.each<[string, unknown]>([
  ['none', undefined],
  ['a list', [headerOf()]],
  ['no base64url', 'not base64url!'],
  ['no JSON', encodeBase64Url(Buffer.from('{'))],
  ['another key', headerOf({}, seedOf('ben control'))],
  ['another organization', headerOf({ to: 'birch' })],
  ['another method', headerOf({ method: 'PUT' })],
  ['another path', headerOf({ path: '/relationships/h/events?all=1' })],
  ['another network', headerOf({ net: 'other' })],
  ['another version', headerOf({ v: 2 })],
  ['a member too many', headerOf({ more: 1 })],
])('refuses a header that is %s, and uses up nothing', (_what, header) => {
  expect(() => check(header)).toThrow(expect.objectContaining({ code: 'WALLET_REQUEST_INVALID' }))
  expect(used.size).toBe(0)
})

it('refuses a signature of another kind of object over the same body', () => {
  const { body: signed, key, sig } = signObject('link', { ...body }, seedOf('ann control'))
  expect(() => check(encodeBase64Url(encodeCanonical({ body: signed, key, sig })))).toThrow(expect.objectContaining({ code: 'WALLET_REQUEST_INVALID' }))
})
