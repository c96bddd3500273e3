import { readFileSync, type Stats, statSync } from 'node:fs'
import { decodeUtf8, InputError } from '@fiducia/core'
import { MAX_INPUT_BYTES } from './limits.ts'
import { UsageError } from './output.ts'

/** Reading what somebody named on the command line: each way in which that can fail says what was expected and what came. */

export function statOf(path: string, what: string): Stats {
  try {
    return statSync(path)
  } catch (cause) {
    const isMissing = errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR'
    if (isMissing) throw new UsageError('FILE_MISSING', `expected ${what}, found nothing at \`${path}\``, path)
    throw unreadable(path, what, cause)
  }
}

export function readInput(path: string, what: string): Uint8Array {
  const stats = statOf(path, what)
  if (!stats.isFile()) throw new UsageError('FILE_KIND', `expected ${what}, found ${kindOf(stats)} at \`${path}\``, path)
  if (stats.size > MAX_INPUT_BYTES) throw new UsageError('FILE_TOO_LARGE', `expected ${what} of at most ${MAX_INPUT_BYTES} bytes, found ${stats.size}`, path)
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw unreadable(path, what, cause)
  }
}

/** Some editors put a byte order mark before a text; it is no part of it. */
export const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text)

/** UTF-8; a byte order mark stays. */
export function readTextInput(path: string, what: string): string {
  const bytes = readInput(path, what)
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    if (cause instanceof InputError) throw new UsageError('FILE_UNREADABLE', `expected ${what} in UTF-8, found other bytes`, path)
    throw cause
  }
}

export function folderOf(path: string, what: string): void {
  const stats = statOf(path, what)
  if (!stats.isDirectory()) throw new UsageError('FILE_KIND', `expected ${what}, found ${kindOf(stats)} at \`${path}\``, path)
}

export const unreadable = (path: string, what: string, cause: unknown): UsageError =>
  new UsageError('FILE_UNREADABLE', `expected ${what} that can be read, found \`${path}\`, which cannot (${errnoOf(cause) ?? 'unknown'})`, path)

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder'
  return stats.isFile() ? 'a file' : 'neither a file nor a folder'
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
