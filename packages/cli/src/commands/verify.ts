import { existsSync, readFileSync, statSync } from 'node:fs'
import { type Verification, verifyBundle, verifyTlogProofFile } from '@fiducia/proofs'
import { type Answer, UsageError } from '../output.ts'
import { readArchive, readFolder } from './read-bundle.ts'

/** `fiducia verify PATH`: a bundle (folder or zip archive) or a `.tlog-proof` file, with nothing but files and no network. */
export interface VerifyOptions {
  readonly trust?: string
  readonly leaf?: string
}

export function verify(target: string, options: VerifyOptions): Answer {
  const trustFile = options.trust ?? process.env['FIDUCIA_TRUST']
  const trust = trustFile === undefined ? undefined : readText(trustFile, 'a tlog-policy or a genesis file')
  const verification = verifyTarget(target, options.leaf, trust)
  return { exitCode: verification.valid ? 0 : 1, json: verification, text: formatVerification(verification) }
}

function verifyTarget(target: string, leaf: string | undefined, trust: string | undefined): Verification {
  if (statOf(target).isDirectory()) return verifyBundle(readFolder(target), trust)
  return target.endsWith('.zip') ? verifyBundle(readArchive(target), trust) : verifyProofFile(target, leaf, trust)
}

function statOf(target: string) {
  if (!existsSync(target))
    throw new UsageError('FILE_MISSING', `expected a bundle (folder or .zip) or a .tlog-proof file, found nothing at \`${target}\``, target)
  return statSync(target)
}

function readText(file: string, what: string): string {
  if (!existsSync(file)) throw new UsageError('FILE_MISSING', `expected ${what}, found nothing at \`${file}\``, file)
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
}

function verifyProofFile(file: string, leafFile: string | undefined, trust: string | undefined): Verification {
  const beside = [leafFile, file.replace(/\.tlog-proof$/, '.leaf')].find((one) => one !== undefined && existsSync(one))
  if (beside === undefined) throw new UsageError('FILE_MISSING', 'expected the entry beside the proof as NAME.leaf, or named with --leaf', file)
  return verifyTlogProofFile(new Uint8Array(readFileSync(file)), new Uint8Array(readFileSync(beside)), trust)
}

function formatVerification({ valid, kind, checks, proves, doesNotProve }: Verification): string {
  const lines = checks.map(({ ok, name, detail }) => `  ${ok ? 'ok    ' : 'FAILED'}  ${name}${detail === '' ? '' : `: ${detail}`}`)
  const list = (title: string, sentences: readonly string[]) => (sentences.length === 0 ? [] : ['', title, ...sentences.map((sentence) => `  - ${sentence}`)])
  return [
    `${valid ? 'VALID' : 'NOT VALID'}: ${kind}`,
    ...lines,
    ...(valid ? list('What it proves:', proves) : []),
    ...list('What it does not prove:', doesNotProve),
  ].join('\n')
}
