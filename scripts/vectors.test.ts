import { readFileSync } from 'node:fs'
import { decodeHex, encodeUtf8, InputError } from '@fiducia/core'
import { decodeTransaction } from '@fiducia/ledger'
import { parseTrustPolicy, verifyBundle } from '@fiducia/proofs'
import { describe, expect, it } from 'vitest'
import { formatVector, VECTORS, vectorFile } from './spec-vectors.ts'

const read = (name: string) => JSON.parse(readFileSync(vectorFile(name), 'utf8'))

describe('the vectors of the specification', () => {
  it.each(Object.keys(VECTORS))('%s is what the code makes', (name) => expect(readFileSync(vectorFile(name), 'utf8')).toBe(formatVector(VECTORS[name]?.())))

  it('hold when they are read from the files alone', () => {
    const { policy, cases, refused } = read('bundles.json')
    const trust = parseTrustPolicy(policy)
    const filesOf = (one: { files: Record<string, string> }) =>
      new Map(Object.entries(one.files).map(([name, text]) => [name, /\.(json|tlog-proof)$/.test(name) ? encodeUtf8(text) : decodeHex(text)]))
    const named = new Map<string, ReadonlyMap<string, Uint8Array>>(
      cases.map((one: { name: string; files: Record<string, string> }) => [one.name, filesOf(one)]),
    )
    for (const files of named.values()) expect(verifyBundle(files, trust).valid).toBe(true)
    for (const { case: name, file, bit } of refused) {
      const files = new Map(named.get(name))
      const bytes = Uint8Array.from(files.get(file) ?? [])
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(verifyBundle(files.set(file, bytes), trust).valid).toBe(false)
    }
    for (const { wire } of read('transactions.json').refused) expect(() => decodeTransaction(encodeUtf8(wire))).toThrow(InputError)
  })
})
