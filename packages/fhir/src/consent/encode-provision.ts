import { type DataSelector, type Grant, type Item, LAST_INSTANT, type Party, type Recipient, type Scope, type Validity } from '@fiducia/consent'
import { InputError } from '@fiducia/core'
import { NETWORK_SYSTEMS, SYSTEMS } from './terminology.ts'

/**
 * A scope of a policy as an R4 provision, element by element, each the inverse of how it is read. What a provision cannot
 * say is refused in the words of the policy. Combined recipients (a practitioner at an organization) become contained
 * PractitionerRoles, which a permit matches with both.
 */
export type JsonObject = { readonly [name: string]: unknown }

export interface Encoding {
  /** Resources that the provisions refer to; grows while they are written. */
  readonly contained: JsonObject[]
}

/** The labels that stand beside one another in one provision: alternatives there, and several grants in a policy. */
export type Labels = Pick<DataSelector, 'confidentiality' | 'sensitivity' | 'categories'>

export const cannotSay = (what: string): InputError => new InputError('SHAPE', `expected what a FHIR Consent can say, found ${what}`)

export function encodeProvision(effect: Grant['effect'], scope: Scope, labels: Labels, encoding: Encoding): JsonObject {
  const { recipients, purposes, actions, valid, data = {} } = scope
  if (data.encounters !== undefined) throw cannotSay('`encounters`, which `related` does not mean exactly')
  const actors = [
    ...(recipients === undefined || recipients.some(({ anyone }) => anyone === true) ? [] : recipients).map((one) =>
      actorOf('IRCP', recipientReference(one, encoding)),
    ),
    ...(data.sources ?? []).map((party) => actorOf('CST', partyReference(party))),
    ...(data.authors ?? []).map((party) => actorOf('AUT', partyReference(party))),
  ]
  const securityLabel = labelCodings(labels)
  return {
    type: effect,
    ...(valid === undefined ? {} : { period: periodOf(valid) }),
    ...(actors.length === 0 ? {} : { actor: actors }),
    ...(actions === undefined ? {} : { action: actionCodings(actions).map((coding) => ({ coding: [coding] })) }),
    ...(securityLabel.length === 0 ? {} : { securityLabel }),
    ...(purposes === undefined ? {} : { purpose: purposes.map((code) => coded(code, SYSTEMS.purpose)) }),
    ...(data.types === undefined ? {} : { class: data.types.map((type) => coded(type, SYSTEMS.resourceType)) }),
    ...(data.codes === undefined ? {} : { code: data.codes.map((code) => ({ coding: [coded(code, '')] })) }),
    ...(data.period === undefined ? {} : { dataPeriod: dataPeriodOf(data.period) }),
    ...(data.items === undefined ? {} : { data: data.items.flatMap(dataEntries) }),
  }
}

const actorOf = (role: 'IRCP' | 'CST' | 'AUT', reference: JsonObject): JsonObject => ({ role: { coding: [{ system: SYSTEMS.role, code: role }] }, reference })

const split = (name: string): readonly [string, string] => [name.slice(0, name.indexOf('|')), name.slice(name.indexOf('|') + 1)]

/** A bare code belongs to the system given; another stands with its own. */
function coded(code: string, system: string): JsonObject {
  if (!code.includes('|')) return { system, code }
  const [own, value] = split(code)
  return { system: own, code: value }
}

function identifierReference(name: string, type?: string): JsonObject {
  const [system, value] = split(name)
  return { ...(type === undefined ? {} : { type }), identifier: { system, value } }
}

/** A reference that leads nowhere; under which name somebody was looked for is nobody's business elsewhere. */
const NOT_KNOWN = { display: 'not known' }

/** A source or author as resources name it: an organization of this network, an identifier, or `Type/id`. */
function nameReference(name: string): JsonObject {
  if (name.includes('|')) return identifierReference(name)
  return name.includes('/') ? { reference: name } : identifierReference(`${NETWORK_SYSTEMS.organization}|${name}`, 'Organization')
}

/** A party by one name, or by `Type/id` and one identifier. */
function partyReference(party: Party): JsonObject {
  if (typeof party === 'string') return nameReference(party)
  const references = party.map(nameReference)
  const merged = Object.assign({}, ...references) as JsonObject
  if (references.length !== new Set(references.flatMap(Object.keys).filter((member) => member !== 'type')).size)
    throw cannotSay('a source or author by several names of one kind')
  return merged
}

