import { describe, expect, it } from 'vitest'
import { readFacts } from '../read-facts.ts'
import { judge } from '../rule-set.ts'
import { RULE_SET, TABLES } from './index.ts'

const SYSTEMS = {
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  icd: 'http://hl7.org/fhir/sid/icd-10-cm',
  who: 'http://hl7.org/fhir/sid/icd-10',
  icd11: 'http://id.who.int/icd/release/11/mms',
  icpc: 'http://hl7.org/fhir/sid/icpc-2',
  atc: 'http://www.whocc.no/atc',
  nucc: 'http://nucc.org/provider-taxonomy',
  role: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
  serviceType: 'http://terminology.hl7.org/CodeSystem/service-type',
  interpretation: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
  local: 'urn:local',
} as const
type System = keyof typeof SYSTEMS

const coding = (system: System, code: string, display?: string) => ({ system: SYSTEMS[system], code, ...(display === undefined ? {} : { display }) })
const labelsFor = (system: System, code: string, display?: string) => {
  const { labels, unidentified } = judge(RULE_SET, SYSTEMS[system], code, display)
  return [...labels, ...(unidentified ? ['UNIDENTIFIED'] : [])].sort().join(' ')
}
const outcome = (resource: object) => {
  const facts = readFacts({ id: '1', ...resource }, RULE_SET, { narrativeRemoved: true })
  return facts === undefined ? 'unreadable' : [facts.confidentiality, ...facts.sensitivity.toSorted()].join(' ')
}

describe('words of a display', () => {
  it.each<[display: string, labels: string]>([
    ['Problem drinker of alcohol', 'ETHUD'],
    ['Chronic paranoid schizophrenia', 'PSY'],
    ['Opioid-induced constipation', 'OPIOIDUD'],
    ['Heroin poisoning', 'OPIOIDUD'],
    ['HIV 1 RNA [#/volume] in Plasma', 'HIV'],
    ['Pregnant', 'PREGNANT'],
    ['Contraceptive sponge', 'SEX'],
    ['Gonorrhoea of pharynx', 'STD'],
    ['Genetic carrier screening', 'GDIS'],
    ['Abuse of steroids', 'SDV SUD'],
    ['Cocaine abuse', 'SUD'],
    ['Abused child', 'SDV VIO'],
    ['Victim of domestic violence', 'SDV VIO'],
    ['Methadone [Presence] in Urine', 'OPIOIDUD'],
    ['Product containing buprenorphine', 'OPIOIDUD'],
    // ---- false friends
    ['Alcohol swab', ''],
    ['Cleansing with isopropyl alcohol', ''],
    ['Non-alcoholic fatty liver', ''],
    ['Family history of malignant neoplasm of breast', ''],
    ['Family history: Hypertension', ''],
    ['Drug allergy', ''],
    ['No known drug allergy', ''],
    ['Tobacco abuse', ''],
    ['ST depression on electrocardiogram', ''],
    ['Respiratory depression', ''],
    ['Hearing aids', ''],
    ['Photophobia', ''],
    ['Condom catheter', ''],
    ['Human poliovirus', ''],
    ['Chlamydia pneumoniae antibody', ''],
    ['Fetal hemoglobin', ''],
    ['Alpha-fetoprotein', ''],
    ['Gender', ''],
    ['Generalized edema', ''],
    ['Mental nerve block', ''],
    ['Bipolar hip prosthesis', ''],
    ['Hepatitis C virus genotype', ''],
  ])('%s', (display, labels) => {
    expect(labelsFor('snomed', '138875005', display)).toBe(labels)
    expect(labelsFor('loinc', '29463-7', display)).toBe(labels)
  })

  it('never take a label from a code', () => {
    expect(labelsFor('snomed', '5602001', 'Alcohol swab')).toBe('OPIOIDUD')
    expect(labelsFor('rxnorm', '6813', 'Acetaminophen 325 MG Oral Tablet')).toBe('OPIOIDUD')
  })

  it('speak in systems that nobody knows, in texts instead of codes and in texts beside them', () => {
    expect(outcome({ resourceType: 'Condition', code: { coding: [coding('local', 'x', 'HIV infection')] } })).toBe('R HIV')
    expect(outcome({ resourceType: 'Condition', code: { text: 'Cocaine abuse' } })).toBe('R SUD')
    expect(outcome({ resourceType: 'Condition', code: { coding: [coding('icd', 'I10')], text: 'hypertension, alcoholic' } })).toBe('R ETHUD')
    expect(outcome({ resourceType: 'Condition', code: { coding: [{ display: 'Suicidal' }] } })).toBe('R PSY')
  })
})

