import { setTimeout } from 'node:timers/promises'
import { InputError, isSignatureBy, ledgerOrigin, type OrganizationId, parseNote, parseOrganizationId, verifyCosignature, witnessName } from '@fiducia/core'
import { type Genesis, genesisTrust } from '@fiducia/ledger'
import {
  bundleOf,
  type CosignedCheckpoint,
  freshWindow,
  trustFiles,
  trustIn,
  type TrustPolicy,
  trustPolicyOf,
  type TrustStep,
  verifyCosigned,
} from '@fiducia/proofs'
import { readSteps } from '../evidence/trust-chain.ts'
import * as z from 'zod'
import { textOf, type Transport } from '../peers/transport.ts'

/**
 * How a network is: what its members say over HTTP, and what their cosignatures show: a member witnesses when its own
 * cosignature stands on the newest checkpoint that a quorum cosigned, and is fresh.
 */
export interface NetworkStatus {
  /** Every member answers, none is behind, and none has another app hash at a height. */
  readonly ok: boolean
  readonly engine: 'embedded'
  readonly net: string
  /** The greatest height, and its app hash; null when nobody answers. */
  readonly height: number | null
  readonly appHash: string | null
  readonly members: readonly MemberStatus[]
}

export interface MemberStatus {
  readonly name: OrganizationId
  readonly height: number | null
  readonly appHash: string | null
  readonly witnessing: boolean
  readonly reachable: boolean
  /** What is wrong, null when nothing is. */
  readonly problem: string | null
}

export interface StatusPorts {
  readonly genesis: Genesis
  readonly transport: Transport
  /** Milliseconds. */
  readonly now: () => number
}

/** A member that is a block behind may be about to fetch it: it is asked again this often, in all about three rounds of its jobs. */
const LOOKS = 4
const BETWEEN_LOOKS_MS = 1_000

export async function networkStatus(ports: StatusPorts): Promise<NetworkStatus> {
  for (let look = 1; ; look += 1) {
    const orgs = Object.keys(ports.genesis.members).map((org) => parseOrganizationId(org))
    const answers = await Promise.all(orgs.map((org) => askMember(ports, org)))
    const status = judgeStatus(ports.genesis, answers, ports.now())
    const onlyLate = status.members.every(({ problem }) => problem === null || problem.startsWith(BEHIND)) && !status.ok
    if (!onlyLate || look === LOOKS) return status
    await setTimeout(BETWEEN_LOOKS_MS)
  }
}

export interface MemberAnswer {
  readonly org: OrganizationId
  /** Undefined for a member that does not answer, or belongs to another network. */
  readonly at: { readonly height: number; readonly appHash: string } | undefined
  readonly problem: string | undefined
  /** The newest cosigned checkpoint, with every cosignature that the member has. */
  readonly note: string | undefined
  /** How trust was handed on since the genesis, as the member shows it. */
  readonly steps?: readonly TrustStep[]
}

const statusSchema = z.object({ net: z.string(), org: z.string(), height: z.int(), appHash: z.string() })

async function askMember({ genesis, transport }: StatusPorts, org: OrganizationId): Promise<MemberAnswer> {
  const endpoint = genesis.members[org]?.endpoint ?? ''
  const nothing = { org, at: undefined, note: undefined }
  try {
    const answer = await transport(`${endpoint}/ledger/status`)
    if (answer.status !== 200) return { ...nothing, problem: `expected status 200 from \`${endpoint}\`, found ${answer.status}` }
    const { net, org: found, height, appHash } = statusSchema.parse(JSON.parse(textOf(answer)))
    if (net !== genesis.net || found !== org)
      return { ...nothing, problem: `expected \`${org}\` of network \`${genesis.net}\` at \`${endpoint}\`, found \`${found}\` of \`${net}\`` }
    const cosigned = await transport(`${endpoint}/ledger/cosigned`)
    const trust = await transport(`${endpoint}/ledger/trust`)
    const steps = trust.status === 200 ? readSteps(textOf(trust)) : []
    return { org, at: { height, appHash }, problem: undefined, note: cosigned.status === 200 ? textOf(cosigned) : undefined, steps }
  } catch (error) {
    const isAnswer = error instanceof SyntaxError || error instanceof z.ZodError
    return {
      ...nothing,
      problem: isAnswer ? `expected a node at \`${endpoint}\`, found another answer` : `expected an answer from \`${endpoint}\`, found none`,
    }
  }
}

