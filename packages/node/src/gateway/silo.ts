import { request } from 'undici'
import { shape } from '@fiducia/core'
import { NodeFailure } from '../failures.ts'
import { SILO_MAX_BYTES, SILO_MAX_PAGES, SILO_MAX_RESOURCES, SILO_TIMEOUT_MS } from '../limits.ts'
import { textOf, type Transport } from '../peers/transport.ts'

/**
 * The organization's own FHIR server, asked from scratch each time: no header, link or parameter of a client ever reaches
 * it. What two real servers taught (a search cache that hides new matches, parameters dropped in silence, pages repeated,
 * HTML instead of FHIR) is in the headers and checks below; anything that is not exactly what was asked for is a failure.
 */
export interface Silo {
  /** The resource as JSON, undefined when there is none (404 or 410). */
  read(type: string, id: string): Promise<unknown>
  /** Every match, of all pages, in the server's order. */
  search(type: string, parameters: ReadonlyMap<string, string>): Promise<readonly unknown[]>
  /** Whether the server answers at all. */
  isReachable(): Promise<boolean>
}

export interface SiloOptions {
  /** Base URL without a final slash. */
  readonly base: string
  readonly bearer?: string | undefined
  readonly timeoutMs?: number
  /** Takes the place of HTTP. */
  readonly transport?: Transport | undefined
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

export function connectSilo(options: SiloOptions): Silo {
  const headers = {
    accept: 'application/fhir+json',
    'cache-control': 'no-cache',
    prefer: 'handling=strict',
    ...(options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }),
  }
  const timeoutMs = options.timeoutMs ?? SILO_TIMEOUT_MS
  const transport = options.transport ?? httpWithin(timeoutMs)

  async function ask(url: string): Promise<Answer> {
    try {
      const answer = await transport(url, { headers })
      // That there is nothing is said by the status alone: such answers are often empty or HTML.
      const isAbsent = answer.status === 404 || answer.status === 410
      return { status: answer.status, body: isAbsent ? undefined : (JSON.parse(textOf(answer)) as unknown) }
    } catch (cause) {
      // The cause stays out of the message: a silo's text can name a patient.
      throw new NodeFailure('SILO_FAILED', `the silo did not answer with JSON within ${timeoutMs} ms and ${SILO_MAX_BYTES} bytes`, { cause })
    }
  }

  return {
    async read(type, id) {
      // A path would take these for folders.
      if (id === '.' || id === '..') return undefined
      const { status, body } = await ask(`${options.base}/${type}/${encodeURIComponent(id)}`)
      if (status === 404 || status === 410) return undefined
      if (status !== 200 || !isResource(body, type, id))
        throw new NodeFailure('SILO_FAILED', `expected the ${type} that was asked for, found status ${status} with another content`)
      return body
    },
    async search(type, parameters) {
      const query = new URLSearchParams([...parameters])
      const found: unknown[] = []
      let url: string | undefined = `${options.base}/${type}?${query.toString()}`
      for (let page = 0; url !== undefined; page += 1) {
        if (page >= SILO_MAX_PAGES) throw new NodeFailure('SILO_FAILED', `expected at most ${SILO_MAX_PAGES} pages`)
        const { status, body } = await ask(url)
        if (status !== 200 || !isBundle(body)) throw new NodeFailure('SILO_FAILED', `expected a searchset Bundle, found status ${status} with another content`)
        addMatches(found, body.entry ?? [], type)
        url = nextLink(body, options.base)
      }
      return found
    },
    async isReachable() {
      try {
        return (await ask(`${options.base}/metadata`)).status === 200
      } catch {
        return false
      }
    },
  }
}

const httpWithin =
  (timeoutMs: number): Transport =>
  async (url, { headers = {} } = {}) => {
    const limits = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, signal: AbortSignal.timeout(timeoutMs) }
    const response = await request(url, { method: 'GET', headers, ...limits })
    return { status: response.statusCode, bytes: await readLimited(response.body) }
  }

interface SearchBundle {
  readonly entry?: readonly unknown[]
  readonly link?: readonly unknown[]
}

function isBundle(body: unknown): body is SearchBundle {
  if (!shape.isObject(body) || body['resourceType'] !== 'Bundle' || body['type'] !== 'searchset') return false
  return [body['entry'], body['link']].every((part) => part === undefined || Array.isArray(part))
}

function isResource(body: unknown, type: string, id?: string): boolean {
  return shape.isObject(body) && body['resourceType'] === type && typeof body['id'] === 'string' && (id === undefined || body['id'] === id)
}

function addMatches(found: unknown[], entries: readonly unknown[], type: string): void {
  for (const entry of entries) {
    if (!shape.isObject(entry)) throw new NodeFailure('SILO_FAILED', 'expected entries that are objects')
    const search = entry['search']
    if (shape.isObject(search) && search['mode'] !== 'match') continue
    if (!isResource(entry['resource'], type)) throw new NodeFailure('SILO_FAILED', `expected matches of type ${type}, found another`)
    found.push(entry['resource'])
  }
  if (found.length > SILO_MAX_RESOURCES) throw new NodeFailure('SILO_FAILED', `expected at most ${SILO_MAX_RESOURCES} matches; narrow the search`)
}

/** Only a link below the silo's own base is followed. */
function nextLink(bundle: SearchBundle, base: string): string | undefined {
  const link = bundle.link?.find((one) => shape.isObject(one) && one['relation'] === 'next')
  if (link === undefined) return undefined
  const text = shape.isObject(link) ? link['url'] : undefined
  // As it will be requested: dots that climb out of the base are resolved first.
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text).href : undefined
  if (url === undefined || !(url.startsWith(`${base}/`) || url.startsWith(`${base}?`)))
    throw new NodeFailure('SILO_FAILED', 'expected the next page below the silo’s own address')
  return url
}

async function readLimited(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > SILO_MAX_BYTES) throw new Error('too large')
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
