import type { JsonObject } from '@fiducia/core'
import type { CheckName } from '../checks.ts'
import { MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES } from '../limits.ts'
import { type BundleFiles, type BundleForm, type BundleKind, FRAUD_FORMS, type Verification } from '../types.ts'
import { verifyAccess, verifyEntry } from './access.ts'
import { verifyAttestation } from './attestation.ts'
import { type Checklist, createChecklist, demand, passed } from './checklist.ts'
import { foldersOf, verifyCompleteness } from './completeness.ts'
import { verifyConsentState } from './consent-state.ts'
import { verifyFork, verifyLeftOut, verifyOffChain, verifyTwinTags, verifyUnanswered } from './fraud.ts'
import { verifySample } from './sample.ts'
import { verifyStudy } from './study.ts'
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
const TWINS = ['first.leaf', 'first.tlog-proof', 'second.leaf', 'second.tlog-proof']
const POLICY = ['policy.json', 'policy.salt']

const FILES: { readonly [Form in BundleForm]: (files: BundleFiles) => FileList } = {
  'consent-state': () => ({ required: HEAD, optional: [POLICY] }),
  access: () => ({ required: [...HEAD, ...ACCESS], optional: [POLICY, ['decision.json', 'salt2'], ['mirror.leaf', 'mirror.tlog-proof']] }),
  completeness: (files) => ({ required: [...HEAD, 'next.json', ...folderFiles(files)], optional: [] }),
  attestation: () => ({ required: ['role.json', 'state.json', 'block.leaf', 'block.tlog-proof'], optional: [] }),
  entry: () => ({ required: ACCESS, optional: [] }),
  sample: () => ({ required: ['sample.json', 'batches.json', 'signature.json', 'block.leaf', 'block.tlog-proof'], optional: [] }),
  study: () => ({
    required: ['study.json', 'spec.json', 'models.json', 'keys.json', 'block.leaf', 'block.tlog-proof'],
    optional: [['result.json', 'card.json']],
  }),
  fork: () => ({ required: ['first.note', 'second.note'], optional: [['consistency.json']] }),
  'twin-tags': () => ({ required: TWINS, optional: [] }),
  'off-chain': () => ({ required: [...HEAD, ...ACCESS, 'tagkey'], optional: [] }),
  'left-out': (files) => ({ required: [...HEAD, ...ACCESS, 'next.json', ...folderFiles(files)], optional: [] }),
  unanswered: () => ({ required: ['dispute.json', 'dispute.state.json', 'answer.state.json', 'block.leaf', 'block.tlog-proof'], optional: [] }),
}

/** Three files for each log that is there; which logs may be missing is judged with their records. */
function folderFiles(files: BundleFiles): readonly string[] {
  const folders = foldersOf(files).slice(0, MAX_BUNDLE_FILES)
  return (folders.length === 0 ? [1] : folders).flatMap((k) => [`${k}/tags.json`, `${k}/seal.leaf`, `${k}/seal.tlog-proof`])
}

const VERIFY: { readonly [Form in BundleForm]: (list: Checklist, files: BundleFiles, trust: Trust | undefined) => unknown } = {
  'consent-state': verifyConsentState,
  access: verifyAccess,
  completeness: verifyCompleteness,
  attestation: verifyAttestation,
  entry: verifyEntry,
  sample: verifySample,
  study: verifyStudy,
  fork: verifyFork,
  'twin-tags': verifyTwinTags,
  'off-chain': verifyOffChain,
  'left-out': verifyLeftOut,
  unanswered: verifyUnanswered,
}

const LISTED: readonly CheckName[] = ['block', 'current', 'state', 'custody', 'seal', 'chain', 'tags', 'absence', 'next-log', 'cosigned']

/**
 * Checks that a valid bundle must have passed; so a check that was never reached cannot be missed. Where `cosigned` is
 * demanded, `unwitnessed` stands for it in a network of one group. The signature of the one at fault is all that a fork takes.
 */
