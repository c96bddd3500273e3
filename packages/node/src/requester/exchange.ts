import {
  decodeUtf8,
  encodeBase64Url,
  encodeCanonical,
  type JsonValue,
  type OrganizationId,
  parseAccessLogOrigin,
  parseVerifierKey,
  type SignedObject,
} from '@fiducia/core'
import { isLiveLogKey, member, type RoleOpening, rules, trust } from '@fiducia/ledger'
import { type AcceptedReceipt, checkReceipt } from '@fiducia/proofs'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'
import { formatAuthorizationDetails, type Interaction } from '../gateway/access-request.ts'
import type { NodeContext } from '../node-context.ts'
import { signAssertion } from '../peers/assertion.ts'
import { trustPolicyOfLedger } from '../peers/cosigned-head.ts'
import type { Answer } from '../peers/transport.ts'
import { bodyFault, REFUSED_BODY } from './check-body.ts'
import type { KeptReceipts } from './kept-receipts.ts'

/**
 * Asking another member for data, and using it only after its receipt holds (PROTOCOL section 4, Receipt):
 *
 *   assertion and details → request → every check of the receipt → mirror entry durable → patient's copy kept → data used
 *
 * An answer whose receipt does not hold is not used; that it came is written down.
 */
export const FIDUCIA_MEDIA_TYPE = 'application/vnd.fiducia+json'
export const DETAILS_HEADER = 'fiducia-authorization-details'

export interface Practitioner {
  /** `system|value` */
  readonly identifier: string
  readonly role: { readonly opening: RoleOpening; readonly rand32: string } | undefined
  /** How the own single sign-on authenticated this person. */
  readonly acr: string
  /** Seconds. */
  readonly authTime: number
}

export interface AccessQuestion {
  readonly holder: OrganizationId
  readonly link: SignedObject | undefined
  readonly practitioner: Practitioner
  readonly purpose: string
  readonly interaction: Interaction
}

export interface Received {
  readonly status: number
  /** The exact response: FHIR JSON. */
  readonly body: string
  /** Undefined where the holder named no relationship. */
  readonly receipt: string | undefined
}

export interface Exchange {
  /** Throws `RECEIPT_REFUSED` or `PEER_FAILED`; what it gives may be used. */
  ask(question: AccessQuestion): Promise<Received>
}

const answerShape = z.strictObject({ body: z.string(), receipt: z.string().optional() })

export function createExchange(context: NodeContext, kept: KeptReceipts): Exchange {
  return {
    async ask(question) {
      const details = detailsOf(question)
      const { status, bytes } = await send(context, question, details)
      const answer = parseAnswer(question.holder, status, bytes)
      if (answer.receipt === undefined) {
        // A refusal that names no relationship has no receipt; nothing else may come without one, and nothing in it is used.
        if (status !== 403) refuse(context, question.holder, 'RECEIPT_MISSING', `expected a receipt with status ${status}`)
        return { status, body: REFUSED_BODY, receipt: undefined }
      }
      const accepted = judge(context, kept, question, { details, receipt: answer.receipt, body: answer.body })
      const fault = bodyFault(status, answer.body, accepted.receipt.disclosure)
      if (fault !== undefined) refuse(context, question.holder, 'BODY_UNLISTED', fault)
      await kept.keep(answer.receipt, accepted, question.link)
      return { status, body: answer.body, receipt: answer.receipt }
    },
  }
}

/** One request with a fresh assertion over these details. */
async function send(context: NodeContext, question: AccessQuestion, details: JsonValue): Promise<Answer> {
  const holder = member(context.ledger.tip(), question.holder)
  if (holder === undefined) throw new NodeFailure('PEER_FAILED', `expected a member of the network, found \`${question.holder}\``)
  const assertion = await signAssertion({
    organization: context.org,
    signer: context.keys.node,
    audience: holder.endpoint,
    details,
    tokenId: encodeBase64Url(context.random(16)),
    now: context.clock.now(),
  })
  const headers = { accept: FIDUCIA_MEDIA_TYPE, authorization: `Bearer ${assertion}`, [DETAILS_HEADER]: encodeBase64Url(encodeCanonical(details)) }
  return context.transport(`${holder.endpoint}/fhir/${pathOf(question.interaction)}`, { headers })
}

