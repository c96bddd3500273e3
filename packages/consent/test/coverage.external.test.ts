import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRosa, generatePeople } from '../../testkit/src/people/index.ts'
import { CATEGORIES, check, compile, isKnownSensitivity, type Question, readFacts, type ResourceFacts, sensitivitySubsumes } from '../src/index.ts'
import { explainLabels } from '../src/labels/coverage.ts'
import { RULE_SET } from '../src/labels/rules/index.ts'

const data = process.env['FIDUCIA_DATA'] ?? '../shared/data'
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(data, file), 'utf8'))
const print = (line: string) => process.stdout.write(`${line}\n`)

// ---- a list that others made --------------------------------------------------------------------------------------------

interface Rule {
  readonly labels: readonly { readonly code: string }[]
  readonly codeSets: readonly { readonly codes: readonly { readonly system: string; readonly code: string; readonly confidence: number }[] }[]
}

/** Labels of ours that answer a label of the list; the list's `SEX` and `GDIS` stand for what is beside ours too. */
const ANSWERS: { readonly [label: string]: readonly string[] } = {
  SUD: ['SUD', 'ETH'],
  BH: ['BH'],
  SEX: ['SEX', 'STD', 'PREGNANT'],
  VIO: ['VIO', 'SDV', 'MST'],
  GDIS: ['GDIS', 'SCA'],
}

const question: Question = {
  actor: { identifiers: ['npi|1'], organization: 'birch', roles: [] },
  purposes: ['TREAT'],
  action: 'read',
  at: 0,
  default: 'all-treatment',
  careRelationship: true,
}
const denials = CATEGORIES.map((category) => compile({ v: 1, grants: [{ effect: 'deny', data: { categories: [category] } }] }, question))

const carries = (facts: ResourceFacts, labels: readonly string[]) =>
  facts.sensitivity.some((given) => labels.some((general) => sensitivitySubsumes(general, given)))
const isUnderEveryTopic = (facts: ResourceFacts) =>
  facts.confidentiality === 'R' &&
  facts.sensitivity.some((code) => !isKnownSensitivity(code)) &&
  denials.every((denial) => check(denial, facts).effect === 'deny')

describe('a list that others made', () => {
  const { rules } = read('labels/sensitivity-rules.default.json') as { readonly rules: readonly Rule[] }

  it.each(Object.entries(ANSWERS))('%s: every code of full confidence is caught', (label, answers) => {
    const codes = rules.filter(({ labels }) => labels[0]?.code === label).flatMap(({ codeSets }) => codeSets.flatMap(({ codes: all }) => all))
    const sure = codes.filter(({ confidence }) => confidence === 1)
    const caught = sure.map(({ system, code }) => readFacts({ resourceType: 'Basic', id: '1', code: { coding: [{ system, code }] } }))
    const labelled = caught.filter((facts) => facts !== undefined && carries(facts, answers)).length
    const unidentified = caught.filter((facts) => facts !== undefined && !carries(facts, answers) && isUnderEveryTopic(facts)).length
    print(`labels, confidence 1, ${label}: ${sure.length} codes, ${labelled} labelled with the topic, ${unidentified} unidentified (under every topic)`)
    expect(labelled + unidentified).toBe(sure.length)
    if (label !== 'SUD') expect(labelled).toBe(sure.length)
  })
})

// ---- records of others and of ours ----------------------------------------------------------------------------------------

interface Entry {
  readonly resource?: unknown
}
const bundles = (folder: string): readonly unknown[] =>
  readdirSync(path.join(data, folder)).flatMap((file) =>
    ((read(`${folder}/${file}`) as { entry?: readonly Entry[] }).entry ?? []).map(({ resource }) => resource),
  )

const RECORDS = {
  Synthea: bundles('records/synthea'),
  IPS: bundles('records/ips'),
  ours: [createRosa().person, ...generatePeople('label precision', 60)].flatMap(({ records }) => Object.values(records).flat()),
}

