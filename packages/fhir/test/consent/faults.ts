import type { Json } from './json.ts'
import { isList, isObject, objectsOf, own } from './json.ts'
import { type Path, type Place, placesOf, valueAt, withoutPlace, withValue } from './places.ts'

/**
 * One fault in a valid case, by kind. What "widens" means is a matter of the kind:
 *
 * - `narrower`: nobody can have meant this. The fault breaks the form (another JSON type, an empty value, bad text), says
 *   something that means nothing to us where a rule is matched eagerly (codes, labels, dates, actors and data that resolve
 *   to nothing), or adds a doubt (a second label, a modifier). What is released afterwards was released before: a deny that
 *   mattered must not vanish, and a permit must not grow, whatever the fault hit.
 * - `page`: the fault leaves a case that means something else (a reference that is gone, another coding in `code`, a label
 *   that is gone, another patient, other links). It may release more, exactly where the page says so: nothing is released
 *   that the oracle withholds.
 *
 * Cases start without two resources of one name, since breaking the name of the one would free the other by right. A label that
 * loses its system is told by the page: it counts as restricted, even if it said V.
 */
export type Pledge = 'narrower' | 'page'

/** Chooses a number below `count`. */
export type Pick = (count: number) => number

export interface Fault {
  readonly kind: string
  readonly promise: Pledge
  /** The text of the faulty case; `undefined` where the case has no place for this fault. */
  readonly inject: (document: Json, pick: Pick) => string | undefined
}

export const choose = <T>(list: readonly T[], pick: Pick): T | undefined => list[pick(Math.max(1, list.length))]

const onCase =
  (inject: (document: Json, pick: Pick) => Json | undefined) =>
  (document: Json, pick: Pick): string | undefined => {
    const faulty = inject(document, pick)
    return faulty === undefined ? undefined : JSON.stringify(faulty)
  }
export const narrower = (kind: string, inject: (document: Json, pick: Pick) => Json | undefined): Fault => ({
  kind,
  promise: 'narrower',
  inject: onCase(inject),
})
export const page = (kind: string, inject: (document: Json, pick: Pick) => Json | undefined): Fault => ({ kind, promise: 'page', inject: onCase(inject) })

/** Places below the parts of a case that `heads` name, such as `consents.*.resource`. */
export function placesBelow(document: Json, head: 'consents' | 'references' | 'resources' | 'request', only: (place: Place) => boolean): readonly Place[] {
  return placesOf(own(document, head), [head]).filter((place) => place.path.length > (head === 'request' ? 1 : 2) && !holdsFault(place) && only(place))
}

/** Some cases are faulty from the start; what makes them so is left alone, or a second fault would mend the first. */
const holdsFault = ({ path, value }: Place): boolean =>
  path.includes('modifierExtension') ||
  JSON.stringify(value).includes('"modifierExtension"') ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** Changes one of the places that fit. */
export function atOne(document: Json, places: readonly Place[], pick: Pick, change: (place: Place) => unknown): Json | undefined {
  const place = choose(places, pick)
  return place === undefined ? undefined : withValue(document, place.path, change(place))
}

const WRONG: readonly unknown[] = [7, [], [7], {}, { odd: 1 }, null, true, 'odd', [['odd']]]
const kindOf = (value: unknown): string => (value === null ? 'null' : isList(value) ? 'list' : typeof value)

/** Another JSON type than the one that stands there. */
function ofAnotherType(value: unknown, pick: Pick): unknown {
  return choose(
    WRONG.filter((one) => kindOf(one) !== kindOf(value)),
    pick,
  )
}

const HEADS = ['consents', 'references', 'resources', 'request'] as const

const wrongTypes: readonly Fault[] = HEADS.map((head) =>
  narrower(`wrong JSON type in ${head}`, (document, pick) =>
    atOne(
      document,
      placesBelow(document, head, () => true),
      pick,
      ({ value }) => ofAnotherType(value, pick),
    ),
  ),
)

const empties: readonly Fault[] = HEADS.map((head) =>
  narrower(`empty list or object in ${head}`, (document, pick) =>
    atOne(
      document,
      placesBelow(document, head, ({ value }) => typeof value === 'object' && value !== null),
      pick,
      ({ value }) => (isList(value) ? [] : {}),
    ),
  ),
)

/** Where a code stands that the decision reads in a Consent; not `code` of a provision, where any code may be meant. */
const READ = ['scope', 'role', 'purpose', 'action', 'securityLabel', 'class', 'policyRule']
const isCodePlace = ({ path, value }: Place): boolean => path.at(-1) === 'code' && typeof value === 'string' && path.some((name) => READ.includes(String(name)))
const isWordPlace = ({ path, value }: Place): boolean =>
  ['status', 'meaning', 'type'].includes(String(path.at(-1))) && typeof value === 'string' && !path.includes('contained')
const isRegulation = ({ path }: Place): boolean => path.includes('policyRule')
const namedIn = (member: string) => (place: Place) => place.path.includes(member)

const codePlaces = (document: Json): readonly Place[] => placesBelow(document, 'consents', isCodePlace)
const systemOf = ({ path }: Place): Path => [...path.slice(0, -1), 'system']

