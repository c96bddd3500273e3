import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { erase } from './directory-erase.ts'
import { importFiles } from './directory-import.ts'
import { loads } from './directory-loads.ts'
import { resolve } from './directory-resolve.ts'
import { fsck } from './fsck.ts'

/** The commands of docs/guide/directory.md, "Erase a provider", on its example. */
const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-erase-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const data = path.join(scratch, 'directory')
const example = (name: string) => path.join(import.meta.dirname, '..', '..', 'examples', 'directory', name)
const NPI = '1234567893'
const roster = () =>
  importFiles([example('roster.csv')], {
    format: 'csv',
    map: example('roster-map.json'),
    data,
    basis: 'counterparty',
    org: 'valley-plan',
    as: 'kim',
    maxChange: '20',
  })
beforeAll(async () => void (await roster()))

describe('the guide', () => {
  it('says first how much would go, and changes nothing', async () => {
    const { exitCode, json, text } = await erase({ data, npi: NPI, as: 'kim', dryRun: true })
    expect({ exitCode, json }).toMatchObject({
      exitCode: 0,
      json: { erased: false, dryRun: true, statements: 2, subjects: { practitioner: 1, role: 1 }, batches: 1 },
    })
    expect(text).toContain(`dry run: ${NPI} would be erased, and nothing was changed`)
    expect((await resolve({ data, npi: NPI })).exitCode).toBe(0)
  })

  it('erases, and says what it cannot do', async () => {
    const { exitCode, json, text } = await erase({ data, npi: NPI, as: 'kim' })
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { erased: true, statements: 2, aboutOthers: 0, leftIn: [] } })
    for (const said of [/erased: 1234567893/, /brings it back/, /Other members hold copies of their own/, /proves as before/]) expect(text).toMatch(said)
    expect((await resolve({ data, npi: NPI })).exitCode).toBe(1)
    expect(await fsck(data)).toMatchObject({ exitCode: 0 })
    expect(await erase({ data, npi: NPI, as: 'kim' })).toMatchObject({ exitCode: 1, json: { erased: false, statements: 0 } })
    expect((await loads({ data })).json).toMatchObject({ erasures: [{ by: 'kim', statements: 2 }] })
  })

  it('names the exception file that still has a provider', async () => {
    const file = path.join(data, 'exceptions-1.csv')
    const rejected = '1679576722'
    writeFileSync(file, `${readFileSync(file, 'utf8')}${rejected},note\n`)
    const { exitCode, text } = await erase({ data, npi: rejected, as: 'kim' })
    expect(exitCode).toBe(1)
    expect(text).toContain(`nothing is said of ${rejected}`)
    expect(text).toContain(file)
  })

  it('brings it back with the next file that has it', async () => {
    expect((await roster()).json).toMatchObject({ new: 2, same: 6 })
    expect((await resolve({ data, npi: NPI })).exitCode).toBe(0)
    expect(await fsck(data)).toMatchObject({ exitCode: 0 })
  })
})

it.each([
  ['neither', {}, /expected --npi or --subject, found neither/],
  ['both', { npi: NPI, subject: `practitioner/npi/${NPI}` }, /expected --npi or --subject, found both/],
  ['a wrong NPI', { npi: '1234567890' }, /expected --npi with ten digits and their check digit, found `1234567890`/],
  ['no key', { subject: 'rowan' }, /expected a subject as/],
  ['a place', { subject: `location/${'A'.repeat(43)}` }, /found a location/],
  ['no directory', { npi: NPI, data: path.join(scratch, 'nothing') }, /expected a directory in/],
] as const)('tells bad use: %s', async (_, more, message) => {
  await expect(erase({ data, as: 'kim', ...more })).rejects.toThrow(message)
})
