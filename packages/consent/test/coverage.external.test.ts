import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { readFacts, sensitivitySubsumes } from '../src/index.ts'

interface Rule {
  readonly labels: readonly { readonly code: string }[]
  readonly codeSets: readonly { readonly codes: readonly { readonly system: string; readonly code: string; readonly confidence: number }[] }[]
}

const data = process.env['FIDUCIA_DATA'] ?? '../shared/data'

/** Labels of ours that answer a label of the list; the list's `SEX` and `GDIS` stand for what is below our neighbors too. */
const ANSWERS: { readonly [label: string]: readonly string[] } = {
  SUD: ['SUD', 'ETH'],
  BH: ['BH'],
  SEX: ['SEX', 'STD', 'PREGNANT'],
  VIO: ['VIO', 'SDV', 'MST'],
  GDIS: ['GDIS', 'SCA'],
  HIV: ['HIV'],
}

it('measures the rules against a list that others made', () => {
  const { rules } = JSON.parse(readFileSync(path.join(data, 'labels/sensitivity-rules.default.json'), 'utf8')) as { readonly rules: readonly Rule[] }
  const lines = rules.flatMap(({ labels, codeSets }) => {
    const label = labels[0]?.code ?? ''
    const answers = ANSWERS[label]
    if (answers === undefined) return []
    const codes = codeSets.flatMap((set) => set.codes).filter(({ confidence }) => confidence === 1)
    const found = codes.filter(({ system, code }) => {
      const facts = readFacts({ resourceType: 'Basic', id: '1', code: { coding: [{ system, code }] } })
      return facts?.sensitivity.some((given) => answers.some((general) => sensitivitySubsumes(general, given))) === true
    })
    return [`${label}: ${found.length} of ${codes.length} codes`]
  })
  process.stdout.write(`label rules against the list: ${lines.join(' · ')}\n`)
  expect(lines.length).toBeGreaterThanOrEqual(5)
})

it('reads every synthetic resource, and finds the sensitive ones', () => {
  const file = path.join(data, 'consent/ihe-pcf/Observation-ex-alcoholUse.json')
  expect(readFacts(JSON.parse(readFileSync(file, 'utf8')))).toMatchObject({ confidentiality: 'R', sensitivity: ['ETHUD'], categories: ['substance-use'] })
})
