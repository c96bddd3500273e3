import { decodeUtf8, encodeUtf8, InputError, ledgerOrigin, parseNetworkId, parseStateProof, verifyStateProof } from '@fiducia/core'
import { decodeBlockEntry, genesisTrust, parseGenesis, parseTrust, type TrustRecord } from '@fiducia/ledger'
import { verifyCosigned } from '../cosigned.ts'
import { DEFAULT_FRESH_SECONDS, MAX_TRUST_CHAIN } from '../limits.ts'
import { formatRecord } from '../records.ts'
import { equalTrustPolicies, parseTrustPolicy, type TrustPolicy, trustPolicyOf } from '../trust-policy.ts'
import type { BundleFiles } from '../types.ts'
import { type Checklist, demand, passed } from './checklist.ts'
import { ledgerNetOf, readJson, readProof, refuseExtra } from './read.ts'

/**
 * Whom to believe. The first word comes from outside the bundle: a tlog-policy, or the genesis file of the network. Where
 * the set of witnesses has changed since, the bundle carries the records of every change; record k stands under a
 * checkpoint that the quorum of k − 1 cosigned, so trust is handed on and never taken. The trust from outside may be any of
 * them: what was cosigned before it is judged by it too, as a later record says nothing about earlier witnesses.
 */
export type TrustInput = string | Uint8Array | TrustPolicy

interface OutsideTrust {
  readonly policy: TrustPolicy
  /** Milliseconds; undefined where the input says no date. */
  readonly since: number | undefined
  readonly freshSeconds: number
  readonly what: string
}

export interface Trust {
  /** For a ledger block of this height: the last record that had been written by then; without a height the last of all. */
  policyAt(height?: number): TrustPolicy
  readonly since: number | undefined
  readonly freshSeconds: number
}

interface Step {
  readonly policy: TrustPolicy
  readonly from: number
  /** Milliseconds. */
  readonly time: number | undefined
}

/** The text of a trust file. Throws `FILE_UNREADABLE` for what is not UTF-8. */
export function readTrustText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw new InputError('FILE_UNREADABLE', 'expected a tlog-policy or a genesis file in UTF-8, found other bytes', { cause })
  }
}

/** Reads the trust from outside. Throws an `InputError` for what is neither a tlog-policy nor a genesis. */
export function readTrustInput(input: TrustInput, freshSeconds = DEFAULT_FRESH_SECONDS): OutsideTrust {
  if (typeof input === 'object' && 'logs' in input) return { policy: input, since: undefined, freshSeconds, what: 'a policy' }
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (!text.startsWith('{')) return { policy: parseTrustPolicy(text), since: undefined, freshSeconds, what: 'a tlog-policy, which says no date' }
  const genesis = parseGenesis(encodeUtf8(text))
  const policy = trustPolicyOf(genesisTrust(genesis), genesis.net)
  return { policy, since: genesis.time, freshSeconds: genesis.rules.freshSeconds, what: `the genesis of network \`${genesis.net}\`` }
}

/** The trust for this bundle, or undefined when there is none; says so in the checks `trust-root` and `trust-chain`. */
export function judgeTrust(list: Checklist, files: BundleFiles, input: TrustInput | undefined, freshSeconds?: number): Trust | undefined {
  const outside = list.run('trust-root', () => {
    demand(input !== undefined, 'nothing from outside says whom to trust: give a tlog-policy or a genesis file')
    const read = readTrustInput(input ?? '', freshSeconds)
    return passed(read, `${read.what}: ${read.policy.logs.length} log keys, ${describeQuorum(read.policy)}`)
  })
  if (outside === undefined) return undefined
  const first: Step = { policy: outside.policy, from: 0, time: outside.since }
  const steps = chainNumbers(files).length === 0 ? [first] : list.run('trust-chain', () => followChain(files, first))
  return steps === undefined ? undefined : trustOf(steps, outside)
}

const describeQuorum = ({ groups, quorum }: TrustPolicy) => (quorum === 0 ? 'no quorum' : `${quorum} of ${groups.length} groups`)

