import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeHex, encodeUtf8 } from './bytes.ts'
import { InputError } from './errors.ts'
import { CompactRange, consistencyPath, EMPTY_ROOT, inclusionPath, leafHash, nodeHash, rootOfLeafHashes, verifyConsistency, verifyInclusion } from './merkle.ts'

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(encodeUtf8(`entry ${i}`)))

/** RFC 6962 section 2.1, word by word. */
function treeHash(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes
  if (only === undefined) return EMPTY_ROOT
  if (hashes.length === 1) return only
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return nodeHash(treeHash(hashes.slice(0, split)), treeHash(hashes.slice(split)))
}

const subtree = (start: number, end: number) => treeHash(leaves.slice(start, end))
const size = fc.integer({ min: 1, max: leaves.length })

describe('the RFC 6962 tree', () => {
  it('has the root of the definition at every size', () => {
    const range = new CompactRange()
    for (let i = 0; i <= leaves.length; i += 1) {
      expect(encodeHex(range.root())).toBe(encodeHex(treeHash(leaves.slice(0, i))))
      expect(encodeHex(rootOfLeafHashes(leaves.slice(0, i)))).toBe(encodeHex(range.root()))
      range.append(leaves[i] ?? EMPTY_ROOT)
    }
  })

  it('proves every leaf of every size, and a changed proof proves nothing', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (total, at, flip) => {
        const index = at % total
        const path = inclusionPath(index, total, subtree)
        const leaf = leaves[index] ?? EMPTY_ROOT
        verifyInclusion(index, total, leaf, path, subtree(0, total))
        const refuse = (...args: Parameters<typeof verifyInclusion>) => expect(() => verifyInclusion(...args)).toThrow(InputError)
        refuse(index, total, leafHash(leaf), path, subtree(0, total))
        refuse(index, total, leaf, [...path, leaf], subtree(0, total))
        if (path.length > 0) {
          const changed = path.map((hash, i) => (i === flip % path.length ? Uint8Array.from(hash, (byte, j) => (j === flip % 32 ? byte ^ 1 : byte)) : hash))
          refuse(index, total, leaf, changed, subtree(0, total))
          refuse(index, total, leaf, path.slice(1), subtree(0, total))
        }
        if (total > 1) refuse((index + 1) % total, total, leaf, path, subtree(0, total))
      }),
    )
  })

  it('proves that every size extends every smaller one', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [old, total] = [Math.min(a, b), Math.max(a, b)]
        const path = consistencyPath(old, total, subtree)
        verifyConsistency(old, total, path, subtree(0, old), subtree(0, total))
        const forked = treeHash([...leaves.slice(0, old - 1), leafHash(encodeUtf8('another'))])
        expect(() => verifyConsistency(old, total, path, forked, subtree(0, total))).toThrow(InputError)
      }),
    )
  })

  it('does not answer nonsense with anything but an InputError', () => {
    const number = fc.oneof(fc.integer({ min: -2, max: 80 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1.5))
    fc.assert(
      fc.property(number, number, fc.array(fc.uint8Array({ maxLength: 33 }), { maxLength: 70 }), fc.uint8Array({ maxLength: 33 }), (a, b, path, root) => {
        for (const work of [() => verifyInclusion(a, b, root, path, root), () => verifyConsistency(a, b, path, root, root)]) {
          try {
            work()
          } catch (error) {
            expect(error).toBeInstanceOf(InputError)
          }
        }
      }),
    )
  })
})
