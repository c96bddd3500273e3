import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepareView, type Row, type View } from '@fiducia/fhir'
import { createRosa, generatePeople } from '../packages/testkit/src/people/index.ts'
import { installBeside } from '../scripts/install-beside.ts'
import { root } from '../scripts/run.ts'
import { median, perSecond, printTable, times, timed } from './measure.ts'

/**
 * Two views over parsed resources: a flat one of observations, and one of patients that takes names apart. Compared with the
 * same views by Medplum's engine, with the same rows written by hand in TypeScript, and with reading the resources from JSON.
 */
const COUNT = 20_000
const ROUNDS = 9

const column = (name: string, path: string) => ({ name, path })

const OBSERVATIONS = {
  resource: 'Observation',
  status: 'active',
  where: [{ path: "status = 'final'" }],
  select: [
    {
      column: [
        column('id', 'id'),
        column('patient', 'subject.reference'),
        column('code', "code.coding.where(system = 'http://loinc.org').first().code"),
        column('value', 'value.ofType(Quantity).value'),
        column('unit', 'value.ofType(Quantity).unit'),
        column('at', 'effective.ofType(dateTime)'),
      ],
    },
  ],
}

const PATIENTS = {
  resource: 'Patient',
  status: 'active',
  constant: [{ name: 'use', valueCode: 'official' }],
  select: [
    { column: [column('id', 'id'), column('gender', 'gender'), column('born', 'birthDate')] },
    { forEach: 'name.where(use = %use)', column: [column('family', 'family'), column('given', "given.join(' ')")] },
    { forEachOrNull: 'address', column: [column('city', 'city')] },
  ],
}

// ---- the same by hand -------------------------------------------------------------------------------------------------

interface Observation {
  readonly id?: string
  readonly status?: string
  readonly subject?: { readonly reference?: string }
  readonly code?: { readonly coding?: readonly { readonly system?: string; readonly code?: string }[] }
  readonly valueQuantity?: { readonly value?: number; readonly unit?: string }
  readonly effectiveDateTime?: string
}

function observationByHand(one: Observation): Row[] {
  if (one.status !== 'final') return []
  const coding = one.code?.coding?.find(({ system }) => system === 'http://loinc.org')
  return [
    {
      id: one.id ?? null,
      patient: one.subject?.reference ?? null,
      code: coding?.code ?? null,
      value: one.valueQuantity?.value ?? null,
      unit: one.valueQuantity?.unit ?? null,
      at: one.effectiveDateTime ?? null,
    },
  ]
}

interface Patient {
  readonly id?: string
  readonly gender?: string
  readonly birthDate?: string
  readonly name?: readonly { readonly use?: string; readonly family?: string; readonly given?: readonly string[] }[]
  readonly address?: readonly { readonly city?: string }[]
}

function patientByHand({ id, gender, birthDate, name = [], address = [] }: Patient): Row[] {
  const cities = address.length === 0 ? [null] : address.map(({ city }) => city ?? null)
  return name
    .filter(({ use }) => use === 'official')
    .flatMap(({ family, given = [] }) =>
      cities.map((city) => ({ id: id ?? null, gender: gender ?? null, born: birthDate ?? null, family: family ?? null, given: given.join(' '), city })),
    )
}

// ---- measured ---------------------------------------------------------------------------------------------------------

type Medplum = (view: object, resources: readonly unknown[]) => readonly Row[]

/** Medplum's engine is no dependency of the project: it lies beside it, and is loaded by its place. */
async function medplum(): Promise<Medplum> {
  if (!installBeside('medplum', 'Medplum')) throw new Error('Medplum could not be installed')
  const place = path.join(root, 'tools', 'medplum', 'node_modules', '@medplum', 'core', 'dist', 'esm', 'index.mjs')
  const { evalSqlOnFhir } = (await import(pathToFileURL(place).href)) as { readonly evalSqlOnFhir: Medplum }
  return evalSqlOnFhir
}

const people = [createRosa().person, ...generatePeople('fiducia bench', 24)].flatMap(({ records }) => Object.values(records).flat())
const ofType = (type: string): readonly unknown[] => {
  const found = people.filter(({ resourceType }) => resourceType === type)
  return Array.from({ length: COUNT }, (_, i) => found[i % found.length])
}

const rowsOf = (view: View, resources: readonly unknown[]): readonly Row[] => {
  const all: Row[] = []
  for (const resource of resources) for (const row of view.rowsOf({ resource, at: '' })) all.push(row)
  return all
}

async function compare(title: string, definition: { readonly resource: string }, byHand: (resource: object) => readonly Row[], theirs: Medplum): Promise<void> {
  const resources = ofType(definition.resource)
  const texts = resources.map((resource) => JSON.stringify(resource))
  const view = prepareView(definition)
  const works = {
    ours: () => rowsOf(view, resources),
    medplum: () => theirs(definition, resources),
    hand: () => resources.flatMap((resource) => byHand(resource as object)),
    parsed: () => texts.map((text) => JSON.parse(text) as unknown),
  }
  const [expected, ...others] = [works.ours, works.medplum, works.hand].map((work) => JSON.stringify(work()))
  if (others.some((other) => other !== expected)) throw new Error(`${title}: the engines give different rows`)
  const samples: Record<keyof typeof works, number[]> = { ours: [], medplum: [], hand: [], parsed: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ['ours', 'medplum', 'hand', 'parsed'] as const) samples[name].push(await timed(works[name]))
  }
  const took = (name: keyof typeof works) => median(samples[name])
  const rate = (name: keyof typeof works) => perSecond(COUNT, took(name))
  printTable(`view: ${title}, ${COUNT} resources of ${Math.round(texts.join('').length / COUNT)} bytes, ${works.ours().length} rows`, [
    {
      what: 'resources to rows',
      measured: rate('ours'),
      goal: '>= 100,000/s',
      comparedWith: `written by hand, ${rate('hand')}: ${times(took('ours'), took('hand'))} the time`,
    },
    { what: 'the same by Medplum', measured: rate('medplum'), goal: 'ours at least 2 times as fast', comparedWith: times(took('medplum'), took('ours')) },
    { what: 'JSON.parse of the same resources', measured: rate('parsed'), comparedWith: `ours takes ${times(took('ours'), took('parsed'))} its time` },
  ])
}

const engine = await medplum()
await compare('observations, flat', OBSERVATIONS, observationByHand, engine)
await compare('patients, a row for each name and address', PATIENTS, patientByHand, engine)
