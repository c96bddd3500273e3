import { decodeBase64Url, encodeUtf8, type Handle } from '@fiducia/core'
import type { TrustRecord } from '@fiducia/ledger'
import { formatRecord } from '../records.ts'
import type { BundleFiles, ProvenHead } from '../types.ts'

/** Bundles are folders of exact bytes (PROTOCOL section 5); here their parts become files. */

export type FileEntry = readonly [name: string, bytes: Uint8Array]

export const jsonFile = (name: string, value: object): FileEntry => [name, encodeUtf8(formatRecord(value))]
export const textFile = (name: string, text: string): FileEntry => [name, encodeUtf8(text)]

/** `NAME.leaf` and beside it `NAME.tlog-proof`. */
export const proofFiles = (name: string, leaf: Uint8Array, proof: string): readonly FileEntry[] => [
  [`${name}.leaf`, leaf],
  textFile(`${name}.tlog-proof`, proof),
]

export const headFiles = (handle: Handle, head: ProvenHead): readonly FileEntry[] => [
  jsonFile('head.json', { handle, value: head.value }),
  jsonFile('state.json', head.state),
  ...proofFiles('block', decodeBase64Url(head.block), head.proof),
]

/** A policy body with its salt, by choice. */
export interface OpenedPolicy {
  /** The exact canonical text. */
  readonly policy: string
  readonly salt: Uint8Array
}

export const policyFiles = (opened: OpenedPolicy | undefined): readonly FileEntry[] =>
  opened === undefined ? [] : [textFile('policy.json', opened.policy), ['policy.salt', opened.salt]]

/** One change of the set of witnesses: the record, with its proof unless it is the first. */
export interface TrustStep {
  readonly record: TrustRecord
  readonly proven?: Omit<ProvenHead, 'value'>
}

const stepFiles = ({ record, proven }: TrustStep): readonly FileEntry[] => {
  const name = `trust-${record.k}`
  if (proven === undefined) return [jsonFile(`${name}.json`, record)]
  return [jsonFile(`${name}.json`, record), jsonFile(`${name}.state.json`, proven.state), ...proofFiles(name, decodeBase64Url(proven.block), proven.proof)]
}

/** The chain from the reader's trust to the witnesses that cosigned; empty where they are the same. */
export const trustFiles = (chain: readonly TrustStep[] = []): readonly FileEntry[] => chain.flatMap(stepFiles)

export const bundleOf = (...entries: readonly FileEntry[]): BundleFiles => new Map(entries)
