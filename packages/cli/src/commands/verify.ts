import { existsSync } from 'node:fs'
import { ENTRY_MISSING, formatVerification, isArchiveName, readTrustText, type Verification, verifyBundle, verifyTlogProofFile } from '@fiducia/proofs'
import { type Answer, UsageError } from '../output.ts'
import { readInput, statOf } from '../read-input.ts'
import { readable, readArchiveFile, readCounted, readFolder } from './read-bundle.ts'

/** `fiducia verify PATH`: a bundle (folder or zip archive) or a `.tlog-proof` file, with nothing but files and no network. */
export interface VerifyOptions {
  readonly trust?: string
  readonly leaf?: string
}

export function verify(target: string, options: VerifyOptions): Answer {
  const trustFile = options.trust ?? process.env['FIDUCIA_TRUST']
  const trust = trustFile === undefined ? undefined : readTrust(trustFile)
  const verification = verifyTarget(target, options.leaf, trust)
  return { exitCode: verification.valid ? 0 : 1, json: verification, text: formatVerification(verification) }
}

const readTrust = (file: string): string => readable(file, () => readTrustText(readInput(file, 'a tlog-policy or a genesis file')))

function verifyTarget(target: string, leaf: string | undefined, trust: string | undefined): Verification {
  if (statOf(target, 'a bundle (folder or .zip) or a .tlog-proof file').isDirectory()) return verifyBundle(readFolder(target), trust)
  return isArchiveName(target) ? verifyBundle(readArchiveFile(target), trust) : verifyProofFile(target, leaf, trust)
}

function verifyProofFile(file: string, leafFile: string | undefined, trust: string | undefined): Verification {
  const beside = leafFile ?? file.replace(/\.tlog-proof$/, '.leaf')
  const isGiven = leafFile !== undefined || (beside !== file && existsSync(beside))
  if (!isGiven) throw new UsageError('FILE_MISSING', ENTRY_MISSING, file)
  const proof = readable(file, () => readCounted(file, 'a .tlog-proof file'))
  const entry = readable(beside, () => readCounted(beside, 'the entry of a proof'))
  return verifyTlogProofFile(proof, entry, trust)
}
