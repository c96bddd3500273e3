import { decodeUtf8, encodeUtf8, formatCheckpoint, formatNote, leafHash, signNote } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectOnlyInputErrors } from '../test/generated.ts'
import { bytes, logKey } from '../test/network.ts'
import { createHashLog, formatAddCheckpoint, judgeAddCheckpoint, MAX_ADD_CHECKPOINT_BYTES, parseAddCheckpoint } from './index.ts'

const key = logKey('alpha', 1)
const hashes = createHashLog(Array.from({ length: 64 }, (_, i) => leafHash(bytes(`leaf ${i}`))))
const fork = createHashLog(Array.from({ length: 64 }, (_, i) => leafHash(bytes(i < 10 ? `leaf ${i}` : `other ${i}`))))

function noteAt(size: number, log = hashes, origin = key.name): string {
  const text = formatCheckpoint({ origin, size, root: log.root(size) })
  return formatNote({ text, signatures: [signNote(text, key, bytes('log alpha 1'))] })
}
const request = (oldSize: number, size: number, log = hashes) => ({ oldSize, path: log.consistency(oldSize, size), note: noteAt(size, log) })
const known = (size: number) => (size === 0 ? undefined : { size, root: hashes.root(size) })

describe('a witness', () => {
  it('cosigns what extends what it knows, from nothing or from anywhere', () => {
    fc.assert(
      fc.property(fc.nat(64), fc.integer({ min: 1, max: 64 }), (a, b) => {
        const [oldSize, size] = [Math.min(a, b), Math.max(a, b)]
        const sent = parseAddCheckpoint(encodeUtf8(formatAddCheckpoint(request(oldSize, size))))
        expect(judgeAddCheckpoint(known(oldSize), sent, [key])).toMatchObject({ status: 200, checkpoint: { size } })
      }),
    )
  })

  it('answers every other request as C2SP tlog-witness says', () => {
    const status = (...args: Parameters<typeof judgeAddCheckpoint>) => {
      const verdict = judgeAddCheckpoint(...args)
      return verdict.status === 200 ? [200] : [verdict.status, verdict.code, ...(verdict.status === 409 ? [verdict.knownSize] : [])]
    }
    expect(status(known(16), request(16, 32), [])).toEqual([404, 'ORIGIN_UNKNOWN'])
    expect(status(known(16), request(16, 32), [logKey('alpha', 2)])).toEqual([404, 'ORIGIN_UNKNOWN'])
    expect(status(known(16), request(16, 32), [{ ...key, publicKey: logKey('beta', 1).publicKey }])).toEqual([403, 'SIGNATURE_MISSING'])
    expect(status(known(32), { ...request(16, 16), oldSize: 32 }, [key])).toEqual([400, 'SIZE_BELOW_OLD'])
    expect(status(known(32), request(16, 48), [key])).toEqual([409, 'OLD_SIZE_DIFFERS', 32])
    expect(status(undefined, request(16, 48), [key])).toEqual([409, 'OLD_SIZE_DIFFERS', 0])
    expect(status(known(32), request(32, 32, fork), [key])).toEqual([409, 'ROOT_DIFFERS', 32])
    expect(status(known(32), request(32, 48, fork), [key])).toEqual([422, 'CONSISTENCY'])
    expect(status(known(32), { ...request(32, 48), path: [] }, [key])).toEqual([422, 'CONSISTENCY'])
    expect(status(undefined, { ...request(0, 48), path: [bytes('x')] }, [key])).toEqual([422, 'CONSISTENCY'])
  })

  it('reads requests of the one form only', () => {
    const good = formatAddCheckpoint(request(16, 48))
    for (const wrong of [good.replace('old 16', 'old 016'), good.replace('old ', 'OLD '), good.replace('\n\n', '\n'), `\n${good}`, good.replace('=', '')]) {
      expect(() => parseAddCheckpoint(encodeUtf8(wrong)), wrong.slice(0, 20)).toThrow(/expected/)
    }
    expect(() => parseAddCheckpoint(encodeUtf8(good.replace('\n', `\n${`${'A'.repeat(43)}=\n`.repeat(64)}`)))).toThrow('at most 63')
    expect(() => parseAddCheckpoint(encodeUtf8(good.replace('\n', `\n${'A'.repeat(40)}\n`)))).toThrow('32 bytes')
    expectOnlyInputErrors((text) => judgeAddCheckpoint(known(16), parseAddCheckpoint(encodeUtf8(text)), [key]), good)
    expect(() => parseAddCheckpoint(Uint8Array.of(0xff, 0xfe))).toThrow('UTF-8')
    expect(() => parseAddCheckpoint(new Uint8Array(MAX_ADD_CHECKPOINT_BYTES + 1))).toThrow('at most')
    expect(decodeUtf8(encodeUtf8(good))).toBe(good)
  })
})
