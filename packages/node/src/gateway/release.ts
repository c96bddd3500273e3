import { type CompiledPolicy, checkAll, isLimited, RULE_SET, RULE_SET_ID, readFacts, type Verdict } from '@fiducia/consent'
import { encodeBase64Url, formatCanonical, type OrganizationId, parseBytes32 } from '@fiducia/core'
import {
  type FhirResource,
  isAboutPatient,
  isResource,
  limitedSearchset,
  matchesSearch,
  operationOutcome,
  parseSearch,
  referenceOf,
  type SearchShape,
  stripForRelease,
  unlimitedSearchset,
  versionedReference,
} from '@fiducia/fhir'
import { blindOf, buildReceipt, decodeLeaf, eventCom, type ProvenHead, type Withheld } from '@fiducia/proofs'
import type { AccessLog } from '../access-log/access-log.ts'
import { NodeFailure } from '../failures.ts'
import type { NodeContext } from '../node-context.ts'
import type { Assertion } from '../peers/assertion.ts'
import type { HeldRelationship } from '../relationships/holder.ts'
import type { Locks } from '../relationships/locks.ts'
import type { AccessRequest, Interaction } from './access-request.ts'
import { type Answered, disclosureOf, eventContent, proveHead, readStoredEvent } from './evidence.ts'
import type { GateDecision, Gates } from './gates.ts'
import type { Silo } from './silo.ts'

/**
 * One cross-organization read or search at the holder, in the order of DESIGN section 5:
 *
 *   who asks → which relationship → gates → silo → each resource decided → response built
 *   → leaf durable, note signed → decided once more under the relationship's lock → response and receipt leave
 *
 * Whatever happens after the leaf is durable, the leaf stays: an event too many is visible to the patient, one too few
 * would be a lie. Every answer is one event, refusals too.
 */
export interface ReleasedAnswer {
  readonly status: 200 | 403 | 404 | 502
  /** The exact UTF-8 response. */
  readonly body: string
  /** Canonical JSON of the receipt; absent where the request named no relationship that holds. */
  readonly receipt: string | undefined
}

export interface ReleasePorts {
  readonly gates: Gates
  readonly log: AccessLog
  readonly silo: Silo
  readonly locks: Locks
}

/** As little as any other refusal says: the reason is the patient's. */
const REFUSED_AT_LAST = 'the request was refused; nothing was released'

export type Release = (request: AccessRequest, assertion: Assertion) => Promise<ReleasedAnswer>

export function createRelease(context: NodeContext, ports: ReleasePorts): Release {
  const instantNow = () => Math.max(context.clock.now(), context.ledger.tip().time)

  return async (request, assertion) => {
    const instant = instantNow()
    const relationship = ports.gates.findRelationship(request, assertion.organization, instant)
    const search = searchOf(request.interaction, relationship)
    if (relationship === undefined) return refuseUnlinked(context, ports.log, request, assertion, instant)
    const decision = ports.gates.decide(relationship, request, assertion.organization, instant)
    const response =
      decision.refusal === undefined ? await answerFromSilo(context, ports.silo, { relationship, request, decision, search }) : refuse(decision.refusal)
    const answered = answeredOf(request, assertion, decision, response)
    const head = decision.cosigned === undefined ? undefined : proveHead(context, relationship.handle, decision.cosigned)
    const receipt = await logEvent(context, ports.log, relationship, answered, head)
    return ports.locks.run(relationship.handle, () => {
      if (response.status !== 403) decideAgain(context, ports.gates, relationship, request, assertion.organization, instantNow(), response)
      return { status: response.status, body: response.body, receipt }
    })
  }
}

interface Response {
  readonly status: ReleasedAnswer['status']
  readonly body: string
  /** Resources as the silo gave them, for the second decision. */
  readonly resources: readonly FhirResource[]
  readonly withheld: readonly Withheld[]
}

