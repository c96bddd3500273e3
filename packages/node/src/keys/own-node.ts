import type { MemberConfig } from '../config.ts'
import { type Message, textOf, type Transport } from '../peers/transport.ts'
import * as z from 'zod'
import { KeyError } from './errors.ts'

/** The organization's own running node, as its operator's commands ask it: at the address where its configuration says that it listens. */
export interface OwnNode {
  /** Throws `NODE_SILENT` where it does not answer, `KEY_REFUSED` with its words where it refuses. */
  read<T>(where: string, schema: z.ZodType<T>, message?: Message): Promise<T>
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

export function reachOwnNode({ org, listen }: MemberConfig, transport: Transport): OwnNode {
  const base = `http://${listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host}:${listen.port}`

  async function ask(where: string, message?: Message): Promise<string> {
    try {
      return textOf(await transport(`${base}${where}`, message))
    } catch (cause) {
      throw new KeyError('NODE_SILENT', `expected the node of \`${org}\` at \`${base}\` to answer: start it, then do this again`, { cause })
    }
  }

  return {
    async read(where, schema, message) {
      const json: unknown = JSON.parse(await ask(where, message))
      const failed = errorSchema.safeParse(json)
      if (failed.success) throw new KeyError('KEY_REFUSED', `the node refused: ${failed.data.error.code}, ${failed.data.error.message}`)
      return schema.parse(json)
    },
  }
}
