import type { SubjectFacts } from '@fiducia/directory'
import { describe, expect, it } from 'vitest'
import { contentOf, doctor, folder, place, ports, range, request, role, roster, row, statementsOf } from '../../test/load-rig.ts'
import { fsckDirectory } from './fsck.ts'
import { type LoadRequest, runLoad } from './load.ts'

/** Of whom a load speaks, and what it takes away: not to be taken is not to be gone, and not to be named is, where all would be named. */
const practitionersIn = (dir: string) => contentOf(dir).names.map((line) => line.split('|')[0])
const rolesIn = (dir: string) => [...new Set(contentOf(dir).reaches.map((line) => line.split('|')[1]))]

describe('a row that is rejected', () => {
  const all = () => range(4).map((n) => row(n, n))

  it('of the whole roster takes nobody away: neither the practitioner nor role and place', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster(all())]), ports)
    const before = contentOf(dir)
    const some = [...all().slice(0, 2), `! ${doctor(2).subject}`]
    expect(await runLoad(request(dir, [roster(some)], {}, { isFull: true }), ports)).toMatchObject({ rejected: 1, same: 6, withdrawn: 3 })
    expect(practitionersIn(dir)).toEqual(['rowan0', 'rowan1', 'rowan2'])
    expect(contentOf(dir).reaches).toEqual(before.reaches.filter((line) => !line.startsWith(doctor(3).subject)))
    expect(fsckDirectory(dir).findings).toEqual([])
  })

  it('does not look like a move, and comes back corrected beside what was accepted', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster([row(1, 1)])]), ports)
    expect(await runLoad(request(dir, [roster([row(1, 2), `! ${doctor(1).subject}`])]), ports)).toMatchObject({ new: 2, withdrawn: 0 })
    const back = roster([row(1, 3)], 'exceptions-2.csv', 'reason,record,note')
    expect(await runLoad(request(dir, [back]), ports)).toMatchObject({ new: 2, withdrawn: 0 })
    expect(new Set(rolesIn(dir))).toEqual(new Set([1, 2, 3].map((at) => role(1, at).subject)))
  })

  it('corrected says nothing of what its row does not have', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster([[doctor(1)]])]), ports)
    const back = roster([[{ ...doctor(1), fields: { 'name.family': 'Elm' } }]], 'exceptions-1.csv', 'reason,record,note')
    await runLoad(request(dir, [back]), ports)
    expect(statementsOf(dir).map(({ operation }) => operation)).toEqual(['assert', 'correct'])
  })
})

describe('an increment by another mapping', () => {
  const renamed = (fields: SubjectFacts['fields']) => [roster([[{ ...doctor(1), fields }]])]
  const by = (...fields: readonly string[]) => ({ mapping: { key: 'NPI', fields: Object.fromEntries(fields.map((field) => [field, field])) } })

  it('takes back only fields for which it has a column', async () => {
    const dir = folder()
    await runLoad(request(dir, renamed({ 'name.family': 'Rowan', gender: 'f', 'taxonomy/207Q00000X': 'listed', 'name.given': 'Ada' })), ports)
    await runLoad(request(dir, renamed({ 'name.family': 'Rowan' }), {}, by('name.family', 'gender', 'taxonomy/*')), ports)
    expect(statementsOf(dir).at(-1)).toMatchObject({ operation: 'withdraw', fields: { gender: null, 'taxonomy/207Q00000X': null } })
    await runLoad(request(dir, renamed({ 'name.family': 'Rowan' }), {}, { ...by('name.family'), isFull: true }), ports)
    expect(statementsOf(dir).at(-1)).toMatchObject({ operation: 'withdraw', fields: { 'name.given': null } })
  })
})

