import { level, to } from './build.ts'
import { choose, type Fault, narrower, page, type Pick, placesBelow, atOne } from './faults.ts'
import { type Json, objectsOf, own } from './json.ts'
import { type Place, withoutPlace, withValue } from './places.ts'

/** Faults in resources, people and dates, in the text of a case, and in its size. */

const objects = ({ value, path }: Place): boolean => typeof value === 'object' && value !== null && !Array.isArray(value) && path.length > 1
const entries = (document: Json, head: 'references' | 'resources', type?: string): readonly Place[] =>
  objectsOf(document[head]).flatMap((value, i) => (type === undefined || value['resourceType'] === type ? [{ path: [head, i], value }] : []))

const MODIFIER = { modifierExtension: [{ url: 'http://example.org/unknown', valueBoolean: true }] }
const modified = (head: 'consents' | 'resources' | 'references'): Fault =>
  narrower(`modifierExtension in ${head}`, (document, pick) =>
    atOne(document, placesBelow(document, head, objects), pick, ({ value }) => ({ ...(value as Json), ...MODIFIER })),
  )

const added = (kind: string, head: 'consents' | 'resources' | 'references', more: Json): Fault =>
  narrower(kind, (document, pick) => {
    const places =
      head === 'consents'
        ? objectsOf(document['consents']).map((one, i): Place => ({ path: [head, i, 'resource'], value: one['resource'] }))
        : entries(document, head)
    return atOne(document, places, pick, ({ value }) => ({ ...(value as Json), ...more }))
  })

const BAD_DATES = ['2024-13', '2024-02-30', '10000-01-01', '2024-06-01T12:00:00', '24-06-01', 'yesterday', '', '2024-06-01T25:00:00Z', '2024-6-1', '٢٠٢٤']
const isDate = ({ path, value }: Place): boolean =>
  typeof value === 'string' && /^[0-9]{4}(?:-|$)/.test(value) && path.at(-1) !== 'code' && path.at(-1) !== 'value'
const badDate = (head: 'consents' | 'resources' | 'references'): Fault =>
  narrower(`bad date in ${head}`, (document, pick) => atOne(document, placesBelow(document, head, isDate), pick, () => choose(BAD_DATES, pick)))
const reversed = (head: 'consents' | 'resources' | 'references'): Fault =>
  narrower(`reversed period in ${head}`, (document, pick) =>
    atOne(
      document,
      placesBelow(document, head, ({ path }) => /period$/i.test(String(path.at(-1)))),
      pick,
      () => ({ start: '2024-07-01', end: '2024-05-01' }),
    ),
  )

const withLevel = (document: Json): readonly Place[] =>
  placesBelow(document, 'resources', ({ path, value }) => path.at(-1) === 'security' && JSON.stringify(value).includes('v3-Confidentiality'))
const labels: readonly Fault[] = [
  narrower('contradictory levels', (document, pick) =>
    atOne(document, withLevel(document), pick, ({ value }) => [...(value as readonly unknown[]), level(choose(['U', 'L', 'M', 'N', 'R', 'V'], pick) ?? '')]),
  ),
  narrower('an unknown level beside', (document, pick) =>
    atOne(document, withLevel(document), pick, ({ value }) => [...(value as readonly unknown[]), level('ODD')]),
  ),
  page('a label of a foreign system', (document, pick) => labelSystem(document, pick, 'urn:foreign')),
  page('a label without system', (document, pick) => labelSystem(document, pick, undefined)),
  narrower('an unknown label', (document, pick) => atOne(document, labelCodes(document), pick, () => 'NOT-A-CODE')),
  page('an absent label', (document, pick) => {
    const place = choose(
      placesBelow(document, 'resources', ({ path }) => path.at(-1) === 'meta'),
      pick,
    )
    return place === undefined ? undefined : withoutPlace(document, place.path)
  }),
]
const labelCodes = (document: Json): readonly Place[] => placesBelow(document, 'resources', ({ path }) => path.at(-1) === 'code' && path.at(-3) === 'security')

function labelSystem(document: Json, pick: Pick, system: string | undefined): Json | undefined {
  const place = choose(labelCodes(document), pick)
  if (place === undefined) return undefined
  const path = [...place.path.slice(0, -1), 'system']
  return system === undefined ? withoutPlace(document, path) : withValue(document, path, system)
}

