import { describe, expect, it } from 'vitest'
import { explainLabels } from './coverage.ts'
import { readFacts } from './read-facts.ts'

const SNOMED = 'http://snomed.info/sct'
const LOINC = 'http://loinc.org'
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

const normal = { coding: [{ system: LOINC, code: '29463-7', display: 'Body weight' }] }
const observation = (more: object) => ({ resourceType: 'Observation', id: '1', code: normal, ...more })

describe('why a resource has its labels', () => {
  it('names for each code the place, the labels and the rule with its source', () => {
    const explained = explainLabels({
      resourceType: 'Condition',
      id: '1',
      code: {
        coding: [
          { system: ICD, code: 'F10.20', display: 'Alcohol dependence, uncomplicated' },
          { system: SNOMED, code: '38341003', display: 'Hypertension' },
        ],
      },
    })
    expect(explained).toMatchObject({
      ref: 'Condition/1',
      confidentiality: 'R',
      sensitivity: ['ETHUD'],
      raisedBy: ['rule'],
      codes: [
        {
          path: 'code.coding[0]',
          system: ICD,
          code: 'F10.20',
          labels: ['ETHUD'],
          match: 'beginning',
          rules: [
            { system: ICD, version: 'FY2026', match: 'beginning', key: 'F10', labels: ['ETHUD'], meaning: 'alcohol related disorders' },
            { match: 'name', key: 'alcohol' },
          ],
        },
        { path: 'code.coding[1]', code: '38341003', labels: [], match: 'none', rules: [] },
      ],
    })
  })

  it.each<[raise: string, resource: object]>([
    ['', {}],
    ['source-label', { meta: { security: [{ system: CONFIDENTIALITY, code: 'R' }] } }],
    ['source-label', { meta: { security: [{ system: ACT_CODE, code: 'HIV' }] } }],
    ['', { meta: { security: [{ system: CONFIDENTIALITY, code: 'L' }] }, note: [{ text: 'x' }] }],
    ['free-text', { note: [{ text: 'x' }] }],
    ['unknown-code', { code: { coding: [{ system: 'urn:x', code: '1' }] } }],
    ['rule unknown-code', { code: { coding: [{ system: 'urn:x', code: '1', display: 'HIV' }] } }],
    ['unidentified-drug', { code: { coding: [{ system: RXNORM, code: '1' }] } }],
    ['binary', { resourceType: 'Binary' }],
    ['rule free-text', { code: { text: 'alcohol' } }],
    [
      'rule combination',
      { code: { coding: [{ system: SNOMED, code: '1', display: 'HPV positive' }] }, method: { coding: [{ system: SNOMED, code: '2', display: 'HIV' }] } },
    ],
  ])('%s', (raises, more) => {
    const resource = observation(more)
    const explained = explainLabels(resource)
    expect(explained?.raisedBy.join(' ')).toBe(raises)
    expect(explained).toMatchObject({ confidentiality: readFacts(resource)?.confidentiality, sensitivity: readFacts(resource)?.sensitivity })
    expect(explained?.confidentiality).toBe(raises === '' ? (readFacts(resource)?.confidentiality ?? '') : 'R')
  })

  it('finds each place of a coding that stands twice', () => {
    const shared = { system: LOINC, code: '74013-4' }
    const explained = explainLabels(observation({ component: [{ code: { coding: [shared] } }, { code: { coding: [shared] } }] }))
    expect(explained?.codes.map(({ path }) => path)).toEqual(['code.coding[0]', 'component[0].code.coding[0]', 'component[1].code.coding[0]'])
  })

  it('says nothing of what cannot be read', () => {
    expect(explainLabels(observation({ modifierExtension: [] }))).toBeUndefined()
    expect(explainLabels('x')).toBeUndefined()
  })
})
