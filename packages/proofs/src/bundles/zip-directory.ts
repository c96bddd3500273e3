import { InputError } from '@fiducia/core'

/**
 * The directory of a zip archive (PKWARE APPNOTE 6.3.10), read so that only one reading is left:
 *
 *   local header · name · extra · packed bytes · [descriptor]      once for each file, without a gap from byte 0 on
 *   directory entry                                                once for each file
 *   end record                                                     the last 22 bytes
 *
 * Refused is whatever readers judge differently: bytes that belong to nothing, files that overlap, a comment at the end,
 * several disks, Zip64, encryption, other methods than stored and deflated, a local header or descriptor that differs from the
 * directory, a second name in an extra field, links and devices, and names that are not plain relative paths, or that differ
 * in upper and lower case only.
 */
export interface ArchiveEntry {
  /** Printable ASCII, `/` between its parts; a folder ends with `/`. */
  readonly name: string
  /** Bytes when unpacked; the directory and the local header agree on it. */
  readonly size: number
  readonly crc: number
  readonly isDeflated: boolean
  readonly packed: Uint8Array
}

export const refuse = (message: string): InputError => new InputError('FILE_UNREADABLE', `expected a plain zip archive: ${message}`)

function demand(holds: boolean, message: string): void {
  if (!holds) throw refuse(message)
}

const LOCAL_SIGNATURE = 0x0403_4b50
const ENTRY_SIGNATURE = 0x0201_4b50
const END_SIGNATURE = 0x0605_4b50
const DESCRIPTOR_SIGNATURE = 0x0807_4b50
const LOCAL_BYTES = 30
const ENTRY_BYTES = 46
const END_BYTES = 22

/** Bits of the flags: encrypted, patched, strongly encrypted, masked headers. */
const FLAGS_REFUSED = 0x2061
const FLAG_DESCRIPTOR = 0x0008
/** Extra fields that say something else than the header: Zip64, a Unicode name. */
const EXTRAS_REFUSED: readonly number[] = [0x0001, 0x7075]

const METHOD_STORED = 0
const METHOD_DEFLATED = 8

interface Listed {
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packedSize: number
  readonly size: number
  readonly offset: number
}

/** Every entry in the order of the archive. Throws `FILE_UNREADABLE`. */
export function readDirectory(bytes: Uint8Array): readonly ArchiveEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = readEnd(view)
  const listed = readListed(bytes, view, end).sort((a, b) => a.offset - b.offset)
  checkNames(listed.map(({ name }) => name))
  let at = 0
  const entries = listed.map((one) => {
    demand(one.offset === at, `\`${one.name}\` begins at byte ${one.offset}, not where the file before it ends`)
    const local = readLocal(bytes, view, one, end.start)
    at = local.end
    return local.entry
  })
  demand(at === end.start, 'bytes that belong to no file')
  return entries
}

interface End {
  readonly count: number
  /** Where the directory begins. */
  readonly start: number
  /** Where it ends. */
  readonly stop: number
}

function readEnd(view: DataView): End {
  const stop = view.byteLength - END_BYTES
  demand(stop >= 0 && view.getUint32(stop, true) === END_SIGNATURE, 'no end record in the last 22 bytes; cut off, with a comment, or no archive')
  const [disk, firstDisk, onDisk, count, comment] = [4, 6, 8, 10, 20].map((at) => view.getUint16(stop + at, true))
  const [size, start] = [view.getUint32(stop + 12, true), view.getUint32(stop + 16, true)]
  demand(disk === 0 && firstDisk === 0 && onDisk === count && comment === 0, 'several disks, or a comment')
  demand(start + size === stop, 'the directory does not end where the end record begins')
  return { count: count ?? 0, start, stop }
}

function readListed(bytes: Uint8Array, view: DataView, { count, start, stop }: End): Listed[] {
  const listed: Listed[] = []
  let at = start
  while (at < stop) {
    demand(at + ENTRY_BYTES <= stop && view.getUint32(at, true) === ENTRY_SIGNATURE, 'something else in the directory')
    const short = (offset: number) => view.getUint16(at + offset, true)
    const [nameSize, extraSize, commentSize, disk] = [short(28), short(30), short(32), short(34)]
    const nameAt = at + ENTRY_BYTES
    const next = nameAt + nameSize + extraSize + commentSize
    demand(next <= stop && disk === 0, 'a directory entry that is cut off')
    const nameBytes = bytes.subarray(nameAt, nameAt + nameSize)
    const name = readName(nameBytes)
    checkExtra(view, nameAt + nameSize, extraSize, name)
    checkKind(view.getUint8(at + 5), view.getUint32(at + 38, true), name)
    listed.push({
      name,
      nameBytes,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    })
    at = next
  }
  demand(listed.length === count, `the end record counts ${count} files, the directory ${listed.length}`)
  return listed
}

