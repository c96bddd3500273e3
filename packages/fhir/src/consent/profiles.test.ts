import * as fc from 'fast-check'
import { decideAll, type Policy } from '@fiducia/consent'
import { InputError } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { facts, policy as anyPolicy, question } from '../../../consent/test/arbitraries.ts'
import { exportConsent } from './export-consent.ts'
import { importConsent, type Profile } from './import-consent.ts'
import { createWorld } from './world.ts'

const envelope = {
  patient: 'Patient/1',
  performer: 'Patient/1',
  organization: 'Organization/1',
  source: 'DocumentReference/1',
  policyUri: 'http://example.org/policy',
  dateTime: '2024-06-01',
}
const atNode = { world: createWorld([]), contained: [], at: 0, byTypeAndId: false }
const imported = (consent: unknown, profile: Profile): Policy => ({ v: 1, grants: importConsent(consent, { ...atNode, profile }).map(({ grant }) => grant) })

function exported(policy: Policy, profile: Profile): unknown {
  try {
    return exportConsent(policy, profile, envelope)
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return undefined
  }
}

describe.each(['r4', 'pcf'] as const)('a policy through the profile %s', (profile) => {
  it('decides the same after it was said as a Consent', () => {
    let said = 0
    fc.assert(
      fc.property(anyPolicy, question, fc.array(facts, { minLength: 1, maxLength: 4 }), (policy, asked, resources) => {
        const consent = exported(policy, profile)
        if (consent === undefined) return true
        said += 1
        const back = imported(consent, profile)
        return resources.every((resource) => decideAll([policy], asked, resource).effect === decideAll([back], asked, resource).effect)
      }),
      { numRuns: 20_000, seed: 4 },
    )
    expect(said).toBeGreaterThan(profile === 'r4' ? 2000 : 300)
  })

  it('comes back as itself once it was read from a Consent', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const first = exported(policy, profile)
        if (first === undefined) return
        const read = imported(first, profile)
        const second = exported(read, profile)
        expect(imported(second, profile)).toEqual(read)
        expect(exported(imported(second, profile), profile)).toEqual(second)
      }),
      { numRuns: 5000, seed: 5 },
    )
  })
})