describe('more than may change', () => {
  const roster60 = (rename: (n: number) => string, at: (n: number) => number) => [roster(range(60).map((n) => row(n, at(n), rename(n))))]
  const same = (n: number) => `Rowan${n}`
  const loaded = async () => {
    const dir = folder()
    await runLoad(
      request(
        dir,
        roster60(same, (n) => n),
      ),
      ports,
    )
    return dir
  }

  it.each([
    ['names', (n: number) => (n < 30 ? `Elm${n}` : same(n)), (n: number) => n, { kind: 'practitioner', gone: 30, had: 60 }],
    ['places', same, (n: number) => (n < 30 ? n + 100 : n), { kind: 'role', gone: 30, had: 60 }],
  ])('is half of the %s, though a row has three subjects', async (_, rename, at, excess) => {
    const dir = await loaded()
    const files = roster60(rename, at)
    expect(await runLoad(request(dir, files, { isDryRun: true }), ports)).toMatchObject({ state: 'dry-run', excess })
    expect(await runLoad(request(dir, files), ports)).toMatchObject({ state: 'waiting-for-approval', excess })
  })

  it('is not a fifth of one kind, nor what an increment renames of many that it does not name', async () => {
    const dir = await loaded()
    expect(
      await runLoad(
        request(
          dir,
          roster60(
            (n) => (n < 12 ? `Elm${n}` : same(n)),
            (n) => n,
          ),
        ),
        ports,
      ),
    ).toMatchObject({ state: 'done', excess: null })
    const few = [roster(range(12).map((n) => row(n, n, `Oak${n}`)))]
    expect(await runLoad(request(dir, few), ports)).toMatchObject({ state: 'done', changed: 12, excess: null })
  })
})

describe('a source that dates what it says', () => {
  const DAY = 86_400_000
  const T = 1_600_000_000_000
  const asOf = (day: number, facts: readonly SubjectFacts[]) => facts.map((one) => ({ ...one, observedAt: T + day * DAY }))
  const provider = (day: number, at: number, family: string, more: SubjectFacts['fields'] = {}): readonly SubjectFacts[] =>
    asOf(day, [{ ...doctor(1), fields: { npi: '1', 'npi.status': 'active', 'name.family': family, ...more } }, place(at), role(1, at)])
  const departed = (day: number) => asOf(day, [{ ...doctor(1), fields: { npi: '1', 'npi.status': 'deactivated', status: 'departed' } }])
  const nppes = (dir: string, facts: readonly (readonly SubjectFacts[])[], more: Partial<LoadRequest['terms']> = {}) =>
    runLoad(request(dir, [roster(facts)], {}, { format: 'nppes', ...more }), ports)
  const said = (dir: string) => ({ words: contentOf(dir).newest, roles: rolesIn(dir), names: practitionersIn(dir) })

  it('is not set back by an older file, not even as a whole', async () => {
    const dir = folder()
    await nppes(dir, [provider(1, 1, 'Rowan')])
    await nppes(dir, [provider(9, 2, 'Elm')])
    const newer = said(dir)
    expect(newer).toMatchObject({ roles: [role(1, 2).subject], names: ['elm'] })
    expect(await nppes(dir, [provider(1, 1, 'Rowan')])).toMatchObject({ changed: 0, withdrawn: 0, older: 2 })
    expect(await nppes(dir, [provider(1, 1, 'Rowan')], { isFull: true })).toMatchObject({ changed: 0, older: 2 })
    expect(said(dir)).toEqual(newer)
  })

  it('says where a practitioner went, also when nothing else changed', async () => {
    const dir = folder()
    await nppes(dir, [provider(1, 1, 'Rowan')])
    await nppes(dir, [provider(9, 2, 'Rowan')])
    expect(await nppes(dir, [provider(1, 1, 'Rowan')])).toMatchObject({ new: 0, withdrawn: 0 })
    expect(rolesIn(dir)).toEqual([role(1, 2).subject])
  })

  it('departed stays departed', async () => {
    const dir = folder()
    await nppes(dir, [provider(1, 1, 'Rowan')])
    await nppes(dir, [departed(9)])
    const gone = said(dir)
    expect(await nppes(dir, [provider(1, 1, 'Rowan')])).toMatchObject({ changed: 0 })
    expect(said(dir)).toEqual(gone)
  })

  it.each([
    ['the older first', [provider(1, 1, 'Rowan', { gender: 'f' }), provider(9, 2, 'Elm')]],
    ['the newer first', [provider(9, 2, 'Elm'), provider(1, 1, 'Rowan', { gender: 'f' })]],
  ])('in one load counts with its newest row, %s', async (_, facts) => {
    const dir = folder()
    await nppes(dir, facts)
    expect(said(dir)).toMatchObject({ roles: [role(1, 2).subject], names: ['elm'] })
    expect(statementsOf(dir).find(({ fields }) => 'npi' in fields)).toMatchObject({
      fields: { npi: '1', 'npi.status': 'active', 'name.family': 'Elm' },
      observedAt: T + 9 * DAY,
    })
  })

  it('deactivates by a day that can lie before the last change', async () => {
    const dir = folder()
    await nppes(dir, [provider(9, 1, 'Rowan')])
    expect(await nppes(dir, [departed(8)])).toMatchObject({ changed: 1, older: 0 })
  })

  it('has roles with dates of their own, where they stand by themselves', async () => {
    const dir = folder()
    const twice = asOf(9, [doctor(1, 'Elm')])
    await nppes(dir, [asOf(5, [doctor(1, 'Rowan')]), twice, asOf(1, [place(1), role(1, 1)])], { format: 'fhir' })
    expect(rolesIn(dir)).toEqual([role(1, 1).subject])
    expect(await nppes(dir, [asOf(5, [doctor(1, 'Rowan')]), asOf(2, [place(2), role(1, 2)])], { format: 'fhir' })).toMatchObject({ new: 2, older: 1 })
  })

  it.each([
    ['row', [provider(1, 1, 'Rowan'), departed(9)]],
    ['departure', [departed(9), provider(1, 1, 'Rowan')]],
  ])('in one load departed after its row, the %s first', async (_, facts) => {
    const dir = folder()
    await nppes(dir, facts)
    expect(statementsOf(dir).find(({ fields }) => 'npi' in fields)).toMatchObject({
      fields: { 'npi.status': 'deactivated', status: 'departed', 'name.family': 'Rowan' },
    })
  })
})

