import { expect, it } from 'vitest'
import { tryMany } from './generated.ts'
import { never, SUBJECTS } from './subjects.ts'

const RUNS = 50_000

it.each(SUBJECTS.map((subject) => [subject.name, subject] as const))(`%s: ${RUNS} hostile inputs`, (_, subject) => {
  const runs = subject.isSlow ? RUNS / 10 : RUNS
  const read = tryMany(subject, runs)
  expect(read === runs).toBe(subject.isRefusal === never)
})
