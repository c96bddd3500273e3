import { BREAK_GLASS_PURPOSE } from '../purposes.ts'
import { CATEGORIES, type Category, type DataSelector, type Grant, type Policy, type Recipient, type Scope } from '../types.ts'
import { type Approval, type Block, type Choices, type Preset, stated } from './choices.ts'
import { grouped, normalizeChoices, purposesOf, termsKey } from './normalize.ts'

/** The policy that choices mean. Total; `choicesOf` gives the normalized choices back. */
export function policyOf(choices: Choices): Policy {
  const { preset, named, shared, approved, blocked, hidden, further, until, replaces, unlinked, filters } = normalizeChoices(choices)
  const base = preset === 'own' ? [] : presetGrants({ preset, shared: shared ?? [], approved: approved ?? [] })
  return {
    v: 1,
    ...stated({ preset: preset === 'own' ? named : preset, until }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(unlinked === undefined ? {} : { unlinked }),
    ...(filters === undefined ? {} : { filters }),
    grants: [...base, ...blockGrants(blocked ?? []), ...hideGrants(hidden ?? []), ...(further ?? [])],
  }
}

/** Choices that depend on one another: the exceptions of a preset's denies are the approvals. */
export interface PresetChoices {
  readonly preset: Preset
  readonly shared: readonly Category[]
  readonly approved: readonly Approval[]
}

/** Expects normalized choices. */
export function presetGrants({ preset, shared, approved }: PresetChoices): readonly Grant[] {
  const approvals = grouped(approved, termsKey).map((group) => approvalScopes(group, shared))
  const emergencies = preset === 'care-team' || preset === 'emergency-only' ? [EMERGENCY] : []
  const everybody = preset === 'care-team' ? readingScopes(ANYONE, shared) : []
  const opened = [...emergencies, ...approvals.flatMap(({ everyday, topics, named }) => [everyday, ...topics, ...named])]
  const switchedOff = CATEGORIES.filter((one) => !shared.includes(one))
  return [
    ...(preset === 'care-team' ? [] : [denyAnyone(undefined, preset === 'closed' ? [] : opened)]),
    ...everybody.map(permit),
    ...opened.map(permit),
    ...(switchedOff.length === 0 ? [] : [denyAnyone({ categories: switchedOff }, [...emergencies, ...approvals.flatMap(({ named }) => named)])]),
  ]
}

export const ANYONE: readonly Recipient[] = [{ anyone: true }]
const READING = ['read', 'search'] as const
const EMERGENCY: Scope = { recipients: ANYONE, purposes: [BREAK_GLASS_PURPOSE], actions: READING }

const permit = (scope: Scope): Grant => ({ effect: 'permit', ...scope })
const denyAnyone = (data: DataSelector | undefined, except: readonly Scope[]): Grant => ({ effect: 'deny', recipients: ANYONE, ...stated({ data, except }) })

/** What is not sensitive, and the topics that are on, for treatment. */
const readingScopes = (recipients: readonly Recipient[], shared: readonly Category[]): readonly Scope[] =>
  [{ confidentiality: 'N' } as const, ...(shared.length === 0 ? [] : [{ categories: shared }])].map((data) => ({
    recipients,
    purposes: ['TREAT'],
    data,
    actions: READING,
  }))

/** What is open to those who were approved on the same terms. */
export interface ApprovalScopes {
  readonly everyday: Scope
  /** The topics that are on, where there are any. */
  readonly topics: readonly Scope[]
  /** The topics named for them, where there are any. */
  readonly named: readonly Scope[]
}

export function approvalScopes(group: readonly [Approval, ...Approval[]], shared: readonly Category[]): ApprovalScopes {
  const [first] = group
  const scope = (data: DataSelector): Scope => ({
    recipients: group.map(({ who }) => who),
    purposes: purposesOf(first),
    data: { ...data, ...stated({ types: first.types }) },
    actions: READING,
    ...stated({ valid: first.until === undefined ? undefined : { until: first.until } }),
  })
  const { categories = [] } = first
  return {
    everyday: scope({ confidentiality: 'N' }),
    topics: shared.length === 0 ? [] : [scope({ categories: shared })],
    named: categories.length === 0 ? [] : [scope({ categories })],
  }
}

/** Expects normalized blocks. */
export const blockGrants = (blocked: readonly Block[]): readonly Grant[] =>
  grouped(blocked, termsKey).map((group) => {
    const [{ categories, types, until }] = group
    const data = stated({ categories, types })
    return {
      effect: 'deny',
      recipients: group.map(({ who }) => who),
      ...stated({ data: Object.keys(data).length === 0 ? undefined : data, valid: until === undefined ? undefined : { until } }),
    }
  })

export const hideGrants = (items: readonly string[]): readonly Grant[] => (items.length === 0 ? [] : [denyAnyone({ items }, [])])
