import { MAX_GRID } from '../limits.ts'
import { ALLOWED, forbid, type Ruling } from './ruling.ts'

/** What a site allows to be told of its rows. A study may tighten both numbers. */
export interface DisclosurePolicy {
  /** Rows below which nothing is told: at each site, in total, and of a cell of a table. */
  readonly minimumCell: number
  /** Parameters of a model for each row of the site. */
  readonly maxParametersPerRow: number
}

/** The site's policy with what the study tightens; a study that would loosen it is refused by `checkStudyPolicy`. */
export function effectivePolicy(site: DisclosurePolicy, study: Partial<DisclosurePolicy>): DisclosurePolicy {
  return {
    minimumCell: Math.max(site.minimumCell, study.minimumCell ?? 0),
    maxParametersPerRow: Math.min(site.maxParametersPerRow, study.maxParametersPerRow ?? Infinity),
  }
}

/** Forbids a study that asks for less protection than the site gives, or for numbers that mean nothing. */
export function checkStudyPolicy(site: DisclosurePolicy, study: Partial<DisclosurePolicy>): Ruling {
  const { minimumCell = site.minimumCell, maxParametersPerRow = site.maxParametersPerRow } = study
  if (!(minimumCell >= site.minimumCell)) return forbid('site-policy', `expected a minimum cell of ${site.minimumCell} or more, found ${minimumCell}`)
  if (!(maxParametersPerRow <= site.maxParametersPerRow && maxParametersPerRow >= 0))
    return forbid('site-policy', `expected at most ${site.maxParametersPerRow} parameters per row, found ${maxParametersPerRow}`)
  return ALLOWED
}

/**
 * Numbers of rows by what they count (`rows at this site`, `events in total`, `rows with outcome 0 in total`). A site without any row is below
 * the minimum as well: that it has none may be what is not to be told.
 */
export function checkMinimumCell(counts: Readonly<Record<string, number>>, policy: Pick<DisclosurePolicy, 'minimumCell'>): Ruling {
  for (const [what, count] of Object.entries(counts))
    if (!(count >= policy.minimumCell)) return forbid('minimum-cell', `expected at least ${policy.minimumCell} ${what}, found fewer`)
  return ALLOWED
}

/** Forbids a model with more than `maxParametersPerRow` × local rows parameters: a saturated one has a parameter for each row. */
export function checkParameters(parameters: number, localRows: number, policy: DisclosurePolicy): Ruling {
  if (parameters <= policy.maxParametersPerRow * localRows) return ALLOWED
  return forbid('parameters-per-row', `found ${parameters} parameters, allowed are ${policy.maxParametersPerRow} for each row of this site`)
}

/** What a site checks before it takes part in finding levels: from the sums of that search rare levels can be read. */
export function checkLevels(column: string, localLevels: number, localRows: number, policy: DisclosurePolicy): Ruling {
  if (localLevels <= 2 || localLevels <= policy.maxParametersPerRow * localRows) return ALLOWED
  return forbid('levels-per-row', `column \`${column}\` has more levels than ${policy.maxParametersPerRow} for each row of this site`)
}

/**
 * A grid is written in the spec before anybody looked: finite, rising, at most `MAX_GRID` points. Where sums of columns are told for each of its points, as for a
 * Cox model with one baseline, there have to be a minimum cell of rows for each on average: two points between which one row leaves tell that row.
 * Where rows are counted alone (`totalRows` undefined), the form is all: small counts are hidden, and a step of a curve is as public as its grid.
 */
export function checkGrid(grid: readonly number[], totalRows: number | undefined, policy: Pick<DisclosurePolicy, 'minimumCell'>): Ruling {
  if (grid.length === 0 || grid.length > MAX_GRID) return forbid('public-grid', `expected 1 to ${MAX_GRID} points, found ${grid.length}`)
  if (!grid.every((point, i) => Number.isFinite(point) && (i === 0 || point > (grid[i - 1] ?? 0)))) return forbid('public-grid', 'expected rising numbers')
  if (totalRows !== undefined && grid.length * policy.minimumCell > totalRows)
    return forbid('public-grid', `found ${grid.length} points, allowed is one for each ${policy.minimumCell} rows in total`)
  return ALLOWED
}

/** The statistics that a study may ask for by name: sums over rows, each with the same weight. */
const STATISTICS: ReadonlySet<string> = new Set(['n', 'missing', 'mean', 'variance', 'sd', 'count'])
const EXTREMES: ReadonlySet<string> = new Set(['min', 'max', 'range', 'median', 'quantile', 'percentile', 'iqr', 'mode'])

/** Forbids statistics that are one person's value, and any that is not on the list: a weight of the asker's choosing picks out rows. */
export function checkStatistic(name: string): Ruling {
  if (STATISTICS.has(name)) return ALLOWED
  if (EXTREMES.has(name)) return forbid('raw-extremes', `\`${name}\` is the value of one row; a histogram on a public grid is allowed`)
  return forbid('caller-vectors', `expected one of ${[...STATISTICS].join(', ')}`)
}

/**
 * Cohorts of the same data set as sets of salted row hashes, which a site keeps to itself. Forbids a cohort that differs from one released
 * earlier by fewer rows than the minimum cell, in either direction: the difference of the two answers would be about those rows.
 * The very same rows may be asked again.
 */
export function checkDifferencing(cohort: ReadonlySet<string>, released: Iterable<ReadonlySet<string>>, policy: Pick<DisclosurePolicy, 'minimumCell'>): Ruling {
  for (const earlier of released) {
    const added = countOutside(cohort, earlier)
    const removed = countOutside(earlier, cohort)
    if (isFew(added, policy) || isFew(removed, policy))
      return forbid('differencing', `expected a cohort that is an earlier one or differs from it by at least ${policy.minimumCell} rows`)
  }
  return ALLOWED
}

const isFew = (rows: number, { minimumCell }: Pick<DisclosurePolicy, 'minimumCell'>): boolean => rows > 0 && rows < minimumCell

function countOutside(rows: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let outside = 0
  for (const row of rows) if (!others.has(row)) outside += 1
  return outside
}
