import {
  type Bytes32,
  decodeBase64Url,
  domain,
  encodeBase64Url,
  encodeCanonical,
  encodeUtf8,
  formatCanonical,
  hmac,
  InputError,
  type JsonObject,
  leafHash,
  parseBytes32,
  parseCanonical,
  type Parser,
  rootOfLeafHashes,
  shape,
} from '@fiducia/core'
import { MAX_BATCH_LEAVES, MAX_FIELDS, MAX_FIELD_NAME, MAX_FIELD_VALUE, MAX_STATEMENT_BYTES } from '../limits.ts'
import { parseFieldName } from './fields.ts'
import { parseSubjectKey, subjectKind } from './subjects.ts'
import { BASES, OPERATIONS, type Statement } from './types.ts'

/**
 * Statements as bytes, and batches of them. A batch is a list of *commitments*; the ledger has the root of the tree over them.
 *
 *   com   = HMAC(salt, D("statement") ‖ JCS(statement))      salt: 32 random bytes, one for each statement
 *   root  = RFC 6962 root over the commitments as entries
 *
 * A line of a batch's blob is `{salt, statement}` as canonical JSON, or `{com}` once its subject was erased: without the salt nobody can try
 * guesses, and all other lines prove as before.
 */
export interface OpenLine {
  readonly salt: Bytes32
  readonly statement: Statement
}
export type BatchLine = OpenLine | { readonly com: Bytes32 }

const { integer, literal, object, text } = shape

const parseValue: Parser<string> = text(MAX_FIELD_VALUE)

/** Throws an `InputError` that names the member at fault; never quotes a value. */
export const parseStatement: Parser<Statement> = (value, at) => {
  const shaped = parseShape(value, at)
  const names = Object.keys(shaped.fields)
  if (names.length === 0 || names.length > MAX_FIELDS) throw new InputError('SHAPE', `expected 1 to ${MAX_FIELDS} fields, found ${names.length}`, { at })
  const kind = subjectKind(shaped.subject)
  const isWithdrawn = shaped.operation === 'withdraw'
  for (const name of names) {
    if (name.length > MAX_FIELD_NAME) throw new InputError('SHAPE', `expected names of at most ${MAX_FIELD_NAME} characters`, { at: `${at}.fields` })
    parseFieldName(kind, name)
    const given = shaped.fields[name]
    if (isWithdrawn ? given !== null : given === '' || typeof given !== 'string')
      throw new InputError('SHAPE', isWithdrawn ? 'expected null for what is withdrawn' : 'expected a value that is not empty', { at: `${at}.fields` })
    if (typeof given === 'string') parseValue(given, `${at}.fields`)
  }
  return shaped
}

const parseShape = object({
  subject: parseSubjectKey,
  operation: literal(...OPERATIONS),
  fields: ((value, at) => {
    if (!shape.isObject(value)) throw new InputError('SHAPE', 'expected an object', { at })
    return value as Statement['fields']
  }) satisfies Parser<Statement['fields']>,
  observedAt: integer(),
  basis: literal(...BASES),
  origin: text(MAX_FIELD_NAME),
})

const statementJson = ({ subject, operation, fields, observedAt, basis, origin }: Statement): JsonObject => ({
  subject,
  operation,
  fields: { ...fields },
  observedAt,
  basis,
  origin,
})

export const statementCommitment = (salt: Bytes32, statement: Statement): Uint8Array =>
  textCommitment(decodeBase64Url(salt), formatCanonical(statementJson(statement)))

/** The same for a statement that is canonical JSON already; that it is one is the caller's to know. */
export const textCommitment = (salt: Uint8Array, canonical: string): Uint8Array => hmac(salt, domain('statement'), encodeUtf8(canonical))

export const lineCommitment = (line: BatchLine): Uint8Array => ('com' in line ? decodeBase64Url(line.com) : statementCommitment(line.salt, line.statement))

/** The root that a batch has on the ledger. Throws for none, or more than a batch may have. */
export function batchRoot(commitments: readonly Uint8Array[]): Bytes32 {
  if (commitments.length === 0 || commitments.length > MAX_BATCH_LEAVES)
    throw new InputError('SHAPE', `expected 1 to ${MAX_BATCH_LEAVES} statements in a batch, found ${commitments.length}`)
  return parseBytes32(encodeBase64Url(rootOfLeafHashes(commitments.map(leafHash))))
}

/** A line as it stands in the blob, without its line feed. */
export const encodeLine = (line: BatchLine): Uint8Array =>
  encodeCanonical('com' in line ? { com: line.com } : { salt: line.salt, statement: statementJson(line.statement) })

const parseOpenLine = object({ salt: parseBytes32, statement: parseStatement })
const parseErasedLine = object({ com: parseBytes32 })

/** Throws an `InputError` unless the bytes are one line in its only form. */
export function decodeLine(bytes: Uint8Array): BatchLine {
  const value = parseCanonical(bytes, { maxBytes: MAX_STATEMENT_BYTES })
  return shape.isObject(value) && 'com' in value ? parseErasedLine(value, '') : parseOpenLine(value, '')
}
