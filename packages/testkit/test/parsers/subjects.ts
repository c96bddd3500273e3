import { encodeWallet, parseWallet } from '@fiducia/client'
import { encodePolicy, parseChoices, parsePolicy } from '@fiducia/consent'
import * as core from '@fiducia/core'
import { parseConsentCase, parseSearch } from '@fiducia/fhir'
import * as ledger from '@fiducia/ledger'
import { NodeFailure, parseAuthorizationDetails } from '@fiducia/node'
import * as proofs from '@fiducia/proofs'
import { zipSync } from 'fflate'
import { simulate } from '../../../ledger/test/simulation.ts'
import { alder, genesis, genesisFile, startState } from '../../../ledger/test/world.ts'
import { bundles } from '../../../proofs/test/bundles.ts'
import * as made from '../../../proofs/test/network.ts'
import { sampleBundle } from '../../../proofs/test/sample.ts'
import { fromBinary, jsonOf, toBinary } from './mutations.ts'
import { PROVIDER_SUBJECTS } from './provider-subjects.ts'
import { RESEARCH_SUBJECTS, STUDY_PACK } from './research-subjects.ts'
import { isInputError, never, ofBytes, ofText, ofValue, type Subject } from './subject.ts'

const net = made.net
const { leaf, extra, disclosure, decision, index } = made.events[0] ?? {
  leaf: new Uint8Array(),
  extra: new Uint8Array(),
  disclosure: '',
  decision: '',
  index: 0,
}
const [log] = made.logs
const note = made.noteOf(log, { time: 1_800_000_000 })
const proof = made.proofOf(log, index, note, extra)
const checkpoint = core.parseNote(note).text
const policyText = proofs.formatTrustPolicy(made.policy)
const addCheckpoint = core.encodeUtf8(proofs.formatAddCheckpoint({ oldSize: 8, path: log.hashes.consistency(8), note }))
const receipt = proofs.formatRecord({ disclosure, head: made.provenHead, leaf: core.encodeBase64Url(leaf), proof })
const content = { decision: proofs.readDecisionRecord(decision), disclosure, salt: made.bytes32('salt'), salt2: made.bytes32('salt2') }
const link = ledger.signLink(
  { net, holder: made.holder, handle: made.handle, requester: made.requester, expires: 1_900_000_000_000, rand: made.bytes32('link') },
  proofs.controlKey(made.bytes('wallet'), made.bytes('rand32'), 0).secret,
)
const linkText = proofs.formatRecord(link)
const samplePack = core.decodeUtf8(sampleBundle({ size: 7 }).get('sample.json') ?? new Uint8Array())
const readSample = (text: string) => proofs.parseSamplePack(core.parseCanonicalString(text), '')

interface History {
  readonly wires: ReadonlyMap<string, Uint8Array>
  readonly state: ledger.LedgerState
  readonly entries: readonly Uint8Array[]
}

/** One accepted transaction of each type that a random history has, and its log. */
function history(): History {
  let state = startState()
  const wires = new Map<string, Uint8Array>()
  const opening = ledger.encodeBlockEntry({ height: 0, time: state.time, stateRoot: state.tree.root, count: 0 })
  const entries: Uint8Array[] = [ledger.encodeGenesisEntry(genesisFile()), opening]
  for (const block of simulate(7, 120)) {
    const applied = ledger.apply(state, block)
    state = applied.state
    const accepted = block.transactions.filter((_, i) => applied.results[i]?.accepted === true)
    for (const wire of accepted) wires.set(ledger.decodeTransaction(wire).type, wire)
    if (accepted.length > 0 && entries.length < 12)
      entries.push(
        ...accepted.map(ledger.encodeTransactionEntry),
        ledger.encodeBlockEntry({ height: block.height, time: block.time, stateRoot: state.tree.root, count: accepted.length }),
      )
  }
  return { wires, state, entries }
}

const { wires, state, entries } = history()
const wholeLog = entries.slice(0, entries.findLastIndex((entry, i) => i < 8 && entry[0] === 2) + 1)
const { members, ...network } = genesis()
const [founder] = Object.values(members)
/** One member only: admitting a key costs half a millisecond. */
const smallGenesis = ledger.encodeGenesis({ ...network, members: founder === undefined ? {} : { [alder]: founder } })
const transactions = [...wires.values()]

function validUntilOf(wire: Uint8Array): number {
  try {
    return ledger.decodeTransaction(wire).validUntil
  } catch {
    return 0
  }
}

/** The codec of its body, and all that the rules look at before and after; every signature counts as good. */
const judge = (wire: Uint8Array) => ledger.judgeTransaction(state, { height: state.height + 1, time: validUntilOf(wire) }, wire, () => true)

