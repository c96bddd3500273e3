import {
  type Bytes32,
  encodeBase64Url,
  encodeUtf8,
  formatCanonical,
  type Handle,
  type JsonObject,
  parseBytes32,
  parseCanonicalString,
  sha256,
  shape,
} from '@fiducia/core'
import { type DisclosureInput, formatDisclosure } from '@fiducia/fhir'
import { relationship, relationshipKey } from '@fiducia/ledger'
import { blindOf, type DecisionRecord, eventCom, formatDecisionRecord, formatTlogProof, type ProvenHead, sealCopy, type Withheld } from '@fiducia/proofs'
import type { EntryContent, EventPlace } from '../access-log/access-log.ts'
import type { NodeContext } from '../node-context.ts'
import type { Assertion } from '../peers/assertion.ts'
import type { CosignedHead } from '../peers/cosigned-head.ts'
import type { AuthorizationDetails, Interaction } from './access-request.ts'

/** What is written about an answer: the disclosure (which the requester gets too), the decision record (which only the patient gets) and the receipt. */

export interface Answered {
  readonly assertion: Assertion
  readonly details: AuthorizationDetails
  readonly interaction: Interaction
  /** Milliseconds: the decision's instant. */
  readonly instant: number
  /** The exact UTF-8 response. */
  readonly body: string
  readonly outcome: DisclosureInput['outcome']
  readonly released: DisclosureInput['released']
  readonly withheld: readonly Withheld[]
  readonly versions: readonly number[]
  readonly rules: string
}

export interface EventSecrets {
  readonly salt: Uint8Array
  readonly salt2: Uint8Array
  readonly mirrorKey: Uint8Array
}

/** The content of an event in the log's store; everything a receipt or a bundle is made from later. */
export interface StoredEvent {
  readonly disclosure: string
  /** Empty for a request that named no relationship. */
  readonly decision: string
  readonly salt: Bytes32
  readonly salt2: Bytes32
  /** The head that the receipt proves: canonical JSON of `ProvenHead`, or empty. */
  readonly head: string
}

const storedShape: (value: unknown, at: string) => StoredEvent = shape.object({
  disclosure: shape.text(1024 * 1024),
  decision: shape.text(1024 * 1024),
  salt: parseBytes32,
  salt2: parseBytes32,
  head: shape.text(256 * 1024),
})

export const readStoredEvent = (text: string): StoredEvent => storedShape(parseCanonicalString(text), '')

const bytes32 = (bytes: Uint8Array): Bytes32 => parseBytes32(encodeBase64Url(bytes))

/** The AuditEvent of an answer; `handle` is absent for a request that named no relationship that holds. */
export function disclosureOf(context: NodeContext, answered: Answered, handle: Handle | undefined, mirrorKey: Uint8Array): string {
  const { assertion, details, interaction, instant, released, outcome } = answered
  return formatDisclosure({
    interaction: interaction.kind,
    outcome,
    recorded: instant,
    requester: assertion.organization,
    holder: context.org,
    practitioner: details.practitioner,
    purpose: details.purpose,
    released,
    ...(interaction.kind === 'search' ? { asked: `${interaction.type}?${interaction.parameters.map(([name, value]) => `${name}=${value}`).join('&')}` } : {}),
    authzHash: assertion.authzHash,
    responseDigest: bytes32(sha256(encodeUtf8(answered.body))),
    mirrorKey: bytes32(mirrorKey),
    ...(handle === undefined ? {} : { handle }),
  })
}

/** Leaf commitment, stored content and the patient's sealed copy, once the log has said where the event stands. */
export function eventContent(
  context: NodeContext,
  answered: Answered,
  subject: { readonly handle: Handle; readonly k: Uint8Array },
  head: ProvenHead | undefined,
  secrets: EventSecrets,
) {
  const disclosure = disclosureOf(context, answered, subject.handle, secrets.mirrorKey)
  return (place: EventPlace): EntryContent => {
    const decision: DecisionRecord = {
      assertion: answered.assertion.digest,
      directoryHeight: context.ledger.tip().height,
      height: context.ledger.tip().height,
      instant: answered.instant,
      k: place.k,
      n: place.n,
      rules: answered.rules,
      tag: bytes32(place.tag),
      versions: answered.versions,
      withheld: answered.withheld,
    }
    const decisionText = formatDecisionRecord(decision)
    const [salt, salt2] = [bytes32(secrets.salt), bytes32(secrets.salt2)]
    const stored: StoredEvent = { disclosure, decision: decisionText, salt, salt2, head: head === undefined ? '' : formatCanonical(headJson(head)) }
    return {
      com: eventCom(secrets.salt, disclosure, blindOf(secrets.salt2, decisionText)),
      content: formatCanonical({ ...stored }),
      sealed: sealCopy(subject.k, context.random(32), { decision, disclosure, salt, salt2 }),
    }
  }
}

/** The relationship's record as the cosigned checkpoint has it, proved (PROTOCOL section 2, State proof). */
export function proveHead(context: NodeContext, handle: Handle, head: CosignedHead): ProvenHead | undefined {
  const state = context.ledger.stateAt(head.block.height)
  const value = state === undefined ? undefined : relationship(state, handle)
  if (state === undefined || value === undefined) return undefined
  const size = head.block.index + 1
  return {
    value,
    state: state.tree.prove(relationshipKey(handle)),
    block: encodeBase64Url(head.block.entry),
    proof: formatTlogProof({ extra: undefined, index: head.block.index, path: context.ledger.log.inclusion(head.block.index, size), note: head.note }),
  }
}

export const headJson = (head: ProvenHead): JsonObject => ({
  value: head.value as unknown as JsonObject,
  state: { siblings: head.state.siblings, terminal: head.state.terminal === null ? null : { ...head.state.terminal } },
  block: head.block,
  proof: head.proof,
})
