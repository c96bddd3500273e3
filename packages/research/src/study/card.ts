import { formatFormula } from '../formula/parse.ts'
import type { StudyResult } from './result.ts'
import type { StudySpec } from './spec.ts'

/** The model card: what was computed, on whom, and what was disclosed. */
export function cardOf(spec: StudySpec, result: StudyResult): object {
  return {
    title: spec.title,
    purpose: spec.purpose,
    method: methodLine(spec),
    sites: result.sites.map(({ name }) => name),
    rows: result.n,
    excludedForMissingValues: result.excluded.missing,
    rounds: result.rounds,
    disclosed: disclosures(spec),
    rules: spec.disclosure,
    notPrivate: 'The result is an aggregate without noise: it says little about one person, and not nothing.',
  }
}

/** What leaves the sites, in words. */
export function disclosures(spec: StudySpec): readonly string[] {
  return [
    'sums over all sites together, one in each round, and what follows from them',
    'of each site: how many rows it has in the study, which is the minimum cell at least',
    ...(spec.split === undefined ? [] : ['of each site with enough test rows: how many there are, and the share that the model says right']),
  ]
}

export function methodLine({ method }: StudySpec): string {
  switch (method.name) {
    case 'count':
      return 'number of rows'
    case 'describe':
      return `mean and variance of ${method.columns.join(', ')}`
    case 'table':
      return `counts of ${method.columns.join(' by ')}`
    case 'histogram':
      return `histogram of ${method.column} on ${method.grid.length} points`
    case 'glm':
      return `${method.family} model ${formatFormula(method.formula)}${method.ridge === 0 ? '' : `, ridge ${method.ridge}`}`
    case 'cox':
      return `Cox model ${formatFormula(method.formula)}, ties ${method.ties}, ${method.pooledGrid === null ? 'stratified by site' : 'one baseline on a grid'}`
    case 'kaplan-meier':
      return `survival ${formatFormula(method.formula)} on ${method.grid.length} points`
  }
}
