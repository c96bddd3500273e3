import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { httpTransport, isWitnessConfig, loadConfig, type MemberConfig, requestSample } from '@fiducia/node'
import { type BundleFiles, formatVerification, MAX_SAMPLE, MAX_SAMPLE_DAYS, type SamplePack, type Verification, verifyBundle } from '@fiducia/proofs'
import { type Answer, UsageError } from '../output.ts'
import { folderOf } from '../read-input.ts'
import { tableOf } from '../table.ts'

/**
 * `fiducia directory evidence`: a member's statements about providers, sampled by a block, for an auditor.
 *
 *   OUT/sample/        the bundle
 *   OUT/trust.policy   whom to believe, from the genesis of the network
 */
export interface EvidenceFlags {
  readonly config: string
  readonly out: string
  readonly days: string
  readonly size: string
}

export async function makeEvidence(flags: EvidenceFlags): Promise<Answer> {
  const terms = { days: wholeOf(flags.days, MAX_SAMPLE_DAYS, '--days'), size: wholeOf(flags.size, MAX_SAMPLE, '--size') }
  requireNew(flags.out)
  const { files, pack, trust } = await requestSample(memberOf(flags.config), terms, { transport: httpTransport, now: () => Date.now(), random })
  const verification = verifyBundle(files, trust)
  // What its own reader would refuse is handed to nobody.
  if (!verification.valid) return { exitCode: 1, json: verification, text: formatVerification(verification) }
  const places = write(flags.out, files, trust)
  return { exitCode: 0, json: jsonOf(pack, verification, places), text: textOf(pack, verification, places) }
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

// ---- flags ----------------------------------------------------------------------------------------------------------------

function wholeOf(text: string, most: number, flag: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= most) return value
  throw new UsageError('BAD_USE', `expected ${flag} from 1 to ${most}, found \`${text}\``, flag)
}

function requireNew(out: string): void {
  if (!existsSync(out)) return
  folderOf(out, 'a new or empty folder for the evidence')
  if (readdirSync(out).length > 0) throw new UsageError('FOLDER_NOT_EMPTY', `expected a new or empty folder, found files in \`${out}\``, out)
}

function memberOf(file: string): MemberConfig {
  if (isWitnessConfig(file)) throw new UsageError('BAD_USE', 'expected the configuration of a member with a directory, found that of a witness', '--config')
  return loadConfig(file)
}

// ---- files ----------------------------------------------------------------------------------------------------------------

interface Places {
  readonly bundle: string
  readonly trust: string
}

/** Readable by the owner only: there are people's values in it. */
function write(out: string, files: BundleFiles, trust: string): Places {
  const places = { bundle: path.join(out, 'sample'), trust: path.join(out, 'trust.policy') }
  mkdirSync(places.bundle, { recursive: true, mode: 0o700 })
  for (const [name, bytes] of files) writeFileSync(path.join(places.bundle, name), bytes, { mode: 0o600 })
  writeFileSync(places.trust, trust)
  return places
}

// ---- the answer -----------------------------------------------------------------------------------------------------------

const PERSONAL = 'The sample holds statements with their values, of natural persons too: it is for an auditor who may see them, not for the public.'

const jsonOf = ({ org, days, figures }: SamplePack, { facts, proves, doesNotProve }: Verification, places: Places) => ({
  org,
  height: Number(facts['height']),
  days,
  ...figures,
  ...places,
  proves,
  doesNotProve,
  note: PERSONAL,
})

function textOf({ org, days, figures }: SamplePack, { facts, doesNotProve }: Verification, { bundle, trust }: Places): string {
  const { statements, sampled, erased, withdrawn, standing, fresh, share, lower, upper } = figures
  const none = 'none: nothing of the sample stands'
  const rows = [
    ['statements that count', String(statements)],
    ['sampled', `${sampled}, of which ${withdrawn} taken back and ${erased} erased`],
    ['fresh of standing', `${fresh} of ${standing} observed within ${days} days`],
    ['share', share === null ? none : `${percent(share)}; of all, ${percent(lower ?? 0)} to ${percent(upper ?? 0)} at 95 % confidence`],
  ]
  return [
    `A sample of what \`${org}\` says of providers, drawn by block ${Number(facts['height'])}`,
    '',
    ...tableOf(rows),
    '',
    'What it does not prove',
    ...doesNotProve.map((sentence) => `  ${sentence}`),
    '',
    PERSONAL,
    'Its reader takes trust.policy from another member, and counts again:',
    `  fiducia verify ${bundle} --trust ${trust}`,
  ].join('\n')
}

const percent = (tenThousandths: number): string => `${(tenThousandths / 100).toFixed(1)} %`
