import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { MAX_INPUT_BYTES } from './limits.ts'
import { UsageError } from './output.ts'
import { statOf, unreadable } from './read-input.ts'
import { type FoundResource, spread, tryJson } from './read-resources.ts'

/**
 * Resources of a file of any length, in the order in which they stand there and a few at a time. NDJSON is read line by line;
 * a file whose first line is no JSON by itself is one document over many lines, and is read whole.
 */
const CHUNK_BYTES = 256 * 1024

/** `-` is standard input. A Bundle is its entries, unless Bundles are kept. Throws a `UsageError` with the line of what is no JSON. */
export async function* streamResources(source: string, what: string, keepBundles: boolean): AsyncGenerator<readonly FoundResource[]> {
  const lines = new Lines(source, what, keepBundles)
  for await (const text of textsOf(source, what)) {
    const found = lines.push(text)
    if (found.length > 0) yield found
  }
  yield lines.end()
}

/** What came so far: complete lines become resources, the rest waits. */
class Lines {
  readonly #source: string
  readonly #what: string
  readonly #keepBundles: boolean
  #pending: string[] = []
  #pendingLength = 0
  #number = 0
  #kind: 'unknown' | 'lines' | 'document' = 'unknown'

  constructor(source: string, what: string, keepBundles: boolean) {
    this.#source = source
    this.#what = what
    this.#keepBundles = keepBundles
  }

  push(text: string): readonly FoundResource[] {
    const end = this.#kind === 'document' ? -1 : text.lastIndexOf('\n')
    if (end < 0) {
      this.#wait(text)
      return []
    }
    const complete = [...this.#pending, text.slice(0, end)].join('')
    this.#pending = []
    this.#pendingLength = 0
    const found = this.#read(complete)
    this.#wait(text.slice(end + 1))
    return found
  }

  end(): readonly FoundResource[] {
    const rest = this.#pending.join('')
    if (this.#kind !== 'document') return this.#read(rest, true)
    const whole = tryJson(rest)
    if (whole === undefined) throw this.#noJson(1)
    return spread(whole, { path: this.#source, at: '' }, this.#keepBundles)
  }

  #read(text: string, isLast = false): readonly FoundResource[] {
    const found: FoundResource[] = []
    let from = 0
    for (const line of text.split('\n')) {
      this.#number += 1
      const value = line.trim() === '' ? [] : tryJson(line)
      if (value !== undefined && line.trim() !== '') this.#kind = 'lines'
      if (value === undefined && this.#kind === 'unknown' && !isLast) {
        this.#kind = 'document'
        this.#wait(`${text.slice(from)}\n`)
        return []
      }
      if (value === undefined) throw this.#noJson(this.#number)
      found.push(...spread(value, { path: this.#source, at: `line ${this.#number}` }, this.#keepBundles))
      from += line.length + 1
    }
    return found
  }

  #wait(text: string): void {
    this.#pending.push(text)
    this.#pendingLength += text.length
    if (this.#pendingLength <= MAX_INPUT_BYTES) return
    throw new UsageError('FILE_TOO_LARGE', `expected ${this.#what} as NDJSON, or as one document of at most ${MAX_INPUT_BYTES} bytes, found more`, this.#source)
  }

  #noJson(line: number): UsageError {
    return new UsageError('JSON_SYNTAX', `expected ${this.#what} as JSON, a Bundle or NDJSON, found other text in line ${line}`, this.#source)
  }
}

async function* textsOf(source: string, what: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const bytes of unpacked(open(source, what))) yield decoder.decode(bytes, { stream: true })
    yield decoder.decode()
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw new UsageError('FILE_UNREADABLE', `expected ${what} in UTF-8, found other bytes`, source)
    if (code.startsWith('Z_')) throw new UsageError('FILE_UNREADABLE', `expected ${what} as gzip, found an archive that is damaged or cut off`, source)
    throw unreadable(source, what, cause)
  }
}

function open(source: string, what: string): Readable {
  if (source === '-') return process.stdin
  if (!statOf(source, what).isFile()) throw new UsageError('FILE_KIND', `expected ${what}, found something else than a file at \`${source}\``, source)
  return createReadStream(source, { highWaterMark: CHUNK_BYTES })
}

/** The bytes, unpacked if they begin as gzip does. */
async function* unpacked(stream: Readable): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const head: Uint8Array[] = []
  let seen = 0
  while (seen < 2) {
    const next = await chunks.next()
    if (next.done === true) break
    head.push(next.value)
    seen += next.value.length
  }
  const all = async function* () {
    yield* head
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
  }
  const [first, second] = Buffer.concat(head)
  if (first !== 0x1f || second !== 0x8b) yield* all()
  else yield* pipeline(Readable.from(all()), createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) as AsyncIterable<Uint8Array>
}
