import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { encodeU64, hkdf, InputError, type KeyId, seedSigner, type Signer } from '@fiducia/core'
import { readSeed } from '../network/key-files.ts'
import { agentSigners } from './ssh-agent.ts'

/**
 * The keys that this node can sign with: seeds in its key folder, and whatever its agent holds. Which of them signs what follows
 * from the ledger (`own-keys.ts`), so a new key is put here first, and serves as soon as the ledger says so.
 */
export interface Keyring {
  find(keyId: KeyId): Signer | undefined
  /**
   * The key of access log k, which follows from the first log's seed: so a machine that was put back from an old copy still has
   * the key of a standby that was registered since. Undefined where that seed is not in a file.
   */
  logKey(k: number): Signer | undefined
  /** Looks at folder and agent again. Throws an `InputError` for a file that is no seed, `AGENT_FAILED` where the agent is away. */
  reload(): Promise<void>
}

export interface KeyringOptions {
  /** `*.seed` in it are keys: 32 bytes in hex. */
  readonly folder: string
  /** Seeds that the configuration names, wherever they are. */
  readonly seeds: { readonly [name: string]: Uint8Array }
  /** The socket of an ssh-agent. */
  readonly agent: string | undefined
}

export async function openKeyring({ folder, seeds, agent }: KeyringOptions): Promise<Keyring> {
  const known = new Map<KeyId, Signer>()

  async function reload(): Promise<void> {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.seed')) : []
    const found = [...Object.values(seeds), ...files.map((name) => readKeyFile(path.join(folder, name)))].map(seedSigner)
    const held = agent === undefined ? [] : await agentSigners(agent)
    for (const signer of [...found, ...held]) known.set(signer.keyId, signer)
  }

  await reload()
  return { find: (keyId) => known.get(keyId), logKey: (k) => logKeyOf(seeds['log'], k), reload }
}

/** The seed of log k = HKDF(seed of the first log's key, D("logkey") ‖ u64 k). */
const logKeyOf = (seed: Uint8Array | undefined, k: number): Signer | undefined =>
  seed === undefined ? undefined : seedSigner(hkdf(seed, 'logkey', encodeU64(k)))

function readKeyFile(file: string): Uint8Array {
  try {
    return readSeed(file)
  } catch (error) {
    throw error instanceof InputError ? new InputError(error.code, `\`${file}\`: ${error.message}`, { cause: error }) : error
  }
}
