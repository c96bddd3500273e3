import { describe, expect, it } from 'vitest'
import { dealBundle } from './deal-bundle.ts'

const resource = (resourceType: string, id: string, members: object = {}) => ({ fullUrl: `urn:uuid:${id}`, resource: { resourceType, id, ...members } })
const bundle = (...entry: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction', entry })
const at = (id: string) => ({ reference: `urn:uuid:${id}` })
const story = bundle(
  resource('Patient', 'ann'),
  resource('Organization', 'north'),
  resource('Organization', 'south'),
  resource('Practitioner', 'doc'),
  resource('Encounter', 'e1', { subject: at('ann'), serviceProvider: at('north'), participant: [{ individual: at('doc') }] }),
  resource('Encounter', 'e2', { subject: at('ann'), serviceProvider: at('south') }),
  resource('Condition', 'c1', { subject: at('ann'), encounter: at('e2') }),
  resource('MedicationRequest', 'm1', { subject: at('ann'), encounter: at('e1'), reasonReference: [at('c1')] }),
  resource('Claim', 'k1', { patient: at('ann'), provider: at('south') }),
  resource('Goal', 'g1', { subject: at('ann') }),
)
const refs = (list: readonly { resourceType: string; id: string }[] | undefined) => list?.map((one) => `${one.resourceType}/${one.id}`).sort()

describe('dealing a Bundle', () => {
  const { records, counts, patient } = dealBundle(story, ['alder', 'cedar', 'dune'])

  it('deals by provider, then encounter, else to the first', () => {
    expect(refs(records.get('alder'))).toEqual(['Encounter/e1', 'Goal/g1', 'MedicationRequest/m1', 'Organization/north', 'Patient/ann', 'Practitioner/doc'])
    expect(refs(records.get('cedar'))).toEqual(['Claim/k1', 'Condition/c1', 'Encounter/e2', 'Organization/south', 'Patient/ann'])
    expect(records.has('dune')).toBe(false)
    expect(patient.id).toBe('ann')
  })

  it('writes references as type and id', () => {
    expect(records.get('cedar')?.find(({ id }) => id === 'c1')).toEqual({
      resourceType: 'Condition',
      id: 'c1',
      subject: { reference: 'Patient/ann' },
      encounter: { reference: 'Encounter/e2' },
    })
  })

  it('counts everything, and what leads out of a record', () => {
    expect(counts).toEqual({ entries: 10, dealt: 6, shared: 4, unusable: 0, outward: 1 })
    expect(dealBundle(bundle(resource('Patient', 'ann'), { resource: 'x' }, resource('Patient', 'ann')), ['alder']).counts.unusable).toBe(2)
  })

  it('refuses what is not one patient’s Bundle', () => {
    for (const wrong of [
      undefined,
      'x',
      {},
      { resourceType: 'Bundle', type: 'document', entry: [] },
      bundle(),
      bundle(resource('Patient', 'a'), resource('Patient', 'b')),
    ]) {
      expect(() => dealBundle(wrong, ['alder'])).toThrow(/expected/)
    }
  })
})
