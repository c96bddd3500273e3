import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseGroupId, parseOrganizationId } from '@fiducia/core'
import { merit, reliability } from '@fiducia/ledger'
import { DEMO_MEMBERS, type Network, startNetwork, wallClock } from '@fiducia/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contest, listContests, rule } from './directory-contests.ts'
import { importFiles } from './directory-import.ts'

/** A phone number that Dune has wrong, doubted by Alder, in a network of five: the three others are the panel. */
const NPI = '1234567893'
const elm = { org: parseOrganizationId('elm'), name: 'Elm Clinic', group: parseGroupId('group-elm') }
const dune = parseOrganizationId('dune')
const folders: string[] = []
const networks: Network[] = []

async function networkOf(members: typeof DEMO_MEMBERS): Promise<{ readonly network: Network; readonly config: (org: string) => string }> {
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-contests-'))
  folders.push(dir)
  const network = await startNetwork({ dir, clock: wallClock, members, resources: () => [] })
  networks.push(network)
  const file = path.join(dir, 'dune.csv')
  writeFileSync(file, `NPI,Last Name,Phone\n${NPI},Rowan,541-555-0199\n`)
  const map = path.join(dir, 'map.json')
  writeFileSync(map, '{"key":"NPI","fields":{"name.family":"Last Name","role.phone":"Phone"}}')
  const flags = { format: 'csv', data: path.join(dir, 'nodes', 'dune'), map, basis: 'counterparty', org: 'local', maxChange: '100' }
  await importFiles([file], flags)
  await network.exchangeBatches()
  return { network, config: (org) => path.join(dir, 'nodes', org, 'config.json') }
}

let network: Network
let config: (org: string) => string
beforeAll(async () => void ({ network, config } = await networkOf([...DEMO_MEMBERS, elm])), 120_000)
afterAll(async () => {
  for (const one of networks) await one[Symbol.asyncDispose]()
  for (const dir of folders) rmSync(dir, { recursive: true })
})

const json = (answer: { readonly json: unknown }) => answer.json as any
const doubt = (more: object = {}) => contest({ config: config('alder'), against: 'dune', field: 'name.family', npi: NPI, ...more })
const state = () => network.node(dune).services.context.ledger.tip()

describe('a contest', () => {
  let id = ''

  it('is opened on what was said last, and names the three that rule', async () => {
    const answer = await doubt()
    expect(json(answer)).toMatchObject({ org: 'dune', by: 'alder', field: 'name.family', panel: ['birch', 'cedar', 'elm'], outcome: null, status: 'open' })
    expect(json(answer).said).toEqual({ subject: `practitioner/npi/${NPI}`, fields: { 'name.family': 'Rowan' } })
    expect(answer.text).toContain('birch, cedar, elm rule.')
    id = json(answer).id
    await network.settle()
  })

  it('is told to each member of the panel, with the command that rules', async () => {
    const ofBirch = await listContests({ config: config('birch') })
    expect(ofBirch.text).toContain(`fiducia directory rule ${id} --ruling`)
    expect(json(ofBirch).contests).toMatchObject([{ id, ours: true }])
    const ofDune = await listContests({ config: config('dune') })
    expect(json(ofDune).contests).toMatchObject([{ id, ours: false }])
    expect(ofDune.text).not.toContain('Yours to rule')
  })

  it('is decided by two of three, and reliability follows on both sides', async () => {
    expect(json(await rule(id, { config: config('birch'), ruling: 'falls' }))).toMatchObject({ outcome: null, ours: false })
    await network.settle()
    const decided = await rule(id, { config: config('elm'), ruling: 'falls' })
    expect(json(decided)).toMatchObject({ outcome: 'falls', rulings: { birch: 'falls', elm: 'falls' } })
    await network.settle()
    expect([merit(state(), dune), reliability(state(), dune)]).toEqual([{ right: 0, wrong: 1 }, 333])
    await expect(rule(id, { config: config('cedar'), ruling: 'stands' })).rejects.toMatchObject({ code: 'TRANSACTION_REFUSED', message: /CONTEST_DECIDED/ })
  })
})

describe('is refused in words', () => {
  it.each([
    ['twice', {}, /CONTEST_EXISTS/],
    ['of what was not said', { field: 'gender' }, /`dune` says nothing of `gender` of this subject in a batch that counts/],
    ['of a field that is none', { field: 'hair' }, /expected a field of the kind `practitioner`/],
    ['of nobody', { against: 'cedar' }, /`cedar` says nothing of `name.family`/],
    ['without a subject', { npi: undefined }, /expected either --npi or --subject/],
    ['with a wrong NPI', { npi: '1234567890' }, /expected --npi with ten digits and their check digit/],
  ] as const)('a contest %s', async (_, more, message) => {
    await expect(doubt(more)).rejects.toThrow(message)
  })

  it('a contest about oneself', async () => {
    await expect(doubt({ config: config('dune') })).rejects.toThrow(/CONTEST_OWN/)
  })

  it('a ruling by another word, or on no contest', async () => {
    await expect(rule('A'.repeat(43), { config: config('birch'), ruling: 'perhaps' })).rejects.toThrow(/expected --ruling stands, falls or unclear/)
    await expect(rule('A'.repeat(43), { config: config('birch'), ruling: 'falls' })).rejects.toThrow(/CONTEST_UNKNOWN/)
  })

  it('in a network too small for a panel', async () => {
    const four = await networkOf(DEMO_MEMBERS)
    const opening = contest({ config: four.config('alder'), against: 'dune', field: 'name.family', npi: NPI })
    await expect(opening).rejects.toThrow(/CONTEST_PANEL, expected 3 uninvolved members, found 2/)
  }, 60_000)
})
