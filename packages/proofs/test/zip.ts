import { encodeUtf8 } from '@fiducia/core'
import { crc32 } from '../src/bundles/crc32.ts'

/** Zip archives made field by field, so that each can lie. What is left out is as it should be. */
export interface ZipEntry {
  readonly name: string | Uint8Array
  readonly bytes?: Uint8Array
  /** What lies in the archive; the bytes themselves by default. */
  readonly packed?: Uint8Array
  readonly method?: number
  readonly flags?: number
  readonly crc?: number
  readonly size?: number
  readonly packedSize?: number
  readonly madeOn?: number
  readonly mode?: number
  readonly extra?: Uint8Array
  readonly offset?: number
  readonly local?: {
    readonly name?: string
    readonly size?: number
    readonly packedSize?: number
    readonly crc?: number
    readonly flags?: number
    readonly method?: number
  }
  /** Between the packed bytes and the next file. */
  readonly behind?: Uint8Array
}

export interface ZipEnd {
  readonly count?: number
  readonly comment?: string
  readonly before?: Uint8Array
  readonly between?: Uint8Array
}

const u16 = (value: number) => [value & 0xff, (value >>> 8) & 0xff]
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)]

export function makeZip(entries: readonly ZipEntry[], end: ZipEnd = {}): Uint8Array {
  const archive: number[] = [...(end.before ?? [])]
  const directory: number[] = []
  for (const entry of entries) {
    const offset = archive.length
    for (const byte of localOf(entry)) archive.push(byte)
    directory.push(...listedOf(entry, entry.offset ?? offset))
  }
  archive.push(...(end.between ?? []))
  const start = archive.length
  const count = end.count ?? entries.length
  const comment = encodeUtf8(end.comment ?? '')
  const record = [...u32(0x06054b50), ...u16(0), ...u16(0), ...u16(count), ...u16(count), ...u32(directory.length), ...u32(start), ...u16(comment.length)]
  return Uint8Array.from([...archive, ...directory, ...record, ...comment])
}

const nameOf = ({ name }: ZipEntry) => (typeof name === 'string' ? encodeUtf8(name) : name)

function valuesOf(entry: ZipEntry) {
  const bytes = entry.bytes ?? encodeUtf8('some bytes')
  const packed = entry.packed ?? bytes
  const { flags = 0, method = 0, crc = crc32(bytes), size = bytes.length, packedSize = packed.length } = entry
  return { packed, flags, method, crc, size, packedSize }
}

function localOf(entry: ZipEntry): readonly number[] {
  const { packed, ...values } = valuesOf(entry)
  const said = { ...values, ...entry.local }
  const name = entry.local?.name === undefined ? nameOf(entry) : encodeUtf8(entry.local.name)
  const numbers = [...u16(20), ...u16(said.flags), ...u16(said.method), ...u32(0), ...u32(said.crc), ...u32(said.packedSize), ...u32(said.size)]
  return [...u32(0x04034b50), ...numbers, ...u16(name.length), ...u16(0), ...name, ...packed, ...(entry.behind ?? [])]
}

function listedOf(entry: ZipEntry, offset: number): readonly number[] {
  const { flags, method, crc, size, packedSize } = valuesOf(entry)
  const [name, extra] = [nameOf(entry), entry.extra ?? new Uint8Array()]
  const numbers = [20, entry.madeOn ?? 3, ...u16(20), ...u16(flags), ...u16(method), ...u32(0), ...u32(crc), ...u32(packedSize), ...u32(size)]
  const sizes = [...u16(name.length), ...u16(extra.length), ...u16(0), ...u16(0), ...u16(0)]
  return [...u32(0x02014b50), ...numbers, ...sizes, ...u32(((entry.mode ?? 0o100644) << 16) >>> 0), ...u32(offset), ...name, ...extra]
}

/** The descriptor that stands behind packed bytes whose sizes were not known before. */
export const descriptorOf = (bytes: Uint8Array, packedSize: number, signed: boolean, size = bytes.length): Uint8Array =>
  Uint8Array.from([...(signed ? u32(0x08074b50) : []), ...u32(crc32(bytes)), ...u32(packedSize), ...u32(size)])
