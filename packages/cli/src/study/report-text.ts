import { disclosures, methodLine, type StudyResult, type StudySpec } from '@fiducia/research'
import { coefficientLines } from './coefficient-text.ts'
import { curveLines } from './curve-text.ts'
import { fitLines, testLines } from './fit-text.ts'
import { oneLine } from './plain-text.ts'
import { statisticLines } from './statistics-text.ts'
import { wrapped } from './wrapped.ts'

/** A result for a person to read, in the order of R's `summary`: what was asked, what was found, how sure that is, and what was disclosed. */
export function reportLines(spec: StudySpec, result: StudyResult): readonly string[] {
  return [
    ...headLines(spec, result),
    '',
    ...statisticLines(spec, result),
    ...curveLines(spec, result),
    ...coefficientLines(spec, result),
    ...fitLines(spec, result),
    ...testLines(spec, result),
    'What left the sites:',
    ...disclosures(spec).flatMap((line) => wrapped(line, '  - ')),
    `No noise was added (epsilon ${result.epsilon}): an aggregate without it says little about one person, and not nothing.`,
  ].map(oneLine)
}

function headLines(spec: StudySpec, { n, excluded, sites, rounds }: StudyResult): readonly string[] {
  return [
    spec.title,
    methodLine(spec),
    `${n} rows of ${sites.map(({ name, rows }) => `${name} (${rows})`).join(', ')}; ${excluded.missing} left out for missing values; ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of masked sums`,
  ]
}
