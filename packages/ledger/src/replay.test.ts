import { concatBytes, InputError, sha256 } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { genesisFile, openWire, setWire, START, startState, wallet } from '../test/world.ts'
import { simulate } from '../test/simulation.ts'
import { apply } from './apply.ts'
import { decodeLogEntry, encodeBlockEntry, encodeGenesisEntry, encodeTransactionEntry, readLogForm } from './log-entries.ts'
import { LogFault } from './refusals.ts'
import { LedgerReplay } from './replay.ts'
import type { Block, LedgerState } from './types.ts'

/** The log of a history, as an engine would write it. */
function logOf(blocks: Iterable<Block>): { readonly entries: readonly Uint8Array[]; readonly state: LedgerState } {
  let state = startState()
  const entries = [encodeGenesisEntry(genesisFile()), encodeBlockEntry({ height: 0, time: START, stateRoot: state.tree.root, count: 0 })]
  for (const block of blocks) {
    const result = apply(state, block)
    state = result.state
    const accepted = block.transactions.filter((_, i) => result.results[i]?.accepted)
    if (accepted.length === 0) continue
    entries.push(
      ...accepted.map(encodeTransactionEntry),
      encodeBlockEntry({ height: block.height, time: block.time, stateRoot: state.tree.root, count: accepted.length }),
    )
  }
  return { entries, state }
}

const replayOf = (entries: Iterable<Uint8Array>): LedgerReplay => {
  const replay = new LedgerReplay({ begin: (_, previous) => previous ?? startState() })
  for (const entry of entries) replay.push(entry)
  return replay
}

const faultOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof LogFault) return error.code
    throw error
  }
}

const rosa = wallet('rosa')
const small = logOf([
  { height: 1, time: START, transactions: [openWire(rosa)] },
  { height: 4, time: START + 5, transactions: [setWire(rosa, 1), setWire(rosa, 2)] },
])

describe('replaying a log', () => {
  it('reaches the state of whoever wrote it', () => {
    for (const seed of [1, 2, 3]) {
      const { entries, state } = logOf(simulate(seed, 40))
      const replay = replayOf(entries)
      expect(replay.atBlockEnd).toBe(true)
      expect(replay.state?.tree.root).toEqual(state.tree.root)
      expect(replay.state?.height).toBe(state.height)
      expect(readLogForm(entries)).toEqual(replay.position)
    }
  })

  it('goes on from where another replay stopped', () => {
    const first = replayOf(small.entries.slice(0, 4))
    const from = first.state === undefined ? undefined : { position: first.position, state: first.state }
    if (from === undefined) throw new Error('no state')
    const second = new LedgerReplay({ begin: () => undefined, from })
    for (const entry of small.entries.slice(4)) second.push(entry)
    expect(second.state?.tree.root).toEqual(small.state.tree.root)
  })

  it('goes on after a relaunch at a block end, at the height that it names', () => {
    const root = small.state.tree.root
    const relaunch = [encodeGenesisEntry(genesisFile()), encodeBlockEntry({ height: 9, time: START + 10, stateRoot: root, count: 0 })]
    const replay = replayOf([...small.entries, ...relaunch])
    expect(replay.state).toMatchObject({ height: 9, time: START + 10 })
    expect(replay.state?.tree.root).toEqual(root)
  })
})

describe('a replay stops', () => {
  const { entries } = small
  const last = entries.at(-1) ?? new Uint8Array()
  const without = entries.slice(0, -1)
  const end = (block: Partial<Parameters<typeof encodeBlockEntry>[0]>) =>
    encodeBlockEntry({ height: 4, time: START + 5, stateRoot: small.state.tree.root, count: 2, ...block })
  const cases: readonly (readonly [string, readonly Uint8Array[], string])[] = [
    ['at another state root', [...without, end({ stateRoot: sha256(last) })], 'LOG_STATE'],
    ['at another count', [...without, end({ count: 3 })], 'LOG_COUNT'],
    ['at a height that does not rise', [...without, end({ height: 1 })], 'LOG_HEIGHT'],
    ['at a time that falls', [...without, end({ time: START - 1 })], 'LOG_TIME'],
    ['at other rules', [...without, end({ appVersion: 2 })], 'LOG_APP_VERSION'],
    ['at a block that accepted nothing', [...entries, end({ height: 5, count: 0 })], 'LOG_EMPTY_BLOCK'],
    ['at a transaction that the rules refuse', [...entries, encodeTransactionEntry(openWire(rosa)), end({ height: 5, count: 1 })], 'LOG_REFUSED'],
    ['at a genesis inside a block', [...without, entries[0] ?? last], 'LOG_GENESIS'],
    ['at a beginning without genesis', [last], 'LOG_GENESIS'],
    ['at an entry of another kind', [...entries, Uint8Array.of(9)], 'LOG_ENTRY'],
    ['at a transaction right after a genesis', [entries[0] ?? last, entries[2] ?? last], 'LOG_OPENING'],
  ]
  it.each(cases)('%s', (_, changed, code) => expect(faultOf(() => replayOf(changed))).toBe(code))

  it('at a genesis that is not known', () => {
    const replay = new LedgerReplay({ begin: () => undefined })
    expect(faultOf(() => replay.push(entries[0] ?? last))).toBe('LOG_GENESIS')
  })

  it('at every changed byte of an entry', () => {
    fc.assert(
      fc.property(fc.nat(entries.length - 1), fc.nat(5_000), fc.integer({ min: 1, max: 255 }), (index, at, flip) => {
        const entry = entries[index] ?? last
        const place = at % entry.length
        if (index === 0 && place > 0) return
        const changed = entries.with(index, entry.with(place, (entry[place] ?? 0) ^ flip))
        // Time and height of a block may be others and still be in order: what then differs is the root of the log.
        const isOrder = index !== 0 && entry[0] === 2 && place >= 1 && place < 17
        if (!isOrder) expect(faultOf(() => replayOf(changed))).toBeDefined()
      }),
      { numRuns: 400 },
    )
  })
})

it('decodes nothing but entries, and throws nothing but an InputError', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.uint8Array({ minLength: 56, maxLength: 58 }).map((tail) => concatBytes(Uint8Array.of(2), tail.slice(1))),
  )
  fc.assert(
    fc.property(bytes, (entry) => {
      try {
        const decoded = decodeLogEntry(entry)
        if (decoded.kind === 'block') expect(encodeBlockEntry(decoded)).toEqual(entry)
      } catch (error) {
        expect(error).toBeInstanceOf(InputError)
      }
    }),
    { numRuns: 1_000 },
  )
})
