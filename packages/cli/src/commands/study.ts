import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type OrganizationId, parseNetworkId, parseOrganizationId } from '@fiducia/core'
import { COORDINATOR, openSiteProcess, runStudy, StudyRefused, type StudyRun } from '@fiducia/node'
import { formatTrustPolicy, studyIdOf } from '@fiducia/proofs'
import { computedWords, disclosures, formatSpec, methodLine, parseSpec, resultOf, rowsWords, type StudySpec } from '@fiducia/research'
import { type Answer, UsageError } from '../output.ts'
import { folderOf, readTextInput, statOf } from '../read-input.ts'
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
  readonly out?: string
}

const NET = parseNetworkId('study')
const MIN_SITES = 3

export async function simulate(file: string, flags: SimulateFlags): Promise<Answer> {
  const { spec, text } = readSpec(file)
  const sites = sitesOf(flags.site ?? [])
  const out = outFolder(flags.out)
  using stack = new DisposableStack()
  const ports = sites.map(({ org, file: rows }) => ({ ...stack.use(openSiteProcess(org)), file: path.resolve(rows) }))
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
function refused(error: StudyRefused): Answer {
  if (!REFUSALS.has(error.code)) throw new UsageError(error.code, error.message)
  const aborted = { code: error.code, site: error.site ?? null, reason: error.message }
  return { exitCode: 1, json: { aborted }, text: `The study was not run to its end: ${error.message}` }
}

const REFUSALS: ReadonlySet<string> = new Set(['STUDY_POLICY', 'STUDY_DATA', 'STUDY_ABORTED', 'STUDY_ROUND', 'STUDY_RANGE'])

// ---- input ----------------------------------------------------------------------------------------------------------------

interface ReadSpec {
  readonly spec: StudySpec
  /** In its one spelling. */
  readonly text: string
}

function readSpec(file: string): ReadSpec {
  const text = readTextInput(file, 'a study')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError('JSON_SYNTAX', 'expected a study as JSON, found other text', file)
  }
  return { spec: parseSpec(value), text: formatSpec(value) }
}

interface SiteFile {
  readonly org: OrganizationId
  readonly file: string
}

function sitesOf(flags: readonly string[]): readonly SiteFile[] {
  const sites = flags.map((flag): SiteFile => {
    const at = flag.indexOf('=')
    if (at < 1) throw new UsageError('BAD_USE', `expected --site as NAME=FILE, found \`${flag}\``, '--site')
    const file = flag.slice(at + 1)
    if (!statOf(file, 'rows as CSV').isFile()) throw new UsageError('FILE_KIND', `expected rows as CSV, found something else than a file at \`${file}\``, file)
    return { org: parseOrganizationId(flag.slice(0, at), '--site'), file }
  })
  const names = new Set<string>(sites.map(({ org }) => org))
  if (sites.length < MIN_SITES)
    throw new UsageError('BAD_USE', `expected at least ${MIN_SITES} sites, found ${sites.length}: below three, a sum tells one what the other has`)
  if (names.size < sites.length || names.has(COORDINATOR))
    throw new UsageError('BAD_USE', `expected sites with different names, none of them \`${COORDINATOR}\``)
  return sites.toSorted((a, b) => (a.org < b.org ? -1 : 1))
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

function told(spec: StudySpec, { bundle, trust, answer, ...known }: StudyRun, out: string): Answer {
  const result = resultOf(answer, known)
  const folder = path.join(out, 'study')
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of bundle) writeFileSync(path.join(folder, name), bytes)
  const specId = studyIdOf(bundle.get('spec.json') ?? new Uint8Array())
  const policy = { name: 'trust.policy', about: 'whom to trust when verifying', bytes: formatTrustPolicy(trust) }
  const files = [policy, ...studyFiles(spec, specId, result)].map(({ name, about, bytes }) => {
    const file = path.join(out, name)
    writeFileSync(file, bytes)
    return { file, about }
  })
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
export function show(file: string): Promise<Answer> {
  const { spec } = readSpec(file)
  const { title, purpose, disclosure } = spec
  const words = { computed: computedWords(spec), counted: rowsWords(spec), leaves: disclosures(spec) }
  return Promise.resolve({
    exitCode: 0,
    json: { title, purpose, method: methodLine(spec), ...words, rules: disclosure },
    text: showLines(spec).join('\n'),
  })
}