const recordParsers: readonly (readonly [object, core.Parser<object>])[] = [
  [made.head, ledger.parseHead],
  [made.roleRecord, ledger.parseRoleRecord],
  [{ code: made.opening.code, org: made.opening.org, practitioner: made.opening.practitioner }, ledger.parseRoleOpening],
  [{ at: 1, height: 1, root: made.bytes32('root'), size: 1 }, ledger.parseAccessLogRecord],
  [{ at: 1, by: 'alpha', origin: 'test/log/alpha/1', root: made.bytes32('root'), size: 1 }, ledger.parseDisputeRecord],
]

/** The first parser that reads it; what the last one throws otherwise. */
function firstOf(parsers: readonly core.Parser<object>[]): (value: unknown) => object {
  return (value) => {
    let fault: unknown
    for (const parse of parsers) {
      try {
        return parse(value, '')
      } catch (error) {
        if (!isInputError(error)) throw error
        fault = error
      }
    }
    throw fault
  }
}

/** Files in a length-prefixed row, so that one text is one bundle. */
const packFiles = (files: proofs.BundleFiles): string => [...files].map(([name, bytes]) => `${name}\n${bytes.length}\n${toBinary(bytes)}`).join('')
function unpackFiles(text: string): proofs.BundleFiles {
  const files = new Map<string, Uint8Array>()
  let at = 0
  while (at < text.length && files.size < 5000) {
    const [name = '', size = ''] = text.slice(at, at + 400).split('\n', 2)
    const start = at + name.length + size.length + 2
    const length = /^\d{1,7}$/.test(size) ? Number(size) : 40
    files.set(name, fromBinary(text.slice(start, start + length)))
    at = start + length
  }
  return files
}

function verifyReadable(text: string): unknown {
  const files = unpackFiles(text)
  const { checks } = proofs.verifyBundle(files, made.policy)
  const failed = checks.find(({ name }) => name === 'readable')
  if (failed !== undefined) throw new Error(`the verifier failed: ${failed.detail}`)
  proofs.kindOf(files)
  return checks
}

const archiveOf = (files: proofs.BundleFiles, level: 0 | 6): Uint8Array => zipSync(Object.fromEntries(files), { level, mtime: '2020-01-01T00:00:00Z' })

const search = (text: string): object => {
  const [type = '', query = ''] = text.split('?', 2)
  return parseSearch(type, new URLSearchParams(query))
}

const policy = {
  v: 1,
  preset: 'care-team',
  grants: [
    { effect: 'permit', recipients: [{ organization: 'birch', role: 'cardiology' }], purposes: ['TREAT'], data: { categories: ['hiv'], sensitivity: ['ETH'] } },
    {
      effect: 'deny',
      data: {
        types: ['Observation'],
        codes: ['http://loinc.org|718-7'],
        items: ['Observation/1', { related: 'Encounter/7' }],
        period: { from: '2020', until: '2021-06-01' },
      },
      valid: { from: 1, until: 2 },
      except: [{ recipients: [{ anyone: true }], within: { purposes: ['HRESCH'] } }],
    },
  ],
  replaces: [made.bytes32('a')],
  unlinked: [made.bytes32('b')],
  filters: { [made.bytes32('c')]: { confidentiality: 'R' } },
}
const choices = {
  preset: 'own',
  named: 'ask-me',
  approved: [{ who: { organization: 'birch' }, purposes: ['TREAT'], until: 5 }],
  blocked: [{ who: { practitioner: 'npi|1' }, types: ['Observation'] }],
  hidden: ['Observation/1'],
}
const coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }
const consentCase = {
  at: '2024-06-01T00:00:00Z',
  default: 'deny',
  consents: [{ profile: 'r4', resource: { resourceType: 'Consent', id: '1', status: 'active', provision: { type: 'permit', purpose: [coding] } } }],
  references: [{ resourceType: 'Practitioner', id: '7' }],
  request: { actors: [{ reference: 'Practitioner/7' }, { system: 'npi', value: '1' }], purpose: ['TREAT', coding], action: 'read', careRelationship: true },
  resources: [{ resourceType: 'Observation', id: '1', code: { text: 'a "quoted" \\ text' } }],
}
const publicKey = core.ed25519PublicKey(made.bytes('key'))
const keyId = core.ed25519KeyId(publicKey)
const details = [
  {
    type: 'fiducia',
    purpose: 'TREAT',
    practitioner: 'npi|1932102084',
    acr: 'urn:x',
    auth_time: 1,
    link: { body: link.body, key: link.key, sig: link.sig },
    role: made.opening,
  },
]
const wallet = {
  v: 1,
  net,
  seed: made.bytes32('seed'),
  relationships: [
    {
      handle: made.handle,
      org: 'alpha',
      rand32: made.bytes32('rand'),
      custody: 'self',
      keyEpoch: 0,
      epoch: 0,
      version: 1,
      closed: false,
      policies: [{ version: 1, body: '{}', salt: made.bytes32('s'), commitment: made.bytes32('c'), expires: 5 }],
      links: [{ requester: 'beta', expires: 5, link: { body: link.body, key: link.key, sig: link.sig } }],
    },
  ],
}

