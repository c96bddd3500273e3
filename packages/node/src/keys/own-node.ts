import type { MemberConfig } from '../config.ts'
import { NODE_FAILURES, NodeFailure, type NodeFailureCode } from '../failures.ts'
import { type Message, textOf, type Transport } from '../peers/transport.ts'
import * as z from 'zod'
import { KeyError } from './errors.ts'

/** The organization's own running node, as its operator's commands ask it: at the address where its configuration says that it listens. */
export interface OwnNode {
  /** Throws `NODE_SILENT` where it does not answer, `KEY_REFUSED` with its words where it refuses. */
  read<T>(where: string, schema: z.ZodType<T>, message?: Message): Promise<T>
  /** The same, but throws a refusal as the `NodeFailure` that it is. */
  ask<T>(where: string, schema: z.ZodType<T>, message?: Message): Promise<T>
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

interface Refusal {
  readonly code: string
  readonly message: string
}

const asKeyError = ({ code, message }: Refusal): Error => new KeyError('KEY_REFUSED', `the node refused: ${code}, ${message}`)

const isFailureCode = (code: string): code is NodeFailureCode => Object.hasOwn(NODE_FAILURES, code)

const asItIs = (refusal: Refusal): Error => (isFailureCode(refusal.code) ? new NodeFailure(refusal.code, refusal.message) : asKeyError(refusal))

export function reachOwnNode({ org, listen }: MemberConfig, transport: Transport): OwnNode {
  const base = `http://${listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host}:${listen.port}`

  async function textFrom(where: string, message?: Message): Promise<string> {
    try {
      return textOf(await transport(`${base}${where}`, message))
    } catch (cause) {
      throw new KeyError('NODE_SILENT', `expected the node of \`${org}\` at \`${base}\` to answer: start it, then do this again`, { cause })
    }
  }

  async function answerFrom<T>(where: string, { schema, message }: Asked<T>, errorOf: (refusal: Refusal) => Error): Promise<T> {
    const json: unknown = JSON.parse(await textFrom(where, message))
    const failed = errorSchema.safeParse(json)
    if (failed.success) throw errorOf(failed.data.error)
    return schema.parse(json)
  }

  return {
    read: (where, schema, message) => answerFrom(where, { schema, message }, asKeyError),
    ask: (where, schema, message) => answerFrom(where, { schema, message }, asItIs),
  }
}

interface Asked<T> {
  readonly schema: z.ZodType<T>
  readonly message: Message | undefined
}
