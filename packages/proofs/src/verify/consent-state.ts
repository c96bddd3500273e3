import type { BundleFiles } from '../types.ts'
import type { Checklist } from './checklist.ts'
import { checkCosigned, checkHeadFiles, judgedBlock } from './shared.ts'
import type { Trust } from './trust.ts'

/** What the ledger's state said about one relationship at one height. */
export function verifyConsentState(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const head = checkHeadFiles(list, files)
  if (head !== undefined && trust !== undefined) checkCosigned(list, [judgedBlock(head.block)], trust)
}
