import { execFile } from 'node:child_process'
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'

/** A file of which every row comes back: the worst that can be loaded, in a process of its own, whose memory is watched. */
const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-rejected-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const ROWS = 1_000_000
const LISTED = 100_000
const MAX_RESIDENT_BYTES = 800_000_000

const main = path.join(import.meta.dirname, '..', 'main.ts')
const map = path.join(import.meta.dirname, '..', '..', 'examples', 'directory', 'roster-map.json')
const HEADER = 'NPI,Last Name,First Name,Practice Street,City,State,ZIP,Phone,Accepting'

function writeRows(file: string): void {
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, `${HEADER}\n`)
  for (let from = 0; from < ROWS; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, i) => `${from + i},Rowan,Ada,10 Harbor Road,Salem,OR,97301,503-555-0100,"yes, ""all"""\n`)
    writeSync(descriptor, lines.join(''))
  }
  closeSync(descriptor)
}

/** The answer, and the most that was resident, as the process itself says when it ends. */
async function importAll(file: string, data: string): Promise<{ readonly json: any; readonly residentBytes: number }> {
  const told = path.join(scratch, 'told.mjs')
  const descriptor = openSync(told, 'w')
  writeSync(descriptor, "process.on('exit', () => process.stderr.write(`resident ${process.resourceUsage().maxRSS}\\n`))\n")
  closeSync(descriptor)
  const args = ['--import', told, main, 'directory', 'import', '--format', 'csv', '--map', map, '--data', data, '--json', file]
  return await new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const kibibytes = /resident (\d+)/.exec(stderr)?.[1]
      if (error !== null || kibibytes === undefined) reject(new Error(stderr, { cause: error }))
      else resolve({ json: JSON.parse(stdout), residentBytes: Number(kibibytes) * 1024 })
    })
  })
}

describe('a million rejected rows', () => {
  it('come back whole, in bounded memory, with an answer that lists some and counts the others', async () => {
    const [file, data] = [path.join(scratch, 'roster.csv'), path.join(scratch, 'directory')]
    writeRows(file)
    const { json, residentBytes } = await importAll(file, data)
    expect(json).toMatchObject({ read: ROWS, accepted: 0, moreRejected: ROWS - LISTED, new: 0, state: 'done' })
    expect(json.rejected.length).toBe(LISTED)
    expect(residentBytes).toBeLessThan(MAX_RESIDENT_BYTES)
    let row = 0
    for await (const line of createInterface({ input: createReadStream(json.exceptions) })) {
      const cells = `${row - 1},Rowan,Ada,10 Harbor Road,Salem,OR,97301,503-555-0100,"yes, ""all"""`
      if (row > 0 && !(line.startsWith(`row ${row + 1}: `) && line.endsWith(`,${cells}`))) throw new Error(`row ${row} did not come back as it was`)
      row += 1
    }
    expect(row).toBe(ROWS + 1)
    expect(statSync(json.exceptions).mode & 0o777).toBe(0o600)
  })
})
