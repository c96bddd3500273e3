import { type Choices, policyOf } from '@fiducia/consent'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { choices as anyChoices } from '../../../consent/test/choices.ts'
import { exportConsent } from './export-consent.ts'

/** What patients choose can be handed to others: the export reads back what it wrote and refuses what changed its meaning. */

const exceptions: Omit<Choices, 'preset'> = {
  shared: ['hiv'],
  approved: [
    { who: { practitioner: 'npi|1' }, categories: ['mental-health'] },
    { who: { organization: 'birch' }, until: 1_800_000_000_000 },
  ],
  blocked: [{ who: { practitioner: 'npi|2' } }],
  hidden: ['Observation/1'],
}
const envelope = {
  patient: 'Patient/1',
  performer: 'Patient/1',
  organization: 'Organization/1',
  source: 'DocumentReference/1',
  policyUri: 'https://example.org/policy',
  dateTime: '2026-01-01',
}

it.each(['care-team', 'ask-me', 'emergency-only'] as const)('%s, plain and with exceptions, is an R4 Consent', (preset) => {
  for (const chosen of [{ preset }, { preset, ...exceptions }]) {
    expect(exportConsent(policyOf(chosen), 'r4', envelope)).toMatchObject({ resourceType: 'Consent' })
  }
})

it('whatever is chosen is one, but a closed record', () => {
  fc.assert(
    fc.property(
      anyChoices.filter(({ preset }) => preset !== 'closed'),
      (chosen) => {
        expect(exportConsent(policyOf(chosen), 'r4', envelope)).toMatchObject({ resourceType: 'Consent' })
      },
    ),
    { numRuns: 300 },
  )
})
