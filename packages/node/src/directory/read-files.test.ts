import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { roleSubject, identifierSubject } from '@fiducia/directory'
import { afterAll, expect, it } from 'vitest'
import { runLoad } from './load.ts'
import { openReaders } from './open-readers.ts'
import { openDirectory } from './store.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-read-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

it.each([
  ['its own time', null, 'departed'],
  ['the time it is said to be of', Date.UTC(2018, 0, 1), undefined],
])('a load tells what has ended by %s', async (_, observedAt, status) => {
  const dir = mkdtempSync(path.join(scratch, 'at-'))
  const file = path.join(dir, 'all.ndjson')
  const role = { resourceType: 'PractitionerRole', id: 'r', practitioner: { reference: 'Practitioner/p' }, period: { end: '2019-01-01' } }
  const resources = [{ resourceType: 'Practitioner', id: 'p', gender: 'female' }, role]
  writeFileSync(file, resources.map((resource) => JSON.stringify(resource)).join('\n'))
  await runLoad(
    {
      dir,
      files: [file],
      terms: { format: 'fhir', origin: 'alder', basis: 'import', group: 'alder', isFull: false, observedAt, mapping: null },
      attester: 'alder' as OrganizationId,
      who: 'kim',
      maxChange: 20,
      isDryRun: false,
    },
    { now: () => Date.UTC(2026, 10, 20), random: (length) => crypto.getRandomValues(new Uint8Array(length)), readers: openReaders },
  )
  using database = openDirectory(dir)
  const subject = roleSubject(identifierSubject('practitioner', 'alder', 'p'), null, null)
  const { json } = database.get('SELECT t.json FROM statement t JOIN subject s ON s.id = t.subject WHERE s.key = ?', subject) ?? {}
  expect((JSON.parse(String(json)) as { fields: object }).fields).toEqual({
    practitioner: identifierSubject('practitioner', 'alder', 'p'),
    ...(status !== undefined && { status }),
  })
})
