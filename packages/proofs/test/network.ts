import {
  accessLogOrigin,
  type Bytes32,
  cosignNote,
  decodeBase64Url,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  formatCanonical,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  type Handle,
  type KeyRole,
  type JsonValue,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  leafHash,
  ledgerOrigin,
  makeVerifierKey,
  parseCheckpoint,
  type OrganizationId,
  parseGroupId,
  parseNetworkId,
  parseNote,
  parseOrganizationId,
  sha256,
  signNote,
  StateTree,
  type VerifierKey,
  witnessName,
} from '@fiducia/core'
import {
  accessLogKey,
  encodeBlockEntry,
  encodeGenesis,
  type GenesisMember,
  handleOf,
  policyCommitment,
  type RelationshipHead,
  relationshipKey,
  roleIdOf,
  roleKey,
} from '@fiducia/ledger'
import * as proofs from '../src/index.ts'

/** A small network for the tests of this package: four groups, a ledger of a few blocks, access logs of two organizations. All deterministic. */

export const bytes = (label: string): Uint8Array => sha256(encodeUtf8(`fiducia test ${label}`))
export const bytes32 = (label: string): Bytes32 => encodeBase64Url(bytes(label)) as Bytes32

export const net = parseNetworkId('test')
export const [holder, requester] = [parseOrganizationId('alpha'), parseOrganizationId('beta')]
const ORGS = ['alpha', 'beta', 'gamma', 'delta'].map((org) => parseOrganizationId(org))

const keyOf = (name: string, type: VerifierKey['type'], seed: string) => makeVerifierKey(name, type, ed25519PublicKey(bytes(seed)))
export const ledgerKey = keyOf(ledgerOrigin(net), KEY_TYPE_LOG, 'ledger')
export const logKey = (org: string, k: number) => keyOf(accessLogOrigin(net, parseOrganizationId(org), k), KEY_TYPE_LOG, `log ${org} ${k}`)
export const witnessKey = (org: string, version = 1) => keyOf(witnessName(net, parseOrganizationId(org)), KEY_TYPE_WITNESS, `witness ${org} ${version}`)

export const policy: proofs.TrustPolicy = {
  logs: [ledgerKey, ...['alpha', 'beta'].flatMap((org) => [logKey(org, 1), logKey(org, 2)])],
  groups: ORGS.map((org) => ({ name: `group-${org}`, witnesses: [witnessKey(org)] })),
  quorum: 3,
}

/** A note by the log's key, cosigned by these organizations' witnesses at `time` seconds, in strict form. */
export function noteOf(log: HashSource, options: { readonly time: number; readonly by?: readonly string[]; readonly size?: number }): string {
  const size = options.size ?? log.hashes.size
  const text = formatCheckpoint({ origin: log.key.name, size, root: log.hashes.root(size) })
  const signed = signNote(text, log.key, bytes(log.seed))
  const cosigned = (options.by ?? ['alpha', 'delta', 'gamma']).map((org) => cosignNote(text, witnessKey(org), bytes(`witness ${org} 1`), options.time))
  return formatNote({ text, signatures: [signed, ...cosigned] })
}

export interface HashSource {
  readonly key: VerifierKey
  readonly seed: string
  readonly hashes: proofs.HashLog
}

export const proofOf = (log: HashSource, index: number, note: string, extra?: Uint8Array): string => {
  const { size } = parseCheckpoint(parseNote(note).text)
  return proofs.formatTlogProof({ extra, index, path: log.hashes.inclusion(index, size), note })
}

// ---- the patient -------------------------------------------------------------------------------------------------------

const seed = bytes('wallet')
const rand32 = bytes('rand32')
export const secret = proofs.relationshipSecret(seed, rand32)
export const tagkey = proofs.tagKeyOf(secret)
const control = proofs.controlKey(seed, rand32, 0)
export const handle: Handle = handleOf(net, holder, decodeBase64Url(control.pub), rand32)
const policyText = '{"grants":[{"effect":"permit","purposes":["TREAT"]}],"v":1}'
const policySalt = bytes('policy salt')

export const head: RelationshipHead = {
  org: holder,
  status: 'open',
  epoch: 0,
  version: 1,
  commitment: policyCommitment(policyText, policySalt),
  expires: 1_801_440_000_000,
  by: control.pub,
  base: 1,
  control: control.pub,
  delegates: [],
  recovery: { m: 1, hashes: [bytes32('recovery')] },
  pending: null,
  custody: 'self',
  chain: proofs.chainOf(tagkey),
  seal: proofs.sealKey(seed, rand32, 0).pub,
  bind: bytes32('bind'),
}

