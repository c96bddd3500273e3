import {
  type Checkpoint,
  decodeUtf8,
  InputError,
  parseAccessLogOrigin,
  parseCanonical,
  type Parser,
  type NetworkId,
  parseNetworkId,
  show,
  type AccessLogName,
} from '@fiducia/core'
import { parseTlogProof, type TlogProof, verifyTlogInclusion } from '../tlog-proof.ts'
import type { BundleFiles } from '../types.ts'
import { demand } from './checklist.ts'

/** Reading single files of a bundle. All throw `InputError`s that name the file. */

export function fileOf(files: BundleFiles, name: string): Uint8Array {
  const bytes = files.get(name)
  if (bytes === undefined) throw new InputError('SHAPE', `file \`${name}\` is missing`)
  return bytes
}

/** Prefixes the message with the file's name. */
function inFile<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.code, `${name}: ${error.message}`, { cause: error })
  }
}

export const readJson = <T>(files: BundleFiles, name: string, parse: Parser<T>): T => inFile(name, () => parse(parseCanonical(fileOf(files, name)), ''))

/** Exact canonical text, whatever it says. */
export const readCanonicalText = (files: BundleFiles, name: string): string =>
  inFile(name, () => {
    const bytes = fileOf(files, name)
    parseCanonical(bytes)
    return decodeUtf8(bytes)
  })

export function readSalt(files: BundleFiles, name: string): Uint8Array {
  const bytes = fileOf(files, name)
  demand(bytes.length === 32, `${name}: expected 32 bytes, found ${bytes.length}`)
  return bytes
}

/** `NAME.leaf` with `NAME.tlog-proof`: the entry stands under the checkpoint. Nothing is said yet about signatures. */
export interface ReadProof {
  readonly name: string
  readonly entry: Uint8Array
  readonly proof: TlogProof
  readonly checkpoint: Checkpoint
}

export function readProof(files: BundleFiles, name: string): ReadProof {
  const entry = fileOf(files, `${name}.leaf`)
  const proof = inFile(`${name}.tlog-proof`, () => parseTlogProof(decodeUtf8(fileOf(files, `${name}.tlog-proof`))))
  return { name, entry, proof, checkpoint: inFile(name, () => verifyTlogInclusion(proof, entry)) }
}

export function refuseExtra({ name, proof }: ReadProof): void {
  demand(proof.extra === undefined, `${name}.tlog-proof: expected no extra, found some`)
}

/** The network of a checkpoint of its ledger. */
export function ledgerNetOf({ name, checkpoint }: ReadProof): NetworkId {
  const net = /^(.+)\/ledger$/.exec(checkpoint.origin)?.[1]
  demand(net !== undefined, `${name}: expected a checkpoint of a ledger, found one of ${show(checkpoint.origin)}`)
  return parseNetworkId(net)
}

/** The access log whose checkpoint it is; with `org` and `net`, that it is one of theirs. */
export function accessLogOf({ name, checkpoint }: ReadProof, owner: { readonly org?: string; readonly net?: NetworkId }): AccessLogName {
  const log = parseAccessLogOrigin(checkpoint.origin)
  if (log === undefined || (owner.org !== undefined && log.org !== owner.org) || (owner.net !== undefined && log.net !== owner.net)) {
    throw new InputError(
      'PROOF_FORMAT',
      `${name}: expected a checkpoint of a log of ${owner.org === undefined ? 'an organization' : `\`${owner.org}\``}, found one of ${show(checkpoint.origin)}`,
    )
  }
  return log
}