const BEHIND = 'behind'

/** `now`: milliseconds. */
export function judgeStatus(genesis: Genesis, answers: readonly MemberAnswer[], now: number): NetworkStatus {
  const heights = answers.flatMap(({ at }) => (at === undefined ? [] : [at.height]))
  const height = heights.length === 0 ? null : Math.max(...heights)
  const hashAt = (at: number) =>
    answers.find((one) => one.org === genesis.operator && one.at?.height === at)?.at ?? answers.find((one) => one.at?.height === at)?.at
  const witnessing = witnessesOf(genesis, answers, now)
  const members = answers.map(({ org, at, problem }): MemberStatus => {
    const member = { name: org, height: at?.height ?? null, appHash: at?.appHash ?? null, witnessing: witnessing.has(org), reachable: at !== undefined }
    if (at === undefined || height === null) return { ...member, problem: problem ?? 'expected an answer, found none' }
    const other = hashAt(at.height)?.appHash
    if (other !== at.appHash) return { ...member, problem: `another app hash than that of the others at height ${at.height}: expected \`${other}\`` }
    return { ...member, problem: at.height < height ? `${BEHIND}: at height ${at.height}, the network is at ${height}` : null }
  })
  const appHash = height === null ? null : (hashAt(height)?.appHash ?? null)
  return { ok: members.every(({ problem }) => problem === null), engine: 'embedded', net: genesis.net, height, appHash, members }
}

/** Whose cosignature on the newest checkpoint is fresh. Members may hold it with different lines: all of them count. */
function witnessesOf(genesis: Genesis, answers: readonly MemberAnswer[], now: number): ReadonlySet<OrganizationId> {
  const policy = newestPolicy(genesis, answers)
  const notes = answers.flatMap(({ note }) => (note === undefined ? [] : [note]))
  const held = notes.flatMap((note) => readCosigned(note, () => verifyCosigned(note, policy, { origin: ledgerOrigin(genesis.net) })))
  const newest = Math.max(0, ...held.map(({ cosigned }) => cosigned.checkpoint.size))
  const window = freshWindow(Math.floor(now / 1000), genesis.rules.freshSeconds)
  const keys = policy.groups.flatMap(({ witnesses }) => witnesses)
  const times = held
    .filter(({ cosigned }) => cosigned.checkpoint.size === newest)
    .flatMap(({ note }) => {
      const { text, signatures } = parseNote(note)
      return signatures.flatMap((line) =>
        keys.filter((key) => isSignatureBy(line, key)).map((key) => ({ name: key.name, time: verifyCosignature(text, line, key) })),
      )
    })
  const isFresh = (name: string) => times.some((one) => one.name === name && one.time !== undefined && one.time >= window.from && one.time <= window.until)
  return new Set(answers.map(({ org }) => org).filter((org) => isFresh(witnessName(genesis.net, org))))
}

/** Whom to believe now: the longest chain that holds from the genesis on. */
function newestPolicy(genesis: Genesis, answers: readonly MemberAnswer[]): TrustPolicy {
  const record = genesisTrust(genesis)
  const first = trustPolicyOf(record, genesis.net)
  const chains = answers.flatMap(({ steps }) => (steps === undefined || steps.length === 0 ? [] : [steps]))
  for (const steps of chains.toSorted((a, b) => b.length - a.length)) {
    try {
      return trustIn(bundleOf(...trustFiles([{ record }, ...steps])), first).policyAt()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
    }
  }
  return first
}

interface Held {
  readonly note: string
  readonly cosigned: CosignedCheckpoint
}

/** Nothing for a note that no quorum cosigned. */
function readCosigned(note: string, verify: () => CosignedCheckpoint): readonly Held[] {
  try {
    return [{ note, cosigned: verify() }]
  } catch (error) {
    if (error instanceof InputError) return []
    throw error
  }
}
