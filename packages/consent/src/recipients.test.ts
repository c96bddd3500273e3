import { describe, expect, it } from 'vitest'
import { recipientsAreDoubtful, recipientsMatch } from './recipients.ts'
import type { Actor, Recipient } from './types.ts'

const asker: Actor = { identifiers: ['npi|1'], possible: ['npi|9', 'cedar', 'g9'], organization: 'birch', group: 'g1', roles: ['physician'] }
const unidentified: Actor = { ...asker, unidentified: true }
const nameless: Actor = { identifiers: [], roles: [] }

describe('whom a grant speaks of', () => {
  it.each<[name: string, recipient: Recipient, permits: boolean, denies: boolean]>([
    ['anyone', { anyone: true }, true, true],
    ['the practitioner who asks', { practitioner: 'npi|1' }, true, true],
    ['another practitioner', { practitioner: 'npi|2' }, false, false],
    ['who may be the one who asks', { practitioner: 'npi|9' }, false, true],
    ['an identifier that may be theirs', { identifier: 'npi|9' }, false, true],
    ['the organization that asks', { organization: 'birch' }, true, true],
    ['another organization', { organization: 'alder' }, false, false],
    ['an organization that may be theirs', { organization: 'cedar' }, false, true],
    ['a group that may be theirs', { group: 'g9' }, false, true],
    ['a role they have', { role: 'physician' }, true, true],
    ['a role they do not have', { role: 'nurse' }, false, false],
    ['a study nobody stated', { study: 'st1' }, false, false],
    ['a delegation nobody stated', { delegate: 'd1' }, false, false],
    ['nobody that can be told', { unresolved: 'Practitioner/x' }, false, true],
    ['nobody at all', {}, false, true],
    ['them, at their organization', { practitioner: 'npi|1', organization: 'birch' }, true, true],
    ['them, at another organization', { practitioner: 'npi|1', organization: 'alder' }, false, true],
    ['them, with somebody that cannot be told', { practitioner: 'npi|1', unresolved: 'Organization/x' }, false, true],
    ['another, with somebody that cannot be told', { practitioner: 'npi|2', unresolved: 'Organization/x' }, false, true],
  ])('%s', (_, recipient, permits, denies) => {
    expect([recipientsMatch([recipient], asker, false), recipientsMatch([recipient], asker, true)]).toEqual([permits, denies])
  })

  it('means by each alternative what it means alone', () => {
    expect(recipientsMatch([{ practitioner: 'npi|2' }, { practitioner: 'npi|1' }], asker, false)).toBe(true)
    expect(recipientsMatch([{ practitioner: 'npi|2' }, { practitioner: 'npi|3' }], asker, true)).toBe(false)
  })

  it('is everybody where nothing is said, and by a deny where nobody is listed', () => {
    expect([recipientsMatch(undefined, asker, false), recipientsMatch(undefined, asker, true)]).toEqual([true, true])
    expect([recipientsMatch([], asker, false), recipientsMatch([], asker, true)]).toEqual([false, true])
  })

  it('may be anybody where the one who asks cannot be told', () => {
    expect([recipientsMatch([{ role: 'nurse' }], unidentified, false), recipientsMatch([{ role: 'nurse' }], unidentified, true)]).toEqual([false, true])
    for (const recipient of [{ practitioner: 'npi|1' }, { organization: 'birch' }, { group: 'g1' }, { identifier: 'npi|1' }]) {
      expect([recipientsMatch([recipient], nameless, false), recipientsMatch([recipient], nameless, true)]).toEqual([false, true])
    }
  })

  /** Doubt is where a permit and a deny by the same recipients part; of several members, where any of them is in doubt. */
  it.each<[name: string, doubtful: boolean, recipients: readonly Recipient[], by?: Actor]>([
    ['nobody at all', true, []],
    ['a recipient that names nobody', true, [{}]],
    ['anyone', false, [{ anyone: true }]],
    ['anyone, in a form that says nothing', true, [{ anyone: false } as unknown as Recipient]],
    ['the one who asks', false, [{ practitioner: 'npi|1' }]],
    ['another', false, [{ practitioner: 'npi|2' }]],
    ['somebody who may be the one who asks', true, [{ practitioner: 'npi|9' }]],
    ['an organization that may be theirs', true, [{ organization: 'cedar' }]],
    ['an organization, where none is stated', true, [{ organization: 'alder' }], nameless],
    ['a name, where the one who asks has none', true, [{ identifier: 'npi|2' }], nameless],
    ['a name that led to nobody', true, [{ unresolved: 'Practitioner/x' }]],
    ['another, with a name that led to nobody', true, [{ practitioner: 'npi|2', unresolved: 'Organization/x' }]],
    ['another, or somebody in doubt', true, [{ practitioner: 'npi|2' }, { practitioner: 'npi|9' }]],
    ['others, asked by somebody who cannot be told', true, [{ role: 'nurse' }], unidentified],
  ])('is in doubt, or not, for %s', (_, doubtful, recipients, by = asker) => {
    expect(recipientsAreDoubtful(recipients, by)).toBe(doubtful)
  })

  it('counts anyone as anyone only where it says so', () => {
    const malformed = { anyone: false } as unknown as Recipient
    expect([recipientsMatch([malformed], asker, false), recipientsMatch([malformed], asker, true)]).toEqual([false, true])
  })
})
