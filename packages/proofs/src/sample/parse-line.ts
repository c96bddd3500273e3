import {
  type Bytes32,
  decodeBase64Url,
  domainHmac,
  encodeCanonical,
  formatCanonical,
  InputError,
  type JsonObject,
  type Parser,
  parseBytes32,
  shape,
} from '@fiducia/core'

/**
 * A line of a batch, as its reader needs it: `{salt, statement}`, or `{com}` once its subject was erased (docs/spec/directory.md). Which fields
 * a statement has and what they mean is the directory's to know; the commitment is over all of it, the figures are of these.
 *
 *   com = HMAC(salt, D("statement") ‖ JCS(statement))
 */
export type ShownLine = { readonly salt: Bytes32; readonly statement: ShownStatement } | { readonly com: Bytes32 }

export type ShownStatement = JsonObject & {
  readonly subject: string
  readonly origin: string
  readonly operation: string
  /** Milliseconds. */
  readonly observedAt: number
}

const { integer, object, text } = shape

const MAX_NAME = 256
const parseName = text(MAX_NAME)

const parseStatement: Parser<ShownStatement> = (value, at) => {
  if (!shape.isObject(value)) throw new InputError('SHAPE', 'expected a statement', { at })
  // What has no canonical form has no commitment.
  formatCanonical(value as JsonObject)
  return {
    ...(value as JsonObject),
    subject: parseName(value['subject'], `${at}.subject`),
    origin: parseName(value['origin'], `${at}.origin`),
    operation: parseName(value['operation'], `${at}.operation`),
    observedAt: integer()(value['observedAt'], `${at}.observedAt`),
  }
}

const parseOpen = object({ salt: parseBytes32, statement: parseStatement })
const parseErased = object({ com: parseBytes32 })

export const parseShownLine: Parser<ShownLine> = (value, at) => (shape.isObject(value) && 'com' in value ? parseErased(value, at) : parseOpen(value, at))

export const shownCommitment = (line: ShownLine): Uint8Array =>
  'com' in line ? decodeBase64Url(line.com) : domainHmac(decodeBase64Url(line.salt), 'statement', encodeCanonical(line.statement))
