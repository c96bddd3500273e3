import type { Database } from './database.ts'

/** Identifiers that may be used once (`jti` of assertions, random values of wallets), remembered until they would expire anyway. */
export interface UsedTokens {
  /** True the first time; durable when it returns. */
  use(id: string, expiresMs: number, nowMs: number): boolean
}

export function createUsedTokens(database: Database): UsedTokens {
  return {
    use(id, expiresMs, nowMs) {
      return database.transaction(() => {
        database.run('DELETE FROM used_token WHERE expires < ?', nowMs)
        if (database.get('SELECT id FROM used_token WHERE id = ?', id) !== undefined) return false
        database.run('INSERT INTO used_token (id, expires) VALUES (?, ?)', id, expiresMs)
        return true
      })
    },
  }
}
