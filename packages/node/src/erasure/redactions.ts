import { decodeU64, formatCanonical } from '@fiducia/core'
import { type Redaction, redactionCom } from '@fiducia/proofs'
import type { AccessLog } from '../access-log/access-log.ts'
import { REDACTION_DELAY_MS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'

/** Leaves that say, to whoever is shown their opening, that so many entries were erased and why. They look like any other. */
export interface Redactions {
  /** When the leaf of something that is erased now is written: at a random time, so that nobody can tell which it is. Milliseconds. */
  due(): number
  /** Whether the log takes entries. */
  readonly isPossible: boolean
  /** Durable when it resolves; the same redaction again writes nothing. */
  write(redaction: Redaction): Promise<void>
}

export function createRedactions({ database, clock, random }: Pick<NodeContext, 'database' | 'clock' | 'random'>, log: AccessLog): Redactions {
  return {
    due: () => clock.now() + REDACTION_DELAY_MS + (decodeU64(Uint8Array.of(0, 0, 0, 0, ...random(4))) % REDACTION_DELAY_MS),
    get isPossible() {
      return log.heldBecause === undefined && log.frozenBecause === undefined
    },
    async write({ count, ground, request }) {
      const content = formatCanonical({ count, ground, request })
      // A crash between the leaf and what remembers it must not make it two.
      if (database.get('SELECT idx FROM redaction WHERE content = ?', content) !== undefined) return
      const salt = random(32)
      const keep = (index: number) => database.run('INSERT INTO redaction (origin, idx, salt, content) VALUES (?, ?, ?, ?)', log.origin, index, salt, content)
      await log.append({ tag: random(32), com: redactionCom(salt, { count, ground, request }), alongside: keep })
    },
  }
}
