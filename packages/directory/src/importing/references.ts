import type { ReferenceIndex } from './types.ts'

/** The first pass over the files of a load: bytes in, references out. */
export interface ReferenceCollector extends ReferenceIndex {
  push(chunk: Uint8Array): void
  /** The end of one file; the next one may follow. */
  end(): void
}

export interface CollectorOptions {
  readonly origin: string
  /** What earlier loads of the same origin left. */
  readonly known?: ReferenceIndex
}

export function createReferenceCollector(_options: CollectorOptions): ReferenceCollector {
  throw new Error('not written yet')
}
