/**
 * Three-valued logic, in which every statement about a question and a resource is `yes`, `no` or `unknown`. A deny counts
 * unless its statement is `no`; a permit counts only if it is `yes`. So doubt can only lead to less being released.
 */
export type Truth = 'yes' | 'no' | 'unknown'
export type Effect = 'permit' | 'deny'

export const and = (parts: readonly Truth[]): Truth => (parts.includes('no') ? 'no' : parts.includes('unknown') ? 'unknown' : 'yes')
export const or = (parts: readonly Truth[]): Truth => (parts.includes('yes') ? 'yes' : parts.includes('unknown') ? 'unknown' : 'no')
export const sure = (fact: boolean): Truth => (fact ? 'yes' : 'no')
/** What is not certain of its own: a `yes` becomes `unknown`. */
export const doubted = (truth: Truth): Truth => (truth === 'yes' ? 'unknown' : truth)
/** A doubt beside a fact. */
export const maybe = (doubt: boolean): Truth => (doubt ? 'unknown' : 'no')

/** Whether a statement makes a rule with this effect count. */
export const counts = (truth: Truth, effect: Effect): boolean => (effect === 'permit' ? truth === 'yes' : truth !== 'no')
