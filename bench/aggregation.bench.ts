import { randomBytes } from 'node:crypto'
import {
  aesCtrStream,
  type Bytes32,
  ed25519PublicKey,
  encodeBase64Url,
  type OrganizationId,
  parseGroupId,
  parseNetworkId,
  parseOrganizationId,
  signObject,
} from '@fiducia/core'
import {
  advanceCoordinator,
  advanceSite,
  type CoordinatorEvent,
  type CoordinatorMessage,
  type CoordinatorOutput,
  encodeMessage,
  openCoordinator,
  openRound,
  openSite,
  parseCoordinatorMessage,
  parseSiteMessage,
  type RingTerms,
  type Round,
  type RoundLedger,
  type SiteStep,
  type SurvivorRecord,
  withSignature,
} from '@fiducia/research'
import { median, milliseconds, printTable, timed, times } from './measure.ts'

/**
 * Secure aggregation of a million parameters for ten organizations: what one site and the coordinator take for a whole round, every message
 * as bytes and parsed again, in the ring of iterative models and in the one of exact ones. Beside it, in the same run, what a sum without masks
 * takes, and the key streams alone that a site's ten masks need.
 */
const SITES = 10
const LENGTH = 1_000_000
const ROUNDS = 5
const UPLOAD_GOAL = 4.1e6

const random = (length: number) => new Uint8Array(randomBytes(length))
const hash = () => encodeBase64Url(random(32)) as Bytes32
const study = hash()
const numbers = Float64Array.from({ length: LENGTH }, (_, i) => Math.sin(i))
const members = new Map(
  Array.from({ length: SITES }, (_, place) => {
    const seed = random(32)
    return [parseOrganizationId(`org-${place}`), { seed, publicKey: ed25519PublicKey(seed), group: parseGroupId(`group-${place}`) }]
  }),
)

interface Run {
  readonly siteMs: number
  readonly coordinatorMs: number
  readonly uploadBytes: number
}

function runRound(round: Round): Run {
  let recorded: SurvivorRecord | undefined
  const ledger: RoundLedger = { member: (org) => members.get(org), survivors: () => recorded }
  const spent = { site: 0, coordinator: 0, upload: 0 }
  const clocked = <T>(who: 'site' | 'coordinator', work: () => T): T => {
    const start = performance.now()
    const result = work()
    spent[who] += performance.now() - start
    return result
  }
  let coordinator = openCoordinator(round)
  const states = new Map<OrganizationId, SiteStep['state']>()
  const queue: (() => void)[] = []
  const tell = (event: CoordinatorEvent) => {
    const step = advanceCoordinator(coordinator, event, ledger)
    coordinator = step.state
    for (const output of step.outputs) queue.push(() => perform(output))
  }
  const upload = (org: OrganizationId, step: SiteStep) => {
    const seed = members.get(org)?.seed ?? new Uint8Array(32)
    states.set(org, step.state)
    const { output } = step
    const bytes = clocked('site', () => encodeMessage(output.type === 'sign' ? withSignature(output, signObject(output.kind, output.body, seed)) : output))
    spent.upload += bytes.length
    queue.push(() => clocked('coordinator', () => tell({ type: 'message', from: org, message: parseSiteMessage(round, bytes) })))
  }
  const take = (org: OrganizationId, message: CoordinatorMessage) => {
    const bytes = clocked('coordinator', () => encodeMessage(message))
    const state = states.get(org)
    if (state !== undefined)
      upload(
        org,
        clocked('site', () => advanceSite(state, parseCoordinatorMessage(round, bytes), ledger, random)),
      )
  }
  const perform = (output: CoordinatorOutput) => {
    if (output.type === 'send') return take(output.to, output.message)
    recorded = output.record
    clocked('coordinator', () => tell({ type: 'recorded' }))
  }
  for (const org of members.keys())
    upload(
      org,
      clocked('site', () => openSite({ round, org, numbers: numbers.subarray(0, round.length), lastRound: 0, random })),
    )
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) next()
  if (coordinator.result === undefined) throw new Error(`the round ended as ${coordinator.phase}: ${coordinator.reason ?? ''}`)
  return { siteMs: spent.site / SITES, coordinatorMs: spent.coordinator, uploadBytes: spent.upload / SITES }
}

function openBenchRound(ring: RingTerms, length: number): Round {
  const roster = [...members].map(([org, { group }]) => ({ org, group }))
  return openRound({ net: parseNetworkId('bench'), study, round: 1, model: hash(), roster, ring, length })
}

function plainSum(): Float64Array {
  const sum = new Float64Array(LENGTH)
  for (let site = 0; site < SITES; site += 1) for (let i = 0; i < LENGTH; i += 1) sum[i] = (sum[i] ?? 0) + (numbers[i] ?? 0)
  return sum
}

function keyStreams(bytes: number): void {
  const part = 64 * 1024
  for (let mask = 0; mask < SITES; mask += 1) {
    const key = random(32)
    for (let at = 0; at < bytes; at += part) aesCtrStream(key, at / 16, Math.min(part, bytes - at))
  }
}

const rings = [
  ['32-bit ring', { name: 'model', clip: 1, scale: 2 ** 24 }, 4, UPLOAD_GOAL],
  ['128-bit ring', { name: 'exact' }, 16, undefined],
] as const

for (const [name, ring, width, goal] of rings) {
  const [runs, plain, streams, empty]: [Run[], number[], number[], Run[]] = [[], [], [], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.push(runRound(openBenchRound(ring, LENGTH)))
    plain.push(await timed(plainSum))
    streams.push(await timed(() => keyStreams(width * LENGTH)))
    empty.push(runRound(openBenchRound(ring, 1)))
  }
  const site = median(runs.map((run) => run.siteMs))
  const coordinator = median(runs.map((run) => run.coordinatorMs))
  const uploadBytes = median(runs.map((run) => run.uploadBytes))
  const [bare, ctr] = [median(plain), median(streams)]
  printTable(`secure aggregation, ${name}: ${LENGTH.toLocaleString('en-US')} parameters, ${SITES} organizations`, [
    { what: 'plain sum of ten vectors of doubles', measured: milliseconds(bare) },
    { what: 'AES-256-CTR alone, ten masks', measured: milliseconds(ctr) },
    { what: 'one site, a whole round', measured: milliseconds(site), comparedWith: `${times(site, ctr)} AES-CTR alone` },
    {
      what: 'coordinator, a whole round, nobody missing',
      measured: milliseconds(coordinator),
      comparedWith: `${times(coordinator, ctr)} AES-CTR alone, ${times(coordinator, bare)} plain sum`,
    },
    {
      what: 'one site, a round of one number',
      measured: milliseconds(median(empty.map((run) => run.siteMs))),
      comparedWith: 'keys, shares and signatures only',
    },
    { what: 'coordinator, a round of one number', measured: milliseconds(median(empty.map((run) => run.coordinatorMs))) },
    { what: 'upload of one site', measured: `${(uploadBytes / 1e6).toFixed(3)} MB`, ...(goal === undefined ? {} : { goal: '≤ 4.1 MB' }) },
  ])
}
