import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { policyOf } from '@fiducia/consent'
import { afterAll, describe, expect, it } from 'vitest'
import { decide, explain, exportPolicy, importConsents, tokenFor } from './consent.ts'

/** What a records office, a privacy officer and a developer do with `fiducia consent`. */
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-consent-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(dir, name), content)
  return path.join(dir, name)
}

const coding = (system: string, code: string) => ({ system: `http://terminology.hl7.org/CodeSystem/${system}`, code })
const consent = (id: string, provision: object, more: object = {}) => ({
  resourceType: 'Consent',
  id,
  status: 'active',
  scope: { coding: [coding('consentscope', 'patient-privacy')] },
  patient: { reference: 'Patient/1' },
  provision,
  ...more,
})
const treatment = { type: 'permit', purpose: [coding('v3-ActReason', 'TREAT')] }
const forAda = { type: 'permit', actor: [{ role: { coding: [coding('v3-ParticipationType', 'IRCP')] }, reference: { reference: 'Practitioner/ada' } }] }
const ada = { resourceType: 'Practitioner', id: 'ada', identifier: [{ system: 'urn:npi', value: '1' }] }
const envelope = { profile: 'r4', patient: 'Patient/1', date: '2026-11-22' }

describe('consent import', () => {
  const documents = [
    consent('all', treatment),
    consent('draft', treatment, { status: 'draft' }),
    consent('odd', { ...treatment, modifierExtension: [] }),
    consent('ada', forAda),
  ]
  const ndjson = documents.map((one) => JSON.stringify(one)).join('\n')

  it('gives for each Consent the policy in plain words, or why there is none', () => {
    const { exitCode, json, text } = importConsents(file('c.ndjson.gz', gzipSync(ndjson)), {
      profile: 'r4',
      references: file('people.json', JSON.stringify(ada)),
    })
    expect(exitCode).toBe(1)
    expect(json).toMatchObject({
      imported: 2,
      ignored: 1,
      refused: 1,
      consents: [
        {
          consent: 'Consent/all',
          outcome: 'imported',
          policy: { v: 1, grants: [{ effect: 'permit', purposes: ['TREAT'] }] },
          text: [expect.stringMatching(/treatment/)],
        },
        { consent: 'Consent/draft', outcome: 'ignored' },
        { consent: 'Consent/odd', outcome: 'refused', reason: expect.stringMatching(/provision\.modifierExtension: expected no modifier/) },
        { consent: 'Consent/ada', outcome: 'imported', policy: { grants: [{ recipients: [{ practitioner: 'urn:npi|1' }] }] } },
      ],
    })
    expect(text).toMatch(/2 imported, 1 ignored, 1 cannot be represented$/)
  })

  it('says when somebody cannot be told, and takes a Bundle and a single Consent', () => {
    const bundle = { resourceType: 'Bundle', entry: [{ resource: consent('ada', forAda) }] }
    const { exitCode, text } = importConsents(file('bundle.json', JSON.stringify(bundle)), { profile: 'pcf' })
    expect(exitCode).toBe(0)
    expect(text).toMatch(/note: 1 reference leads to nothing here/)
    expect(importConsents(file('one.json', JSON.stringify(documents[0])), { profile: 'r4' }).json).toMatchObject({ imported: 1 })
  })

  it('refuses what is no file of Consents, and an unknown profile', () => {
    expect(() => importConsents(file('bad.ndjson', '{"resourceType":\n'), { profile: 'r4' })).toThrow(/line 1/)
    expect(() => importConsents(file('c.json', '{}'), { profile: 'r5' })).toThrow(/expected `r4` or `pcf`/)
    expect(() => importConsents(file('c.json', '{}'), { profile: 'r4', at: 'now' })).toThrow(/expected an instant/)
    expect(importConsents(file('number.json', '7'), { profile: 'r4' })).toMatchObject({ exitCode: 1, json: { refused: 1 } })
  })
})

