import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ed25519PublicKey, formatVerifierKey, KEY_TYPE_LOG, KEY_TYPE_WITNESS, makeVerifierKey } from '@fiducia/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ConfigError, loadConfig, loadWitnessConfig } from './config.ts'

const good = {
  net: 'test',
  org: 'alder',
  listen: { port: 7411 },
  data: 'data',
  genesis: 'genesis.json',
  keys: { node: 'node.seed', log: 'log.seed', standbyLog: 'standby.seed', witness: 'witness.seed' },
  silo: { base: 'http://127.0.0.1:8080/fhir/' },
}

let dir = ''
const file = () => path.join(dir, 'config.json')
const write = (config: unknown) => writeFileSync(file(), typeof config === 'string' ? config : JSON.stringify(config))

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-config-'))
  mkdirSync(path.join(dir, 'data'))
  writeFileSync(path.join(dir, 'genesis.json'), '{}')
  for (const [i, name] of ['node', 'log', 'standby', 'witness'].entries()) writeFileSync(path.join(dir, `${name}.seed`), `${`0${i}`.repeat(32)}\n`)
})
afterEach(() => rmSync(dir, { recursive: true }))

function problemsOf(config: unknown): readonly string[] {
  write(config)
  try {
    loadConfig(file())
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n').map((line) => line.replace(`${file()}: `, ''))
    throw error
  }
  return []
}

it('reads a configuration; paths are relative to its file, a final slash of the silo does not count', () => {
  write(good)
  const config = loadConfig(file())
  expect(config.data).toBe(path.join(dir, 'data'))
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 7411 })
  expect(config.silo).toEqual({ base: 'http://127.0.0.1:8080/fhir', bearer: undefined })
  expect(config.keys.seeds['log']).toEqual(new Uint8Array(32).fill(1))
  expect(config.keys).toMatchObject({ folder: dir, agent: undefined })
  expect(config.keys.seeds['ledger']).toBeUndefined()
  expect(config.jobsEveryMs).toBe(1_000)
})

it('names every problem of the form at once, with its place', () => {
  const problems = problemsOf({ ...good, org: 7, listen: { port: 70_000 }, silo: { base: 'no url' }, sealEverySeconds: 1, extra: true })
  expect(problems.map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(['org', 'listen.port', 'silo.base', 'sealEverySeconds', 'the file']))
  expect(problems).toHaveLength(5)
})

it('names every problem of the content at once: identifiers, files, keys', () => {
  writeFileSync(path.join(dir, 'log.seed'), 'secret-but-short')
  writeFileSync(path.join(dir, 'witness.seed'), 'zz'.repeat(32))
  const problems = problemsOf({ ...good, net: 'Not A Name', org: '-', genesis: 'nowhere.json', keys: { ...good.keys, node: 'nowhere.seed' } })
  expect(problems.map((line) => line.split(':')[0])).toEqual(['net', 'org', 'genesis', 'keys.node', 'keys.log', 'keys.witness'])
  expect(problems[3]).toBe('keys.node: expected a file that can be read')
  expect(problems[4]).toContain('expected a key of 32 bytes as 64 hex digits, found 16 characters')
  expect(problems.join(' ')).not.toContain('secret')
})

it.each([
  ['no JSON', '{"net":', 'expected a JSON file that can be read'],
  ['no object', '[]', 'the file'],
])('refuses a file that is %s', (_what, text, words) => {
  expect(problemsOf(text).join(' ')).toContain(words)
})

it('refuses a file that is not there', () => {
  expect(() => loadConfig(path.join(dir, 'nowhere.json'))).toThrow('nowhere.json: expected a JSON file that can be read')
})

it('takes witnesses and logs outside the network, of the right kind and with names of their own', () => {
  const key = (name: string, type: typeof KEY_TYPE_LOG | typeof KEY_TYPE_WITNESS) =>
    formatVerifierKey(makeVerifierKey(name, type, ed25519PublicKey(new Uint8Array(32))))
  const witness = key('outside.example/w', KEY_TYPE_WITNESS)
  write({ ...good, outside: { witnesses: [{ vkey: witness, url: 'http://127.0.0.1:7380/' }], logs: [key('outside.example/log', KEY_TYPE_LOG)] } })
  const { outside } = loadConfig(file())
  expect(outside.witnesses.map(({ key: { name }, url }) => [name, url])).toEqual([['outside.example/w', 'http://127.0.0.1:7380']])
  expect(outside.logs.map(({ name }) => name)).toEqual(['outside.example/log'])
  const problems = problemsOf({ ...good, outside: { logs: [witness, key('test/log/alder/1', KEY_TYPE_LOG), key('test/ledger', KEY_TYPE_LOG), 'nothing'] } })
  expect(problems.map((line) => line.split(':')[0])).toEqual([0, 1, 2, 3].map((i) => `outside.logs.${i}`))
})

it('keeps contents for three years or longer, and is a key custodian only where it says so', () => {
  write(good)
  expect(loadConfig(file())).toMatchObject({ retainEventsDays: 1_098, custodian: false })
  write({ ...good, retainEventsDays: 3_660, custodian: true })
  expect(loadConfig(file())).toMatchObject({ retainEventsDays: 3_660, custodian: true })
  expect(problemsOf({ ...good, retainEventsDays: 1_097 })).toEqual([expect.stringMatching(/^retainEventsDays: .*1098/)])
})

it('reads a witness’s configuration, which has no silo and no log, and takes neither for the other', () => {
  const { net, org, listen, data, genesis, keys } = good
  const witness = { net, org, listen, data, genesis, witnessOnly: true, keys: { node: keys.node, witness: keys.witness } }
  write(witness)
  const config = loadWitnessConfig(file())
  expect(config.keys.seeds).toEqual({ node: new Uint8Array(32), witness: new Uint8Array(32).fill(3) })
  expect(() => loadConfig(file())).toThrow('expected the configuration of a whole node, found that of a witness')
  write(good)
  expect(() => loadWitnessConfig(file())).toThrow('expected `"witnessOnly": true`')
  write({ ...witness, silo: good.silo, keys })
  expect(() => loadWitnessConfig(file())).toThrow(/keys.*"log", "standbyLog".*\n.*"silo"/s)
})
