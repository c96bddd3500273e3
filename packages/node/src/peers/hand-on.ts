import type { Inclusion } from '@fiducia/engine'
import { decodeTransaction, members, type TransactionResult } from '@fiducia/ledger'
import type { OrganizationId } from '@fiducia/core'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'
import type { NodeContext } from '../node-context.ts'
import { textOf } from './transport.ts'

/**
 * The way of a transaction: whoever takes it in hands it to every other member at once, so that each of them notices when
 * the operator leaves it out (PROTOCOL section 2); the operator's answer, once durable, goes back to the sender.
 */
export interface HandOn {
  take(wire: Uint8Array, wasHandedOn: boolean): Promise<Inclusion>
  /** How many that this member passed on expired, valid, and were never included: what an operator dropped for good. */
  expiredUnincluded(): number
}

export interface HandOnPorts {
  /** Present at the operator: orders the transaction. */
  readonly order: ((wire: Uint8Array) => Promise<Inclusion>) | undefined
  /** Remembers that this member passed the transaction on. */
  readonly remember: (wire: Uint8Array) => void
  readonly expiredUnincluded: () => number
  readonly operator: OrganizationId
  /** Brings the own replica up to the block that the operator answered with. */
  readonly catchUp: () => Promise<void>
}

const answerSchema = z.object({
  height: z.int().min(0),
  accepted: z.boolean(),
  id: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
})

export function createHandOn(context: Omit<NodeContext, 'submit'>, ports: HandOnPorts): HandOn {
  const { ledger, transport } = context

  async function post(endpoint: string, wire: Uint8Array): Promise<z.infer<typeof answerSchema>> {
    const answer = await transport(`${endpoint}/ledger/transactions`, {
      method: 'POST',
      body: wire,
      headers: { 'content-type': 'application/octet-stream', 'fiducia-handed-on': '1' },
    })
    if (answer.status !== 200)
      throw new NodeFailure('PEER_FAILED', `expected status 200 for a transaction, found ${answer.status}: ${textOf(answer).slice(0, 200)}`)
    return answerSchema.parse(JSON.parse(textOf(answer)))
  }

  /** What the operator said, as the ledger's own types; believed only as far as the replica shows it. */
  async function askOperator(wire: Uint8Array): Promise<Inclusion> {
    const operator = members(ledger.tip()).find(({ org }) => org === ports.operator)
    if (operator === undefined) throw new NodeFailure('PEER_FAILED', 'the operator is no member')
    const { height, accepted, code, message } = await post(operator.endpoint, wire)
    await ports.catchUp()
    const { id, type } = decodeTransaction(wire)
    const result: TransactionResult = accepted
      ? { accepted: true, id, type, changed: [] }
      : { accepted: false, code: code ?? 'REFUSED', message: message ?? 'refused' }
    return { height, result }
  }

  return {
    expiredUnincluded: ports.expiredUnincluded,
    async take(wire, wasHandedOn) {
      decodeTransaction(wire)
      ports.remember(wire)
      if (ports.order !== undefined) return handOnAnd(() => ports.order?.(wire))
      if (wasHandedOn) return { height: ledger.tip().height, result: { accepted: false, code: 'HANDED_ON', message: 'noted; the operator orders it' } }
      return handOnAnd(() => askOperator(wire))

      async function handOnAnd(order: () => Promise<Inclusion> | undefined): Promise<Inclusion> {
        if (!wasHandedOn) tellOthers(wire)
        const inclusion = await order()
        if (inclusion === undefined) throw new NodeFailure('PEER_FAILED', 'nobody orders transactions here')
        return inclusion
      }
    },
  }

  /** Best effort: a member that does not answer simply has not passed it on. */
  function tellOthers(wire: Uint8Array): void {
    for (const { org, endpoint } of members(ledger.tip())) {
      if (org !== context.org && org !== ports.operator)
        void post(endpoint, wire).catch(() => context.logger.debug({ org }, 'a member did not take a transaction on'))
    }
  }
}
