import { sha256 } from '@fiducia/core'
import { decodeTransaction, judgeTransaction } from '@fiducia/ledger'
import { EngineError } from './errors.ts'
import { MAX_HANDED_ON, MAX_HANDED_ON_WAIT_MS } from './limits.ts'
import type { Clock, Ledger } from './port.ts'

/**
 * Transactions that a member passed on to the one who orders. As long as one has a claim (it would be accepted here) and is
 * not included, it waits; when it waits too long, the member refuses to cosign. One that expires so is counted and told.
 */
export interface HandedOn {
  /** Throws `ENGINE_BUSY` when too many wait, and an `InputError` for what is no transaction. */
  add(wire: Uint8Array): void
  /** A transaction that has a claim and has waited too long. Settles all that are due. */
  overdue(): Waiting | undefined
  expiredUnincluded(): number
}

export interface HandedOnOptions {
  readonly ledger: Ledger
  readonly clock: Clock
  /** Told once for each transaction that expired without being included. */
  readonly onExpired?: (wire: Uint8Array) => void
}

interface Waiting {
  readonly wire: Uint8Array
  readonly validUntil: number
  /** By the own clock. */
  readonly since: number
}

const nameOf = (wire: Uint8Array): string => Buffer.from(sha256(wire)).toString('latin1')

export function createHandedOn({ ledger, clock, onExpired }: HandedOnOptions): HandedOn {
  const waiting = new Map<string, Waiting>()
  let expired = 0
  const now = () => Math.max(clock.now(), ledger.tip().time)

  /** True while it waits with a claim; otherwise it is forgotten, and counted when it expired with one. */
  const settle = (name: string, one: Waiting): boolean => {
    const claim = hasClaim(ledger, one, now())
    if (claim && now() <= one.validUntil) return true
    waiting.delete(name)
    if (claim) {
      expired += 1
      onExpired?.(one.wire)
    }
    return false
  }

  const overdue = (): Waiting | undefined => {
    const due = [...waiting].filter(([, { since, validUntil }]) => clock.now() - since > MAX_HANDED_ON_WAIT_MS || now() > validUntil)
    return due.filter(([name, one]) => settle(name, one))[0]?.[1]
  }

  let seen = ledger.block().index
  ledger.onBlock(({ index }) => {
    if (waiting.size > 0) for (const entry of ledger.log.entries(seen + 1, index)) waiting.delete(nameOf(entry.subarray(1)))
    seen = index
  })

  return {
    add(wire) {
      const { validUntil } = decodeTransaction(wire)
      const name = nameOf(wire)
      if (waiting.has(name)) return
      const one: Waiting = { wire, validUntil, since: clock.now() }
      // One that comes before its predecessor has no claim so far and may wait; but a flood of such must not crowd out those with one.
      const isCrowded = waiting.size >= MAX_HANDED_ON / 2
      if (waiting.size >= MAX_HANDED_ON || (isCrowded && !hasClaim(ledger, one, now()))) throw new EngineError('ENGINE_BUSY')
      waiting.set(name, one)
    },
    overdue,
    expiredUnincluded() {
      overdue()
      return expired
    },
  }
}

/** Judged at the last instant at which it could be included: what would be refused has no claim. */
function hasClaim(ledger: Ledger, { wire, validUntil }: Waiting, now: number): boolean {
  const tip = ledger.tip()
  return judgeTransaction(tip, { height: tip.height + 1, time: Math.min(now, validUntil) }, wire).accepted
}
