import { closeSync, existsSync, openSync } from 'node:fs'
import path from 'node:path'
import type { GroupId, OrganizationId } from '@fiducia/core'
import { makeFolderDurably } from '@fiducia/engine'
import { integerColumn } from '../store/columns.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { nextId } from './batch-writer.ts'
import { LoadError } from './errors.ts'
import { CACHE_KIB, STAGING_CACHE_KIB } from './limits.ts'
import { DIRECTORY_MIGRATIONS, STAGING_MIGRATIONS } from './schema.ts'

/** What a directory keeps in its folder, which may be a node's data directory. */
export interface DirectoryFiles {
  readonly database: string
  /** Of the load under way: its lock and what it has read. */
  readonly underWay: string
  readonly staging: string
}

export const directoryFiles = (dir: string): DirectoryFiles => ({
  database: path.join(dir, 'directory.sqlite'),
  underWay: path.join(dir, 'directory-load'),
  staging: path.join(dir, 'directory-load', 'staging.sqlite'),
})

/** Opens or makes the directory's store, readable by its owner only. */
export function openDirectory(dir: string): Database {
  return ownFile(directoryFiles(dir).database, DIRECTORY_MIGRATIONS, CACHE_KIB)
}

/** What a person's command does while the node writes: it waits for its turn. The node itself never waits; it tries again in its next round. */
export function waitForTurn(database: Database, atMostMs: number): void {
  database.run(`PRAGMA busy_timeout = ${atMostMs}`)
}

/** Throws `DIRECTORY_MISSING` where there is none. */
export function openExistingDirectory(dir: string): Database {
  if (!existsSync(directoryFiles(dir).database))
    throw new LoadError('DIRECTORY_MISSING', `expected a directory in \`${dir}\`, found none: \`fiducia directory import\` makes one`)
  return openDirectory(dir)
}

export const openStaging = (file: string): Database => ownFile(file, STAGING_MIGRATIONS, STAGING_CACHE_KIB)

function ownFile(file: string, migrations: readonly string[], cacheKib: number): Database {
  makeFolderDurably(path.dirname(file))
  // SQLite gives its journals the mode of the file itself.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const database = openDatabase(file, { migrations })
  database.run(`PRAGMA cache_size = -${cacheKib}`)
  return database
}

// ---- who says it ----------------------------------------------------------------------------------------------------------

export interface VoiceName {
  readonly attester: OrganizationId
  readonly group: GroupId
  readonly origin: string
}

export const voiceOf = (database: Database, { attester, origin }: VoiceName): number | undefined => {
  const row = database.get('SELECT id FROM voice WHERE attester = ? AND origin = ?', attester, origin)
  return row === undefined ? undefined : integerColumn(row, 'id')
}

/** Its number; a new one for a voice that was never heard. */
export function internVoice(database: Database, name: VoiceName): number {
  const known = voiceOf(database, name)
  if (known !== undefined) return known
  const id = nextId(database, 'voice')
  database.run('INSERT INTO voice (id, attester, corporate_group, origin) VALUES (?, ?, ?, ?)', id, name.attester, name.group, name.origin)
  return id
}
