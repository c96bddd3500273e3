import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { npiSubject, type RejectedRecord } from '@fiducia/directory'
import { afterAll, expect, it } from 'vitest'
import { Staging } from './staging.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-exceptions-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

it('a rejected row is kept with whom it speaks of', () => {
  using staging = new Staging(path.join(scratch, 'staging.sqlite'), 1)
  const subject = npiSubject('practitioner', '1234567893')
  const record: RejectedRecord = { row: 2, accepted: false, findings: [{ code: 'ROW_CELLS', field: 'NPI' }], source: ['1234567893'] }
  staging.add(0, { ...record, subject })
  staging.add(0, { ...record, row: 3 })
  staging.commit(0, 2)
  expect(staging.database.all('SELECT row, subject FROM rejected ORDER BY id')).toEqual([
    { row: 2, subject },
    { row: 3, subject: null },
  ])
})
