import { computedWords, disclosures, methodLine, purposeWords, rowsWords, type StudySpec } from '@fiducia/research'
import { oneLine } from './plain-text.ts'
import { wrapped } from './wrapped.ts'

/** A study before it is decided about: what is computed on whom, what leaves a site, and what cannot. */
export function showLines(spec: StudySpec): readonly string[] {
  const { minimumCell, maxParametersPerRow } = spec.disclosure
  return [
    spec.title,
    '',
    'For what:',
    ...items(purposeWords(spec)),
    'What is computed:',
    ...items([`In short: ${methodLine(spec)}.`, ...computedWords(spec)]),
    'On whom:',
    ...items(rowsWords(spec)),
    'What leaves a site:',
    ...items(disclosures(spec)),
    'What does not:',
    ...items([
      'a row, or a value of a row',
      'a number of this site alone, but for those above: what a site computes is masked until all sites’ are added up, and only the sum can be read',
      'a column that is not named above: it is not looked at',
      'anything at all where fewer than three groups of organizations take part',
    ]),
    'Rules that every site keeps, or it takes no part:',
    ...items([
      `nothing below ${minimumCell} rows, at a site, in total or in a cell that is told`,
      `at most ${maxParametersPerRow} parameters for each row of a site, so that a model cannot learn rows by heart`,
    ]),
    'What nobody can promise:',
    ...items([
      'An aggregate without noise is not private: many studies of nearly the same people together can tell about one.',
      'That a site puts in its true rows is not proved.',
      'Who sees the sums can see small numbers in them that the result leaves out.',
    ]),
    'What is decided about is the study’s file: with any other word in it, it is another study, and needs new votes.',
  ].map(oneLine)
}

const items = (lines: readonly string[]): readonly string[] => [...lines.flatMap((line) => wrapped(oneLine(line), '  - ')), '']
