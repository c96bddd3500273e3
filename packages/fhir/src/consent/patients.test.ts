import { InputError } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import type { CaseConsent } from './case.ts'
import { isOfAnother, NOBODYS, patientName, patientOf } from './patients.ts'

const to = (reference: string) => ({ reference })

describe('whose consents they are', () => {
  it.each<[name: string, reference: unknown, expected: string | undefined]>([
    ['a reference', to('Patient/1'), 'Patient/1'],
    ['a reference to a version', to('Patient/1/_history/2'), 'Patient/1'],
    ['a reference to another server', to('https://a.example/Patient/1/_history/2'), 'https://a.example/Patient/1'],
    ['a reference with history inside', to('Patient/1/_history/2/x'), 'Patient/1/_history/2/x'],
    ['an identifier', { identifier: { system: 's', value: '1' } }, 's|1'],
    ['an identifier without a system', { identifier: { value: '1' } }, '|1'],
    ['an identifier with a system of another type', { identifier: { system: 7, value: '1' } }, '|1'],
    ['a reference before an identifier', { reference: 'Patient/1', identifier: { system: 's', value: '1' } }, 'Patient/1'],
    ['an identifier without a value', { identifier: { system: 's' } }, undefined],
    ['an identifier that is text', { identifier: 's|1' }, undefined],
    ['a name', { display: 'x' }, undefined],
    ['text', 'Patient/1', undefined],
  ])('%s', (_, reference, expected) => {
    expect(patientName(reference)).toBe(expected)
  })

  it('is one patient, or the case cannot be read', () => {
    const fhir = (...references: readonly unknown[]): readonly CaseConsent[] => references.map((patient) => ({ profile: 'r4', resource: { patient } }))
    const native: CaseConsent = { profile: 'native', resource: { patient: to('Patient/9') } }
    expect(patientOf([])).toBeUndefined()
    expect(patientOf([native])).toBeUndefined()
    expect(patientOf(fhir(undefined))).toBe(NOBODYS)
    expect(patientOf([native, ...fhir(to('Patient/1'), undefined, to('Patient/1/_history/3'))])).toBe('Patient/1')
    expect(() => patientOf(fhir(to('Patient/1'), to('Patient/2'), to('Patient/2')))).toThrow(InputError)
    expect(() => patientOf(fhir(to('Patient/1'), to('Patient/2'), to('Patient/2')))).toThrow('consents: expected consents of one patient, found 2')
  })
})

describe('a resource of somebody else', () => {
  const observation = (subject?: object) => ({ resourceType: 'Observation', id: '1', ...(subject === undefined ? {} : { subject }) })
  it.each<[name: string, resource: unknown, expected: boolean]>([
    ['states this patient', observation(to('Patient/1')), false],
    ['states a version of this patient', observation(to('Patient/1/_history/2')), false],
    ['states another patient', observation(to('Patient/2')), true],
    ['states a patient of another server', observation(to('https://a.example/Patient/1')), true],
    ['states somebody who cannot be told', observation({ display: 'x' }), true],
    ['states nobody', observation(), false],
    ['is this patient', { resourceType: 'Patient', id: '1' }, false],
    ['is another patient', { resourceType: 'Patient', id: '2' }, true],
    ['has a patient', { resourceType: 'Immunization', id: '1', patient: to('Patient/2') }, true],
    ['has several patients', { resourceType: 'Appointment', id: '1', participant: [{ actor: to('Patient/1') }, { actor: to('Practitioner/2') }] }, false],
    ['is none', 'x', false],
  ])('%s', (_, resource, expected) => {
    expect(isOfAnother(resource, 'Patient/1')).toBe(expected)
  })
})
