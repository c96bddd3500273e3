import {
  decodeBase64Url, decodeUtf8, encodeBase64Url, encodeCanonical, encodeUtf8, type JsonValue, type OrganizationId, parseAccessLogOrigin, parseCheckpoint, parseNote, parseVerifierKey, type SignedObject,
} from '@fiducia/core'
import { linkHashOf, member, type RoleOpening, rules, trust } from '@fiducia/ledger'
import { type AcceptedReceipt, checkReceipt, mirrorCom, mirrorTag, parseReceipt, parseTlogProof } from '@fiducia/proofs'
import * as z from 'zod'
import type { AccessLog } from '../access-log/access-log.ts'
import { NodeFailure } from '../failures.ts'
import { formatAuthorizationDetails, type Interaction } from '../gateway/access-request.ts'
import type { NodeContext } from '../node-context.ts'
import { signAssertion } from '../peers/assertion.ts'
import { trustPolicyOfLedger } from '../peers/cosigned-head.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import { sealToPatient } from './seal-to-patient.ts'

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

export interface PatientCopy {
  /** H of the holder's 72-byte leaf. */
  readonly leafHash: string
  /** The receipt, encrypted to the seal key of the relationship (age), base64url. */
  readonly sealed: string
}

/** A receipt with the mirror entry that was written for it. */
export interface KeptReceipt {
  readonly receipt: string
  readonly mirrorIndex: number
}

/** A note of another member's log that this node was shown and that its public log does not extend. */
export interface Contradiction {
  readonly leafHash: string
  readonly receipt: string
  readonly origin: string
  readonly size: number
}

export interface Exchange {
  ask(question: AccessQuestion): Promise<Received>
  /** For the patient: the sealed copies of every receipt that came under this link. */
  copiesOf(linkHash: string): readonly PatientCopy[]
  keptFor(leafHash: string): KeptReceipt | undefined
  /** Compares every receipt with the holder's mirrored log; those that are contradicted stay until they are disputed. */
  settle(rootOf: (origin: string, size: number) => Uint8Array | undefined): readonly Contradiction[]
  /** It is on the ledger; nothing more to compare. */
  markDisputed(contradiction: Contradiction): void
}

const answerShape = z.strictObject({ body: z.string(), receipt: z.string().optional() })