/** The link says which patient; a search names none itself. Throws for a search that is not on the list, whoever asks. */
const searchOf = (interaction: Interaction, relationship: HeldRelationship | undefined): SearchShape | undefined =>
  interaction.kind === 'search'
    ? parseSearch(interaction.type, [['patient', relationship === undefined ? 'unlinked' : recordId(relationship)], ...interaction.parameters])
    : undefined

interface Asked {
  readonly relationship: HeldRelationship
  readonly request: AccessRequest
  readonly decision: GateDecision
  readonly search: SearchShape | undefined
}

/** A silo that fails is an answer too: it is logged, and it says nothing about the patient. */
async function answerFromSilo(context: NodeContext, silo: Silo, { relationship, request, decision, search }: Asked): Promise<Response> {
  try {
    return respond(await fetchFromSilo(silo, relationship, request.interaction), decision, request, context, search)
  } catch (error) {
    if (!(error instanceof NodeFailure && error.code === 'SILO_FAILED')) throw error
    context.logger.warn({ reason: error.message }, 'the silo failed')
    return { status: 502, body: JSON.stringify(operationOutcome('source-failed')), resources: [], withheld: [{ code: 'SILO_FAILED', ref: '*' }] }
  }
}

/** The same silo calls whether or not something will be hidden. */
async function fetchFromSilo(silo: Silo, relationship: HeldRelationship, interaction: Interaction): Promise<readonly FhirResource[]> {
  const record = recordId(relationship)
  const found =
    interaction.kind === 'search'
      ? await silo.search(interaction.type, new Map([['patient', record]]))
      : [await silo.read(interaction.type, interaction.id)].filter((one) => one !== undefined)
  // A read by id may name anybody's resource: for this patient it is absent. A search that does is a silo that failed.
  const about = found.filter(isResource).filter((resource) => isAboutPatient(resource, record))
  if (interaction.kind === 'search' && about.length !== found.length)
    throw new NodeFailure('SILO_FAILED', 'the silo answered a search with a resource of another patient')
  return about
}

const recordId = (relationship: HeldRelationship): string => relationship.record.slice('Patient/'.length)

/** What is decided about is what would leave: stripped of narrative, but with the labels that the source put on it. */
const decideOn = (compiled: readonly CompiledPolicy[], resource: FhirResource, organization: string): Verdict =>
  checkAll(
    compiled,
    readFacts(resource, RULE_SET, { narrativeRemoved: true, sources: [organization], links: compiled.some(({ asksForLinks }) => asksForLinks) }),
  )

function respond(
  found: readonly FhirResource[],
  decision: GateDecision,
  request: AccessRequest,
  context: NodeContext,
  search: SearchShape | undefined,
): Response {
  const wanted = search === undefined ? found : found.filter((resource) => matchesSearch(search, resource))
  const verdicts = wanted.map((resource) => ({ resource, verdict: decideOn(decision.compiled, resource, context.org) }))
  const resources = verdicts.filter(({ verdict }) => verdict.effect === 'permit').map(({ resource }) => resource)
  const withheld = verdicts
    .filter(({ verdict }) => verdict.effect === 'deny')
    .map(({ resource, verdict }) => ({ code: verdict.reasons[0]?.code ?? 'NOT_COVERED', ref: referenceOf(resource) ?? '*' }))
  if (search !== undefined) return { status: 200, body: JSON.stringify(searchset(resources, decision, request, context)), resources, withheld }
  const [resource] = resources
  // Hidden and absent are one answer.
  if (resource === undefined) return { status: 404, body: JSON.stringify(operationOutcome('not-found')), resources, withheld }
  return { status: 200, body: JSON.stringify(stripForRelease(resource)), resources, withheld }
}

