import type { GroupId, OrganizationId } from '@fiducia/core'
import type { Basis } from '../facts/types.ts'

/**
 * What the network holds of one field of one subject, and why. The states, from the best:
 *
 *   verified        a primary source says so, or both sides of the fact agree
 *   supported       members of two groups say so from what they know themselves
 *   single-source   one group says so
 *   contested       another value has as good a claim, or somebody with as good a claim denies it
 *   stale           everybody's word on it is older than its verify-by
 *   unverified      it stands in files of others alone
 *   departed        the subject is gone: its `status` resolves to `departed`
 */
export const FIELD_STATES = ['verified', 'supported', 'single-source', 'contested', 'stale', 'unverified', 'departed'] as const
export type FieldState = (typeof FIELD_STATES)[number]

/** Which comparison put the winner before the next value; `only` where there is no other. */
export const DECIDING_RULES = ['only', 'fresh', 'tier', 'weight', 'observed', 'tag'] as const
export type DecidingRule = (typeof DECIDING_RULES)[number]

/** One voice for a value: a group, or an origin whose imports speak for it. */
export interface Voice {
  readonly group: GroupId
  readonly attester: OrganizationId
  readonly basis: Basis
  readonly origin: string
  readonly observedAt: number
  /** Confirms, asserts or corrects the value; or denies it. */
  readonly denies: boolean
  /** 0 to 1,000: what is left of its freshness at the instant. */
  readonly freshness: number
}

export interface Dissent {
  /** Null: denied without another value. */
  readonly value: string | null
  readonly voices: readonly Voice[]
}

export interface ResolvedField {
  /** As its best voice writes it, not normalized. */
  readonly value: string
  readonly state: FieldState
  /** When the oldest word that still stands for it was observed, milliseconds. */
  readonly since: number
  /** Best first. */
  readonly attesters: readonly Voice[]
  /** Best first. */
  readonly dissent: readonly Dissent[]
  readonly rule: DecidingRule
  /** Of the table of fields, and `ID/VERSION` of the normalizer. */
  readonly policyVersion: number
  readonly normalizer: string
}

export interface ResolveContext {
  /** Block time, milliseconds: ages are read against it, nothing else. */
  readonly time: number
  /** 0 to 1,000, from adjudicated disputes alone; 500 for whoever had none. */
  readonly reliability: (org: OrganizationId) => number
}