const isLink = ({ path, value }: Place): boolean => path.at(-1) === 'reference' && typeof value === 'string' && path.at(-2) !== 'subject'
const links: readonly Fault[] = [
  narrower('a reference of a resource that cannot be followed', (document, pick) =>
    atOne(document, placesBelow(document, 'resources', isLink), pick, ({ value }) =>
      choose(['', 7, null, `http://elsewhere.example/${String(value)}`, ['x'], { odd: 1 }], pick),
    ),
  ),
  narrower('a group that contains itself', (document, pick) =>
    atOne(document, entries(document, 'references', 'Group'), pick, ({ value }) => ({
      ...(value as Json),
      member: [...objectsOf(own(value, 'member')), { entity: to(`Group/${String(own(value, 'id'))}`) }],
    })),
  ),
  page('an organization that is part of itself', (document, pick) =>
    atOne(document, entries(document, 'references', 'Organization'), pick, ({ value }) => ({
      ...(value as Json),
      partOf: to(`Organization/${String(own(value, 'id'))}`),
    })),
  ),
  page('resources that refer to each other in a circle', circle),
  narrower('a resource twice, with other content', (document, pick) => {
    const place = choose(entries(document, 'resources'), pick)
    return place === undefined
      ? undefined
      : { ...document, resources: [...objectsOf(document['resources']), { ...(place.value as Json), ...choose(OTHER_CONTENT, pick) }] }
  }),
  page('a reference twice, with other content', (document, pick) => {
    const place = choose(entries(document, 'references'), pick)
    return place === undefined
      ? undefined
      : { ...document, references: [...objectsOf(document['references']), { ...(place.value as Json), ...choose(OTHER_CONTENT, pick) }] }
  }),
  page('another patient', (document, pick) =>
    atOne(document, entries(document, 'resources'), pick, ({ value }) => ({ ...(value as Json), subject: to('Patient/q') })),
  ),
  page('a Consent of another patient', (document, pick) =>
    atOne(
      document,
      placesBelow(document, 'consents', ({ path }) => path.at(-1) === 'patient'),
      pick,
      () => choose([to('Patient/q'), { display: 'p' }, to('#p')], pick),
    ),
  ),
]
const OTHER_CONTENT: readonly Json[] = [
  { active: false },
  { identifier: [{ system: 'urn:npi', value: '77' }] },
  { meta: { security: [level('V')] } },
  { meta: 7 },
  { subject: to('Patient/q') },
]

function circle(document: Json): Json | undefined {
  const resources = objectsOf(document['resources'])
  const named = (i: number): string => `${String(own(resources[i % resources.length], 'resourceType'))}/${String(own(resources[i % resources.length], 'id'))}`
  return resources.length === 0 ? undefined : { ...document, resources: resources.map((one, i) => ({ ...one, basedOn: [to(named(i + 1))] })) }
}

/** Own members named like those of every object; they can only come from text. */
const named = (head: 'consents' | 'references' | 'resources'): Fault => ({
  kind: `prototype name as a member in ${head}`,
  promise: 'narrower',
  inject: (document, pick) => {
    const faulty = atOne(document, placesBelow(document, head, objects), pick, ({ value }) => ({
      ...(value as Json),
      'A MEMBER': { active: true, type: 'permit', code: 'N' },
    }))
    return faulty === undefined ? undefined : JSON.stringify(faulty).replace('A MEMBER', choose(['__proto__', 'constructor', 'toString'], pick) ?? '')
  },
})

const text = (kind: string, change: (text: string, pick: Pick) => string): Fault => ({
  kind,
  promise: 'narrower',
  inject: (document, pick) => change(JSON.stringify(document), pick),
})

