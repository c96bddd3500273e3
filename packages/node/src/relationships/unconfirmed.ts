import { existsSync, readFileSync } from 'node:fs'
import { encodeCanonical, type Handle, parseCanonical, parseHandle, shape } from '@fiducia/core'
import { writeDurably } from '@fiducia/engine'

/**
 * Relationships whose acknowledged restrictions this holder may have forgotten: the place outside the database was restored from
 * an older copy, or lost. Nothing is released for them until control signs a version again, having seen which are pending
 * (PROTOCOL section 4). The list is a file outside the database, so that a restored database does not confirm anything.
 */
export interface Unconfirmed {
  has(handle: Handle): boolean
  /** Durable when it returns. */
  add(handles: readonly Handle[]): void
  /** Control has signed again; durable when it returns. */
  confirm(handle: Handle): void
}

const fileShape = shape.array(parseHandle, Number.MAX_SAFE_INTEGER)

/** Throws for a file that cannot be read: that it is gone or broken must not release anything. */
export function openUnconfirmed(file: string): Unconfirmed {
  const handles = new Set(existsSync(file) ? fileShape(parseCanonical(new Uint8Array(readFileSync(file))), file) : [])
  const write = (next: ReadonlySet<Handle>) => writeDurably(file, encodeCanonical([...next].sort()))
  return {
    has: (handle) => handles.has(handle),
    add(more) {
      write(new Set([...handles, ...more]))
      for (const handle of more) handles.add(handle)
    },
    confirm(handle) {
      if (!handles.has(handle)) return
      write(new Set([...handles].filter((one) => one !== handle)))
      handles.delete(handle)
    },
  }
}
