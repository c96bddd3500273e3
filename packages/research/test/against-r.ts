import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { StudyAnswer } from '../src/index.ts'
import type { TextTable } from '../src/table/types.ts'
import { type Case, casesOf } from './against-r-cases.ts'
import { simulateStudy } from './study-run.ts'

/**
 * Asks R the same as the studies are asked, on the same rows in one place, and prints for each case the largest relative difference and
 * the number in which it is:
 *
 *     node packages/research/test/against-r.ts [SEED]
 *
 * It needs R with survival (`apt-get install r-base-core r-cran-survival`; `RSCRIPT` says where it is), so it is no test that runs by itself; what it has found stands in
 * `r-numbers.test.ts`. Ends with 1 where a number differs by more than 1e-8, or only one of the two refuses.
 */
const TOLERANCE = 1e-8
/** Numbers below are compared to this: of what would be 0, such as the coefficient of a group with as many events as not, both have the rounding. */
const NOTHING = 1e-6
const RSCRIPT = process.env['RSCRIPT'] ?? 'Rscript'

type Numbers = ReadonlyMap<string, string>

function main(seed: number): number {
  if (spawnSync(RSCRIPT, ['--version']).status !== 0) {
    console.log('skipped: no Rscript found; `apt-get install r-base-core r-cran-survival` installs it')
    return 0
  }
  const cases = casesOf(seed)
  const answers = askR(cases)
  const worst = cases.map((one) => compare(one, answers.get(one.name) ?? new Map<string, string>()))
  const failed = worst.filter((one) => !one).length
  console.log(`${cases.length} cases with seed ${seed}, ${failed} of them differ by more than ${TOLERANCE}`)
  return failed === 0 ? 0 : 1
}

function compare(one: Case, theirs: Numbers): boolean {
  const ours = numbersOf(one)
  const refusal = ours.get('refused')
  const differences =
    refusal !== undefined || theirs.has('refused') ? [] : [...theirs].map(([name, value]) => ({ name, size: difference(ours.get(name), value) }))
  const most = differences.reduce((a, b) => (b.size > a.size ? b : a), { name: '', size: 0 })
  const isSame = most.size <= TOLERANCE && (refusal === undefined) === !theirs.has('refused') && theirs.size > 0
  const told = refusal === undefined ? `${most.size.toExponential(1)}  ${most.name}` : `refused: ${refusal}`
  console.log(`${isSame ? 'same   ' : 'DIFFERS'} ${one.name.padEnd(44)} ${told}${theirs.has('refused') ? `; R refuses: ${theirs.get('refused')}` : ''}`)
  return isSame
}

/** Relative; infinite where only one of the two has a number. */
function difference(ours: string | undefined, theirs: string): number {
  if (ours === theirs) return 0
  const [a, b] = [Number(ours ?? 'none'), Number(theirs)]
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY
  return Math.abs(a - b) / Math.max(Math.abs(b), NOTHING)
}

// ---- ours -----------------------------------------------------------------------------------------------------------------

function numbersOf({ spec, files }: Case): Numbers {
  try {
    const { answer } = simulateStudy(spec, files)
    const { n, missing } = answer.counted
    return new Map([['n', n], ['missing', missing], ...entriesOf(answer)].map(([name, value]) => [String(name), String(value ?? 'NA')]))
  } catch (error) {
    return new Map([['refused', error instanceof Error ? error.message : 'for an unknown reason']])
  }
}

type Entry = readonly [string, string | number | null | undefined]

