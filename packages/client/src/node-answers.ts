import { decodeBase64Url, type Handle, type JsonObject, parseBytes32, parseHandle, parseKeyId, type Parser, type SignedObject, shape } from '@fiducia/core'
import type { BundleFiles } from '@fiducia/proofs'

/** What a node answers to a wallet, parsed strictly: shape only, for what it says is checked by whoever uses it. */

const { array, boolean, integer, isObject, map, object, text } = shape

const MAX_ANSWER_TEXT = 24 * 1024 * 1024
const MAX_LIST = 100_000

const bytes: Parser<Uint8Array> = (value, at) => decodeBase64Url(text(MAX_ANSWER_TEXT)(value, at))
const name: Parser<string> = text(300)
const json: Parser<JsonObject> = (value) => (isObject(value) ? (value as JsonObject) : {})

export interface LoggedEvent {
  readonly origin: string
  readonly k: number
  readonly n: number
  readonly index: number
  readonly leaf: Uint8Array
  readonly sealed: Uint8Array
}

export interface SubmitAnswer {
  readonly height: number
  readonly accepted: boolean
  readonly id?: string
  readonly code?: string
  readonly message?: string
}

export interface OpenAnswer {
  readonly handle: Handle
  readonly height: number
}

export interface PolicyAnswer {
  /** Signed by the node key of the holder. */
  readonly ack: SignedObject
  /** Commitments that are pending now. */
  readonly pending: readonly string[]
}

export interface CopyAnswer {
  readonly leafHash: string
  readonly sealed: Uint8Array
}

/** What a key custodian keeps. */
export interface CustodyAnswer {
  readonly version: number
  readonly ciphertext: Uint8Array
}

export const parseCustody: Parser<CustodyAnswer> = object({ version: integer(1), ciphertext: bytes })
export const parseCustodyVersion = (value: unknown): number => integer(1)(isObject(value) ? value['version'] : undefined, 'version')
export const parseBeginAnswer = object({ bind: parseBytes32 })
export const parseOpenAnswer: Parser<OpenAnswer> = object({ handle: parseHandle, height: integer() })
export const parsePolicyAnswer: Parser<PolicyAnswer> = object({ ack: object({ body: json, key: parseKeyId, sig: name }), pending: array(name, 1000) })
export const parseSubmitAnswer: Parser<SubmitAnswer> = object({ height: integer(), accepted: boolean }, { id: name, code: name, message: text(10_000) })
export const parseLinkAnswer = object({ hash: parseBytes32 })

const eventsShape = object({ events: array(object({ origin: name, k: integer(1), n: integer(), index: integer(), leaf: bytes, sealed: bytes }), MAX_LIST) })
export const parseEvents = (value: unknown): readonly LoggedEvent[] => eventsShape(value, '').events

const copiesShape = object({ copies: array(object({ leafHash: name, sealed: bytes }), MAX_LIST) })
export const parseCopies = (value: unknown): readonly CopyAnswer[] => copiesShape(value, '').copies

const recordShape = object({ resources: array(json, MAX_LIST) })
export const parseRecord = (value: unknown): readonly JsonObject[] => recordShape(value, '').resources

const bundleShape = object({ files: map(name, bytes, 1000) })
export const parseBundle = (value: unknown): BundleFiles => new Map(Object.entries(bundleShape(value, '').files))

/** How many events or copies were erased. */
export const parseErased = (value: unknown): number => shape.integer()(shape.isObject(value) ? value['erased'] : undefined, 'erased')
