import { InputError } from '@fiducia/core'
import { decideCase } from '@fiducia/fhir'
import * as fc from 'fast-check'
import { anyCase } from './arbitrary-cases.ts'
import { oracleDecideCase, OracleRefuses } from './case-oracle.ts'
import type { Json } from './json.ts'

export interface Answer {
  readonly decision: 'permit' | 'deny' | 'refused'
  readonly released: readonly string[]
  readonly withheld: readonly string[]
}

const REFUSED: Answer = { decision: 'refused', released: [], withheld: [] }

/** What the product says of a case, given as the text of its file. */
export function answerTo(text: string): Answer {
  try {
    const { output, exitCode } = decideCase(text)
    if ((exitCode === 0) !== (output.decision === 'permit')) throw new Error(`exit code ${exitCode} for ${output.decision}`)
    const withheld = (output.withheld ?? []).map(({ ref }) => ref)
    return { decision: output.decision, released: [...(output.released ?? [])].sort(), withheld: withheld.sort() }
  } catch (cause) {
    if (cause instanceof InputError) return REFUSED
    throw cause
  }
}

/** What the page says of it. */
export function answerOfOracle(document: unknown, note?: (rule: string) => void): Answer {
  try {
    return oracleDecideCase(document, note)
  } catch (cause) {
    if (cause instanceof OracleRefuses) return REFUSED
    throw cause
  }
}

export interface Tally {
  readonly cases: number
  permitted: number
  refused: number
  /** In how many cases each rule of the page decided something. */
  readonly rules: Map<string, number>
}

/** Compares the product with the oracle on random cases. Throws, shrunk, at the first difference. */
export function compareWithOracle(runs: number, seed: number): Tally {
  const tally: Tally = { cases: runs, permitted: 0, refused: 0, rules: new Map() }
  fc.assert(
    fc.property(anyCase, (document: Json) => {
      const rules = new Set<string>()
      const expected = answerOfOracle(document, (rule) => rules.add(rule))
      for (const rule of rules) tally.rules.set(rule, (tally.rules.get(rule) ?? 0) + 1)
      if (expected.decision === 'permit') tally.permitted += 1
      if (expected.decision === 'refused') tally.refused += 1
      const answer = answerTo(JSON.stringify(document))
      if (JSON.stringify(answer) !== JSON.stringify(expected)) throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(answer)}`)
    }),
    { numRuns: runs, seed },
  )
  return tally
}

/** One line per rule, most frequent first. */
export const formatTally = ({ cases, permitted, refused, rules }: Tally): string =>
  [
    `${cases} cases: ${permitted} permit something, ${refused} are refused`,
    ...[...rules].sort(([, a], [, b]) => b - a).map(([rule, count]) => `${String(count).padStart(7)}  ${rule}`),
  ].join('\n')
