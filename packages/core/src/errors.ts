/**
 * Every way in which input can fail to be understood by the pure packages, one row each; `docs/reference/errors.md` is
 * made from this table. A code is never renumbered or reused.
 */
export const INPUT_ERRORS = {
  BYTES_ENCODING: 'the text is not base64url without padding, base64 or hex as the place demands',
  BYTES_LENGTH: 'a byte string has another length than the protocol fixes',
  IDENTIFIER_GRAMMAR: 'an identifier does not match its grammar',
  JSON_NOT_UTF8: 'the bytes are not UTF-8, or begin with a byte order mark',
  JSON_SYNTAX: 'the text is not JSON',
  JSON_NOT_CANONICAL: 'the bytes differ from their own RFC 8785 form',
  JSON_DUPLICATE: 'an object names a member twice',
  JSON_NUMBER: 'a number is not an integer from 0 to 2^53-1',
  JSON_NAME: 'an object has a member that no document may have',
  JSON_SURROGATE: 'a string holds half of a surrogate pair',
  JSON_DEPTH: 'objects and arrays are nested too deeply',
  JSON_SIZE: 'the document is larger than allowed',
  SHAPE: 'a document does not have the members or types that its kind demands',
  KEY_ADMISSION: 'a public key is not one that may be admitted',
  NOTE_FORMAT: 'the text is not a signed note, a checkpoint or a verifier key',
  PROOF_FORMAT: 'the text is not a proof of the format that its place demands',
  FILE_UNREADABLE: 'a file is not of the format that its place demands',
  BUNDLE_EMPTY: 'a folder or an archive has no files',
  BUNDLE_TOO_LARGE: 'a folder or an archive holds more than a bundle may',
} as const

export type InputErrorCode = keyof typeof INPUT_ERRORS

/** Input that could not be understood: what was expected, what came, and where (`at`, a path such as `body.expires`). */
export class InputError extends Error {
  readonly code: InputErrorCode
  readonly at: string | undefined

  constructor(code: InputErrorCode, message: string, options: { readonly at?: string; readonly cause?: unknown } = {}) {
    super(options.at === undefined ? message : `${options.at}: ${message}`, { cause: options.cause })
    this.name = 'InputError'
    this.code = code
    this.at = options.at
  }
}