const anyEncoding = (text: string): string => {
  if (text.startsWith('hex:')) return `hex:${core.encodeHex(core.decodeHex(text.slice(4)))}`
  if (text.startsWith('std:')) return `std:${core.encodeBase64(core.decodeBase64(text.slice(4)))}`
  return core.encodeBase64Url(core.decodeBase64Url(text))
}
const anyIdentifier = (text: string): string => {
  const [kind, value] = [text.slice(0, 2), text.slice(2)]
  if (kind === 'n:') return `n:${core.parseNetworkId(value)}`
  if (kind === 'o:') return `o:${core.parseOrganizationId(value)}`
  if (kind === 'g:') return `g:${core.parseGroupId(value)}`
  if (kind === 'd:') return `d:${core.parseDecimalString(value)}`
  if (kind === 'h:') return `h:${core.parseHandle(value)}`
  if (kind === 'k:') return `k:${core.parseKeyId(value)}`
  const origin = core.parseAccessLogOrigin(text)
  return origin === undefined ? core.parseBytes32(text) : core.accessLogOrigin(origin.net, origin.org, origin.k)
}

const bundleEntry = core.concatBytes(Uint8Array.of(0, 3, 1, 2, 3), Uint8Array.of(0, 0), Uint8Array.of(0, 2, 9, 9))
const canonicalSamples = [linkText, receipt, policyText, decision, disclosure, '[0,1,9007199254740991,"\\u0000\\"\\\\é",true,null,{"a":{},"b":[]}]'].filter(
  (text) => jsonOf(text) !== undefined,
)

