import path from 'node:path'
import { type Checkpoint, CompactRange, equalBytes, InputError, leafHash, parseCheckpoint, parseNote, selfTest } from '@fiducia/core'
import { LedgerReplay, ledgerVerifierKeys, LogFault, type ReplayedBlock } from '@fiducia/ledger'
import { decodeEntryBundle, TILE_WIDTH, tilePath } from '@fiducia/proofs'
import { makeFolderDurably } from './durable-file.ts'
import { LEDGER_FILES, writeGenesis } from './embedded/files.ts'
import { lockDirectory } from './embedded/lock.ts'
import { asStoreError, openSqliteStore } from './embedded/sqlite-store.ts'
import { EngineError, FollowFault } from './errors.ts'
import { createWitnessGuard, followFaultOf, type Judgement, readNote } from './judgement.ts'
import { BUNDLES_PER_STEP, MAX_BLOCK_AHEAD_MS, MAX_BLOCK_BEHIND_MS, MAX_BUNDLE_BYTES, MAX_UNCHECKED_BYTES, REPLAY_STEP } from './limits.ts'
import type { Clock, Ledger, LedgerSource } from './port.ts'
import { type GrownBlock, openReplica, type Replica } from './replica.ts'
import { systemTimers, type Timers } from './timers.ts'

/**
 * A member that follows the operator: it fetches the newest checkpoint and the entries below it, checks that they lead to
 * the signed root, replays each of them, and compares each state root. Entries are taken over only when all of that holds
 * for the whole checkpoint up to which they were fetched, so what a follower holds is always what it has verified.
 */
export interface Follower extends Ledger, AsyncDisposable {
  /** Catches up with the operator's newest checkpoint; gives the number of new blocks. Throws `FollowFault`. One call at a time counts. */
  follow(): Promise<number>
  judgeCheckpoint(note: string): Judgement
  /** Remembers a transaction that this member passed on; see `WitnessGuard`. */
  handOn(wire: Uint8Array): void
  expiredUnincluded(): number
  /** What is wrong with the operator's ledger as this member sees it; a fork stays, with the note that proves it. */
  fault(): FollowFault | undefined
}

export interface FollowerOptions {
  /** The replica's own directory; created when it is not there. */
  readonly dir: string
  readonly genesis: Uint8Array
  readonly source: LedgerSource
  readonly clock: Clock
  /** The system's by default. */
  readonly timers?: Timers
  readonly onExpired?: (wire: Uint8Array) => void
}

/** Throws `EngineError` when the directory is in use, damaged or of another network. */
export async function openFollower(options: FollowerOptions): Promise<Follower> {
  const wrong = selfTest()
  if (wrong.length > 0) throw new EngineError('ENGINE_STOPPED', `this platform judges signatures differently: ${wrong.join(', ')}`)
  makeFolderDurably(options.dir)
  const lock = lockDirectory(options.dir)
  try {
    const replica = openReplica({ store: openSqliteStore(path.join(options.dir, LEDGER_FILES.database)), genesis: options.genesis })
    writeGenesis(options.dir, options.genesis)
    return createFollower(replica, options, lock)
  } catch (error) {
    lock[Symbol.dispose]()
    throw asStoreError(options.dir, error)
  }
}

function createFollower(replica: Replica, { source, clock, timers = systemTimers, onExpired }: FollowerOptions, lock: Disposable): Follower {
  const guard = createWitnessGuard({ ledger: replica, clock, ...(onExpired === undefined ? {} : { onExpired }) })
  let following: Promise<number> | undefined
  /** When this replica last had all that the operator had published; undefined while catching up. */
  let inStepAt: number | undefined
  let late: LateBlock | undefined

  const followOnce = async (): Promise<number> => {
    const asked = clock.now()
    if (late !== undefined && asked >= late.until) late = undefined
    const checkpoint = await fetchCheckpoint(source, replica)
    const step = { source, replica, clock, timers, inStepAt }
    const caughtUp = checkpoint.size === replica.log.size() ? undefined : await catchUp(step, checkpoint)
    if (caughtUp !== undefined) late = caughtUp.late
    guard.report(late?.fault)
    inStepAt = asked
    return caughtUp?.blocks ?? 0
  }

  const follow = async (): Promise<number> => {
    try {
      return await followOnce()
    } catch (error) {
      const fault = error instanceof FollowFault ? error : undefined
      if (fault !== undefined && fault.code !== 'SOURCE_UNREACHABLE') guard.report(fault)
      throw error
    }
  }

  return {
    net: replica.net,
    log: replica.log,
    tip: () => replica.tip(),
    stateAt: (height) => replica.stateAt(height),
    block: (height) => replica.block(height),
    blockAtSize: (size) => replica.blockAtSize(size),
    heightsOf: (key) => replica.heightsOf(key),
    onBlock: (listener) => replica.onBlock(listener),
    follow() {
      following ??= follow().finally(() => {
        following = undefined
      })
      return following
    },
    judgeCheckpoint: (note) => guard.judge(note),
    handOn: (wire) => guard.handOn(wire),
    expiredUnincluded: () => guard.expiredUnincluded(),
    fault: () => guard.fault,
    async [Symbol.asyncDispose]() {
      await following?.catch(() => undefined)
      replica[Symbol.dispose]()
      lock[Symbol.dispose]()
    },
  }
}

