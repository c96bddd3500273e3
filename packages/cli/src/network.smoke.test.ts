import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type BuiltInSilo, type ListedKey, type NetworkStatus, startBuiltInSilo } from '@fiducia/node'
import { freePort } from '@fiducia/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** A network as its user meets it: a manifest, processes, what `status` says while a member is down. One of the four witnesses only. */
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-network-cli-'))
const valley = path.join(dir, 'valley')
const exported = path.join(dir, 'export')
const answers: { export?: Ended } = {}
const manifest = path.join(dir, 'network.json')
const main = path.join(import.meta.dirname, 'main.ts')
const orgs = ['alder', 'birch', 'cedar', 'elm'] as const
const silos: BuiltInSilo[] = []
const ports: number[] = []

interface Ended {
  readonly code: number
  readonly json: any
  readonly stderr: string
}

const network = (...args: readonly string[]): Promise<Ended> => fiducia('network', ...args)

const fiducia = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...args, '--json'], { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, json: JSON.parse(stdout), stderr }),
    )
  })

const witnesses = ({ json }: { readonly json: NetworkStatus }) => json.members.filter(({ witnessing }) => witnessing).map(({ name }) => name)

/** A free port is given out again as soon as nobody listens on it. */
const given = new Set<number>()
async function newPort(): Promise<number> {
  const port = await freePort(0)
  if (given.has(port)) return newPort()
  given.add(port)
  return port
}

beforeAll(async () => {
  const organizations = []
  for (const org of orgs) {
    ports.push(await newPort())
    const port = ports.at(-1)
    const silo = org === 'elm' ? undefined : { base: `http://127.0.0.1:${await newPort()}` }
    if (silo !== undefined) silos.push(await startBuiltInSilo({ port: Number(new URL(silo.base).port), resources: [] }))
    organizations.push({ org, name: org, group: org, listen: { port }, ...(silo === undefined ? { witnessOnly: true } : { silo }) })
  }
  writeFileSync(manifest, JSON.stringify({ net: 'valley', operator: 'alder', rules: { freshSeconds: 10 }, organizations }))
})

