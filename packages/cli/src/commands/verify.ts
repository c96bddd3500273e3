import { existsSync } from 'node:fs'
import { type Verification, verifyBundle, verifyTlogProofFile } from '@fiducia/proofs'
import { type Answer, UsageError } from '../output.ts'
import { readInput, readTextInput, statOf } from '../read-input.ts'
import { readArchive, readFolder } from './read-bundle.ts'

/** `fiducia verify PATH`: a bundle (folder or zip archive) or a `.tlog-proof` file, with nothing but files and no network. */
export interface VerifyOptions {
  readonly trust?: string
  readonly leaf?: string
}

export function verify(target: string, options: VerifyOptions): Answer {
  const trustFile = options.trust ?? process.env['FIDUCIA_TRUST']
  const trust = trustFile === undefined ? undefined : readTextInput(trustFile, 'a tlog-policy or a genesis file')
  const verification = verifyTarget(target, options.leaf, trust)
  return { exitCode: verification.valid ? 0 : 1, json: verification, text: formatVerification(verification) }
}

function verifyTarget(target: string, leaf: string | undefined, trust: string | undefined): Verification {
  if (statOf(target, 'a bundle (folder or .zip) or a .tlog-proof file').isDirectory()) return verifyBundle(readFolder(target), trust)
  return target.endsWith('.zip') ? verifyBundle(readArchive(target), trust) : verifyProofFile(target, leaf, trust)
}

function verifyProofFile(file: string, leafFile: string | undefined, trust: string | undefined): Verification {
  const beside = leafFile ?? file.replace(/\.tlog-proof$/, '.leaf')
  if (leafFile === undefined && (beside === file || !existsSync(beside)))
    throw new UsageError('FILE_MISSING', 'expected the entry beside the proof as NAME.leaf, or named with --leaf', file)
  return verifyTlogProofFile(readInput(file, 'a .tlog-proof file'), readInput(beside, 'the entry of a proof'), trust)
}

/** A file's name may hold anything; what could move the cursor or start a line of its own stays out of the terminal. */
const shown = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?')

function formatVerification({ valid, kind, checks, proves, doesNotProve }: Verification): string {
  const lines = checks.map(({ ok, name, detail }) => `  ${ok ? 'ok    ' : 'FAILED'}  ${name}${detail === '' ? '' : `: ${shown(detail)}`}`)
  const list = (title: string, sentences: readonly string[]) => (sentences.length === 0 ? [] : ['', title, ...sentences.map((sentence) => `  - ${sentence}`)])
  return [
    `${valid ? 'VALID' : 'NOT VALID'}: ${kind}`,
    ...lines,
    ...(valid ? list('What it proves:', proves) : []),
    ...list('What it does not prove:', doesNotProve),
  ].join('\n')
}
