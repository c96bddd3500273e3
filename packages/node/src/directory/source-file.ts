import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LoadError } from './errors.ts'
import { READ_BYTES } from './limits.ts'

/** A file that is loaded, known by its content. */
export interface SourceFile {
  readonly path: string
  readonly size: number
  /** Of the file as it lies there, in hex. */
  readonly sha256: string
}

/** Reads the file once for its hash. */
export async function sourceFile(path: string): Promise<SourceFile> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of rawBytes(path)) {
    hash.update(chunk)
    size += chunk.length
  }
  return { path, size, sha256: hash.digest('hex') }
}

/**
 * Its bytes, unpacked if they begin as gzip does. `onRead` hears how many bytes of the file itself were taken. Throws `LOAD_FILE_CHANGED`, at the
 * latest at its end, unless they are those that were hashed.
 */
export async function* unpackedBytes(file: SourceFile, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  if (statSync(file.path).size !== file.size) throw changed(file)
  const raw = sameBytes(file, onRead)
  const first = await raw.next()
  if (first.done === true) return
  const all = async function* () {
    yield first.value
    yield* raw
  }
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) yield* all()
  else yield* gunzipped(file.path, all())
}

/** Hashed once more: a file that somebody writes to while it is loaded would be half one and half the other. */
async function* sameBytes(file: SourceFile, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of rawBytes(file.path, onRead)) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') !== file.sha256) throw changed(file)
}

const changed = ({ path }: SourceFile) => new LoadError('LOAD_FILE_CHANGED', `\`${path}\` changed while it was loaded: nothing of it is used`)

async function* rawBytes(path: string, onRead?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>) {
      onRead?.(chunk.length)
      yield chunk
    }
  } catch (cause) {
    throw new LoadError('LOAD_FILE', `\`${path}\` cannot be read to its end`, { cause })
  }
}

async function* gunzipped(path: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pipeline(Readable.from(bytes), createGunzip({ chunkSize: READ_BYTES }), () => {}) as AsyncIterable<Uint8Array>
  } catch (cause) {
    if (cause instanceof LoadError) throw cause
    throw new LoadError('LOAD_FILE_DAMAGED', `\`${path}\` is gzip that is damaged or cut off`, { cause })
  }
}
