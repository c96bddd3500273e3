import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerOfOracle, answerTo } from './against-oracle.ts'
import { to } from './build.ts'
import type { Json } from './json.ts'
import { nameOf } from './json.ts'

/** Examples that others published, each with questions and the expected answer (`outcomes/`). `without` takes resources out of the case. */
interface Question {
  readonly actors: readonly string[]
  readonly purpose: readonly unknown[]
  readonly action?: string
  readonly at?: string
  readonly default?: string
  readonly careRelationship?: boolean
  readonly breakGlass?: Json
  readonly without?: readonly string[]
  readonly released: readonly string[]
  readonly reason: string
}
interface Outcomes {
  readonly profile: 'r4' | 'pcf'
  readonly folder: string
  readonly at: string
  readonly referenceFiles: readonly string[]
  readonly resourceFiles: readonly string[]
  readonly references: readonly Json[]
  /** Ours, about nobody: the patient of the example is put in. */
  readonly resources: readonly Json[]
  readonly examples: readonly { readonly file: string; readonly questions: readonly Question[] }[]
}

const data = process.env['FIDUCIA_DATA'] ?? '../shared/data'
const read = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json

function caseFor(outcomes: Outcomes, consent: Json, question: Question): { readonly document: Json; readonly resources: readonly string[] } {
  const load = (name: string): Json => read(path.join(data, outcomes.folder, `${name}.json`))
  const kept = (one: Json): boolean => question.without?.includes(nameOf(one) ?? '') !== true
  const resources = [...outcomes.resourceFiles.map(load), ...outcomes.resources.map((one): Json => ({ ...one, subject: consent['patient'] }))].filter(kept)
  const { actors, purpose, action = 'read', careRelationship, breakGlass } = question
  const document = {
    at: question.at ?? outcomes.at,
    default: question.default ?? 'deny',
    consents: [{ profile: outcomes.profile, resource: consent }],
    references: [...outcomes.referenceFiles.map(load), ...outcomes.references].filter(kept),
    request: { actors: actors.map(to), purpose, action, careRelationship, breakGlass },
    resources,
  }
  return { document: JSON.parse(JSON.stringify(document)) as Json, resources: resources.map((one) => nameOf(one) ?? '') }
}

describe.each(['hl7-r4', 'ihe-pcf'])('the examples of %s', (name) => {
  const outcomes = read(path.join(import.meta.dirname, 'outcomes', `${name}.json`)) as unknown as Outcomes
  for (const { file, questions } of outcomes.examples) {
    it.each(questions)(`${file}: $actors, $purpose: $reason`, (question) => {
      const { document, resources } = caseFor(outcomes, read(path.join(data, outcomes.folder, `${file}.json`)), question)
      const expected = {
        decision: question.released.length > 0 ? 'permit' : 'deny',
        released: [...question.released].sort(),
        withheld: resources.filter((one) => !question.released.includes(one)).sort(),
      }
      expect(answerOfOracle(document)).toEqual(expected)
      expect(answerTo(JSON.stringify(document))).toEqual(expected)
    })
  }
})
