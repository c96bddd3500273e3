import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Policy, parsePolicy } from '@fiducia/consent'
import { InputError, shape } from '@fiducia/core'
import { createWorld, exportConsent, importConsent, type Profile } from '@fiducia/fhir'
import { describe, expect, it } from 'vitest'

/** Consents that others wrote, read and written again: what is accepted comes back, and what is not is refused with a reason. */
const data = process.env['FIDUCIA_DATA'] ?? '../shared/data'

const readJson = (file: string): { readonly [name: string]: unknown } => JSON.parse(readFileSync(file, 'utf8'))
const consentsIn = (folder: string) =>
  readdirSync(path.join(data, 'consent', folder))
    .filter((name) => name.startsWith('Consent-'))
    .map((name) => [name, readJson(path.join(data, 'consent', folder, name))] as const)

/** Between servers somebody is known by identifiers, which the examples leave out. */
const people = createWorld(
  [
    'Practitioner/ex-practitioner',
    'Organization/ex-org-researcher',
    'Practitioner/f204',
    'Practitioner/13',
    'Organization/f001',
    'Practitioner/xcda-author',
    'Group/ex-privilegedUsers',
  ].map((name) => {
    const [resourceType = '', id = ''] = name.split('/')
    return { resourceType, id, actual: true, identifier: [{ system: 'urn:example', value: id }] }
  }),
)

const envelope = {
  patient: 'Patient/1',
  performer: 'Patient/1',
  organization: 'Organization/1',
  source: 'DocumentReference/1',
  policyUri: 'urn:example:policy',
  dateTime: '2024',
}

function read(consent: unknown, profile: Profile): Policy {
  const grants = importConsent(consent, { profile, world: people, contained: [], at: Date.UTC(2024, 0, 1), byTypeAndId: false }).map(({ grant }) => grant)
  return parsePolicy({ v: 1, grants })
}

const mentionsSomebody = (consent: unknown): boolean =>
  /"(?:Practitioner|Organization|Group)\//.test(JSON.stringify(shape.isObject(consent) ? consent['provision'] : ''))

describe('IHE PCF', () => {
  it.each(consentsIn('ihe-pcf'))('%s comes back as it was', (name, consent) => {
    const written = exportConsent(read(consent, 'pcf'), 'pcf', envelope)
    expect(read(written, 'pcf')).toEqual(read(consent, 'pcf'))
    // A permit for N or R is one for R; somebody comes back by identifier.
    if (!mentionsSomebody(consent) && !name.includes('normal-restricted')) expect(written['provision']).toEqual(consent['provision'])
  })
})

describe('HL7 R4', () => {
  const refused: string[] = []
  it.each(consentsIn('hl7-r4'))('%s comes back with the same meaning, or is refused with a reason', (name, consent) => {
    let policy: Policy
    try {
      policy = read(consent, 'r4')
    } catch (error) {
      expect(error).toBeInstanceOf(InputError)
      refused.push(name)
      return
    }
    expect(read(exportConsent(policy, 'r4', envelope), 'r4')).toEqual(policy)
  })

  it('refuses the three whose period says either of two things', () => {
    expect(refused).toEqual(['basic', 'notTime', 'smartonfhir'].map((name) => `Consent-consent-example-${name}.json`))
  })
})
