import { checkMinimumCell } from '../disclosure/rules.ts'
import { namesOf } from '../matrix/design.ts'
import { knownRows } from '../matrix/known.ts'
import { matrixOf, outcomeOf } from '../matrix/matrix.ts'
import { scaleColumns, scalingAtSite } from '../matrix/standardize.ts'
import { predictGlm } from '../models/glm-predict.ts'
import type { Table } from '../table/types.ts'
import type { StudyAnswer } from './program.ts'
import type { SiteFigures } from './result.ts'
import type { StudySpec } from './spec.ts'

/**
 * At a site: how many of the rows kept aside a binomial model says right, by which of the two outcomes is the likelier one. Rows with a level that no
 * training row of any site has are left out, and `n` is without them. Null where the model is another, and below the minimum cell.
 */
export function judgeTestRows(
  spec: StudySpec,
  answer: StudyAnswer,
  { training, test }: { readonly training: Table; readonly test: Table | undefined },
): SiteFigures['test'] {
  if (test === undefined || answer.kind !== 'glm' || answer.glm.family !== 'binomial') return null
  const { design, glm } = answer
  const known = knownRows(design, test)
  if (!checkMinimumCell({ 'test rows at this site': known.rows }, spec.disclosure).allowed) return null
  const { x } = matrixOf(design, known)
  const own = spec.standardize === 'site' ? scaleColumns(x, scalingAtSite(matrixOf(design, training).x, namesOf(design))) : x
  const expected = predictGlm(glm, own)
  const right = outcomeOf(design, known).filter((outcome, row) => Number((expected[row] ?? 0) >= 0.5) === outcome).length
  return { n: known.rows, accuracy: right / known.rows }
}
