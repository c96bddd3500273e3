import { accessLogOrigin, type Bytes32, concatBytes, decodeBase64Url, type GroupId, type Handle, parseCanonicalString } from '@fiducia/core'
import { type FhirResource, isAboutPatient, isResource } from '@fiducia/fhir'
import { accessLog, accessLogKey, roleKey, type RoleOpening, roleRecord } from '@fiducia/ledger'
import {
  blindOf,
  buildAccess,
  buildAttestation,
  buildCompleteness,
  buildConsentState,
  buildEntry,
  buildTags,
  type BundleFiles,
  eventTag,
  parseProvenHead,
  type ProvenLogRecord,
} from '@fiducia/proofs'
import type { AccessLog } from '../access-log/access-log.ts'
import type { OwnLogs } from '../access-log/own-logs.ts'
import { NodeFailure } from '../failures.ts'
import { readStoredEvent, type StoredEvent } from '../gateway/evidence.ts'
import type { Silo } from '../gateway/silo.ts'
import type { NodeContext } from '../node-context.ts'
import type { HeldRelationship } from '../relationships/holder.ts'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Proven } from './proven.ts'
import type { TrustChain } from './trust-chain.ts'

/** What a patient can take away: every event, sealed; the own record; and bundles that verify offline (PROTOCOL section 5). */
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
  /** Number n under log k; under the one that is written by default. */
  access(handle: Handle, n: number, k?: number): Promise<BundleFiles>
  completeness(relationship: HeldRelationship): BundleFiles
  consentState(handle: Handle): BundleFiles
  /** An entry of a request that named no relationship, by its index. */
  entry(index: number): BundleFiles
  attestation(role: Bytes32, group: GroupId, opening: RoleOpening & { readonly rand32: Bytes32 }): BundleFiles
  record(relationship: HeldRelationship): Promise<readonly FhirResource[]>
}

export interface EvidencePorts {
  readonly logs: OwnLogs
  readonly proven: Proven
  readonly chain: TrustChain
  readonly silo: Silo
}

/** Types that the wallet reads back to decide every event again. */
const RECORD_TYPES = [
  'Observation',
  'Condition',
  'MedicationRequest',
  'AllergyIntolerance',
  'Immunization',
  'Procedure',
  'Encounter',
  'DiagnosticReport',
  'DocumentReference',
]

export function createPatientEvidence(context: NodeContext, { logs, proven, chain, silo }: EvidencePorts): PatientEvidence {
  const { database } = context
  const handedOn = () => ({ trustChain: chain.steps })
  return {
    events: (handle) =>
      logs.all.flatMap((log) =>
        database.all('SELECT idx, n, sealed FROM event WHERE handle = ? AND origin = ? ORDER BY n', handle, log.origin).map((row) => {
          const index = integerColumn(row, 'idx')
          return { origin: log.origin, k: log.k, n: integerColumn(row, 'n'), index, leaf: log.leaf(index), sealed: bytesColumn(row, 'sealed') }
        }),
      ),
    async access(handle, n, k = logs.log.k) {
      const log = logOf(logs, k)
      const row = database.get('SELECT idx, content FROM event WHERE handle = ? AND origin = ? AND n = ?', handle, log.origin, n)
      if (row === undefined && wasErased(context, log, { handle, n }))
        throw new NodeFailure('EVENT_ERASED', 'the event is older than contents are kept here; that it was, and when, still stands in the log')
      const { index, event } = eventOf(row)
      const access = proven.leaf(log, index, extraOf(event))
      const mirror = await proven.mirror(event.disclosure, access.leaf)
      const head = parseProvenHead(parseCanonicalString(event.head), 'head')
      const decision = { record: event.decision, salt2: decodeBase64Url(event.salt2) }
      return buildAccess({ handle, head, access, disclosure: event.disclosure, decision, ...(mirror === undefined ? {} : { mirror }), ...handedOn() })
    },
    completeness: (relationship) => completenessOf(context, { logs, proven, chain }, relationship),
    consentState: (handle) => buildConsentState({ handle, head: proven.head(handle), ...handedOn() }),
    entry(index) {
      const { event } = eventOf(database.get('SELECT idx, content FROM event WHERE origin = ? AND idx = ?', logs.log.origin, index))
      return buildEntry({ access: proven.leaf(logs.log, index, extraOf(event)), disclosure: event.disclosure, ...handedOn() })
    },
    attestation(role, group, opening) {
      const { state } = proven.ledger()
      const value = roleRecord(state, role, group)
      if (value === undefined) throw new NodeFailure('NOT_FOUND', 'the cosigned checkpoint has no such attestation')
      const key = roleKey(role, group)
      return buildAttestation({ key, value, opening, proven: { state: state.tree.prove(key), ...proven.block() }, ...handedOn() })
    },
    record: ({ record }) => readRecord(silo, record.slice('Patient/'.length)),
  }
}

