import { describe, expect, it } from 'vitest'
import { MAX_LINK_STEPS, MAX_RESOURCE_DEPTH } from './limits.ts'
import { linksAmong, linksOfOne } from './links.ts'

/** What may hang together, and what is too far or too deep to tell; the ordinary cases stand in `links.test.ts`. */
interface Named {
  readonly name: string
  readonly identifiers?: readonly string[]
}
const isRead = (resource: unknown): resource is Partial<Named> => typeof resource === 'object' && resource !== null
const naming = {
  nameOf: (resource: unknown) => (isRead(resource) ? resource.name : undefined),
  identifiersOf: (resource: unknown) => (isRead(resource) ? (resource.identifiers ?? []) : []),
}
const to = (...references: readonly string[]) => references.map((reference) => ({ reference }))
const among = (resource: unknown, others: readonly unknown[]) => linksAmong([resource, ...others], naming)(resource)
const sorted = (names: ReadonlySet<string>) => [...names].sort()
const encounter = { name: 'Encounter/1' }

describe('a reference', () => {
  it.each<[name: string, reference: unknown, complete: boolean]>([
    ['to another server may be to anything', { reference: 'https://a.example/fhir/Encounter/1' }, false],
    ['that cannot be read may be to anything', { reference: 'somewhere' }, false],
    ['by an identifier without a system may be to anything', { identifier: { value: 'x' } }, false],
    ['by an identifier that nobody carries is to nobody here', { identifier: { system: 's', value: 'x' } }, true],
    ['of another type may be to anything', { reference: 7 }, false],
    ['that is empty may be to anything', { reference: {} }, false],
    ['of which nothing is left may be to anything', {}, false],
    ['that is null may be to anything', null, false],
    ['to a contained resource stays inside', { reference: '#c' }, true],
    ['to nothing inside may be to anything', { reference: '#d' }, false],
    ['to an identifier of another type inside may be to anything', { reference: '#7' }, false],
    ['within a member of its name is read there', { reference: { reference: 'Encounter/1' } }, true],
    ['by an identifier within a member of its name is read there', { reference: { identifier: { system: 's', value: 'x' } } }, true],
    ['to a contained resource within a member of its name stays inside', { reference: { reference: '#c' } }, true],
    ['by a name alone within a member of its name is none', { reference: { display: 'x' } }, true],
    ['within a member of its name may be to anything', { reference: { reference: 'somewhere' } }, false],
    ['within which nothing says where it leads may be to anything', { reference: { odd: 'x' } }, false],
    ['by a name alone is none', { display: 'x' }, true],
    ['is no contained resource that carries an identifier', { resourceType: 'Encounter', identifier: { value: 'x' } }, true],
    ['is no list of identifiers', { identifier: [{ value: 'x' }] }, true],
  ])('%s', (_, reference, complete) => {
    const resource = { name: 'Observation/1', contained: [{ id: 'c' }, { id: 7 }, 'x'], deep: [{ er: reference }] }
    const { related, dependsOn } = among(resource, [encounter])
    expect([related.complete, dependsOn.complete]).toEqual([complete, complete])
    // Somebody else may be referred to by what may refer to anything; what it refers to itself, it says.
    const other = among(encounter, [resource])
    expect(other.related.possible.has('Observation/1')).toBe(!complete || related.names.has('Encounter/1'))
    expect([other.related.complete, other.dependsOn.complete]).toEqual([true, true])
  })

  it('is by an identifier to everybody who carries it', () => {
    const bearers = ['Encounter/1', 'Encounter/2'].map((name) => ({ name, identifiers: ['s|e'] }))
    const resource = { name: 'Observation/1', encounter: { identifier: { system: 's', value: 'e' } } }
    expect(sorted(among(resource, bearers).related.names)).toEqual(['Encounter/1', 'Encounter/2'])
    expect(sorted(among(resource, [encounter, { identifiers: ['s|e'] }]).related.names)).toEqual([])
  })

  it('from or to what has no name leads nowhere', () => {
    const nameless = { next: to('Encounter/1', 'https://a.example/Basic/1'), identifiers: ['s|e'] }
    expect(among(encounter, [nameless])).toEqual({
      related: { names: new Set(), possible: new Set(), complete: true },
      dependsOn: { names: new Set(), possible: new Set(), complete: true },
    })
    expect(among(nameless, [encounter])).toMatchObject({ related: { names: new Set(['Encounter/1']), possible: new Set(['Encounter/1']), complete: false } })
  })
})

