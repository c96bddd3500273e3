import { accessLogOrigin, concatBytes, decodeBase64Url, type Handle, parseCanonicalString, type StateProof } from '@fiducia/core'
import type { FhirResource } from '@fiducia/fhir'
import { isAboutPatient, isResource } from '@fiducia/fhir'
import { accessLog, accessLogKey, member, roleKey, roleRecord, type RoleOpening } from '@fiducia/ledger'
import {
  blindOf, buildAccess, buildAttestation, buildCompleteness, buildConsentState, buildEntry, buildTags, type BundleFiles, formatTlogProof, mirrorTag, parseProvenHead, type ProvenHead, type ProvenLeaf, readDisclosure,
  selectCosignatures,
} from '@fiducia/proofs'
import type { Bytes32, GroupId, OrganizationId } from '@fiducia/core'
import type { AccessLog } from '../access-log/access-log.ts'
import { NodeFailure } from '../failures.ts'
import { proveHead, readStoredEvent, type StoredEvent } from '../gateway/evidence.ts'
import type { Silo } from '../gateway/silo.ts'
import type { AccessCheckpoints } from '../jobs/access-checkpoints.ts'
import type { NodeContext } from '../node-context.ts'
import { type CosignedHead, type CosignedHeads, trustPolicyOfLedger } from '../peers/cosigned-head.ts'
import { fetchText } from '../peers/transport.ts'
import type { Witness } from '../peers/witness.ts'
import type { HeldRelationship } from '../relationships/holder.ts'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'

/**
 * What a patient can take away: every event, sealed; the own record; and bundles that verify offline (PROTOCOL section 5).
 * Proofs stand under the newest sealed checkpoint that a quorum of members cosigned, never under a group commit's note.
 */
export interface PatientEvent {
  readonly origin: string
  readonly k: number
  readonly n: number
  readonly index: number
  readonly leaf: Uint8Array
  readonly sealed: Uint8Array
}

export interface PatientEvidence {
  events(handle: Handle): readonly PatientEvent[]
  access(handle: Handle, n: number): Promise<BundleFiles>
  completeness(handle: Handle): BundleFiles
  consentState(handle: Handle): BundleFiles
  /** An entry of a request that named no relationship, by its index. */
  entry(index: number): BundleFiles
  attestation(role: Bytes32, group: GroupId, opening: RoleOpening & { readonly rand32: Bytes32 }): BundleFiles
  record(relationship: HeldRelationship): Promise<readonly FhirResource[]>
}

export interface EvidencePorts {
  readonly log: AccessLog
  readonly checkpoints: AccessCheckpoints
  readonly heads: CosignedHeads
  readonly witness: Witness
  readonly silo: Silo
  readonly find: (handle: Handle) => HeldRelationship | undefined
}

/** Types that the wallet reads back to decide every event again. */
const RECORD_TYPES = ['Observation', 'Condition', 'MedicationRequest', 'AllergyIntolerance', 'Immunization', 'Procedure', 'Encounter', 'DiagnosticReport', 'DocumentReference']

