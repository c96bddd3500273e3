import { encodeHex, InputError } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytes } from '../test/network.ts'
import {
  buildTagMap,
  closeBatch,
  decodeLeaf,
  emptyLogState,
  encodeLeaf,
  followLeaf,
  hasTag,
  indexOfSeal,
  indexOfTag,
  type LogState,
  paddingFor,
  proveTag,
  sealLeaf,
  slotOf,
  verifyBatch,
  verifyTagAbsence,
  verifyTagPresence,
} from './index.ts'

const entry = (label: string, slot: number) => encodeLeaf({ kind: 'entry', slot, tag: bytes(`tag ${label}`), com: bytes(`com ${label}`) })

let counter = 0
const random = (length: number) => {
  counter += 1
  return new Uint8Array([...bytes(`random ${counter}`), ...bytes(`more ${counter}`)]).subarray(0, length)
}

function after(state: LogState, leaves: readonly Uint8Array[]): LogState {
  const verdict = verifyBatch(state, leaves)
  if (!verdict.ok) throw new Error(verdict.message)
  return verdict.state
}

describe('batches', () => {
  it('end at a multiple of 16 with a seal over the map, however many entries they have', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }), (sizes) => {
        let state = emptyLogState()
        const all: Uint8Array[] = []
        for (const [batch, size] of sizes.entries()) {
          const entries = Array.from({ length: size }, (_, i) => entry(`${batch} ${i}`, 100 + batch))
          const open = after(state, entries)
          const closing = closeBatch(open, 100 + batch, random)
          state = after(open, closing)
          all.push(...entries, ...closing)
          expect(state.sealed.size).toBe(state.size)
          expect(state.size % 16).toBe(0)
          expect(closing).toHaveLength(paddingFor(open.size) + 1)
          const seal = decodeLeaf(closing.at(-1) ?? new Uint8Array())
          expect(indexOfSeal(seal)).toBe(state.size - 1)
          expect(encodeHex(seal.tag)).toBe(encodeHex(buildTagMap(all).root))
        }
        expect(closeBatch(state, 200, random)).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  it('prove of every tag that it is there, and of every other that it is not', () => {
    const entries = Array.from({ length: 30 }, (_, i) => entry(`${i}`, 100))
    const open = after(emptyLogState(), entries)
    const { sealed } = after(open, closeBatch(open, 100, random))
    entries.forEach((leaf, index) => {
      const { tag } = decodeLeaf(leaf)
      verifyTagPresence(sealed.tags.root, leaf, proveTag(sealed.tags, tag))
      expect([hasTag(sealed.tags, tag), indexOfTag(sealed.tags, tag)]).toEqual([true, index])
      expect(() => verifyTagAbsence(sealed.tags.root, tag, proveTag(sealed.tags, tag))).toThrow('present')
      expect(() => verifyTagPresence(sealed.tags.root, encodeLeaf({ ...decodeLeaf(leaf), com: bytes('other') }), proveTag(sealed.tags, tag))).toThrow('value')
    })
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (tag) => verifyTagAbsence(sealed.tags.root, tag, proveTag(sealed.tags, tag))))
  })

  it('leave the state as it was when a leaf is refused', () => {
    const state = after(emptyLogState(), [entry('a', 100)])
    const refused = [entry('a', 100), entry('b', 99), new Uint8Array(72), new Uint8Array(3), encodeLeaf(sealLeaf(100, bytes('root'), 1))].map((leaf) =>
      followLeaf(state, leaf),
    )
    expect(refused.map((verdict) => (verdict.ok ? 'accepted' : verdict.code))).toEqual(['TAG_TWICE', 'SLOT_FELL', 'LEAF_FORMAT', 'LEAF_FORMAT', 'SEAL_ROOT'])
    expect(followLeaf(state, encodeLeaf(sealLeaf(100, state.tags.root, 2)))).toMatchObject({ code: 'SEAL_INDEX' })
    expect(followLeaf(state, encodeLeaf(sealLeaf(100, state.tags.root, 1)))).toMatchObject({ code: 'SEAL_SIZE' })
    const odd = encodeLeaf({ kind: 'seal', slot: 100, tag: state.tags.root, com: bytes('no index') })
    expect(followLeaf(state, odd)).toMatchObject({ code: 'SEAL_INDEX' })
    expect(verifyBatch(state, [entry('c', 100), entry('c', 100)])).toMatchObject({ ok: false, code: 'TAG_TWICE' })
    expect(state.size).toBe(1)
  })

  it('follow or refuse, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 72, maxLength: 72 })), (leaf) => {
        const verdict = followLeaf(emptyLogState(), leaf)
        if (verdict.ok) expect(encodeLeaf(decodeLeaf(leaf))).toEqual(leaf)
        else if (verdict.code === 'LEAF_FORMAT') expect(() => decodeLeaf(leaf)).toThrow(InputError)
      }),
    )
    expect(slotOf(119.999)).toBe(1)
    expect(() => encodeLeaf({ kind: 'entry', slot: 1, tag: bytes('tag'), com: new Uint8Array(31) })).toThrow('32 bytes')
  })
})
