import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeUtf8, sha256 } from '@fiducia/core'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSignOnce, readSignedSize } from './sign-once.ts'

const SLOT = 128
const rootOf = (label: string) => sha256(encodeUtf8(label))

let dir = ''
let file = ''
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-sign-once-'))
  file = path.join(dir, 'signed-1')
})
afterEach(() => rmSync(dir, { recursive: true }))

function record(...sizes: readonly number[]): void {
  using signed = openSignOnce(file)
  for (const size of sizes) signed.record({ size, root: rootOf(`root ${size}`) })
}

function damage(slot: 0 | 1): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, new Uint8Array([0xff]), 0, 1, slot * SLOT + 3)
  closeSync(descriptor)
}

it('knows nothing before the first record, and makes no file', () => {
  using signed = openSignOnce(file)
  expect(signed.last).toBeUndefined()
  expect(readSignedSize(file)).toBeUndefined()
})

it('finds the newest record after every number of records', () => {
  for (const size of [1, 2, 5, 9, 200]) {
    record(size)
    expect(readSignedSize(file)).toEqual({ size, root: rootOf(`root ${size}`) })
  }
  expect(statSync(file).size).toBe(2 * SLOT)
  expect(statSync(file).mode & 0o077).toBe(0)
})

it('alternates between the slots also after it was opened again, so that the newest record is never overwritten', () => {
  for (let size = 1; size <= 6; size += 1) {
    const before = size === 1 ? undefined : readFileSync(file)
    record(size)
    const after = readFileSync(file)
    if (before === undefined) continue
    const kept = [0, 1].filter((slot) => before.subarray(slot * SLOT, slot * SLOT + SLOT).equals(after.subarray(slot * SLOT, slot * SLOT + SLOT)))
    expect(kept).toHaveLength(1)
    expect(after.readBigUInt64BE((kept[0] ?? 0) * SLOT)).toBe(BigInt(size - 1))
  }
})

it('falls back to the record before when the last write was torn, and goes on from there', () => {
  record(3, 7)
  damage(1)
  expect(readSignedSize(file)?.size).toBe(3)
  record(8)
  expect(readSignedSize(file)?.size).toBe(8)
  damage(0)
  expect(readSignedSize(file)?.size).toBe(8)
})

it('signs one root for a size, and never a smaller size', () => {
  using signed = openSignOnce(file)
  signed.record({ size: 4, root: rootOf('a') })
  signed.record({ size: 4, root: rootOf('a') })
  expect(() => signed.record({ size: 4, root: rootOf('b') })).toThrow('size 4 is signed')
  expect(() => signed.record({ size: 3, root: rootOf('c') })).toThrow('size 4 is signed')
  expect(signed.last).toEqual({ size: 4, root: rootOf('a') })
})

it.each([
  ['empty', ''],
  ['too short', 'x'.repeat(40)],
  ['of another kind', 'x'.repeat(300)],
])('refuses a file that holds no whole record: %s', (_kind, content) => {
  writeFileSync(file, content)
  expect(() => openSignOnce(file)).toThrow('expected a record of the last signed size in `signed-1`, found none that is whole')
})

it('believes no file in which both records are damaged', () => {
  record(1, 2)
  damage(0)
  damage(1)
  expect(() => readSignedSize(file)).toThrow('none that is whole')
})

it('gives the last growing size whatever was recorded and however often it was opened', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 4 }), { minLength: 1, maxLength: 4 }), (sessions) => {
      rmSync(file, { force: true })
      let last = 0
      for (const sizes of sessions) {
        using signed = openSignOnce(file)
        expect(signed.last?.size ?? 0).toBe(last)
        for (const grown of sizes) {
          last += grown
          signed.record({ size: last, root: rootOf(`root ${last}`) })
        }
      }
    }),
    { numRuns: 30 },
  )
})
