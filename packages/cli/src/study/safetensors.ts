import { concatBytes, encodeUtf8 } from '@fiducia/core'

/**
 * Tensors in the safetensors format of Hugging Face (github.com/huggingface/safetensors): the length of the header as u64, lowest byte first; the
 * header, JSON that says for each tensor its type, shape and place, with blanks up to a multiple of eight bytes; the numbers, one tensor
 * after the other without gaps, so that F64 lies at multiples of eight.
 */
export function encodeSafetensors(tensors: ReadonlyMap<string, readonly number[]>, metadata: Readonly<Record<string, string>>): Uint8Array {
  const header = headerOf(tensors, metadata)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true)
  return concatBytes(length, header, ...[...tensors.values()].map(encodeF64))
}

const WORD = 8

function headerOf(tensors: ReadonlyMap<string, readonly number[]>, metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0
  const places = [...tensors].map(([name, { length }]) => {
    const start = end
    end += WORD * length
    return [name, { dtype: 'F64', shape: [length], data_offsets: [start, end] }] as const
  })
  const json = encodeUtf8(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(places) }))
  const padding = new Uint8Array((WORD - (json.length % WORD)) % WORD).fill(0x20)
  return concatBytes(json, padding)
}

function encodeF64(numbers: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(WORD * numbers.length))
  numbers.forEach((number, i) => bytes.setFloat64(WORD * i, number, true))
  return new Uint8Array(bytes.buffer)
}