interface SignedCheckpoint extends Checkpoint {
  readonly note: string
}

/** The operator's newest checkpoint; one that this replica already covers must be the same as here. */
async function fetchCheckpoint(source: LedgerSource, replica: Replica): Promise<SignedCheckpoint> {
  const note = await ask(() => source.checkpoint())
  const known = readNote(replica, note)
  const checkpoint = 'origin' in known ? known : ((await readByLaterKey(source, replica, note)) ?? known)
  if (!('origin' in checkpoint)) throw new FollowFault(checkpoint.code, checkpoint.message)
  const size = replica.log.size()
  if (checkpoint.size > size) return { ...checkpoint, note }
  if (!equalBytes(replica.log.root(checkpoint.size), checkpoint.root)) throw forkAt(checkpoint.size, note)
  if (checkpoint.size < size) throw new FollowFault('SHRUNK', `this member replayed size ${size}, the operator is at ${checkpoint.size}`, { note })
  return { ...checkpoint, note }
}

/**
 * The ledger's key may have changed in blocks that this member has not seen. They are judged first, apart: a chain of them from
 * this replica to the note's root says which keys count there, and the note must be signed by one of those.
 */
async function readByLaterKey(source: LedgerSource, replica: Replica, note: string): Promise<Checkpoint | undefined> {
  const checkpoint = readCheckpoint(note)
  if (checkpoint === undefined || checkpoint.origin !== replica.log.origin || checkpoint.size <= replica.log.size()) return undefined
  const entries = await fetchEntries(source, replica.log.size(), checkpoint)
  if (!leadTo(replica.range(), entries, checkpoint)) return undefined
  const replaying = new LedgerReplay({ begin: () => undefined, from: { position: replica.position(), state: replica.tip() } })
  for (const entry of entries) pushEntry(replaying, entry)
  const { state } = replaying
  const read = state === undefined ? undefined : readNote(replica, note, ledgerVerifierKeys(state))
  return read !== undefined && 'origin' in read ? read : undefined
}

function readCheckpoint(note: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseNote(note).text)
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

const forkAt = (size: number, note: string) => new FollowFault('FORK', `a log is signed for size ${size} that is not the one replayed here`, { note })

async function ask<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (cause) {
    throw new FollowFault('SOURCE_UNREACHABLE', 'the operator did not answer', { cause })
  }
}

const BLOCK_ENTRY = 2

interface Step {
  readonly source: LedgerSource
  readonly replica: Replica
  readonly clock: Clock
  readonly timers: Timers
  readonly inStepAt: number | undefined
}

/**
 * A block that says an earlier time than it can have. It is refused until the next one, and without one for as long as it was late, so that
 * nobody gains time by a wrong one; no longer, because the wrong clock may be this member's own.
 */
interface LateBlock {
  readonly fault: FollowFault
  readonly until: number
}

/** Fetches, checks and takes over everything up to the checkpoint, giving way to other work between the steps. */
async function catchUp(
  { source, replica, clock, timers, inStepAt }: Step,
  checkpoint: SignedCheckpoint,
): Promise<{ readonly blocks: number; readonly late: LateBlock | undefined }> {
  const entries = await fetchEntries(source, replica.log.size(), checkpoint)
  if (!leadTo(replica.range(), entries, checkpoint)) {
    const whole = await fetchEntries(source, 0, checkpoint)
    if (leadTo(new CompactRange(), whole, checkpoint)) throw forkAt(checkpoint.size, checkpoint.note)
    throw new FollowFault('TILES_DIFFER', `the entries do not lead to the root that is signed for size ${checkpoint.size}`)
  }
  let late: LateBlock | undefined
  let blocks = 0
  for (const step of blockSteps(entries)) {
    const grown = replay(replica, step, clock)
    replica.append(grown)
    blocks += grown.length
    late ??= lateBlock(grown, inStepAt, clock.now())
    await new Promise<void>((resolve) => timers.after(0, resolve))
  }
  return { blocks, late }
}

