import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type OrganizationId, parseNetworkId, parseOrganizationId } from '@fiducia/core'
import { COORDINATOR, openSiteProcess, runStudy, StudyRefused, type StudyRun, requireView } from '@fiducia/node/research'
import { formatTrustPolicy, studyIdOf } from '@fiducia/proofs'
import { computedWords, disclosures, formatSpec, methodLine, parseSpec, resultOf, rowsWords, type StudySpec } from '@fiducia/research'
import { type Answer, UsageError } from '../output.ts'
import { folderOf, readTextInput, statOf, withoutMark } from '../read-input.ts'
import { studyFiles } from '../study/files.ts'
import { reportLines } from '../study/report-text.ts'
import { showLines } from '../study/show-text.ts'
import { textRows } from '../study/text-table.ts'

/**
 * `fiducia study simulate`: a study over files as if each were an organization's own: a process for each site, the whole masked protocol, a ledger
 * that every site replays and cosigns, and a bundle that anybody can verify.
 */
export interface SimulateFlags {
  readonly site?: readonly string[]
  readonly policy?: readonly string[]
  readonly out?: string
}

const NET = parseNetworkId('study')
const MIN_SITES = 3

export async function simulate(file: string, flags: SimulateFlags): Promise<Answer> {
  const { spec, text } = await readSpec(file)
  const sites = withPolicies(sitesOf(flags.site ?? []), flags.policy ?? [])
  const out = outFolder(flags.out)
  using stack = new DisposableStack()
  const ports = sites.map(({ org, ...files }) => ({ ...stack.use(openSiteProcess(org)), ...files }))
  try {
    const run = await runStudy({
      net: NET,
      spec,
      specText: text,
      sites: ports,
      now: () => Date.now(),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    })
    return told(spec, run, out)
  } catch (error) {
    if (error instanceof StudyRefused) return refused(error)
    throw error
  }
}

/** A policy, or data that does not allow it, is an answer; what the asker wrote wrongly is bad use. */
function refused(error: StudyRefused, bundle?: string): Answer {
  if (BAD_USE.has(error.code)) throw new UsageError(error.code, error.message)
  const aborted = { code: error.code, site: error.site ?? null, reason: error.message }
  const shown = bundle === undefined ? [] : ['', ...bundleLines(bundle)]
  return {
    exitCode: 1,
    json: { aborted, ...(bundle === undefined ? {} : { bundle }) },
    text: [`The study was not run to its end: ${error.message}`, ...shown].join('\n'),
  }
}

const BAD_USE: ReadonlySet<string> = new Set(['STUDY_SPEC', 'STUDY_FORMULA', 'STUDY_COLUMN', 'STUDY_SITE_POLICY', 'SITE_FAILED'])

const bundleLines = (bundle: string): readonly string[] => [
  `The study, its votes, rounds and end: ${bundle}`,
  `  fiducia verify ${bundle} --trust ${path.join(path.dirname(bundle), 'trust.policy')}`,
]

// ---- input ----------------------------------------------------------------------------------------------------------------

interface ReadSpec {
  readonly spec: StudySpec
  /** In its one spelling. */
  readonly text: string
}

async function readSpec(file: string): Promise<ReadSpec> {
  const text = withoutMark(readTextInput(file, 'a study'))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError('JSON_SYNTAX', 'expected a study as JSON, found other text', file)
  }
  const spec = parseSpec(value)
  await requireView(spec)
  return { spec, text: formatSpec(value) }
}

interface SiteFile {
  readonly org: OrganizationId
  readonly file: string
  readonly policy?: string
}

function sitesOf(flags: readonly string[]): readonly SiteFile[] {
  const sites = flags.map((flag) => namedFile('--site', flag, 'rows as CSV, or resources'))
  const names = new Set<string>(sites.map(({ org }) => org))
  if (sites.length < MIN_SITES)
    throw new UsageError('BAD_USE', `expected at least ${MIN_SITES} sites, found ${sites.length}: below three, a sum tells one what the other has`)
  if (names.size < sites.length || names.has(COORDINATOR))
    throw new UsageError('BAD_USE', `expected sites with different names, none of them \`${COORDINATOR}\``)
  return sites.toSorted((a, b) => (a.org < b.org ? -1 : 1))
}

