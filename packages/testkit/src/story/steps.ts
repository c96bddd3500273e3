import { type Policy, type ReasonCode, REASONS } from '@fiducia/consent'
import { type Bytes32, decodeBase64Url, type OrganizationId } from '@fiducia/core'
import { roleIdOf } from '@fiducia/ledger'
import type { Received } from '@fiducia/node'
import { readDisclosure } from '@fiducia/proofs'
import { ALDER, BIRCH, DUNE, nameOf } from '../network/plan.ts'
import { expectStory, type Narrator } from './narrator.ts'
import { groupOfOrg, type Stage } from './stage.ts'

/** Steps 1 to 7 of the headline story. Each does what its sentence says, through the nodes' own HTTP, and keeps a proof. */

const listOf = (orgs: readonly string[]): string => orgs.map(nameOf).join(', ')
const ATTESTED_FOR_MS = 90 * 86_400_000
export const CONDITIONS = { kind: 'search', type: 'Condition', parameters: [] } as const

/** What the patient shares with Birch: treatment, normal data, not what is sensitive, not the one item that is hidden. */
function policyFor(hidden: string | undefined): Policy {
  return {
    v: 1,
    preset: 'care-team',
    grants: [
      { effect: 'permit', recipients: [{ organization: BIRCH.org }], purposes: ['TREAT'], data: { confidentiality: 'N' }, actions: ['read', 'search'] },
      { effect: 'deny', data: { categories: ['mental-health', 'substance-use', 'hiv', 'sexual-reproductive', 'violence', 'genetics'] } },
      ...(hidden === undefined ? [] : [{ effect: 'deny' as const, data: { items: [hidden] } }]),
    ],
  }
}

export async function tellConsent(stage: Stage, narrator: Narrator): Promise<void> {
  const { cast, network, patient, clinician } = stage
  const first = firstHolder(stage)

  await narrator.tell('request-refused-no-consent', async () => {
    const answer = await clinician.ask(first, CONDITIONS, { withoutLink: true })
    expectStory(answer.status === 403 && answer.receipt === undefined, 'the request should have been refused')
    await stage.publish()
    const proof = stage.keepProof('01-refused-no-consent', network.node(first).services.evidence.entry(0))
    return {
      detail: `Dr. Haddad of ${nameOf(BIRCH.org)} asks ${nameOf(first)} for ${cast.patient}'s conditions "for treatment". Refused: nobody has agreed. The refusal itself stands in the access log.`,
      proof,
    }
  })

  await narrator.tell('patient-agrees', async () => {
    for (const { org, record } of cast.holders) await patient.join(org, network.node(org).services.holder.issueDeskCode(record))
    for (const { org } of cast.holders) {
      const { committed } = await patient.setPolicy(org, policyFor(org === first ? cast.hidden : undefined))
      expectStory(await committed, `the policy at \`${org}\` should stand on the ledger`)
    }
    await network.settle()
    for (const { org } of cast.holders) stage.links.set(org, await patient.giveLink(org, BIRCH.org))
    const proofs = await Promise.all(cast.holders.map(async ({ org }) => stage.keepProof(`02-policy-at-${org}`, await patient.headBundle(org))))
    const holders = listOf(cast.holders.map(({ org }) => org))
    return {
      detail: `${capitalized(cast.patient)} opens a relationship with ${holders}, signs a policy for each, and gives ${nameOf(BIRCH.org)} links. The ledger orders commitments; no name and no wish stands on it.`,
      proof: proofs[0] ?? '',
    }
  })
}

