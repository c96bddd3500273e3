import { decodeBase64Url, encodeBase64Url, encodeUtf8, formatCanonical, type JsonValue, leafHash, parseOrganizationId, sha256 } from '@fiducia/core'
import { relationshipKey, signLink } from '@fiducia/ledger'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostileText } from '../test/generated.ts'
import {
  bytes,
  bytes32,
  handle,
  holder,
  ledger,
  logKey,
  makeLedger,
  provenRecord,
  net,
  noteOf,
  policy,
  provenHead,
  requester,
  secret,
  SLOT,
  tagkey,
} from '../test/network.ts'
import {
  blindOf,
  buildReceipt,
  checkReceipt,
  controlKey,
  createHashLog,
  encodeLeaf,
  eventCom,
  eventTag,
  RECEIPT_FAULTS,
  type ReceiptContext,
  type ReceiptParts,
} from './index.ts'

const BODY = '{"resourceType":"Observation","id":"1"}'
const details: JsonValue = [{ type: 'fiducia', purpose: 'TREAT' }]
const hash = (text: string) => encodeBase64Url(sha256(encodeUtf8(text)))

const disclosure = formatCanonical({
  resourceType: 'AuditEvent',
  agent: [
    { type: { coding: [{ code: '110152' }] }, who: { identifier: { value: requester } } },
    { type: { coding: [{ code: 'IRCP' }] }, who: { identifier: { value: 'npi|1932102084' } }, purposeOfUse: [{ coding: [{ code: 'TREAT' }] }] },
  ],
  entity: [
    {
      detail: [
        ['authz', hash(formatCanonical(details))],
        ['digest', hash(BODY)],
        ['handle', handle],
        ['mirror', bytes32('mirror')],
      ].map(([name, valueString]) => ({ type: `fiducia.${name}`, valueString: valueString ?? '' })),
    },
  ],
})

const salt = bytes('receipt salt')
const blind = blindOf(bytes('receipt salt2'), '{}')
const leaf = { kind: 'entry', slot: SLOT, tag: eventTag(tagkey, 1, 0), com: eventCom(salt, disclosure, blind) } as const
const log = { key: logKey('alpha', 1), seed: 'log alpha 1', hashes: createHashLog([leafHash(bytes('earlier')), leafHash(encodeLeaf(leaf))]) }
const parts: ReceiptParts = { disclosure, head: provenHead, leaf, index: 1, path: log.hashes.inclusion(1), note: noteOf(log, { time: 0, by: [] }), salt, blind }
const receipt = buildReceipt(parts)

const link = signLink(
  { net, holder, handle, requester, expires: SLOT * 60_000 + 86_400_000, rand: bytes32('link') },
  controlKey(bytes('wallet'), bytes('rand32'), 0).secret,
)

const context: ReceiptContext = {
  net,
  holder,
  requester,
  practitioner: 'npi|1932102084',
  purpose: 'TREAT',
  authorizationDetails: details,
  link: { body: link.body, key: link.key, sig: link.sig },
  breakGlass: false,
  now: SLOT * 60_000 + 25_000,
  freshSeconds: 60,
  holderLogs: [logKey('alpha', 1), logKey('alpha', 2)],
  trust: policy,
  replicaRoot: (size) => (size === ledger.hashes.size ? ledger.hashes.root() : undefined),
  seen: () => false,
}

const codes = (changes: Partial<ReceiptContext> = {}, text = receipt, body = BODY) => {
  const verdict = checkReceipt(text, body, { ...context, ...changes })
  return verdict.ok ? ['accepted'] : verdict.findings.map(({ code }) => code)
}

describe('a receipt', () => {
  it('is accepted when everything holds, and is taken apart', () => {
    const verdict = checkReceipt(receipt, BODY, context)
    expect(verdict).toMatchObject({ ok: true, accepted: { handle, origin: 'test/log/alpha/1' } })
    expect(verdict.ok && decodeBase64Url(verdict.accepted.receipt.leaf)).toEqual(encodeLeaf(leaf))
    expect(secret).toHaveLength(32)
  })

  it('is refused by all that is wrong at once', () => {
    expect(codes({ purpose: 'HRESCH', practitioner: 'npi|1', now: context.now + 120_000 }, receipt, `${BODY} `)).toEqual([
      'SLOT_DIFFERS',
      'BODY_DIFFERS',
      'PRACTITIONER_DIFFERS',
      'PURPOSE_DIFFERS',
    ])
    expect(codes({ seen: () => true })).toEqual(['LEAF_SEEN'])
    expect(codes({ holderLogs: [] })).toEqual(['LOG_UNPROVEN'])
    expect(codes({ requester: holder })).toEqual(['REQUESTER_DIFFERS', 'LINK_INVALID'])
    expect(codes({ replicaRoot: () => bytes('root') })).toEqual(['HEAD_OTHER_LEDGER'])
    expect(codes({ authorizationDetails: [] })).toEqual(['AUTHZ_DIFFERS'])
    expect(codes({ link: null })).toEqual(['LINK_MISSING'])
    expect(codes({ link: null, breakGlass: true })).toEqual(['accepted'])
    expect(codes({}, buildReceipt({ ...parts, head: null }))).toEqual(['HEAD_MISSING'])
    expect(codes({}, buildReceipt({ ...parts, blind: bytes('other') }))).toEqual(['COM_DIFFERS'])
    expect(codes({}, buildReceipt({ ...parts, blind: new Uint8Array(31) }))).toEqual(['EXTRA_MISSING'])
    expect(codes({ freshSeconds: -21 })).toEqual(['HEAD_NOT_COSIGNED'])
    expect(codes({ freshSeconds: -21, breakGlass: true })).toEqual(['accepted'])
  })

  it('is of a log and a head of the holder, with handle and head together', () => {
    const foreign = { key: logKey('beta', 1), seed: 'log beta 1', hashes: log.hashes }
    const elsewhere = buildReceipt({ ...parts, note: noteOf(foreign, { time: 0, by: [] }) })
    expect(codes({ holderLogs: [logKey('beta', 1)] }, elsewhere)).toEqual(['LOG_FOREIGN'])
    const unnamed = disclosure.replace(/\{"type":"fiducia.handle","valueString":"[^"]*"\},/, '')
    const anonymous = { ...leaf, com: eventCom(salt, unnamed, blind) }
    const own = { ...log, hashes: createHashLog([leafHash(encodeLeaf(anonymous))]) }
    const nameless = buildReceipt({ ...parts, disclosure: unnamed, leaf: anonymous, index: 0, path: [], note: noteOf(own, { time: 0, by: [] }) })
    expect(codes({}, nameless)).toEqual(['HANDLE_ALONE'])
    expect(codes({ link: null, breakGlass: true }, nameless)).toEqual(['HANDLE_ALONE'])
    const other = { ...provenHead.value, org: parseOrganizationId('gamma') }
    const block = makeLedger({ [relationshipKey(handle)]: other })
    const head = { value: other, ...provenRecord(block, relationshipKey(handle), SLOT * 60) }
    const replicaRoot = () => block.hashes.root()
    expect(codes({ link: null, breakGlass: true, replicaRoot }, buildReceipt({ ...parts, head }))).toEqual(['HEAD_FOREIGN'])
  })

  it('never makes the reader throw, and never passes changed', () => {
    const known = Object.keys(RECEIPT_FAULTS)
    fc.assert(
      fc.property(hostileText(receipt), (text) => {
        if (text === receipt) return
        const found = codes({}, text)
        expect(found.length).toBeGreaterThan(0)
        for (const code of found) expect(known).toContain(code)
      }),
      { numRuns: 500 },
    )
  })
})
