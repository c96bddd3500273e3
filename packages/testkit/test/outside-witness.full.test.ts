import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  EMPTY_ROOT,
  encodeBase64,
  formatVerifierKey,
  KEY_TYPE_WITNESS,
  makeVerifierKey,
  type OrganizationId,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  verifyCosignature,
} from '@fiducia/core'
import { verifyCosigned } from '@fiducia/proofs'
import { freePort } from '@fiducia/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alder, birch, cedar, openAgreedRig, type Rig } from './rig.ts'

/**
 * Witnesses and logs that nobody here wrote, over loopback: public Go code (`tools/witness`). `litewitness` cosigns our ledger
 * and our access logs; our witness cosigns a log kept by Go's own `sumdb` packages, and refuses it when it lies.
 */
const GO_MODULE = path.resolve(import.meta.dirname, '../../../tools/witness')
const missing = ['go', 'ssh-agent', 'ssh-add', 'ssh-keygen'].filter((tool) => spawnSync('which', [tool]).status !== 0)
const skipped = missing.length === 0 ? '' : ` (skipped: needs Go 1.25 and OpenSSH; not found: ${missing.join(', ')})`

let dir = ''
let rig: Rig
const running: ChildProcess[] = []
const built = (name: string) => path.join(dir, name)
/** The node that answers runs in this process: nothing may block it. */
const run = async (name: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(built(name), args, { timeout: 60_000 })).stdout.trim()
const build = (what: string) => execFileSync('go', ['build', '-o', `${dir}/`, what], { cwd: GO_MODULE, stdio: 'pipe' })

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: 'ignore' })
  running.push(child)
  return child
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (await holds()) return
    await sleep(50)
  }
  throw new Error('it did not happen within a minute')
}

/** Changes a member's configuration and starts its node again. */
async function configure(org: OrganizationId, change: object): Promise<void> {
  const file = path.join(rig.dir, 'nodes', org, 'config.json')
  await rig.restart(org, () => writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change })))
  await rig.settle()
}

/** A `litewitness` with a key in an agent of its own, which knows these logs. */
async function startLitewitness(logs: readonly VerifierKey[]): Promise<{ readonly key: VerifierKey; readonly url: string }> {
  const [socket, file, port] = [path.join(dir, 'agent'), path.join(dir, 'witness.db'), await freePort(0)]
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(dir, 'id')])
  start('ssh-agent', ['-D', '-a', socket])
  await until(() => existsSync(socket))
  execFileSync('ssh-add', ['-q', path.join(dir, 'id')], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'pipe' })
  const fingerprint = execFileSync('ssh-keygen', ['-lf', path.join(dir, 'id.pub')], { encoding: 'utf8' }).split(' ')[1] ?? ''
  const publicKey = new Uint8Array(Buffer.from(readFileSync(path.join(dir, 'id.pub'), 'utf8').split(' ')[1] ?? '', 'base64')).slice(-32)
  const key = makeVerifierKey('outside.example/witness', KEY_TYPE_WITNESS, publicKey)
  start(built('litewitness'), ['-db', file, '-ssh-agent', socket, '-key', fingerprint, '-name', key.name, '-listen', `127.0.0.1:${port}`])
  const url = `http://127.0.0.1:${port}`
  await until(() =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  )
  using database = new DatabaseSync(file)
  for (const log of logs) {
    database.prepare('INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)').run(log.name, encodeBase64(EMPTY_ROOT))
    database.prepare('INSERT INTO key (origin, key) VALUES (?, ?)').run(log.name, formatVerifierKey(log))
  }
  return { key, url }
}

interface Answer {
  readonly what: string
  readonly status: number
  readonly body: string
  /** The cosignature is judged by the public code. */
  readonly holds: boolean
}

function witnessOf(org: OrganizationId): VerifierKey {
  const [witness] = rig.node(org).services.context.keys.witnesses
  if (witness === undefined) throw new Error(`\`${org}\` has no witness key`)
  return witness.verifier
}

/** What the growing log was answered by a member's witness. */
async function askedOf(org: OrganizationId, witness: VerifierKey): Promise<readonly Answer[]> {
  const output = await run('growinglog', `${rig.node(org).url}/witness`, formatVerifierKey(witness))
  return output.split('\n').map((line) => JSON.parse(line) as Answer)
}

const isCosignedBy = (note: string, key: VerifierKey): boolean => {
  const { text, signatures } = parseNote(note)
  return signatures.some((line) => verifyCosignature(text, line, key) !== undefined)
}

describe.skipIf(missing.length > 0)(`public Go code${skipped}`, () => {
  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'fiducia-outside-'))
    for (const what of ['filippo.io/torchwood/cmd/litewitness', './growinglog']) build(what)
    rig = await openAgreedRig()
  }, 300_000)
  afterAll(async () => {
    for (const child of running) child.kill()
    await rig[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  it('cosigns our ledger and our access log while they grow, shown beside the members and never counted', async () => {
    const { logs } = rig.stage.network.trustPolicy()
    const { key, url } = await startLitewitness(logs)
    for (const org of [alder, cedar]) await configure(org, { outside: { witnesses: [{ vkey: formatVerifierKey(key), url }] } })
    for (let round = 0; round < 3; round += 1) {
      expect((await rig.ask(undefined, cedar)).status).toBe(200)
      rig.stage.clock.advance(25_000)
      await rig.settle()
      await rig.node(cedar).round()
      const sealed = rig.node(cedar).services.checkpoints.newest?.note ?? ''
      expect(isCosignedBy(sealed, key)).toBe(true)
      expect(isCosignedBy(await (await fetch(`${rig.node(cedar).url}/log/1/checkpoint`)).text(), key)).toBe(true)
      // What is proved to others names members alone.
      expect(verifyCosigned(sealed, rig.stage.network.trustPolicy()).cosignatures.map(({ name }) => name)).not.toContain(key.name)
    }
    await rig.settle()
    const ledger = await (await fetch(`${rig.node(alder).url}/ledger/checkpoint`)).text()
    expect(verifyCosigned(ledger, rig.stage.network.trustPolicy()).cosignatures.length).toBeGreaterThanOrEqual(3)
  })

  it('has its log cosigned by ours while it grows, and refused when it lies', async () => {
    const vkey = await run('growinglog', '-vkey')
    await configure(birch, { outside: { logs: [vkey] } })
    const answers = await askedOf(birch, witnessOf(birch))
    expect(answers.map(({ what, status, holds }) => [what, status, holds])).toEqual([
      ['grown to 1', 200, true],
      ['grown to 2', 200, true],
      ['grown to 7', 200, true],
      ['grown to 256', 200, true],
      ['grown to 300', 200, true],
      ['the same again', 200, true],
      ['an old size that is not the last', 409, false],
      ['a rollback', 400, false],
      ['another root for the size', 409, false],
      ['a fork that has grown', 422, false],
      ['no path', 422, false],
      ['another key', 403, false],
      ['grown to 310', 200, true],
    ])
    expect(answers.find(({ status }) => status === 409)?.body).toBe('300\n')
    expect(rig.node(birch).services.contradictions.of(parseVerifierKey(vkey).name)).toHaveLength(1)
  })

  it('is told that its log is not known, where it is not', async () => {
    const answers = await askedOf(cedar, witnessOf(cedar))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
  })
})