describe('a drug', () => {
  const order = (medicationCodeableConcept: object, more: object = {}) => outcome({ resourceType: 'MedicationRequest', medicationCodeableConcept, ...more })

  it.each<[what: string, concept: object, expected: string]>([
    ['ordinary by name', { coding: [coding('rxnorm', '1', 'Acetaminophen 325 MG Oral Tablet')] }, 'N'],
    ['ordinary by code', { coding: [coding('rxnorm', '313782')] }, 'N'],
    ['ordinary by its stem', { coding: [coding('ndc', '1', 'Zofenopril 30 MG')] }, 'N'],
    ['ordinary by the text', { coding: [coding('rxnorm', '1')], text: 'lisinopril 10 mg' }, 'N'],
    ['ordinary by the coding beside it', { coding: [coding('ndc', '1'), coding('rxnorm', '29046', 'lisinopril')] }, 'N'],
    ['a code and nothing else', { coding: [coding('rxnorm', '1')] }, 'R UNIDENTIFIED'],
    ['a national code and nothing else', { coding: [coding('ndc', '0054-0176-25')] }, 'R UNIDENTIFIED'],
    ['a brand that nobody knows', { coding: [coding('rxnorm', '1', 'Xyzzyvax 28 Day Pack')] }, 'R UNIDENTIFIED'],
    ['half of it known', { coding: [coding('rxnorm', '1', 'Acetaminophen 325 MG / xyzzydone 5 MG Oral Tablet')] }, 'R UNIDENTIFIED'],
    ['known by a salt only', { coding: [coding('rxnorm', '1', 'xyzzydone sodium 5 MG')] }, 'R UNIDENTIFIED'],
    ['sensitive and half of it known', { coding: [coding('rxnorm', '1', 'oxycodone 5 MG / xyzzy 5 MG')] }, 'R OPIOIDUD UNIDENTIFIED'],
    ['a brand of ours', { coding: [coding('rxnorm', '1', 'Sublocade')] }, 'R OPIOIDUD'],
    ['a stem of ours before an ordinary one', { coding: [coding('rxnorm', '1', 'Brexpiprazole 2 MG')] }, 'R PSY'],
    ['in another language', { coding: [coding('rxnorm', '1', 'Methadon 5 mg Tabletten')] }, 'R OPIOIDUD'],
    ['a bare concept', { coding: [coding('snomed', '138875005')] }, 'R UNIDENTIFIED'],
    ['a concept with its name', { coding: [coding('snomed', '108575001', 'Product containing lisinopril')] }, 'N'],
    ['a class that shows what it is', { coding: [coding('atc', 'C09AA03')] }, 'N'],
    ['a sensitive class', { coding: [coding('atc', 'N07BC02')] }, 'R OPIOIDUD'],
    ['words without a code, known', { text: 'lisinopril' }, 'R'],
    ['words without a code, unknown', { text: 'the usual' }, 'R UNIDENTIFIED'],
  ])('%s', (_, concept, expected) => {
    expect(order(concept)).toBe(expected)
  })

  it('in another resource is unknown, in a contained one is read', () => {
    const contained = [{ resourceType: 'Medication', id: 'm', code: { coding: [coding('rxnorm', '29046', 'lisinopril')] } }]
    expect(outcome({ resourceType: 'MedicationRequest', medicationReference: { reference: 'Medication/1' } })).toBe('R UNIDENTIFIED')
    expect(outcome({ resourceType: 'MedicationRequest', contained, medicationReference: { reference: '#m' } })).toBe('R')
  })
})

