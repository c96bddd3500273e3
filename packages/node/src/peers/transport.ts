import { errors, request } from 'undici'
import { NodeFailure } from '../failures.ts'
import { PEER_MAX_BYTES, PEER_TIMEOUT_MS } from '../limits.ts'

/** HTTP to other members: bounded in time and size, no redirects, no shared state. Everything that comes back is checked by its reader. */
export interface Answer {
  readonly status: number
  readonly bytes: Uint8Array
}

export interface Message {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** How long the answer may take; `PEER_TIMEOUT_MS` by default. */
  readonly timeoutMs?: number
}

export type Transport = (url: string, message?: Message) => Promise<Answer>

export const httpTransport: Transport = async (url, message = {}) => {
  try {
    return await exchange(url, message).catch((error: unknown) => {
      // A member that was started again has closed the connection that was kept open to it.
      if ((message.method ?? 'GET') === 'GET' && wasClosed(error)) return exchange(url, message)
      throw error
    })
  } catch (cause) {
    throw new NodeFailure('PEER_FAILED', `another member at \`${new URL(url).origin}\` did not answer within ${message.timeoutMs ?? PEER_TIMEOUT_MS} ms`, {
      cause,
    })
  }
}

const wasClosed = (error: unknown): boolean => error instanceof errors.SocketError || (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')

async function exchange(url: string, message: Message): Promise<Answer> {
  const { timeoutMs = PEER_TIMEOUT_MS } = message
  const response = await request(url, {
    method: message.method ?? 'GET',
    ...(message.body === undefined ? {} : { body: message.body }),
    ...(message.headers === undefined ? {} : { headers: message.headers }),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    signal: AbortSignal.timeout(timeoutMs),
  })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > PEER_MAX_BYTES) throw new Error(`more than ${PEER_MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return { status: response.statusCode, bytes: new Uint8Array(Buffer.concat(chunks)) }
}

export const textOf = (answer: Answer): string => new TextDecoder('utf-8', { fatal: true }).decode(answer.bytes)

/** The text of a 200 answer; anything else throws `PEER_FAILED`. */
export async function fetchText(transport: Transport, url: string): Promise<string> {
  const answer = await transport(url)
  if (answer.status !== 200) throw new NodeFailure('PEER_FAILED', `expected status 200 from \`${new URL(url).origin}\`, found ${answer.status}`)
  return textOf(answer)
}

/** The bytes of a 200 answer, undefined for 404. */
export async function fetchBytes(transport: Transport, url: string): Promise<Uint8Array | undefined> {
  const answer = await transport(url)
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw new NodeFailure('PEER_FAILED', `expected status 200 from \`${new URL(url).origin}\`, found ${answer.status}`)
  return answer.bytes
}
