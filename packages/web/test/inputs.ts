import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { encodeUtf8 } from '@fiducia/core'
import { type BundleFiles, formatTrustPolicy, toBundle } from '@fiducia/proofs'
import { runStory } from '@fiducia/testkit'
import { bundles as madeBundles } from '../../proofs/test/bundles.ts'
import { policy as madePolicy } from '../../proofs/test/network.ts'

/** What the page is given in tests: every bundle of the story, every kind of bundle of another network, and both their trust. */
export interface Inputs {
  readonly dir: string
  /** Folders of the story's bundles. */
  readonly story: readonly string[]
  readonly storyTrust: string
  /** Folders of the other network's bundles, one of each kind. */
  readonly foreign: readonly string[]
  readonly foreignTrust: string
}

export async function makeInputs(): Promise<Inputs> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'fiducia-verify-'))
  const told = path.join(dir, 'story')
  mkdirSync(told)
  const { ok } = await runStory({ dir: told })
  if (!ok) throw new Error('the story did not go as it should')
  const foreign = Object.entries(madeBundles).map(([kind, files]) => writeBundle(path.join(dir, 'foreign', kind), files))
  const foreignTrust = path.join(dir, 'foreign.policy')
  writeFileSync(foreignTrust, formatTrustPolicy(madePolicy))
  const proofs = path.join(told, 'proofs')
  const story = readdirSync(proofs).map((name) => path.join(proofs, name))
  return { dir, story, storyTrust: path.join(told, 'trust.policy'), foreign, foreignTrust }
}

export function writeBundle(folder: string, files: BundleFiles): string {
  for (const [name, bytes] of files) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), bytes)
  }
  return folder
}

export function readBundle(folder: string): BundleFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return toBundle(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(folder, file), new Uint8Array(readFileSync(file))] as const
    }),
  )
}

export function changeBit(files: BundleFiles, name: string, bit: number): BundleFiles {
  const bytes = Uint8Array.from(files.get(name) ?? [])
  const at = (bit >> 3) % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
  return toBundle([...[...files].filter(([other]) => other !== name), [name, bytes] as const])
}

/** Each file with a bit changed at so many places, spread over it. */
export function changes(files: BundleFiles, places: number): readonly BundleFiles[] {
  return [...files].flatMap(([name, { length }]) =>
    Array.from({ length: Math.min(places, length) }, (_, i) => changeBit(files, name, Math.floor(((i + 0.5) * length * 8) / places) + (i % 8))),
  )
}

export const JUNK = encodeUtf8('this is no proof\n')
