import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { type Basis, type FindingCode, type FieldState, parseFieldName, resolveSubject } from '@fiducia/directory'
import type { FhirResource } from '@fiducia/fhir'
import { batches, batchStatus } from '@fiducia/ledger'
import { attestationsOf, type LoadResult, openExistingDirectory, openReaders, roleSubjectOf, runLoad } from '@fiducia/node'
import type { Network } from '../network/network.ts'
import { ALDER, BIRCH, DEMO_MEMBERS, DUNE, nameOf } from '../network/plan.ts'
import { createRoster, DEMO_ORGANIZATIONS, SAMIR_HADDAD, staffFile } from '../people/index.ts'
import { expectStory, type Narrator } from './narrator.ts'
import { groupOfOrg, type Stage } from './stage.ts'
import { CONDITIONS, expectWithheld, firstHolder } from './steps.ts'

/** The provider directory in the story: four files become one directory, and what it says of a practitioner's role decides. */

const PRACTITIONERS = 2_000

/** How each organization knows of those who are not its own: a payer as the other side of their contracts. */
const BASIS_OF_OTHERS = (org: string): Basis => (org === 'dune' ? 'counterparty' : 'observed')

export async function tellDirectory(stage: Stage, narrator: Narrator): Promise<void> {
  const { network, clock } = stage

  await narrator.tell('directory-attested', async () => {
    const roster = createRoster('roster', clock.now(), PRACTITIONERS)
    const loads: LoadResult[] = []
    for (const name of DEMO_ORGANIZATIONS) {
      const org = memberOf(name)
      const { own, others } = roster.of(name)
      loads.push(await loadFile(stage, org, { name: 'own-staff', resources: own, basis: 'own-record' }))
      loads.push(await loadFile(stage, org, { name: 'other-providers', resources: others, basis: BASIS_OF_OTHERS(name) }))
    }
    await network.exchangeBatches()
    const counted = countedBatches(network)
    expectStory(counted.length >= DEMO_MEMBERS.length, `the batches of all members should count, found ${counted.length}`)
    await stage.publish()
    const sample = await network.node(DUNE.org).services.directoryEvidence.sample({ days: 90, size: 100 })
    const state = roleState(stage)
    expectStory(state === 'verified', `the role of the clinician should be verified, found ${state}`)
    const found = (code: FindingCode) => sumOf(loads, ({ findings }) => findings[code] ?? 0)
    const read = sumOf(loads, (load) => load.read)
    const faults = `${found('NPI_CHECK_DIGIT')} wrong NPIs and ${found('DUPLICATE_ROW')} duplicates among them`
    return {
      detail: `The four members load their provider files: ${read} records of ${PRACTITIONERS} practitioners, ${faults} found and told. ${sumOf(counted, ({ count }) => count)} statements in ${counted.length} batches: the ledger has their roots, every member has fetched and checked the rest. Dr. Haddad's role at ${nameOf(BIRCH.org)} is verified: ${nameOf(BIRCH.org)} says so of its own staff, ${nameOf(DUNE.org)} as the payer. A sample of what ${nameOf(DUNE.org)} says, drawn by a block, is for an auditor to count again.`,
      proof: stage.keepProof('07-directory-sample', sample),
    }
  })

  await narrator.tell('role-departed-refused', async () => {
    await sayOfClinician(stage, 'departed')
    const { answer, n, proof } = await askAgain(stage, '08-refused-departed')
    expectStory(answer.status === 403, `the request should have been refused, found status ${answer.status}`)
    await expectWithheld(stage, firstHolder(stage), n, ['ROLE_DEPARTED'])
    return {
      detail: `The next file of ${nameOf(BIRCH.org)} says that Dr. Haddad has left. His request, granted before, is refused; ${stage.cast.patient} reads why, ${nameOf(BIRCH.org)} only that it was.`,
      proof,
    }
  })

  await narrator.tell('role-corrected-granted', async () => {
    await sayOfClinician(stage, 'active')
    const { answer, proof } = await askAgain(stage, '09-granted-again')
    expectStory(answer.status === 200, `the request should have been granted again, found status ${answer.status}`)
    return {
      proof,
      detail: `It was a mistake. ${nameOf(BIRCH.org)} corrects it, the correction counts as soon as the others hold it, and the same request is granted again.`,
    }
  })
}

/** The request of the story once more, with the proof of what became of it. */
async function askAgain(stage: Stage, proofName: string) {
  const { patient, clinician } = stage
  const holder = firstHolder(stage)
  const n = (await patient.events(holder)).length
  const answer = await clinician.ask(holder, CONDITIONS)
  await stage.publish()
  return { answer, n, proof: stage.keepProof(proofName, await patient.accessBundle(holder, n)) }
}

/** What Birch's file says of Dr. Haddad, loaded and counted. */
async function sayOfClinician(stage: Stage, status: 'active' | 'departed'): Promise<void> {
  const resources = staffFile([SAMIR_HADDAD], stage.clock.now(), status)
  await loadFile(stage, BIRCH.org, { name: `clinician-${status}`, resources, basis: 'own-record' })
  await stage.network.exchangeBatches()
}

interface ProviderFile {
  readonly name: string
  readonly resources: readonly FhirResource[]
  readonly basis: Basis
}

/** Written as NDJSON beside the nodes, and loaded as `fiducia directory import` does. */
async function loadFile({ network, clock, random, dir }: Stage, org: OrganizationId, { name, resources, basis }: ProviderFile): Promise<LoadResult> {
  const file = path.join(dir, 'provider-files', `${org}-${name}.ndjson`)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, resources.map((resource) => `${JSON.stringify(resource)}\n`).join(''))
  const terms = { format: 'fhir', origin: org, basis, group: groupOfOrg(network, org), isFull: false, observedAt: null, mapping: null } as const
  const result = await runLoad(
    { dir: path.join(dir, 'nodes', org), files: [file], terms, attester: org, who: 'provider-data', maxChange: 100, isDryRun: false },
    { now: () => clock.now(), random, readers: openReaders },
  )
  expectStory(result.state === 'done', `the load of ${name} by \`${org}\` should be done, found ${result.state}`)
  return result
}

function memberOf(name: string): OrganizationId {
  const member = DEMO_MEMBERS.find(({ org }) => org === name)
  expectStory(member !== undefined, `\`${name}\` should be a member`)
  return member.org
}

function countedBatches(network: Network) {
  const { ledger, clock } = network.node(network.genesis.operator).services.context
  return batches(ledger.tip()).filter((batch) => batchStatus(batch, clock.now()) === 'counted')
}

/** Of the clinician's role, as another member's directory resolves it. */
function roleState({ clinician, clock, dir }: Stage): FieldState | undefined {
  using directory = openExistingDirectory(path.join(dir, 'nodes', ALDER.org))
  const said = attestationsOf(directory, roleSubjectOf(clinician.opening), clock.now())
  return resolveSubject(said, { time: clock.now(), reliability: () => 500 }).get(parseFieldName('role', 'status'))?.state
}

const sumOf = <T>(values: readonly T[], size: (value: T) => number): number => values.reduce((sum, value) => sum + size(value), 0)
