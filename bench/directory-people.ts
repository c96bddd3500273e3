import { closeSync, openSync, writeSync } from 'node:fs'
import { createRegister } from '@fiducia/testkit'
import { createRandom, type Random } from '../packages/directory/test/people.ts'

/**
 * A roster of any length as CSV, written as it is made up. Names and states are spread as they are among people, a few of them frequent:
 * the commonest of 50,000 names has one person in 220, the largest of 51 states one in seven, the smallest one in a hundred.
 */
const SURNAMES = 50_000
const PER_CLINIC = 4
const LINES_PER_WRITE = 10_000

export const STATES =
  'CA TX NY FL PA IL OH NC GA MI NJ VA WA MA TN AZ MD MO IN MN CO WI SC AL LA OR KY OK CT UT IA NV AR MS KS NM NE ID WV HI NH ME RI MT DE SD ND AK DC VT WY'.split(
    ' ',
  )
export const ROSTER_FIELDS = {
  'name.family': 'Family',
  'name.given': 'Given',
  'name.credential': 'Credential',
  gender: 'Gender',
  'location.line': 'Street',
  'location.city': 'City',
  'location.state': 'State',
  'location.postalCode': 'ZIP',
  'role.phone': 'Phone',
} as const

const SYLLABLES = 'ba da fa ga ha ka la ma na pa ra sa ta va wa be de fe ge he ke le me ne pe re se te ve we bo do fo go ho ko lo mo no po'.split(' ')

/** Small numbers come more often than large ones. */
const skewed = (random: Random, limit: number): number => Math.floor(limit * (random.below(1_000_000) / 1_000_000) ** 2)

/** Digits to the base of the syllables, so that each number is another name. */
function nameOf(number: number): string {
  const [first = '', second = '', third = ''] = [number, number / SYLLABLES.length, number / SYLLABLES.length ** 2].map(
    (digit) => SYLLABLES[Math.floor(digit) % SYLLABLES.length],
  )
  return `${first.charAt(0).toUpperCase()}${first.slice(1)}${second}${third}n`
}

export interface Sought {
  readonly npi: string
  readonly family: string
  readonly state: string
}

/** The same ones each time, without going through those before. */
export function personOf(index: number, npiOf: (index: number) => string): Sought & { readonly cells: readonly string[] } {
  const random = createRandom(index)
  const clinic = createRandom(-1 - Math.floor(index / PER_CLINIC))
  const [npi, family, given] = [npiOf(index), nameOf(skewed(random, SURNAMES)), nameOf(random.below(400))]
  const state = STATES[skewed(clinic, STATES.length)] ?? 'CA'
  const address = [
    `${1 + clinic.below(9_000)} ${nameOf(clinic.below(SURNAMES))} Street`,
    nameOf(clinic.below(900)),
    state,
    String(10_000 + clinic.below(80_000)),
  ]
  const gender = random.below(2) === 0 ? 'F' : 'M'
  return { npi, family, state, cells: [npi, family, given, 'MD', gender, ...address, `503555${String(index % 10_000).padStart(4, '0')}`] }
}

export function writeRoster(file: string, practitioners: number): void {
  const { npiOf } = createRegister({ seed: 'search', practitioners })
  const descriptor = openSync(file, 'w')
  let lines = [['NPI', ...Object.values(ROSTER_FIELDS)].join(',')]
  for (let index = 0; index < practitioners; index += 1) {
    lines.push(personOf(index, npiOf).cells.join(','))
    if (lines.length < LINES_PER_WRITE) continue
    writeSync(descriptor, `${lines.join('\n')}\n`)
    lines = []
  }
  writeSync(descriptor, lines.join('\n'))
  closeSync(descriptor)
}
