import { describe, expect, it } from 'vitest'
import { actionsOf, classOf, labelOf, NETWORK_SYSTEMS, purposeOf, qualify, SYSTEMS } from './terminology.ts'

const bare = (code: string) => ({ system: undefined, code })

describe('codes of a Consent', () => {
  it('stand in the systems that R4 binds to their elements', () => {
    expect(SYSTEMS).toEqual({
      scope: 'http://terminology.hl7.org/CodeSystem/consentscope',
      role: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
      purpose: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
      action: 'http://terminology.hl7.org/CodeSystem/consentaction',
      actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
      resourceType: 'http://hl7.org/fhir/resource-types',
    })
    for (const [kind, system] of Object.entries(NETWORK_SYSTEMS)) expect(system).toBe(`urn:fiducia:${kind}`)
  })

  it('that mean nothing to us keep their system, and equal no other', () => {
    expect(qualify({ system: 'urn:x', code: 'a' })).toBe('urn:x|a')
    expect(qualify(bare('a'))).toBe('urn:fiducia:no-system|a')
  })

  it('are purposes of v3-ActReason, or of their own system', () => {
    expect([bare('TREAT'), { system: SYSTEMS.purpose, code: 'TREAT' }, { system: 'urn:x', code: 'TREAT' }].map(purposeOf)).toEqual([
      'TREAT',
      'TREAT',
      'urn:x|TREAT',
    ])
  })

  it.each([
    [bare('access'), ['read', 'search']],
    [{ system: SYSTEMS.action, code: 'access' }, ['read', 'search']],
    [bare('disclose'), ['export']],
    [bare('collect'), ['collect']],
    [bare('use'), ['use']],
    [bare('correct'), ['correct']],
    [bare('read'), ['urn:fiducia:no-system|read']],
    [bare('toString'), ['urn:fiducia:no-system|toString']],
    [{ system: SYSTEMS.action, code: 'read' }, [`${SYSTEMS.action}|read`]],
    [{ system: NETWORK_SYSTEMS.action, code: 'read' }, ['read']],
    [{ system: 'urn:x', code: 'access' }, ['urn:x|access']],
  ])('%j stands for the actions %j', (coding, actions) => {
    expect(actionsOf(coding)).toEqual(actions)
  })

  it.each([
    [bare('N'), { level: 'N' }],
    [{ system: SYSTEMS.confidentiality, code: 'R' }, { level: 'R' }],
    [{ system: SYSTEMS.confidentiality, code: 'X' }, { sensitivity: `${SYSTEMS.confidentiality}|X` }],
    [{ system: 'urn:x', code: 'R' }, { sensitivity: 'urn:x|R' }],
    [bare('HIV'), { sensitivity: 'HIV' }],
    [bare('odd'), { sensitivity: 'urn:fiducia:no-system|odd' }],
    [{ system: SYSTEMS.actCode, code: 'HIV' }, { sensitivity: 'HIV' }],
    [{ system: SYSTEMS.actCode, code: 'odd' }, { sensitivity: 'odd' }],
    [{ system: NETWORK_SYSTEMS.category, code: 'hiv' }, { category: 'hiv' }],
    [{ system: 'urn:x', code: 'HIV' }, { sensitivity: 'urn:x|HIV' }],
  ])('%j is the label %j', (coding, label) => {
    expect(labelOf(coding)).toEqual(label)
  })

  it.each([
    [{ system: SYSTEMS.resourceType, code: 'Observation' }, 'Observation'],
    [{ system: SYSTEMS.resourceType, code: 'observation' }, `${SYSTEMS.resourceType}|observation`],
    [{ system: SYSTEMS.resourceType, code: 'Observation 2' }, `${SYSTEMS.resourceType}|Observation 2`],
    [{ system: SYSTEMS.resourceType, code: 'an Observation' }, `${SYSTEMS.resourceType}|an Observation`],
    [bare('Observation'), 'urn:fiducia:no-system|Observation'],
    [{ system: 'urn:x', code: 'Observation' }, 'urn:x|Observation'],
  ])('%j is the class %s', (coding, expected) => {
    expect(classOf(coding)).toBe(expected)
  })
})