function withPolicies(sites: readonly SiteFile[], flags: readonly string[]): readonly SiteFile[] {
  const policies = flags.map((flag) => namedFile('--policy', flag, 'a site’s policy'))
  for (const { org } of policies) {
    if (!sites.some((site) => site.org === org)) throw new UsageError('BAD_USE', `expected the policy of one of the sites, found one of \`${org}\``, '--policy')
    if (policies.filter((one) => one.org === org).length > 1) throw new UsageError('BAD_USE', `expected one policy of \`${org}\`, found two`, '--policy')
  }
  return sites.map((site) => {
    const policy = policies.find(({ org }) => org === site.org)?.file
    return policy === undefined ? site : { ...site, policy }
  })
}

function namedFile(option: string, flag: string, what: string): SiteFile {
  const at = flag.indexOf('=')
  if (at < 1) throw new UsageError('BAD_USE', `expected ${option} as NAME=FILE, found \`${flag}\``, option)
  const file = flag.slice(at + 1)
  if (!statOf(file, what).isFile()) throw new UsageError('FILE_KIND', `expected ${what}, found something else than a file at \`${file}\``, file)
  return { org: parseOrganizationId(flag.slice(0, at), option), file: path.resolve(file) }
}

function outFolder(out: string | undefined): string {
  if (out === undefined) return mkdtempSync(path.join(os.tmpdir(), 'fiducia-study-'))
  if (existsSync(out)) {
    folderOf(out, 'a new or empty folder')
    if (readdirSync(out).length > 0) throw new UsageError('FOLDER_NOT_EMPTY', `expected a new or empty folder, found files in \`${out}\``, out)
  }
  return path.resolve(out)
}

// ---- output ---------------------------------------------------------------------------------------------------------------

function told(spec: StudySpec, { bundle, trust, ended }: StudyRun, out: string): Answer {
  const folder = path.join(out, 'study')
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of bundle) writeFileSync(path.join(folder, name), bytes)
  const policy = path.join(out, 'trust.policy')
  writeFileSync(policy, formatTrustPolicy(trust))
  if (ended.state === 'aborted') return refused(ended.because, folder)
  const { answer, ...known } = ended
  const result = resultOf(answer, known)
  const specId = studyIdOf(bundle.get('spec.json') ?? new Uint8Array())
  const written = studyFiles(spec, specId, result).map(({ name, about, bytes }) => {
    const file = path.join(out, name)
    writeFileSync(file, bytes)
    return { file, about }
  })
  const files = [{ file: policy, about: 'whom to trust when verifying' }, ...written]
  const text = [...reportLines(spec, result), '', ...placeLines(folder, files)].join('\n')
  return { exitCode: 0, json: { ...result, bundle: folder, files: files.map(({ file }) => file) }, text }
}

const placeLines = (bundle: string, files: readonly { readonly file: string; readonly about: string }[]): readonly string[] => [
  'Written:',
  ...textRows(
    [
      { cells: [bundle, ...files.map(({ file }) => file)].map((file) => `  ${file}`), isWords: true },
      { cells: ['the study, its votes, rounds and result', ...files.map(({ about }) => about)], isWords: true },
    ],
    Number.POSITIVE_INFINITY,
  ),
  '',
  `  fiducia verify ${bundle} --trust ${path.join(path.dirname(bundle), 'trust.policy')}`,
]

// ---- show -----------------------------------------------------------------------------------------------------------------

/** `fiducia study show`: what is asked, of whom, and what leaves a site, in plain words. */
export async function show(file: string): Promise<Answer> {
  const { spec } = await readSpec(file)
  const { title, purpose, disclosure } = spec
  const words = { computed: computedWords(spec), counted: rowsWords(spec), leaves: disclosures(spec) }
  return {
    exitCode: 0,
    json: { title, purpose, method: methodLine(spec), ...words, rules: disclosure },
    text: showLines(spec).join('\n'),
  }
}
