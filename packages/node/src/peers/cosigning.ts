import { formatNote, isSignatureBy, type NoteSignature, parseNote, parseVerifierKey, type VerifierKey, verifyCosignature, witnessName } from '@fiducia/core'
import { members, trust } from '@fiducia/ledger'
import { formatAddCheckpoint } from '@fiducia/proofs'
import type { NodeContext } from '../node-context.ts'
import { textOf } from './transport.ts'

/**
 * Asking the members' witnesses for cosignatures (C2SP tlog-witness, `add-checkpoint`). A witness that knows another size
 * answers 409 with it, and is asked once more from there. Silence and refusals are left out; the quorum decides.
 */
export interface CosigningRequest {
  /** The log's own note. */
  readonly note: string
  /** Consistency path from a witness's size to the note's. */
  readonly consistency: (oldSize: number) => readonly Uint8Array[]
}

export interface Collected {
  /** The note with every cosignature that holds. */
  readonly note: string
  /** Organizations that did not cosign, with the status or reason. */
  readonly missing: readonly { readonly org: string; readonly reason: string }[]
}

/** A C2SP witness outside the network: it stands for append-only growth, is shown, and never counted. */
export interface OutsideWitness {
  readonly key: VerifierKey
  /** `add-checkpoint` is below it. */
  readonly url: string
}

export async function collectCosignatures(context: NodeContext, request: CosigningRequest): Promise<Collected> {
  const state = context.ledger.tip()
  const keys = Object.values(trust(state).groups).flatMap((group) => group.map(parseVerifierKey))
  const asked = members(state).map(({ org, endpoint }) => ({
    org,
    url: `${endpoint}/witness`,
    keys: keys.filter((one) => one.name === witnessName(context.net, org)),
  }))
  const outside = context.outsideWitnesses.map(({ key, url }) => ({ org: key.name, url, keys: [key] }))
  const answers = await Promise.all(
    [...asked, ...outside].map(async ({ org, url, keys: its }) => {
      if (its.length === 0) return { org, reason: 'no witness key in the trust record' }
      try {
        return { org, ...(await askWitness(context, `${url}/add-checkpoint`, its, request)) }
      } catch (error) {
        return { org, reason: error instanceof Error ? error.message : 'no answer' }
      }
    }),
  )
  const parsed = parseNote(request.note)
  const cosignatures = answers.flatMap((answer) => ('lines' in answer ? answer.lines : []))
  const missing = answers.flatMap((answer) => ('lines' in answer ? [] : [{ org: answer.org, reason: answer.reason }]))
  return { note: formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...cosignatures] }), missing }
}

type WitnessAnswer = { readonly lines: readonly NoteSignature[] } | { readonly reason: string }

async function askWitness(context: NodeContext, url: string, keys: readonly VerifierKey[], request: CosigningRequest): Promise<WitnessAnswer> {
  let oldSize = 0
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const body = formatAddCheckpoint({ oldSize, path: request.consistency(oldSize), note: request.note })
    const answer = await context.transport(url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } })
    if (answer.status === 200) return acceptLines(textOf(answer), keys, request.note)
    if (answer.status !== 409) return { reason: `status ${answer.status}: ${textOf(answer).slice(0, 200)}` }
    oldSize = Number(textOf(answer).trim())
    if (!Number.isSafeInteger(oldSize) || oldSize < 0) return { reason: 'a size that is none' }
  }
  return { reason: 'the witness changed its size twice' }
}

/** What its known keys cosigned; lines of other keys are read over, one that does not hold spoils the answer. */
function acceptLines(text: string, keys: readonly VerifierKey[], note: string): WitnessAnswer {
  const signed = parseNote(note).text
  const known = parseNote(`${signed}\n${text}`).signatures.flatMap((line) => keys.filter((key) => isSignatureBy(line, key)).map((key) => ({ line, key })))
  if (known.length === 0 || known.some(({ line, key }) => verifyCosignature(signed, line, key) === undefined))
    return { reason: 'a cosignature that does not hold' }
  return { lines: known.map(({ line }) => line) }
}