export function createExchange(context: NodeContext, log: AccessLog): Exchange {
  const { database, ledger, clock } = context

  /** The three slots around now: a leaf may stand behind one answer only. */
  function isSeen(leafHash: Uint8Array): boolean {
    return database.get('SELECT slot FROM copy WHERE leaf_hash = ?', encodeBase64Url(leafHash)) !== undefined
  }

  /** Every check of PROTOCOL section 4; throws `RECEIPT_REFUSED` and writes down that it did. */
  function judge(question: AccessQuestion, details: JsonValue, receipt: string, body: string): AcceptedReceipt {
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
      holderLogs: logs.filter(({ name }) => parseAccessLogOrigin(name)?.org === question.holder),
      trust: trustPolicyOfLedger(ledger),
      replicaRoot: (size) => (size <= ledger.log.size() ? ledger.log.root(size) : undefined),
      seen: isSeen,
    })
    if (verdict.ok) return verdict.accepted
    const codes = verdict.findings.map(({ code }) => code).join(' ')
    database.run('INSERT INTO refused_answer (at, holder, code) VALUES (?, ?, ?)', clock.now(), question.holder, codes)
    throw new NodeFailure('RECEIPT_REFUSED', `the receipt of \`${question.holder}\` does not hold (${verdict.findings.map(({ message }) => message).join('; ')}); the data was not used`)
  }

  async function mirror(question: AccessQuestion, receipt: string, accepted: AcceptedReceipt): Promise<void> {
    const salt = context.random(32)
    const sealKey = accepted.receipt.head?.value.seal
    const sealed = sealKey === undefined ? '' : await sealToPatient(decodeBase64Url(sealKey), encodeUtf8(receipt))
    const { index } = await log.append({ tag: mirrorTag(decodeBase64Url(accepted.facts.mirrorKey), accepted.leafBytes), com: mirrorCom(salt, receipt) })
    const link = question.link === undefined ? '' : linkHashOf(question.link)
    database.run(
      'INSERT INTO copy (leaf_hash, link, slot, receipt, sealed, mirror_salt, mirror_index, settled) VALUES (?, ?, ?, ?, ?, ?, ?, 0)',
      encodeBase64Url(accepted.leafHash),
      link,
      accepted.leaf.slot,
      receipt,
      sealed,
      salt,
      index,
    )
  }

  return {
    async ask(question) {
      const details = detailsOf(question)
      const holder = member(ledger.tip(), question.holder)
      if (holder === undefined) throw new NodeFailure('PEER_FAILED', `expected a member of the network, found \`${question.holder}\``)
      const assertion = await signAssertion({
        organization: context.org,
        keyId: context.nodeKey.keyId,
        privateKey: context.nodePrivateKey,
        audience: holder.endpoint,
        details,
        tokenId: encodeBase64Url(context.random(16)),
        now: clock.now(),
      })
      const headers = { accept: FIDUCIA_MEDIA_TYPE, authorization: `Bearer ${assertion}`, [DETAILS_HEADER]: encodeBase64Url(encodeCanonical(details)) }
      const { status, bytes } = await context.transport(`${holder.endpoint}/fhir/${pathOf(question.interaction)}`, { headers })
      const answer = parseAnswer(question.holder, status, bytes)
      if (answer.receipt === undefined) {
        if (status === 200) throw new NodeFailure('RECEIPT_REFUSED', `\`${question.holder}\` sent data without a receipt; it was not used`)
        return { status, body: answer.body, receipt: undefined }
      }
      const accepted = judge(question, details, answer.receipt, answer.body)
      await mirror(question, answer.receipt, accepted)
      return { status, body: answer.body, receipt: answer.receipt }
    },
    copiesOf: (linkHash) => database.all('SELECT leaf_hash, sealed FROM copy WHERE link = ?', linkHash).map((row) => ({ leafHash: textColumn(row, 'leaf_hash'), sealed: textColumn(row, 'sealed') })),
    keptFor(leafHash) {
      const row = database.get('SELECT receipt, mirror_index FROM copy WHERE leaf_hash = ?', leafHash)
      return row === undefined ? undefined : { receipt: textColumn(row, 'receipt'), mirrorIndex: integerColumn(row, 'mirror_index') }
    },
    settle(rootOf) {
      const contradictions: Contradiction[] = []
      for (const row of database.all('SELECT leaf_hash, receipt FROM copy WHERE settled = 0')) {
        const [leafHash, receipt] = [textColumn(row, 'leaf_hash'), textColumn(row, 'receipt')]
        const { origin, size, root } = parseCheckpoint(parseNote(parseTlogProof(parseReceipt(receipt).proof).note).text)
        const later = rootOf(origin, size)
        if (later === undefined) continue
        if (Buffer.compare(later, root) !== 0) contradictions.push({ leafHash, receipt, origin, size })
        else database.run('UPDATE copy SET settled = 1 WHERE leaf_hash = ?', leafHash)
      }
      return contradictions
    },
    markDisputed: ({ leafHash }) => database.run('UPDATE copy SET settled = 2 WHERE leaf_hash = ?', leafHash),
  }
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
  return `${interaction.type}?${new URLSearchParams(Array.from(interaction.parameters, ([name, value]): [string, string] => [name, value]))}`
}

const errorShape = z.object({ error: z.object({ code: z.string().max(64), message: z.string().max(1000) }) })

function parseAnswer(holder: string, status: number, bytes: Uint8Array): z.infer<typeof answerShape> {
  try {
    const json: unknown = JSON.parse(decodeUtf8(bytes))
    const refused = errorShape.safeParse(json)
    if (refused.success) throw new NodeFailure('PEER_FAILED', `\`${holder}\` answered with status ${status}: ${refused.data.error.code}, ${refused.data.error.message}`)
    return answerShape.parse(json)
  } catch (cause) {
    if (cause instanceof NodeFailure) throw cause
    throw new NodeFailure('PEER_FAILED', `expected an answer with a receipt from \`${holder}\`, found status ${status} with another content`, { cause })
  }
}

