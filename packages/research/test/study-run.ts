import { judgeTestRows, type Program, parseSpec, readParts, startProgram, type StudyAnswer, type TextTable } from '../src/index.ts'
import type { SiteFigures } from '../src/study/result.ts'
import { addInFixedPoint } from './glm-study.ts'

export interface Simulated {
  readonly answer: StudyAnswer
  readonly rounds: number
  /** Of each site, how the model does on the rows that it keeps aside. */
  readonly judged: readonly SiteFigures['test'][]
}

/** A study as it is written, over files at hand; numbers are added as masked sums carry them. A spec is completed by what every one has. */
export function simulateStudy(spec: object, files: readonly TextTable[]): Simulated {
  const study = parseSpec({ title: 'T', purpose: 'DUO:0000006', disclosure: { minimumCell: 1, maxParametersPerRow: 1 }, ...spec })
  const sites = files.map((file) => readParts(study, file))
  let program: Program = startProgram(study)
  for (let rounds = 1; ; rounds += 1) {
    const { length } = program
    const parts = sites.map(({ training, test }) => program.contribute(training, test))
    const next = program.next(addInFixedPoint(parts, length))
    if ('finished' in next) {
      const answer = next.finished
      return { answer, rounds, judged: sites.map((site) => judgeTestRows(study, answer, site)) }
    }
    program = next
  }
}