function searchset(resources: readonly FhirResource[], decision: GateDecision, request: AccessRequest, context: NodeContext) {
  const baseUrl = `${context.endpoint}/fhir`
  const page = { baseUrl, selfUrl: `${baseUrl}/${request.interaction.type}` }
  const stripped = resources.map(stripForRelease)
  return decision.compiled.some((policy) => isLimited(policy, request.interaction.type)) ? limitedSearchset(stripped, page) : unlimitedSearchset(stripped, page)
}

const refuse = (code: string): Response => ({ status: 403, body: JSON.stringify(operationOutcome('forbidden')), resources: [], withheld: [{ code, ref: '*' }] })

const OUTCOMES = { 200: 'released', 404: 'not-found', 403: 'refused', 502: 'refused' } as const

function answeredOf(request: AccessRequest, assertion: Assertion, decision: GateDecision, response: Response): Answered {
  return {
    assertion,
    details: request.details,
    interaction: request.interaction,
    instant: decision.instant,
    body: response.body,
    outcome: OUTCOMES[response.status],
    released: response.resources.map(versionedReference),
    withheld: response.withheld,
    versions: [...new Set(decision.consulted.versions.map(({ version }) => version))].sort((a, b) => a - b),
    rules: RULE_SET_ID,
  }
}

/** The leaf is durable when it resolves; gives the receipt. */
async function logEvent(
  context: NodeContext,
  log: AccessLog,
  relationship: HeldRelationship,
  answered: Answered,
  head: ProvenHead | undefined,
): Promise<string> {
  const secrets = { salt: context.random(32), salt2: context.random(32), mirrorKey: context.random(32) }
  const content = eventContent(context, answered, relationship, head, secrets)
  let stored = ''
  const appended = await log.append({
    relationship,
    make: (place) => {
      const made = content(place)
      stored = made.content
      return made
    },
  })
  const event = readStoredEvent(stored)
  return buildReceipt({
    disclosure: event.disclosure,
    head: head ?? null,
    leaf: decodeLeaf(appended.leaf),
    index: appended.index,
    path: appended.path,
    note: appended.note,
    salt: secrets.salt,
    blind: blindOf(secrets.salt2, event.decision),
  })
}

/** Heads and pending versions of this moment; throws without data when they no longer permit what is about to leave. */
function decideAgain(
  context: NodeContext,
  gates: Gates,
  relationship: HeldRelationship,
  request: AccessRequest,
  requester: OrganizationId,
  instant: number,
  response: Response,
): void {
  const linked = gates.findRelationship(request, requester, instant) !== undefined
  const decision = gates.decide(relationship, request, requester, instant)
  const stillPermitted =
    linked && decision.refusal === undefined && response.resources.every((resource) => decideOn(decision.compiled, resource, context.org).effect === 'permit')
  if (!stillPermitted) throw new NodeFailure('ACCESS_DENIED', REFUSED_AT_LAST)
}

/** An unknown, closed or unlinked patient's request: an entry with a random tag, and one answer for all of them. */
async function refuseUnlinked(context: NodeContext, log: AccessLog, request: AccessRequest, assertion: Assertion, instant: number): Promise<ReleasedAnswer> {
  const body = JSON.stringify(operationOutcome('forbidden'))
  const answered: Answered = {
    assertion,
    details: request.details,
    interaction: request.interaction,
    instant,
    body,
    outcome: 'refused',
    released: [],
    withheld: [{ code: 'NO_LINK', ref: '*' }],
    versions: [],
    rules: RULE_SET_ID,
  }
  const [salt, salt2] = [context.random(32), context.random(32)]
  const disclosure = disclosureOf(context, answered, undefined, context.random(32))
  const stored = { disclosure, decision: '', salt: parseBytes32(encodeBase64Url(salt)), salt2: parseBytes32(encodeBase64Url(salt2)), head: '' }
  await log.append({ tag: context.random(32), com: eventCom(salt, disclosure, blindOf(salt2, '')), content: formatCanonical(stored) })
  return { status: 403, body, receipt: undefined }
}
