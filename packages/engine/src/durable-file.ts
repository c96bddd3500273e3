import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

/** Temporary file, sync, rename, sync of the folder: whole or absent after a crash, there for good when it returns. */
export function writeDurably(file: string, bytes: Uint8Array): void {
  const temporary = `${file}.new`
  const descriptor = openSync(temporary, 'w', 0o600)
  try {
    writeWhole(descriptor, bytes, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  syncFolder(path.dirname(file))
}

/** All of the bytes: the system may take fewer at a time, on a disk that fills up for one. */
export function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
}

/**
 * The folder and every one above it that is missing; its name is durable when it returns: what is put below it would be lost
 * otherwise. Also where it is there already: the process that made it may have been killed before it synced the name.
 */
export function makeFolderDurably(folder: string): void {
  const above = path.dirname(path.resolve(folder))
  if (!existsSync(folder)) {
    if (!existsSync(above)) makeFolderDurably(above)
    mkdirSync(folder, { mode: 0o700 })
  }
  syncFolder(above)
}

/** Names in the folder, made and gone, are durable when it returns. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
