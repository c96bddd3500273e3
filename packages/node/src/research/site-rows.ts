import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { decodeUtf8, InputError } from '@fiducia/core'
import { parseCsv } from '@fiducia/directory'
import {
  cellsOf,
  checkDifferencing,
  completeRows,
  enforce,
  enforceSitePolicy,
  isPermittedBy,
  parseSitePolicy,
  readParts,
  ResearchError,
  rowNameOf,
  rowsOf,
  type SitePolicy,
  splitTable,
  type StudySpec,
  type Table,
  type TextTable,
  usedColumns,
} from '@fiducia/research'

/**
 * The rows of a site that a study is about, fixed when the study is opened: what the site's own policy, each person's consent and those who withdrew
 * leave of its file.
 *
 *   file (CSV, or resources through the study's view) → policy → consents, withdrawals → training and test rows → earlier cohorts
 */
export interface SiteRows {
  readonly training: Table
  readonly test: Table | undefined
  /** Whether somebody of the cohort has withdrawn since. Reads the list again. */
  hasWithdrawal(): boolean
  /** Keeps for whom the site answers, durably; to be called before the first answer. */
  remember(): void
}

export interface SiteFiles {
  /** CSV with a header, or FHIR resources where the study has a view. */
  readonly file: string
  /** The site's own policy; without one the study's rules are the site's. */
  readonly policy?: string
}

/** Throws `ResearchError` for what is wrong with a file, and `STUDY_POLICY` with the rule for which the site does not take part. */
export async function openSiteRows(spec: StudySpec, { file, policy: policyFile }: SiteFiles): Promise<SiteRows> {
  const text = await readText(spec, file)
  if (policyFile === undefined) return { ...readParts(spec, text), hasWithdrawal: () => false, remember: () => undefined }
  const policy = readPolicy(policyFile)
  enforceSitePolicy(policy, spec)
  const beside = (name: string): string => path.resolve(path.dirname(policyFile), name)
  const withdrawn = (): ReadonlySet<string> => (policy.withdrawals === null ? new Set<string>() : readList(beside(policy.withdrawals)))
  const eligible = eligibleRows(spec, policy, text, withdrawn())
  const cohort = cohortsOf(spec, policy, eligible)
  const memory = policy.cohorts === null ? undefined : (await import('./cohort-memory.ts')).openCohortMemory(beside(policy.cohorts))
  if (memory !== undefined) for (const persons of cohort) enforce(checkDifferencing(memory.digestsOf(persons), memory.cohorts, policy))
  return {
    ...readParts(spec, eligible),
    hasWithdrawal() {
      const gone = withdrawn()
      return cohort.some((persons) => persons.some((person) => gone.has(person)))
    },
    remember: () => memory?.keep(cohort),
  }
}

// ---- cohort ---------------------------------------------------------------------------------------------------------------

/** Rows of persons who permit the study themselves, where the policy asks them, and have not withdrawn. */
function eligibleRows(spec: StudySpec, { consent, person }: SitePolicy, text: TextTable, withdrawn: ReadonlySet<string>): TextTable {
  const consents = consent === null ? undefined : cellsOf(text, consent)
  const persons = person === null ? undefined : cellsOf(text, person)
  const unnamed = persons?.indexOf('') ?? -1
  if (unnamed !== -1) throw new ResearchError('STUDY_COLUMN', 'expected the person in every row, found none', rowNameOf(text, unnamed))
  const isEligible = (row: number): boolean => (consents === undefined || isPermittedBy(consents[row] ?? '', spec)) && !withdrawn.has(persons?.[row] ?? '')
  return rowsOf(text, isEligible)
}

/** Who is answered for: with training rows, and with test rows where so many are that their share is told. A row without a named person is one by itself. */
function cohortsOf(spec: StudySpec, { person, minimumCell }: SitePolicy, text: TextTable): readonly (readonly string[])[] {
  const parts = spec.split === undefined ? [text] : Object.values(splitTable(text, spec.split))
  const personsIn = (part: TextTable): readonly string[] => {
    const names = person === null ? part.rows.map((row) => JSON.stringify(row)) : cellsOf(part, person)
    return completeRows(part, usedColumns(spec)).map((row) => names[row] ?? '')
  }
  return parts.map(personsIn).filter((persons) => persons.length >= minimumCell)
}

// ---- files ----------------------------------------------------------------------------------------------------------------

/** What only some studies need is loaded for these: a site's process starts in half the time. */
async function readText({ view }: StudySpec, file: string): Promise<TextTable> {
  const bytes = readFileSync(file)
  if (view === undefined) return parseCsv(bytes)
  const { readResources, viewOf } = await import('./site-resources.ts')
  return readResources(viewOf(view), bytes)
}

/** Throws `STUDY_SPEC` with the place where the view of a study is wrong, or for a column that the study uses and its view does not make. */
export async function requireView(spec: StudySpec): Promise<void> {
  if (spec.view === undefined) return
  const made = (await import('./site-resources.ts')).viewOf(spec.view).columns.map(({ name }) => name)
  const absent = usedColumns(spec).find((column) => !made.includes(column))
  if (absent === undefined) return
  throw new ResearchError('STUDY_SPEC', `view: expected a column \`${absent}\`, which the study uses, found ${made.map((name) => `\`${name}\``).join(', ')}`)
}

function readPolicy(file: string): SitePolicy {
  try {
    return parseSitePolicy(JSON.parse(decodeUtf8(readFileSync(file))) as unknown)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof InputError) throw new ResearchError('STUDY_SITE_POLICY', 'expected a policy as JSON, found other text')
    throw error
  }
}

/** One person on each line. It has to be there, if only empty: a list that was moved away would let everybody back in. */
function readList(file: string): ReadonlySet<string> {
  if (!existsSync(file)) throw new ResearchError('STUDY_SITE_POLICY', 'expected the list of withdrawals that the policy names, found none')
  const lines = decodeUtf8(readFileSync(file)).split('\n')
  return new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))
}
