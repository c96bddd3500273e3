import type { FileReader, KindOf } from './types.ts'

export interface NppesOptions {
  /** What the directory already holds of an NPI: the files of practice locations and endpoints do not say whether it names a person. */
  readonly kindOf?: KindOf
}

/** Reads one file of the national register; which one it is, its header says. */
export function createNppesReader(_options: NppesOptions = {}): FileReader {
  throw new Error('not written yet')
}
