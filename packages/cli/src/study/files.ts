import { cardOf, type StudyResult, type StudySpec } from '@fiducia/research'
import { cardMarkdown } from './card-markdown.ts'
import { curvesSvg } from './curves-svg.ts'
import { histogramSvg } from './histogram-svg.ts'
import { modelFile } from './model-file.ts'

export interface StudyFile {
  readonly name: string
  /** What it is, for a list of files. */
  readonly about: string
  readonly bytes: string | Uint8Array
}

/** What is written beside a study's bundle: drawings, the model, the card. All of it follows from the spec and the result. */
export function studyFiles(spec: StudySpec, specId: string, result: StudyResult): readonly StudyFile[] {
  const { histogram } = result
  const made = [
    { name: 'curves.svg', about: 'the curves, to be looked at in a browser', bytes: curvesOf(spec, result) },
    {
      name: 'histogram.svg',
      about: 'the histogram, to be looked at in a browser',
      bytes: histogram === null ? undefined : histogramSvg(spec.title, histogram),
    },
    { name: 'model.safetensors', about: 'coefficients and standard errors, for programs', bytes: modelFile(spec, specId, result) },
  ]
  const files = made.flatMap(({ bytes, ...file }) => (bytes === undefined ? [] : [{ ...file, bytes }]))
  const names = ['study', 'trust.policy', ...files.map(({ name }) => name)]
  return [...files, { name: 'card.md', about: 'the model card', bytes: cardMarkdown({ card: cardOf(spec, result), specId, files: names }) }]
}

function curvesOf({ title, method, disclosure }: StudySpec, { curves, logrank }: StudyResult): string | undefined {
  if (curves === null || method.name !== 'kaplan-meier' || method.formula.outcome.kind !== 'survival') return undefined
  return curvesSvg({ title, logrank, timeName: method.formula.outcome.time, grid: method.grid, minimumCell: disclosure.minimumCell, curves })
}
