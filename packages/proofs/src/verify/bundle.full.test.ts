import { describe, expect, it } from 'vitest'
import { bundles } from '../../test/bundles.ts'
import { policy } from '../../test/network.ts'
import { verifyBundle } from '../index.ts'

/** Every single bit of every file of every kind of bundle. */
describe('a changed bit', () => {
  it.each(Object.entries(bundles))('in %s is refused, every one of them', (_, files) => {
    for (const [name, original] of files) {
      for (let bit = 0; bit < original.length * 8; bit += 1) {
        const bytes = Uint8Array.from(original)
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        if (verifyBundle(new Map([...files, [name, bytes]]), policy).valid) expect.fail(`bit ${bit} of ${name} can be changed`)
      }
    }
  })
})
