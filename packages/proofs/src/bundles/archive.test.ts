import { encodeUtf8, InputError } from '@fiducia/core'
import * as fc from 'fast-check'
import { deflateSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { bundles } from '../../test/bundles.ts'
import { descriptorOf, makeZip, type ZipEntry } from '../../test/zip.ts'
import { MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES, MAX_QUIET_BYTES, readArchive } from '../index.ts'

const bytes = encodeUtf8('{"some":"bytes"}')
const one = (entry: Partial<ZipEntry> = {}): ZipEntry => ({ name: 'head.json', bytes, ...entry })

const codeOf = (archive: Uint8Array): string => {
  try {
    readArchive(archive)
    return 'read'
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.code
  }
}
const namesOf = (archive: Uint8Array): readonly string[] => [...readArchive(archive).keys()]

describe('an archive', () => {
  it.each(Object.entries(bundles))('of a bundle of kind %s gives its files, stored or deflated, with or without its folder', (_, files) => {
    for (const level of [0, 6, 9] as const) {
      for (const folder of ['', 'some folder/']) {
        const archive = zipSync(Object.fromEntries([...files].map(([name, content]) => [`${folder}${name}`, content])), { level })
        expect(new Map(readArchive(archive))).toEqual(new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1))))
      }
    }
  })

  it('is read with folders of its own, with descriptors, and as other systems make it', () => {
    const packed = deflateSync(bytes)
    const zeros = { size: 0, packedSize: 0, crc: 0 }
    const streamed = (signed: boolean) => one({ packed, method: 8, flags: 8, local: zeros, behind: descriptorOf(bytes, packed.length, signed) })
    expect(namesOf(makeZip([{ name: 'a/', bytes: new Uint8Array(), mode: 0o040755 }, one({ name: 'a/head.json' })]))).toEqual(['head.json'])
    expect(namesOf(makeZip([one({ name: '1/tags.json' }), one({ name: '1/seal.leaf' })]))).toEqual(['1/seal.leaf', '1/tags.json'])
    for (const signed of [true, false]) expect(readArchive(makeZip([streamed(signed), one({ name: 'x' })])).get('head.json')).toEqual(bytes)
    expect(namesOf(makeZip([one({ madeOn: 0, mode: 0xa1ff })]))).toEqual(['head.json'])
    expect(readArchive(makeZip([one({ bytes: new Uint8Array() })])).get('head.json')).toEqual(new Uint8Array())
    expect(readArchive(makeZip([one({ bytes: new Uint8Array(), packed: Uint8Array.of(3, 0), method: 8 })])).get('head.json')).toEqual(new Uint8Array())
  })

  const other = one({ name: 'state.json' })
  const tricks: Readonly<Record<string, Uint8Array>> = {
    'an absolute name': makeZip([one({ name: '/head.json' })]),
    'a name with a drive': makeZip([one({ name: 'C:head.json' })]),
    'a name that leads out': makeZip([one({ name: '../head.json' })]),
    'a name that leads out below': makeZip([one({ name: 'a/../../head.json' })]),
    'a name with a dot': makeZip([one({ name: './head.json' })]),
    'a name with an empty part': makeZip([one({ name: 'a//head.json' })]),
    'a name with a backslash': makeZip([one({ name: 'a\\head.json' })]),
    'a name with NUL': makeZip([one({ name: 'head.json\0.txt' })]),
    'a name with a line end': makeZip([one({ name: 'head\n.json' })]),
    'a name that is not ASCII': makeZip([one({ name: 'hèad.json' })]),
    'a name that is not UTF-8': makeZip([one({ name: Uint8Array.of(0xff, 0xfe) })]),
    'no name': makeZip([one({ name: '' })]),
    'one name twice': makeZip([one(), one({ bytes: encodeUtf8('other') })]),
    'one name in upper and lower case': makeZip([one(), one({ name: 'HEAD.json' })]),
    'a file and a folder of one name': makeZip([one({ name: 'a' }), { name: 'a/', bytes: new Uint8Array() }]),
    'a link': makeZip([one({ mode: 0o120777 })]),
    'a device': makeZip([one({ mode: 0o020666 })]),
    'another name in the local header': makeZip([one({ local: { name: 'tail.json' } })]),
    'the name in other case in the local header': makeZip([one({ local: { name: 'HEAD.json' } })]),
    'a second name in an extra field': makeZip([one({ extra: Uint8Array.of(0x75, 0x70, 1, 0, 1) })]),
    'Zip64 sizes': makeZip([one({ extra: Uint8Array.of(1, 0, 0, 0) })]),
    'an extra field that is cut off': makeZip([one({ extra: Uint8Array.of(9, 9, 5, 0, 1) })]),
    encryption: makeZip([one({ flags: 1 })]),
    'masked headers': makeZip([one({ flags: 0x2000 })]),
    'another method': makeZip([one({ method: 12 })]),
    'another method in the local header': makeZip([one({ local: { method: 8 } })]),
    'stored with two sizes': makeZip([one({ size: 3 })]),
    'another size in the local header': makeZip([one({ local: { size: 3 } })]),
    'another checksum in the local header': makeZip([one({ local: { crc: 3 } })]),
    'a checksum of other bytes': makeZip([one({ crc: 3 })]),
    'deflated to more than it says': makeZip([one({ packed: deflateSync(bytes), method: 8, size: 3 })]),
    'deflated to less than it says': makeZip([one({ packed: deflateSync(bytes), method: 8, size: 300 })]),
    'deflated without an end': makeZip([one({ packed: deflateSync(bytes).subarray(0, 5), method: 8 })]),
    'deflated to nonsense': makeZip([one({ packed: Uint8Array.of(0xff, 0xff, 0xff), method: 8 })]),
    'a descriptor with another size': makeZip([one({ flags: 8, behind: descriptorOf(bytes, bytes.length, true, 3) })]),
    'no descriptor': makeZip([one({ flags: 8 }), other]),
    'a folder with bytes': makeZip([one({ name: 'a/' }), other]),
    'bytes before the first file': makeZip([one()], { before: bytes }),
    'bytes between two files': makeZip([one({ behind: bytes }), other]),
    'bytes before the directory': makeZip([one()], { between: bytes }),
    'files that overlap': makeZip([one(), one({ name: 'state.json', offset: 0, local: { name: 'head.json' } })]),
    'a count of fewer files': makeZip([one(), other], { count: 1 }),
    'a comment': makeZip([one()], { comment: 'PK' }),
    'an end cut off': makeZip([one()]).subarray(0, -1),
    'a beginning cut off': makeZip([one()]).subarray(1),
    'bytes behind the end': Uint8Array.from([...makeZip([one()]), 0]),
    nothing: new Uint8Array(),
    junk: encodeUtf8('PK'.repeat(100)),
  }
  it.each(Object.entries(tricks))('is refused: %s', (_, archive) => expect(codeOf(archive)).toBe('FILE_UNREADABLE'))

  it('is refused when it holds nothing, or more than a bundle may', () => {
    const zeros = new Uint8Array(MAX_BUNDLE_FILE_BYTES)
    const packed = deflateSync(zeros, { level: 9 })
    expect(codeOf(makeZip([]))).toBe('BUNDLE_EMPTY')
    expect(codeOf(makeZip([{ name: 'a/', bytes: new Uint8Array() }]))).toBe('BUNDLE_EMPTY')
    expect(codeOf(makeZip(Array.from({ length: MAX_BUNDLE_FILES + 1 }, (_, i) => one({ name: `${i}.json` }))))).toBe('BUNDLE_TOO_LARGE')
    expect(codeOf(makeZip(Array.from({ length: 9 }, (_, i) => one({ name: `${i}.json`, packed, method: 8, bytes: zeros }))))).toBe('BUNDLE_TOO_LARGE')
    expect(codeOf(makeZip([one({ packed, method: 8, size: MAX_BUNDLE_FILE_BYTES + 1 })]))).toBe('BUNDLE_TOO_LARGE')
    expect(codeOf(new Uint8Array(MAX_BUNDLE_FILE_BYTES + 1))).toBe('BUNDLE_TOO_LARGE')
  })

  it('with megabytes behind the end of a packed file is refused before they are gathered', () => {
    const packed = new Uint8Array(1024 * 1024)
    packed.set(deflateSync(bytes))
    expect(codeOf(makeZip([one({ packed, method: 8 })]))).toBe('FILE_UNREADABLE')
    const stored = zipSync({ 'head.json': Uint8Array.from({ length: 3 * MAX_QUIET_BYTES }, (_, i) => (i * i * 2654435761) >>> 24) }, { level: 1 })
    expect(codeOf(stored)).toBe('read')
  })

  it('that unpacks to more than it says is not unpacked further', () => {
    const bomb = deflateSync(new Uint8Array(8 * MAX_BUNDLE_FILE_BYTES), { level: 1 })
    expect(bomb.length).toBeLessThan(MAX_BUNDLE_FILE_BYTES)
    const before = process.memoryUsage().arrayBuffers
    expect(codeOf(makeZip([one({ packed: bomb, method: 8, size: 100 })]))).toBe('FILE_UNREADABLE')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * MAX_BUNDLE_FILE_BYTES)
  })

  it('with any byte changed gives the same files or is refused, and nothing else is thrown', () => {
    const archive = makeZip([one({ packed: deflateSync(bytes), method: 8 }), other])
    const whole = readArchive(archive)
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Uint8Array.from(archive, (byte, i) => (i === at ? byte ^ mask : byte))
        if (codeOf(changed) !== 'read') return
        const [names, contents] = [namesOf(changed), [...readArchive(changed).values()]]
        expect(names).toEqual([...whole.keys()])
        expect(contents).toEqual([...whole.values()])
      }),
      { numRuns: 2000 },
    )
  })
})