// ---- the holder's logs -------------------------------------------------------------------------------------------------

export const SLOT = 29_453_760
const START = SLOT * 60

export const disclosureOf = (n: number, purpose = 'TREAT', named = true): string =>
  formatCanonical({
    resourceType: 'AuditEvent',
    agent: [
      { type: { coding: [{ code: '110152' }] }, requestor: false, who: { identifier: { value: requester } } },
      {
        type: { coding: [{ code: 'IRCP' }] },
        requestor: true,
        who: { identifier: { system: 'npi', value: '1932102084' } },
        purposeOfUse: [{ coding: [{ code: purpose }] }],
      },
    ],
    entity: [
      {
        what: { reference: `Observation/${n}/_history/1` },
        detail: [
          { type: 'fiducia.authz', valueString: bytes32('authz') },
          { type: 'fiducia.digest', valueString: bytes32(`body ${n}`) },
          ...(named ? [{ type: 'fiducia.handle', valueString: handle as string }] : []),
          { type: 'fiducia.mirror', valueString: bytes32(`mirror ${n}`) },
        ],
      },
    ],
  })

interface MadeEvent {
  readonly leaf: Uint8Array
  readonly index: number
  readonly disclosure: string
  readonly decision: string
  readonly extra: Uint8Array
  readonly salt2: Uint8Array
}

function makeEvent(k: number, n: number, index: number, purpose = 'TREAT', tag = proofs.eventTag(tagkey, k, n)): MadeEvent {
  const disclosure = disclosureOf(n, purpose)
  const decision = proofs.formatDecisionRecord({
    assertion: bytes32('assertion'),
    directoryHeight: 2,
    height: 2,
    instant: START * 1000,
    k,
    n,
    rules: 'labels-1',
    tag: encodeBase64Url(tag) as Bytes32,
    versions: [1],
    withheld: [{ code: 'LABEL_DENIED', ref: 'Observation/9' }],
  })
  const [salt, salt2] = [bytes(`salt ${k} ${n}`), bytes(`salt2 ${k} ${n}`)]
  const blind = proofs.blindOf(salt2, decision)
  const com = proofs.eventCom(salt, disclosure, blind)
  return { leaf: proofs.encodeLeaf({ kind: 'entry', slot: SLOT, tag, com }), index, disclosure, decision, salt2, extra: new Uint8Array([...salt, ...blind]) }
}

interface MadeLog extends HashSource {
  readonly state: proofs.LogState
  readonly leaves: readonly Uint8Array[]
}

/** A log of an organization with these entries, closed by a seal. */
function makeLog(org: string, k: number, entries: readonly Uint8Array[]): MadeLog {
  let counter = 0
  const open = proofs.verifyBatch(proofs.emptyLogState(), entries)
  if (!open.ok) throw new Error(open.message)
  const closing = proofs.closeBatch(open.state, SLOT + 1, (length) => {
    counter += 1
    return new Uint8Array([...bytes(`padding ${org} ${k} ${counter}`), ...bytes(`more padding ${counter}`)]).subarray(0, length)
  })
  const leaves = [...entries, ...closing]
  const sealed = proofs.verifyBatch(proofs.emptyLogState(), leaves)
  if (!sealed.ok) throw new Error(sealed.message)
  return { key: logKey(org, k), seed: `log ${org} ${k}`, hashes: proofs.createHashLog(leaves.map(leafHash)), state: sealed.state, leaves }
}

// ---- the ledger --------------------------------------------------------------------------------------------------------

export interface MadeBlock extends HashSource {
  readonly tree: StateTree
  readonly entry: Uint8Array
}

/** A ledger whose last block has this state; the entries before it are of no matter to proofs. */
export function makeLedger(state: Readonly<Record<string, unknown>>, height = 2): MadeBlock {
  const tree = StateTree.from(Object.entries(state).map(([key, value]) => ({ key, value: formatCanonical(value as JsonValue) })))
  const entry = encodeBlockEntry({ height, time: START * 1000, stateRoot: tree.root, count: 1 })
  const before = Array.from({ length: 2 * height + 1 }, (_, i) => leafHash(bytes(`entry ${i}`)))
  return { key: ledgerKey, seed: 'ledger', hashes: proofs.createHashLog([...before, leafHash(entry)]), tree, entry }
}

