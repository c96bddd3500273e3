import {
  explainPolicy,
  type ExplanationRow,
  type Policy,
  REASONS,
  type ReasonCode,
  renderExplanation,
  type ResourceFacts,
  type Verdict,
} from '@fiducia/consent'
import { referenceOf } from '../resource.ts'
import { parseConsentCase } from './case.ts'
import { CASE_REASONS, type CaseReason, checkResource, decidePrepared, type PreparedCase, prepareCase, situationIn } from './decide-case.ts'

/**
 * A decision for somebody who has to answer for it: each resource with every rule of every consent, whether it matched, and
 * which of its conditions stood against that. Made from the same functions as the decision.
 */
export interface CaseExplanation {
  readonly decision: 'permit' | 'deny'
  /** What was ignored, and what could not be represented. */
  readonly consents: readonly CaseReason[]
  readonly resources: readonly ResourceExplanation[]
}

export interface ResourceExplanation {
  /** `Type/id`; for a case without resources a made-up one, the first that could be released or else any. */
  readonly ref: string
  readonly outcome: 'released' | 'withheld'
  readonly code: string
  readonly meaning: string
  readonly rules: readonly RuleExplanation[]
}

export interface RuleExplanation extends ExplanationRow {
  readonly consent: string
  readonly rule: string
}

/** Throws an `InputError` for a case that cannot be read. */
export function explainCase(caseText: string): CaseExplanation {
  const prepared = prepareCase(parseConsentCase(caseText))
  const { decision } = decidePrepared(prepared)
  const { resources } = prepared.given
  const explained = resources?.map((resource, i) => explainResource(prepared, resource, referenceOf(resource) ?? `resources[${i}]`)) ?? [
    explainSituation(prepared),
  ]
  return { decision, consents: prepared.reasons, resources: explained }
}

function explainResource(prepared: PreparedCase, resource: unknown, ref: string): ResourceExplanation {
  const verdict = checkResource(prepared, resource)
  if (typeof verdict === 'string') return { ref, outcome: 'withheld', code: verdict, meaning: CASE_REASONS[verdict], rules: [] }
  return explained(prepared, ref, verdict, prepared.factsOf(resource))
}

function explainSituation(prepared: PreparedCase): ResourceExplanation {
  const { facts, verdict } = situationIn(prepared)
  return explained(prepared, facts?.ref ?? 'nothing', verdict, facts)
}

function explained(prepared: PreparedCase, ref: string, verdict: Verdict, facts: ResourceFacts | undefined): ResourceExplanation {
  const code: ReasonCode = verdict.reasons[0]?.code ?? 'NOT_COVERED'
  return { ref, outcome: verdict.effect === 'permit' ? 'released' : 'withheld', code, meaning: REASONS[code], rules: rulesOf(prepared, facts) }
}

function rulesOf({ policies, question }: PreparedCase, facts: ResourceFacts | undefined): readonly RuleExplanation[] {
  return policies.flatMap(({ policy, origins }) => {
    if (policy === 'unreadable') return []
    return rowsOf(policy, question, facts).map((row) => ({
      ...row,
      consent: origins[row.grant]?.consent ?? '',
      rule: origins[row.grant]?.rule ?? 'the consent',
    }))
  })
}

const rowsOf = (policy: Policy, question: PreparedCase['question'], facts: ResourceFacts | undefined): readonly ExplanationRow[] =>
  renderExplanation(explainPolicy(policy, question, facts), policy)
