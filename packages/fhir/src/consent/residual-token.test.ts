import { describe, expect, it } from 'vitest'
import { parseConsentCase } from './case.ts'
import { prepareCase } from './decide-case.ts'
import { residualToken } from './residual-token.ts'

const coding = (system: string, ...codes: readonly string[]) => codes.map((code) => ({ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }))
const treatment = coding('v3-ActReason', 'TREAT')
const normal = coding('v3-Confidentiality', 'N')
const recipient = (reference: string) => ({ role: { coding: coding('v3-ParticipationType', 'IRCP') }, reference: { reference } })

const tokenFor = (provision: object, more: object = {}, base?: string) =>
  residualToken(
    prepareCase(
      parseConsentCase(
        JSON.stringify({
          at: '2024-06-01T00:00:00Z',
          references: [{ resourceType: 'Practitioner', id: '7' }],
          consents: [
            {
              profile: 'pcf',
              resource: {
                resourceType: 'Consent',
                id: '1',
                status: 'active',
                scope: { coding: coding('consentscope', 'patient-privacy') },
                patient: { reference: 'Patient/1' },
                provision,
              },
            },
          ],
          request: { actors: [{ reference: 'Practitioner/7' }], purpose: ['TREAT'], action: 'read' },
          ...more,
        }),
      ),
    ),
    base,
  )
const residual = (provision: object, more: object = {}) => {
  const answer = tokenFor(provision, more)
  if ('refused' in answer) return answer.refused
  const { extensions } = answer.token as { extensions: { ihe_pcf: { residual?: unknown } } }
  return extensions.ihe_pcf.residual
}

describe('the residual of a token', () => {
  it('names the consent, the patient and the purposes', () => {
    expect(tokenFor({ type: 'permit', purpose: treatment }, {}, 'https://fhir.example/')).toEqual({
      token: {
        extensions: {
          ihe_iua: { purpose_of_use: treatment },
          ihe_pcf: { patient_id: 'https://fhir.example/Patient/1', doc_id: ['https://fhir.example/Consent/1'] },
        },
      },
    })
  })

  it('forbids what is denied where everything else is permitted', () => {
    const dates = { start: '2022-01-01', end: '2022-12-31' }
    expect(residual({ type: 'permit', purpose: treatment, provision: [{ type: 'deny', dataPeriod: dates }] })).toEqual([{ type: 'forbid', dataPeriod: dates }])
  })

  it('forbids everything but what is permitted', () => {
    const focused = { type: 'permit', actor: [recipient('Practitioner/7')], securityLabel: coding('v3-ActCode', 'PSY') }
    expect(residual({ type: 'permit', purpose: treatment, securityLabel: normal, provision: [focused] })).toEqual([
      { type: 'forbid' },
      { type: 'permit', securityLabel: normal },
      { type: 'permit', securityLabel: coding('v3-ActCode', 'PSY') },
    ])
  })

  it('says nothing of a deny that a permit opens wholly', () => {
    const opened = { type: 'deny', provision: [{ type: 'permit', purpose: coding('v3-ActReason', 'BTG'), actor: [recipient('Practitioner/7')] }] }
    const emergency = { request: { actors: [{ reference: 'Practitioner/7' }], purpose: ['BTG'], action: 'read', breakGlass: { reason: 'unconscious' } } }
    expect(residual(opened, emergency)).toBeUndefined()
    expect(residual(opened)).toBe('nothing may go to this actor for this purpose')
  })

  it('is refused where a deny cuts into a permit, since a permit in a residual overrides', () => {
    const cut = { type: 'permit', securityLabel: normal, provision: [{ type: 'deny', dataPeriod: { end: '2020' } }] }
    expect(residual(cut)).toMatch(/cuts into/)
    const half = { type: 'deny', securityLabel: coding('v3-Confidentiality', 'R'), provision: [{ type: 'permit', securityLabel: coding('v3-ActCode', 'PSY') }] }
    expect(residual(half)).toEqual([{ type: 'forbid' }, { type: 'permit', securityLabel: coding('v3-ActCode', 'PSY') }])
  })

  it('is refused for a native policy and for another default', () => {
    expect(() => tokenFor({ type: 'permit' }, { default: 'all-treatment' })).toThrow(/expected `deny`/)
    expect(() => tokenFor({ type: 'permit' }, { consents: [{ profile: 'native', resource: { v: 1, grants: [] } }] })).toThrow(/FHIR Consents/)
  })
})
