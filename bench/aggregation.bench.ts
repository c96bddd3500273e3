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
import { type Figure, median, milliseconds, printTable, timed, times } from './measure.ts'
import { openFlower, type Peer, WITHOUT_FLOWER } from './peer.ts'

/**
 * Secure aggregation of a million parameters for ten organizations: what one site and the coordinator take for a whole round, every message
 * as bytes and parsed again, in the ring of iterative models and in the one of exact ones. Beside it, in the same run, what a sum without masks
 * takes, the key streams alone that a site's ten masks need, and the same round by Flower's functions for SecAgg+.
 */
const SITES = 10
const LENGTH = 1_000_000
const UPLOAD_GOAL_BYTES = 4.1e6
/** Of what Flower's functions take a site. */
const SITE_GOAL = 0.8
const MODEL_RING = { name: 'model', clip: 1, scale: 2 ** 24 } as const

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
  const part = 256 * 1024
  for (let mask = 0; mask < SITES; mask += 1) {
    const key = random(32)
    for (let at = 0; at < bytes; at += part) aesCtrStream(key, at / 16, Math.min(part, bytes - at))
  }
}

/** What `peers/secure_aggregation.py` answers. */
type Flower = Run & { readonly version: string }

interface Measured {
  readonly ours: readonly Run[]
  readonly ofOneNumber: readonly Run[]
  readonly flower: readonly Flower[]
  readonly plainMs: number
  readonly streamsMs: number
}

interface Plan {
  readonly ring: RingTerms
  readonly bytesPerNumber: number
  readonly rounds: number
  readonly peer?: Peer<Flower> | undefined
}

async function measure({ ring, bytesPerNumber, rounds, peer }: Plan): Promise<Measured> {
  const [ours, ofOneNumber, flower, plain, streams]: [Run[], Run[], Flower[], number[], number[]] = [[], [], [], [], []]
  for (let round = 0; round < rounds; round += 1) {
    ours.push(runRound(openBenchRound(ring, LENGTH)))
    if (peer !== undefined) flower.push(await peer.ask())
    plain.push(await timed(plainSum))
    streams.push(await timed(() => keyStreams(bytesPerNumber * LENGTH)))
    ofOneNumber.push(runRound(openBenchRound(ring, 1)))
  }
  return { ours, ofOneNumber, flower, plainMs: median(plain), streamsMs: median(streams) }
}

const medianOf = (runs: readonly Run[], key: keyof Run): number => median(runs.map((run) => run[key]))
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(3)} MB`

function figuresOf({ ours, ofOneNumber, plainMs, streamsMs }: Measured): readonly Figure[] {
  const [site, coordinator] = [medianOf(ours, 'siteMs'), medianOf(ours, 'coordinatorMs')]
  return [
    { what: 'plain sum of ten vectors of doubles', measured: milliseconds(plainMs) },
    { what: 'AES-256-CTR alone, ten masks', measured: milliseconds(streamsMs) },
    { what: 'one site, a whole round', measured: milliseconds(site), comparedWith: `${times(site, streamsMs)} AES-CTR alone` },
    {
      what: 'coordinator, a whole round, nobody missing',
      measured: milliseconds(coordinator),
      comparedWith: `${times(coordinator, streamsMs)} AES-CTR alone, ${times(coordinator, plainMs)} plain sum`,
    },
    { what: 'one site, a round of one number', measured: milliseconds(medianOf(ofOneNumber, 'siteMs')), comparedWith: 'keys, shares and signatures only' },
    { what: 'coordinator, a round of one number', measured: milliseconds(medianOf(ofOneNumber, 'coordinatorMs')) },
  ]
}

function besideFlower({ ours, flower }: Measured): readonly Figure[] {
  if (flower.length === 0) return []
  const ratio = (key: keyof Run): string => times(medianOf(ours, key), medianOf(flower, key))
  return [
    {
      what: `one site, by the functions of Flower ${flower[0]?.version ?? ''}`,
      measured: milliseconds(medianOf(flower, 'siteMs')),
      goal: `ours <= ${SITE_GOAL}×`,
      comparedWith: `ours: ${ratio('siteMs')}`,
    },
    { what: 'coordinator, by the same', measured: milliseconds(medianOf(flower, 'coordinatorMs')), comparedWith: `ours: ${ratio('coordinatorMs')}` },
    { what: 'upload of one site, by the same', measured: megabytes(medianOf(flower, 'uploadBytes')), comparedWith: `ours: ${ratio('uploadBytes')}` },
  ]
}

const upload = ({ ours }: Measured, goal?: string): Figure => ({
  what: 'upload of one site',
  measured: megabytes(medianOf(ours, 'uploadBytes')),
  ...(goal === undefined ? {} : { goal }),
})

const { threshold } = openBenchRound(MODEL_RING, 1)
using peer = await openFlower<Flower>('secure_aggregation.py', ...[SITES, LENGTH, threshold, MODEL_RING.clip].map(String))
const size = `${LENGTH.toLocaleString('en-US')} parameters, ${SITES} organizations`
const short = await measure({ ring: MODEL_RING, bytesPerNumber: 4, rounds: 11, peer })
printTable(
  `secure aggregation, 32-bit ring: ${size}`,
  [...figuresOf(short), upload(short, `<= ${UPLOAD_GOAL_BYTES / 1e6} MB`), ...besideFlower(short)],
  peer === undefined ? [WITHOUT_FLOWER] : [],
)
const long = await measure({ ring: { name: 'exact' }, bytesPerNumber: 16, rounds: 5 })
printTable(`secure aggregation, 128-bit ring: ${size}`, [...figuresOf(long), upload(long)])
