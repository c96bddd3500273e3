import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { answerTo } from './against-oracle.ts'
import { anyCase } from './arbitrary-cases.ts'
import { anyConsent, brokenConsent, denyingConsent } from './arbitrary-consents.ts'
import { type Json, listOf, nameOf } from './json.ts'

/** Laws that hold for every case, whatever it says. */

const SEED = 20241122
const law = (runs: number, holds: fc.IPropertyWithHooks<[Json, readonly Json[], number]>): void => fc.assert(holds, { numRuns: runs, seed: SEED })
const decide = (document: Json) => answerTo(JSON.stringify(document))
const withConsents = (document: Json, consents: readonly unknown[]): Json => ({ ...document, consents })
const within = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one))
const some = (one: fc.Arbitrary<Json>): fc.Arbitrary<readonly Json[]> => fc.array(one, { minLength: 1, maxLength: 2 })

/** The default may open what no consent in force forbids, so these laws start with a consent that counts. */
const isDecided = (document: Json): boolean => decide(document).decision !== 'refused'

it('adding a Consent that only denies never widens', () => {
  law(
    1000,
    fc.property(anyCase, some(denyingConsent), fc.nat(), (document, denying, at) => {
      const consents = listOf(document['consents'])
      const place = at % (consents.length + 1)
      const after = decide(withConsents(document, [...consents.slice(0, place), ...denying, ...consents.slice(place)]))
      expect(within(after.released, decide(document).released) || !isDecided(document)).toBe(true)
    }),
  )
})

it('adding a Consent that cannot be represented never widens, nor does putting one in the place of another', () => {
  law(
    1000,
    fc.property(anyCase, some(brokenConsent), fc.nat(), (document, broken, at) => {
      fc.pre(isDecided(document))
      const before = decide(document).released
      const consents = listOf(document['consents'])
      expect(within(decide(withConsents(document, [...consents, ...broken])).released, before)).toBe(true)
      const place = at % Math.max(1, consents.length)
      expect(
        within(
          decide(
            withConsents(
              document,
              consents.map((one, i) => (i === place ? broken[0] : one)),
            ),
          ).released,
          before,
        ),
      ).toBe(true)
    }),
  )
})

it('the order of consents, references, resources and purposes does not matter, nor does saying them twice', () => {
  law(
    1000,
    fc.property(anyCase, some(anyConsent), fc.nat(), (document, more, turn) => {
      const consents = [...listOf(document['consents']), ...more]
      const turned = (list: readonly unknown[]): readonly unknown[] => {
        const at = turn % Math.max(1, list.length)
        return [...list.slice(at), ...list.slice(0, at)].reverse()
      }
      const expected = decide(withConsents(document, consents))
      const request = document['request'] as Json
      const moved = {
        ...document,
        consents: turned(consents),
        references: turned(listOf(document['references'])),
        resources: turned(listOf(document['resources'])),
        request: { ...request, purpose: turned(listOf(request['purpose'])), actors: turned(listOf(request['actors'])) },
      }
      expect(decide(moved)).toEqual(expected)
      expect(
        decide({ ...withConsents(document, [...consents, ...consents]), references: [...listOf(document['references']), ...listOf(document['references'])] }),
      ).toEqual(expected)
      expect(decide({ ...withConsents(document, consents), resources: [...listOf(document['resources']), ...listOf(document['resources'])] })).toEqual(expected)
    }),
  )
})

it('each resource stands in exactly one list, once', () => {
  law(
    1000,
    fc.property(anyCase, some(anyConsent), fc.nat(), (document, _more, _turn) => {
      fc.pre(isDecided(document))
      const { decision, released, withheld } = decide(document)
      const names = [...new Set(listOf(document['resources']).map((one) => nameOf(one) ?? ''))]
      expect([...released, ...withheld].sort()).toEqual(names.sort())
      expect(decision).toBe(released.length > 0 ? 'permit' : 'deny')
    }),
  )
})

it('asking for one more purpose never widens, nor does adding a permit ever narrow', () => {
  law(
    1000,
    fc.property(anyCase, some(anyConsent), fc.nat(), (document, _, turn) => {
      fc.pre(isDecided(document))
      const request = document['request'] as Json
      const purpose = listOf(request['purpose'])
      fc.pre(purpose.length > 0)
      const more = ['TREAT', 'HPAYMT', 'HRESCH', 'ODD', 'BTG'][turn % 5]
      const before = decide(document).released
      expect(within(decide({ ...document, request: { ...request, purpose: [...purpose, more] } }).released, before)).toBe(true)
      const permit = { profile: 'pcf', resource: { ...PERMIT, patient: { reference: 'Patient/p' } } }
      fc.pre(listOf(document['consents']).length > 0)
      expect(within(before, decide(withConsents(document, [...listOf(document['consents']), permit])).released)).toBe(true)
    }),
  )
})

const PERMIT = {
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  provision: { type: 'permit' },
}
