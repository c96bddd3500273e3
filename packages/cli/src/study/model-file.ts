import { formatFormula, type StudyResult, type StudySpec } from '@fiducia/research'
import { encodeSafetensors } from './safetensors.ts'

/** The canonical link of each family. */
const LINKS = { gaussian: 'identity', binomial: 'logit', poisson: 'log' } as const

/**
 * A model as tensors of doubles, in the order of `names` in the metadata: `coefficients` and `standard_errors`, NaN where there is none, and with global
 * standardization the `means` and `deviations` with which a value enters as (value - mean) / deviation. `specId` names the study.
 */
export function modelFile(spec: StudySpec, specId: string, { coefficients, standardization, n }: StudyResult): Uint8Array | undefined {
  const { method } = spec
  if (coefficients === null || (method.name !== 'glm' && method.name !== 'cox')) return undefined
  const all = Object.values(coefficients)
  const scales = Object.values(standardization ?? {})
  const tensors = new Map([
    ['coefficients', all.map(({ estimate }) => estimate ?? Number.NaN)],
    ['standard_errors', all.map(({ se }) => se ?? Number.NaN)],
    ...(standardization === null ? [] : scaleTensors(scales)),
  ])
  const kind =
    method.name === 'glm'
      ? { family: method.family, link: LINKS[method.family] }
      : { ties: method.ties, baseline: method.pooledGrid === null ? 'site' : 'pooled' }
  return encodeSafetensors(tensors, {
    method: method.name,
    ...kind,
    formula: formatFormula(method.formula),
    names: JSON.stringify(Object.keys(coefficients)),
    kinds: JSON.stringify(all.map((coefficient) => coefficient.kind)),
    ridge: String(method.ridge),
    standardize: spec.standardize,
    rows: String(n),
    spec: specId,
  })
}

const scaleTensors = (scales: readonly { readonly mean: number; readonly deviation: number }[]): readonly (readonly [string, readonly number[]])[] => [
  ['means', scales.map(({ mean }) => mean)],
  ['deviations', scales.map(({ deviation }) => deviation)],
]
