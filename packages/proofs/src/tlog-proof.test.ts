import { leafHash } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectOnlyInputErrors } from '../test/generated.ts'
import { bytes, ledgerKey, noteOf, policy } from '../test/network.ts'
import { createHashLog, formatTlogProof, parseTlogProof, verifyLogProof, verifyTlogInclusion, verifyTlogProof } from './index.ts'

const entries = Array.from({ length: 40 }, (_, i) => bytes(`entry ${i}`))
const log = { key: ledgerKey, seed: 'ledger', hashes: createHashLog(entries.map(leafHash)) }
const note = noteOf(log, { time: 1_767_225_600 })
const proofOf = (index: number, extra?: Uint8Array) => formatTlogProof({ extra, index, path: log.hashes.inclusion(index), note })

describe('a tlog-proof', () => {
  it('shows each entry at its own place and nowhere else', () => {
    fc.assert(
      fc.property(fc.nat(39), fc.nat(39), fc.option(fc.uint8Array({ maxLength: 64 }), { nil: undefined }), (index, other, extra) => {
        const proof = parseTlogProof(proofOf(index, extra))
        expect(formatTlogProof(proof)).toBe(proofOf(index, extra))
        expect(proof.extra).toEqual(extra)
        const work = () => verifyTlogProof(proof, entries[other] ?? new Uint8Array(), policy, { strict: true })
        if (index === other) expect(work().checkpoint.size).toBe(40)
        else expect(work).toThrow('root')
      }),
    )
  })

  it('says nothing about signatures by its path alone, and does not hold under a cosigned note where the log’s line is asked for alone', () => {
    const forged = parseTlogProof(proofOf(3).replace(/^— test\/ledger .*\n/m, ''))
    expect(() => verifyTlogInclusion(forged, entries[3] ?? new Uint8Array())).not.toThrow()
    expect(() => verifyTlogProof(forged, entries[3] ?? new Uint8Array(), policy)).toThrow('trusted key')
    expect(() => verifyLogProof(parseTlogProof(proofOf(3)), entries[3] ?? new Uint8Array(), [ledgerKey])).toThrow('one signature line')
  })

  it.each([
    ['an index that no number holds', /^index 7$/m, 'index 9007199254740993', 'below 2^53'],
    ['no index', /^index 7\n/m, '', 'index N'],
    ['an index with a leading zero', /^index 7$/m, 'index 07', 'index N'],
    ['a hash of 30 bytes', /^index 7\n.*$/m, `index 7\n${'A'.repeat(40)}`, '32 bytes'],
    ['64 hashes', /^index 7\n/m, `index 7\n${`${'A'.repeat(43)}=\n`.repeat(64)}`, 'at most 63'],
    ['extra of a kibibyte and more', /^index 7\n/m, `extra ${'AAAA'.repeat(342)}\nindex 7\n`, 'bytes of extra'],
    ['more bytes than any proof has', /^index 7\n/m, `extra ${'AAAA'.repeat(25_000)}\nindex 7\n`, 'at most 81920 bytes'],
  ])('is refused with %s', (_, pattern, replacement, message) => {
    expect(() => parseTlogProof(proofOf(7).replace(pattern, replacement))).toThrow(message)
  })

  it('is understood or refused, whatever the text', () => expectOnlyInputErrors(parseTlogProof, proofOf(7), proofOf(0, bytes('extra'))))
})