describe('rows in another order', () => {
  const clinic = (phone: string): SubjectFacts => ({ ...place(1), fields: { ...place(1).fields, phone } })
  const rows = ['5035550101', '5035550102', '5035550103'].map((phone, n) => [doctor(n), clinic(phone), role(n, 1)])

  it('are the same', async () => {
    const dir = folder()
    await runLoad(request(dir, [roster(rows)]), ports)
    for (const other of [rows.toReversed(), [...rows.slice(1), ...rows.slice(0, 1)]])
      expect(await runLoad(request(dir, [roster(other)], {}, { isFull: true }), ports)).toMatchObject({ changed: 0, same: 7, withdrawn: 0 })
  })
})

describe('a resource that is another subject now', () => {
  const fhir = (dir: string, ...resources: readonly (readonly [name: string, SubjectFacts])[]) =>
    runLoad(request(dir, [roster(resources.map(([name, one]) => `${name}:${JSON.stringify([one])}`))], {}, { format: 'fhir' }), ports)

  it('leaves the one that it was, unless another resource is that one', async () => {
    const dir = folder()
    await fhir(dir, ['p1', doctor(1)], ['l2', place(2)], ['l4', place(4)], ['r1', role(1, 2)])
    expect(await fhir(dir, ['r1', role(1, 4)])).toMatchObject({ new: 1, withdrawn: 1 })
    expect(rolesIn(dir)).toEqual([role(1, 4).subject])
    await fhir(dir, ['r2', role(1, 4)])
    expect(await fhir(dir, ['l5', place(5)], ['r1', role(1, 5)])).toMatchObject({ new: 2, withdrawn: 0 })
    expect(await fhir(dir, ['r2', role(1, 5)])).toMatchObject({ new: 0, same: 1, withdrawn: 1 })
    expect(fsckDirectory(dir).findings).toEqual([])
  })

  it('does not take a place away where somebody still is', async () => {
    const dir = folder()
    await fhir(dir, ['p1', doctor(1)], ['l2', place(2)], ['r1', role(1, 2)])
    expect(await fhir(dir, ['l2', place(7)])).toMatchObject({ new: 1, withdrawn: 0 })
    expect(await fhir(dir, ['l2', place(8)], ['r1', role(1, 8)])).toMatchObject({ new: 2, withdrawn: 2 })
  })
})