describe('combinations', () => {
  const drug = (display: string, reason: object = {}) =>
    outcome({ resourceType: 'MedicationRequest', medicationCodeableConcept: { coding: [coding('rxnorm', '1', display)] }, reasonCode: [reason] })
  const why = (display: string) => ({ coding: [coding('snomed', '138875005', display)] })

  it.each<[drug: string, reason: string, together: string]>([
    ['azithromycin 500 MG', 'Nongonococcal urethritis', 'R STD'],
    ['atovaquone 750 MG', 'Prevention of Pneumocystis', 'R HIV'],
    ['prazosin 1 MG', 'Nightmares', 'R PSY'],
    ['lamotrigine 25 MG', 'Mood swings', 'R PSY'],
    ['baclofen 10 MG', 'Craving', 'R ETHUD SUD'],
    ['clonidine 0.1 MG', 'Withdrawal symptoms', 'R OPIOIDUD'],
    ['hydroxyurea 500 MG', 'Anemia', 'R GDIS SCA'],
    ['deferasirox 360 MG', 'Anemia', 'R GDIS'],
    ['olaparib 150 MG', 'Malignant neoplasm of breast', 'R GDIS'],
    ['letrozole 2.5 MG', 'Anovulation', 'R SEX'],
  ])('%s for %s', (name, reason, together) => {
    expect(drug(name, why(reason))).toBe(together)
    expect(drug(name, why('Hypertension'))).toBe('N')
    expect(drug('lisinopril 10 MG', why(reason))).toBe('N')
  })

  it('of ingredients, of a test with its result, of a specialty with a visit', () => {
    expect(drug('Dextromethorphan 20 MG / quinidine 10 MG Oral Capsule')).toBe('R MH')
    expect(drug('Dextromethorphan 20 MG')).toBe('N')
    const test = (interpretation: string) =>
      outcome({
        resourceType: 'Observation',
        code: { coding: [coding('loinc', '30167-1', 'Human papilloma virus DNA (HPV)')] },
        interpretation: [{ coding: [coding('interpretation', interpretation)] }],
      })
    expect([test('POS'), test('NEG')]).toEqual(['R STD', 'N'])
    const visit = (specialty: string, type: string) =>
      outcome({ resourceType: 'Encounter', type: [why(type)], serviceType: { coding: [coding('nucc', specialty)] } })
    expect([visit('104100000X', 'Counseling'), visit('1041S0200X', 'Counseling'), visit('104100000X', 'Home visit')]).toEqual(['R MH', 'R MH', 'N'])
    expect([visit('207V00000X', 'Ultrasound'), visit('207R00000X', 'Ultrasound')]).toEqual(['R PREGNANT', 'N'])
  })

  it('only add', () => {
    expect(drug('naltrexone 8 MG / bupropion 90 MG', why('Obesity'))).toBe('R PSY SUD')
    expect(drug('methadone 10 MG', why('Chronic pain'))).toBe('R OPIOIDUD')
  })
})

