import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Bytes32, OrganizationId } from '@fiducia/core'
import type { Basis, SubjectKey } from '@fiducia/directory'
import type { FhirResource } from '@fiducia/fhir'
import { batches, groupOf, type OfferedBatch } from '@fiducia/ledger'
import { type LoadResult, openReaders, roleSubjectOf, runLoad } from '@fiducia/node'
import { memberResource, practitionerResource, SAMIR_HADDAD } from '../src/people/index.ts'
import type { Rule } from '../src/story/interception.ts'
import { alder, birch, cedar, CONDITIONS, dune, type Rig } from './rig.ts'

/** Members that load files about Birch's doctor, and what a test asks of the batches that come of it. */
export const DAY = 86_400_000
export const ALL = [alder, birch, cedar, dune] as const
/** NUCC code of a family physician: the code of the role on which the doctor asks. */
const ROLE_CODE = '207Q00000X'

export interface Said {
  readonly basis?: Basis
  readonly origin?: string
  readonly active?: boolean
  readonly code?: string
  /** Milliseconds: when the member saw it so; by default yesterday. */
  readonly observedAt?: number
  /** Instead of the doctor and his role. */
  readonly resources?: readonly FhirResource[]
}

export const folderOf = (rig: Rig, org: OrganizationId): string => path.join(rig.dir, 'nodes', org)

/** The doctor, Birch, and that he works there. */
function doctorAtBirch({ active = true, code = ROLE_CODE }: Said, lastUpdated: string): readonly FhirResource[] {
  const coding = [{ system: 'http://nucc.org/provider-taxonomy', code }]
  const role = { practitioner: { reference: `Practitioner/${SAMIR_HADDAD.id}` }, organization: { reference: 'Organization/birch' } }
  return [
    memberResource('birch'),
    practitionerResource(SAMIR_HADDAD),
    { resourceType: 'PractitionerRole', id: 'role', meta: { lastUpdated }, active, ...role, code: [{ coding }] },
  ]
}

/** A member loads what it says into its node's folder, as `fiducia directory import` does. */
export async function say(rig: Rig, org: OrganizationId, said: Said = {}): Promise<LoadResult> {
  const { clock, random } = rig.stage
  const observedAt = said.observedAt ?? clock.now() - DAY
  const file = path.join(rig.dir, `${org}-${clock.now()}.ndjson`)
  const resources = said.resources ?? doctorAtBirch(said, new Date(observedAt).toISOString())
  writeFileSync(file, resources.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const terms = {
    format: 'fhir',
    origin: said.origin ?? org,
    basis: said.basis ?? (org === birch ? 'own-record' : 'counterparty'),
    group: groupOf(stateOf(rig), org) ?? '',
    isFull: false,
    observedAt,
    mapping: null,
  } as const
  const request = { dir: folderOf(rig, org), files: [file], terms, attester: org, who: 'test', maxChange: 100, isDryRun: false }
  return runLoad(request, { now: () => clock.now(), random, readers: openReaders })
}

/** As Dune, who orders nothing and is asked for nothing, has the ledger. */
export const stateOf = (rig: Rig) => rig.node(dune).services.context.ledger.tip()

/** The subject of what `say` says by default. */
export const subjectOfDoctor = (rig: Rig): SubjectKey => roleSubjectOf(rig.stage.clinician.opening)

/** One round of some members, one after another; then everybody has the newest block. */
export async function round(rig: Rig, orgs: readonly OrganizationId[] = ALL): Promise<void> {
  for (const org of orgs) await rig.node(org).services.batches.run()
  await rig.settle()
}

/** Everything that was said is offered, held and counted. */
export async function exchange(rig: Rig): Promise<void> {
  for (let i = 0; i < 3; i += 1) await round(rig)
}

/** The batch that a member offered last. */
export function newestOf(rig: Rig, org: OrganizationId): OfferedBatch {
  const newest = batches(stateOf(rig))
    .filter((one) => one.org === org)
    .toSorted((one, two) => one.n - two.n)
    .at(-1)
  if (newest === undefined) throw new Error(`\`${org}\` has offered nothing`)
  return newest
}

export interface Asked {
  readonly status: number
  readonly body: string
  /** Everything that Birch got, the receipt with it. */
  readonly received: string
  /** What the patient reads of it. */
  readonly why: string | undefined
}

/** Birch's doctor asks Alder. */
export async function ask(rig: Rig): Promise<Asked> {
  const answer = await rig.ask(CONDITIONS)
  const events = await rig.stage.patient.events(alder)
  return {
    status: answer.status,
    body: answer.body,
    received: JSON.stringify([answer.body, answer.receipt]),
    why: events.at(-1)?.content.decision.withheld[0]?.code,
  }
}

/** Whether a text stands anywhere in a store as it lies on the disk. */
export function isStored(file: string, text: string): boolean {
  return ['', '-wal'].some((end) => existsSync(`${file}${end}`) && readFileSync(`${file}${end}`).includes(text))
}

/** Answers one member's requests to another for a batch. */
export function whenAsked(
  rig: Rig,
  from: OrganizationId | 'anybody',
  holder: OrganizationId,
  answer: (from: number, root: Bytes32) => Uint8Array | number,
): Rule {
  const prefix = `${rig.stage.network.genesis.members[holder]?.endpoint ?? ''}/directory/batches/`
  return (asker, url) => {
    if (!url.startsWith(prefix) || (from !== 'anybody' && asker !== from)) return Promise.resolve(undefined)
    const [root = '', line = ''] = url.slice(prefix.length).split('?from=')
    const given = answer(Number(line), root as Bytes32)
    return Promise.resolve(typeof given === 'number' ? { status: given, bytes: new Uint8Array() } : { status: 200, bytes: given })
  }
}

/** The first of several rules that has an answer. */
export const firstOf =
  (...rules: readonly Rule[]): Rule =>
  async (from, url, message) => {
    for (const rule of rules) {
      const answer = await rule(from, url, message)
      if (answer !== undefined) return answer
    }
    return undefined
  }