export async function tellRoles(stage: Stage, narrator: Narrator): Promise<void> {
  const { network, patient, clinician } = stage
  const first = firstHolder(stage)

  await narrator.tell('request-refused-role-not-attested', async () => {
    const answer = await clinician.ask(first, CONDITIONS)
    expectStory(answer.status === 403, 'the request should have been refused')
    expectStory(answer.receipt !== undefined, 'a refusal by link comes with a receipt')
    await expectWithheld(stage, first, 0, ['ROLE_NOT_ATTESTED'])
    await stage.publish()
    return {
      detail: `The same request. Still refused: nobody vouches for this practitioner. ${nameOf(BIRCH.org)} holds the receipt of its own refusal.`,
      proof: stage.keepProof('03-refused-nobody-vouches', await patient.accessBundle(first, 0)),
    }
  })

  await narrator.tell('role-attested', async () => {
    const proofs: string[] = []
    for (const { org } of [ALDER, DUNE])
      await network.node(org).services.attestations.attest(clinician.opening, decodeBase64Url(clinician.rand32), stage.clock.now() + ATTESTED_FOR_MS)
    await network.settle()
    for (const { org } of [ALDER, DUNE]) {
      const { evidence } = network.node(org).services
      proofs.push(
        stage.keepProof(
          `04-vouched-by-${org}`,
          evidence.attestation(roleOf(stage), groupOfOrg(network, org), { ...clinician.opening, rand32: clinician.rand32 }),
        ),
      )
    }
    return {
      detail: `${nameOf(ALDER.org)} and ${nameOf(DUNE.org)}, two members of different groups, check him and vouch for his role at ${nameOf(BIRCH.org)}.`,
      proof: proofs[0] ?? '',
    }
  })
}

export async function tellRelease(stage: Stage, narrator: Narrator): Promise<void> {
  const { cast, network, patient, clinician } = stage
  const first = firstHolder(stage)

  await narrator.tell('request-granted', async () => {
    const sizeBefore = network.node(first).services.log.size
    const answer = await clinician.ask(first, CONDITIONS)
    const released = releasedReferences(answer)
    expectStory(answer.status === 200 && released.length > 0, `the request should have been granted, found status ${answer.status}`)
    expectStory(network.node(first).services.log.size > sizeBefore, 'the release should have been logged first')
    expectStory(!released.includes(cast.hidden), 'the hidden item should have been withheld')
    const withheld = await withheldAt(stage, first, 1)
    await readOneOf(stage, first, released)
    for (const { org } of cast.holders.slice(1)) await clinician.ask(org, { kind: 'search', type: 'Observation', parameters: [] })
    await stage.publish()
    const proof = stage.keepProof('05-released', await patient.accessBundle(first, 1))
    return {
      detail: `The same request, now granted: ${released.length} conditions released, ${withheld.length} withheld (${whyWithheld(withheld)}). The leaf was durable before the first byte left; ${nameOf(BIRCH.org)} checked the receipt and mirrored it before it used the data.`,
      proof,
    }
  })

  await narrator.tell('patient-sees-and-checks', async () => {
    const checked = await Promise.all(cast.holders.map(async ({ org }) => ({ org, ...(await patient.checkEverything(org, [clinician.opening.code])) })))
    for (const { org, log, again } of checked) {
      expectStory(log.ok, `the log of \`${org}\` should be complete: ${log.findings.map(({ code, detail }) => `${code} ${detail}`).join('; ')}`)
      const differences = again.flatMap((one) => one.differences)
      expectStory(
        differences.length === 0,
        `every event should be decided the same again: ${differences.map(({ code, ref, detail }) => `${code} ${ref} ${detail}`).join('; ')}`,
      )
    }
    const events = checked.reduce((sum, { log }) => sum + log.accesses.length, 0)
    const judged = checked.reduce((sum, { again }) => sum + again.reduce((items, one) => items + one.judged, 0), 0)
    const proof = stage.keepProof('06-complete-list', await patient.completenessBundle(first))
    const looks = await patient.events(first)
    const who = new Set(looks.map(({ content }) => readDisclosure(content.disclosure).requester)).size
    return {
      detail: `${capitalized(cast.patient)} sees every look (${events} events by ${who === 1 ? nameOf(BIRCH.org) : `${who} organizations`}), decides each again with the same code (${judged} verdicts, no difference), walks each log to its end and has the list proved complete.`,
      proof,
    }
  })
}