/** The entries in runs of about `REPLAY_STEP`, each ending with a block. */
function* blockSteps(entries: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let from = 0
  for (let i = 0; i < entries.length; i += 1) {
    if (i + 1 < entries.length && (i + 1 - from < REPLAY_STEP || entries[i]?.[0] !== BLOCK_ENTRY)) continue
    yield entries.slice(from, i + 1)
    from = i + 1
  }
}

/** Entries [from, checkpoint.size) out of the tiles. */
async function fetchEntries(source: LedgerSource, from: number, { size }: Checkpoint): Promise<readonly Uint8Array[]> {
  const entries: Uint8Array[] = []
  let bytes = 0
  const last = Math.floor((size - 1) / TILE_WIDTH)
  for (let first = Math.floor(from / TILE_WIDTH); first <= last; first += BUNDLES_PER_STEP) {
    const numbers = Array.from({ length: Math.min(BUNDLES_PER_STEP, last - first + 1) }, (_, i) => first + i)
    const bundles = await Promise.all(numbers.map((n) => fetchBundle(source, n, Math.min(TILE_WIDTH, size - n * TILE_WIDTH))))
    for (const bundle of bundles) entries.push(...bundle)
    bytes += bundles.flat().reduce((sum, entry) => sum + entry.length, 0)
    if (bytes > MAX_UNCHECKED_BYTES)
      throw new FollowFault('SOURCE_UNREACHABLE', `more than ${MAX_UNCHECKED_BYTES} bytes lie between this replica and the checkpoint`)
  }
  return entries.slice(from % TILE_WIDTH)
}

async function fetchBundle(source: LedgerSource, n: number, width: number): Promise<readonly Uint8Array[]> {
  const partial = await ask(() => source.tile(tilePath({ level: 'entries', n, width })))
  const bytes = partial ?? (width < TILE_WIDTH ? await ask(() => source.tile(tilePath({ level: 'entries', n, width: TILE_WIDTH }))) : undefined)
  if (bytes === undefined || bytes.length > MAX_BUNDLE_BYTES)
    throw new FollowFault('SOURCE_UNREACHABLE', `expected bundle ${n} of the ledger's entries, found ${bytes === undefined ? 'nothing' : 'too many bytes'}`)
  try {
    return partial === undefined ? decodeEntryBundle(bytes, TILE_WIDTH).slice(0, width) : decodeEntryBundle(bytes, width)
  } catch (cause) {
    if (cause instanceof InputError) throw new FollowFault('TILES_DIFFER', cause.message, { cause })
    throw cause
  }
}

function leadTo(range: CompactRange, entries: readonly Uint8Array[], { size, root }: Checkpoint): boolean {
  for (const entry of entries) range.append(leafHash(entry))
  return range.size === size && equalBytes(range.root(), root)
}

/** Every block, judged again. Throws when one breaks a rule or lies ahead of the clock; then none of them counts. */
function replay(replica: Replica, entries: readonly Uint8Array[], clock: Clock): readonly GrownBlock[] {
  const replaying = new LedgerReplay({ begin: () => undefined, from: { position: replica.position(), state: replica.tip() } })
  const grown: GrownBlock[] = []
  let open: Uint8Array[] = []
  for (const entry of entries) {
    open.push(entry)
    const block = pushEntry(replaying, entry)
    if (block === undefined) continue
    const ahead = block.block.time - clock.now()
    if (ahead > MAX_BLOCK_AHEAD_MS) throw new FollowFault('TIME_AHEAD', `block ${block.block.height} lies ${ahead} ms ahead of the own clock`)
    grown.push({ state: block.state, entries: open, changed: changedBy(block) })
    open = []
  }
  if (open.length > 0) throw new FollowFault('NOT_A_BLOCK_END', 'the checkpoint ends inside a block')
  return grown
}

function pushEntry(replaying: LedgerReplay, entry: Uint8Array): ReplayedBlock | undefined {
  try {
    return replaying.push(entry)
  } catch (error) {
    if (error instanceof LogFault) throw followFaultOf(error)
    throw error
  }
}

const changedBy = ({ results }: ReplayedBlock): readonly string[] => results.flatMap((result) => (result.accepted ? result.changed : []))

/**
 * A block that this replica would have seen before, had it been published when it says: it was in step at `inStepAt`, so
 * a block that is new now cannot be much older than that moment.
 */
function lateBlock(grown: readonly GrownBlock[], inStepAt: number | undefined, now: number): LateBlock | undefined {
  const earliest = inStepAt === undefined ? undefined : inStepAt - MAX_BLOCK_BEHIND_MS
  const late = earliest === undefined ? undefined : grown.find(({ state }) => state.time < earliest)
  if (earliest === undefined || late === undefined) return undefined
  const fault = new FollowFault('TIME_BEHIND', `block ${late.state.height} says ${late.state.time}, but was not there at ${inStepAt}`)
  return { fault, until: now + (earliest - late.state.time) }
}
