import { FAMILIES } from './glm-families.ts'
import type { GlmResult } from './glm-model.ts'

/**
 * The mean that a fitted model expects of each row: a number, a probability, or a count. `x` is row after row in the order of the
 * coefficients, on the data's own scale: columns that the fit standardized are standardized here. Aliased coefficients count as 0.
 */
export function predictGlm({ family, coefficients, standardization }: GlmResult, x: Float64Array): Float64Array {
  const width = coefficients.length
  const { mean } = FAMILIES[family]
  return Float64Array.from({ length: x.length / width }, (_, row) => {
    const eta = coefficients.reduce((sum, { estimate }, j) => {
      const value = ((x[row * width + j] ?? 0) - (standardization?.mean[j] ?? 0)) / (standardization?.deviation[j] ?? 1)
      return sum + (estimate ?? 0) * value
    }, 0)
    return mean(eta)
  })
}
