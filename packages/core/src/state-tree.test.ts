import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, encodeHex, encodeUtf8 } from './bytes.ts'
import { sha256 } from './hashing.ts'
import { InputError } from './errors.ts'
import { EMPTY_HASH, parseStateProof, StateTree, stateKeyHash, verifyStateProof } from './state-tree.ts'

/** The root from the definition alone: split by the next bit until one leaf or none is left. */
function naiveRoot(entries: readonly { readonly kh: Uint8Array; readonly valueHash: Uint8Array }[], depth = 0): Uint8Array {
  const [first] = entries
  if (first === undefined) return EMPTY_HASH
  if (entries.length === 1) return sha256(concatBytes(Uint8Array.of(0), first.kh, first.valueHash))
  const bit = (kh: Uint8Array) => ((kh[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1
  const sides = [0, 1].map((side) =>
    naiveRoot(
      entries.filter(({ kh }) => bit(kh) === side),
      depth + 1,
    ),
  )
  return sha256(concatBytes(Uint8Array.of(1), ...sides))
}

const rootOfMap = (map: ReadonlyMap<string, string>) =>
  naiveRoot([...map].map(([key, value]) => ({ kh: stateKeyHash(key), valueHash: sha256(encodeUtf8(value)) })))

const key = fc.integer({ min: 0, max: 40 }).map((n) => `k/${n}`)
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.integer({ min: 0, max: 5 }).map(String) }),
  fc.record({ kind: fc.constant('delete' as const), key, value: fc.constant('') }),
)

describe('the state tree against a plain map', () => {
  it('has the root of the definition after every step, whatever the order of sets and deletes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let tree = StateTree.empty
        const map = new Map<string, string>()
        for (const { kind, key: name, value } of steps) {
          if (kind === 'set') map.set(name, value)
          else map.delete(name)
          tree = kind === 'set' ? tree.set(name, value) : tree.delete(name)
          expect(encodeHex(tree.root)).toBe(encodeHex(rootOfMap(map)))
        }
        expect(tree.size).toBe(map.size)
        expect(new Map([...tree.entries()].map((entry) => [entry.key, entry.value]))).toEqual(map)
      }),
    )
  })

  it('proves presence and absence of every key, and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 20 }), key, fc.integer({ min: 0, max: 255 }), (keys, asked, salt) => {
        const tree = StateTree.from(keys.map((name) => ({ key: name, value: `v${name}` })))
        const proof = parseStateProof(JSON.parse(JSON.stringify(tree.prove(asked))), '')
        const value = keys.includes(asked) ? `v${asked}` : null
        expect(() => verifyStateProof(tree.root, asked, value, proof)).not.toThrow()
        expect(() => verifyStateProof(tree.root, asked, value === null ? 'v' : null, proof)).toThrow(InputError)
        if (value !== null) expect(() => verifyStateProof(tree.root, asked, `${value}${salt}`, proof)).toThrow(InputError)
        const otherRoot = Uint8Array.from(tree.root, (byte, i) => (i === 0 ? byte ^ 1 : byte))
        expect(() => verifyStateProof(otherRoot, asked, value, proof)).toThrow(InputError)
        if (proof.siblings.length > 0)
          expect(() => verifyStateProof(tree.root, asked, value, { ...proof, siblings: proof.siblings.slice(1) })).toThrow(InputError)
      }),
    )
  })

  it('leaves an old tree as it was', () => {
    const before = StateTree.empty.set('a', '1').set('b', '2')
    const root = encodeHex(before.root)
    before.set('a', '3').delete('b').set('c', '4')
    expect(encodeHex(before.root)).toBe(root)
    expect([before.get('a'), before.get('b'), before.get('c')]).toEqual(['1', '2', undefined])
  })
})
