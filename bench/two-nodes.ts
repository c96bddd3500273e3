import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { decodeBase64Url, encodeBase64Url, encodeCanonical, seedSigner, type SignedObject } from '@fiducia/core'
import type { RoleOpening } from '@fiducia/ledger'
import { type AccessQuestion, DETAILS_HEADER, FIDUCIA_MEDIA_TYPE, httpTransport, loadConfig } from '@fiducia/node'
import { ALDER, BIRCH, type Network, startNetwork, wallClock } from '@fiducia/testkit'
import { formatAuthorizationDetails } from '../packages/node/src/gateway/access-request.ts'
import { signAssertion } from '../packages/node/src/peers/assertion.ts'
import { practitionerIdentifier, SAMIR_HADDAD } from '../packages/testkit/src/people/index.ts'
import { ownCast } from '../packages/testkit/src/story/cast.ts'
import { createPatient } from '../packages/testkit/src/story/patient.ts'

/**
 * Two nodes over HTTP, one patient who agreed, one practitioner whom both vouch for, one observation that is released: what
 * the benchmarks of a read have in common. Each node and its silo are a process of their own (`node-process.ts`); nothing is
 * simulated.
 */
export interface TwoNodes extends AsyncDisposable {
  /** The resource at the holder's own FHIR server. */
  readonly siloUrl: string
  /** As many requests to the holder's gateway as asked for, each with an assertion of its own. */
  signedRequests(count: number): Promise<readonly GatewayRequest[]>
  /** Whether the holder's access log keeps what is appended; it always does until told otherwise. */
  keepLog(keeps: boolean): Promise<void>
  /** Resident memory of the holder's process. */
  residentBytes(): Promise<number>
  /** Milliseconds of whole exchanges: the requester asks, checks the receipt, makes its mirror entry durable. */
  exchange(perSecond: number, seconds: number): Promise<readonly number[]>
}

export interface GatewayRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export type Command =
  | { readonly kind: 'join' }
  | { readonly kind: 'memory' }
  | { readonly kind: 'keep-log'; readonly keeps: boolean }
  | { readonly kind: 'exchange'; readonly question: AccessQuestion; readonly perSecond: number; readonly seconds: number }

const DAY_MS = 86_400_000
const POLL_MS = 100
const ATTEMPTS = 100

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const configFileOf = (dir: string, org: string): string => path.join(dir, 'nodes', org, 'config.json')

/** `between`: what happens to the folder of the network before its nodes are started where they stay. */
export async function startTwoNodes(dir: string, between: (dir: string) => Promise<void> = () => Promise.resolve()): Promise<TwoNodes> {
  const question = await prepare(dir)
  await between(dir)
  await using cleanup = new AsyncDisposableStack()
  const holder = cleanup.use(await startNode(configFileOf(dir, ALDER.org)))
  const requester = cleanup.use(await startNode(configFileOf(dir, BIRCH.org)))
  await Promise.all([holder, requester].map((node) => node.tell({ kind: 'join' })))
  const [{ silo, listen }, { keys }] = [loadConfig(configFileOf(dir, ALDER.org)), loadConfig(configFileOf(dir, BIRCH.org))]
  const holderUrl = `http://${listen.host}:${listen.port}`
  const sign = () => signRequest(keys.seeds['node'] ?? new Uint8Array(), holderUrl, question)
  await untilReleased(sign)
  const owned = cleanup.move()
  return {
    siloUrl: `${silo.base}/${pathOf(question)}`,
    signedRequests: (count) => Promise.all(Array.from({ length: count }, sign)),
    keepLog: async (keeps) => void (await holder.tell({ kind: 'keep-log', keeps })),
    residentBytes: async () => (await holder.tell({ kind: 'memory' }))[0] ?? Number.NaN,
    exchange: (perSecond, seconds) => requester.tell({ kind: 'exchange', question, perSecond, seconds }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface NodeProcess extends AsyncDisposable {
  tell(command: Command): Promise<readonly number[]>
}

/** What a node's process answers. */
interface Told {
  readonly samples?: readonly number[]
  readonly failed?: string
}

async function startNode(configFile: string): Promise<NodeProcess> {
  const child = fork(new URL('./node-process.ts', import.meta.url), [configFile], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const ended = once(child, 'exit')
  const answer = async (): Promise<readonly number[]> => {
    const [told]: readonly Told[] = await once(child, 'message')
    if (told?.samples === undefined) throw new Error(told?.failed ?? 'a node of the benchmark ended')
    return told.samples
  }
  await answer()
  return {
    tell(command) {
      child.send(command)
      return answer()
    },
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await ended
    },
  }
}

/** The network is made, and everything agreed on it, in this process; then its nodes are opened where they stay. */
async function prepare(dir: string): Promise<AccessQuestion> {
  const cast = ownCast()
  const record = cast.holders[0]?.record ?? ''
  await using network = await startNetwork({ dir, clock: wallClock, resources: (org) => cast.resources(org), members: [ALDER, BIRCH], random })
  const link = await agree(network, record)
  const role = await vouch(network)
  const observation = cast.resources(ALDER.org).find(({ resourceType, subject }) => resourceType === 'Observation' && isAbout(subject, record))
  if (observation?.id === undefined) throw new Error('the patient has no observation at the holder')
  return {
    holder: ALDER.org,
    link,
    practitioner: { identifier: role.opening.practitioner, role, acr: 'urn:fiducia:acr:two-factor', authTime: Math.floor(Date.now() / 1000) - 600 },
    purpose: 'TREAT',
    interaction: { kind: 'read', type: 'Observation', id: observation.id },
  }
}

const isAbout = (subject: unknown, record: string): boolean =>
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
  const opening: RoleOpening = { code: '207Q00000X', org: BIRCH.org, practitioner: practitionerIdentifier(SAMIR_HADDAD) }
  const rand32 = encodeBase64Url(random(32))
  for (const { org } of [ALDER, BIRCH]) await network.node(org).services.attestations.attest(opening, decodeBase64Url(rand32), Date.now() + DAY_MS)
  await network.settle()
  return { opening, rand32 }
}

/** Both nodes need a fresh quorum first, which their jobs bring about. */
async function untilReleased(sign: () => Promise<GatewayRequest>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { url, headers } = await sign()
    if ((await httpTransport(url, { headers })).status === 200) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error('the observation was not released')
}

const pathOf = ({ interaction }: AccessQuestion): string => (interaction.kind === 'read' ? `${interaction.type}/${interaction.id}` : interaction.type)

async function signRequest(seed: Uint8Array, holderUrl: string, question: AccessQuestion): Promise<GatewayRequest> {
  const { practitioner, link, purpose } = question
  const details = formatAuthorizationDetails({
    purpose,
    practitioner: practitioner.identifier,
    acr: practitioner.acr,
    authTime: practitioner.authTime,
    ...(link === undefined ? {} : { link }),
    ...(practitioner.role === undefined ? {} : { role: practitioner.role }),
  })
  const assertion = await signAssertion({
    organization: BIRCH.org,
    signer: seedSigner(seed),
    audience: holderUrl,
    details,
    tokenId: encodeBase64Url(random(16)),
    now: Date.now(),
  })
  return {
    url: `${holderUrl}/fhir/${pathOf(question)}`,
    headers: { accept: FIDUCIA_MEDIA_TYPE, authorization: `Bearer ${assertion}`, [DETAILS_HEADER]: encodeBase64Url(encodeCanonical(details)) },
  }
}
