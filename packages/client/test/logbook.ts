import {
  accessLogOrigin,
  type Bytes32,
  cosignNote,
  decodeBase64Url,
  ed25519PublicKey,
  encodeBase64Url,
  formatCheckpoint,
  formatNote,
  type Handle,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  leafHash,
  ledgerOrigin,
  makeVerifierKey,
  signNote,
  type VerifierKey,
  witnessName,
} from '@fiducia/core'
import { formatDisclosure, type ReleasedReference } from '@fiducia/fhir'
import { accessLogKey, encodeBlockEntry, type LedgerState, relationship, relationshipKey } from '@fiducia/ledger'
import * as proofs from '@fiducia/proofs'
import type { HolderCopy } from '../src/index.ts'
import { alpha, beta, bytes, net, NOW } from './clinic.ts'

/** Alpha's access log with events of one relationship, the copies of both sides, and the bundle that proves the list complete. */

const keyOf = (name: string, type: VerifierKey['type'], label: string) => makeVerifierKey(name, type, ed25519PublicKey(bytes(label)))
const origin = accessLogOrigin(net, alpha, 1)
const ledgerKey = keyOf(ledgerOrigin(net), KEY_TYPE_LOG, 'ledger log')
const logKey = keyOf(origin, KEY_TYPE_LOG, 'access log')
const witnesses = [alpha, beta].map((org) => ({ org, key: keyOf(witnessName(net, org), KEY_TYPE_WITNESS, `${org} witness`) }))

export const trust: proofs.TrustPolicy = {
  logs: [ledgerKey, logKey],
  groups: witnesses.map(({ org, key }) => ({ name: `group-${org}`, witnesses: [key] })),
  quorum: 2,
}

const SLOT = Math.floor(NOW / 60_000)

export interface EventPlan {
  readonly released: readonly ReleasedReference[]
  readonly withheld: readonly proofs.Withheld[]
  readonly versions: readonly number[]
  readonly purpose?: string
  readonly interaction?: 'read' | 'search'
  readonly rules: string
  /** Of the decision, milliseconds; that of the leaf by default. */
  readonly instant?: number
}

export interface Logbook {
  readonly completeness: proofs.BundleFiles
  readonly holderCopies: readonly HolderCopy[]
  /** Texts of the receipts, in the order of the events. */
  readonly receipts: readonly string[]
  readonly contents: readonly proofs.SealedContent[]
}

function noteOf(hashes: proofs.HashLog, key: VerifierKey, label: string, cosigned: boolean): string {
  const text = formatCheckpoint({ origin: key.name, size: hashes.size, root: hashes.root() })
  return formatNote({
    text,
    signatures: [
      signNote(text, key, bytes(label)),
      ...(cosigned ? witnesses.map((one) => cosignNote(text, one.key, bytes(`${one.org} witness`), NOW / 1000)) : []),
    ],
  })
}

export interface LogbookOptions {
  /** Numbers of events that the holder leaves out of the patient's tags: they get a junk tag. */
  readonly junk?: readonly number[]
}

/** Writes these events into a fresh log, seals it, and hands out everything that the two sides owe the patient. */
export function writeLogbook(
  state: LedgerState,
  subject: { readonly handle: Handle; readonly secret: Uint8Array },
  plans: readonly EventPlan[],
  options: LogbookOptions = {},
): Logbook {
  const tagkey = proofs.tagKeyOf(subject.secret)
  const written: { readonly leaf: Uint8Array; readonly content: proofs.SealedContent; readonly listed: boolean; readonly extra: Uint8Array }[] = []
  let n = 0
  plans.forEach((plan, i) => {
    const junk = options.junk?.includes(i) === true
    written.push(writeEvent(subject.handle, { plan, i, n, tag: junk ? bytes(`junk ${i}`) : proofs.eventTag(tagkey, 1, n), listed: !junk }))
    if (!junk) n += 1
  })
  const open = proofs.verifyBatch(
    proofs.emptyLogState(),
    written.map(({ leaf }) => leaf),
  )
  if (!open.ok) throw new Error(open.message)
  let counter = 0
  const closing = proofs.closeBatch(open.state, SLOT, () => {
    counter += 1
    return new Uint8Array([...bytes(`padding ${counter}`), ...bytes(`padding ${counter} more`)])
  })
  const leaves = [...written.map(({ leaf }) => leaf), ...closing]
  const sealed = proofs.verifyBatch(proofs.emptyLogState(), leaves)
  if (!sealed.ok) throw new Error(sealed.message)
  const listed = written.filter((event) => event.listed)
  return {
    completeness: completenessOf(state, subject.handle, { tagkey, leaves, tags: sealed.state.sealed.tags, listed: listed.map(({ leaf }) => leaf) }),
    holderCopies: listed.map(({ leaf, content }, number) => ({
      k: 1,
      n: number,
      leaf,
      sealed: proofs.sealCopy(subject.secret, bytes(`rand ${number}`), content),
    })),
    receipts: written.map(({ leaf, content, extra }, index) => receiptOf(leaves.slice(0, index + 1), leaf, content.disclosure, extra)),
    contents: listed.map(({ content }) => content),
  }
}

