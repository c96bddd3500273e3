import { BREAK_GLASS_PURPOSE } from './purposes.ts'
import type { Category, Grant, Policy, Recipient } from './types.ts'

/**
 * The four choices that most people make with one tap, as grants. Sensitive topics stay private under `care-team` unless
 * switched on; `ask-me` shares with those the person has said yes to, and with nobody new.
 */
export interface PresetChoices {
  /** Topics that the people treating me may see as well. */
  readonly shared?: readonly Category[]
  /** Those I have said yes to. */
  readonly approved?: readonly Recipient[]
  /** Single items that nobody gets to see, `Type/id`. */
  readonly hidden?: readonly string[]
  /** When my choices end, milliseconds. */
  readonly until?: number
}

export type Preset = NonNullable<Policy['preset']>

const ANYONE: readonly Recipient[] = [{ anyone: true }]
const READING = ['read', 'search'] as const

export function policyFor(preset: Preset, choices: PresetChoices = {}): Policy {
  return {
    v: 1,
    preset,
    grants: [...grantsOf(preset, choices), ...hide(choices.hidden)],
    ...(choices.until === undefined ? {} : { until: choices.until }),
  }
}

function grantsOf(preset: Preset, { shared = [], approved = [] }: PresetChoices): readonly Grant[] {
  switch (preset) {
    case 'care-team':
      return [...permitReading(ANYONE, shared), emergency]
    case 'ask-me':
      return approved.length === 0 ? [nobody] : [{ ...nobody, except: { recipients: approved } }, ...permitReading(approved, shared)]
    case 'emergency-only':
      return [{ ...nobody, except: { purposes: [BREAK_GLASS_PURPOSE] } }, emergency]
    case 'closed':
      return [nobody]
  }
}

/** Normal data, and the topics that were switched on, for treatment. */
const permitReading = (recipients: readonly Recipient[], shared: readonly Category[]): readonly Grant[] => [
  { effect: 'permit', recipients, purposes: ['TREAT'], data: { confidentiality: 'N' }, actions: READING },
  ...(shared.length === 0 ? [] : [{ effect: 'permit', recipients, purposes: ['TREAT'], data: { categories: shared }, actions: READING } as const]),
]

const emergency: Grant = { effect: 'permit', recipients: ANYONE, purposes: [BREAK_GLASS_PURPOSE], actions: READING }
const nobody: Grant = { effect: 'deny', recipients: ANYONE }

const hide = (items: readonly string[] = []): readonly Grant[] => (items.length === 0 ? [] : [{ effect: 'deny', recipients: ANYONE, data: { items } }])
