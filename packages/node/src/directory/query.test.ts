import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { textColumn } from '../store/columns.ts'
import { QUERIES } from './query.ts'
import { openDirectory } from './store.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-query-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('what a directory is asked goes by an index', () => {
  using database = openDirectory(scratch)
  const asked = {
    ...QUERIES,
    'by NPI': 'SELECT id FROM subject WHERE key = ?',
    'the newest word': 'SELECT digest FROM newest WHERE voice = ? AND subject = ?',
    'statements of a subject': 'SELECT json FROM statement WHERE subject = ? AND voice = ? ORDER BY id',
    'a reference': 'SELECT subject FROM reference WHERE origin = ? AND reference = ?',
  }
  const plans = Object.entries(asked).map(([name, sql]) => [name, database.all(`EXPLAIN QUERY PLAN ${sql}`).map((row) => textColumn(row, 'detail'))] as const)
  it.each(plans)('%s', (_, plan) => {
    const steps = plan.filter((line) => /^(SEARCH|SCAN) /.test(line))
    expect(steps.length).toBeGreaterThan(0)
    for (const step of steps) expect(step).toMatch(/^SEARCH .* USING (COVERING INDEX|INDEX|PRIMARY KEY|INTEGER PRIMARY KEY)/)
  })
})
