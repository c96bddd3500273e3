import { check } from './compile.ts'
import { compileAll, type PolicyVersion } from './decide.ts'
import { BREAK_GLASS_PURPOSE } from './purposes.ts'
import type { Actor, NetworkDefault, Policy, Question, ResourceFacts } from './types.ts'

/**
 * What a change would do, before it is made: the decision itself, asked twice of every item for everybody who may look.
 * Versions that count together (committed, pending) are asked together, on both sides.
 */
export interface PreviewInput {
  readonly before: readonly PolicyVersion[]
  readonly after: readonly PolicyVersion[]
  readonly people: readonly PreviewPerson[]
  readonly items: readonly ResourceFacts[]
  /** The instant that is looked at, milliseconds. */
  readonly at: number
  readonly default: NetworkDefault
}

export interface PreviewPerson {
  readonly name: string
  readonly actor: Actor
  /** Each is looked at by itself; emergency access counts as having a reason. */
  readonly purposes: readonly string[]
  /** Reading where absent. */
  readonly actions?: readonly string[]
  /** A live link of the patient to them. */
  readonly careRelationship: boolean
}

export interface Preview {
  readonly people: readonly PersonPreview[]
  readonly lose: Change
  readonly gain: Change
  /** What is lost may matter in an emergency: allergies or medicines, or nearly everything. */
  readonly safety: boolean
}

export interface PersonPreview {
  readonly name: string
  /** Items, `Type/id`, that they lose or gain for one of their purposes and actions at least. */
  readonly loses: readonly string[]
  readonly gains: readonly string[]
  readonly ways: readonly WayPreview[]
}

/** One purpose and action. */
export interface WayPreview {
  readonly purpose: string
  readonly action: string
  readonly loses: readonly string[]
  readonly gains: readonly string[]
}

/** How many are concerned; each item counts once, however many people lose it. */
export interface Change {
  readonly people: number
  /** Organizations that people are known to belong to. */
  readonly organizations: number
  readonly items: number
}

/** Pure. Policies are compiled once for each person, purpose and action; of two items with one name the stricter verdict counts. */
export function preview(input: PreviewInput): Preview {
  const people = input.people.map((person) => previewPerson(input, person))
  const lose = changeOf(input.people, people, ({ loses }) => loses)
  const gain = changeOf(input.people, people, ({ gains }) => gains)
  return { people, lose, gain, safety: isUnsafe(input, people) }
}

function previewPerson(input: PreviewInput, person: PreviewPerson): PersonPreview {
  const { name, purposes, actions = ['read'] } = person
  const ways = purposes.flatMap((purpose) => actions.map((action) => previewWay(input, questionOf(input, person, purpose, action))))
  return { name, loses: unionOf(ways.map(({ loses }) => loses)), gains: unionOf(ways.map(({ gains }) => gains)), ways }
}

const unionOf = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())]

interface WayQuestion extends Question {
  readonly purpose: string
}

const questionOf = (input: PreviewInput, { actor, careRelationship }: PreviewPerson, purpose: string, action: string): WayQuestion => ({
  actor,
  purpose,
  purposes: [purpose],
  action,
  at: input.at,
  default: input.default,
  careRelationship,
  ...(purpose === BREAK_GLASS_PURPOSE ? { breakGlass: { reason: 'preview' } } : {}),
})

function previewWay({ before, after, items }: PreviewInput, question: WayQuestion): WayPreview {
  const saw = seenBy(before, question, items)
  const sees = seenBy(after, question, items)
  return {
    purpose: question.purpose,
    action: question.action,
    loses: [...saw].filter((ref) => !sees.has(ref)),
    gains: [...sees].filter((ref) => !saw.has(ref)),
  }
}

function seenBy(versions: readonly PolicyVersion[], question: Question, items: readonly ResourceFacts[]): ReadonlySet<string> {
  const compiled = compileAll(versions, question)
  const seen = new Set<string>()
  const withheld = new Set<string>()
  for (const item of items) {
    const isPermitted = compiled.length > 0 && compiled.every((one) => check(one, item).effect === 'permit')
    ;(isPermitted ? seen : withheld).add(item.ref)
  }
  for (const ref of withheld) seen.delete(ref)
  return seen
}

function changeOf(people: readonly PreviewPerson[], found: readonly PersonPreview[], itemsOf: (one: PersonPreview) => readonly string[]): Change {
  const concerned = people.filter((_, i) => {
    const one = found[i]
    return one !== undefined && itemsOf(one).length > 0
  })
  const organizations = new Set(concerned.map(({ actor }) => actor.organization).filter((one) => one !== undefined))
  return { people: concerned.length, organizations: organizations.size, items: unionOf(found.map(itemsOf)).length }
}

/** Types whose absence from a record is dangerous in an emergency. */
const VITAL = /^(?:AllergyIntolerance|Medication[A-Za-z]*)\//

function isUnsafe({ before, after }: PreviewInput, people: readonly PersonPreview[]): boolean {
  const isStrict = (versions: readonly PolicyVersion[]) => versions.some((version) => ['emergency-only', 'closed'].includes(policyIn(version)?.preset ?? ''))
  return (isStrict(after) && !isStrict(before)) || people.some(({ loses }) => loses.some((ref) => VITAL.test(ref)))
}

function policyIn(version: PolicyVersion): Policy | undefined {
  const policy = typeof version === 'object' && 'policy' in version ? version.policy : version
  return typeof policy === 'string' ? undefined : policy
}
