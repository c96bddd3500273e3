import type { Random } from '../people/random.ts'

/**
 * What the seed has in store. Each kind of fault is absent in some runs and frequent in others: bugs hide where one kind is
 * frequent and another does not get in its way, and a little of everything all the time finds less.
 */
export interface Weather {
  /** How long faults go on, milliseconds. */
  readonly lastsMs: number
  /** Of one message, each 0 to 1. */
  readonly message: MessageWeather
  /** Of one durable step at a disk. */
  readonly disk: { readonly refused: number; readonly ended: number }
  /** Mean milliseconds between two of a kind; 0: none. */
  readonly every: {
    readonly crash: number
    readonly partition: number
    readonly clockStep: number
    readonly ask: number
    readonly policy: number
  }
  /** The largest step of a clock, milliseconds. */
  readonly clockStepMs: number
  /** Milliseconds too many for each that passes, at most. */
  readonly drift: number
  /** A member whose folder is put back from a copy, and how much of it. */
  readonly restore: 'nothing' | 'database' | 'everything'
  /** Milliseconds between the rounds of each member's jobs. */
  readonly jobsEveryMs: number
}

export interface MessageWeather {
  readonly requestLost: number
  readonly answerLost: number
  readonly slow: number
  readonly duplicated: number
  readonly outdated: number
  /** Of a request to a silo. */
  readonly siloFails: number
}

export const CALM: MessageWeather = { requestLost: 0, answerLost: 0, slow: 0, duplicated: 0, outdated: 0, siloFails: 0 }

/** Absent in half of the runs, else anything up to `most`. */
const sometimes = (dice: Random, most: number): number => (dice.chance(0.5) ? 0 : dice.next() * most)

/** Absent in `absent` of the runs, else a mean between the two. */
const interval = (dice: Random, absent: number, fromMs: number, toMs: number): number => (dice.chance(absent) ? 0 : dice.integer(fromMs, toMs))

export function createWeather(dice: Random): Weather {
  const isWild = dice.chance(0.1)
  return {
    lastsMs: dice.integer(20_000, 70_000),
    message: {
      requestLost: sometimes(dice, 0.2),
      answerLost: sometimes(dice, 0.2),
      slow: sometimes(dice, 0.4),
      duplicated: sometimes(dice, 0.2),
      outdated: sometimes(dice, 0.2),
      siloFails: sometimes(dice, 0.2),
    },
    disk: { refused: sometimes(dice, 0.02), ended: sometimes(dice, 0.02) },
    every: {
      crash: interval(dice, 0.4, 5_000, 40_000),
      partition: interval(dice, 0.4, 5_000, 40_000),
      clockStep: interval(dice, 0.5, 5_000, 40_000),
      ask: dice.integer(700, 5_000),
      policy: interval(dice, 0.1, 2_000, 15_000),
    },
    clockStepMs: isWild ? 600_000 : 50_000,
    drift: sometimes(dice, 0.05),
    restore: dice.chance(0.75) ? 'nothing' : dice.chance(0.5) ? 'database' : 'everything',
    jobsEveryMs: dice.integer(3_000, 9_000),
  }
}

/** How often each kind of fault met each kind of step. */
export interface Coverage {
  count(fault: string, step: string): void
  readonly table: ReadonlyMap<string, ReadonlyMap<string, number>>
}

export function createCoverage(): Coverage {
  const table = new Map<string, Map<string, number>>()
  return {
    table,
    count(fault, step) {
      const row = table.get(fault) ?? new Map<string, number>()
      row.set(step, (row.get(step) ?? 0) + 1)
      table.set(fault, row)
    },
  }
}
