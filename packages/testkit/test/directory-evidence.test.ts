import path from 'node:path'
import { decodeUtf8, encodeUtf8, type OrganizationId } from '@fiducia/core'
import { eraseProvider, httpTransport, loadConfig, openKeyOperator, requestSample } from '@fiducia/node'
import { type BundleFiles, verifyBundle } from '@fiducia/proofs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataOf, exchangeBatches, loadProviders, provider } from './providers.ts'
import { alder, birch, cedar, dune, openRig, type Rig } from './rig.ts'

/**
 * A member shows an auditor how fresh its directory is: over a network of four, with two loads, of which the second takes one provider
 * back and says one anew, and an erasure.
 */
let rig: Rig
beforeAll(async () => {
  rig = await openRig()
}, 60_000)
afterAll(() => rig[Symbol.asyncDispose]())

const operatorPorts = () => ({ transport: httpTransport, now: () => rig.stage.clock.now(), random: rig.stage.random })
const configOf = (org: OrganizationId) => loadConfig(path.join(dataOf(rig, org), 'config.json'))
const sampleOf = (org: OrganizationId, terms: { readonly days?: number; readonly size?: number } = {}) =>
  requestSample(configOf(org), { days: 30, size: 100, ...terms }, operatorPorts())

/** The network's rounds go on while somebody works. */
async function whileRunning(work: Promise<unknown>): Promise<void> {
  let done = false
  const finished = work.finally(() => (done = true))
  finished.catch(() => undefined)
  while (!done) {
    await rig.settle()
    rig.stage.clock.advance(4_000)
    for (const org of [alder, birch, cedar, dune]) await rig.node(org).round()
  }
  await finished
}

const failed = (files: BundleFiles) =>
  rig.stage
    .verify(files)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name)

describe('a sample of a member’s directory', () => {
  it('is refused in words while nothing of the member counts', async () => {
    await expect(sampleOf(birch)).rejects.toMatchObject({ code: 'NOTHING_COUNTED', message: expect.stringContaining('no statement of `birch` counts so far') })
    await loadProviders(rig, alder, [1, 2, 3, 4].map(provider), { daysAgo: 40 })
    await expect(sampleOf(alder)).rejects.toMatchObject({ code: 'NOTHING_COUNTED' })
  })

  it('has what stands, what is fresh and what was taken back, and verifies under the network’s trust', async () => {
    await exchangeBatches(rig)
    const [one, two, three] = [1, 2, 3].map(provider)
    if (one === undefined || two === undefined || three === undefined) throw new Error('expected three')
    // 1 says another number, 4 is gone, and 5 is new; 2 and 3 are as they were.
    await loadProviders(rig, alder, [{ ...one, phone: '503-555-9999' }, two, three, provider(5)], { isFull: true })
    const before = await sampleOf(alder)
    expect(before.pack.figures).toMatchObject({ statements: 9, sampled: 9, standing: 9, fresh: 0 })
    await exchangeBatches(rig)
    const { files, pack } = await sampleOf(alder)
    const verification = rig.stage.verify(files)
    expect(verification.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(verification).toMatchObject({ valid: true, kind: 'sample' })
    // 4 practitioners, 4 roles and a place; then 1 corrected, 4 and its role withdrawn, 5 and its role asserted.
    expect(pack.figures).toMatchObject({ statements: 14, sampled: 14, erased: 0, withdrawn: 4, standing: 10, fresh: 4 })
    expect(verification.facts).toMatchObject({ org: 'alder', statements: 14, standing: 10, fresh: 4 })
    expect((await sampleOf(alder, { days: 41 })).pack.figures.fresh).toBe(10)
  })

  it('of a few is drawn by the block', async () => {
    const { files, pack } = await sampleOf(alder, { size: 3 })
    expect([rig.stage.verify(files).valid, pack.sample.length]).toEqual([true, 3])
    expect((await sampleOf(alder, { size: 3 })).pack).toEqual(pack)
  })

  it('counts what was erased as that, and says nothing of it', async () => {
    const { statements } = await eraseProvider({ dir: dataOf(rig, alder), provider: { npi: provider(2).npi }, who: 'test', isDryRun: false }, () =>
      rig.stage.clock.now(),
    )
    expect(statements).toBe(2)
    const { files, pack } = await sampleOf(alder)
    expect(rig.stage.verify(files).valid).toBe(true)
    expect(pack.figures).toMatchObject({ statements: 14, sampled: 14, erased: 2, withdrawn: 4, standing: 8, fresh: 4 })
    for (const bytes of files.values()) expect(Buffer.from(bytes).includes(provider(2).npi)).toBe(false)
  })

  it('is signed with a key that the block knows, and carries how trust was handed on', async () => {
    const operator = await openKeyOperator(configOf(alder), operatorPorts())
    await whileRunning(operator.rotate('node'))
    await whileRunning(operator.rotate('witness'))
    const { files, trust } = await sampleOf(alder)
    expect(files.has('trust-2.json')).toBe(true)
    expect(verifyBundle(files, trust)).toMatchObject({ valid: true, kind: 'sample' })
  })

  it('does not verify when somebody changes a statement', async () => {
    const { files } = await sampleOf(alder)
    const text = decodeUtf8(files.get('sample.json') ?? new Uint8Array())
    expect(text).toContain(provider(3).phone)
    const changed = new Map([...files, ['sample.json', encodeUtf8(text.replace(provider(3).phone, '503-555-0000'))]])
    expect(failed(changed)).toContain('said-by')
  })

  it('is for the operator alone', async () => {
    const { listen } = configOf(alder)
    const { status } = await httpTransport(`http://127.0.0.1:${listen.port}/operator/directory/evidence?days=90&size=3`, { method: 'POST' })
    expect(status).toBe(401)
    const stranger = { ...configOf(alder), keys: configOf(birch).keys }
    await expect(requestSample(stranger, { days: 90, size: 3 }, operatorPorts())).rejects.toMatchObject({ code: 'KEY_MISSING' })
    const silent = { ...configOf(alder), listen: { ...listen, port: listen.port + 15 } }
    await expect(requestSample(silent, { days: 90, size: 3 }, operatorPorts())).rejects.toMatchObject({ code: 'NODE_SILENT' })
  })
})
