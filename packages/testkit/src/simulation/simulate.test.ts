import { existsSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { formatCheckpoint, parseCheckpoint, parseNote } from '@fiducia/core'
import type { Answer } from '@fiducia/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSimulator, type Simulator } from './simulate.ts'
import type { Planted } from './stage.ts'

/** Three seeds hold, a seed replays exactly, and a rule that is broken on purpose is found. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()
let simulator: Simulator

beforeAll(async () => {
  simulator = await openSimulator(mkdtempSync(path.join(memory, 'fiducia-simulation-')))
})
afterAll(() => simulator[Symbol.dispose]())

it.each(['7', '1961', '20260115'])('keeps every promise whatever happens (seed %s)', async (seed) => {
  const { violations, used, events } = await simulator.run(seed)
  expect(violations).toEqual([])
  expect(used).toBeGreaterThanOrEqual(2)
  expect(events).toBeGreaterThan(500)
})

it('replays a seed exactly, whatever ran before it', async () => {
  const first = await simulator.run('42', { keepAll: true })
  const other = await simulator.run('43')
  const again = await simulator.run('42', { keepAll: true })
  expect(again.trace).toEqual(first.trace)
  expect(again.digest).toBe(first.digest)
  expect(other.digest).not.toBe(first.digest)
})

const text = ({ bytes }: Answer): string => new TextDecoder().decode(bytes)
const answer = (body: string): Answer => ({ status: 200, bytes: new TextEncoder().encode(body) })

/** Says that a policy is in force, and never writes it down. */
const acknowledgesBeforeWriting: Planted = (_org, node, host) => async (request) => {
  if (!request.path.endsWith('/policy')) return host(request)
  const { keyId } = node.services.context.keys.node
  return answer(JSON.stringify({ ack: { body: {}, key: keyId, sig: 'AA' }, pending: [] }))
}

/** Forgets the entry of what it released as soon as the answer has left. */
const releasesWithoutLeaf: Planted = (_org, node, host) => async (request) => {
  const given = await host(request)
  const { context, log } = node.services
  if (request.path.startsWith('/fhir/') && given.status === 200) context.database.run('DELETE FROM leaf WHERE origin = ? AND idx = ?', log.origin, log.size - 1)
  return given
}

/** Shows one of the members another history of the ledger. */
const showsTwoRoots: Planted = (org, _node, host) => async (request) => {
  const given = await host(request)
  if (org !== 'alder' || request.path !== '/ledger/tip') return given
  const checkpoint = parseCheckpoint(parseNote(text(given)).text)
  const forged = formatCheckpoint({ ...checkpoint, root: new Uint8Array(32).fill(checkpoint.size) })
  return checkpoint.size % 3 === 0 ? answer(text(given).replace(formatCheckpoint(checkpoint), forged)) : given
}

it.each([
  ['restriction', acknowledgesBeforeWriting],
  ['leaf', releasesWithoutLeaf],
  ['two roots', showsTwoRoots],
] as const)('finds a broken rule: %s', async (rule, planted) => {
  const found = new Set<string>()
  for (let seed = 1; seed <= 20 && !found.has(rule); seed += 1) {
    const { violations } = await simulator.run(String(seed), { planted })
    for (const violation of violations) found.add(violation.rule)
  }
  expect([...found]).toContain(rule)
})