afterAll(async () => {
  await network('stop', valley)
  for (const silo of silos) await silo[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

it('is made once, starts, and every member is ready', async () => {
  expect(await network('create', manifest, '--out', valley)).toMatchObject({ code: 0, json: { groups: 4, quorum: 3, warnings: [] } })
  const [again, silent, idle] = await Promise.all([network('create', manifest, '--out', valley), network('status', valley), network('stop', valley)])
  expect(again).toMatchObject({ code: 2, json: { error: { code: 'NETWORK_EXISTS' } } })
  expect(silent).toMatchObject({ code: 1, json: { height: null, appHash: null } })
  expect(idle).toMatchObject({ code: 1, json: { stopped: false } })
  expect(await network('start', valley, '--detach')).toMatchObject({ code: 0, json: { started: true, problems: [] } })
  const [second, status] = await Promise.all([network('start', valley), network('status', valley)])
  expect(second).toMatchObject({ code: 2, json: { error: { code: 'NETWORK_RUNNING' } } })
  expect(status).toMatchObject({ code: 0, json: { engine: 'embedded', height: expect.any(Number) } })
  expect(witnesses(status)).toEqual(orgs)
})

it('serves nothing about patients where a member only witnesses', async () => {
  const document = (await (await fetch(`http://127.0.0.1:${ports[3]}/openapi.json`)).json()) as { readonly paths: object }
  expect(Object.keys(document.paths).filter((route) => !/^\/(?:witness|ledger|health)\//.test(route))).toEqual(['/verify.html'])
  for (const route of ['/fhir/metadata', '/log/1/checkpoint', '/relationships/begin', '/links']) {
    expect((await fetch(`http://127.0.0.1:${ports[3]}${route}`)).status, route).toBe(404)
  }
})

it('changes a witness’s key while it runs, and a member’s that only witnesses', async () => {
  for (const org of ['cedar', 'elm']) {
    const config = path.join(valley, 'nodes', org, 'config.json')
    const rotated = await fiducia('keys', 'rotate', '--role', 'witness', '--config', config)
    expect(rotated).toMatchObject({ code: 0, json: { changes: [{ change: 'added', file: expect.stringContaining('keys/witness-') }, { change: 'retired' }] } })
    const listed = await fiducia('keys', 'list', '--config', config)
    const keys = (listed.json.keys as readonly ListedKey[]).filter(({ role }) => role === 'witness')
    expect(keys.filter(({ valid }) => valid).map(({ key, atHand }) => [key, atHand])).toEqual([[rotated.json.changes[0].key, true]])
    expect(await fiducia('keys', 'retire', '--key', rotated.json.changes[0].key, '--config', config)).toMatchObject({
      code: 2,
      json: { error: { code: 'KEY_REFUSED' } },
    })
  }
  expect(witnesses(await network('status', valley))).toEqual(orgs)
  const bad = await fiducia('keys', 'add', '--role', 'kings', '--config', path.join(valley, 'nodes', 'cedar', 'config.json'))
  expect(bad).toMatchObject({ code: 2, json: { error: { code: 'BAD_USE' } } })
})

it('reaches its quorum with another member down, by the one that only witnesses', async () => {
  process.kill(Number(readFileSync(path.join(valley, 'nodes', 'birch', 'ledger', 'lock.pid'), 'utf8')), 'SIGKILL')
  // Longer than a cosignature is fresh: what is fresh afterwards was given without birch.
  await Promise.all([setTimeout(11_000), network('export', valley, '--out', exported).then((answer) => (answers.export = answer))])
  const status = await network('status', '--genesis', path.join(valley, 'genesis.json'))
  expect(status).toMatchObject({ code: 1, json: { members: [{ reachable: true }, { name: 'birch', reachable: false }, {}, {}] } })
  expect(witnesses(status)).toEqual(['alder', 'cedar', 'elm'])
  expect(readFileSync(path.join(valley, 'network.log'), 'utf8')).toContain('birch ended (killed by SIGKILL); the others go on')
})

it('is exported while it runs and when it is stopped, and goes on in another folder; an import that is killed leaves nothing', async () => {
  const [moved, last] = [path.join(dir, 'moved'), path.join(dir, 'export of the last block')]
  const { json: early } = answers.export ?? { json: undefined }
  expect(answers.export?.code).toBe(0)
  expect(JSON.parse(readFileSync(path.join(exported, 'state.json'), 'utf8'))).toMatchObject({ height: early.height, stateRoot: early.stateRoot })
  expect(await network('import', exported, '--out', moved, '--nodes', valley)).toMatchObject({ code: 2, json: { error: { code: 'NETWORK_RUNNING' } } })
  expect(await network('stop', valley)).toMatchObject({ code: 0, json: { stopped: true } })

  // What was ordered since the first export would be lost with it.
  const { json, code } = await network('export', valley, '--out', last)
  expect({ code, isLater: json.height >= early.height }).toEqual({ code: 0, isLater: true })
  await untilKilled(() => spawn(process.execPath, [main, 'network', 'import', last, '--out', moved, '--nodes', valley], { stdio: 'ignore' }), moved)
  expect(existsSync(moved)).toBe(false)
  expect(await network('import', last, '--out', moved, '--nodes', valley)).toMatchObject({ code: 0, json: { ...json, out: moved, members: orgs } })
  expect(await network('start', moved, '--detach', '--one-process')).toMatchObject({ code: 0, json: { problems: [] } })
  const status = await network('status', moved)
  await network('stop', moved)
  expect(status).toMatchObject({ code: 0 })
  expect(status.json.height).toBeGreaterThanOrEqual(json.height)
  expect(witnesses(status)).toEqual(orgs)
})

/** Kills an import while it builds beside its folder; one that has ended before is tried again. */
async function untilKilled(start: () => ChildProcess, out: string): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const child = start()
    const ended = once(child, 'close')
    while (!existsSync(`${out}.new`) && child.exitCode === null) await setTimeout(1)
    child.kill('SIGKILL')
    await ended
    if (child.signalCode === 'SIGKILL' && !existsSync(out)) return
    rmSync(out, { recursive: true, force: true })
  }
  throw new Error('every import ended before it could be killed')
}
