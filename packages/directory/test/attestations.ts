import { encodeBase64Url, encodeUtf8, parseBytes32, parseGroupId, parseOrganizationId } from '@fiducia/core'
import { type Attestation, type Basis, npiSubject, type Operation, parseFieldName, type ResolveContext } from '../src/index.ts'

/** Attestations for tests of resolution, written as briefly as the page that explains it: about one clinic, `days` before one instant. */
export const NOW = Date.UTC(2026, 5, 1)
export const DAY = 86_400_000
export const clinic = npiSubject('organization', '2000000002')

/** Rowan and Aspen are of one group. */
export const GROUPS: { readonly [member: string]: string } = { rowan: 'orchard', aspen: 'orchard', birch: 'birch', cedar: 'cedar', dogwood: 'dogwood' }

export interface Said {
  readonly by: string
  /** Null to withdraw. */
  readonly says: string | null
  /** When it was observed, in days before now. */
  readonly days?: number
  readonly field?: string
  readonly operation?: Operation
  readonly basis?: Basis
  /** The member's own id unless it says otherwise. */
  readonly origin?: string
  /** In days before now; today unless it says otherwise. */
  readonly recordedDays?: number
  readonly height?: number
  readonly position?: number
  readonly tag?: string
  readonly group?: string
}

/** In the order of the texts. */
function tagOf(text: string) {
  const bytes = new Uint8Array(32)
  bytes.set(encodeUtf8(text))
  return parseBytes32(encodeBase64Url(bytes))
}

/** Words in the order in which the ledger has them, unless they say otherwise. */
export const attest = (...words: readonly Said[]): readonly Attestation[] => words.map(attestation)

function attestation({ by, says, days = 10, field = 'phone', basis = 'own-record', ...more }: Said, index: number): Attestation {
  const observedAt = NOW - Math.round(days * DAY)
  return {
    subject: clinic,
    field: parseFieldName('organization', field),
    operation: more.operation ?? (says === null ? 'withdraw' : 'assert'),
    value: says,
    observedAt,
    basis,
    origin: more.origin ?? by,
    attester: parseOrganizationId(by),
    group: parseGroupId(more.group ?? GROUPS[by] ?? by),
    recordedAt: NOW - (more.recordedDays ?? 0) * DAY,
    height: more.height ?? index,
    position: more.position ?? 0,
    tag: tagOf(more.tag ?? String(index)),
  }
}

export const at = (time: number, reliability: { readonly [member: string]: number } = {}): ResolveContext => ({
  time,
  reliability: (org) => reliability[org] ?? 500,
})