export function provenRecord(ledger: MadeBlock, key: string, time: number): Omit<proofs.ProvenHead, 'value'> {
  const proof = proofOf(ledger, ledger.hashes.size - 1, noteOf(ledger, { time }))
  return { state: ledger.tree.prove(key), block: encodeBase64Url(ledger.entry), proof }
}

// ---- one bundle of each kind -------------------------------------------------------------------------------------------

export const opening = { code: '207Q00000X', org: requester, practitioner: 'npi|1932102084', rand32: bytes32('role') }
const role = roleIdOf(opening, bytes('role'))
export const attestedKey = roleKey(role, parseGroupId('group-gamma'))
export const roleRecord = { version: 1, expires: (START + 86_400) * 1000, withdrawn: false }
export const logRecord = (log: HashSource) => ({ size: log.hashes.size, root: encodeBase64Url(log.hashes.root()) as Bytes32, height: 2, at: START * 1000 })
const standby = (k: number) => ({ size: 0, root: encodeBase64Url(proofs.createHashLog().root()) as Bytes32, height: k, at: START * 1000 })

export const events = [makeEvent(1, 0, 0), makeEvent(1, 1, 1), makeEvent(1, 2, 2, 'BTG')]
const laterEvents = [makeEvent(2, 0, 0)]
export const logs = [
  makeLog(
    'alpha',
    1,
    events.map(({ leaf }) => leaf),
  ),
  makeLog(
    'alpha',
    2,
    laterEvents.map(({ leaf }) => leaf),
  ),
] as const
const mirrorLeaf = proofs.encodeLeaf({
  kind: 'entry',
  slot: SLOT,
  tag: proofs.mirrorTag(bytes('mirror 0'), events[0]?.leaf ?? new Uint8Array()),
  com: bytes('mirror com'),
})
const mirrorLog = makeLog('beta', 1, [mirrorLeaf])

export const keyOfLog = (k: number) => accessLogKey(accessLogOrigin(net, holder, k))
export const ledger = makeLedger({
  [relationshipKey(handle)]: head,
  [attestedKey]: roleRecord,
  [keyOfLog(1)]: logRecord(logs[0]),
  [keyOfLog(2)]: logRecord(logs[1]),
  [keyOfLog(3)]: standby(3),
  'rel/other': { a: 1 },
})

export const provenHead: proofs.ProvenHead = { value: head, ...provenRecord(ledger, relationshipKey(handle), START + 20) }

export function accessParts(n: number): proofs.AccessParts {
  const event = events[n]
  if (event === undefined) throw new Error('no such event')
  return {
    handle,
    head: provenHead,
    access: { leaf: event.leaf, proof: proofOf(logs[0], event.index, noteOf(logs[0], { time: START + 90 }), event.extra) },
    disclosure: event.disclosure,
    decision: { record: event.decision, salt2: event.salt2 },
  }
}

export const sealProof = (log: MadeLog, time: number) => ({
  leaf: log.leaves.at(-1) ?? new Uint8Array(),
  proof: proofOf(log, log.hashes.size - 1, noteOf(log, { time })),
})

export const completenessParts: proofs.CompletenessParts = {
  handle,
  head: provenHead,
  logs: [
    { tags: proofs.buildTags(tagkey, 1, { tags: logs[0].state.sealed.tags, leaves: events.map(({ leaf }) => leaf) }), seal: sealProof(logs[0], START + 90) },
    {
      tags: proofs.buildTags(tagkey, 2, { tags: logs[1].state.sealed.tags, leaves: laterEvents.map(({ leaf }) => leaf) }),
      seal: sealProof(logs[1], START + 95),
    },
  ],
  next: { proof: ledger.tree.prove(keyOfLog(3)), value: standby(3) },
  earlier: [{ proof: ledger.tree.prove(keyOfLog(1)), value: logRecord(logs[0]) }],
}

/** A list over log 2, log 1 having ended before its first seal. */
function unsealed(): proofs.BundleFiles {
  const empty = makeLedger({ [relationshipKey(handle)]: head, [keyOfLog(1)]: standby(1), [keyOfLog(2)]: logRecord(logs[1]) })
  return proofs.buildCompleteness({
    handle,
    head: { value: head, ...provenRecord(empty, relationshipKey(handle), START + 20) },
    logs: completenessParts.logs.slice(1),
    next: { proof: empty.tree.prove(keyOfLog(3)), value: null },
    earlier: [{ proof: empty.tree.prove(keyOfLog(1)), value: standby(1) }],
  })
}