export const SUBJECTS: readonly Subject[] = [
  ofText(
    'base64, base64url and hex',
    [core.encodeBase64Url(leaf), `std:${core.encodeBase64(leaf)}`, `hex:${core.encodeHex(leaf)}`, 'std:AA==', 'AAA', ''],
    anyEncoding,
    (x) => x,
  ),
  ofText(
    'identifiers',
    ['n:test', 'o:alpha.b-c', 'g:group-1', 'd:12345678901234567890', `h:${made.handle}`, `k:${keyId}`, 'test/log/alpha/12', made.handle],
    anyIdentifier,
    (x) => x,
  ),
  ofBytes('canonical JSON', canonicalSamples.map(core.encodeUtf8), (bytes) => core.parseCanonical(bytes), core.encodeCanonical),
  ofValue(
    'key record',
    [{ org: 'alpha', role: 'node', alg: 'ed25519', pub: core.encodeBase64Url(publicKey), from: 0, to: 9, compromisedFrom: 5, origin: 'test/log/alpha/1' }],
    (value) => core.parseKeyRecord(value, keyId),
    proofs.formatRecord,
  ),
  ofBytes(
    'signed object',
    [core.encodeUtf8(linkText)],
    (bytes) => core.parseSignedObjectBytes(bytes, 'link', net),
    (value) => core.encodeUtf8(proofs.formatRecord(value)),
  ),
  ofValue('state proof', [made.provenHead.state, { siblings: [], terminal: null }], (value) => core.parseStateProof(value, ''), proofs.formatRecord),
  ofText(
    'verifier key',
    [core.formatVerifierKey(made.ledgerKey), core.formatVerifierKey(made.witnessKey('alpha'))],
    core.parseVerifierKey,
    core.formatVerifierKey,
  ),
  ofText('note', [note, made.noteOf(log, { time: 1, by: [] })], core.parseNote, core.formatNote),
  ofText('checkpoint', [checkpoint, 'a\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'], core.parseCheckpoint, core.formatCheckpoint),
  ofBytes('transaction', transactions, ledger.decodeTransaction, ({ net: of, type, body, validUntil, signatures }) =>
    core.encodeCanonical({
      payload: { v: 1, net: of, type, body, validUntil },
      signatures: signatures.map(({ key, sig }) => ({ key, sig: core.encodeBase64Url(sig) })),
    }),
  ),
  ofBytes('transaction in a block', transactions, judge, undefined, { isRefusal: never }),
  ofBytes('genesis', [smallGenesis], ledger.parseGenesis, (value) => core.encodeUtf8(proofs.formatRecord(value)), { isSlow: true }),
  ofBytes('log entry', [...entries.slice(0, 6), leaf], (bytes) => (bytes.length === 72 ? leaf : ledger.decodeLogEntry(bytes))),
  ofText(
    'log',
    [wholeLog.map(core.encodeHex).join('\n')],
    (text) =>
      ledger.readLogForm(text.split('\n').map((line) => fromBinary(line.replaceAll(/[0-9a-f]{2}/g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))))),
    undefined,
    {
      isRefusal: (error) => error instanceof ledger.LogFault,
      isSlow: true,
    },
  ),
  ofValue('trust record', [made.trustRecord(1, 1)], (value) => ledger.parseTrust(value, ''), proofs.formatRecord),
  ofValue(
    'state records',
    recordParsers.map(([record]) => record),
    firstOf(recordParsers.map(([, parse]) => parse)),
    proofs.formatRecord,
  ),
  ofText(
    'link',
    [linkText],
    (text) => ledger.parseLink(text, net),
    ({ signed }) => proofs.formatRecord(signed),
  ),
  ofText('tlog-proof', [proof, made.proofOf(log, 0, note)], proofs.parseTlogProof, proofs.formatTlogProof),
  ofBytes('tlog-proof file', [core.encodeUtf8(proof)], (bytes) => proofs.verifyTlogProofFile(bytes, leaf, made.policy), undefined, {
    isSlow: true,
    isRefusal: never,
  }),
  ofText('tlog-policy', [policyText, `# one\nlog ${core.formatVerifierKey(made.ledgerKey)} https://a.test\nquorum none\n`], proofs.parseTrustPolicy),
  ofBytes('trust from outside', [core.encodeUtf8(policyText), smallGenesis], (bytes) => proofs.readTrustInput(proofs.readTrustText(bytes)), undefined, {
    isSlow: true,
  }),
  ofText('tile path', ['0/000', 'entries/x001/x234/067.p/5', '5/999'], proofs.parseTilePath, proofs.tilePath),
  ofBytes('entry bundle', [bundleEntry], (bytes) => proofs.decodeEntryBundle(bytes, 3), proofs.encodeEntryBundle),
  ofBytes('leaf', [leaf], proofs.decodeLeaf, proofs.encodeLeaf),
  ofBytes('add-checkpoint request', [addCheckpoint], proofs.parseAddCheckpoint, (request) => core.encodeUtf8(proofs.formatAddCheckpoint(request))),
  ofText(
    'receipt',
    [receipt, proofs.formatRecord({ disclosure, head: null, leaf: core.encodeBase64Url(leaf), proof })],
    proofs.parseReceipt,
    proofs.formatRecord,
  ),
  ofText('disclosure', [disclosure, made.disclosureOf(0, 'BTG', false)], (text) => [proofs.readDisclosure(text), proofs.releasedReferences(text)]),
  ofText('decision record', [decision], proofs.readDecisionRecord, proofs.formatDecisionRecord),
  ofText('sealed copy', [proofs.formatRecord({ ...content })], (text) => proofs.openSealedCopy(made.bytes('K'), sealText(text))),
  ofText('bundle', Object.values(bundles).map(packFiles), verifyReadable, undefined, { isRefusal: never }),
  ofBytes(
    'archive',
    Object.values(bundles).flatMap((files, i) => [archiveOf(files, i % 2 === 0 ? 0 : 6)]),
    proofs.readArchive,
  ),
  ofText('sample of a directory', [samplePack], readSample, (pack) => core.formatCanonical(proofs.samplePackJson(pack))),
  STUDY_PACK,
  ofValue('policy document', [policy], parsePolicy, (value) => core.decodeUtf8(encodePolicy(value))),
  ofValue('choices', [choices, { preset: 'care-team' }], parseChoices, proofs.formatRecord),
  ofText('search', ['Observation?patient=Patient/1&code=http://loinc.org|718-7,1&date=ge2020-01-01&date=lt2021&_count=7', 'Patient?_id=1'], search),
  ofText('consent case', [JSON.stringify(consentCase)], parseConsentCase),
  ofBytes('wallet state', [core.encodeUtf8(proofs.formatRecord(wallet))], parseWallet, encodeWallet),
  ofBytes(
    'authorization details',
    [core.encodeUtf8(proofs.formatRecord(details))],
    (bytes) => parseAuthorizationDetails(core.encodeBase64Url(bytes), net),
    ({ json }) => core.encodeCanonical(json),
    { isRefusal: (error) => error instanceof NodeFailure },
  ),
  ...PROVIDER_SUBJECTS,
  ...RESEARCH_SUBJECTS,
]

/** A copy that opens with K and holds this text, padded as it should be. */
function sealText(text: string): Uint8Array {
  const rand = made.bytes('rand')
  const plain = core.encodeUtf8(text)
  const padded = new Uint8Array(Math.ceil(plain.length / proofs.SEALED_COPY_BLOCK_BYTES) * proofs.SEALED_COPY_BLOCK_BYTES).fill(0x20)
  padded.set(plain)
  return core.concatBytes(rand, core.aesGcmSeal(core.hkdf(made.bytes('K'), 'seal', rand), new Uint8Array(12), padded))
}
