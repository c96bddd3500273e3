import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { concatBytes, ed25519PublicKey, encodeUtf8, sign, verifySignature } from '@fiducia/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { seedOf } from '../../test/fixture.ts'
import { AGENT_MAX_BYTES } from '../limits.ts'
import { agentSigners } from './ssh-agent.ts'

/** An agent that lies, is cut short, or says too much: nothing that it signs wrongly is given away. */
let dir = ''
let server: Server | undefined
const socketPath = () => path.join(dir, 'agent.sock')

const u32 = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const text = (content: Uint8Array | string) => {
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content
  return concatBytes(u32(bytes.length), bytes)
}
const seed = seedOf('agent')
const blob = concatBytes(text('ssh-ed25519'), text(ed25519PublicKey(seed)))
const identities = (...blobs: readonly Uint8Array[]) =>
  concatBytes(Uint8Array.of(12), u32(blobs.length), ...blobs.flatMap((one) => [text(one), text('comment')]))
const signature = (message: Uint8Array) => concatBytes(Uint8Array.of(14), text(concatBytes(text('ssh-ed25519'), text(sign(seed, message)))))

/** `answer` gets the content of a question, its type first. */
async function listen(answer: (question: Uint8Array) => Uint8Array | undefined): Promise<void> {
  const made = createServer((socket) => {
    let asked: Uint8Array = new Uint8Array()
    socket.on('error', () => undefined)
    socket.on('data', (part) => {
      asked = concatBytes(asked, part)
      if (asked.length < 4 || asked.length < 4 + new DataView(asked.buffer, asked.byteOffset).getUint32(0)) return
      const answered = answer(asked.slice(4))
      if (answered !== undefined) socket.write(answered)
      else socket.end()
    })
  })
  server = made
  await new Promise<void>((resolve) => made.listen(socketPath(), resolve))
}

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-agent-'))
})
afterEach(() => {
  server?.close()
  rmSync(dir, { recursive: true })
})

it('gives the Ed25519 keys of the agent, which sign; keys of other kinds are read over', async () => {
  const rsa = concatBytes(text('ssh-rsa'), text(new Uint8Array(3)), text(new Uint8Array(256)))
  const asked: Uint8Array[] = []
  await listen((question) => {
    asked.push(question)
    return text(question[0] === 11 ? identities(rsa, blob) : signature(encodeUtf8('message')))
  })
  const signers = await agentSigners(socketPath())
  expect(signers.map(({ publicKey }) => publicKey)).toEqual([ed25519PublicKey(seed)])
  const [signer] = signers
  expect(verifySignature(ed25519PublicKey(seed), encodeUtf8('message'), (await signer?.sign(encodeUtf8('message'))) ?? new Uint8Array())).toBe(true)
  expect(asked.at(-1)).toEqual(concatBytes(Uint8Array.of(13), text(blob), text('message'), u32(0)))
})

it.each<readonly [string, (question: Uint8Array) => Uint8Array | undefined]>([
  ['refuses', () => text(Uint8Array.of(5))],
  ['answers with another type', () => text(Uint8Array.of(12, 0, 0, 0, 0))],
  ['signs something else', () => text(signature(encodeUtf8('another message')))],
  ['signs with another algorithm', () => text(concatBytes(Uint8Array.of(14), text(concatBytes(text('ssh-rsa'), text(new Uint8Array(64))))))],
  ['is cut inside its answer', () => text(signature(encodeUtf8('message')).subarray(0, 40))],
  ['says more than any signature is long', () => u32(AGENT_MAX_BYTES + 1)],
  ['hangs up', () => undefined],
])('fails with words, and no signature, where the agent %s', async (_, answer) => {
  await listen((question) => (question[0] === 11 ? text(identities(blob)) : answer(question)))
  const [signer] = await agentSigners(socketPath())
  await expect(signer?.sign(encodeUtf8('message'))).rejects.toMatchObject({ code: 'AGENT_FAILED' })
})

it('fails with words where nobody listens, or a list is cut', async () => {
  await expect(agentSigners(socketPath())).rejects.toMatchObject({ code: 'AGENT_FAILED', message: expect.stringContaining('cannot be reached') })
  await listen(() => text(identities(blob).subarray(0, 30)))
  await expect(agentSigners(socketPath())).rejects.toMatchObject({ code: 'AGENT_FAILED' })
})
