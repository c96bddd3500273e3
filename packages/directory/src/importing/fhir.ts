import type { FileReader, ReferenceIndex } from './types.ts'

export interface FhirOptions {
  /** Names what has no NPI, together with its id. */
  readonly origin: string
  /** From a first pass over all files of the load. */
  readonly references: ReferenceIndex
}

export function createFhirReader(_options: FhirOptions): FileReader {
  throw new Error('not written yet')
}
