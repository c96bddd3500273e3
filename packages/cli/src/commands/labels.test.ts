import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { labelsCoverage } from './labels.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-labels-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(dir, name), content)
  return path.join(dir, name)
}

const SNOMED = 'http://snomed.info/sct'
const condition = (id: string, code: object) => ({ resourceType: 'Condition', id, code })
const alcohol = condition('a', { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F10.20', display: 'Alcohol dependence' }] })
const blood = condition('b', { coding: [{ system: SNOMED, code: '38341003', display: 'Hypertension, a display of more than forty characters' }] })
const local = condition('c', { coding: [{ system: 'urn:local', code: 'x\u001b[2J' }] })
const words = condition('d', { text: 'drinks alcohol with Mr Smith' })
const order = { resourceType: 'MedicationRequest', id: 'e', medicationCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/sid/ndc', code: '1' }] } }
const all = [alcohol, alcohol, blood, local, words, order, { resourceType: 'Condition' }]

const forms: readonly (readonly [name: string, content: string | Uint8Array])[] = [
  ['bundle.json', JSON.stringify({ resourceType: 'Bundle', entry: all.map((resource) => ({ resource })) })],
  ['lines.ndjson', `${all.map((resource) => JSON.stringify(resource)).join('\n')}\n`],
  ['lines.ndjson.gz', gzipSync(all.map((resource) => JSON.stringify(resource)).join('\n\n'))],
]

describe('fiducia labels coverage', () => {
  it.each(forms)('counts what it finds in %s', (name, content) => {
    const answer = labelsCoverage([file(name, content)])
    expect(answer.exitCode).toBe(0)
    expect(answer.json).toMatchObject({
      resources: 7,
      unreadable: 1,
      restricted: 5,
      codings: 5,
      ruled: 2,
      unruledBySystem: { [SNOMED]: 1, 'urn:local': 1, 'http://hl7.org/fhir/sid/ndc': 1 },
      resourcesByCategory: { 'substance-use': 3 },
      resourcesByRaise: { rule: 3, 'free-text': 1, 'unknown-code': 1, 'unidentified-drug': 1 },
    })
    expect(answer.json).toHaveProperty(
      'codes.0',
      expect.objectContaining({ count: 2, code: 'F10.20', labels: ['ETHUD'], match: 'beginning', resources: ['Condition/a'] }),
    )
  })

  it('reads one resource, and several files', () => {
    const [one, two] = [file('a.json', JSON.stringify(alcohol)), file('b.json', JSON.stringify(blood, null, 2))]
    expect(labelsCoverage([one, two]).json).toMatchObject({ resources: 2, codings: 2, restricted: 1 })
  })

  it('shows codes and rules, and nothing that is about somebody', () => {
    const { text, json } = labelsCoverage([file('all.json', JSON.stringify({ resourceType: 'Bundle', entry: all.map((resource) => ({ resource })) }))])
    expect(text.split('\n')[1]).toMatch(/^2 +icd-10-cm +F10\.20 +Alcohol dependence +ETHUD +beginning F10 +chapter and block/)
    expect(text).toContain('Hypertension, a display of more than fo…')
    expect(text).toMatch(/ndc +1 +unidentified/)
    expect(text).toContain('resources: 7, of which 1 cannot be read and 5 are restricted')
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('Condition/')
    expect(JSON.stringify(json)).not.toContain('Smith')
  })

  it('says what it cannot read', () => {
    expect(() => labelsCoverage([path.join(dir, 'nothing')])).toThrow(/found nothing/)
    expect(() => labelsCoverage([file('bad.ndjson', '{"resourceType":"Condition"}\n{"x":')])).toThrow(/line 2/)
    expect(() => labelsCoverage([file('bad.gz', 'no archive')])).toThrow(/expected FHIR resources/)
    expect(() => labelsCoverage([file('latin.json', Uint8Array.of(0x22, 0xff, 0x22))])).toThrow(/expected FHIR resources/)
  })
})
