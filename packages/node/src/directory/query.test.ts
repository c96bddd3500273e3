import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { GroupId, OrganizationId } from '@fiducia/core'
import { afterAll, describe, expect, it } from 'vitest'
import { textColumn } from '../store/columns.ts'
import { countSaidBy, QUERIES, subjectsSaidBy } from './query.ts'
import { internVoice, openDirectory } from './store.ts'

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

describe('what one member says something of', () => {
  const database = openDirectory(path.join(scratch, 'said'))
  afterAll(() => database[Symbol.dispose]())
  const [alder, birch] = ['alder', 'birch'] as readonly string[] as readonly [OrganizationId, OrganizationId]
  const says = (attester: OrganizationId, origin: string, subjects: readonly number[]) => {
    const voice = internVoice(database, { attester, group: attester as string as GroupId, origin })
    for (const id of subjects) {
      database.run('INSERT OR IGNORE INTO subject (id, key) VALUES (?, ?)', id, `location/${id}`)
      database.run('INSERT INTO newest (voice, subject, digest, seen) VALUES (?, ?, zeroblob(32), 0)', voice, id)
    }
  }
  says(birch, 'birch', [1, 2, 9])
  says(alder, 'alder', [7, 3, 5])
  says(alder, 'nppes', [3, 4, 8])
  const idsOf = (attester: OrganizationId, step: number) => [...subjectsSaidBy(database, attester, step)].map((some) => some.map(({ id }) => id))

  it('comes once, whatever the number of its origins, in steps of any length', () => {
    expect(idsOf(alder, 2)).toEqual([[3, 4], [5, 7], [8]])
    expect(idsOf(alder, 100)).toEqual([[3, 4, 5, 7, 8]])
    expect(idsOf(birch, 1)).toEqual([[1], [2], [9]])
    expect(idsOf('cedar' as OrganizationId, 1)).toEqual([])
    expect([countSaidBy(database, alder), countSaidBy(database, birch)]).toEqual([6, 3])
  })
})
