import { readFileSync } from 'node:fs'
import path from 'node:path'
import { decodeHex, encodeHex, encodeUtf8, parseNetworkId, parseOrganizationId, parseVerifierKey, sha256 } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { checkReceipt, mirrorTag, parseTrustPolicy, type ReceiptContext } from '../src/index.ts'

/** Receipts with everything that the requester knows, from an independent implementation (`vectors/protocol/receipts.json`). */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data')
// biome-ignore lint/suspicious/noExplicitAny: vector files are read as they are
type Vector = Record<string, any>
const { cases, refused } = JSON.parse(readFileSync(path.join(data, 'vectors/protocol/receipts.json'), 'utf8')) as { cases: Vector[]; refused: Vector[] }
const first = cases[0] as Vector

function contextOf(known: Vector): ReceiptContext {
  return {
    net: parseNetworkId(known['net']),
    holder: parseOrganizationId(known['holder']),
    requester: parseOrganizationId(known['requester']),
    practitioner: known['practitioner'],
    purpose: known['purpose'],
    authorizationDetails: known['authorizationDetails'],
    link: known['link'],
    breakGlass: known['breakGlass'],
    now: known['nowSeconds'] * 1000,
    freshSeconds: known['freshSeconds'],
    holderLogs: [parseVerifierKey(known['holderLog'])],
    trust: parseTrustPolicy(known['ledgerPolicy']),
    replicaRoot: (size) => (known['replica'][size] === undefined ? undefined : decodeHex(known['replica'][size])),
    seen: (hash) => known['seen'].includes(encodeHex(hash)),
  }
}

function check(one: Vector) {
  const { body, ...changes } = one['contextChanges'] ?? {}
  return checkReceipt(one['receipt'] ?? first['receipt'], body ?? first['body'], contextOf({ ...first['context'], ...changes }))
}

/** The vectors' reasons, and the codes in which this package says the same. */
const CODES: Record<string, string> = {
  'responseDigest is not the hash of the body': 'BODY_DIFFERS',
  'practitioner differs': 'PRACTITIONER_DIFFERS',
  'purpose differs': 'PURPOSE_DIFFERS',
  'authzHash is not of the own request': 'AUTHZ_DIFFERS',
  'requester differs': 'REQUESTER_DIFFERS',
  'slot more than one away from the own': 'SLOT_DIFFERS',
  'cosigned by fewer groups than the quorum': 'HEAD_NOT_COSIGNED',
  'more signature lines than the policy needs': 'HEAD_NOT_COSIGNED',
  'no link, no request': 'LINK_MISSING',
  'the link has expired': 'LINK_INVALID',
  "signed neither by the head's control key nor by a delegate with right link": 'LINK_INVALID',
  "handle is not the link's": 'HANDLE_DIFFERS',
  'the link is with another holder': 'LINK_INVALID',
  'not a log of the holder': 'LOG_UNPROVEN',
  'leaf seen before': 'LEAF_SEEN',
  'a later block is covered by the checkpoint: not the current state': 'HEAD_NOT_CURRENT',
  'the checkpoint is not equal to the own replica': 'HEAD_OTHER_LEDGER',
  'the relationship is closed': 'HEAD_CLOSED',
  'the terminal is not this key with this value': 'HEAD_UNPROVEN',
  'by link the head is always there': 'HEAD_MISSING',
  'a handle without a head': 'HANDLE_ALONE',
  'a head without a handle': 'HANDLE_ALONE',
  'com does not open to this disclosure': 'COM_DIFFERS',
  'the disclosure lacks one of its details, or has it twice': 'RECEIPT_FORMAT',
  'the leaf is a seal': 'LEAF_KIND',
  'extra is not salt and blind': 'EXTRA_MISSING',
  'signature line of an unknown key': 'LOG_UNPROVEN',
  'extra where none belongs': 'HEAD_UNPROVEN',
  'unknown member v': 'RECEIPT_FORMAT',
  'not equal to its own JCS': 'RECEIPT_FORMAT',
}

describe('receipts', () => {
  it.each(cases)('accepts $name', (one) => {
    const verdict = check(one)
    expect(verdict.ok ? [] : verdict.findings).toEqual([])
    if (!verdict.ok) return
    expect(encodeHex(verdict.accepted.leafHash)).toBe(one['leafHash'])
    expect(mirrorTag(new Uint8Array(32), verdict.accepted.leafBytes)).toHaveLength(32)
  })
  it('hashes the receipt alike', () => expect(encodeHex(sha256(encodeUtf8(first['receipt'])))).toBe(first['receiptHash']))
  it.each(refused)('refuses $name', (one) => {
    const verdict = check(one)
    expect(verdict.ok ? ['accepted'] : verdict.findings.map((finding) => finding.code)).toContain(CODES[one['reason']])
  })
})
