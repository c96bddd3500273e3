import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DEMO_MEMBERS, type Network, startNetwork, wallClock } from '@fiducia/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeEvidence } from './directory-evidence.ts'
import { importFiles } from './directory-import.ts'
import { verify } from './verify.ts'

/** The commands of docs/guide/directory.md, "Show how fresh it is", on a network of four that runs. */
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-evidence-'))
const configOf = (org: string) => path.join(dir, 'nodes', org, 'config.json')
const out = (name: string) => path.join(dir, 'out', name)
const flags = (name: string, more: Partial<Parameters<typeof makeEvidence>[0]> = {}) => ({
  config: configOf('alder'),
  out: out(name),
  days: '90',
  size: '100',
  ...more,
})
const examples = path.join(import.meta.dirname, '..', '..', 'examples', 'directory')

let network: Network
beforeAll(async () => {
  network = await startNetwork({ dir, clock: wallClock, resources: () => [] })
  await importFiles([path.join(examples, 'roster.csv')], {
    format: 'csv',
    map: path.join(examples, 'roster-map.json'),
    data: path.dirname(configOf('alder')),
    basis: 'counterparty',
    org: 'alder',
    as: 'kim',
    maxChange: '20',
  })
  for (let round = 0; round < 2; round += 1) {
    for (const { org } of DEMO_MEMBERS) await network.node(org).services.batches.run()
    await network.settle()
  }
}, 60_000)
afterAll(async () => {
  await network[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
})

describe('the evidence of a member', () => {
  it('is a bundle that `fiducia verify` accepts, with the figures in words', async () => {
    const { exitCode, json, text } = await makeEvidence(flags('one'))
    expect(exitCode).toBe(0)
    expect(json).toMatchObject({
      org: 'alder',
      days: 90,
      statements: 8,
      sampled: 8,
      erased: 0,
      withdrawn: 0,
      standing: 8,
      fresh: 8,
      share: 10_000,
      lower: 6756,
    })
    expect(json).toMatchObject({ bundle: path.join(out('one'), 'sample'), trust: path.join(out('one'), 'trust.policy') })
    expect(text).toContain('8 of 8 observed within 90 days')
    expect(text).toContain('100.0 %; of all, 67.6 % to 100.0 % at 95 % confidence')
    expect(text).toMatch(/What it does not prove\n {2}.+/)
    expect(text).toContain('not for the public')
    expect(text.split('\n').at(-1)).toBe(`  fiducia verify ${path.join(out('one'), 'sample')} --trust ${path.join(out('one'), 'trust.policy')}`)
    expect(verify(path.join(out('one'), 'sample'), { trust: path.join(out('one'), 'trust.policy') })).toMatchObject({ exitCode: 0, json: { kind: 'sample' } })
    for (const name of readdirSync(path.join(out('one'), 'sample'))) expect(statSync(path.join(out('one'), 'sample', name)).mode & 0o077).toBe(0)
  })

  it('does not verify once a byte of a statement is another', () => {
    const file = path.join(out('one'), 'sample', 'sample.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('Rowan', 'Rovan'))
    expect(verify(path.join(out('one'), 'sample'), { trust: path.join(out('one'), 'trust.policy') }).exitCode).toBe(1)
  })
})

describe('bad use is told', () => {
  it.each([
    ['no number of days', { days: 'many' }, /expected --days from 1 to 3660, found `many`/],
    ['too many statements', { size: '2001' }, /expected --size from 1 to 2000, found `2001`/],
    ['none', { size: '0' }, /expected --size from 1 to 2000, found `0`/],
    ['a folder with files', { out: examples }, /expected a new or empty folder, found files in/],
    ['a member that has said nothing', { config: configOf('birch') }, /no statement of `birch` counts so far: load a file/],
  ] as const)('%s', async (_, more, message) => {
    await expect(makeEvidence(flags('bad', more))).rejects.toThrow(message)
    expect(readdirSync(path.join(dir, 'out'))).toEqual(['one'])
  })

  it('a node that does not run', async () => {
    const config = JSON.parse(readFileSync(configOf('alder'), 'utf8')) as { listen: object }
    const silent = path.join(path.dirname(configOf('alder')), 'silent.json')
    writeFileSync(silent, JSON.stringify({ ...config, listen: { ...config.listen, port: 1 } }))
    await expect(makeEvidence(flags('bad', { config: silent }))).rejects.toThrow(
      /expected the node of `alder` at `http:\/\/127\.0\.0\.1:1` to answer: start it/,
    )
  })
})