export function createPatientEvidence(context: NodeContext, ports: EvidencePorts): PatientEvidence {
  const { database, ledger } = context
  const { log, checkpoints, heads, witness } = ports

  function cosignedHead(): CosignedHead {
    if (heads.newest === undefined) throw new NodeFailure('NODE_BEHIND', 'no quorum has cosigned a checkpoint so far')
    return heads.newest
  }

  function provenHead(handle: Handle): ProvenHead {
    const head = proveHead(context, handle, cosignedHead())
    if (head === undefined) throw new NodeFailure('RELATIONSHIP_UNKNOWN', 'the cosigned checkpoint has no such relationship')
    return head
  }

  /** The sealed note in strict form, and the size it speaks of. */
  function sealed(): { readonly note: string; readonly size: number } {
    if (checkpoints.newest === undefined) throw new NodeFailure('NODE_BEHIND', 'the access log has no sealed checkpoint so far')
    return { note: selectCosignatures(checkpoints.newest.note, trustPolicyOfLedger(ledger)), size: checkpoints.newest.size }
  }

  function provenLeaf(index: number, extra: Uint8Array | undefined): ProvenLeaf {
    const { note, size } = sealed()
    if (index >= size) throw new NodeFailure('NODE_BEHIND', `entry ${index} is not sealed so far; the log is sealed up to ${size}`)
    return { leaf: log.leaf(index), proof: formatTlogProof({ extra, index, path: log.hashes.inclusion(index, size), note }) }
  }

  function eventRow(handle: Handle, n: number): { readonly index: number; readonly event: StoredEvent } {
    const row = database.get('SELECT idx, content FROM event WHERE handle = ? AND origin = ? AND n = ?', handle, log.origin, n)
    if (row === undefined) throw new NodeFailure('NOT_FOUND', `there is no event ${n}`)
    return { index: integerColumn(row, 'idx'), event: readStoredEvent(textColumn(row, 'content')) }
  }

  const extraOf = (event: StoredEvent): Uint8Array => {
    const salt2 = decodeBase64Url(event.salt2)
    return concatBytes(decodeBase64Url(event.salt), blindOf(salt2, event.decision))
  }

  /** The requester's mirror entry, proved from this member's own copy of that log; absent when it is not there or not sealed. */
  async function mirrorOf(event: StoredEvent, leaf: Uint8Array): Promise<ProvenLeaf | undefined> {
    const facts = readDisclosure(event.disclosure)
    const requester = member(ledger.tip(), facts.requester as OrganizationId)
    if (requester === undefined) return undefined
    const origin = accessLogOrigin(context.net, facts.requester as OrganizationId, 1)
    const mirror = witness.mirror(origin)
    const index = mirror.indexOfTag(mirrorTag(decodeBase64Url(facts.mirrorKey), leaf))
    const entry = index === undefined ? undefined : witness.mirroredLeaf(origin, index)
    if (index === undefined || entry === undefined || mirror.sealedSize <= index) return undefined
    const note = selectCosignatures(await fetchText(context.transport, `${requester.endpoint}/log/1/checkpoint`), trustPolicyOfLedger(ledger), { origin })
    const size = Number(note.split('\n')[1])
    if (mirror.size < size) return undefined
    return { leaf: entry, proof: formatTlogProof({ extra: undefined, index, path: mirror.inclusion(index, size), note }) }
  }

  const stateProof = (key: string): StateProof => {
    const state = ledger.stateAt(cosignedHead().block.height)
    if (state === undefined) throw new NodeFailure('NODE_BEHIND', 'the state of the cosigned checkpoint is no longer kept')
    return state.tree.prove(key)
  }

  return {
    events(handle) {
      return database.all('SELECT idx, n, sealed FROM event WHERE handle = ? AND origin = ? ORDER BY n', handle, log.origin).map((row) => {
        const index = integerColumn(row, 'idx')
        return { origin: log.origin, k: log.k, n: integerColumn(row, 'n'), index, leaf: log.leaf(index), sealed: bytesColumn(row, 'sealed') }
      })
    },
    async access(handle, n) {
      const { index, event } = eventRow(handle, n)
      const access = provenLeaf(index, extraOf(event))
      const mirror = await mirrorOf(event, access.leaf)
      const head = parseProvenHead(parseCanonicalString(event.head), 'head')
      const decision = { record: event.decision, salt2: decodeBase64Url(event.salt2) }
      return buildAccess({ handle, head, access, disclosure: event.disclosure, decision, ...(mirror === undefined ? {} : { mirror }) })
    },
    completeness(handle) {
      const held = ports.find(handle)
      if (held === undefined) throw new NodeFailure('RELATIONSHIP_UNKNOWN', 'this organization holds no such relationship')
      const { size } = sealed()
      const leaves = database.all('SELECT idx FROM event WHERE handle = ? AND origin = ? AND idx < ? ORDER BY n', handle, log.origin, size).map((row) => log.leaf(integerColumn(row, 'idx')))
      const nextOrigin = accessLogOrigin(context.net, context.org, log.k + 1)
      const state = ledger.stateAt(cosignedHead().block.height)
      const value = state === undefined ? undefined : accessLog(state, nextOrigin)
      return buildCompleteness({
        handle,
        head: provenHead(handle),
        logs: [{ tags: buildTags(held.tagkey, log.k, { tags: log.tagMap(size), leaves }), seal: provenLeaf(size - 1, undefined) }],
        next: { value: value ?? null, proof: stateProof(accessLogKey(nextOrigin)) },
        earlier: [],
      })
    },
    consentState: (handle) => buildConsentState({ handle, head: provenHead(handle) }),
    entry(index) {
      const row = database.get('SELECT content FROM event WHERE origin = ? AND idx = ?', log.origin, index)
      if (row === undefined) throw new NodeFailure('NOT_FOUND', `there is no event at ${index}`)
      const event = readStoredEvent(textColumn(row, 'content'))
      return buildEntry({ access: provenLeaf(index, extraOf(event)), disclosure: event.disclosure })
    },
    attestation(role, group, opening) {
      const head = cosignedHead()
      const state = ledger.stateAt(head.block.height)
      const value = state === undefined ? undefined : roleRecord(state, role, group)
      if (value === undefined) throw new NodeFailure('NOT_FOUND', 'the cosigned checkpoint has no such attestation')
      const proof = formatTlogProof({ extra: undefined, index: head.block.index, path: ledger.log.inclusion(head.block.index, head.block.index + 1), note: head.note })
      return buildAttestation({ key: roleKey(role, group), value, opening, proven: { state: stateProof(roleKey(role, group)), block: Buffer.from(head.block.entry).toString('base64url'), proof } })
    },
    async record(held) {
      const id = held.record.slice('Patient/'.length)
      const patient = await ports.silo.read('Patient', id)
      const lists = await Promise.all(RECORD_TYPES.map((type) => ports.silo.search(type, new Map([['patient', id]]))))
      return [patient, ...lists.flat()].filter(isResource).filter((resource) => isAboutPatient(resource, id))
    },
  }
}

