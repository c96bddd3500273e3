import { describe, expect, it } from 'vitest'
import { decide, linksAmong, linksOfOne, type Policy, type Question, readFacts } from './index.ts'

const resource = (ref: string, ...references: readonly object[]) => ({
  resourceType: ref.split('/')[0],
  id: ref.split('/')[1],
  identifier: [{ system: 'urn:visit', value: ref }],
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }] },
  basedOn: references,
})
const to = (reference: string) => ({ reference })
const nameOf = (one: unknown) => {
  const { resourceType, id } = one as { resourceType: string; id: string }
  return `${resourceType}/${id}`
}
const identifiersOf = (one: unknown) =>
  (one as { identifier: readonly { system: string; value: string }[] }).identifier.map(({ system, value }) => `${system}|${value}`)
const among = (...resources: readonly object[]) => linksAmong(resources, { nameOf, identifiersOf })

describe('the links among resources', () => {
  const [visit, test, note, plan] = [
    resource('Basic/visit'),
    resource('Basic/test', to('Basic/visit')),
    resource('Basic/note', to('Basic/test')),
    resource('Basic/plan'),
  ]

  it('go one step both ways, and all steps to what something depends on', () => {
    const links = among(visit, test, note, plan)
    expect(links(test).related).toMatchObject({ names: new Set(['Basic/visit', 'Basic/note']), complete: true })
    expect(links(note).dependsOn).toMatchObject({ names: new Set(['Basic/test', 'Basic/visit']), complete: true })
    expect(links(plan)).toMatchObject({ related: { names: new Set(), complete: true }, dependsOn: { names: new Set(), complete: true } })
  })

  it('follow an identifier to whoever carries it', () => {
    const byIdentifier = resource('Basic/test', { identifier: { system: 'urn:visit', value: 'Basic/visit' } })
    expect(among(visit, byIdentifier)(byIdentifier).related.names).toEqual(new Set(['Basic/visit']))
  })

  it('are not complete where a reference leads to another server, or nobody can read it', () => {
    for (const odd of [to('https://elsewhere.example/Basic/visit'), { identifier: { value: 'x' } }]) {
      const strange = resource('Basic/test', odd)
      expect(among(visit, strange)(strange).related).toMatchObject({ names: new Set(), complete: false })
      expect(among(visit, strange)(strange).dependsOn.complete).toBe(false)
    }
  })

  it('end in a circle, and stop after 32 steps without claiming to be all', () => {
    const circle = [resource('Basic/a', to('Basic/b')), resource('Basic/b', to('Basic/a'))]
    expect(among(...circle)(circle[0]).dependsOn).toMatchObject({ names: new Set(['Basic/a', 'Basic/b']), complete: true })
    const chain = Array.from({ length: 40 }, (_, i) => resource(`Basic/${i}`, to(`Basic/${i + 1}`)))
    expect(among(...chain)(chain[0]).dependsOn).toMatchObject({ complete: false })
    expect(among(...chain)(chain[0]).dependsOn.names.size).toBe(32)
    expect(among(...chain)(chain[20]).dependsOn).toMatchObject({ complete: true })
  })

  it('say of a resource with a reference that cannot be followed that it may be related, and of no other', () => {
    const links = among(visit, test, plan, resource('Basic/strange', to('https://elsewhere.example/Basic/plan')))
    expect(links(plan).related).toMatchObject({ names: new Set(), possible: new Set(['Basic/strange']), complete: true })
    expect(links(test).related.possible).not.toContain('Basic/plan')
  })

  it('judge each of two resources with one name by its own references', () => {
    const other = resource('Basic/test')
    const links = among(visit, test, other)
    expect(links(test).related.names).toContain('Basic/visit')
    expect(links(other).dependsOn.names).toEqual(new Set())
    expect(among(visit, test, other, note)(note).dependsOn).toMatchObject({ names: new Set(['Basic/test']), possible: new Set(['Basic/test', 'Basic/visit']) })
  })
})

describe('a grant on what belongs to something', () => {
  const question: Question = {
    actor: { identifiers: ['npi|1'], organization: 'birch', group: 'birch', roles: [] },
    purposes: ['TREAT'],
    action: 'read',
    at: 1,
    default: 'deny',
    careRelationship: true,
  }
  const policy = (effect: 'permit' | 'deny'): Policy => ({
    v: 1,
    grants: [...(effect === 'deny' ? [{ effect: 'permit' as const }] : []), { effect, data: { items: [{ related: 'Basic/visit' }] } }],
  })
  const effectOn = (effect: 'permit' | 'deny', one: object, links: boolean) => decide(policy(effect), question, readFacts(one, undefined, { links })).effect

  it('knows from one resource what it refers to, and denies where it might be referred to', () => {
    const test = resource('Observation/test', to('Basic/visit'))
    const code = { code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] } }
    expect(effectOn('permit', { ...test, ...code }, true)).toBe('permit')
    expect(effectOn('permit', { ...test, ...code }, false)).toBe('deny')
    expect(effectOn('deny', { ...resource('Observation/other'), ...code }, true)).toBe('deny')
    expect(linksOfOne(test).related).toMatchObject({ names: new Set(['Basic/visit']), complete: false })
  })
})
