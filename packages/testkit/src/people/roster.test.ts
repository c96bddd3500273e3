import { isNpi } from '@fiducia/directory'
import { expect, it } from 'vitest'
import { DEMO_ORGANIZATIONS } from './index.ts'
import { createRoster } from './roster.ts'

const AS_OF = Date.UTC(2026, 0, 15)
const roster = createRoster('test', AS_OF)
const all = DEMO_ORGANIZATIONS.flatMap((organization) => [...roster.of(organization).own, ...roster.of(organization).others])
const npisOf = (resources: readonly (typeof all)[number][]) =>
  resources.flatMap((one) => (one.resourceType === 'Practitioner' ? [(one['identifier'] as unknown as readonly [{ readonly value: string }])[0].value] : []))

it('is the same for the same seed', () => {
  expect(JSON.stringify(createRoster('test', AS_OF).of('dune'))).toBe(JSON.stringify(roster.of('dune')))
  expect(JSON.stringify(createRoster('other', AS_OF).of('dune'))).not.toBe(JSON.stringify(roster.of('dune')))
})

it('has two thousand practitioners, each in the files of the organization that employs it', () => {
  const own = DEMO_ORGANIZATIONS.flatMap((organization) => npisOf(roster.of(organization).own))
  expect([own.length, new Set(own).size, own.every(isNpi)]).toEqual([2_000, 2_000, true])
})

it('plants faults of every kind in what organizations have of others', () => {
  expect(Object.values(roster.planted).every((count) => count > 0)).toBe(true)
  expect(npisOf(all).filter((npi) => !isNpi(npi))).toHaveLength(roster.planted['bad check digit'])
  const seen = all.flatMap((one) => (one['meta'] === undefined ? [] : [Date.parse((one['meta'] as { readonly lastUpdated: string }).lastUpdated)]))
  expect(seen.every((at) => at < AS_OF)).toBe(true)
})

it('names nobody: numbers never given out, phones of fiction', () => {
  const invented = npisOf(all).filter((npi) => !npi.startsWith('19999'))
  expect(invented.every((npi) => npi.startsWith('2'))).toBe(true)
  for (const [phone] of JSON.stringify(all).matchAll(/\(\d{3}\) \d{3}-\d{4}/g)) expect(phone).toMatch(/ 555-01\d\d$/)
})
