import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { npiSubject } from '@fiducia/directory'
import { batches, batchStatus } from '@fiducia/ledger'
import { attestationsOf, eraseProvider, fsckNode, openDirectory } from '@fiducia/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dataOf, exchangeBatches, loadProviders, provider } from './providers.ts'
import { alder, birch, cedar, dune, openRig, type Rig } from './rig.ts'

/** A provider is erased at one member while its node runs: the batch goes on to others without it, and those that have it are untouched. */
let rig: Rig
beforeAll(async () => {
  rig = await openRig()
}, 60_000)
afterAll(() => rig[Symbol.asyncDispose]())

const now = () => rig.stage.clock.now()
const erased = provider(2)

/** Files of a member's node in which the text stands. */
const filesWith = (org: OrganizationId, text: string): readonly string[] =>
  readdirSync(dataOf(rig, org), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(text))
    .map(({ name }) => name)

const saidOf = (org: OrganizationId, npi: string): number => {
  using database = openDirectory(dataOf(rig, org))
  return attestationsOf(database, npiSubject('practitioner', npi), now()).length
}

it('a batch that lost a provider is served, accepted and counted like any other', async () => {
  await loadProviders(rig, alder, [1, 2, 3].map(provider))
  await exchangeBatches(rig, [alder, birch, cedar])
  expect(filesWith(alder, erased.family)).not.toEqual([])
  expect(await eraseProvider({ dir: dataOf(rig, alder), provider: { npi: erased.npi }, who: 'test', isDryRun: false }, now)).toMatchObject({ statements: 2 })
  for (const text of [erased.npi, erased.family, erased.family.toLowerCase(), erased.phone]) expect(filesWith(alder, text)).toEqual([])

  const [batch] = batches(rig.node(alder).services.context.ledger.tip())
  if (batch === undefined) throw new Error('expected a batch')
  expect(batchStatus(batch, now())).toBe('counted')
  const page = (org: OrganizationId) => Buffer.from(rig.node(org).services.batches.page(batch.root, 0) ?? []).toString()
  expect(page(alder).match(/^\{"com":/gm)).toHaveLength(2)
  // Dune asks the first holder, which is Alder.
  await exchangeBatches(rig)
  expect(page(dune)).toBe(page(alder))
  expect([saidOf(dune, erased.npi), saidOf(dune, provider(1).npi) > 0]).toEqual([0, true])
  // The others were not told.
  expect(saidOf(birch, erased.npi)).toBeGreaterThan(0)
  expect(page(birch)).not.toContain('"com"')
})

it('a batch that lost one before it was offered is offered, and everybody’s store is sound', async () => {
  await loadProviders(rig, birch, [4, 5].map(provider))
  await eraseProvider({ dir: dataOf(rig, birch), provider: { npi: provider(4).npi }, who: 'test', isDryRun: false }, now)
  await exchangeBatches(rig)
  const offered = batches(rig.node(dune).services.context.ledger.tip())
  expect(offered.map((one) => batchStatus(one, now()))).toEqual(['counted', 'counted'])
  expect([saidOf(dune, provider(4).npi), saidOf(dune, provider(5).npi) > 0]).toEqual([0, true])
  for (const org of [alder, birch, cedar, dune]) await rig.node(org)[Symbol.asyncDispose]()
  for (const org of [alder, birch, cedar, dune]) expect((await fsckNode(dataOf(rig, org))).findings).toEqual([])
})
