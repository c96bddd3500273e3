import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeUtf8, parseOrganizationId, sha256 } from '@fiducia/core'
import { parseGenesis } from '@fiducia/ledger'
import { parseTrustPolicy } from '@fiducia/proofs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadConfig, loadWitnessConfig } from '../config.ts'
import { NetworkError } from './errors.ts'
import { createNetwork, networkFolder } from './folder.ts'
import { keyNamesOf, makeKeys } from './key-files.ts'
import { parseManifest } from './manifest.ts'
import { quorumOf, warningsOf } from './plan.ts'

const START = 1_767_225_600_000
const orgs = ['alder', 'birch', 'cedar', 'elm'] as const
const silo = { base: 'http://127.0.0.1:8080/fhir' }
const organization = (org: string, port: number) => ({ org, name: `${org} test`, group: `group-${org}`, listen: { port }, silo })
const good = {
  net: 'valley',
  operator: 'alder',
  organizations: [...orgs.slice(0, 3).map((org, i) => organization(org, 7511 + i)), { ...organization('elm', 7514), silo: undefined, witnessOnly: true }],
}

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-manifest-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const file = () => path.join(dir, 'network.json')
const parse = (manifest: unknown) => parseManifest(typeof manifest === 'string' ? manifest : JSON.stringify(manifest), file())
const seeded = () => {
  let drawn = 0
  return () => sha256(encodeUtf8(`manifest test ${(drawn += 1)}`))
}

function refusalOf(work: () => unknown): NetworkError {
  try {
    work()
  } catch (error) {
    if (error instanceof NetworkError) return error
    throw error
  }
  throw new Error('expected a refusal, found none')
}

const problemsOf = (manifest: unknown): readonly string[] =>
  refusalOf(() => parse(manifest))
    .message.split('\n')
    .map((line) => line.replace(`${file()}: `, ''))

it('reads a manifest: rules and hosts have defaults, an endpoint follows from where a node listens', () => {
  const plan = parse(good)
  expect(plan.rules).toEqual({ default: 'deny', freshSeconds: 60 })
  expect(plan.members.map(({ endpoint }) => endpoint)).toEqual([7511, 7512, 7513, 7514].map((port) => `http://127.0.0.1:${port}`))
  expect(plan.members.map(({ witnessOnly }) => witnessOnly)).toEqual([false, false, false, true])
  expect(warningsOf(plan)).toEqual([])
  expect(quorumOf(plan)).toBe(3)
})

it('reads the example of the command', () => {
  const example = path.join(import.meta.dirname, '..', '..', '..', 'cli', 'examples', 'network.json')
  expect(warningsOf(parseManifest(readFileSync(example, 'utf8'), example))).toEqual([])
})

it('names every problem at once, with its place', () => {
  const shape = problemsOf({ ...good, net: 7, more: true, organizations: [{ ...good.organizations[0], listen: { port: 0 }, endpoint: 'alder.example/' }] })
  expect(shape.map((line) => line.split(':')[0])).toEqual(['net', 'organizations.0.listen.port', 'organizations.0.endpoint', 'the file'])
  const content = problemsOf({
    net: 'Valley',
    operator: 'elm',
    organizations: [
      { ...organization('alder', 7511), silo: undefined },
      { ...organization('alder', 7511), keys: { node: 'nowhere.seed' } },
      { ...organization('elm', 7513), witnessOnly: true, group: 'any' },
      { org: 'fir', name: 'Fir', group: 'fir', publicKeys: { node: 'short', log: 'AAAA', extra: undefined } },
    ],
  })
  expect(content.map((line) => line.split(': ')[0])).toEqual([
    'organizations.0.silo',
    'organizations.1.keys.node',
    'organizations.2.silo',
    'organizations.3',
    'organizations.3.publicKeys.node',
    'organizations.3.publicKeys.log',
    'organizations.3.publicKeys.standbyLog',
    'organizations.3.publicKeys.witness',
    'operator',
    'organizations.1.org',
    'organizations.1.listen',
    'organizations.2.group',
    'net',
  ])
})

