import { describe, expect, it } from 'vitest'
import { encodeBase64Url, encodeUtf8, leafHash } from '@fiducia/core'
import { bytes, cheating, holder, logRecord, logs, noteOf, policy, SLOT } from '../../test/network.ts'
import { createHashLog, encodeLeaf, readTile, sealLeaf, verifyBundle } from '../index.ts'
import { auditAccessLog } from './access-log.ts'

/** One log as its owner serves it: what is found, and that an honest log is found to be honest. */

interface Served {
  readonly leaves: readonly Uint8Array[]
  readonly note?: string
  readonly recorded?: { readonly size: number; readonly root: string }
  readonly held?: readonly string[]
}

const TIME = SLOT * 60 + 90
const sourceOf = (leaves: readonly Uint8Array[]) => ({ key: logs[0].key, seed: logs[0].seed, hashes: createHashLog(leaves.map(leafHash)) })

async function found({ leaves, note, recorded, held = [] }: Served) {
  const source = sourceOf(leaves)
  const served = note ?? noteOf(source, { time: TIME })
  const { findings } = await auditAccessLog({
    opened: { ...logRecord(source), ...recorded, origin: source.key.name, k: 1 } as never,
    get: async (path) => {
      if (path === '/log/1/checkpoint') return encodeUtf8(served)
      return readTile(path.replace('/log/1/tile/', ''), source.hashes, (from, to) => leaves.slice(from, to))
    },
    trust: policy,
    notes: held.map((text) => ({ by: 'gamma', text })),
  })
  return findings
}

const codes = async (served: Served) => (await found(served)).map(({ code }) => code)
const [honest] = logs
const entry = (tag: string, slot = SLOT) => encodeLeaf({ kind: 'entry', slot, tag: bytes(tag), com: bytes(`com ${tag}`) })

describe('an honest log', () => {
  it('is found to be one, whoever holds which of its notes', async () => {
    const held = [1, 3, 16].map((size) => noteOf(honest, { time: 0, by: [], size }))
    expect(await codes({ leaves: honest.leaves, held: [...held, 'no note', noteOf(logs[1], { time: 0, by: [] })] })).toEqual([])
  })

  it('is not accused by a note that somebody else signed', async () => {
    const forged = noteOf({ ...cheating, seed: 'log beta 1' }, { time: 0, by: [] })
    expect(await codes({ leaves: honest.leaves, held: [forged] })).toEqual([])
  })
})

describe('a log that breaks a rule', () => {
  const twins = [entry('a'), entry('b'), entry('c'), entry('b'), entry('d')]

  it.each<[string, Served, readonly string[]]>([
    ['no leaf', { leaves: [new Uint8Array(72)] }, ['LOG_INVALID']],
    ['a slot that falls', { leaves: [entry('a', SLOT + 2), entry('b')] }, ['LOG_INVALID']],
    ['a seal of another tag map', { leaves: [...honest.leaves.slice(0, 15), encodeLeaf(sealLeaf(SLOT + 1, bytes('other map'), 15))] }, ['LOG_INVALID']],
    ['one tag twice', { leaves: twins }, ['TAG_TWICE']],
    ['too few cosignatures', { leaves: honest.leaves, note: noteOf(honest, { time: TIME, by: ['gamma'] }) }, ['LOG_NOT_COSIGNED']],
    ['other entries than it signed', { leaves: honest.leaves, note: noteOf(cheating, { time: TIME }) }, ['LOG_ROOT']],
    ['fewer entries than the ledger knows', { leaves: honest.leaves, recorded: { ...logRecord(honest), size: 32 } }, ['LOG_BEHIND']],
    ['another root than the ledger knows', { leaves: honest.leaves, recorded: logRecord(cheating) }, ['LOG_FORK']],
    ['a note to one reader', { leaves: honest.leaves, held: [noteOf(cheating, { time: 0, by: [], size: 4 })] }, ['LOG_FORK']],
    ['no signature of its own', { leaves: honest.leaves, note: 'nothing\n' }, ['LOG_WITHHELD']],
  ])('%s', async (_, served, expected) => {
    expect(await codes(served)).toEqual(expected)
  })

  it('leaves proofs that anybody can check', async () => {
    const [twin] = await found({ leaves: twins })
    expect(twin?.at).toBe(`${honest.key.name} 3`)
    expect(verifyBundle(twin?.proof ?? new Map(), policy)).toMatchObject({ valid: true, facts: { fraud: 'twin-tags', culprit: holder } })
    const forks = await found({ leaves: honest.leaves, held: [noteOf(cheating, { time: TIME })] })
    const culprits = forks.map(({ proof }) => verifyBundle(proof ?? new Map(), policy)).map(({ valid, facts }) => [valid, facts['culprit']])
    expect(culprits).toEqual(['test/log/alpha/1', 'test/witness/alpha', 'test/witness/delta', 'test/witness/gamma'].map((name) => [true, name]))
    expect(encodeBase64Url(honest.hashes.root())).not.toBe(encodeBase64Url(cheating.hashes.root()))
  })
})