describe('kinds of visits and specialties', () => {
  it.each<[what: string, resource: object, expected: string]>([
    ['a specialty', { resourceType: 'PractitionerRole', specialty: [{ coding: [coding('nucc', '2084P0800X')] }] }, 'R PSY'],
    ['an ordinary specialty', { resourceType: 'PractitionerRole', specialty: [{ coding: [coding('nucc', '207Q00000X')] }] }, 'N'],
    ['a type of encounter', { resourceType: 'Encounter', type: [{ coding: [coding('snomed', '424619006')] }] }, 'R PREGNANT'],
    ['a service type', { resourceType: 'Encounter', serviceType: { coding: [coding('serviceType', '1', 'Drug and/or Alcohol Counselling')] } }, 'R ETHUD'],
    ['a class', { resourceType: 'Encounter', class: coding('role', 'PSYCHF') }, 'R PSY'],
    ['an ordinary class', { resourceType: 'Encounter', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' } }, 'N'],
  ])('%s', (_, resource, expected) => {
    expect(outcome(resource)).toBe(expected)
  })
})

describe('codes', () => {
  it.each<[system: System, code: string, labels: string]>([
    ['icd', 'F1020', 'ETHUD'],
    ['icd', 'O99324', 'PREGNANT SUD'],
    ['icd', ' f33.1', 'PSY'],
    ['who', 'B24', 'HIV'],
    ['who', 'X65', 'PSY'],
    ['icd11', '6C43.2', 'MH OPIOIDUD SUD'],
    ['icd11', '1C62.0', 'HIV'],
    ['icpc', 'P19', 'MH SUD'],
    ['atc', 'G02CX04', ''],
    ['snomed', '124171000119105', ''],
  ])('%s %s', (system, code, labels) => {
    expect(labelsFor(system, code)).toBe(labels)
  })
})

describe('the tables', () => {
  const luhn = (digits: string) => {
    const sum = [...digits]
      .reverse()
      .map(Number)
      .reduce((total, digit, i) => total + (i % 2 === 0 ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit), 0)
    return (10 - (sum % 10)) % 10
  }
  const listed = (system: string) =>
    TABLES.filter((table) => table.system === system && table.match === 'code').flatMap(({ rows }) => rows.map(([code]) => code))

  it('have LOINC codes with their check digit', () => {
    for (const code of listed(SYSTEMS.loinc).filter((one) => !one.startsWith('L'))) {
      const [digits = '', check] = code.split('-')
      expect(String(luhn(digits)), code).toBe(check)
    }
  })

  it('have SNOMED CT identifiers with their check digit', () => {
    for (const code of listed(SYSTEMS.snomed)) expect(verhoeff(code), code).toBe(0)
  })

  it('have each row once, and labels that are known', () => {
    for (const { system, match, source, rows } of TABLES) expect(new Set(rows.map(([code]) => code)).size, `${system} ${match} ${source}`).toBe(rows.length)
    const labels = new Set(
      TABLES.flatMap(({ rows }) => rows.flatMap(([, given]) => given.split(' '))).filter((label) => label !== '' && !label.startsWith('+')),
    )
    const known = ['SUD', 'ETHUD', 'OPIOIDUD', 'BH', 'MH', 'PSY', 'PSYTHPN', 'COGN', 'DVD', 'HIV', 'SEX', 'STD', 'PREGNANT', 'SDV', 'VIO', 'GDIS', 'SCA']
    expect([...labels].filter((label) => !known.includes(label))).toEqual([])
  })

  it('say where every row comes from, and combinations ask for marks that some row gives', () => {
    for (const { source, version } of TABLES) expect(source.length * version.length).toBeGreaterThan(0)
    const marks = new Set(TABLES.flatMap(({ rows }) => rows.flatMap(([, given]) => given.split(' '))))
    for (const { needs } of RULE_SET.combinations) for (const mark of needs) expect(marks, mark).toContain(mark)
  })
})

/** The dihedral check of SNOMED CT identifiers; 0 for a valid one. */
function verhoeff(digits: string): number {
  const multiply = (a: number, b: number) => (a < 5 ? (b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5) : b < 5 ? ((a - b + 5) % 5) + 5 : (a - b + 5) % 5)
  const step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
  return [...digits].reverse().reduce((check, digit, place) => {
    let permuted = Number(digit)
    for (let i = 0; i < place % 8; i += 1) permuted = step[permuted] ?? 0
    return multiply(check, permuted)
  }, 0)
}
