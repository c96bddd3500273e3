import { isKnownAction } from './actions.ts'
import { isKnownPurpose } from './purposes.ts'
import { recipientsAreDoubtful, recipientsMatch } from './recipients.ts'
import { actionsMatch, framePurposesMatch, purposesMatch, timeMatches } from './scope.ts'
import { compileSelector, matchSelector } from './selector.ts'
import { isKnownSensitivity } from './sensitivity.ts'
import { defined } from './stated.ts'
import type { Actor, DataSelector, Frame, Party, Question, Recipient, ResourceFacts, Scope, Validity } from './types.ts'

/**
 * A scope taken apart: each dimension is asked by itself, with the same functions as the decision, in the way that the
 * decision asks (eager for denies, strict for permits). Where the two ways differ because something is not known, the
 * answer is `unknown`: a deny then matches and a permit does not.
 */
export type DimensionAnswer = 'match' | 'no match' | 'unknown' | 'not stated'

export const DIMENSIONS = [
  'recipients',
  'purposes',
  'actions',
  'valid',
  'categories',
  'confidentiality',
  'sensitivity',
  'types',
  'codes',
  'sources',
  'authors',
  'encounters',
  'items',
  'period',
  'within.recipients',
  'within.purposes',
  'within.actions',
  'within.valid',
  'within.sources',
  'within.authors',
] as const
export type Dimension = (typeof DIMENSIONS)[number]

export interface ScopeExplanation {
  /** All dimensions match, as the decision asks them. */
  readonly matches: boolean
  readonly dimensions: { readonly [dimension in Dimension]: DimensionAnswer }
}

export interface Asked {
  readonly question: Question
  readonly purpose: string | undefined
  /** `undefined`: the resource cannot be read, or there is none. */
  readonly facts: ResourceFacts | undefined
  readonly eager: boolean
}

export function explainScope(scope: Scope, asked: Asked): ScopeExplanation {
  const { question, purpose, eager } = asked
  const answer = (test: Test) => answerOf(test, eager)
  const dimensions: ScopeExplanation['dimensions'] = {
    recipients: answer(ofRecipients(scope.recipients, question.actor)),
    purposes: answer(ofPurposes(scope.purposes, purpose, purposesMatch)),
    actions: answer(ofActions(scope.actions, question.action)),
    valid: answer(ofTime(scope.valid, question.at)),
    ...ofData(scope.data ?? {}, asked),
    ...ofFrame(scope.within ?? {}, asked),
  }
  return { matches: DIMENSIONS.every((one) => stands(dimensions[one], eager)), dimensions }
}

/** Doubt is for denies and against permits. */
const stands = (answer: DimensionAnswer, eager: boolean): boolean => (answer === 'unknown' ? eager : answer !== 'no match')

interface Test {
  readonly isStated: boolean
  readonly holds: (eager: boolean) => boolean
  /** Where the two ways differ: whether that is for want of knowledge. */
  readonly isDoubtful: () => boolean
}

const always = () => true
const never = () => false

function answerOf({ isStated, holds, isDoubtful }: Test, eager: boolean): DimensionAnswer {
  const isHeld = holds(eager)
  if (!isStated && isHeld) return 'not stated'
  if (holds(!eager) !== isHeld && isDoubtful()) return 'unknown'
  return isHeld ? 'match' : 'no match'
}

const ofRecipients = (recipients: readonly Recipient[] | undefined, actor: Actor): Test => ({
  isStated: recipients !== undefined,
  holds: (eager) => recipientsMatch(recipients, actor, eager),
  isDoubtful: () => recipients === undefined || recipientsAreDoubtful(recipients, actor),
})

const ofPurposes = (granted: readonly string[] | undefined, asked: string | undefined, match: typeof purposesMatch): Test => ({
  isStated: granted !== undefined,
  holds: (eager) => match(granted, asked, eager),
  isDoubtful: () => asked === undefined || !isKnownPurpose(asked) || granted?.length === 0 || granted?.every(isKnownPurpose) === false,
})

