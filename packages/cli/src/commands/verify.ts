import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { type BundleFiles, MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES, type Verification, verifyBundle, verifyTlogProofFile } from '@fiducia/proofs'
import { type Answer, UsageError } from '../output.ts'

/** `fiducia verify PATH`: a bundle folder or a `.tlog-proof` file, with nothing but files and no network. */
export interface VerifyOptions {
  readonly trust?: string
  readonly leaf?: string
}

export function verify(target: string, options: VerifyOptions): Answer {
  const trust = options.trust === undefined ? undefined : readText(options.trust, 'a tlog-policy or a genesis file')
  const verification = statOf(target).isDirectory() ? verifyBundle(readFolder(target), trust) : verifyProofFile(target, options.leaf, trust)
  return { exitCode: verification.valid ? 0 : 1, json: verification, text: formatVerification(verification) }
}

function statOf(target: string) {
  if (!existsSync(target)) throw new UsageError('FILE_MISSING', `expected a bundle folder or a .tlog-proof file, found nothing at \`${target}\``, target)
  return statSync(target)
}

function readText(file: string, what: string): string {
  if (!existsSync(file)) throw new UsageError('FILE_MISSING', `expected ${what}, found nothing at \`${file}\``, file)
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
}

/** Every file below the folder, with `/` between names. */
function readFolder(folder: string): BundleFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
  if (entries.length > MAX_BUNDLE_FILES) throw new UsageError('BUNDLE_TOO_LARGE', `expected at most ${MAX_BUNDLE_FILES} files, found ${entries.length}`, folder)
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      if (statSync(file).size > MAX_BUNDLE_FILE_BYTES)
        throw new UsageError('BUNDLE_TOO_LARGE', `expected files of at most ${MAX_BUNDLE_FILE_BYTES} bytes`, file)
      return [path.relative(folder, file).split(path.sep).join('/'), new Uint8Array(readFileSync(file))]
    }),
  )
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