it('refuses what is no manifest, and an engine that is not there', () => {
  expect(problemsOf('{"net":')).toEqual(['expected a manifest as JSON, found other text'])
  expect(refusalOf(() => parse({ ...good, engine: 'cometbft' }))).toMatchObject({
    code: 'MANIFEST_ENGINE',
    message: expect.stringContaining('expected `embedded`, found `cometbft`'),
  })
})

it('warns where one member that is down means denial, and where nobody witnesses', () => {
  const of = (n: number) => warningsOf(parse({ ...good, organizations: good.organizations.slice(0, n) })).join()
  expect(of(1)).toContain('unwitnessed')
  expect(of(2)).toContain('of 2 groups all 2 must cosign')
  expect(of(3)).toContain('of 3 groups all 3 must cosign')
})

it('makes keys that only their owner reads, a genesis, and configurations that nodes take; never over another network', () => {
  const out = path.join(dir, 'valley')
  const genesis = createNetwork(out, parse(good), { now: START, random: seeded() })
  const files = networkFolder(out)
  expect(parseGenesis(new Uint8Array(readFileSync(files.genesis)))).toEqual(genesis)
  expect(parseTrustPolicy(readFileSync(files.trust, 'utf8')).quorum).toBe(3)
  const [alder, , , elm] = orgs.map((org) => files.config(parseOrganizationId(org)))
  expect(loadConfig(alder ?? '').keys.seeds['ledger']).toHaveLength(32)
  expect(loadWitnessConfig(elm ?? '')).toMatchObject({ org: 'elm', listen: { port: 7514 } })
  expect(genesis.members['elm']?.keys.map(({ role }) => role)).toEqual(['node', 'witness'])
  for (const name of ['config.json', 'keys/ledger.seed']) expect(statSync(path.join(files.nodes, 'alder', name)).mode & 0o777, name).toBe(0o600)
  expect(() => loadConfig(elm ?? '')).toThrow('run it with `fiducia witness`')
  expect(() => loadWitnessConfig(alder ?? '')).toThrow('run with `fiducia serve`')
  const before = readFileSync(files.genesis, 'utf8')
  expect(refusalOf(() => createNetwork(out, parse(good), { now: START, random: seeded() })).code).toBe('NETWORK_EXISTS')
  expect(readFileSync(files.genesis, 'utf8')).toBe(before)
})

it('takes keys that are brought: files of its own members, public ones of the others, whose secrets it never sees', () => {
  const publicKeys = makeKeys(path.join(dir, 'birch'), keyNamesOf({ witnessOnly: false, isOperator: false }), seeded())
  writeFileSync(path.join(dir, 'node.seed'), `${'07'.repeat(32)}\n`)
  const [first, , ...others] = good.organizations
  const birch = { org: 'birch', name: 'Birch', group: 'group-birch', endpoint: 'https://birch.example', publicKeys }
  const plan = parse({ ...good, organizations: [{ ...first, keys: { node: 'node.seed' } }, birch, ...others] })
  const out = path.join(dir, 'valley')
  const genesis = createNetwork(out, plan, { now: START, random: (length) => crypto.getRandomValues(new Uint8Array(length)) })
  expect(genesis.members['birch']?.keys.map(({ pub }) => pub)).toEqual(Object.values(publicKeys))
  expect(() => statSync(path.join(out, 'nodes', 'birch'))).toThrow('ENOENT')
  expect(loadConfig(networkFolder(out).config(parseOrganizationId('alder'))).keys.seeds['node']).toEqual(new Uint8Array(32).fill(7))
  expect(refusalOf(() => makeKeys(path.join(dir, 'birch'), ['node'], seeded())).code).toBe('KEYS_EXIST')
})

it('leaves nothing behind when it fails', () => {
  const [first, second, ...others] = good.organizations
  writeFileSync(path.join(dir, 'same.seed'), `${'07'.repeat(32)}\n`)
  const keys = { node: 'same.seed' }
  const plan = parse({ ...good, organizations: [{ ...first, keys }, { ...second, keys }, ...others] })
  expect(() => createNetwork(path.join(dir, 'valley'), plan, { now: START, random: seeded() })).toThrow('stands twice')
  expect(() => statSync(path.join(dir, 'valley'))).toThrow('ENOENT')
  expect(() => statSync(path.join(dir, 'valley.new'))).toThrow('ENOENT')
})