/** Says one member of the text a second time, with a value that would release more. */
function twice(whole: string, pick: Pick): string {
  const places = [...whole.matchAll(/"(?:type|status|code|system|reference|action|default|active)":"[^"]*"/g)]
  const found = choose(places, pick)
  if (found === undefined) return whole
  const more =
    choose(['"type":"permit"', '"status":"draft"', '"code":"TREAT"', '"default":"all-treatment"', found[0].replace(/:"[^"]*"/, ':"odd"')], pick) ?? ''
  const name = found[0].slice(0, found[0].indexOf(':'))
  const second = more.startsWith(name) ? more : `${name}:"odd"`
  return `${whole.slice(0, found.index)}${found[0]},${second}${whole.slice(found.index + found[0].length)}`
}

const texts: readonly Fault[] = [
  text('truncated text', (whole, pick) => whole.slice(0, pick(whole.length))),
  text('a member twice', twice),
  text('trailing comma', (whole, pick) => {
    const at =
      choose(
        [...whole.matchAll(/[}\]]/g)].map(({ index }) => index),
        pick,
      ) ?? 0
    return `${whole.slice(0, at)},${whole.slice(at)}`
  }),
  text('byte order mark', (whole) => `\ufeff${whole}`),
  text('NUL in the text', (whole, pick) => {
    const at = pick(whole.length)
    return `${whole.slice(0, at)}\u0000${whole.slice(at)}`
  }),
  text('text behind the end', (whole) => `${whole}{}`),
  text('deep nesting', (whole, pick) =>
    whole.replace(choose(['"resources":[', '"references":[', '"consents":['], pick) ?? '', (found) => `${found}${'['.repeat(50_000)}${']'.repeat(50_000)},`),
  ),
]

export const FAULTS_OF_RECORDS: readonly Fault[] = [
  ...(['consents', 'resources', 'references'] as const).flatMap((head) => [modified(head), badDate(head), reversed(head), named(head)]),
  added('implicitRules in a Consent', 'consents', { implicitRules: 'urn:odd' }),
  added('implicitRules in a resource', 'resources', { implicitRules: 'urn:odd' }),
  narrower('a bad instant of the decision', (document, pick) => ({ ...document, at: choose([...BAD_DATES, 7, null, '2024'], pick) })),
  ...labels,
  ...links,
  ...texts,
]

const repeat = (value: unknown, times: number): readonly unknown[] => Array.from({ length: times }, () => value)
const MANY = 100_000
const LONG = 'x'.repeat(1_000_000)
const nested = (depth: number): unknown => JSON.parse(`${'{"a":['.repeat(depth)}1${']}'.repeat(depth)}`) as unknown

const provisions = (document: Json): readonly Place[] =>
  placesBelow(document, 'consents', ({ path, value }) => path.at(-1) === 'provision' && !Array.isArray(value))
const listsOf = (document: Json, member: string): readonly Place[] =>
  placesBelow(document, 'consents', ({ path, value }) => path.at(-1) === member && Array.isArray(value))
const grown = (kind: string, member: string, more: Json): Fault =>
  narrower(kind, (document, pick) => atOne(document, listsOf(document, member), pick, ({ value }) => [...(value as readonly unknown[]), ...repeat(more, MANY)]))

/** Slow ones, of which fewer are tried. */
export const HUGE_FAULTS: readonly Fault[] = [
  narrower('100,000 children', (document, pick) =>
    atOne(document, provisions(document), pick, ({ value }) => ({
      ...(value as Json),
      provision: [...objectsOf(own(value, 'provision')), ...repeat({ type: 'deny', class: [{ code: 'x' }] }, MANY)],
    })),
  ),
  grown('100,000 actors that resolve to nothing', 'actor', { role: { coding: [{ code: 'IRCP' }] }, reference: to('Practitioner/not-there') }),
  grown('100,000 unknown purposes', 'purpose', { system: 'urn:odd', code: 'x' }),
  grown('100,000 unknown labels', 'securityLabel', { system: 'urn:odd', code: 'x' }),
  narrower('100,000 codings of a resource', (document, pick) =>
    atOne(document, entries(document, 'resources'), pick, ({ value }) => ({
      ...(value as Json),
      category: [{ coding: repeat({ system: 'http://loinc.org', code: '74013-4' }, MANY) }],
    })),
  ),
  narrower('100,000 members of a group', (document, pick) =>
    atOne(document, entries(document, 'references', 'Group'), pick, ({ value }) => ({
      ...(value as Json),
      member: [...objectsOf(own(value, 'member')), ...repeat({ entity: to('Practitioner/not-there') }, MANY)],
    })),
  ),
  narrower('a million letters in a Consent', (document, pick) =>
    atOne(
      document,
      placesBelow(document, 'consents', ({ path, value }) => path.at(-1) === 'code' && typeof value === 'string' && path.at(-5) !== 'code'),
      pick,
      () => LONG,
    ),
  ),
  narrower('a million letters in a reference of a resource', (document, pick) => atOne(document, placesBelow(document, 'resources', isLink), pick, () => LONG)),
  narrower('a resource nested 3,000 deep', (document, pick) =>
    atOne(document, entries(document, 'resources'), pick, ({ value }) => ({ ...(value as Json), extension: [nested(1500)] })),
  ),
  narrower('a Consent nested 3,000 deep', (document, pick) =>
    atOne(document, provisions(document), pick, ({ value }) => ({ ...(value as Json), extension: [nested(1500)] })),
  ),
  narrower('a reference nested 3,000 deep', (document, pick) =>
    atOne(document, entries(document, 'references'), pick, ({ value }) => ({ ...(value as Json), extension: [nested(1500)] })),
  ),
]
