import { actor, caseOf, consent, level, logical, observation, to, topic } from './build.ts'
import type { Json } from './json.ts'

/** Small cases, each standing for one sentence of docs/reference/consent.md: what is asked, and what is released of it. */
export interface Row {
  readonly section: string
  readonly says: string
  readonly document: Json
  /** Ids of the observations that are released, or that the case is refused. */
  readonly released: readonly string[] | 'refused'
}

export const npi = (value: string): Json => ({ identifier: [{ system: 'urn:npi', value }] })
export const asked = (more: Json): Json => ({ actors: [{ system: 'urn:npi', value: '1' }], purpose: ['TREAT'], action: 'read', ...more })
export const by = (...actors: readonly Json[]): Json => ({ request: asked({ actors }) })
export const permit = (more: Json = {}): Json => ({ type: 'permit', ...more })
export const deny = (more: Json = {}): Json => ({ type: 'deny', ...more })
export const row = (section: string, says: string, parts: Json, released: Row['released']): Row => ({ section, says, document: caseOf(parts), released })
export const r4 = (provision: Json | undefined, more: Json = {}): Json => consent('r4', provision, more)
export const pcf = (provision: Json | undefined, more: Json = {}): Json => consent('pcf', provision, more)
export const both = [observation('1'), observation('2', { meta: { security: [level('R'), topic('PSY')] } })]
export const nobody = actor('IRCP', to('Practitioner/nowhere'))
export const one = actor('IRCP', logical('urn:npi', '1'))
export const emergency = (more: Json = {}): Json => ({ request: asked({ purpose: ['BTG'], breakGlass: { reason: 'unconscious' }, ...more }) })
