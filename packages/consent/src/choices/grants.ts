import { BREAK_GLASS_PURPOSE } from '../purposes.ts'
import { type Category, type DataSelector, type Grant, type Policy, type Recipient, type Scope } from '../types.ts'
import { type Approval, type Block, type Choices, type Preset } from './choices.ts'
import { defined, stated } from '../stated.ts'
import { grouped, normalizeChoices, purposesOf, termsKey } from './normalize.ts'

/** The policy that choices mean. Total; `choicesOf` gives the normalized choices back. */
export function policyOf(choices: Choices): Policy {
  const { preset, named, shared, approved, blocked, hidden, further, until, replaces, unlinked, filters } = normalizeChoices(choices)
  const base = preset === 'own' ? [] : presetGrants({ preset, shared: shared ?? [], approved: approved ?? [] })
  return {
    v: 1,
    ...defined({ preset: preset === 'own' ? named : preset, until, replaces, unlinked, filters }),
    grants: [...base, ...blockGrants(blocked ?? []), ...hideGrants(hidden ?? []), ...(further ?? [])],
  }
}

/** Choices that depend on one another: the exceptions of a preset's denies are the approvals. */
export interface PresetChoices {
  readonly preset: Preset
  readonly shared: readonly Category[]
  readonly approved: readonly Approval[]
}

/**
 * Everything is denied but what the preset's permits open, so that the network's default decides nothing: what it would
 * add to a preset is what the preset promises not to share. Expects normalized choices.
 */
export function presetGrants({ preset, shared, approved }: PresetChoices): readonly Grant[] {
  const isForAll = preset === 'care-team'
  const opened: readonly Scope[] = [
    ...(isForAll ? [reading(ANYONE, { confidentiality: 'N' })] : []),
    ...(shared.length === 0 ? [] : [switchScope(preset, shared)]),
    ...(isForAll || preset === 'emergency-only' ? [EMERGENCY] : []),
    ...grouped(approved, termsKey).flatMap((group) => {
      const { everyday, topics, named } = approvalScopes(group, shared)
      return [everyday, ...topics, ...named]
    }),
  ]
  return [denyAnyone(undefined, preset === 'closed' ? [] : opened), ...opened.map((scope): Grant => ({ effect: 'permit', ...scope }))]
}

export const ANYONE: readonly Recipient[] = [{ anyone: true }]
/** Nobody yet: so a topic stays switched on while nobody is approved. */
export const APPROVED_LATER: readonly Recipient[] = [{ unresolved: 'approved later' }]
const READING = ['read', 'search'] as const
const EMERGENCY: Scope = { recipients: ANYONE, purposes: [BREAK_GLASS_PURPOSE], actions: READING }

const reading = (recipients: readonly Recipient[], data: DataSelector): Scope => ({ recipients, purposes: ['TREAT'], data, actions: READING })
/** Topics that are on, for those whom the preset shares with. */
export const switchScope = (preset: Preset, shared: readonly Category[]): Scope =>
  reading(preset === 'care-team' ? ANYONE : APPROVED_LATER, { categories: shared })

const denyAnyone = (data: DataSelector | undefined, except: readonly Scope[]): Grant => ({ effect: 'deny', recipients: ANYONE, ...stated({ data, except }) })

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
