import type { OrganizationId } from '@fiducia/core'
import { type Answer, httpTransport, type Message, type Transport } from '@fiducia/node'

/** Coming between the nodes: a rule sees every message that one member sends to another, and may answer in the other's place. */
export type Rule = (from: OrganizationId, url: string, message: Message) => Promise<Answer | undefined>

export interface Interception {
  readonly transport: (org: OrganizationId) => Transport
  /** Runs `work` while the rule holds. */
  during<T>(rule: Rule, work: () => Promise<T>): Promise<T>
}

export function createInterception(): Interception {
  let active: Rule | undefined
  return {
    transport:
      (org) =>
      async (url, message = {}) =>
        (await active?.(org, url, message)) ?? httpTransport(url, message),
    async during(rule, work) {
      active = rule
      try {
        return await work()
      } finally {
        active = undefined
      }
    },
  }
}
