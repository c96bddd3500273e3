import { readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { type Bytes32, decodeBase64Url, encodeBase64Url, encodeCanonical, type Handle, parseBytes32, parseCanonical, parseHandle, shape } from '@fiducia/core'
import { makeFolderDurably, syncFolder, writeDurably } from '@fiducia/engine'

/**
 * Policy versions that were acknowledged, one file each, outside the database and durable before the acknowledgment leaves
 * (PROTOCOL section 4): a restored database must not forget a restriction that a patient was told is in force.
 */
export interface PolicyVersion {
  readonly handle: Handle
  readonly version: number
  readonly commitment: Bytes32
  /** Public key that signed it. */
  readonly by: Bytes32
  /** Whether that key was control when the version was acknowledged; such a version may replace pending ones, also after control has changed. */
  readonly byControl: boolean
  /** The exact text of the policy. */
  readonly body: string
  readonly salt: Uint8Array
  /** The signed policy.set. */
  readonly wire: Uint8Array
}

export interface PolicyFiles {
  /** In the order of their versions. */
  of(handle: Handle): readonly PolicyVersion[]
  /** Durable when it returns; the same version again changes nothing. */
  add(version: PolicyVersion): void
  readonly all: Iterable<PolicyVersion>
  /** Erases every version of a relationship; their names are gone for good when it returns. */
  remove(handle: Handle): void
}

const fileShape = shape.object({
  handle: parseHandle,
  version: shape.integer(1),
  commitment: parseBytes32,
  by: parseBytes32,
  byControl: shape.literal(true, false),
  body: shape.text(1024 * 1024),
  salt: parseBytes32,
  wire: shape.text(128 * 1024),
})

export function readPolicyFile(bytes: Uint8Array): PolicyVersion {
  const { salt, wire, ...rest } = fileShape(parseCanonical(bytes), '')
  return { ...rest, salt: decodeBase64Url(salt), wire: decodeBase64Url(wire) }
}

export function openPolicyFiles(folder: string): PolicyFiles {
  makeFolderDurably(folder)
  const versions = new Map<Handle, PolicyVersion[]>()
  /** Written by this process. A file that it only found may be one that was renamed and never synced. */
  const durable = new Set<Bytes32>()
  const fileOf = (handle: Handle, commitment: string) => path.join(folder, `${handle}.${commitment}.json`)
  const remember = (version: PolicyVersion) => {
    const known = versions.get(version.handle) ?? []
    if (known.some((one) => one.commitment === version.commitment)) return
    versions.set(
      version.handle,
      [...known, version].sort((a, b) => a.version - b.version),
    )
  }
  for (const name of readdirSync(folder)) {
    // A crash before the rename leaves a temporary file that was never acknowledged.
    if (name.endsWith('.json')) remember(readWhole(folder, name))
    else rmSync(path.join(folder, name))
  }
  return {
    of: (handle) => versions.get(handle) ?? [],
    get all() {
      return [...versions.values()].flat()
    },
    remove(handle) {
      for (const { commitment } of versions.get(handle) ?? []) {
        rmSync(fileOf(handle, commitment), { force: true })
        durable.delete(commitment)
      }
      versions.delete(handle)
      syncFolder(folder)
    },
    add(version) {
      if (!durable.has(version.commitment)) {
        const { salt, wire, ...rest } = version
        writeDurably(fileOf(version.handle, version.commitment), encodeCanonical({ ...rest, salt: encodeBase64Url(salt), wire: encodeBase64Url(wire) }))
        durable.add(version.commitment)
      }
      remember(version)
    },
  }
}

/** A version that was acknowledged must not be forgotten: a file that cannot be read stops the start. */
function readWhole(folder: string, name: string): PolicyVersion {
  try {
    return readPolicyFile(new Uint8Array(readFileSync(path.join(folder, name))))
  } catch (cause) {
    throw new Error(`the acknowledged policy \`${name}\` cannot be read; restore the file, the patient was told that it is in force`, { cause })
  }
}
