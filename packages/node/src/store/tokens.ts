import type { Database } from './database.ts'

/** Identifiers that may be used once (`jti` of assertions, random values of wallets), remembered until they would expire anyway. */
export interface UsedTokens {
  /** True the first time; durable when it returns. */
  use(id: string, expiresMs: number, nowMs: number): boolean
  /** The same for a request whose every answer waits for an entry in the access log: durable with that entry. */
  useBeforeEntry(id: string, expiresMs: number, nowMs: number): boolean
}

export function createUsedTokens(database: Database): UsedTokens {
  const isFirst = (id: string, expiresMs: number, nowMs: number) => () => {
    database.run('DELETE FROM used_token WHERE expires < ?', nowMs)
    if (database.get('SELECT id FROM used_token WHERE id = ?', id) !== undefined) return false
    database.run('INSERT INTO used_token (id, expires) VALUES (?, ?)', id, expiresMs)
    return true
  }
  return {
    use: (id, expiresMs, nowMs) => database.transaction(isFirst(id, expiresMs, nowMs)),
    useBeforeEntry: (id, expiresMs, nowMs) => database.transactionBefore(isFirst(id, expiresMs, nowMs)),
  }
}