/** By the names that `against-r.R` gives the same numbers. */
function entriesOf(answer: StudyAnswer): readonly Entry[] {
  switch (answer.kind) {
    case 'glm': {
      const { coefficients, deviance, nullDeviance, df, dispersion, logLikelihood, aic } = answer.glm
      const figures = { deviance, 'null deviance': nullDeviance, df, dispersion, 'log likelihood': logLikelihood, aic }
      return [...coefficientEntries(coefficients), ...Object.entries(figures)]
    }
    case 'cox': {
      const { coefficients, logLikelihood, nullLogLikelihood, scoreTest, waldTest, concordance } = answer.cox
      const figures = { 'log likelihood': logLikelihood, 'null log likelihood': nullLogLikelihood, score: scoreTest.chisq, wald: waldTest?.chisq }
      return [...coefficientEntries(coefficients), ...Object.entries(figures), ['concordance', concordance?.concordance]]
    }
    case 'kaplan-meier':
      return curveEntries(answer)
    case 'describe':
      return answer.columns.flatMap(({ column, mean, sd, variance }) =>
        Object.entries({ [`mean ${column}`]: mean, [`sd ${column}`]: sd, [`variance ${column}`]: variance }),
      )
    case 'histogram':
      return answer.histogram.counts.map((count, i) => [`bin ${i + 1}`, count])
    case 'table': {
      const { rows, columns, counts } = answer.table
      return rows.levels.flatMap((row, i) => (columns?.levels ?? []).map((column, j): Entry => [`${row} ${column}`, counts[i]?.[j]]))
    }
    case 'count':
      return []
  }
}

const coefficientEntries = (
  coefficients: readonly { readonly name: string; readonly estimate: number | null; readonly se: number | null }[],
): readonly Entry[] => [
  ['names', coefficients.map(({ name }) => name).join('|')],
  ...coefficients.flatMap(({ name, estimate, se }): readonly Entry[] => [
    [`estimate ${name}`, estimate],
    [`se ${name}`, se],
  ]),
]

function curveEntries({ column, curves }: Extract<StudyAnswer, { readonly kind: 'kaplan-meier' }>): readonly Entry[] {
  const points = curves.curves.flatMap(({ group, points: of }) =>
    of.flatMap(({ time, survival, se, lower, upper, atRisk, events }) => {
      const at = `${group === null ? 'all' : `${column}=${group}`} ${time}`
      return Object.entries({ survival, se, lower, upper, 'at risk': atRisk, events }).map(([name, value]): Entry => [`${name} ${at}`, value])
    }),
  )
  return [...points, ['chisq', curves.logRank?.chisq]]
}

// ---- R's ------------------------------------------------------------------------------------------------------------------

function askR(cases: readonly Case[]): ReadonlyMap<string, Numbers> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'against-r-'))
  try {
    const script = path.join(folder, 'ask.R')
    writeFileSync(script, [`source(${quoted(path.join(import.meta.dirname, 'against-r.R'))})`, ...cases.flatMap((one) => questionOf(one, folder))].join('\n'))
    const { status, stdout, stderr } = spawnSync(RSCRIPT, [script], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    if (status !== 0) throw new Error(`R ended with ${status}: ${stderr}`)
    return answersOf(stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function questionOf({ name, spec, files, question }: Case, folder: string): readonly string[] {
  const paths = files.map((file, site) => {
    const target = path.join(folder, `${site}.csv`)
    writeFileSync(target, csvOf(file))
    return `s${site} = ${quoted(target)}`
  })
  const kinds = Object.entries(spec.columns).map(([column, kind]) => `\`${column}\` = "${kind}"`)
  return [
    `d <- pooled(list(${paths.join(', ')}), c(${kinds.join(', ')}))`,
    `ask(${quoted(name)}, quote({ ${question} }))`,
    'writeLines(lines); lines <- character()',
  ]
}

function answersOf(text: string): ReadonlyMap<string, Numbers> {
  const answers = new Map<string, Map<string, string>>()
  for (const line of text.split('\n')) {
    const [name, key, value] = line.split('\t')
    if (name === undefined || key === undefined || value === undefined) continue
    const numbers = answers.get(name) ?? new Map<string, string>()
    answers.set(name, numbers.set(key, value))
  }
  return answers
}

const quoted = (text: string): string => JSON.stringify(text)
const csvOf = ({ header, rows }: TextTable): string => [header, ...rows].map((row) => `${row.map(cellOf).join(',')}\n`).join('')
const cellOf = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

process.exitCode = main(Number(process.argv[2] ?? 1))