/** Plain relative paths in printable ASCII: no root, no drive, no `..`, no `\`, nothing that a terminal or a file system reads otherwise. */
function readName(bytes: Uint8Array): string {
  demand(bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f), 'a name that is not printable ASCII')
  const name = String.fromCharCode(...bytes)
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/')
  demand(!/[\\:]/.test(name) && parts.every((part) => part !== '' && part !== '.' && part !== '..'), `\`${name}\` is no plain relative path`)
  return name
}

function checkNames(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    const key = name.toLowerCase().replace(/\/$/, '')
    demand(!seen.has(key), `the name \`${name}\` twice, or in upper and lower case`)
    seen.add(key)
  }
}

const FILE_TYPE = 0xf000
const FILE_TYPES_ALLOWED: readonly number[] = [0, 0x8000, 0x4000]
const MADE_ON_UNIX: readonly number[] = [3, 19]

/** Where Unix (or macOS) made the archive, the upper half of the attributes is the file's mode. */
function checkKind(madeOn: number, attributes: number, name: string): void {
  const type = (attributes >>> 16) & FILE_TYPE
  demand(!MADE_ON_UNIX.includes(madeOn) || FILE_TYPES_ALLOWED.includes(type), `\`${name}\` is a link or a device`)
}

function checkExtra(view: DataView, start: number, size: number, name: string): void {
  let at = start
  while (at < start + size) {
    demand(at + 4 <= start + size, `\`${name}\`: an extra field that is cut off`)
    demand(!EXTRAS_REFUSED.includes(view.getUint16(at, true)), `\`${name}\`: Zip64, or a second name`)
    at += 4 + view.getUint16(at + 2, true)
  }
  demand(at === start + size, `\`${name}\`: an extra field that is cut off`)
}

/** The local header, the packed bytes and the descriptor of one file; all must say what the directory says. */
function readLocal(bytes: Uint8Array, view: DataView, one: Listed, limit: number): { readonly entry: ArchiveEntry; readonly end: number } {
  const { name, offset, packedSize, size, crc, method, flags } = one
  demand(offset + LOCAL_BYTES <= limit && view.getUint32(offset, true) === LOCAL_SIGNATURE, `\`${name}\`: no local header`)
  const [nameSize, extraSize] = [view.getUint16(offset + 26, true), view.getUint16(offset + 28, true)]
  const nameAt = offset + LOCAL_BYTES
  const dataAt = nameAt + nameSize + extraSize
  const dataEnd = dataAt + packedSize
  demand(dataEnd <= limit, `\`${name}\` is cut off`)
  demand(isSameName(bytes.subarray(nameAt, nameAt + nameSize), one.nameBytes), `\`${name}\` has another name in its local header`)
  checkExtra(view, nameAt + nameSize, extraSize, name)
  demand((flags & FLAGS_REFUSED) === 0, `\`${name}\` is encrypted or patched`)
  demand(method === METHOD_STORED || method === METHOD_DEFLATED, `\`${name}\` is packed by method ${method}`)
  demand(method !== METHOD_STORED || packedSize === size, `\`${name}\` is stored with two sizes`)
  demand(!name.endsWith('/') || size === 0, `folder \`${name}\` has bytes`)
  demand(view.getUint16(offset + 6, true) === flags && view.getUint16(offset + 8, true) === method, `\`${name}\`: the local header says something else`)
  const said = [14, 18, 22].map((at) => view.getUint32(offset + at, true))
  const isLater = (flags & FLAG_DESCRIPTOR) !== 0
  const isAlike = said[0] === crc && said[1] === packedSize && said[2] === size
  demand(isAlike || (isLater && said.every((value) => value === 0)), `\`${name}\`: the local header says other sizes`)
  const end = isLater ? descriptorEnd(view, one, dataEnd, limit) : dataEnd
  return { entry: { name, size, crc, isDeflated: method === METHOD_DEFLATED, packed: bytes.subarray(dataAt, dataEnd) }, end }
}

const isSameName = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

/** The descriptor behind the packed bytes, with or without its signature. */
function descriptorEnd(view: DataView, { name, crc, packedSize, size }: Listed, at: number, limit: number): number {
  const says = (from: number) =>
    from + 12 <= limit && view.getUint32(from, true) === crc && view.getUint32(from + 4, true) === packedSize && view.getUint32(from + 8, true) === size
  if (at + 4 <= limit && view.getUint32(at, true) === DESCRIPTOR_SIGNATURE && says(at + 4)) return at + 16
  demand(says(at), `\`${name}\`: the descriptor says other sizes`)
  return at + 12
}
