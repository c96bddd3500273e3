import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import path from 'node:path'
import type { Writable } from 'node:stream'
import type { Row } from '@fiducia/fhir'
import { MAX_TABLE_ROWS } from './limits.ts'
import { UsageError } from './output.ts'
import { tableOf } from './table.ts'

/** Rows as text, in one of four forms. What a form can give at once leaves at once, so that millions of rows need no memory. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const
export type Format = (typeof FORMATS)[number]

export interface RowWriter {
  /** Text that may leave now; empty while it has to wait for more. */
  row(row: Row): string
  /** What is left when all rows have come. */
  end(): Iterable<string>
}

export function rowWriter(format: Format, columns: readonly string[]): RowWriter {
  switch (format) {
    case 'json':
      return jsonWriter()
    case 'ndjson':
      return { row: (row) => `${JSON.stringify(row)}\n`, end: () => [] }
    case 'csv':
      return csvWriter(columns)
    case 'table':
      return tableWriter(columns)
  }
}

/** Nothing of an array leaves before all of it is known: a run that fails prints its error instead, and nothing else. */
function jsonWriter(): RowWriter {
  const parts: string[] = []
  let pending: string[] = []
  const settle = () => {
    if (pending.length > 0) parts.push(`${parts.length === 0 ? '' : ','}${pending.join(',')}`)
    pending = []
  }
  return {
    row: (row) => {
      pending.push(JSON.stringify(row))
      if (pending.length === MAX_TABLE_ROWS) settle()
      return ''
    },
    end: () => {
      settle()
      return ['[', ...parts, ']\n']
    },
  }
}

/** RFC 4180, with a line feed at the end of each line. Nothing is an empty cell, an empty text is `""`; lists and elements with parts are JSON. */
function csvWriter(columns: readonly string[]): RowWriter {
  let head = `${columns.join(',')}\n`
  return {
    row: (row) => {
      const line = `${head}${columns.map((name) => csvCell(row[name])).join(',')}\n`
      head = ''
      return line
    },
    end: () => [head],
  }
}

function csvCell(value: unknown): string {
  if (value === '') return '""'
  const text = plainText(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function tableWriter(columns: readonly string[]): RowWriter {
  const cells: (readonly string[])[] = []
  let more = 0
  return {
    row: (row) => {
      if (cells.length < MAX_TABLE_ROWS) cells.push(columns.map((name) => plainText(row[name])))
      else more += 1
      return ''
    },
    end: () => [
      `${tableOf([columns, ...cells], CELL_WIDTH).join('\n')}\n`,
      more === 0 ? `${cells.length} ${cells.length === 1 ? 'row' : 'rows'}\n` : `… and ${more} more rows; --format csv gives all of them\n`,
    ],
  }
}

const CELL_WIDTH = 40

function plainText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Where text goes; it waits for a slow reader. Disposed of before it was finished, a file is not there. */
export interface Sink extends AsyncDisposable {
  write(text: string): Promise<void>
  finish(): Promise<void>
}

export const standardOutput = (): Sink => ({
  write: (text) => writeTo(process.stdout, text),
  finish: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
})

/** A file that is there whole or not at all: the text goes to a neighbour of it, which takes its name at the end. */
export function fileSink(file: string): Sink {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`)
  const trying = <T>(work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      throw unwritable(file, cause)
    }
  }
  const descriptor = trying(() => openSync(draft, 'w'))
  const interrupted = () => {
    rmSync(draft, { force: true })
    process.exit(130)
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  return {
    write: (text) => Promise.resolve(trying(() => writeFileSync(descriptor, text))),
    finish: () =>
      Promise.resolve(
        trying(() => {
          fsyncSync(descriptor)
          renameSync(draft, file)
        }),
      ),
    [Symbol.asyncDispose]: () => {
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
      closeSync(descriptor)
      rmSync(draft, { force: true })
      return Promise.resolve()
    },
  }
}

function unwritable(file: string, cause: unknown): UsageError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  return new UsageError('FILE_UNWRITABLE', `expected a place where a file can be written, found \`${file}\`, where none can (${code})`, file)
}

async function writeTo(stream: Writable, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain')
}
