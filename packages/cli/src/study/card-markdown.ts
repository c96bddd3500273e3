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

type Lines = readonly string[]

/** The model card as Markdown: the facts of `card.json` in the sections that readers of model cards look for (Mitchell et al. 2019). */
export function cardMarkdown({ card, specId, files }: CardFacts): string {
  const { rules } = card
  const sections: Lines[] = [
    [`# ${plain(card.title)}`],
    ...section(
      'Model details',
      items([
        card.method,
        ...card.computed,
        `Study ${specId}: the hash of its spec.`,
        `Beside this card: ${files.join(', ')}. All numbers are in study/result.json.`,
      ]),
    ),
    ...section(
      'Intended use',
      items([...card.intended, 'What was approved is this study for this purpose, at these sites: any other use is one that nobody approved.']),
    ),
    ...section(
      'Data',
      items([rowsLine(card), ...card.counted]),
      table(
        ['site', 'rows'],
        card.sites.map(({ name, rows }) => [name, String(rows)]),
      ),
    ),
    ...section(
      'How it was computed',
      items([
        `In ${card.rounds} ${card.rounds === 1 ? 'round' : 'rounds'}. In each, every site masks its numbers so that only the sum over all sites can be read.`,
        'Each round stands on a ledger that every site replays and cosigns: what was asked, who took part, what each is bound to.',
      ]),
    ),
    ...section('Performance', fitLines(card.fit), ...testLines(card.test)),
    ...section(
      'What was disclosed',
      items(card.disclosed),
      ['Rules that every site kept:'],
      items([
        `nothing below ${rules.minimumCell} rows, at a site, in total or in a cell`,
        `at most ${rules.maxParametersPerRow} parameters for each row of a site`,
      ]),
    ),
    ...section('Limits and ethical considerations', items(card.limits)),
    ...section('How to verify', ['In the folder of this card, without a network:'], ['```', 'fiducia verify study --trust trust.policy', '```']),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

const section = (title: string, ...blocks: readonly Lines[]): readonly Lines[] => [[`## ${title}`], ...blocks]

const rowsLine = ({ rows, excludedForMissingValues: excluded }: Card): string => `${rows} rows; ${excluded} left out for missing values.`

// ---- Markdown -------------------------------------------------------------------------------------------------------------

/** What Markdown and HTML take for more than a letter, and what makes a link of an address (GitHub's flavor). */
const SPECIAL = /[\\`*_[\]<>|~&$@]|:(?=\/\/)|(?<=www)\./gi
/** And where a line begins. */
const AT_START = /^(?=[-+#=])|(?<=^\d+)(?=[.)])/

/** Titles, columns and levels are data: text, and nothing else. */
const plain = (text: string): string => oneLine(text).trim().replaceAll(SPECIAL, String.raw`\$&`)

const items = (lines: Lines): Lines => lines.map((line) => `- ${plain(line).replace(AT_START, '\\')}`)

const table = (heading: Lines, rows: readonly Lines[]): Lines =>
  [heading, heading.map(() => '---'), ...rows.map((row) => row.map(plain))].map((row) => `| ${row.join(' | ')} |`)

// ---- figures --------------------------------------------------------------------------------------------------------------

const FIGURES = [
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

function fitLines(fit: Card['fit']): Lines {
  const numbers = FIGURES.flatMap(([key, name]) => (fit[key] === null ? [] : [[name, figure(fit[key])]]))
  const tests = [
    ['likelihood ratio test', fit.tests?.likelihoodRatio],
    ['Wald test', fit.tests?.wald],
    ['score test', fit.tests?.score],
    ['log-rank test', fit.logrank],
  ] as const
  const told = tests.flatMap(([name, test]) =>
    test === undefined || test === null ? [] : [[name, `chi-square ${figure(test.chisq)} on ${test.df} df, p ${pValue(test.p)}`]],
  )
  const rows = [...numbers, ...told]
  return rows.length === 0 ? ['There is nothing that could fit or not: the result is counted, not modeled.'] : table(['figure', 'value'], rows)
}

function testLines(test: StudyResult['test']): readonly Lines[] {
  if (test === null) return []
  if (test.concordance !== null) return [[`On rows kept aside: concordance ${figure(test.concordance)} of pairs within a site and stratum.`]]
  if (test.accuracy === null) return []
  const sites = Object.entries(test.bySite).map(([name, one]) => [
    name,
    one === null ? 'few' : String(one.n),
    one === null ? 'not told' : percent(one.accuracy),
  ])
  return [['On rows kept aside:'], table(['site', 'rows', 'right'], [...sites, ['together', '', percent(test.accuracy)]])]
}
