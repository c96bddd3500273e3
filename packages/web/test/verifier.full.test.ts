import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { type BundleFiles, verifyBundle } from '@fiducia/proofs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkByHand, checkInPage, CHROMIUM, HOW_TO_GET_IT, openPage, type OpenPage } from './browser.ts'
import { verifyCommand } from './command.ts'
import { changes, type Inputs, makeInputs, readBundle, writeBundle } from './inputs.ts'

/** Thousands of changed bundles: every file of every bundle, many bits each. The page's answer is the verifier's here, byte for byte. */
const PLACES = 40
const AT_ONCE = 200
const BY_HAND = 20

describe.skipIf(CHROMIUM === undefined)(`verify.html on changed bundles ${HOW_TO_GET_IT}`, () => {
  let inputs: Inputs
  let open: OpenPage
  beforeAll(async () => {
    inputs = await makeInputs()
    open = await openPage()
  })
  afterAll(async () => {
    await open?.[Symbol.asyncDispose]()
    rmSync(inputs.dir, { recursive: true, force: true })
  })

  async function compare(bundles: readonly BundleFiles[], trustFile: string): Promise<number> {
    const trust = { name: path.basename(trustFile), bytes: new Uint8Array(readFileSync(trustFile)) }
    const policy = readFileSync(trustFile, 'utf8')
    let valid = 0
    for (let from = 0; from < bundles.length; from += AT_ONCE) {
      const part = bundles.slice(from, from + AT_ONCE)
      const asked = part.map((files) => ({
        chosen: { from: 'folder' as const, name: 'bundle', files: [...files].map(([name, bytes]) => ({ name, bytes })) },
        trust,
      }))
      const found = await checkInPage(open.page, asked)
      found.forEach((json, i) => expect(json).toBe(JSON.stringify(verifyBundle(part[i] ?? new Map(), policy))))
      valid += found.filter((json) => json.startsWith('{"valid":true')).length
    }
    return valid
  }

  it('refuses every change in the bundles of the story', async () => {
    const changed = inputs.story.flatMap((folder) => changes(readBundle(folder), PLACES))
    expect(changed.length).toBeGreaterThan(3000)
    expect(await compare(changed, inputs.storyTrust)).toBe(0)
  })

  it('refuses every change in a bundle of each kind', async () => {
    const changed = inputs.foreign.flatMap((folder) => changes(readBundle(folder), PLACES))
    expect(changed.length).toBeGreaterThan(1000)
    expect(await compare(changed, inputs.foreignTrust)).toBe(0)
  })

  it('refuses every bundle from which a file is missing or to which one was added', async () => {
    const others = inputs.foreign.flatMap((folder) => {
      const files = readBundle(folder)
      const without = [...files.keys()].map((name) => new Map([...files].filter(([other]) => other !== name)))
      return [...without, ...['readme.txt', '__proto__', 'HEAD.json', '1/x', '../x'].map((name) => new Map([...files, [name, Uint8Array.of(1)] as const]))]
    })
    const named = others.filter((files) => files.size > 0).map((files) => new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1))))
    expect(await compare(named, inputs.foreignTrust)).toBe(0)
  })

  it('gives the answer of the command through its own controls', async () => {
    const all = inputs.story.flatMap((folder) => changes(readBundle(folder), 2))
    for (let i = 0; i < BY_HAND; i += 1) {
      const name = `bundle-${i}`
      const target = writeBundle(path.join(inputs.dir, 'by hand', name), all[Math.floor((i * all.length) / BY_HAND)] ?? new Map())
      const command = verifyCommand(path.dirname(target), [name, '--trust', inputs.storyTrust])
      expect(await checkByHand(open.page, { trust: inputs.storyTrust, target })).toBe(await command)
    }
    expect(open.complaints).toEqual([])
  })
})
