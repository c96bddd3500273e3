import { readFileSync } from 'node:fs'
import path from 'node:path'
import { decodeHex, encodeUtf8 } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { type BundleFiles, verifyBundle } from '../src/index.ts'

/** Bundles and trust chains of an independent implementation (`vectors/protocol`). */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data')
// biome-ignore lint/suspicious/noExplicitAny: vector files are read as they are
type Vector = Record<string, any>
const read = (topic: string) => JSON.parse(readFileSync(path.join(data, 'vectors/protocol', `${topic}.json`), 'utf8')) as { cases: Vector[]; refused: Vector[] }

const bytesOf = (name: string, text: string) => (/\.(?:json|tlog-proof)$/.test(name) ? encodeUtf8(text) : decodeHex(text))
const filesOf = (files: Vector): BundleFiles =>
  new Map(Object.entries(files).flatMap(([name, text]) => (text === null ? [] : [[name, bytesOf(name, text)] as const])))

/** By choice: every subset of the optional pairs verifies too. */
const OPTIONAL = [
  ['policy.json', 'policy.salt'],
  ['decision.json', 'salt2'],
  ['mirror.leaf', 'mirror.tlog-proof'],
]

describe.each(['bundles', 'trust', 'completeness'])('%s', (topic) => {
  const { cases, refused } = read(topic)
  const policy: string = cases.find((one) => typeof one['policy'] === 'string')?.['policy']
  const bundles = cases.filter((one) => 'files' in one)

  it.each(bundles)('accepts $name', (one) => {
    const verification = verifyBundle(filesOf(one['files']), policy)
    expect(verification.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(verification.valid).toBe(true)
    expect(verification.checks.length).toBeGreaterThanOrEqual(4)
    expect(verification.facts).toMatchObject(one['result'])
    expect(verification.doesNotProve.length).toBeGreaterThan(0)
  })

  it.each(bundles)('accepts $name without what is by choice', (one) => {
    for (let subset = 0; subset < 8; subset += 1) {
      const left = OPTIONAL.filter((_, i) => ((subset >> i) & 1) === 1).flat()
      const files = Object.fromEntries(Object.entries(one['files']).filter(([name]) => !left.includes(name)))
      expect(verifyBundle(filesOf(files), policy).valid).toBe(true)
    }
  })

  it.each(refused)('refuses $name', (one) => {
    const base = bundles.find(({ name }) => name === one['case']) as Vector
    const verification = verifyBundle(filesOf({ ...base['files'], ...one['changes'] }), one['policy'] === null ? undefined : policy)
    expect(verification.valid).toBe(false)
    expect(verification.checks.map(({ name }) => name)).not.toContain('readable')
    expect(verification.checks.some(({ ok }) => !ok)).toBe(true)
  })
})