interface ToJudge {
  readonly details: JsonValue
  readonly receipt: string
  readonly body: string
}

/** Every check of PROTOCOL section 4; throws `RECEIPT_REFUSED` and writes down that it did. */
function judge(context: NodeContext, kept: KeptReceipts, question: AccessQuestion, { details, receipt, body }: ToJudge): AcceptedReceipt {
  const { ledger, clock } = context
  const logs = trust(ledger.tip()).logs.map(parseVerifierKey)
  const verdict = checkReceipt(receipt, body, {
    net: context.net,
    holder: question.holder,
    requester: context.org,
    practitioner: question.practitioner.identifier,
    purpose: question.purpose,
    authorizationDetails: details,
    link: question.link === undefined ? null : linkJson(question.link),
    breakGlass: false,
    now: clock.now(),
    freshSeconds: rules(ledger.tip()).freshSeconds,
    holderLogs: logs.filter((key) => parseAccessLogOrigin(key.name)?.org === question.holder && isLiveLogKey(ledger.tip(), key)),
    trust: trustPolicyOfLedger(ledger),
    replicaRoot: (size) => (size <= ledger.log.size() ? ledger.log.root(size) : undefined),
    seen: (leafHash) => kept.has(leafHash),
  })
  if (verdict.ok) return verdict.accepted
  const { findings } = verdict
  return refuse(context, question.holder, findings.map(({ code }) => code).join(' '), findings.map(({ message }) => message).join('; '))
}

/** Writes down that an answer came which may not be used, and why. */
function refuse({ database, clock }: NodeContext, holder: string, codes: string, problem: string): never {
  database.run('INSERT INTO refused_answer (at, holder, code) VALUES (?, ?, ?)', clock.now(), holder, codes)
  throw new NodeFailure('RECEIPT_REFUSED', `the answer of \`${holder}\` does not hold (${problem}); the data was not used`)
}

const linkJson = ({ body, key, sig }: SignedObject): JsonValue => ({ body, key, sig })

function detailsOf({ purpose, practitioner, link }: AccessQuestion): JsonValue {
  return formatAuthorizationDetails({
    purpose,
    practitioner: practitioner.identifier,
    acr: practitioner.acr,
    authTime: practitioner.authTime,
    ...(link === undefined ? {} : { link }),
    ...(practitioner.role === undefined ? {} : { role: practitioner.role }),
  })
}

function pathOf(interaction: Interaction): string {
  if (interaction.kind === 'read') return `${interaction.type}/${encodeURIComponent(interaction.id)}`
  return `${interaction.type}?${new URLSearchParams(Array.from(interaction.parameters, ([name, value]): [string, string] => [name, value])).toString()}`
}

const errorShape = z.object({ error: z.object({ code: z.string().max(64), message: z.string().max(1000) }) })

function parseAnswer(holder: string, status: number, bytes: Uint8Array): z.infer<typeof answerShape> {
  try {
    const json: unknown = JSON.parse(decodeUtf8(bytes))
    const refused = errorShape.safeParse(json)
    if (refused.success)
      throw new NodeFailure('PEER_FAILED', `\`${holder}\` answered with status ${status}: ${refused.data.error.code}, ${refused.data.error.message}`)
    return answerShape.parse(json)
  } catch (cause) {
    if (cause instanceof NodeFailure) throw cause
    throw new NodeFailure('PEER_FAILED', `expected an answer with a receipt from \`${holder}\`, found status ${status} with another content`, { cause })
  }
}
