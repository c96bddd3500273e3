import { createHash } from 'node:crypto'
import { type Answer, type Message, NodeFailure, type Transport } from '@fiducia/node'
import type { Random } from '../people/random.ts'
import { CALM, type Coverage, type MessageWeather } from './weather.ts'
import type { World } from './world.ts'

/**
 * The virtual network: every message between members, wallet and silos. A request and its answer are two journeys, each of
 * which may be slow (and so be overtaken), lost or cut by a partition; a request may arrive twice, and a question may be
 * answered with what was true before. Who waits gives up after ten seconds, as over HTTP, and never learns which of all that
 * it was.
 */
export interface VirtualNetwork {
  /** The faults of the moment. */
  weather: MessageWeather
  /** Messages between the two sides are lost until it is healed. */
  cut(side: ReadonlySet<string>): void
  heal(): void
  readonly isCut: boolean
  /** Who answers under a name; undefined: nobody, connections are refused. */
  host(name: string, answer: Host | undefined): void
  /** How `from` reaches the others; what comes back after its end is not heard. */
  transport(from: string, isAlive: () => boolean): Transport
}

export type Host = (message: Request) => Promise<Answer>

export interface Request extends Message {
  readonly path: string
}

/** Sees each request when it arrives, and its answer when it leaves, whatever becomes of the two. */
export type Witnessed = (at: { readonly from: string; readonly to: string; readonly request: Request; readonly answer: Answer | undefined }) => void

export interface NetworkPorts {
  readonly world: World
  readonly dice: Random
  readonly coverage: Coverage
  readonly witnessed: Witnessed
}

const TIMEOUT_MS = 10_000
const [FASTEST_MS, SLOWEST_MS] = [1, 14_000]

export const endpointOf = (name: string): string => `http://${name}.simulated`
const hostOf = (url: string): string => new URL(url).hostname.replace('.simulated', '')

/** The kind of a message, by which faults are counted. */
function kindOf(to: string, path: string): string {
  if (to.startsWith('silo-')) return 'silo'
  const [, first = '', second = '', , , fifth = ''] = path.split(/[/?]/)
  if (first === 'ledger') return `ledger ${second}`
  if (first === 'witness') return second === 'log' ? 'mirrored tile' : `witness ${second}`
  if (first === 'log') return 'access log'
  if (first === 'relationships') return path.endsWith('/policy') ? 'policy' : 'wallet'
  return first === 'fhir' || first === 'links' ? first : `other ${fifth}`
}

const digestOf = (bytes: string | Uint8Array | undefined): string => (bytes === undefined ? '-' : createHash('sha256').update(bytes).digest('hex').slice(0, 8))

export function createVirtualNetwork({ world, dice, coverage, witnessed }: NetworkPorts): VirtualNetwork {
  const hosts = new Map<string, Host>()
  const before = new Map<string, Answer>()
  let side: ReadonlySet<string> | undefined
  let weather: MessageWeather = CALM
  let count = 0

  const isBetweenSides = (from: string, to: string): boolean => side !== undefined && side.has(sideOf(from)) !== side.has(sideOf(to))

  function delayOf(kind: string): number {
    if (!dice.chance(weather.slow)) return FASTEST_MS + dice.next() * 40
    coverage.count('slow', kind)
    return FASTEST_MS * (SLOWEST_MS / FASTEST_MS) ** dice.next()
  }

  /** What the host answers, or undefined when nobody is there. */
  async function arrive(from: string, to: string, request: Request): Promise<Answer | undefined> {
    const host = hosts.get(to)
    witnessed({ from, to, request, answer: undefined })
    const answer = await host?.(request)
    if (answer !== undefined && hosts.get(to) === host) witnessed({ from, to, request, answer })
    return hosts.get(to) === host ? answer : undefined
  }

  function send(from: string, url: string, message: Message, isAlive: () => boolean): Promise<Answer> {
    const to = hostOf(url)
    const request: Request = { ...message, path: url.slice(endpointOf(to).length) }
    const kind = kindOf(to, request.path)
    const id = ++count
    const isQuestion = (message.method ?? 'GET') === 'GET'
    world.trace.note(`#${id} ${from} > ${to} ${message.method ?? 'GET'} ${request.path.slice(0, 60)} ${digestOf(message.body)}`)
    return new Promise<Answer>((resolve, reject) => {
      const giveUp = world.after(TIMEOUT_MS, () => end(() => reject(failed(to)), 'no answer'))
      const end = (settle: () => void, how: string) => {
        giveUp()
        world.trace.note(`#${id} ${from} < ${to} ${how}`)
        if (isAlive()) settle()
      }
      const journeyBack = (answer: Answer | undefined) => {
        if (answer === undefined) return world.after(FASTEST_MS, () => end(() => reject(failed(to)), 'refused'))
        if (isLost(from, to, kind, 'answer')) return
        const shown = outdated(kind, url, answer, isQuestion)
        world.after(from === to ? 0 : delayOf(kind), () => end(() => resolve(shown), `${shown.status} ${digestOf(shown.bytes)}`))
      }
      if (isLost(from, to, kind, 'request')) return
      const travel = from === to ? 0 : delayOf(kind)
      world.after(travel, () => void arrive(from, to, request).then(journeyBack, reject))
      if (from !== to && dice.chance(weather.duplicated)) {
        coverage.count('duplicated', kind)
        world.after(travel + delayOf(kind), () => void arrive(from, to, request).catch(() => undefined))
      }
    })
  }

  function isLost(from: string, to: string, kind: string, what: 'request' | 'answer'): boolean {
    if (from === to) return false
    const why = isBetweenSides(from, to) ? 'partition' : dice.chance(what === 'request' ? weather.requestLost : weather.answerLost) ? `${what} lost` : undefined
    if (why !== undefined) coverage.count(why, kind)
    return why !== undefined
  }

  /** Sometimes what the same question was answered with before. */
  function outdated(kind: string, url: string, answer: Answer, isQuestion: boolean): Answer {
    const old = before.get(url)
    if (isQuestion) before.set(url, answer)
    if (old === undefined || !isQuestion || !dice.chance(weather.outdated)) return answer
    coverage.count('outdated', kind)
    return old
  }

  return {
    get weather() {
      return weather
    },
    set weather(next) {
      weather = next
    },
    cut(next) {
      side = next
    },
    heal() {
      side = undefined
    },
    get isCut() {
      return side !== undefined
    },
    host(name, answer) {
      if (answer === undefined) hosts.delete(name)
      else hosts.set(name, answer)
    },
    transport:
      (from, isAlive) =>
      (url, message = {}) =>
        send(from, url, message, isAlive),
  }
}

/** A silo stands beside its organization's node. */
const sideOf = (name: string): string => name.replace(/^silo-/, '')

const failed = (to: string): NodeFailure => new NodeFailure('PEER_FAILED', `\`${to}\` did not answer`)
