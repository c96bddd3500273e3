import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { decodeHex, ed25519PublicKey, encodeBase64Url, type Signer, verifySignature } from '@fiducia/core'
import { validKeysOf } from '@fiducia/ledger'
import { httpTransport, loadConfig, openKeyOperator } from '@fiducia/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentSigners } from '../../node/src/keys/ssh-agent.ts'
import { birch, cedar, openAgreedRig, type Rig } from './rig.ts'

/**
 * A node whose keys OpenSSH's agent holds: no secret of it is in a file that the node reads. It answers requests, acknowledges,
 * cosigns and seals as before, and its keys are rotated to others that the agent holds.
 */
const hasAgent = ['/usr/bin', '/usr/local/bin', '/bin'].some((folder) => existsSync(path.join(folder, 'ssh-agent')))
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-agent-'))
const socket = path.join(dir, 'agent.sock')
let agent: ChildProcess

const environment = { ...process.env, SSH_AUTH_SOCK: socket }
const sshAdd = (...args: readonly string[]) => execFileSync('ssh-add', args, { env: environment, stdio: 'pipe' })

/** OpenSSH's own file of an Ed25519 key (PROTOCOL.key of OpenSSH), unencrypted: how a seed gets into the agent. */
function openSshFile(seed: Uint8Array): string {
  const text = (bytes: Uint8Array | string) => {
    const content = Buffer.from(bytes)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length)
    return Buffer.concat([length, content])
  }
  const publicKey = ed25519PublicKey(seed)
  const blob = Buffer.concat([text('ssh-ed25519'), text(publicKey)])
  const check = Buffer.from('00000001'.repeat(2), 'hex')
  const secret = Buffer.concat([check, blob, text(Buffer.concat([seed, publicKey])), text('fiducia')])
  const padded = Buffer.concat([secret, Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1))])
  const count = Buffer.from('00000001', 'hex')
  const whole = Buffer.concat([Buffer.from('openssh-key-v1\0'), text('none'), text('none'), text(''), count, text(blob), text(padded)])
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${whole.toString('base64').replaceAll(/.{70}/g, '$&\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

function give(seed: Uint8Array): void {
  const file = path.join(dir, 'key')
  writeFileSync(file, openSshFile(seed), { mode: 0o600 })
  sshAdd('-q', file)
  rmSync(file)
}

async function startAgent(): Promise<void> {
  agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  for (let tries = 0; !existsSync(socket) && tries < 1500; tries += 1) await setTimeout(20)
}

describe.skipIf(!hasAgent)('an agent', () => {
  let rig: Rig
  const seeds = new Map<string, Uint8Array>()

  beforeAll(async () => {
    await startAgent()
    rig = await openAgreedRig()
  }, 60_000)
  afterAll(async () => {
    await rig[Symbol.asyncDispose]()
    agent.kill()
    rmSync(dir, { recursive: true })
  })

  it('signs what a seed would sign, and says so when it is away', async () => {
    const seed = new Uint8Array(32).fill(7)
    give(seed)
    const [signer] = (await agentSigners(socket)) as [Signer]
    expect(signer.publicKey).toEqual(ed25519PublicKey(seed))
    const message = new TextEncoder().encode('a note\n')
    expect(verifySignature(signer.publicKey, message, await signer.sign(message))).toBe(true)
    sshAdd('-q', '-D')
    await expect(signer.sign(message)).rejects.toMatchObject({ code: 'AGENT_FAILED' })
    await expect(agentSigners(path.join(dir, 'nobody.sock'))).rejects.toMatchObject({ code: 'AGENT_FAILED' })
  })

  it('holds every key of a node: releases, acknowledgments, seals and cosignatures go on without a secret in a file', async () => {
    const folder = path.join(rig.dir, 'nodes', cedar)
    await rig.restart(cedar, () => {
      for (const name of ['node', 'log', 'standbyLog', 'witness']) {
        const file = path.join(folder, 'keys', `${name}.seed`)
        seeds.set(name, decodeHex(readFileSync(file, 'utf8').trim()))
        give(seeds.get(name) ?? new Uint8Array())
        rmSync(file)
      }
      const config = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as { keys: Record<string, string> }
      config.keys = { node: 'agent', log: 'agent', standbyLog: 'agent', witness: 'agent', agent: socket, folder: 'keys' }
      writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config))
    })
    await rig.settle()
    expect((await rig.ask(undefined, cedar)).status).toBe(200)
    const { ack } = await rig.stage.patient.setPolicy(cedar, { v: 1, grants: [{ effect: 'deny' }] })
    expect(ack.body).toMatchObject({ version: 2 })
    await rig.node(cedar).round()
    const { checkpoints, log } = rig.node(cedar).services
    expect(checkpoints.newest?.size).toBe(log.sealedSize)
    expect(rig.node(birch).services.heads.newest?.whole).toContain('demo/witness/cedar')
  })

  it('gets a new key that takes over from the old one', async () => {
    const seed = new Uint8Array(32).fill(9)
    give(seed)
    const operator = await openKeyOperator(loadConfig(path.join(rig.dir, 'nodes', cedar, 'config.json')), {
      transport: httpTransport,
      now: () => rig.stage.clock.now(),
      random: rig.stage.random,
    })
    const changes = await operator.rotate('node', encodeBase64Url(ed25519PublicKey(seed)))
    expect(changes.map(({ change, file }) => [change, file])).toEqual([
      ['added', undefined],
      ['retired', undefined],
    ])
    await rig.settle()
    const state = rig.node(cedar).services.context.ledger.tip()
    expect(validKeysOf(state, cedar, 'node', state.height).map(({ record }) => record.pub)).toEqual([encodeBase64Url(ed25519PublicKey(seed))])
    await rig.restart(cedar)
    await rig.settle()
    expect((await rig.ask(undefined, cedar)).status).toBe(403)
  })

  it('that is away stops nothing but what needs its keys, and is found again', async () => {
    agent.kill()
    await expect(rig.ask(undefined, cedar)).rejects.toMatchObject({ code: 'PEER_FAILED' })
    rmSync(socket, { force: true })
    await startAgent()
    for (const seed of [...seeds.values(), new Uint8Array(32).fill(9)]) give(seed)
    expect((await rig.ask(undefined, cedar)).status).toBe(403)
  })
})
