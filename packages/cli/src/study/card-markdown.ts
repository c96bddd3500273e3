import type { Card, StudyResult } from '@fiducia/research'
import { figure, percent, pValue } from './figures.ts'
import { oneLine } from './plain-text.ts'

export interface CardFacts {
  readonly card: Card
  /** Names the study. */
  readonly specId: string
  /** The files beside the card. */
  readonly files: readonly string[]
}

/** The model card as Markdown: the facts of `card.json`, with the sections that readers of model cards look for (Mitchell et al. 2019). */
export function cardMarkdown({ card, specId, files }: CardFacts): string {
  const { purpose, purposeName, excludedForMissingValues: excluded, rules } = card
  return [
    `# ${plain(card.title)}`,
    ...section('Model details', [
      plain(card.method),
      ...card.computed.map(plain),
      `Study ${plain(specId)}: the hash of its spec.`,
      `Files: ${files.map(plain).join(', ')}; all numbers are in study/result.json.`,
    ]),
    ...section('Intended use', [
      `Purpose: ${plain(purposeName ?? 'not known here')} (GA4GH Data Use Ontology ${plain(purpose)}).`,
      'What was approved is this study for this purpose, at these sites. Any other use is one that nobody approved.',
    ]),
    ...section('Data', [
      `${card.rows} rows; ${excluded === null ? `1 to ${rules.minimumCell - 1}` : excluded} left out for missing values.`,
      ...card.counted.map(plain),
    ]),
    ...table(
      ['site', 'rows'],
      card.sites.map(({ name, rows }) => [name, String(rows)]),
    ),
    ...section('How it was computed', [
      `${card.rounds} rounds. In each, every site masks its numbers so that only the sum over all sites can be read.`,
      'Each round stands on a ledger that every site replays and cosigns: what was asked, who took part, what each is bound to.',
    ]),
    ...section('Performance', []),
    ...fitTable(card.fit),
    ...testTable(card.test),
    ...section('What was disclosed', card.disclosed.map(plain)),
    '',
    'Rules that every site kept:',
    '',
    ...items([
      `nothing below ${rules.minimumCell} rows, at a site, in total or in a cell`,
      `at most ${rules.maxParametersPerRow} parameters for each row of a site`,
    ]),
    ...section('Limits and ethical considerations', card.limits.map(plain)),
    ...section('How to verify', ['In this folder, without a network, and with nothing but these files and whom to trust:']),
    '',
    '    fiducia verify study --trust trust.policy',
    '',
  ].join('\n')
}

/** What Markdown and HTML take for more than a letter, in a line and where one begins. */
const SPECIAL = /[\\`*_[\]<>|~&$]|^(?=[-+#=])|(?<=^\d+)(?=[.)])/g

/** Titles, columns and levels are data: text, and nothing else. */
const plain = (text: string): string => oneLine(text).trim().replaceAll(SPECIAL, String.raw`\$&`)

const items = (lines: readonly string[]): readonly string[] => lines.map((line) => `- ${line}`)

const section = (title: string, lines: readonly string[]): readonly string[] => ['', `## ${title}`, '', ...items(lines)]

const table = (heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : ['', ...[heading, heading.map(() => '---'), ...rows.map((row) => row.map(plain))].map((row) => `| ${row.join(' | ')} |`)]

// ---- figures --------------------------------------------------------------------------------------------------------------

const NAMES = [
  ['iterations', 'iterations'],
  ['lastStep', 'last step, relative to the largest coefficient'],
  ['deviance', 'residual deviance'],
  ['df', 'degrees of freedom'],
  ['nullDeviance', 'null deviance'],
  ['nullDf', 'degrees of freedom of the null deviance'],
  ['dispersion', 'dispersion'],
  ['loglik', 'log likelihood'],
  ['aic', 'AIC'],
  ['events', 'events'],
  ['concordance', 'concordance'],
] as const

function fitTable(fit: Card['fit']): readonly string[] {
  const numbers = NAMES.flatMap(([key, name]) => (fit[key] === null ? [] : [[name, figure(fit[key])]]))
  const { tests, logrank } = fit
  const all = [
    ['likelihood ratio test', tests?.likelihoodRatio],
    ['Wald test', tests?.wald],
    ['score test', tests?.score],
    ['log-rank test', logrank],
  ] as const
  const lines = all.flatMap(([name, test]) =>
    test === undefined || test === null ? [] : [[name, `chi-square ${figure(test.chisq)} on ${test.df}, p ${pValue(test.p)}`]],
  )
  const rows = [...numbers, ...lines]
  return rows.length === 0 ? ['Counts and means have no fit; see study/result.json.'] : table(['figure', 'value'], rows).slice(1)
}

function testTable(test: StudyResult['test']): readonly string[] {
  if (test === null || test.accuracy === null) return []
  const sites = Object.entries(test.bySite).map(([name, one]) => [
    name,
    one === null ? 'few' : String(one.n),
    one === null ? 'not told' : percent(one.accuracy),
  ])
  return ['', 'On rows kept aside:', ...table(['site', 'rows', 'right'], [...sites, ['together', '', percent(test.accuracy)]])]
}
