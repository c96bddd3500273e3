import { createConnection, type Socket } from 'node:net'
import { concatBytes, ed25519KeyId, encodeUtf8, equalBytes, type Signer, verifySignature } from '@fiducia/core'
import { AGENT_MAX_BYTES, AGENT_TIMEOUT_MS } from '../limits.ts'
import { KeyError } from './errors.ts'

/**
 * Keys that an ssh-agent holds (draft-ietf-sshm-ssh-agent): a message is u32 length ‖ type ‖ content over a local socket. The
 * agent signs the bytes that it is given with Ed25519 and nothing around them (RFC 8709), so its keys can do all that a seed
 * in a file can; and whatever speaks this protocol (a token, a password store, a forwarded agent) can hold a node's keys.
 *
 * Each question has a connection of its own: an agent that was started again is found again.
 */
const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14
const ALGORITHM = encodeUtf8('ssh-ed25519')

/** Every Ed25519 key of the agent at this socket. Throws `AGENT_FAILED`. */
export async function agentSigners(socketPath: string): Promise<readonly Signer[]> {
  const answer = createReader(await ask(socketPath, IDENTITIES_ANSWER, Uint8Array.of(REQUEST_IDENTITIES)))
  const keys: Signer[] = []
  for (let left = answer.u32(); left > 0; left -= 1) {
    const blob = answer.bytes()
    answer.bytes()
    const publicKey = readPublicKey(blob)
    if (publicKey !== undefined) keys.push(agentSigner(socketPath, blob, publicKey))
  }
  return keys
}

function agentSigner(socketPath: string, blob: Uint8Array, publicKey: Uint8Array): Signer {
  return {
    keyId: ed25519KeyId(publicKey),
    publicKey,
    async sign(message) {
      const request = concatBytes(Uint8Array.of(SIGN_REQUEST), withLength(blob), withLength(message), u32(0))
      const outer = createReader(createReader(await ask(socketPath, SIGN_RESPONSE, request)).bytes())
      const [algorithm, signature] = [outer.bytes(), outer.bytes()]
      // An agent is believed about nothing: a signature that does not hold would be given away under this node's name.
      if (!equalBytes(algorithm, ALGORITHM) || !verifySignature(publicKey, message, signature))
        throw new KeyError('AGENT_FAILED', `the agent at \`${socketPath}\` gave a signature that does not hold`)
      return signature
    },
  }
}

/** The 32 bytes of an Ed25519 key; undefined for a key of another kind. */
function readPublicKey(blob: Uint8Array): Uint8Array | undefined {
  const reader = createReader(blob)
  if (!equalBytes(reader.bytes(), ALGORITHM)) return undefined
  const publicKey = reader.bytes()
  return publicKey.length === 32 ? publicKey : undefined
}

const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const withLength = (bytes: Uint8Array): Uint8Array => concatBytes(u32(bytes.length), bytes)

function createReader(bytes: Uint8Array) {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new KeyError('AGENT_FAILED', 'expected a whole answer of the agent, found one that is cut')
    at += length
    return bytes.slice(at - length, at)
  }
  const number = (): number => take(4).reduce((sum, byte) => sum * 256 + byte, 0)
  return { u32: number, bytes: () => take(number()) }
}

/** The content of the agent's answer, which must be of this type. */
function ask(socketPath: string, type: number, message: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket: Socket = createConnection(socketPath)
    let answer: Uint8Array = new Uint8Array()
    const fail = (problem: string) => {
      socket.destroy()
      reject(new KeyError('AGENT_FAILED', `the agent at \`${socketPath}\` ${problem}`))
    }
    socket.setTimeout(AGENT_TIMEOUT_MS, () => fail('does not answer'))
    socket.once('error', () => fail('cannot be reached'))
    socket.once('close', () => fail('closed the connection before it answered'))
    socket.on('data', (part) => {
      answer = concatBytes(answer, part)
      const length = answer.length < 4 ? undefined : createReader(answer).u32()
      if (length !== undefined && length > AGENT_MAX_BYTES) return fail('gave an answer that is too long')
      if (length === undefined || answer.length < 4 + length) return
      if (answer[4] !== type) return fail('refused: unlock it, or add the key to it')
      resolve(answer.slice(5, 4 + length))
      socket.destroy()
    })
    socket.write(withLength(message))
  })
}
