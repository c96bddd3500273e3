import { type Bytes32, type Handle, InputError, parseBytes32, parseCanonicalString, parseHandle, shape } from '@fiducia/core'
import type { DisclosureFacts } from './types.ts'

/**
 * What the rules look at in a disclosure (PROTOCOL sections 4 and 5). It is an AuditEvent of IHE BALP; most of it is for
 * people. Read strictly, these parts say who got what, and each of them stands there exactly once:
 *
 *   agent of type 110152     the requester: who.identifier.value
 *   agent of type IRCP       the practitioner: who.identifier (`system|value` when it has a system), purposeOfUse[0]
 *   entity[…].detail         fiducia.authz, fiducia.digest, fiducia.mirror; and fiducia.handle where one is named
 */

const REQUESTER_CODE = '110152'
const PRACTITIONER_CODE = 'IRCP'

const wrong = (message: string, at: string) => new InputError('SHAPE', message, { at })

type Node = { readonly [name: string]: unknown }
const nodeOf = (value: unknown): Node => (shape.isObject(value) ? value : {})
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Throws an `InputError` unless the text is a canonical AuditEvent that says each of these exactly once. */
export function readDisclosure(disclosure: string): DisclosureFacts {
  const event = nodeOf(parseCanonicalString(disclosure))
  if (event['resourceType'] !== 'AuditEvent') throw wrong('expected an AuditEvent', 'resourceType')
  const requester = agentOf(event, REQUESTER_CODE)
  const practitioner = agentOf(event, PRACTITIONER_CODE)
  return {
    handle: handleOf(event),
    requester: textAt(identifierOf(requester)['value'], 'who.identifier.value of the requester'),
    practitioner: formatIdentifier(identifierOf(practitioner)),
    purpose: purposeOf(practitioner),
    authzHash: requiredDetail(event, 'fiducia.authz'),
    responseDigest: requiredDetail(event, 'fiducia.digest'),
    mirrorKey: requiredDetail(event, 'fiducia.mirror'),
  }
}

function agentOf(event: Node, code: string): Node {
  const agents = listOf(event['agent'])
    .map(nodeOf)
    .filter((agent) => codesOf(agent['type']).includes(code))
  const [agent] = agents
  if (agent === undefined || agents.length > 1) throw wrong(`expected exactly one agent of type ${code}, found ${agents.length}`, 'agent')
  return agent
}

const codesOf = (concept: unknown): readonly unknown[] => listOf(nodeOf(concept)['coding']).map((coding) => nodeOf(coding)['code'])

const identifierOf = (agent: Node): Node => nodeOf(nodeOf(agent['who'])['identifier'])

function textAt(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') throw wrong('expected text', at)
  return value
}

function formatIdentifier(identifier: Node): string {
  const value = textAt(identifier['value'], 'who.identifier.value of the practitioner')
  return identifier['system'] === undefined ? value : `${textAt(identifier['system'], 'who.identifier.system of the practitioner')}|${value}`
}

function purposeOf(agent: Node): string {
  const codes = codesOf(listOf(agent['purposeOfUse'])[0])
  if (codes.length !== 1) throw wrong(`expected one coding of the purpose, found ${codes.length}`, 'purposeOfUse[0]')
  return textAt(codes[0], 'purposeOfUse[0]')
}

function requiredDetail(event: Node, type: string): Bytes32 {
  const [detail, ...more] = detailsOf(event, type)
  if (detail === undefined || more.length > 0)
    throw wrong(`expected the detail \`${type}\` once, found ${more.length + (detail === undefined ? 0 : 1)}`, 'entity')
  return parseBytes32(detail['valueString'], type)
}

/** The relationship, where one is named. */
function handleOf(event: Node): Handle | undefined {
  const [detail, ...more] = detailsOf(event, 'fiducia.handle')
  if (more.length > 0) throw wrong('expected the detail `fiducia.handle` at most once', 'entity')
  return detail === undefined ? undefined : parseHandle(detail['valueString'], 'fiducia.handle')
}

const detailsOf = (event: Node, type: string): readonly Node[] =>
  listOf(event['entity'])
    .flatMap((entity) => listOf(nodeOf(entity)['detail']))
    .map(nodeOf)
    .filter((detail) => detail['type'] === type)

/** The references with version that were released, as the disclosure names them. */
export function releasedReferences(disclosure: string): readonly string[] {
  const event = nodeOf(parseCanonicalString(disclosure))
  return listOf(event['entity']).flatMap((entity) => {
    const reference = nodeOf(nodeOf(entity)['what'])['reference']
    return typeof reference === 'string' ? [reference] : []
  })
}
