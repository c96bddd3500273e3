import { parseSpec, resultOf, type ResultCoefficient, type StudyResult, type StudySpec } from '@fiducia/research'
import { parseOrganizationId } from '@fiducia/core'

/** Specs and results as a study has them, with what a test wants to see changed. */
export const studySpec = (method: object, more: object = {}): StudySpec =>
  parseSpec({
    title: 'A study',
    purpose: 'DUO:0000006',
    columns: { y: 'number', x: 'number', t: 'number', f: 'factor', g: 'factor', 'odd name': 'number' },
    method,
    ...more,
  })

export const studyResult = (changes: Partial<StudyResult> = {}): StudyResult => ({
  ...resultOf(
    { kind: 'count', counted: { n: 300, missing: 3 } },
    { rounds: 4, sites: ['east', 'west'].map((name) => ({ name: parseOrganizationId(name), rows: 150, test: null })) },
  ),
  ...changes,
})

export const estimated = (estimate: number, se: number): ResultCoefficient => ({
  kind: 'estimated',
  estimate,
  se,
  statistic: estimate / se,
  p: 0.04,
  lower: estimate - 2 * se,
  upper: estimate + 2 * se,
})

export const without = (kind: 'aliased' | 'infinite'): ResultCoefficient => ({
  kind,
  estimate: null,
  se: null,
  statistic: null,
  p: null,
  lower: null,
  upper: null,
})