export const TEXTS: { readonly [kind: string]: (text: string) => string } = {
  'unknown code': () => 'NOT-A-CODE',
  'prototype name as a code': (text) => ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'][text.length % 5] ?? '',
  'lone surrogate in a code': (text) => `${text}\ud800`,
  'zero width in a code': (text) => `${text.slice(0, 1)}\u200b${text.slice(1)}`,
  'homoglyph in a code': (text) => text.replace(/[AEOTPCaeopc]/, (letter) => HOMOGLYPHS[letter] ?? letter).replace(/^(?![^ -~])/, '\u2060'),
  'NUL in a code': (text) => `${text}\u0000`,
  'another case of letters in a code': (text) => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase()),
  'white space around a code': (text) => ` ${text} `,
}
const HOMOGLYPHS: { readonly [letter: string]: string } = { A: 'А', E: 'Е', O: 'О', T: 'Т', P: 'Р', C: 'С', a: 'а', e: 'е', o: 'о', p: 'р', c: 'с' }

const codes: readonly Fault[] = Object.entries(TEXTS).flatMap(([kind, change]) => [
  narrower(kind, (document, pick) => atOne(document, codePlaces(document), pick, ({ value }) => change(String(value)))),
  narrower(kind.replace('code', 'status, type or meaning'), (document, pick) =>
    atOne(document, placesBelow(document, 'consents', isWordPlace), pick, ({ value }) => change(String(value))),
  ),
])

const systems: readonly Fault[] = [
  narrower('missing code', (document, pick) => without(document, codePlaces(document), pick, (place) => place.path)),
  narrower('missing system', (document, pick) =>
    without(
      document,
      codePlaces(document).filter((place) => isBound(document, place)),
      pick,
      systemOf,
    ),
  ),
  narrower('foreign system', (document, pick) => replaceSystem(document, (place) => !isRegulation(place), pick)),
  page('a regulation of a foreign system', (document, pick) => replaceSystem(document, isRegulation, pick)),
  narrower('a code of a rule without system', (document, pick) => without(document, ruleCodes(document), pick, systemOf)),
  page('another code in a rule', (document, pick) => atOne(document, ruleCodes(document), pick, () => 'NOT-A-CODE')),
  narrower('a coding without anything', (document, pick) => atOne(document, codePlaces(document).map(parent), pick, () => ({ display: 'said in words' }))),
]

/** Not where the system is another one already: without it the code would begin to mean something. */
const isBound = (document: Json, place: Place): boolean => String(valueAt(document, systemOf(place))).startsWith('http://terminology.hl7.org/')
const parent = ({ path }: Place): Place => ({ path: path.slice(0, -1), value: undefined })
const ruleCodes = (document: Json): readonly Place[] =>
  placesBelow(
    document,
    'consents',
    (place) => place.path.at(-1) === 'code' && typeof place.value === 'string' && place.path.at(-3) === 'coding' && place.path.at(-5) === 'code',
  )

function without(document: Json, places: readonly Place[], pick: Pick, which: (place: Place) => Path): Json | undefined {
  const place = choose(places, pick)
  return place === undefined || valueAt(document, which(place)) === undefined ? undefined : withoutPlace(document, which(place))
}

function replaceSystem(document: Json, only: (place: Place) => boolean, pick: Pick): Json | undefined {
  return atOne(
    document,
    codePlaces(document)
      .filter(only)
      .map((place) => ({ path: systemOf(place), value: undefined })),
    pick,
    () => 'urn:foreign',
  )
}

const referencesNamed = (document: Json, member: string): readonly Place[] =>
  placesBelow(document, 'consents', (place) => place.path.at(-1) === 'reference' && isObject(place.value) && namedIn(member)(place))

const DANGLING: readonly unknown[] = [
  { reference: 'Practitioner/not-there' },
  { reference: '#not-there' },
  { reference: 'http://elsewhere.example/Practitioner/a' },
  { display: 'somebody' },
  { reference: 'urn:uuid:00000000-0000-0000-0000-000000000000' },
  { reference: '' },
  { reference: '__proto__' },
]

const people: readonly Fault[] = [
  narrower('an actor that resolves to nothing', (document, pick) => atOne(document, referencesNamed(document, 'actor'), pick, () => choose(DANGLING, pick))),
  narrower('data that resolves to nothing', (document, pick) => atOne(document, referencesNamed(document, 'data'), pick, () => choose(DANGLING, pick))),
  narrower('an actor or data without reference', (document, pick) =>
    without(document, [...referencesNamed(document, 'actor'), ...referencesNamed(document, 'data')], pick, ({ path }) => path),
  ),
  narrower('an actor without role', (document, pick) =>
    without(
      document,
      placesBelow(document, 'consents', ({ path }) => path.at(-1) === 'role'),
      pick,
      ({ path }) => path,
    ),
  ),
  narrower('data without meaning', (document, pick) =>
    without(
      document,
      placesBelow(document, 'consents', ({ path }) => path.at(-1) === 'meaning'),
      pick,
      ({ path }) => path,
    ),
  ),
  narrower('one who asks that resolves to nothing', (document, pick) =>
    atOne(
      document,
      placesOf(valueAt(document, ['request', 'actors']), ['request', 'actors']).filter(({ path }) => path.length === 3),
      pick,
      () => choose(DANGLING, pick),
    ),
  ),
  page('a reference that is gone', (document, pick) => withoutPlace(document, ['references', pick(Math.max(1, objectsOf(document['references']).length))])),
]

export const FAULTS_OF_CONSENTS: readonly Fault[] = [...wrongTypes, ...empties, ...codes, ...systems, ...people]
