import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { type Bytes32, decodeBase64Url, encodeBase64Url, encodeCanonical, type Handle, parseBytes32, parseCanonical, parseHandle, shape } from '@fiducia/core'

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
}

const fileShape = shape.object({
  handle: parseHandle,
  version: shape.integer(1),
  commitment: parseBytes32,
  by: parseBytes32,
  body: shape.text(1024 * 1024),
  salt: parseBytes32,
  wire: shape.text(128 * 1024),
})

export function readPolicyFile(bytes: Uint8Array): PolicyVersion {
  const { salt, wire, ...rest } = fileShape(parseCanonical(bytes), '')
  return { ...rest, salt: decodeBase64Url(salt), wire: decodeBase64Url(wire) }
}

export function openPolicyFiles(folder: string): PolicyFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const versions = new Map<Handle, PolicyVersion[]>()
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
    if (name.endsWith('.json')) remember(readPolicyFile(new Uint8Array(readFileSync(path.join(folder, name)))))
    else rmSync(path.join(folder, name))
  }
  return {
    of: (handle) => versions.get(handle) ?? [],
    get all() {
      return [...versions.values()].flat()
    },
    add(version) {
      const file = path.join(folder, `${version.handle}.${version.commitment}.json`)
      if (!existsSync(file)) {
        const { salt, wire, ...rest } = version
        writeDurably(file, encodeCanonical({ ...rest, salt: encodeBase64Url(salt), wire: encodeBase64Url(wire) }))
      }
      remember(version)
    },
  }
}

/** Temporary file, sync, rename, sync of the folder: whole or absent after a crash. */
export function writeDurably(file: string, bytes: Uint8Array): void {
  const temporary = `${file}.new`
  const descriptor = openSync(temporary, 'w', 0o600)
  writeSync(descriptor, bytes)
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(temporary, file)
  const folder = openSync(path.dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
