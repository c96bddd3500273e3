import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { encodeHex, encodeUtf8, InputError, type KeyId, seedSigner, type Signer } from '@fiducia/core'
import { makeFolderDurably, writeDurably } from '@fiducia/engine'
import { readSeed } from '../network/key-files.ts'
import { agentSigners } from './ssh-agent.ts'

/**
 * The keys that this node can sign with: seeds in its key folder, and whatever its agent holds. Which of them signs what follows
 * from the ledger (`own-keys.ts`), so a new key is put here first, and serves as soon as the ledger says so.
 */
export interface Keyring {
  find(keyId: KeyId): Signer | undefined
  /** Looks at folder and agent again. Throws an `InputError` for a file that is no seed, `AGENT_FAILED` where the agent is away. */
  reload(): Promise<void>
  /** Whether this node makes keys of its own accord: not where an agent holds them. */
  readonly makesKeys: boolean
  /** A new key in the folder, durable before it is given. */
  create(name: string): Signer
}

export interface KeyringOptions {
  /** `*.seed` in it are keys: 32 bytes in hex. */
  readonly folder: string
  /** Seeds that the configuration names, wherever they are. */
  readonly seeds: readonly Uint8Array[]
  /** The socket of an ssh-agent. */
  readonly agent: string | undefined
  readonly random: (length: number) => Uint8Array
}

function readKeyFile(file: string): Uint8Array {
  try {
    return readSeed(file)
  } catch (error) {
    throw error instanceof InputError ? new InputError(error.code, `\`${file}\`: ${error.message}`, { cause: error }) : error
  }
}

export async function openKeyring({ folder, seeds, agent, random }: KeyringOptions): Promise<Keyring> {
  const named = seeds.map(seedSigner)
  const known = new Map<KeyId, Signer>()

  async function reload(): Promise<void> {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.seed')) : []
    const found = files.map((name) => seedSigner(readKeyFile(path.join(folder, name))))
    const held = agent === undefined ? [] : await agentSigners(agent)
    for (const signer of [...named, ...found, ...held]) known.set(signer.keyId, signer)
  }

  await reload()
  return {
    find: (keyId) => known.get(keyId),
    reload,
    makesKeys: agent === undefined,
    create(name) {
      const seed = random(32)
      const signer = seedSigner(seed)
      makeFolderDurably(folder)
      writeDurably(path.join(folder, `${name}-${signer.keyId.slice(0, 8)}.seed`), encodeUtf8(`${encodeHex(seed)}\n`))
      known.set(signer.keyId, signer)
      return signer
    },
  }
}
