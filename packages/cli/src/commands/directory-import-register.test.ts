import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { type LoadPorts, type LoadRequest, openReaders, runLoad } from '@fiducia/node'
import { createRegister } from '@fiducia/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { importFiles, type ImportFlags } from './directory-import.ts'
import { resolve } from './directory-resolve.ts'

/** Loads of several files of the national register at once. */
const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-register-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const folder = () => mkdtempSync(path.join(scratch, 'at-'))
const file = (name: string, lines: Iterable<string>): string => {
  const where = path.join(folder(), name)
  writeFileSync(where, [...lines].join('\n'))
  return where
}
const flags = (data: string): ImportFlags => ({ format: 'nppes', data, basis: 'import', org: 'alder', as: 'kim', maxChange: '20', observed: '2026-11-20' })
const json = (answer: { readonly json: unknown }) => answer.json as any

const register = createRegister({ seed: 'files', practitioners: 95 })
const main = file('2-npidata.csv', [register.header, ...register.rows(1)])
const ADDRESS = 'Provider Secondary Practice Location Address'
const PRACTICES = [
  'NPI',
  ...['- Address Line 1', '-  Address Line 2', ' - City Name', ' - State Name', ' - Postal Code'].map((name) => `${ADDRESS}${name}`),
  ...['Country Code (If outside U.S.)', 'Telephone Number', 'Telephone Extension'].map((name) => `${ADDRESS} - ${name}`),
  'Provider Practice Location Address - Fax Number',
].join(',')
const practice = (npi: string) => `${npi},900 Far Street,,Salem,OR,97301,US,,,`
const one = register.npiOf(1)
const practices = file('1-practices.csv', [PRACTICES, practice(one), practice('1234567890')])

describe('files of the register', () => {
  it('may be named in any order: what says whom an NPI names is read first', async () => {
    const [data, other] = [folder(), folder()]
    const shuffled = await importFiles([practices, main], flags(data))
    expect(json(shuffled)).toMatchObject({ read: 97, accepted: 95, findings: { NPI_CHECK_DIGIT: 2 } })
    expect(json(shuffled).rejected.map((row: any) => [path.basename(row.file), row.row])).toEqual([
      ['2-npidata.csv', 96],
      ['1-practices.csv', 3],
    ])
    const inOrder = await importFiles([main, practices], flags(other))
    expect(json(shuffled).subjects).toEqual(json(inOrder).subjects)
    expect(json(await resolve({ data, npi: one })).filter(({ kind }: any) => kind === 'role').length).toBe(2)
  })

  it('of an organization’s other names keep that of the main file, and find the rest', async () => {
    const data = folder()
    const npi = register.npiOf(500)
    const cells = {
      NPI: npi,
      'Entity Type Code': '2',
      'Provider Organization Name (Legal Business Name)': 'Mill Group',
      'Provider Other Organization Name': 'The Mill',
    }
    const columns = register.header.slice(1, -1).split('","')
    const named = file('npidata.csv', [register.header, columns.map((name) => Object.entries(cells).find(([column]) => column === name)?.[1] ?? '').join(',')])
    const header = 'NPI,Provider Other Organization Name,Provider Other Organization Name Type Code'
    const others = file('othername.csv', [header, `${npi},"MILL, INC.",3`, `${npi},Harbor Mill,3`, `${register.npiOf(501)},Birch House,3`])
    expect(json(await importFiles([others, named], flags(data))).findings).toMatchObject({ OTHER_NAME: 1 })
    const [mill] = json(await resolve({ data, npi }))
    expect(mill.fields.otherName.value).toBe('The Mill')
    expect(json(await resolve({ data, npi: register.npiOf(501) }))[0].fields.otherName.value).toBe('Birch House')
  })

  it('are read in the same order when a load that was killed goes on', async () => {
    const [data, other] = [folder(), folder()]
    const request = (dir: string): LoadRequest => ({
      dir,
      files: [practices, main],
      terms: { format: 'nppes', origin: 'nppes', basis: 'import', group: 'alder', isFull: false, observedAt: 0, mapping: null },
      attester: 'alder' as OrganizationId,
      who: 'kim',
      maxChange: 20,
      isDryRun: false,
    })
    const ports: LoadPorts = { now: () => 1_700_000_000_000, random: (length) => crypto.getRandomValues(new Uint8Array(length)), readers: openReaders }
    const onProgress: LoadPorts['onProgress'] = ({ phase, share }) => {
      if (phase === 'read' && share === 1) throw new Error('gone')
    }
    await expect(runLoad(request(data), { ...ports, onProgress })).rejects.toMatchObject({ cause: { message: 'gone' } })
    const [resumed, undisturbed] = [await runLoad(request(data), ports), await runLoad(request(other), ports)]
    expect({ ...resumed, exceptions: null }).toEqual({ ...undisturbed, exceptions: null })
    expect(resumed).toMatchObject({ read: 97, accepted: 95 })
  })

  it('give back rejected rows in a file for each header, which can be loaded', async () => {
    const data = folder()
    const answer = await importFiles([practices, main], flags(data))
    const { exceptions, moreExceptions } = json(answer)
    expect([exceptions, ...moreExceptions]).toEqual([path.join(data, 'exceptions-1.csv'), path.join(data, 'exceptions-1-2-2-npidata.csv')])
    for (const name of [exceptions, ...moreExceptions]) expect(answer.text).toContain(name)
    const corrected = file('exceptions.csv', [readFileSync(exceptions, 'utf8').replace('1234567890', one)])
    expect(json(await importFiles([corrected], flags(data)))).toMatchObject({ read: 1, accepted: 1, exceptions: null, moreExceptions: [] })
  })
})
