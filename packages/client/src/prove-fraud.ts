import { decodeBase64Url, decodeUtf8, encodeUtf8, equalBytes, InputError, leafHash, parseAccessLogOrigin, parseCheckpoint, parseNote } from '@fiducia/core'
import { type BundleFiles, createHashLog, formatTlogProof, type Get, parseReceipt, parseTlogProof, readEntries, tagKeyOf } from '@fiducia/proofs'

/**
 * A patient against a holder: a requester's receipt that the holder's own records contradict, put together as a bundle that
 * convinces people who believe neither (`verify` calls it proof of fraud). Both hand over the tag key of the relationship:
 * whoever reads the bundle recognizes its later accesses.
 */

/**
 * A receipt that a list which was proved complete does not have (`RECEIPT_UNLISTED`). The log is read from whoever serves
 * it, the holder or a member that mirrors it, and believed only as far as it leads to the root under the list's seal. Throws
 * an `InputError` where it does not, or the receipt is of no log in the list.
 */
export async function proveLeftOut(completeness: BundleFiles, receiptText: string, get: Get): Promise<BundleFiles> {
  const receipt = parseReceipt(receiptText)
  const { extra, index, note } = parseTlogProof(receipt.proof)
  const k = parseAccessLogOrigin(parseCheckpoint(parseNote(note).text).origin)?.k
  const sealFile = completeness.get(`${k}/seal.tlog-proof`)
  if (sealFile === undefined) throw new InputError('PROOF_FORMAT', 'expected a receipt of a log in the list')
  const seal = parseTlogProof(decodeUtf8(sealFile))
  const { size, root } = parseCheckpoint(parseNote(seal.note).text)
  const tree = createHashLog()
  for await (const leaf of readEntries(get, `/log/${k}`, size)) tree.append(leafHash(leaf))
  if (!equalBytes(tree.root(), root)) throw new InputError('PROOF_FORMAT', 'the entries that are served do not lead to the root under the seal')
  const proof = formatTlogProof({ extra, index, path: tree.inclusion(index), note: seal.note })
  return new Map([...completeness, ...accessFiles(receipt.leaf, proof, receipt.disclosure)])
}

/** A receipt whose tag none of the relationship's numbers gives: shown at once, before the holder has sealed anything. */
export function proveOffChain(headBundle: BundleFiles, receiptText: string, secret: Uint8Array): BundleFiles {
  const { leaf, proof, disclosure } = parseReceipt(receiptText)
  return new Map([...headBundle, ...accessFiles(leaf, proof, disclosure), ['tagkey', tagKeyOf(secret)] as const])
}

const accessFiles = (leaf: string, proof: string, disclosure: string) =>
  [
    ['access.leaf', decodeBase64Url(leaf)],
    ['access.tlog-proof', encodeUtf8(proof)],
    ['disclosure.json', encodeUtf8(disclosure)],
  ] as const
