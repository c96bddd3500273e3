import { encodeHex, leafHash } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytes } from '../../test/network.ts'
import { closeBatch, createHashLog, createLogAudit, emptyLogState, encodeLeaf, followLeaf, hashOfLeaf as hashOf, type LogState } from '../index.ts'
import { createTagTrie } from '../tag-trie.ts'
import { buildTagMap, tagKeyHash } from '../tag-map.ts'

/** The audit's fast path beside the immutable state that witnesses follow by. */
describe('an audit', () => {
  const entry = (label: number, slot: number) => encodeLeaf({ kind: 'entry', slot, tag: bytes(`tag ${label}`), com: bytes(`com ${label}`) })
  const anyLeaf = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.constant('entry' as const), fc.nat(60), fc.nat(2)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('close' as const), fc.nat(60), fc.nat(2)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('odd' as const), fc.nat(60), fc.nat(2)) },
  )

  it('says the same as following, leaf by leaf, and has the same roots', () => {
    fc.assert(
      fc.property(fc.array(anyLeaf, { maxLength: 60 }), (steps) => {
        let state: LogState = emptyLogState()
        const [audit, hashes] = [createLogAudit(), createHashLog()]
        let counter = 0
        const random = () => {
          counter += 1
          return new Uint8Array([...bytes(`padding ${counter}`), ...bytes(`more ${counter}`)])
        }
        for (const [what, label, drift] of steps) {
          const made =
            what === 'close'
              ? closeBatch(state, state.slot, random)
              : [what === 'entry' ? entry(label, state.slot + drift) : entry(label, Math.max(0, state.slot - drift)).with(1, 2)]
          for (const leaf of made) {
            const verdict = followLeaf(state, leaf)
            expect(audit.add(leaf)?.code).toBe(verdict.ok ? undefined : verdict.code)
            if (!verdict.ok) continue
            state = verdict.state
            hashes.append(leafHash(leaf))
          }
        }
        expect([audit.size, audit.sealedSize]).toEqual([state.size, state.sealed.size])
        expect(encodeHex(audit.root())).toBe(encodeHex(hashes.root()))
      }),
      { numRuns: 60 },
    )
  })

  it('refuses bytes that are no leaf, and goes on from where it was', () => {
    const audit = createLogAudit()
    expect(audit.add(new Uint8Array(71))?.code).toBe('LEAF_FORMAT')
    expect(audit.add(entry(1, 5))).toBeUndefined()
    expect(audit.add(entry(2, 4))?.code).toBe('SLOT_FELL')
    expect(audit.size).toBe(1)
  })
})

describe('the tag map in typed arrays', () => {
  it('has the root of the immutable map, whatever the order and wherever roots are asked for', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(3000), { maxLength: 80 }), fc.nat(10), (labels, every) => {
        const trie = createTagTrie()
        const leaves = labels.map((label) => encodeLeaf({ kind: 'entry', slot: 1, tag: bytes(`tag ${label}`), com: bytes('com') }))
        leaves.forEach((leaf, i) => {
          expect(trie.add(tagKeyHash(leaf.subarray(8, 40)), hashOf(leaf))).toBe(true)
          if (i % (every + 1) === 0) trie.root()
        })
        for (const leaf of leaves) expect(trie.add(tagKeyHash(leaf.subarray(8, 40)), hashOf(leaf))).toBe(false)
        expect(encodeHex(trie.root())).toBe(encodeHex(buildTagMap(leaves).root))
        expect(trie.size).toBe(labels.length)
      }),
    )
  })

  it('grows past its first arrays, and keeps keys apart that differ in their last bit', () => {
    const trie = createTagTrie()
    const key = (last: number) => new Uint8Array(32).with(31, last)
    expect([trie.add(key(0), key(1)), trie.add(key(1), key(1)), trie.add(key(1), key(2))]).toEqual([true, true, false])
    for (let i = 0; i < 3000; i += 1) trie.add(bytes(`${i}`), key(3))
    expect(trie.size).toBe(3002)
    expect(trie.root()).toHaveLength(32)
  })
})
