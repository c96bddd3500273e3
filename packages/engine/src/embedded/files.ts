import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { equalBytes } from '@fiducia/core'
import { writeDurably } from '../durable-file.ts'
import { EngineError } from '../errors.ts'

/** The files of a ledger directory, the operator's and a follower's. */
export const LEDGER_FILES = {
  database: 'ledger.sqlite',
  genesis: 'genesis.json',
  /** The operator's only: last signed size and root. */
  signed: 'signed',
} as const

/** Keeps the genesis beside the ledger, so that the directory can be checked by itself. */
export function writeGenesis(dir: string, genesis: Uint8Array): void {
  const file = path.join(dir, LEDGER_FILES.genesis)
  if (existsSync(file)) {
    if (equalBytes(new Uint8Array(readFileSync(file)), genesis)) return
    throw new EngineError('STORE_OTHER_GENESIS', `\`${file}\` is another genesis than the one given`)
  }
  writeDurably(file, genesis)
}