describe('consent export', () => {
  it('says a preset as a Consent that comes back as the same grants', () => {
    const policy = policyOf({ preset: 'care-team', hidden: ['Observation/private'] })
    const exported = exportPolicy(file('policy.json', JSON.stringify(policy)), envelope)
    expect(exported.exitCode).toBe(0)
    const { json } = importConsents(file('exported.json', JSON.stringify(exported.json)), { profile: 'r4' })
    expect(json).toMatchObject({ consents: [{ outcome: 'imported' }] })
    const [{ policy: back }] = (json as { consents: [{ policy: object }] }).consents
    expect(exportPolicy(file('back.json', JSON.stringify(back)), envelope).json).toEqual(exported.json)
  })

  it('answers no, with the reason, where no Consent means the same', () => {
    const closed = exportPolicy(file('closed.json', JSON.stringify(policyOf({ preset: 'closed' }))), envelope)
    expect(closed).toMatchObject({ exitCode: 1, text: expect.stringMatching(/closed record/) })
    const reading = exportPolicy(file('reading.json', '{"v":1,"grants":[{"effect":"permit","actions":["read"]}]}'), { ...envelope, profile: 'pcf' })
    expect(reading.exitCode).toBe(1)
    expect(() => exportPolicy(file('none.json', '{"v":1}'), envelope)).toThrow(/grants/)
    expect(() => exportPolicy(file('text.json', 'x'), envelope)).toThrow(/as JSON/)
  })
})

describe('a case', () => {
  const example = readFileSync(new URL('../../examples/case.json', import.meta.url), 'utf8')
  const withConsents = (...resources: readonly object[]) =>
    JSON.stringify({
      ...JSON.parse(example),
      consents: resources.map((resource) => ({ profile: 'r4', resource: { ...resource, patient: { reference: 'Patient/p1' } } })),
    })

  it('is decided in a few lines', () => {
    const { exitCode, text } = decide(example)
    expect(exitCode).toBe(0)
    expect(text).toMatch(/^permit\n/)
    expect(text).toMatch(/released: Observation\/weight\nwithheld: Observation\/private \(DENIED_BY_GRANT\)$/)
  })

  it('is explained rule by rule, and agrees with the decision', () => {
    const { exitCode, json, text } = explain(example)
    expect({ exitCode, json }).toMatchObject({
      exitCode: 0,
      json: {
        decision: 'permit',
        resources: [
          { ref: 'Observation/weight', outcome: 'released', code: 'PERMITTED', rules: [{ answer: 'yes' }, { answer: 'no' }] },
          { ref: 'Observation/private', outcome: 'withheld', code: 'DENIED_BY_GRANT', rules: [{ answer: 'yes' }, { answer: 'yes' }] },
        ],
      },
    })
    expect(text).toMatch(/Observation\/private: withheld \(DENIED_BY_GRANT: a grant of the patient denies it\)\n {2}rule +matched +because +what it says/)
  })

  it('is explained without resources, and where a consent cannot be represented', () => {
    const { resources: _, ...atAll } = JSON.parse(withConsents(consent('c', treatment)))
    expect(explain(JSON.stringify(atAll)).json).toMatchObject({
      decision: 'permit',
      resources: [{ outcome: 'released', rules: [{ consent: 'Consent/c', rule: 'provision', answer: 'yes' }] }],
    })
    const odd = explain(withConsents(consent('c', treatment), consent('odd', {})))
    expect(odd).toMatchObject({ exitCode: 1, json: { consents: [{ code: 'NOT_REPRESENTABLE', consent: 'Consent/odd' }] } })
    expect(odd.text).toMatch(/NOT_REPRESENTABLE Consent\/odd/)
  })

  it('gives the claims of a token, or says why there is none', () => {
    expect(tokenFor(withConsents(consent('c', treatment)), 'https://fhir.example').json).toMatchObject({
      extensions: { ihe_pcf: { patient_id: 'https://fhir.example/Patient/p1', doc_id: ['https://fhir.example/Consent/c'] } },
    })
    expect(tokenFor(withConsents(consent('c', { type: 'deny' })), undefined)).toMatchObject({ exitCode: 1, text: expect.stringMatching(/^no token: /) })
  })
})
