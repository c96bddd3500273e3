import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type OrganizationId, parseGroupId, parseOrganizationId } from '@fiducia/core'
import { BIRCH, CEDAR, createSteppingClock, DEMO_MEMBERS, type Network, settleContest, startNetwork } from '@fiducia/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { importFiles } from './directory-import.ts'
import { resolve } from './directory-resolve.ts'

/** What a directory said at a height of the ledger, over the folders of a network of five. Nodes run while the command reads. */
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-as-of-'))
const ELM = { org: parseOrganizationId('elm'), name: 'Elm Health Plan', group: parseGroupId('group-elm') }
const members = [...DEMO_MEMBERS, ELM]
const NPI = '1234567893'
const DAY = 86_400_000
const start = Date.now() - DAY
let network: Network
beforeAll(async () => {
  network = await startNetwork({ dir, clock: createSteppingClock(start, { now: () => Date.now() }), resources: () => [], members })
})
afterAll(async () => {
  await network[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

const data = (org: string): string => path.join(dir, 'nodes', org)
const map = path.join(dir, 'map.json')

/** A member loads a roster of one: his family name, seen so many days ago. */
async function say(org: string, family: string, daysAgo: number): Promise<void> {
  const roster = path.join(dir, `${org}-${family}.csv`)
  writeFileSync(map, JSON.stringify({ key: 'NPI', fields: { 'name.family': 'Name' } }))
  writeFileSync(roster, `NPI,Name\n${NPI},${family}\n`)
  const observed = new Date(start - daysAgo * DAY).toISOString().slice(0, 10)
  const answer = await importFiles([roster], {
    format: 'csv',
    map,
    data: data(org),
    basis: 'counterparty',
    org: 'local',
    as: 'kim',
    maxChange: '100',
    observed,
  })
  expect(answer.exitCode).toBe(0)
}

/** One round of some members. Gives the height that all have then. */
async function round(orgs: readonly OrganizationId[] = members.map(({ org }) => org)): Promise<number> {
  for (const org of orgs) await network.node(org).services.batches.run()
  await network.settle()
  return network.node(ELM.org).services.context.ledger.tip().height
}
async function exchange(): Promise<number> {
  for (let i = 0; i < 2; i += 1) await round()
  return round()
}

/** Family name and state as the command answers; undefined where it says that nothing was said. */
async function family(org: string, more: { readonly atHeight?: string; readonly atTime?: string } = {}) {
  const answer = await resolve({ data: data(org), npi: NPI, json: true, ...more })
  const [subject] = answer.json as readonly { readonly fields: { readonly [name: string]: { readonly value: string; readonly state: string } } }[]
  expect(answer.exitCode).toBe(subject === undefined ? 1 : 0)
  const field = subject?.fields['name.family']
  return field === undefined ? undefined : `${field.value} ${field.state}`
}
const everywhere = (atHeight: number) => Promise.all(members.map(({ org }) => family(org, { atHeight: String(atHeight) })))
const five = (value: string | undefined) => members.map(() => value)

describe('fiducia directory resolve --at-height', () => {
  /** The height at which the first value counted. */
  let first = 0

  it('knows nothing of what nobody but its author has, and says what counts everywhere alike', async () => {
    await say('birch', 'Rowan', 40)
    const offered = await round([BIRCH.org])
    expect(await everywhere(offered)).toEqual(five(undefined))
    // Birch itself has said it already.
    expect([await family('birch'), await family('elm')]).toEqual(['Rowan single-source', undefined])
    first = await exchange()
    expect(await everywhere(first)).toEqual(five('Rowan single-source'))
    expect(await everywhere(offered)).toEqual(five(undefined))
  })

  it('says what held before a value changed, and what after', async () => {
    await say('birch', 'Aspen', 30)
    await round([BIRCH.org])
    expect([await family('birch'), await family('elm')]).toEqual(['Aspen single-source', 'Rowan single-source'])
    const changed = await exchange()
    expect(await everywhere(changed)).toEqual(five('Aspen single-source'))
    expect(await everywhere(first)).toEqual(five('Rowan single-source'))
    expect(await family('elm')).toBe('Aspen single-source')
  })

  it('weighs members as contests had ended by then, and without a height as they have ended so far', async () => {
    await say('cedar', 'Willow', 5)
    const doubted = await exchange()
    expect(await everywhere(doubted)).toEqual(five('Willow contested'))
    await settleContest(network, { of: CEDAR.org, index: 0, field: 'name.family', by: BIRCH.org, ruling: 'falls' })
    const settled = await round()
    expect(await everywhere(settled)).toEqual(five('Aspen contested'))
    expect(await everywhere(doubted)).toEqual(five('Willow contested'))
    expect([await family('elm'), await family('elm', { atTime: new Date(start + DAY).toISOString() })]).toEqual(['Aspen contested', 'Aspen contested'])
  })

  it('finds where somebody was, also through a role that was withdrawn since', async () => {
    const [here, there] = ['1245319599', '1679576722']
    const load = async (name: string, rows: readonly string[]) => {
      writeFileSync(map, JSON.stringify({ key: 'NPI', fields: { 'name.family': 'Name', 'location.postalCode': 'ZIP' } }))
      writeFileSync(path.join(dir, name), ['NPI,Name,ZIP', ...rows, ''].join('\n'))
      const flags = { format: 'csv', map, data: data('alder'), basis: 'counterparty', org: 'local', as: 'kim', maxChange: '100', full: true } as const
      expect((await importFiles([path.join(dir, name)], flags)).exitCode).toBe(0)
      return exchange()
    }
    const kindsAt = async (org: string, npi: string, more: { readonly atHeight?: string }) => {
      const { json } = await resolve({ data: data(org), npi, json: true, ...more })
      return (json as readonly { readonly kind: string }[]).map(({ kind }) => kind).toSorted()
    }
    const stood = await load('two.csv', [`${here},Oak,01234`, `${there},Yew,98765`])
    const found = await kindsAt('elm', here, {})
    expect(found).toContain('role')
    const left = await load('one.csv', [`${there},Yew,98765`])
    expect([await kindsAt('elm', here, {}), await kindsAt('elm', here, { atHeight: String(left) })]).toEqual([[], []])
    for (const org of ['alder', 'elm']) expect(await kindsAt(org, here, { atHeight: String(stood) })).toEqual(found)
    expect(await kindsAt('elm', there, { atHeight: String(stood) })).toEqual(await kindsAt('elm', there, {}))
  })

  it('says when batches that counted have not come here', async () => {
    await say('dune', 'Willow', 5)
    const others = members.map(({ org }) => org).filter((org) => org !== ELM.org)
    await round(others)
    const height = await round(others)
    const warned = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await family('elm', { atHeight: String(height) })
    await family('birch', { atHeight: String(height) })
    expect(warned.mock.calls.map(([line]) => line)).toEqual([
      'fiducia: 1 of 6 batches that counted by then have not come here so far: what they say is missing\n',
    ])
    warned.mockRestore()
    await exchange()
  })

  it('answers in words of the one who asked', async () => {
    const tip = network.node(ELM.org).services.context.ledger.tip().height
    const ask = (more: object) => resolve({ data: data('elm'), npi: NPI, ...more })
    await expect(ask({ atHeight: String(tip + 1) })).rejects.toThrow(`expected --at-height with a height of the ledger, at most ${tip}, found \`${tip + 1}\``)
    await expect(ask({ atHeight: '-1' })).rejects.toThrow('expected --at-height with a whole number, found `-1`')
    await expect(ask({ atHeight: '1', atTime: '2026-11-22' })).rejects.toThrow('expected --at-time or --at-height, found both')
    expect((await ask({ atHeight: '0' })).text).toBe(`nothing was said of ${NPI} up to height 0`)
    const alone = path.join(dir, 'alone')
    await importFiles([path.join(dir, 'birch-Rowan.csv')], { format: 'csv', map, data: alone, basis: 'import', org: 'alder', as: 'kim', maxChange: '100' })
    await expect(resolve({ data: alone, npi: NPI, atHeight: '1' })).rejects.toMatchObject({
      code: 'FOLDER_FOREIGN',
      message: expect.stringContaining('found no ledger in'),
    })
  })
})