export async function tellRevocation(stage: Stage, narrator: Narrator): Promise<void> {
  const { cast, network, patient, clinician } = stage
  const first = firstHolder(stage)
  await narrator.tell('patient-revokes', async () => {
    const n = (await patient.events(first)).length
    const { committed } = await patient.setPolicy(first, { v: 1, preset: 'ask-me', grants: [{ effect: 'deny', recipients: [{ organization: BIRCH.org }] }] })
    const answer = await clinician.ask(first, CONDITIONS)
    expectStory(answer.status === 403, 'the request after the revocation should have been refused')
    expectStory(await committed, 'the revocation should stand on the ledger')
    await network.settle()
    const later = await clinician.ask(first, CONDITIONS)
    expectStory(later.status === 403, 'the request after the revocation should still be refused')
    await stage.publish()
    return {
      detail: `${capitalized(cast.patient)} revokes. The holder acknowledges, and the next request is refused at once; when the ledger has the new version, it still is.`,
      proof: stage.keepProof('10-refused-after-revocation', await patient.accessBundle(first, n)),
    }
  })
}

export function firstHolder(stage: Stage): OrganizationId {
  const [holding] = stage.cast.holders
  expectStory(holding !== undefined, 'some organization should hold the patient’s record')
  return holding.org
}

/** How many for which reason, in words. */
function whyWithheld(withheld: readonly { readonly code: string }[]): string {
  const isReason = (code: string): code is ReasonCode => Object.hasOwn(REASONS, code)
  const codes = [...new Set(withheld.map(({ code }) => code))]
  return codes.map((code) => `${withheld.filter((one) => one.code === code).length} because ${isReason(code) ? REASONS[code] : code}`).join('; ')
}

const roleOf = ({ clinician }: Stage): Bytes32 => roleIdOf(clinician.opening, decodeBase64Url(clinician.rand32))

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `Type/id` of every match in a searchset. */
function releasedReferences(answer: Received): readonly string[] {
  const bundle = JSON.parse(answer.body) as {
    readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly id?: string }; readonly search?: { readonly mode?: string } }[]
  }
  return (bundle.entry ?? []).filter(({ search }) => search?.mode === 'match').map(({ resource }) => `${resource.resourceType}/${resource.id ?? ''}`)
}

/** One item again, by its id: a read goes the same way as a search. */
async function readOneOf(stage: Stage, holder: OrganizationId, references: readonly string[]): Promise<void> {
  const [type, id] = (references[0] ?? '').split('/')
  expectStory(type !== undefined && id !== undefined, 'a released item has a type and an id')
  const answer = await stage.clinician.ask(holder, { kind: 'read', type, id })
  expectStory(answer.status === 200, `the released item should be readable, found status ${answer.status}`)
  const hidden = stage.cast.hidden.split('/')
  const refused = await stage.clinician.ask(holder, { kind: 'read', type: hidden[0] ?? '', id: hidden[1] ?? '' })
  const absent = await stage.clinician.ask(holder, { kind: 'read', type: hidden[0] ?? '', id: 'nothing-of-this-name' })
  expectStory(refused.status === absent.status && refused.body === absent.body, 'hidden and absent should look alike')
}

async function withheldAt(stage: Stage, holder: OrganizationId, n: number) {
  const event = (await stage.patient.events(holder)).find((one) => one.n === n)
  expectStory(event !== undefined, `event ${n} should be in the patient's list`)
  return event.content.decision.withheld
}

export async function expectWithheld(stage: Stage, holder: OrganizationId, n: number, codes: readonly string[]): Promise<void> {
  const found = (await withheldAt(stage, holder, n)).map(({ code }) => code)
  expectStory(
    codes.every((code) => found.includes(code)),
    `expected the reasons ${codes.join(', ')}, found ${found.join(', ')}`,
  )
}