const DEMANDED: { readonly [Form in BundleForm]: readonly CheckName[] } = {
  'consent-state': ['block', 'current', 'state', 'custody', 'cosigned'],
  access: ['block', 'current', 'state', 'custody', 'access', 'disclosure', 'handle', 'fresh', 'cosigned'],
  completeness: LISTED,
  attestation: ['block', 'current', 'state', 'role', 'cosigned'],
  entry: ['access', 'disclosure', 'handle', 'cosigned'],
  sample: ['block', 'current', 'said-by', 'all-batches', 'draw', 'statements', 'figures', 'cosigned'],
  study: ['block', 'current', 'study', 'spec', 'votes', 'rounds', 'round-keys', 'models', 'result', 'cosigned'],
  fork: ['signed-twice', 'contradiction'],
  'twin-tags': ['twin-tags', 'signed'],
  'off-chain': ['block', 'current', 'state', 'custody', 'access', 'disclosure', 'handle', 'chain', 'off-chain', 'signed', 'cosigned'],
  'left-out': [...LISTED, 'access', 'disclosure', 'handle', 'left-out'],
  unanswered: ['block', 'current', 'dispute', 'unanswered', 'cosigned'],
}

const isFraud = (form: BundleForm): boolean => FRAUD_FORMS.some((one) => one === form)

const kindOfForm = (form: BundleForm): BundleKind => (isFraud(form) ? 'fraud' : (form as BundleKind))

/** The kind that the file names tell, or undefined when they tell none. */
export function kindOf(files: BundleFiles): BundleKind | undefined {
  const form = formOf(files)
  return form === undefined ? undefined : kindOfForm(form)
}

function formOf(files: BundleFiles): BundleForm | undefined {
  const some = (...names: readonly string[]) => names.some((name) => files.has(name))
  if (some('next.json') || foldersOf(files).length > 0) return some(...ACCESS) ? 'left-out' : 'completeness'
  if (some('role.json')) return 'attestation'
  if (some('sample.json', 'batches.json', 'signature.json')) return 'sample'
  if (some('study.json', 'spec.json', 'models.json', 'keys.json', 'result.json', 'card.json')) return 'study'
  if (some('first.note', 'second.note')) return 'fork'
  if (some(...TWINS)) return 'twin-tags'
  if (some('dispute.json')) return 'unanswered'
  if (some('tagkey')) return 'off-chain'
  if (some(...ACCESS, 'decision.json', 'salt2', 'mirror.leaf', 'mirror.tlog-proof')) return some(...HEAD) ? 'access' : 'entry'
  return some(...HEAD) ? 'consent-state' : undefined
}

/** Judges any bundle, never throws, whatever its bytes. Without trust the check `trust-root` fails, so nothing is valid. */
export function verifyBundle(files: BundleFiles, trust: TrustInput | undefined, options: VerifyOptions = {}): Verification {
  const list = createChecklist()
  const form = formOf(files)
  if (form === undefined) {
    list.fail('files', 'expected the files of a consent-state, access, completeness, attestation, entry, sample, study or fraud bundle')
    return { valid: false, kind: 'unknown', checks: list.checks, proves: [], doesNotProve: [], facts: {} }
  }
  try {
    judge(list, form, { files, trust, options })
  } catch (error) {
    list.fail('readable', `the verifier failed: ${error instanceof Error ? error.message : 'for an unknown reason'}`)
  }
  return conclude(list, form)
}

interface Judging {
  readonly files: BundleFiles
  readonly trust: TrustInput | undefined
  readonly options: VerifyOptions
}

function judge(list: Checklist, form: BundleForm, { files, trust, options }: Judging): void {
  const complete = list.run('files', () => checkFiles(files, form))
  if (complete === undefined) return
  VERIFY[form](list, files, judgeTrust(list, files, trust, options.freshSeconds))
}

function checkFiles(files: BundleFiles, form: BundleForm): { readonly value: true; readonly detail: string } {
  demand(files.size <= MAX_BUNDLE_FILES, `expected at most ${MAX_BUNDLE_FILES} files, found ${files.size}`)
  const { required, optional } = FILES[form](files)
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

function conclude(list: Checklist, form: BundleForm): Verification {
  const held = new Set<string>(list.checks.filter(({ ok }) => ok).map(({ name }) => name))
  if (held.has('unwitnessed')) held.add('cosigned')
  const demanded: readonly CheckName[] = ['files', 'trust-root', ...DEMANDED[form]]
  const valid = list.checks.every(({ ok }) => ok) && demanded.every((name) => held.has(name))
  const kind = kindOfForm(form)
  const facts: JsonObject = { kind, ...(isFraud(form) ? { fraud: form } : {}), ...list.facts }
  return { valid, kind, checks: list.checks, proves: valid ? proves(form, facts) : [], doesNotProve: doesNotProve(form, facts), facts }
}