function recipientReference(recipient: Recipient, encoding: Encoding): JsonObject {
  const [first, ...others] = Object.entries(recipient)
  if (first === undefined) throw cannotSay('a recipient that names nobody')
  if (others.length === 0) return memberReference(recipient)
  const { organization, ...holder } = recipient
  if (organization === undefined || Object.keys(holder).length !== 1) throw cannotSay('a recipient of several members other than somebody at an organization')
  const id = `role-${encoding.contained.length + 1}`
  encoding.contained.push({ resourceType: 'PractitionerRole', id, practitioner: memberReference(holder), organization: memberReference({ organization }) })
  return { reference: `#${id}` }
}

function memberReference({ organization, practitioner, identifier, group, role, study, delegate }: Recipient): JsonObject {
  if (organization !== undefined) return organization.includes('|') ? identifierReference(organization, 'Organization') : nameReference(organization)
  const named = practitioner ?? identifier
  if (named !== undefined)
    return named.includes('|') ? identifierReference(named, practitioner === undefined ? undefined : 'Practitioner') : { reference: named }
  if (group !== undefined) return identifierReference(`${NETWORK_SYSTEMS.group}|${group}`)
  if (role !== undefined) return identifierReference(`${NETWORK_SYSTEMS.role}|${role}`)
  if (study !== undefined) return identifierReference(`${NETWORK_SYSTEMS.study}|${study}`)
  if (delegate !== undefined) return identifierReference(`${NETWORK_SYSTEMS.delegate}|${delegate}`)
  return NOT_KNOWN
}

/** FHIR's `access` is reading and searching together; one of them alone is said in a code of ours. */
function actionCodings(actions: readonly string[]): readonly JsonObject[] {
  const left = new Set(actions)
  const found: JsonObject[] = []
  if (left.has('read') && left.has('search')) {
    found.push({ system: SYSTEMS.action, code: 'access' })
    left.delete('read')
    left.delete('search')
  }
  for (const action of left) {
    if (action === 'read' || action === 'search') found.push({ system: NETWORK_SYSTEMS.action, code: action })
    else found.push(coded(action === 'export' ? 'disclose' : action, SYSTEMS.action))
  }
  return found
}

function labelCodings({ confidentiality, sensitivity = [], categories = [] }: Labels): readonly JsonObject[] {
  return [
    ...(confidentiality === undefined ? [] : [{ system: SYSTEMS.confidentiality, code: confidentiality }]),
    ...sensitivity.map((code) => coded(code, SYSTEMS.actCode)),
    ...categories.map((code) => ({ system: NETWORK_SYSTEMS.category, code })),
  ]
}

function dataEntries(item: Item): readonly JsonObject[] {
  if (typeof item === 'string') return [{ meaning: 'instance', reference: { reference: item } }]
  if ('related' in item) return [{ meaning: 'related', reference: { reference: item.related } }]
  if ('dependents' in item) return [{ meaning: 'dependents', reference: { reference: item.dependents } }]
  if ('authoredBy' in item) return item.authoredBy.map((party) => ({ meaning: 'authoredby', reference: partyReference(party) }))
  return [{ meaning: 'instance', reference: NOT_KNOWN }]
}

const dataPeriodOf = ({ from, until }: NonNullable<DataSelector['period']>): JsonObject => ({
  ...(from === undefined ? {} : { start: from }),
  ...(until === undefined ? {} : { end: until }),
})

const DAY_MS = 86_400_000

/** Whole days are written as days, everything else to the millisecond. */
function periodOf({ from, until }: Validity): JsonObject {
  for (const end of [from, until])
    if (end !== undefined && !(end >= Date.UTC(1, 0, 1) && end <= LAST_INSTANT)) throw cannotSay('a time outside the calendar of FHIR')
  const textOf = (ms: number, isWholeDay: boolean): string => new Date(ms).toISOString().slice(0, isWholeDay ? 10 : 24)
  return {
    ...(from === undefined ? {} : { start: textOf(from, from % DAY_MS === 0) }),
    ...(until === undefined ? {} : { end: textOf(until, (until + 1) % DAY_MS === 0) }),
  }
}
