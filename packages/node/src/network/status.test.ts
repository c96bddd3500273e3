import {
  cosignNote,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  ledgerOrigin,
  makeVerifierKey,
  ed25519PublicKey,
  encodeBase64Url,
  parseGroupId,
  parseNetworkId,
  parseOrganizationId,
  sha256,
  signNote,
  witnessName,
} from '@fiducia/core'
import type { Genesis } from '@fiducia/ledger'
import { expect, it } from 'vitest'
import { judgeStatus, type MemberAnswer } from './status.ts'

const NOW = 1_767_225_600_000
const net = parseNetworkId('valley')
const orgs = ['alder', 'birch', 'cedar', 'elm'].map((org) => parseOrganizationId(org))
const [alder, birch, cedar, elm] = orgs as [(typeof orgs)[0], (typeof orgs)[0], (typeof orgs)[0], (typeof orgs)[0]]
const seedOf = (label: string) => sha256(encodeUtf8(`status test ${label}`))
const keyOf = (role: 'node' | 'witness' | 'ledger', org: string) => ({
  role,
  alg: 'ed25519' as const,
  pub: encodeBase64Url(ed25519PublicKey(seedOf(`${role} ${org}`))),
})
const member = (org: string) => ({
  name: org,
  group: parseGroupId(org),
  endpoint: `http://${org}.test`,
  keys: [keyOf('node', org), keyOf('witness', org), ...(org === 'alder' ? [keyOf('ledger', org)] : [])],
})
const genesis: Genesis = {
  v: 1,
  net,
  time: NOW,
  operator: alder,
  members: Object.fromEntries(orgs.map((org) => [org, member(org)])),
  rules: { default: 'deny', freshSeconds: 60 },
}

/** A note of this size, cosigned so many seconds ago. */
function noteOf(size: number, ages: Readonly<Record<string, number>>): string {
  const origin = ledgerOrigin(net)
  const text = formatCheckpoint({ origin, size, root: sha256(encodeUtf8(`root ${size}`)) })
  const log = makeVerifierKey(origin, KEY_TYPE_LOG, ed25519PublicKey(seedOf('ledger alder')))
  const lines = Object.entries(ages).map(([org, age]) => {
    const key = makeVerifierKey(witnessName(net, parseOrganizationId(org)), KEY_TYPE_WITNESS, ed25519PublicKey(seedOf(`witness ${org}`)))
    return cosignNote(text, key, seedOf(`witness ${org}`), NOW / 1000 - age)
  })
  return formatNote({ text, signatures: [signNote(text, log, seedOf('ledger alder')), ...lines] })
}

const answer = (org: MemberAnswer['org'], note?: string, at: MemberAnswer['at'] = { height: 7, appHash: 'seven' }): MemberAnswer => ({
  org,
  at,
  problem: undefined,
  note,
})
const silent = (org: MemberAnswer['org']): MemberAnswer => ({ org, at: undefined, problem: 'expected an answer, found none', note: undefined })
const witnessing = (answers: readonly MemberAnswer[]) => judgeStatus(genesis, answers, NOW).members.flatMap((one) => (one.witnessing ? [one.name] : []))

it('is fine when all are at one height with one app hash', () => {
  const status = judgeStatus(
    genesis,
    orgs.map((org) => answer(org, noteOf(9, { alder: 5, birch: 5, cedar: 5, elm: 5 }))),
    NOW,
  )
  expect(status).toMatchObject({ ok: true, engine: 'embedded', net: 'valley', height: 7, appHash: 'seven' })
  expect(status.members.map(({ name, witnessing: is, reachable, problem }) => [name, is, reachable, problem])).toEqual(
    orgs.map((org) => [org, true, true, null]),
  )
})

it('counts fresh cosignatures on the newest checkpoint that a quorum cosigned, whoever shows them', () => {
  const quorum = { alder: 5, birch: 5, cedar: 5 }
  expect(witnessing([answer(alder, noteOf(9, quorum)), answer(birch), answer(cedar), answer(elm)])).toEqual([alder, birch, cedar])
  expect(witnessing([answer(alder, noteOf(9, quorum)), answer(birch, noteOf(9, { elm: 5, alder: 90, cedar: 90 })), answer(cedar), answer(elm)])).toEqual(orgs)
  expect(witnessing([answer(alder, noteOf(9, quorum)), answer(birch, noteOf(8, { ...quorum, elm: 5 })), answer(cedar), answer(elm)])).toEqual([
    alder,
    birch,
    cedar,
  ])
  expect(witnessing([answer(alder, noteOf(9, { ...quorum, cedar: 61, birch: -31 })), answer(birch), answer(cedar), answer(elm)])).toEqual([alder])
  expect(witnessing([answer(alder, noteOf(10, { alder: 5, birch: 5 })), answer(birch, noteOf(9, quorum)), answer(cedar), answer(elm)])).toEqual([
    alder,
    birch,
    cedar,
  ])
  expect(witnessing([answer(alder, 'no note'), silent(birch), silent(cedar), silent(elm)])).toEqual([])
})

it('names who is silent, behind, or holds another ledger; the operator’s hash is the one that others are held against', () => {
  const others = [silent(cedar), answer(elm, undefined, { height: 7, appHash: 'other' })]
  const { ok, members } = judgeStatus(genesis, [answer(alder), answer(birch, undefined, { height: 6, appHash: 'six' }), ...others], NOW)
  expect(ok).toBe(false)
  expect(members.map(({ problem }) => problem)).toEqual([
    null,
    'behind: at height 6, the network is at 7',
    'expected an answer, found none',
    'another app hash than that of the others at height 7: expected `seven`',
  ])
})

it('says so when nobody answers', () => {
  expect(judgeStatus(genesis, orgs.map(silent), NOW)).toMatchObject({ ok: false, height: null, appHash: null })
})
