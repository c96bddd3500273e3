import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import {
  checkDigitOf,
  DirectoryError,
  type FileReader,
  type ImportedRecord,
  locationSubject,
  npiSubject,
  roleSubject,
  type SubjectFacts,
  type SubjectKey,
} from '@fiducia/directory'
import { afterAll } from 'vitest'
import type { LoadPorts, LoadRequest } from '../src/directory/load.ts'
import { openDirectory } from '../src/directory/store.ts'

/** Loads of invented practitioners, one record in a line, into folders that are gone afterwards. */

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-load-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let folders = 0
export const folder = () => path.join(scratch, `dir-${(folders += 1)}`)
export const file = (name: string, content: string | Uint8Array): string => {
  const where = path.join(mkdtempSync(path.join(scratch, 'files-')), name)
  writeFileSync(where, content)
  return where
}

/** One record in each line, as JSON, with `NAME:` in front where it has one; `!` or `! SUBJECT` for one that is rejected. The first line is the header. */
export function lineReader(): FileReader {
  let text = ''
  let row = 1
  let header: readonly string[] | undefined
  const records = (lines: readonly string[]): readonly ImportedRecord[] =>
    lines.flatMap((line): readonly ImportedRecord[] => {
      row += 1
      if (row === 2) {
        header = line.split(',')
        return []
      }
      if (line === 'broken') throw new DirectoryError('CSV_QUOTES', 'expected a record', `row ${row - 1}`)
      if (line.startsWith('!')) return [rejected(row - 1, line)]
      const [, name, json = line] = /^(\w+):(.*)$/.exec(line) ?? []
      const facts = JSON.parse(json) as readonly SubjectFacts[]
      return [{ accepted: true, row: row - 1, facts, findings: [{ code: 'PRIMARY_TAXONOMY_MISSING', field: 'x' }], ...(name !== undefined && { name }) }]
    })
  return {
    get header() {
      return header
    },
    get isCorrection() {
      return header?.[0] === 'reason'
    },
    push(chunk) {
      const lines = (text + Buffer.from(chunk).toString()).split('\n')
      text = lines.pop() ?? ''
      return records(lines)
    },
    end: () => records(text === '' ? [] : [text]),
  }
}

function rejected(row: number, line: string): ImportedRecord {
  const [, subject] = line.split(' ')
  const record = { accepted: false, row, findings: [{ code: 'NPI_MISSING', field: 'NPI' }], source: [line, 'a, "b"'] } as const
  return subject === undefined ? record : { ...record, subject: subject as SubjectKey }
}

let clock = 1_700_000_000_000
export const ports: LoadPorts = {
  now: () => (clock += 1000),
  random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  readers: () => Promise.resolve(lineReader),
}
export const request = (dir: string, files: readonly string[], more: Partial<LoadRequest> = {}, terms: Partial<LoadRequest['terms']> = {}): LoadRequest => ({
  dir,
  files,
  terms: { format: 'csv', origin: 'roster', basis: 'import', group: 'alder', isFull: false, observedAt: null, mapping: null, ...terms },
  attester: 'alder' as OrganizationId,
  who: 'kim',
  maxChange: 20,
  isDryRun: false,
  ...more,
})

export const npi = (n: number) => `${100_000_000 + n}${checkDigitOf(String(100_000_000 + n))}`
const address = (n: number) => ({ line: `${n} main st`, line2: '', city: 'salem', state: 'OR', postalCode: '97301', country: 'US' })
export const place = (n: number): SubjectFacts => ({ subject: locationSubject(address(n)), fields: { line: `${n} Main St`, city: 'Salem', state: 'OR' } })
export const doctor = (n: number, family = `Rowan${n}`): SubjectFacts => ({
  subject: npiSubject('practitioner', npi(n)),
  fields: { 'name.family': family, gender: 'f' },
})
export const role = (n: number, at: number): SubjectFacts => {
  const [practitioner, location] = [npiSubject('practitioner', npi(n)), place(at).subject]
  return { subject: roleSubject(practitioner, null, location), fields: { practitioner, location } }
}
export const row = (n: number, at = n % 10, family?: string) => [doctor(n, family), place(at), role(n, at)]
export const roster = (rows: readonly (readonly SubjectFacts[] | string)[], name = 'roster.csv', header = 'record,note') =>
  file(name, [header, ...rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))].join('\n'))
export const range = (n: number) => Array.from({ length: n }, (_, i) => i)

/** All that readers could see, without what is random. */
export function contentOf(dir: string) {
  using database = openDirectory(dir)
  const rows = (sql: string) => database.all(sql).map((row) => Object.values(row).map(String).join('|'))
  return {
    statements: rows('SELECT s.id, s.batch, k.key, s.json FROM statement s JOIN subject k ON k.id = s.subject ORDER BY s.id'),
    newest: rows('SELECT k.key, hex(n.digest) FROM newest n JOIN subject k ON k.id = n.subject ORDER BY k.key'),
    names: rows('SELECT n.name, k.key FROM name n JOIN subject k ON k.id = n.subject ORDER BY 1, 2'),
    places: rows('SELECT k.key, p.state FROM place p JOIN subject k ON k.id = p.subject ORDER BY 1, 2'),
    reaches: rows('SELECT a.key AS who, b.key AS via FROM reach r JOIN subject a ON a.id = r.subject JOIN subject b ON b.id = r.via ORDER BY 1, 2'),
  }
}
export const statementsOf = (dir: string) =>
  contentOf(dir).statements.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as { operation: string; fields: object; observedAt: number })
