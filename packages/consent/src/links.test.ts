import { describe, expect, it } from 'vitest'
import { MAX_LINK_STEPS, MAX_RESOURCE_DEPTH } from './limits.ts'
import { linksAmong, linksOfOne } from './links.ts'

interface Named {
  readonly name: string
  readonly identifiers?: readonly string[]
}
const isNamed = (resource: unknown): resource is Named => typeof resource === 'object' && resource !== null && 'name' in resource
const naming = {
  nameOf: (resource: unknown) => (isNamed(resource) ? resource.name : undefined),
  identifiersOf: (resource: unknown) => (isNamed(resource) ? (resource.identifiers ?? []) : []),
}
const to = (...references: readonly string[]) => references.map((reference) => ({ reference }))
const logically = (value: string, more: object = {}) => ({ identifier: { system: 's', value }, ...more })
/** Names that a resource is related to, that it depends on, and whether there may be more of either. */
function linksOf(resource: unknown, others: readonly unknown[]) {
  const { related, dependsOn } = linksAmong([resource, ...others], naming)(resource)
  return { related: [...related.names].sort(), dependsOn: [...dependsOn.names].sort(), complete: [related.complete, dependsOn.complete] }
}

describe('how resources hang together', () => {
  const encounter = { name: 'Encounter/1' }
  const observation = { name: 'Observation/1', encounter: to('Encounter/1') }
  const report = { name: 'DiagnosticReport/1', result: to('Observation/1') }

  it('is related by what it refers to and by what refers to it, and depends on what it leads to', () => {
    expect(linksOf(report, [observation, encounter])).toEqual({
      related: ['Observation/1'],
      dependsOn: ['Encounter/1', 'Observation/1'],
      complete: [true, true],
    })
    expect(linksOf(observation, [report, encounter])).toEqual({
      related: ['DiagnosticReport/1', 'Encounter/1'],
      dependsOn: ['Encounter/1'],
      complete: [true, true],
    })
    expect(linksOf(encounter, [report, observation])).toEqual({ related: ['Observation/1'], dependsOn: [], complete: [true, true] })
    expect(linksOf(encounter, [])).toEqual({ related: [], dependsOn: [], complete: [true, true] })
  })

  it('is the same by a versioned reference, and by the identifier that somebody carries', () => {
    const carrier = { name: 'Encounter/1', identifiers: ['s|e'] }
    const second = { name: 'Encounter/2', identifiers: ['s|e'] }
    expect(linksOf({ name: 'Observation/1', encounter: to('Encounter/1/_history/2') }, [carrier]).related).toEqual(['Encounter/1'])
    expect(linksOf({ name: 'Observation/1', encounter: logically('e') }, [carrier, second]).related).toEqual(['Encounter/1', 'Encounter/2'])
    expect(linksOf({ name: 'Observation/1', encounter: logically('other') }, [carrier])).toEqual({ related: [], dependsOn: [], complete: [true, true] })
  })

  it('has no end in a circle, and does not lead to itself by anything else', () => {
    const a = { name: 'Basic/a', next: to('Basic/b') }
    const b = { name: 'Basic/b', next: to('Basic/a') }
    expect(linksOf(a, [b])).toEqual({ related: ['Basic/b'], dependsOn: ['Basic/a', 'Basic/b'], complete: [true, true] })
  })

  it.each<[name: string, reference: unknown, complete: boolean]>([
    ['a reference to another server', { reference: 'https://a.example/fhir/Encounter/1' }, false],
    ['a reference that cannot be read', { reference: 'somewhere' }, false],
    ['a reference by an identifier without a system', { identifier: { value: 'x' } }, false],
    ['a contained resource', { reference: '#c' }, true],
    ['a contained resource that carries an identifier', { resourceType: 'Encounter', identifier: { value: 'x' } }, true],
    ['identifiers of its own', { identifier: [{ system: 's', value: 'x' }] }, true],
    ['a name without a reference', { display: 'x' }, true],
  ])('%s', (_, reference, complete) => {
    const resource = { name: 'Observation/1', deep: [{ er: reference }] }
    expect(linksOf(resource, [encounter]).complete).toEqual([complete, complete])
    // What another one refers to may be this one; what this one depends on, it says itself.
    expect(linksOf(encounter, [resource]).complete).toEqual([complete, true])
  })

  it('depends on more where something on the way may', () => {
    const vague = { name: 'Basic/b', next: to('https://a.example/Basic/c', 'Basic/d') }
    expect(linksOf({ name: 'Basic/a', next: to('Basic/b') }, [vague])).toEqual({
      related: ['Basic/b'],
      dependsOn: ['Basic/b', 'Basic/d'],
      complete: [false, false],
    })
  })

  it('of two with one name is judged by its own references, and others by those of both', () => {
    const first = { name: 'Basic/x', next: to('Basic/1') }
    const second = { name: 'Basic/x', next: to('Basic/2', 'https://a.example/Basic/3') }
    const third = { name: 'Basic/x', next: to('Basic/4') }
    expect(linksOf(first, [second, third]).dependsOn).toEqual(['Basic/1'])
    expect(linksOf({ name: 'Basic/y', next: to('Basic/x') }, [first, second, third])).toMatchObject({
      dependsOn: ['Basic/1', 'Basic/2', 'Basic/4', 'Basic/x'],
      complete: [false, false],
    })
  })

  it('passes over what has no name, which nothing can lead to', () => {
    const nameless = { next: to('Encounter/1'), other: to('https://a.example/Basic/1') }
    expect(linksOf(encounter, [nameless])).toEqual({ related: [], dependsOn: [], complete: [true, true] })
    expect(linksOf(nameless, [encounter])).toEqual({ related: ['Encounter/1'], dependsOn: ['Encounter/1'], complete: [false, false] })
  })

  it('is followed so many steps; beyond them there may be anything', () => {
    const chain = (length: number) => Array.from({ length }, (_, i) => ({ name: `Basic/${i}`, next: i + 1 < length ? to(`Basic/${i + 1}`) : [] }))
    const walk = ([first, ...others]: readonly unknown[]) => linksOf(first, others)
    expect(walk(chain(MAX_LINK_STEPS + 1)).dependsOn).toHaveLength(MAX_LINK_STEPS)
    expect(walk(chain(MAX_LINK_STEPS + 1)).complete).toEqual([true, true])
    expect(walk(chain(MAX_LINK_STEPS + 2)).dependsOn).toHaveLength(MAX_LINK_STEPS)
    expect(walk(chain(MAX_LINK_STEPS + 2)).complete).toEqual([true, false])
  })

  it('may be anything below what is too deep to be read', () => {
    const nest = (depth: number): unknown => (depth === 0 ? to('Encounter/1') : { in: nest(depth - 1) })
    expect(linksOfOne(nest(MAX_RESOURCE_DEPTH - 2)).related.names).toEqual(new Set(['Encounter/1']))
    expect(linksOf({ name: 'Basic/1', in: nest(MAX_RESOURCE_DEPTH - 5) }, []).complete).toEqual([true, true])
    expect(linksOf({ name: 'Basic/1', in: nest(MAX_RESOURCE_DEPTH + 1) }, []).complete).toEqual([false, false])
    const list = (depth: number): unknown => (depth === 0 ? to('Encounter/1') : [list(depth - 1)])
    expect(linksOf({ name: 'Basic/1', in: list(MAX_RESOURCE_DEPTH + 1) }, []).complete).toEqual([false, false])
  })

  it('tells of one resource alone only what it says itself, and never that this is all', () => {
    const { related, dependsOn } = linksOfOne({ encounter: to('Encounter/1'), subject: logically('p') })
    expect([related, dependsOn]).toEqual(Array.from({ length: 2 }, () => ({ names: new Set(['Encounter/1', 's|p']), complete: false })))
    expect(linksOfOne('x')).toEqual({ related: { names: new Set(), complete: false }, dependsOn: { names: new Set(), complete: false } })
  })
})