interface Writing {
  readonly plan: EventPlan
  readonly i: number
  readonly n: number
  readonly tag: Uint8Array
  readonly listed: boolean
}

const base64 = (data: Uint8Array) => encodeBase64Url(data) as Bytes32

function writeEvent(handle: Handle, { plan, i, n, tag, listed }: Writing) {
  const disclosure = formatDisclosure({
    interaction: plan.interaction ?? 'search',
    outcome: plan.released.length > 0 ? 'released' : 'refused',
    recorded: NOW,
    requester: beta,
    holder: alpha,
    practitioner: 'npi|1932102084',
    purpose: plan.purpose ?? 'TREAT',
    handle,
    authzHash: base64(bytes('authz')),
    responseDigest: base64(bytes(`body ${i}`)),
    mirrorKey: base64(bytes(`mirror ${i}`)),
    released: plan.released,
  })
  const decision: proofs.DecisionRecord = {
    assertion: base64(bytes('assertion')),
    directoryHeight: 1,
    height: 1,
    instant: plan.instant ?? NOW,
    k: 1,
    n,
    rules: plan.rules,
    tag: base64(tag),
    versions: plan.versions,
    withheld: plan.withheld,
  }
  const content = { decision, disclosure, salt: base64(bytes(`salt ${i}`)), salt2: base64(bytes(`salt2 ${i}`)) }
  const blind = proofs.blindOf(decodeBase64Url(content.salt2), proofs.formatDecisionRecord(decision))
  const com = proofs.eventCom(decodeBase64Url(content.salt), disclosure, blind)
  return {
    leaf: proofs.encodeLeaf({ kind: 'entry', slot: SLOT, tag, com }),
    content,
    listed,
    extra: new Uint8Array([...decodeBase64Url(content.salt), ...blind]),
  }
}

function receiptOf(leaves: readonly Uint8Array[], leaf: Uint8Array, disclosure: string, extra: Uint8Array): string {
  const hashes = proofs.createHashLog(leaves.map(leafHash))
  const note = noteOf(hashes, logKey, 'access log', false)
  return proofs.buildReceipt({
    disclosure,
    head: null,
    leaf: proofs.decodeLeaf(leaf),
    index: hashes.size - 1,
    path: hashes.inclusion(hashes.size - 1),
    note,
    salt: extra.slice(0, 32),
    blind: extra.slice(32),
  })
}

interface SealedLeaves {
  readonly tagkey: Uint8Array
  readonly leaves: readonly Uint8Array[]
  readonly tags: proofs.TagMap
  readonly listed: readonly Uint8Array[]
}

function completenessOf(state: LedgerState, handle: Handle, { tagkey, leaves, tags, listed }: SealedLeaves): proofs.BundleFiles {
  const value = relationship(state, handle)
  if (value === undefined) throw new Error('no such relationship')
  const entry = encodeBlockEntry({ height: state.height, time: NOW, stateRoot: state.tree.root, count: 1 })
  const ledger = proofs.createHashLog([leafHash(bytes('an earlier entry')), leafHash(entry)])
  const blockProof = proofs.formatTlogProof({ extra: undefined, index: 1, path: ledger.inclusion(1), note: noteOf(ledger, ledgerKey, 'ledger log', true) })
  const hashes = proofs.createHashLog(leaves.map(leafHash))
  const sealProof = proofs.formatTlogProof({
    extra: undefined,
    index: hashes.size - 1,
    path: hashes.inclusion(hashes.size - 1),
    note: noteOf(hashes, logKey, 'access log', true),
  })
  return proofs.buildCompleteness({
    handle,
    head: { value, state: state.tree.prove(relationshipKey(handle)), block: encodeBase64Url(entry), proof: blockProof },
    logs: [{ tags: proofs.buildTags(tagkey, 1, { tags, leaves: listed }), seal: { leaf: leaves.at(-1) ?? new Uint8Array(), proof: sealProof } }],
    next: { proof: state.tree.prove(accessLogKey(accessLogOrigin(net, alpha, 2))), value: null },
    earlier: [],
  })
}