const ofActions = (granted: readonly string[] | undefined, asked: string): Test => ({
  isStated: granted !== undefined,
  holds: (eager) => actionsMatch(granted, asked, eager),
  isDoubtful: () => !isKnownAction(asked) || granted?.length === 0 || granted?.every(isKnownAction) === false,
})

const ofTime = (valid: Validity | undefined, at: number): Test => ({
  isStated: valid !== undefined,
  holds: (eager) => timeMatches(valid, at, eager),
  isDoubtful: always,
})

function ofFrame({ recipients, purposes, actions, valid, sources, authors }: Frame, asked: Asked) {
  const { question, purpose, facts, eager } = asked
  const answer = (test: Test) => answerOf(test, eager)
  return {
    'within.recipients': answer(ofRecipients(recipients, question.actor)),
    'within.purposes': answer(ofPurposes(purposes, purpose, framePurposesMatch)),
    'within.actions': actions === undefined ? 'not stated' : answer(ofActions(actions, question.action)),
    'within.valid': answer(ofTime(valid, question.at)),
    'within.sources': answer(ofSources(sources, asked)),
    'within.authors': answer(ofMember(defined({ authors }), facts, always)),
  } as const
}

/** A selector of one member, or of none. */
function ofMember(member: DataSelector, facts: ResourceFacts | undefined, isDoubtful: (facts: ResourceFacts) => boolean): Test {
  const isStated = Object.keys(member).length > 0
  return {
    isStated,
    holds: (eager) => !isStated || (facts === undefined ? eager : selects(member, facts, eager)),
    isDoubtful: () => facts === undefined || isDoubtful(facts),
  }
}

const selects = (data: DataSelector, facts: ResourceFacts, eager: boolean): boolean => matchSelector(compileSelector(data, eager), facts) === 'match'

function ofData(data: DataSelector, asked: Asked) {
  const { facts, eager } = asked
  const { categories, confidentiality, sensitivity, types, codes, authors, encounters, items, period } = data
  const answer = (member: DataSelector, isDoubtful: (facts: ResourceFacts) => boolean) => answerOf(ofMember(member, facts, isDoubtful), eager)
  return {
    categories: answer(defined({ categories }), (one) => !isCertain(defined({ categories }), one)),
    confidentiality: answer(defined({ confidentiality }), never),
    sensitivity: answer(defined({ sensitivity }), (one) => !isCertain(defined({ sensitivity: sensitivity?.filter(isKnownSensitivity) }), one)),
    types: answer(defined({ types }), always),
    codes: answer(defined({ codes }), always),
    sources: answerOf(ofSources(data.sources, asked), eager),
    authors: answer(defined({ authors }), always),
    encounters: answer(defined({ encounters }), always),
    items: answer(defined({ items }), always),
    period: answer(defined({ period }), (one) => isUndated(defined({ period }), one)),
  }
}

/** Whether a deny by these labels would match by those codes of the resource alone that mean something to us. */
function isCertain(labels: DataSelector, facts: ResourceFacts): boolean {
  const isEmpty = Object.values(labels).every((list) => Array.isArray(list) && list.length === 0)
  return !isEmpty && selects(labels, { ...facts, sensitivity: facts.sensitivity.filter(isKnownSensitivity) }, true)
}

/** Of several sources a deny means any and a permit needs all, so one that is known can settle it. */
const ofSources = (sources: readonly Party[] | undefined, { facts, eager }: Asked): Test =>
  ofMember(defined({ sources }), facts, (one) => {
    const alone = (one.sources ?? []).map((party) => ({ ...one, sources: [party] }))
    return !alone.some((single) => selects(defined({ sources }), single, true) === eager && selects(defined({ sources }), single, false) === eager)
  })

function isUndated(data: DataSelector, { period: span }: ResourceFacts): boolean {
  const compiled = compileSelector(data, true).period
  return compiled?.readable === false || span === undefined || !(span.from <= span.until)
}
