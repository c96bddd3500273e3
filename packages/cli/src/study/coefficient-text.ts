import type { ResultCoefficient, StudyResult, StudySpec } from '@fiducia/research'
import { figures, pValue } from './figures.ts'
import { textTable } from './text-table.ts'

/** Ratios of longer models are left to who reads the JSON. */
const MOST_RATIOS = 20

type Named = readonly [name: string, ResultCoefficient]

/** As R's `summary` has them: a line for each coefficient, then ratios where the model has some, the scale they are on, and what is not there and why. */
export function coefficientLines(spec: StudySpec, { coefficients, standardization }: Pick<StudyResult, 'coefficients' | 'standardization'>): readonly string[] {
  if (coefficients === null) return []
  const named = Object.entries(coefficients)
  if (named.length === 0) return ['No coefficients.', '']
  return [...table(spec, named), ...ratios(spec, named), ...scales(spec, standardization), ...missing(named), '']
}

function table(spec: StudySpec, named: readonly Named[]): readonly string[] {
  const column = (of: (coefficient: ResultCoefficient) => number | null) => figures(named.map(([, coefficient]) => of(coefficient)))
  const bounds = intervals(named, (bound) => bound)
  const ps = named.map(([, { p }]) => pValue(p))
  return textTable([
    { heading: '', cells: named.map(([name]) => name), isWords: true },
    {
      heading: 'estimate',
      cells: estimatedOr(
        named,
        column(({ estimate }) => estimate),
        ({ kind }) => kind,
      ),
    },
    {
      heading: 'std. error',
      cells: estimatedOr(
        named,
        column(({ se }) => se),
      ),
    },
    { heading: '95 % interval', cells: estimatedOr(named, bounds) },
    {
      heading: isGaussian(spec) ? 't' : 'z',
      cells: estimatedOr(
        named,
        column(({ statistic }) => statistic),
      ),
    },
    { heading: 'p', cells: estimatedOr(named, ps) },
  ])
}

/** What has no figures says why, once in its line. */
const estimatedOr = (named: readonly Named[], cells: readonly string[], instead: (coefficient: ResultCoefficient) => string = () => ''): readonly string[] =>
  named.map(([, coefficient], i) => (coefficient.kind === 'estimated' ? (cells[i] ?? '') : instead(coefficient)))

function intervals(named: readonly Named[], scale: (bound: number) => number): readonly string[] {
  const bounds = named.flatMap(([, { lower, upper }]) => [lower, upper]).map((bound) => (bound === null ? null : scale(bound)))
  const texts = figures(bounds)
  return named.map(([, { lower }], i) => (lower === null ? 'NA' : `${texts[2 * i]} to ${texts[2 * i + 1]}`))
}

// ---- ratios ---------------------------------------------------------------------------------------------------------------

function ratios(spec: StudySpec, all: readonly Named[]): readonly string[] {
  const name = ratioName(spec)
  const named = all.filter(([column, { estimate }]) => estimate !== null && column !== '(Intercept)')
  if (name === undefined || named.length === 0 || named.length > MOST_RATIOS) return []
  return [
    '',
    ...textTable([
      { heading: '', cells: named.map(([column]) => column), isWords: true },
      { heading: name, cells: figures(named.map(([, { estimate }]) => Math.exp(estimate ?? 0))) },
      { heading: '95 % interval', cells: intervals(named, Math.exp) },
    ]),
  ]
}

const isGaussian = ({ method }: StudySpec): boolean => method.name === 'glm' && method.family === 'gaussian'

/** What e to the power of a coefficient is. */
function ratioName({ method }: StudySpec): string | undefined {
  if (method.name === 'cox') return 'hazard ratio'
  if (method.name !== 'glm' || method.family === 'gaussian') return undefined
  return method.family === 'binomial' ? 'odds ratio' : 'rate ratio'
}

/** What one more of a column is. */
function scales({ standardize }: StudySpec, standardization: StudyResult['standardization']): readonly string[] {
  if (standardize === 'site')
    return ['', 'Each is for one standard deviation more, of the site’s own: how much that is, differs between sites and is not told.']
  const named = Object.entries(standardization ?? {}).filter(([name]) => name !== '(Intercept)')
  if (named.length === 0) return []
  return [
    '',
    'Each is for one standard deviation more, over all sites together:',
    ...textTable([
      { heading: '', cells: named.map(([name]) => name), isWords: true },
      { heading: 'mean', cells: figures(named.map(([, { mean }]) => mean)) },
      { heading: 'std. deviation', cells: figures(named.map(([, { deviation }]) => deviation)) },
    ]),
  ]
}

// ---- what is not there ----------------------------------------------------------------------------------------------------

function missing(named: readonly Named[]): readonly string[] {
  const of = (kind: ResultCoefficient['kind']) => named.flatMap(([name, coefficient]) => (coefficient.kind === kind ? [`\`${name}\``] : [])).join(', ')
  const [aliased, infinite] = [of('aliased'), of('infinite')]
  return [
    ...(aliased === '' ? [] : ['', `aliased, because these columns follow from those before them (R: not defined because of singularities): ${aliased}`]),
    ...(infinite === '' ? [] : ['', `infinite, because the data would have them ever larger (R: coefficient may be infinite): ${infinite}`]),
  ]
}
