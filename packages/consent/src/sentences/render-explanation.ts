import type { PolicyExplanation, GrantExplanation } from '../explain.ts'
import { type Dimension, type DimensionAnswer, DIMENSIONS, type ScopeExplanation } from '../explain-scope.ts'
import type { Effect, Policy } from '../types.ts'
import { describePolicy } from './describe.ts'
import { sayList, type Speaker, sentence, speakerOf, type Voice } from './render.ts'

/** One row of the table that explains a decision: a grant, whether it matched, and why. */
export interface ExplanationRow {
  readonly purpose: string | undefined
  readonly grant: number
  readonly effect: Effect
  readonly sentence: string
  readonly answer: 'yes' | 'no' | 'perhaps'
  /** The answer in the language of the catalog. */
  readonly matched: string
  readonly why: string
}

/** Rows in the order of purposes and grants; none where the decision asked no grant. */
export function renderExplanation(explanation: PolicyExplanation, policy: Policy, voice: Voice = {}): readonly ExplanationRow[] {
  const speaker = speakerOf(voice)
  const sentences = describePolicy(policy, voice)
  return explanation.purposes.flatMap(({ purpose, grants }) =>
    grants.map((one) => {
      const { answer, why } = explanation.isReadable ? reasonOf(speaker, one) : { answer: 'no' as const, why: speaker.say('explain.not.unreadable') }
      const { grant, effect } = one
      return { purpose, grant, effect, sentence: sentences[grant] ?? '', answer, matched: speaker.say(`explain.${answer}`), why: sentence(why, speaker) }
    }),
  )
}

interface Because {
  readonly answer: ExplanationRow['answer']
  readonly why: string
}

function reasonOf(speaker: Speaker, { effect, counts, expired, dimensions, matches, exceptions }: GrantExplanation): Because {
  const { say } = speaker
  const unknown = withAnswer(dimensions, 'unknown')
  const against = withAnswer(dimensions, 'no match')
  if (counts) return unknown.length === 0 ? { answer: 'yes', why: say(`explain.counts.${effect}`) } : doubt(speaker, 'explain.counts.doubt', unknown)
  if (expired) return { answer: 'no', why: say('explain.not.expired') }
  if (against.length > 0) return { answer: 'no', why: say('explain.not', { dimensions: sayDimensions(speaker, against), count: against.length }) }
  if (!matches) return doubt(speaker, 'explain.not.doubt', unknown)
  const isCertain = exceptions.some((one) => one.matches && !isDoubtful(one))
  return isCertain ? { answer: 'no', why: say('explain.not.except') } : { answer: 'perhaps', why: say('explain.not.except.doubt') }
}

const doubt = (speaker: Speaker, key: 'explain.counts.doubt' | 'explain.not.doubt', unknown: readonly Dimension[]): Because => ({
  answer: 'perhaps',
  why: speaker.say(key, { unknown: sayDimensions(speaker, unknown) }),
})

const withAnswer = (dimensions: ScopeExplanation['dimensions'], answer: DimensionAnswer): readonly Dimension[] =>
  DIMENSIONS.filter((dimension) => dimensions[dimension] === answer)

/** It says nothing at all, or matches for want of knowledge. */
const isDoubtful = ({ dimensions }: ScopeExplanation): boolean =>
  DIMENSIONS.every((dimension) => dimensions[dimension] === 'not stated') || withAnswer(dimensions, 'unknown').length > 0

const sayDimensions = (speaker: Speaker, dimensions: readonly Dimension[]): string =>
  sayList(
    speaker,
    'list.and',
    dimensions.map((dimension) => speaker.say(`dimension.${dimension}`)),
  )
