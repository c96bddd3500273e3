import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Logger } from '@fiducia/node'
import { createSteppingClock, type SteppingClock, wallClock } from '../clock.ts'
import { type Network, startNetwork } from '../network/network.ts'
import { type Cast, outsideCast, ownCast } from './cast.ts'
import { tellCheats } from './cheats.ts'
import { createInterception, type Interception } from './interception.ts'
import { createNarrator, type StoryStep } from './narrator.ts'
import { createPatient } from './patient.ts'
import { tellDirectory } from './providers.ts'
import { createStage, exportEvidence } from './stage.ts'
import { tellConsent, tellRelease, tellRevocation, tellRoles } from './steps.ts'

/**
 * The headline story on a network of four organizations: nobody agreed, the patient agrees, members vouch, the request is
 * granted, the patient checks everything, revokes; then five cheats are tried. Every step is real: signatures, files, HTTP.
 *
 *   DIR/nodes/NAME/     each node's data directory        DIR/proofs/NN-NAME/   proof bundles
 *   DIR/logs/NAME/      each log as C2SP tiles            DIR/trust.policy      whom to trust
 *   DIR/keys/*.vkey     every log's and witness's key     DIR/story.json        the steps as they were told
 */
export interface StoryOptions {
  readonly dir: string
  /** A folder of R4 Bundles to take the patients from. */
  readonly records?: string
  readonly onStep?: (step: StoryStep) => void
  readonly logger?: Logger
  /** First port to try when the network is made; any by default. */
  readonly firstPort?: number
  /** Milliseconds between rounds of the nodes' own jobs; 0, the default, leaves every round to the story. */
  readonly jobsEveryMs?: number
}

export interface Story {
  readonly ok: boolean
  readonly steps: readonly StoryStep[]
}

/** The story's clock begins in the past and is moved forward where the story says that time passes, so that nothing it signs is of the future. */
const STORY_STARTS_BEFORE_MS = 10 * 60_000

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

/** A network in `dir` on which the story can be told; the same call opens it again later. */
export interface Theater extends AsyncDisposable {
  readonly network: Network
  readonly clock: SteppingClock
  readonly cast: Cast
  readonly interception: Interception
}

export async function openTheater(options: StoryOptions, startMs = wallClock.now() - STORY_STARTS_BEFORE_MS): Promise<Theater> {
  const cast = options.records === undefined ? ownCast() : outsideCast(options.records)
  const clock = createSteppingClock(startMs, wallClock)
  const interception = createInterception()
  const network = await startNetwork({
    dir: options.dir,
    clock,
    random,
    resources: (org) => cast.resources(org),
    transport: interception.transport,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    jobsEveryMs: options.jobsEveryMs ?? 0,
    firstPort: options.firstPort ?? 0,
  })
  return { network, clock, cast, interception, [Symbol.asyncDispose]: () => network[Symbol.asyncDispose]() }
}

export async function tellStory(theater: Theater, options: StoryOptions): Promise<Story> {
  const { network, clock, cast, interception } = theater
  const patient = createPatient(network, random(32), { now: () => clock.now(), random })
  const stage = createStage({ network, clock, cast, interception, random, patient, dir: options.dir })
  const narrator = createNarrator(() => performance.now(), options.onStep ?? (() => {}))
  await tellConsent(stage, narrator)
  await tellRoles(stage, narrator)
  await tellRelease(stage, narrator)
  await tellDirectory(stage, narrator)
  await tellRevocation(stage, narrator)
  await tellCheats(stage, narrator)
  const ok = narrator.steps.every((step) => step.ok)
  if (ok) exportEvidence(network, options.dir)
  const story = { ok, steps: narrator.steps }
  mkdirSync(options.dir, { recursive: true })
  writeFileSync(path.join(options.dir, 'story.json'), `${JSON.stringify(story, null, 2)}\n`)
  return story
}

/** The story once, on a fresh network that is stopped afterwards. */
export async function runStory(options: StoryOptions): Promise<Story> {
  await using theater = await openTheater(options)
  return await tellStory(theater, options)
}
