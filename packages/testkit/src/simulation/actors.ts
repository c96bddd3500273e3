import type { OrganizationId } from '@fiducia/core'
import { NodeFailure } from '@fiducia/node'
import { CLOSED, HOLDERS, OPEN, REQUESTER, ROLE } from './cast.ts'
import type { Stage } from './stage.ts'
import type { Weather } from './weather.ts'

export interface Actors {
  /** Nobody begins anything new. */
  end(): void
  /** No question of the doctor is under way. */
  readonly isIdle: boolean
}

/** The patient and the doctor, each at several things at once. */
export function beginActing(stage: Stage, weather: Weather): Actors {
  const { world, wallet, coverage } = stage
  const dice = stage.dice.fork('actors')
  let isOver = false
  let underWay = 0
  const question = async (org: OrganizationId): Promise<void> => {
    underWay += 1
    await ask(stage, org)
    underWay -= 1
  }
  const again = (meanMs: number, work: () => void): void => {
    if (meanMs === 0) return
    world.after(2 * meanMs * dice.next(), () => {
      if (isOver) return
      work()
      again(meanMs, work)
    })
  }
  again(weather.every.ask, () => void question(dice.pick(HOLDERS)))
  again(weather.every.policy, () => {
    const org = dice.pick(HOLDERS)
    const policy = dice.chance(0.5) ? CLOSED : OPEN
    coverage.count('wish', policy === CLOSED ? 'restrict' : 'permit')
    wallet.wish(org, policy)
    void wallet.round(org)
    // At the moment of a restriction somebody asks: before, while and after it takes effect.
    if (dice.chance(0.5)) for (let i = dice.integer(1, 3); i > 0; i -= 1) world.after(dice.next() * 200, () => void question(org))
  })
  // A wallet goes on until all stands, also after the faults.
  const rounds = (): void =>
    void world.after(dice.integer(1_000, 5_000), () => {
      for (const org of HOLDERS) void wallet.round(org)
      rounds()
    })
  rounds()
  return {
    end() {
      isOver = true
    },
    get isIdle() {
      return underWay === 0
    },
  }
}

/** Refusals and failures that have a name: they deny, which is always safe. */
const EXPECTED = /^(?:PEER_FAILED|RECEIPT_REFUSED|LOG_FROZEN|CLOCK_OFF|STORE_FAILED|OVERLOADED)$/

/** Birch's doctor asks; what comes is used. Gives the status, undefined where nothing came that may be used. */
export async function ask({ machine, judge, links, world, coverage }: Stage, holder: OrganizationId): Promise<number | undefined> {
  const node = machine(REQUESTER).node
  if (node === undefined) return undefined
  const practitioner = { identifier: ROLE.opening.practitioner, role: ROLE, acr: 'urn:fiducia:acr:two-factor', authTime: 1_768_467_600 }
  const interaction = { kind: 'search' as const, type: 'Condition', parameters: [] }
  try {
    const answer = await node.services.exchange.ask({ holder, link: links.get(holder), practitioner, purpose: 'TREAT', interaction })
    world.trace.note(`used: ${holder} ${answer.status}`)
    coverage.count('asked', String(answer.status))
    if (answer.receipt !== undefined) judge.used(holder, answer.receipt)
    return answer.status
  } catch (error) {
    const code = error instanceof NodeFailure ? error.code : undefined
    world.trace.note(`not used: ${holder} ${code ?? String(error)}`)
    coverage.count('asked', code ?? 'error')
    const isEnded = machine(REQUESTER).node !== node
    if (!isEnded && (code === undefined || !EXPECTED.test(code)))
      judge.accuse('error', `a question ended with ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return undefined
  }
}
