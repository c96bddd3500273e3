import type { JsonObject } from '@fiducia/core'
import type { CheckName } from '../checks.ts'
import { MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES } from '../limits.ts'
import type { BundleFiles, BundleKind, Verification } from '../types.ts'
import { verifyAccess, verifyEntry } from './access.ts'
import { verifyAttestation } from './attestation.ts'
import { type Checklist, createChecklist, demand, passed } from './checklist.ts'
import { foldersOf, verifyCompleteness } from './completeness.ts'
import { verifyConsentState } from './consent-state.ts'
import { doesNotProve, proves } from './sentences.ts'
import { isTrustFile, judgeTrust, type Trust, type TrustInput } from './trust.ts'

/**
 * The offline verifier. A bundle is its files and nothing else; its kind follows from which files are there. Each kind is a
 * checklist in a file of its own, made of the same few steps: the bytes stand in a log, the log's checkpoint is cosigned by
 * whom the reader trusts, and what the bundle says is what those bytes commit to.
 */

export interface VerifyOptions {
  /** T in seconds where the trust does not say it; 60 by default. */
  readonly freshSeconds?: number
}

interface FileList {
  readonly required: readonly string[]
  /** Each group is there as a whole or not at all. */
  readonly optional: readonly (readonly string[])[]
}

const HEAD = ['head.json', 'state.json', 'block.leaf', 'block.tlog-proof']
const ACCESS = ['access.leaf', 'access.tlog-proof', 'disclosure.json']
const POLICY = ['policy.json', 'policy.salt']

const FILES: { readonly [Kind in BundleKind]: (files: BundleFiles) => FileList } = {
  'consent-state': () => ({ required: HEAD, optional: [POLICY] }),
  access: () => ({ required: [...HEAD, ...ACCESS], optional: [POLICY, ['decision.json', 'salt2'], ['mirror.leaf', 'mirror.tlog-proof']] }),
  completeness: (files) => ({ required: [...HEAD, 'next.json', ...folderFiles(files)], optional: [] }),
  attestation: () => ({ required: ['role.json', 'state.json', 'block.leaf', 'block.tlog-proof'], optional: [] }),
  entry: () => ({ required: ACCESS, optional: [] }),
}

/** Three files for each k from 1 to the largest that is there. */
function folderFiles(files: BundleFiles): readonly string[] {
  const folders = Math.min(Math.max(1, ...foldersOf(files)), MAX_BUNDLE_FILES)
  return Array.from({ length: folders }, (_, i) => i + 1).flatMap((k) => [`${k}/tags.json`, `${k}/seal.leaf`, `${k}/seal.tlog-proof`])
}

const VERIFY: { readonly [Kind in BundleKind]: (list: Checklist, files: BundleFiles, trust: Trust | undefined) => void } = {
  'consent-state': verifyConsentState,
  access: verifyAccess,
  completeness: verifyCompleteness,
  attestation: verifyAttestation,
  entry: verifyEntry,
}

/** Checks that a valid bundle must have passed; so a check that was never reached cannot be missed. */
const DEMANDED: { readonly [Kind in BundleKind]: readonly CheckName[] } = {
  'consent-state': ['block', 'current', 'state', 'custody'],
  access: ['block', 'current', 'state', 'custody', 'access', 'disclosure', 'handle', 'fresh'],
  completeness: ['block', 'current', 'state', 'custody', 'seal', 'chain', 'tags', 'absence', 'next-log'],
  attestation: ['block', 'current', 'state', 'role'],
  entry: ['access', 'disclosure', 'handle'],
}

/** The kind that the file names tell, or undefined when they tell none. */
export function kindOf(files: BundleFiles): BundleKind | undefined {
  const some = (...names: readonly string[]) => names.some((name) => files.has(name))
  if (some('next.json') || foldersOf(files).length > 0) return 'completeness'
  if (some('role.json')) return 'attestation'
  if (some(...ACCESS, 'decision.json', 'salt2', 'mirror.leaf', 'mirror.tlog-proof')) return some(...HEAD) ? 'access' : 'entry'
  return some(...HEAD) ? 'consent-state' : undefined
}

/** Judges any bundle, never throws, whatever its bytes. Without trust the check `trust-root` fails, so nothing is valid. */
export function verifyBundle(files: BundleFiles, trust: TrustInput | undefined, options: VerifyOptions = {}): Verification {
  const list = createChecklist()
  const kind = kindOf(files)
  if (kind === undefined) {
    list.fail('files', 'expected the files of a consent-state, access, completeness, attestation or entry bundle')
    return { valid: false, kind: 'unknown', checks: list.checks, proves: [], doesNotProve: [], facts: {} }
  }
  try {
    judge(list, kind, { files, trust, options })
  } catch (error) {
    list.fail('readable', `the verifier failed: ${error instanceof Error ? error.message : 'for an unknown reason'}`)
  }
  return conclude(list, kind)
}

interface Judging {
  readonly files: BundleFiles
  readonly trust: TrustInput | undefined
  readonly options: VerifyOptions
}

function judge(list: Checklist, kind: BundleKind, { files, trust, options }: Judging): void {
  const complete = list.run('files', () => checkFiles(files, FILES[kind](files)))
  if (complete === undefined) return
  VERIFY[kind](list, files, judgeTrust(list, files, trust, options.freshSeconds))
}

function checkFiles(files: BundleFiles, { required, optional }: FileList): { readonly value: true; readonly detail: string } {
  demand(files.size <= MAX_BUNDLE_FILES, `expected at most ${MAX_BUNDLE_FILES} files, found ${files.size}`)
  const missing = required.filter((name) => !files.has(name))
  const halves = optional.filter((group) => group.some((name) => files.has(name)) && !group.every((name) => files.has(name)))
  const known = new Set([...required, ...optional.flat()])
  const unknown = [...files.keys()].filter((name) => !known.has(name) && !isTrustFile(name))
  const large = [...files].filter(([, bytes]) => bytes.length > MAX_BUNDLE_FILE_BYTES).map(([name]) => name)
  demand(missing.length === 0, `files are missing: ${missing.slice(0, 10).join(' ')}`)
  demand(halves.length === 0, `expected all or none of ${halves.flat().join(' ')}`)
  demand(unknown.length === 0, `unknown files: ${unknown.slice(0, 10).join(' ')}`)
  demand(large.length === 0, `expected files of at most ${MAX_BUNDLE_FILE_BYTES} bytes: ${large.slice(0, 10).join(' ')}`)
  return passed(true, `${files.size} files`)
}

function conclude(list: Checklist, kind: BundleKind): Verification {
  const held = new Set(list.checks.filter(({ ok }) => ok).map(({ name }) => name))
  const demanded: readonly CheckName[] = ['files', 'trust-root', ...DEMANDED[kind]]
  const signed = held.has('cosigned') || held.has('unwitnessed')
  const valid = signed && list.checks.every(({ ok }) => ok) && demanded.every((name) => held.has(name))
  const facts: JsonObject = { kind, ...list.facts }
  return { valid, kind, checks: list.checks, proves: valid ? proves(kind, facts) : [], doesNotProve: doesNotProve(kind, facts), facts }
}
