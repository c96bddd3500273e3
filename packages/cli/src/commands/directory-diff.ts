import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { createHeaderReader, createRosterComparison, type DiffOptions, planDiff, type RosterDiff } from '@fiducia/directory'
import { naming } from '../naming.ts'
import { type Answer, UsageError } from '../output.ts'
import { statOf, unreadable } from '../read-input.ts'
import { tableOf } from '../table.ts'

/** `fiducia directory diff A.csv B.csv`: whom only one of two rosters has, and how often each field says something else. */
export interface DiffFlags {
  readonly key?: string
  /** `NAME=COLUMN_A:COLUMN_B`, once for each field. */
  readonly field?: readonly string[]
  readonly normalize?: string
}

const WHAT = 'a roster as CSV'
const CHUNK_BYTES = 256 * 1024

/** Files of any length are read twice: their headers first, because the fields are named in both. */
export async function diffRosters(pathA: string, pathB: string, flags: DiffFlags): Promise<Answer> {
  const options = parseFlags(flags)
  const headers = { a: await readHeader(pathA), b: await readHeader(pathB) }
  const plan = naming(`${pathA}, ${pathB}`, () => planDiff(headers, options))
  const comparison = createRosterComparison(plan, showProgress)
  await readInto(pathA, comparison.a)
  await readInto(pathB, comparison.b)
  endProgress()
  const diff = comparison.result()
  return { exitCode: 0, json: diff, text: render(diff) }
}

function parseFlags({ key, field = [], normalize = 'default' }: DiffFlags): DiffOptions {
  if (key === undefined) throw new UsageError('BAD_USE', 'expected --key with the column that names a row, found none')
  if (field.length === 0) throw new UsageError('BAD_USE', 'expected at least one --field as `NAME=COLUMN_A:COLUMN_B`, found none')
  if (normalize !== 'raw' && normalize !== 'default') throw new UsageError('BAD_USE', `expected --normalize \`raw\` or \`default\`, found \`${normalize}\``)
  return { key, fields: field, normalize }
}

// ---- files ----------------------------------------------------------------------------------------------------------------

async function readHeader(path: string): Promise<readonly string[]> {
  const reader = createHeaderReader()
  for await (const chunk of chunksOf(path)) {
    const header = naming(path, () => reader.push(chunk))
    if (header !== undefined) return header
  }
  return naming(path, () => reader.end())
}

async function readInto(path: string, side: { push(chunk: Uint8Array): void; end(): void }): Promise<void> {
  for await (const chunk of chunksOf(path)) naming(path, () => side.push(chunk))
  naming(path, () => side.end())
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  if (!statOf(path, WHAT).isFile()) throw new UsageError('FILE_KIND', `expected ${WHAT}, found something else than a file at \`${path}\``, path)
  const isPacked = isGzip(path)
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const stream = isPacked ? pipeline(packed, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : packed
  const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]()
  try {
    for (let next = await nextOf(chunks, path); next.done !== true; next = await nextOf(chunks, path)) yield next.value
  } finally {
    await chunks.return?.()
  }
}

/** As the first two bytes say, whatever the file is called. */
function isGzip(path: string): boolean {
  const head = new Uint8Array(2)
  try {
    const file = openSync(path, 'r')
    try {
      readSync(file, head)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw unreadable(path, WHAT, cause)
  }
  return head[0] === 0x1f && head[1] === 0x8b
}

async function nextOf(chunks: AsyncIterator<Uint8Array>, path: string): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next()
  } catch (cause) {
    const isDamaged = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_')
    if (isDamaged) throw new UsageError('FILE_UNREADABLE', `expected ${WHAT}, found gzip that is damaged or cut off at \`${path}\``, path)
    throw unreadable(path, WHAT, cause)
  }
}

// ---- for people -----------------------------------------------------------------------------------------------------------

function showProgress(rows: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${rows.toLocaleString('en-US')} rows`)
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}

const WIDTH = 60

function render({ both, onlyA, onlyB, fields, rows, unnamed }: RosterDiff): string {
  const lines = Object.entries(fields).map(([name, { differs, normalizer }]) => [name, String(differs), normalizer])
  const without = unnamed.a + unnamed.b === 0 ? '' : ` ${unnamed.a} and ${unnamed.b} rows have no key and were not compared.`
  const summary = `${both} in both, ${onlyA} in the first alone, ${onlyB} in the second alone; ${rows.a} and ${rows.b} rows.${without}`
  return [summary, '', ...tableOf([['field', 'differs', 'compared by'], ...lines], WIDTH)].join('\n')
}
