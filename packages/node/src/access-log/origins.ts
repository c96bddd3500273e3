import { accessLogOrigin } from '@fiducia/core'
import { accessLog, keyRecord } from '@fiducia/ledger'
import { registerKey } from '../keys/changes.ts'
import type { NodeContext } from '../node-context.ts'
import { transact } from '../transact.ts'
import type { OwnLogs } from './own-logs.ts'

/**
 * The log that is written stands on the ledger, and one standby behind it, so that a restored log can go on with the ledger
 * away (PROTOCOL section 4). Once a standby has taken over there is a next one, under a key that is registered for it.
 */
export async function openOrigins(context: NodeContext, logs: OwnLogs): Promise<void> {
  for (let k = 1; k <= logs.log.k; k += 1) await openOrigin(context, k)
  try {
    await openOrigin(context, logs.log.k + 1)
  } catch (error) {
    // With the ledger away the log goes on all the same; the next round tries again.
    context.logger.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'the standby of the access log could not be opened so far')
  }
  logs.goOn()
}

async function openOrigin(context: NodeContext, k: number): Promise<void> {
  const origin = accessLogOrigin(context.net, context.org, k)
  if (accessLog(context.ledger.tip(), origin) !== undefined) return
  const signer = context.keys.log(k)
  if (signer === undefined) {
    context.logger.warn({ origin }, 'no key for the next access log: put one into the agent and register it with `fiducia keys add --role log`')
    return
  }
  if (keyRecord(context.ledger.tip(), signer.keyId) === undefined) await registerKey(context, 'log', signer)
  const { result } = await transact(context, 'access.open', { origin, key: signer.keyId, ...(k === 1 ? {} : { standby: true }) })
  if (!result.accepted && result.code !== 'ACCESS_EXISTS') context.logger.warn({ origin, code: result.code }, 'the ledger refused to open an access log')
}