function trustOf(steps: readonly Step[], outside: OutsideTrust): Trust {
  return {
    policyAt: (height = Number.POSITIVE_INFINITY) => (steps.findLast((step) => step.from <= height) ?? steps[0])?.policy ?? outside.policy,
    since: steps.at(-1)?.time ?? outside.since,
    freshSeconds: outside.freshSeconds,
  }
}

const CHAIN_FILE = /^trust-([1-9][0-9]{0,5})\.(?:json|state\.json|leaf|tlog-proof)$/

export const isTrustFile = (name: string): boolean => CHAIN_FILE.test(name)

/** The trust that these files hand on from outside. Throws an `InputError` for a chain that does not hold. */
export function trustIn(files: BundleFiles, input: TrustInput, freshSeconds?: number): Trust {
  const outside = readTrustInput(input, freshSeconds)
  const first: Step = { policy: outside.policy, from: 0, time: outside.since }
  return trustOf(chainNumbers(files).length === 0 ? [first] : followChain(files, first).value, outside)
}

/** The k of every record that the bundle carries, ascending. */
function chainNumbers(files: BundleFiles): readonly number[] {
  const numbers = [...files.keys()].flatMap((name) => CHAIN_FILE.exec(name)?.[1] ?? []).map(Number)
  return [...new Set(numbers)].toSorted((a, b) => a - b)
}

function followChain(files: BundleFiles, first: Step): { readonly value: readonly Step[]; readonly detail: string } {
  const numbers = chainNumbers(files)
  demand(numbers.length <= MAX_TRUST_CHAIN, `expected at most ${MAX_TRUST_CHAIN} trust records, found ${numbers.length}`)
  demand(
    numbers.every((k, i) => k === (numbers[0] ?? 0) + i),
    `expected trust records without a gap, found ${numbers.join(', ')}`,
  )
  checkChainFiles(files, numbers)
  const steps: Step[] = []
  for (const k of numbers) {
    const record = readJson(files, `trust-${k}.json`, parseTrust)
    demand(record.k === k, `trust-${k}.json: expected k ${k}, found ${record.k}`)
    const before = steps.at(-1)
    steps.push(before === undefined ? { policy: trustPolicyOf(record), from: 0, time: undefined } : followStep(files, record, before))
  }
  const start = steps.findIndex(({ policy }) => equalTrustPolicies(policy, first.policy))
  demand(start >= 0, `none of the records ${numbers[0]} to ${numbers.at(-1)} is the trust from outside`)
  const detail = `records ${numbers[0]} to ${numbers.at(-1)}, each cosigned by the witnesses of the one before; record ${numbers[start]} is the trust from outside`
  return passed([first, ...steps.slice(start + 1)], detail)
}

/** Of the first record only its JSON; of every later one all four files. */
function checkChainFiles(files: BundleFiles, numbers: readonly number[]): void {
  const expected = numbers.flatMap((k, i) => (i === 0 ? ['json'] : ['json', 'state.json', 'leaf', 'tlog-proof']).map((end) => `trust-${k}.${end}`))
  const found = [...files.keys()].filter(isTrustFile)
  demand(
    found.length === expected.length && expected.every((name) => files.has(name)),
    `expected the trust files ${expected.join(' ')}, found ${found.toSorted().join(' ')}`,
  )
}

function followStep(files: BundleFiles, record: TrustRecord, before: Step): Step {
  const name = `trust-${record.k}`
  const read = readProof(files, name)
  refuseExtra(read)
  const net = ledgerNetOf(read)
  const block = decodeBlockEntry(read.entry)
  verifyStateProof(block.stateRoot, 'trust', formatRecord(record), readJson(files, `${name}.state.json`, parseStateProof))
  verifyCosigned(read.proof.note, before.policy, { origin: ledgerOrigin(parseNetworkId(net)), strict: true })
  demand(block.height >= before.from, `${name}: expected a height of ${before.from} or more, found ${block.height}`)
  return { policy: trustPolicyOf(record, net), from: block.height, time: block.time }
}