const unlinkedDisclosure = disclosureOf(0, 'TREAT', false)
const unlinkedExtra = new Uint8Array([...bytes('unlinked salt'), ...bytes('unlinked blind')])
const unlinkedLeaf = proofs.encodeLeaf({
  kind: 'entry',
  slot: SLOT,
  tag: bytes('random tag'),
  com: proofs.eventCom(unlinkedExtra.slice(0, 32), unlinkedDisclosure, unlinkedExtra.slice(32)),
})
const unlinkedLog = makeLog('alpha', 1, [unlinkedLeaf])

export const trustRecord = (k: number, gamma: number) => ({
  k,
  logs: policy.logs.map(formatVerifierKey).toSorted(),
  groups: Object.fromEntries(ORGS.map((org) => [`group-${org}`, [formatVerifierKey(witnessKey(org, org === 'gamma' ? gamma : 1))]])),
  quorum: 3,
})

/** A head under a ledger at height 5, the set of witnesses having changed at height 4. */
function chained(): proofs.BundleFiles {
  const changed = makeLedger({ trust: trustRecord(2, 2), [relationshipKey(handle)]: head }, 4)
  const step = { record: trustRecord(2, 2), proven: provenRecord(changed, 'trust', START + 100) }
  const later = makeLedger({ trust: trustRecord(2, 2), [relationshipKey(handle)]: head }, 5)
  return proofs.buildConsentState({
    handle,
    head: {
      value: head,
      ...provenRecord(later, relationshipKey(handle), START + 200),
      proof: proofOf(later, later.hashes.size - 1, noteOf(later, { time: START + 200, by: ['alpha', 'beta', 'delta'] })),
    },
    trustChain: [{ record: trustRecord(1, 1) }, step],
  })
}

// ---- cheats -------------------------------------------------------------------------------------------------------------

/** The holder logged a third access under number 3 instead of 2, and a fourth under a tag of no number. */
const skipped = makeEvent(1, 3, 2)
const offChain = makeEvent(1, 4, 3, 'TREAT', bytes('junk tag'))
const listedEvents = events.slice(0, 2)
export const cheating = makeLog(
  'alpha',
  1,
  [...listedEvents, skipped, offChain].map(({ leaf }) => leaf),
)
const cheatedLedger = makeLedger({ [relationshipKey(handle)]: head, [keyOfLog(1)]: logRecord(cheating) })
const cheatedHead: proofs.ProvenHead = { value: head, ...provenRecord(cheatedLedger, relationshipKey(handle), START + 100) }
export const leftOutParts = {
  handle,
  head: cheatedHead,
  logs: [
    {
      tags: proofs.buildTags(tagkey, 1, { tags: cheating.state.sealed.tags, leaves: listedEvents.map(({ leaf }) => leaf) }),
      seal: sealProof(cheating, START + 90),
    },
  ],
  next: { proof: cheatedLedger.tree.prove(keyOfLog(2)), value: null },
  earlier: [],
  access: { leaf: skipped.leaf, proof: proofOf(cheating, skipped.index, noteOf(cheating, { time: START + 90 }), skipped.extra) },
  disclosure: skipped.disclosure,
}
export const offChainParts = {
  handle,
  head: cheatedHead,
  tagkey,
  access: { leaf: offChain.leaf, proof: proofOf(cheating, offChain.index, noteOf(cheating, { time: 0, by: [], size: 4 }), offChain.extra) },
  disclosure: offChain.disclosure,
}
export const listedAccess = {
  leaf: listedEvents[1]?.leaf ?? new Uint8Array(),
  proof: proofOf(cheating, 1, noteOf(cheating, { time: START + 90 }), listedEvents[1]?.extra),
}

/** Entry 5 has the tag of entry 1. */
const twinned: HashSource & { readonly leaves: readonly Uint8Array[] } = (() => {
  const leaves = Array.from({ length: 7 }, (_, i) =>
    proofs.encodeLeaf({ kind: 'entry', slot: SLOT, tag: bytes(`tag ${i === 5 ? 1 : i}`), com: bytes(`com ${i}`) }),
  )
  return { key: logKey('alpha', 1), seed: 'log alpha 1', hashes: proofs.createHashLog(leaves.map(leafHash)), leaves }
})()
export const twin = (index: number, size = 7): proofs.ProvenLeaf => ({
  leaf: twinned.leaves[index] ?? new Uint8Array(),
  proof: proofOf(twinned, index, noteOf(twinned, { time: 0, by: [], size })),
})

