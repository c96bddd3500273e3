import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { verdictsOfBrowser, verdictsOfNodes } from './platforms.ts'
import type { SignatureCase } from './verdicts.ts'

/** The 914 published edge cases, with the accepted set of an independent implementation, on every platform. */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'vectors')
const cases = JSON.parse(readFileSync(path.join(data, 'ed25519', 'ed25519vectors.json'), 'utf8')) as readonly SignatureCase[]
const { accepted } = JSON.parse(readFileSync(path.join(data, 'protocol', 'ed25519-edges.json'), 'utf8')) as { readonly accepted: readonly number[] }
const chromium = process.env['FIDUCIA_CHROMIUM']

describe('914 edge cases of Ed25519', () => {
  it('get the same verdicts on every Node at hand', async () => {
    const found = await verdictsOfNodes(cases)
    expect(found.size).toBeGreaterThan(0)
    for (const [, one] of found) expect(one).toEqual({ accepted, selfTest: [] })
  })
  it.skipIf(chromium === undefined)('get the same verdicts in the browser build', async () => {
    const executable = execFileSync('which', [chromium ?? ''], { encoding: 'utf8' }).trim()
    expect(await verdictsOfBrowser(cases, executable)).toEqual({ accepted, selfTest: [] })
  })
})
