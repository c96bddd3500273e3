import type { OrganizationId } from '@fiducia/core'
import type { DiskRule, DiskStep } from './disk.ts'
import { FAITHFUL } from './disk.ts'
import { ALDER } from '../network/plan.ts'
import type { Machine } from './member.ts'
import { MEMBERS } from './cast.ts'
import type { Stage } from './stage.ts'
import { CALM, type Weather } from './weather.ts'

/** The faults of one run: begun as the weather says, ended all at once. */
export interface Faults {
  /** All that was broken works again, clocks are right, what does not run or is in doubt is started again. */
  end(): Promise<void>
}

const [RESTART_FROM_MS, RESTART_TO_MS] = [500, 15_000]
const [CUT_FROM_MS, CUT_TO_MS] = [1_000, 40_000]

export function beginFaults(stage: Stage, weather: Weather): Faults {
  const { world, network, disk, coverage } = stage
  const dice = stage.dice.fork('faults')
  let isOver = false

  /** Again and again, at random times around a mean. */
  function every(meanMs: number, work: () => void): void {
    if (meanMs === 0) return
    world.after(2 * meanMs * dice.next(), () => {
      if (isOver) return
      work()
      every(meanMs, work)
    })
  }

  const startLater = (machine: Machine): void =>
    void world.after(dice.integer(RESTART_FROM_MS, RESTART_TO_MS), () => {
      world.holdFor(machine.start())
    })

  const pick = (): Machine => stage.machine(dice.pick(MEMBERS))

  function crash(): void {
    const machine = pick()
    coverage.count('crash', machine.node === undefined ? 'while down' : 'while running')
    machine.crash('crash')
    startLater(machine)
  }

  function cut(): void {
    if (network.isCut) return
    const side = new Set<string>(MEMBERS.filter(() => dice.chance(0.5)))
    if (dice.chance(0.2)) side.add('wallet')
    coverage.count('partition', `${Math.min(side.size, MEMBERS.length - side.size)} of ${MEMBERS.length}`)
    world.trace.note(`cut off: ${[...side].join(' ')}`)
    network.cut(side)
    world.after(dice.integer(CUT_FROM_MS, CUT_TO_MS), () => {
      network.heal()
      world.trace.note('no longer cut')
    })
  }

  function stepClock(): void {
    const machine = pick()
    const step = Math.floor((2 * dice.next() - 1) * weather.clockStepMs) - Math.floor(machine.clock.now() - world.now())
    coverage.count('clock step', step < 0 ? 'back' : 'forward')
    world.trace.note(`the clock of ${machine.org} steps by ${step} ms`)
    machine.clock.step(step)
  }

  function restoreOnce(): void {
    if (weather.restore === 'nothing') return
    const machine = pick()
    // The ledger itself is not put back from a copy: its operator would sign a second history.
    const what = machine.org === ALDER.org ? 'database' : weather.restore
    const kept = dice.next() * weather.lastsMs * 0.7
    world.after(kept, () => {
      if (machine.node !== undefined) machine.backUp()
    })
    world.after(kept + dice.next() * weather.lastsMs * 0.3, () => {
      if (isOver || !machine.restore(what)) return
      coverage.count('restored', what)
      startLater(machine)
    })
  }

  for (const org of MEMBERS) stage.machine(org).clock.drift((2 * dice.next() - 1) * weather.drift)
  network.weather = weather.message
  disk.rule = faultyDisk(stage, weather, startLater)
  every(weather.every.crash, crash)
  every(weather.every.partition, cut)
  every(weather.every.clockStep, stepClock)
  restoreOnce()
  return {
    async end() {
      isOver = true
      disk.rule = FAITHFUL
      network.weather = CALM
      network.heal()
      for (const org of MEMBERS) await makeWell(stage, stage.machine(org))
    },
  }
}

async function makeWell({ world }: Stage, machine: Machine): Promise<void> {
  machine.clock.correct()
  if (machine.tainted) machine.crash('its disk failed before')
  await machine.start()
  await world.until(() => true, 0)
}

/** Each durable step of a member is refused, or the last one of its process, as often as the weather says. */
function faultyDisk(stage: Stage, { disk }: Weather, startLater: (machine: Machine) => void): DiskRule {
  const dice = stage.dice.fork('disk')
  const ownerOf = ({ file }: DiskStep): Machine | undefined =>
    MEMBERS.map((org: OrganizationId) => stage.machine(org)).find(({ folder }) => file.startsWith(`${folder}/`))
  return {
    judge(step) {
      const owner = ownerOf(step)
      if (owner === undefined || step.what.startsWith('other')) return 'do'
      if (dice.chance(disk.refused)) {
        stage.coverage.count('disk refuses', step.what)
        stage.world.trace.note(`the disk of ${owner.org} refuses: ${step.what}`)
        owner.tainted = true
        // Somebody looks at it sooner or later.
        stage.world.after(dice.integer(5_000, 30_000), () => {
          if (!owner.tainted) return
          owner.crash('started again after a disk error')
          startLater(owner)
        })
        return 'refuse'
      }
      if (!dice.chance(disk.ended)) return 'do'
      const verdict = dice.chance(0.5) ? 'end before' : 'end after'
      stage.coverage.count(verdict, step.what)
      return verdict
    },
    end(step) {
      const owner = ownerOf(step)
      owner?.crash(`at a durable step: ${step.what}`)
      if (owner !== undefined) startLater(owner)
    },
  }
}