export const disputeId = bytes32('dispute')
export const filed = { at: (START - 90_000) * 1000, by: requester, origin: logs[0].key.name, root: bytes32('disputed root'), size: 7 }
export function unansweredParts(state: Readonly<Record<string, unknown>> = {}, value = filed): proofs.UnansweredParts {
  const disputed = makeLedger({ [`dispute/${disputeId}`]: value, ...state })
  const { state: dispute, ...proven } = provenRecord(disputed, `dispute/${disputeId}`, START + 20)
  return { id: disputeId, value, dispute, answer: disputed.tree.prove(`answer/${disputeId}`), proven }
}

/** The log of `alpha` as a note of its own key says it: of the honest leaves, or of others. */
export const noteAt = (log: HashSource, size: number, by: readonly string[] = []) => parseNote(noteOf(log, { time: START, by, size }))
export const [honest, other] = [logs[0] as HashSource, cheating as HashSource]
export const fork = {
  notes: [noteAt(honest, 3), noteAt(cheating, 16)],
  grownFrom: { root: cheating.hashes.root(3), path: cheating.hashes.consistency(3, 16) },
} as const
/** Only the line of the witness `gamma`. */
export const cosignedBy = (log: HashSource) => {
  const note = noteAt(log, 16, ['gamma'])
  return { ...note, signatures: note.signatures.slice(1) }
}

export const frauds: Readonly<Record<string, proofs.BundleFiles>> = {
  'two roots for one size': proofs.buildFork({ notes: [noteAt(honest, 16), noteAt(cheating, 16)] }),
  'a log that does not extend itself': proofs.buildFork(fork),
  'a witness of two histories': proofs.buildFork({ notes: [cosignedBy(cheating), cosignedBy(honest)] }),
  'one tag twice': proofs.buildTwinTags(twin(1), twin(5)),
  'an access off the chain': proofs.buildOffChain(offChainParts),
  'an access left out of the list': proofs.buildLeftOut(leftOutParts),
  'a dispute without an answer': proofs.buildUnanswered(unansweredParts()),
}

export const networkBundles: Readonly<Record<string, proofs.BundleFiles>> = {
  ...frauds,
  'consent-state': proofs.buildConsentState({ handle, head: provenHead, policy: { policy: policyText, salt: policySalt } }),
  access: proofs.buildAccess({
    ...accessParts(0),
    policy: { policy: policyText, salt: policySalt },
    mirror: { leaf: mirrorLeaf, proof: proofOf(mirrorLog, 0, noteOf(mirrorLog, { time: START + 92 })) },
  }),
  'break-glass': proofs.buildAccess({ ...accessParts(2), head: { ...provenHead, ...provenRecord(ledger, relationshipKey(handle), START - 86_400) } }),
  completeness: proofs.buildCompleteness(completenessParts),
  'completeness, a log unsealed': unsealed(),
  attestation: proofs.buildAttestation({ key: attestedKey, value: roleRecord, proven: provenRecord(ledger, attestedKey, START + 20), opening }),
  entry: proofs.buildEntry({
    access: { leaf: unlinkedLeaf, proof: proofOf(unlinkedLog, 0, noteOf(unlinkedLog, { time: START + 90 }), unlinkedExtra) },
    disclosure: unlinkedDisclosure,
  }),
  'trust chain': chained(),
}

/** The genesis of this network: the same keys, so that it stands for the same trust. */
export const genesis = encodeGenesis({
  v: 1,
  net,
  time: (START - 86_400 * 3) * 1000,
  operator: holder,
  members: Object.fromEntries(ORGS.map((org) => [org, memberOf(org)])),
  rules: { default: 'deny', freshSeconds: 30 },
})

function memberOf(org: OrganizationId): GenesisMember {
  const seeds: readonly (readonly [KeyRole, string])[] = [
    ['node', `node ${org}`],
    ['log', `log ${org} 1`],
    ['log', `log ${org} 2`],
    ['witness', `witness ${org} 1`],
    ...(org === holder ? [['ledger', 'ledger'] as const] : []),
  ]
  const keys = seeds.map(([role, label]) => ({ role, alg: 'ed25519' as const, pub: encodeBase64Url(ed25519PublicKey(bytes(label))) }))
  return { name: org, group: parseGroupId(`group-${org}`), endpoint: `http://${org}.test`, keys }
}