/** Codes of these records that our rules label, each read once by a person: it is about the topic. */
const REVIEWED: { readonly [topic: string]: string } = {
  'substance use': '55680006 60112009 61480009 266707007 56876005 226138001 74013-4 191813001 F10.21 66590003 F10.20 7243',
  pregnancy: '424441002 72892002 19169002 252160004 169230002 424619006 79586000 156073000 10162-6 82810-3 60001007 Z34.90',
  abortion: '10383002 714812005 386394001 5880005',
  contraception:
    '748962 757594 1000126 1000156 169553002 389221 807283 65200003 755621000000101 751905 1856546 749785 748856 978950 1534809 749762 68254000 1367439',
  'mental health': '171207006 370143000 F32.1 F32.9 44261-6 36437 21897009 F41.1 321988',
  hiv: '',
}
const reviewed = new Set(Object.values(REVIEWED).flatMap((codes) => codes.split(' ')))

describe.each(Object.entries(RECORDS))('precision on the records of %s', (name, resources) => {
  const explained = resources.flatMap((resource) => explainLabels(resource, RULE_SET, { narrativeRemoved: true }) ?? [])

  it('labels nothing that nobody reviewed, and knows every drug', () => {
    const codings = explained.flatMap(({ codes }) => codes)
    const labelled = codings.filter(({ labels }) => labels.length > 0)
    const byCode = Map.groupBy(labelled, ({ code = '', display = '', labels }) => `${code} ${display} ${labels.join(' ')}`)
    print(`\nlabels, ${name}: ${explained.length} of ${resources.length} resources read, ${codings.length} codes, ${labelled.length} labelled`)
    for (const [code, found] of [...byCode].sort(([, a], [, b]) => b.length - a.length)) print(`${String(found.length).padStart(6)} ${code}`)
    expect(labelled.filter(({ code }) => code !== undefined && !reviewed.has(code)).map(({ code, display }) => `${code} ${display}`)).toEqual([])
    expect(codings.filter(({ unidentified }) => unidentified).map(({ code, display }) => `${code} ${display}`)).toEqual([])
  })

  it('restricts few resources by rules, and says what the rest is restricted by', () => {
    const byRaise = Map.groupBy(
      explained.filter(({ raisedBy }) => raisedBy.length > 0),
      ({ raisedBy }) => raisedBy.join(' + '),
    )
    print(`labels, ${name}: ${[...byRaise].map(([raise, found]) => `${raise} ${found.length}`).join(' · ')}`)
    const byRules = explained.filter(({ raisedBy }) => raisedBy.some((raise) => raise === 'rule' || raise === 'combination' || raise === 'unidentified-drug'))
    print(
      `labels, ${name}: ${byRules.length} of ${explained.length} resources restricted by our rules, ${((byRules.length * 100) / explained.length).toFixed(1)} %`,
    )
    expect(byRules.length / explained.length).toBeLessThan(0.15)
  })

  it('without a display: what it would cost to take unlisted SNOMED and LOINC codes for unidentified', () => {
    const bare = explained.filter(({ codes }) =>
      codes.some(({ system = '', display, match }) => JUDGED_BARE.has(system) && display === undefined && match === 'none'),
    )
    print(`labels, ${name}: ${bare.length} resources have a SNOMED or LOINC code that is neither listed nor named`)
    expect(bare.length).toBeLessThan(explained.length)
  })

  it('explains what readFacts says', () => {
    for (const resource of resources) {
      const [facts, explanation] = [readFacts(resource), explainLabels(resource)]
      expect(explanation === undefined ? undefined : [explanation.ref, explanation.confidentiality, explanation.sensitivity]).toEqual(
        facts === undefined ? undefined : [facts.ref, facts.confidentiality, facts.sensitivity],
      )
      if (explanation === undefined || facts === undefined) continue
      expect(explanation.raisedBy.length > 0).toBe(facts.confidentiality === 'R' || facts.confidentiality === 'V')
      expect(explanation.codes.filter(({ known }) => known !== 'text').map(({ system = '', code }) => `${system}|${code}`)).toEqual(facts.codes)
    }
  })
})

const JUDGED_BARE: ReadonlySet<string> = new Set(['http://snomed.info/sct', 'http://loinc.org'])
