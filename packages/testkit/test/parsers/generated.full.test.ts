import { expect, it } from 'vitest'
import { tryMany } from './generated.ts'
import { never, type Subject } from './subject.ts'
import { SUBJECTS } from './subjects.ts'

const RUNS = 50_000

const runsOf = ({ isSlow }: Subject): number => (isSlow ? RUNS / 10 : RUNS)

it.each(SUBJECTS.map((subject) => [subject.name, runsOf(subject), subject] as const))('%s: %i hostile inputs', (_, runs, subject) => {
  const read = tryMany(subject, runs)
  expect(read === runs).toBe(subject.isRefusal === never)
})
