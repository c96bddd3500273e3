import { ResearchError } from '../errors.ts'

/**
 * Every rule of disclosure control by the name under which a refusal goes, and what it keeps from happening. A rule is a pure function that
 * gives a ruling; whoever runs a study enforces it at the site, before anything leaves, and on sums, before anything is released.
 */
export const DISCLOSURE_RULES = {
  'minimum-cell': 'a number about fewer rows than the minimum cell is a number about somebody',
  'parameters-per-row': 'a model with nearly as many parameters as rows gives the rows back',
  'levels-per-row': 'a factor with nearly as many levels as rows is a list of names',
  'public-grid': 'a grid that comes from the rows tells their values, and one that is fine tells rows where columns are summed at its points',
  'raw-extremes': 'a minimum, a maximum or a quantile is the value of one person',
  'caller-vectors': 'a vector that the asker builds picks out single rows',
  differencing: 'two answers about nearly the same rows tell about those in which they differ',
  'site-policy': 'a study may be stricter than the policy of a site, not laxer',
  purpose: 'what data may be used for is for the site and for those whom it is about to say',
} as const

export type DisclosureRule = keyof typeof DISCLOSURE_RULES

export type Ruling = { readonly allowed: true } | { readonly allowed: false; readonly rule: DisclosureRule; readonly reason: string }

export const ALLOWED: Ruling = { allowed: true }

/** A reason speaks of rules and declared numbers, never of a count below the minimum cell or a value of a row. */
export const forbid = (rule: DisclosureRule, reason: string): Ruling => ({ allowed: false, rule, reason })

/** Throws `ResearchError` (`STUDY_POLICY`) at the first ruling that forbids, with the name of its rule. */
export function enforce(...rulings: readonly Ruling[]): void {
  for (const ruling of rulings) if (!ruling.allowed) throw new ResearchError('STUDY_POLICY', `rule \`${ruling.rule}\`: ${ruling.reason}`)
}