describe('what something depends on', () => {
  it('may be more where something on the way may refer to anything', () => {
    const vague = { name: 'Basic/b', next: to('https://a.example/Basic/c', 'Basic/d') }
    const { related, dependsOn } = among({ name: 'Basic/a', next: to('Basic/b') }, [vague])
    expect([sorted(related.names), related.complete]).toEqual([['Basic/b'], true])
    expect([sorted(dependsOn.names), dependsOn.complete]).toEqual([['Basic/b', 'Basic/d'], false])
  })

  it('is certain only in what all of one name say, and possible in what one of them does', () => {
    const [first, second] = [
      { name: 'Basic/x', next: to('Basic/1', 'Basic/2') },
      { name: 'Basic/x', next: to('Basic/2', 'Basic/3') },
    ]
    const asking = { name: 'Basic/y', next: to('Basic/x') }
    const { dependsOn } = among(asking, [first, second])
    expect([sorted(dependsOn.names), sorted(dependsOn.possible), dependsOn.complete]).toEqual([
      ['Basic/2', 'Basic/x'],
      ['Basic/1', 'Basic/2', 'Basic/3', 'Basic/x'],
      true,
    ])
    const isCompleteWith = (...others: readonly object[]) => among(asking, others).dependsOn.complete
    const vague = { name: 'Basic/x', next: to('somewhere') }
    expect([isCompleteWith(first, vague), isCompleteWith(vague, first), isCompleteWith(vague, vague)]).toEqual([false, false, false])
    expect(sorted(among({ name: 'Basic/2' }, [first, second]).related.names)).toEqual(['Basic/x'])
    expect(sorted(among({ name: 'Basic/1' }, [first, second]).related.names)).toEqual([])
    expect(sorted(among({ name: 'Basic/1' }, [first, second]).related.possible)).toEqual(['Basic/x'])
  })

  it('is followed so many steps; beyond them there may be anything', () => {
    const chain = (length: number) => Array.from({ length }, (_, i) => ({ name: `Basic/${i}`, next: i + 1 < length ? to(`Basic/${i + 1}`) : [] }))
    const walk = (length: number) => {
      const [first, ...others] = chain(length)
      const { names, complete } = among(first, others).dependsOn
      return [names.size, complete]
    }
    expect(walk(MAX_LINK_STEPS + 1)).toEqual([MAX_LINK_STEPS, true])
    expect(walk(MAX_LINK_STEPS + 2)).toEqual([MAX_LINK_STEPS, false])
  })

  it('is all of it where the last steps lead back, and not where one of them leads on', () => {
    const chain = Array.from({ length: MAX_LINK_STEPS + 1 }, (_, i) => ({ name: `Basic/${i}`, next: to(`Basic/${i + 1}`) }))
    const endingAt = (...last: readonly string[]) => {
      const [first, ...others] = [...chain.slice(0, MAX_LINK_STEPS), { name: `Basic/${MAX_LINK_STEPS}`, next: to(...last) }]
      return among(first, others).dependsOn.complete
    }
    expect([endingAt('Basic/1'), endingAt('Basic/1', 'Basic/new'), endingAt('Basic/new', 'Basic/1')]).toEqual([true, false, false])
    const [first, ...others] = chain.slice(0, MAX_LINK_STEPS)
    expect(among(first, others).dependsOn.complete).toBe(true)
  })

  it('is not what another of its own name says where the way leads back', () => {
    const asking = { name: 'Basic/x', next: to('Basic/y') }
    const others = [
      { name: 'Basic/y', next: to('Basic/x') },
      { name: 'Basic/x', next: to('Basic/z', 'somewhere') },
    ]
    const { possible, complete } = among(asking, others).dependsOn
    expect([sorted(possible), complete]).toEqual([['Basic/x', 'Basic/y'], true])
  })
})

describe('a resource that is nested deeply', () => {
  /** The references stand two levels below the innermost member. */
  const nest = (levels: number, inner: unknown): unknown => (levels === 0 ? inner : { in: nest(levels - 1, inner) })
  const list = (levels: number, inner: unknown): unknown => (levels === 0 ? inner : [list(levels - 1, inner)])
  it.each([
    ['in objects', nest],
    ['in lists', list],
  ] as const)('%s is read so far, and may refer to anything beyond', (_, within) => {
    const read = (levels: number) => {
      const { related } = among({ name: 'Basic/1', in: within(levels, { reference: 'Encounter/1' }) }, [])
      return [sorted(related.names), related.complete]
    }
    // The object that holds the reference stands one level below the resource; its text is one level more.
    expect(read(MAX_RESOURCE_DEPTH - 2)).toEqual([['Encounter/1'], true])
    expect(read(MAX_RESOURCE_DEPTH - 1)).toEqual([['Encounter/1'], false])
    expect(read(MAX_RESOURCE_DEPTH)).toEqual([[], false])
  })

  it('tells of itself only what it says, and never that this is all', () => {
    const names = new Set(['Encounter/1', 's|p'])
    const reach = { names, possible: names, complete: false }
    expect(linksOfOne({ encounter: to('Encounter/1'), subject: { identifier: { system: 's', value: 'p' } } })).toEqual({ related: reach, dependsOn: reach })
    expect(linksOfOne('x').related).toEqual({ names: new Set(), possible: new Set(), complete: false })
  })
})
