import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { createNppesReader, type FileReader } from '@fiducia/directory'
import { createCsvScanner } from '../packages/directory/src/reading/csv-scanner.ts'
import { NPPES_HEADER, nppesPeople } from '../packages/directory/test/nppes-rows.ts'
import { installBeside } from '../scripts/install-beside.ts'
import { root } from '../scripts/run.ts'
import { median, perSecond, printTable, times, timed } from './measure.ts'

/**
 * A file as wide as the national register: its rows found, read into facts, and the same bytes into cells by csv-parse, the library that
 * would do it otherwise. Every address is another one, which is the worst case for naming locations.
 */
const ROWS = 20_000
const ROUNDS = 5
const CHUNK_BYTES = 256 * 1024

type Parse = (bytes: Uint8Array) => readonly unknown[]

async function library(): Promise<Parse> {
  if (!installBeside('csv', 'csv-parse')) throw new Error('csv-parse could not be installed')
  const place = path.join(root, 'tools', 'csv', 'node_modules', 'csv-parse', 'lib', 'sync.js')
  const { parse } = (await import(pathToFileURL(place).href)) as { readonly parse: Parse }
  return parse
}

interface Sink {
  push(chunk: Uint8Array): unknown
  end(): unknown
}

function feed(bytes: Uint8Array, sink: Sink): void {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) sink.push(bytes.subarray(at, at + CHUNK_BYTES))
  sink.end()
}

/** Finds every cell, and decodes the name of each row. */
function scan(bytes: Uint8Array): number {
  let characters = 0
  feed(
    bytes,
    createCsvScanner((row) => (characters += row.cell(5).length)),
  )
  return characters
}

/** What one does with records: takes them and lets them go. */
function map(bytes: Uint8Array): number {
  const reader: FileReader = createNppesReader()
  let facts = 0
  const count = (records: ReturnType<FileReader['push']>) => {
    for (const record of records) if (record.accepted) facts += record.facts.length
  }
  feed(bytes, { push: (chunk) => count(reader.push(chunk)), end: () => count(reader.end()) })
  return facts
}

type Samples<Name extends string> = Readonly<Record<Name, number>>

async function rounds<Name extends string>(works: Readonly<Record<Name, () => unknown>>, count: number): Promise<Samples<Name>> {
  const samples = Object.fromEntries(Object.keys(works).map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < count; round += 1) for (const name of Object.keys(works) as Name[]) samples[name].push(await timed(works[name]))
  return Object.fromEntries(Object.keys(works).map((name) => [name, median(samples[name as Name])])) as Record<Name, number>
}

async function benchScan(parse: Parse): Promise<void> {
  const bytes = new TextEncoder().encode(nppesPeople(1, ROWS))
  if (map(bytes) !== 3 * ROWS) throw new Error('expected a practitioner, a location and a role of each row')
  const took = await rounds({ scan: () => scan(bytes), map: () => map(bytes), parse: () => parse(bytes) }, ROUNDS)
  const rate = (name: keyof typeof took) => perSecond(ROWS, took[name])
  printTable(`directory-scan: ${ROWS} rows of ${NPPES_HEADER.length} quoted cells, ${Math.round(bytes.length / ROWS)} bytes each`, [
    {
      what: 'rows scanned and mapped to facts',
      measured: rate('map'),
      goal: '>= 60,000/s',
      comparedWith: `csv-parse takes ${times(took.parse, took.map)} the time`,
    },
    { what: 'rows scanned', measured: rate('scan'), comparedWith: `csv-parse takes ${times(took.parse, took.scan)} the time` },
    { what: 'rows read into cells by csv-parse', measured: rate('parse') },
  ])
}

const parse = await library()
await benchScan(parse)
