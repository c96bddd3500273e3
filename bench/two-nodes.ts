import { randomBytes } from 'node:crypto'
import { decodeBase64Url, encodeBase64Url, encodeCanonical, type OrganizationId, type SignedObject } from '@fiducia/core'
import type { RoleOpening } from '@fiducia/ledger'
import { type AccessQuestion, DETAILS_HEADER, FIDUCIA_MEDIA_TYPE, type FiduciaNode } from '@fiducia/node'
import { ALDER, BIRCH, type Network, startNetwork, wallClock } from '@fiducia/testkit'
import { formatAuthorizationDetails } from '../packages/node/src/gateway/access-request.ts'
import { signAssertion } from '../packages/node/src/peers/assertion.ts'
import { practitionerIdentifier, SAMIR_HADDAD } from '../packages/testkit/src/people/index.ts'
import { ownCast } from '../packages/testkit/src/story/cast.ts'
import { createPatient } from '../packages/testkit/src/story/patient.ts'

/**
 * Two nodes over HTTP in one process, one patient who agreed, one practitioner whom both vouch for, and one observation
 * that is released: what the benchmarks of a read have in common. Nothing is simulated; the jobs run as they do by default.
 */
export interface TwoNodes extends AsyncDisposable {
  readonly network: Network
  readonly holder: FiduciaNode
  readonly requester: FiduciaNode
  /** The resource at the holder's own FHIR server. */
  readonly siloUrl: string
  readonly question: AccessQuestion
  /** As many requests to the holder's gateway as asked for, each with an assertion of its own. */
  signedRequests(count: number): Promise<readonly GatewayRequest[]>
}

export interface GatewayRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const DAY_MS = 86_400_000

export async function startTwoNodes(dir: string): Promise<TwoNodes> {
  const cast = ownCast()
  const network = await startNetwork({ dir, clock: wallClock, resources: (org) => cast.resources(org), members: [ALDER, BIRCH], random, jobsEveryMs: 1_000 })
  const [holder, requester] = [network.node(ALDER.org), network.node(BIRCH.org)]
  const link = await agree(network, cast.holders[0]?.record ?? '')
  const role = await vouch(network)
  const observation = cast.resources(ALDER.org).find(({ resourceType, subject }) => resourceType === 'Observation' && isAbout(subject, cast.holders[0]?.record))
  if (observation?.id === undefined) throw new Error('the patient has no observation at the holder')
  const question: AccessQuestion = {
    holder: ALDER.org,
    link,
    practitioner: { identifier: role.opening.practitioner, role, acr: 'urn:fiducia:acr:two-factor', authTime: Math.floor(Date.now() / 1000) - 600 },
    purpose: 'TREAT',
    interaction: { kind: 'read', type: 'Observation', id: observation.id },
  }
  return {
    network,
    holder,
    requester,
    siloUrl: `${network.silo(ALDER.org).base}/Observation/${observation.id}`,
    question,
    signedRequests: (count) => Promise.all(Array.from({ length: count }, () => signRequest(requester, holder, question))),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

const isAbout = (subject: unknown, record: string | undefined): boolean =>
  typeof subject === 'object' && subject !== null && 'reference' in subject && subject.reference === record

/** The patient opens a relationship with the holder, permits the requester to treat, and gives it a link. */
async function agree(network: Network, record: string): Promise<SignedObject> {
  const patient = createPatient(network, random(32), { now: () => Date.now(), random })
  await patient.join(ALDER.org, network.node(ALDER.org).services.holder.issueDeskCode(record))
  const { committed } = await patient.setPolicy(ALDER.org, {
    v: 1,
    grants: [{ effect: 'permit', recipients: [{ organization: BIRCH.org }], purposes: ['TREAT'] }],
  })
  if (!(await committed)) throw new Error('the ledger did not take the policy')
  await network.settle()
  return patient.giveLink(ALDER.org, BIRCH.org)
}

async function vouch(network: Network): Promise<{ readonly opening: RoleOpening; readonly rand32: string }> {
  const opening: RoleOpening = { code: '207Q00000X', org: BIRCH.org as OrganizationId, practitioner: practitionerIdentifier(SAMIR_HADDAD) }
  const rand32 = encodeBase64Url(random(32))
  for (const { org } of [ALDER, BIRCH]) await network.node(org).services.attestations.attest(opening, decodeBase64Url(rand32), Date.now() + DAY_MS)
  await network.settle()
  return { opening, rand32 }
}

async function signRequest(requester: FiduciaNode, holder: FiduciaNode, question: AccessQuestion): Promise<GatewayRequest> {
  const { practitioner, link, purpose, interaction } = question
  const { context } = requester.services
  const details = formatAuthorizationDetails({
    purpose,
    practitioner: practitioner.identifier,
    acr: practitioner.acr,
    authTime: practitioner.authTime,
    ...(link === undefined ? {} : { link }),
    ...(practitioner.role === undefined ? {} : { role: practitioner.role }),
  })
  const assertion = await signAssertion({
    organization: context.org,
    keyId: context.nodeKey.keyId,
    privateKey: context.nodePrivateKey,
    audience: holder.services.context.endpoint,
    details,
    tokenId: encodeBase64Url(random(16)),
    now: Date.now(),
  })
  const id = interaction.kind === 'read' ? `/${interaction.id}` : ''
  return {
    url: `${holder.services.context.endpoint}/fhir/${interaction.type}${id}`,
    headers: { accept: FIDUCIA_MEDIA_TYPE, authorization: `Bearer ${assertion}`, [DETAILS_HEADER]: encodeBase64Url(encodeCanonical(details)) },
  }
}