interface EventRow {
  readonly index: number
  readonly event: StoredEvent
}

function eventOf(row: Readonly<Record<string, unknown>> | undefined): EventRow {
  if (row === undefined) throw new NodeFailure('NOT_FOUND', 'there is no such event')
  return { index: integerColumn(row, 'idx'), event: readStoredEvent(textColumn(row, 'content')) }
}

/** By age: numbers go from the first on, but for those that are held, and never the one that comes next. */
function wasErased({ database }: NodeContext, { origin }: AccessLog, { handle, n }: { readonly handle: Handle; readonly n: number }): boolean {
  return database.get('SELECT 1 FROM next_n WHERE handle = ? AND origin = ? AND erased > 0 AND n > ?', handle, origin, n) !== undefined
}

/** salt ‖ blind, as the receipt's proof carried it. */
const extraOf = (event: StoredEvent): Uint8Array => concatBytes(decodeBase64Url(event.salt), blindOf(decodeBase64Url(event.salt2), event.decision))

function logOf(logs: OwnLogs, k: number): AccessLog {
  const log = logs.all.find((one) => one.k === k)
  if (log === undefined) throw new NodeFailure('NOT_FOUND', `there is no access log ${k}`)
  return log
}

/** Every event under the last seal of each log, that there is no further one, and that there is no further log. */
function completenessOf(context: NodeContext, { logs, proven, chain }: Omit<EvidencePorts, 'silo'>, { handle, tagkey }: HeldRelationship): BundleFiles {
  const { state } = proven.ledger()
  const recordOf = (k: number): ProvenLogRecord => {
    const origin = accessLogOrigin(context.net, context.org, k)
    return { value: accessLog(state, origin) ?? null, proof: state.tree.prove(accessLogKey(origin)) }
  }
  const K = logs.all.findLast((log) => log.sealedSize > 0)?.k ?? 1
  const sealed = logs.all.filter((log) => log.k <= K && (log.sealedSize > 0 || K === 1))
  return buildCompleteness({
    handle,
    head: proven.head(handle),
    logs: sealed.map((log) => {
      const size = proven.sealedSize(log)
      return { tags: buildTags(tagkey, log.k, { tags: log.tagMap(size), leaves: leavesOf(log, tagkey, size) }), seal: proven.leaf(log, size - 1, undefined) }
    }),
    next: recordOf(K + 1),
    earlier: Array.from({ length: K - 1 }, (_, i) => recordOf(i + 1)),
    trustChain: chain.steps,
  })
}

/** By their tags 0, 1, 2 … up to the first that is absent: also those whose content a restored database has lost. */
function leavesOf(log: AccessLog, tagkey: Uint8Array, size: number): readonly Uint8Array[] {
  const leaves: Uint8Array[] = []
  for (let n = 0; ; n += 1) {
    const index = log.indexOfTag(eventTag(tagkey, log.k, n))
    if (index === undefined || index >= size) return leaves
    leaves.push(log.leaf(index))
  }
}

async function readRecord(silo: Silo, id: string): Promise<readonly FhirResource[]> {
  const patient = await silo.read('Patient', id)
  const lists = await Promise.all(RECORD_TYPES.map((type) => silo.search(type, new Map([['patient', id]]))))
  return [patient, ...lists.flat()].filter(isResource).filter((resource) => isAboutPatient(resource, id))
}
