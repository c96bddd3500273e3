import path from 'node:path'
import { equalBytes, formatCheckpoint, formatNote, selfTest, sha256, type Signer, signNoteBy, type VerifierKey } from '@fiducia/core'
import { ledgerVerifierKeys } from '@fiducia/ledger'
import { createApplication } from '../application.ts'
import { makeFolderDurably } from '../durable-file.ts'
import { EngineError } from '../errors.ts'
import { GROUP_COMMIT_MS, MAX_BLOCK_TRANSACTIONS, MAX_WAITING } from '../limits.ts'
import type { Application, Clock, Engine, Inclusion } from '../port.ts'
import { openReplica, type Replica } from '../replica.ts'
import { openSignOnce, type SignOnce } from '../sign-once.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { lockDirectory } from './lock.ts'
import { LEDGER_FILES, writeGenesis } from './files.ts'
import { asStoreError, openSqliteStore } from './sqlite-store.ts'

/**
 * The embedded engine: one operator orders, in this process. Transactions are checked on arrival, gathered, and closed
 * into blocks: at once when the ledger was idle, otherwise every `groupCommitMs`. A sender hears of a transaction when its
 * block is on disk. Blocks exist only when something was accepted.
 */
export interface EmbeddedOptions {
  /** The ledger's own directory; created when it is not there. */
  readonly dir: string
  readonly genesis: Uint8Array
  readonly signers: LedgerSigners
  readonly clock: Clock
  /** The system's by default. */
  readonly timers?: Timers
  readonly groupCommitMs?: number
}

/** The operator's signers among these keys of the ledger: those that are at hand. */
export type LedgerSigners = (keys: readonly VerifierKey[]) => readonly Signer[]

/** Throws `EngineError` when the directory is in use, damaged, of another network, or older than what was signed. */
export async function openEmbeddedEngine(options: EmbeddedOptions): Promise<Engine> {
  const wrong = selfTest()
  if (wrong.length > 0) throw new EngineError('ENGINE_STOPPED', `this platform judges signatures differently: ${wrong.join(', ')}`)
  makeFolderDurably(options.dir)
  const lock = lockDirectory(options.dir)
  try {
    const replica = openReplica({ store: openSqliteStore(path.join(options.dir, LEDGER_FILES.database)), genesis: options.genesis })
    writeGenesis(options.dir, options.genesis)
    if (options.signers(ledgerVerifierKeys(replica.tip())).length === 0) throw new EngineError('ENGINE_KEY')
    const signOnce = openSignOnce(path.join(options.dir, LEDGER_FILES.signed))
    checkSigned(replica, signOnce)
    return new EmbeddedEngine(replica, { ...options, signOnce, lock })
  } catch (error) {
    lock[Symbol.dispose]()
    throw asStoreError(options.dir, error)
  }
}

/** A ledger that was restored from an older copy, or lost its file, would sign a second history. A new one records its genesis. */
function checkSigned(replica: Replica, signOnce: SignOnce): void {
  const size = replica.log.size()
  const { last } = signOnce
  if (last === undefined) {
    if (replica.tip().height === 0) return signOnce.record({ size, root: replica.log.root(size) })
    throw new EngineError(
      'SIGNED_LOST',
      `the file \`${LEDGER_FILES.signed}\` is gone although the ledger holds blocks: put it back, or ask the members for their largest checkpoint before going on`,
    )
  }
  if (last.size > size) {
    throw new EngineError(
      'SIGNED_AHEAD',
      `size ${last.size} is signed, the ledger ends at ${size}: it was restored from an older copy; fetch the entries from a member's replica`,
    )
  }
  if (!equalBytes(replica.log.root(last.size), last.root))
    throw new EngineError('SIGNED_FORK', `another root is signed for size ${last.size}: this is not the ledger that signed`)
}

/** Stands in the queue from arrival on, so that blocks keep the order of arrival; `checked` once its signatures are judged. */
interface Waiting {
  readonly wire: Uint8Array
  checked: boolean
  readonly resolve: (inclusion: Inclusion) => void
  readonly reject: (error: Error) => void
}

interface Running {
  readonly clock: Clock
  readonly timers?: Timers
  readonly groupCommitMs?: number
  readonly signers: LedgerSigners
  readonly signOnce: SignOnce
  readonly lock: Disposable
}

const nameOf = (wire: Uint8Array): string => Buffer.from(sha256(wire)).toString('latin1')

class EmbeddedEngine implements Engine {
  readonly #replica: Replica
  readonly #application: Application
  readonly #running: Running
  readonly #timers: Timers
  readonly #windowMs: number
  readonly #inFlight = new Map<string, Promise<Inclusion>>()
  #waiting: Waiting[] = []
  #cancelTimer: (() => void) | undefined
  #making: Promise<void> | undefined
  #lastBlockAt = Number.NEGATIVE_INFINITY
  #state: 'open' | 'closing' | 'stopped' = 'open'
  #note: { readonly size: number; readonly text: Promise<string> } | undefined

  constructor(replica: Replica, running: Running) {
    this.#replica = replica
    this.#application = createApplication(replica, { clock: running.clock })
    this.#running = running
    this.#timers = running.timers ?? systemTimers
    this.#windowMs = running.groupCommitMs ?? GROUP_COMMIT_MS
  }

  get net(): Engine['net'] {
    return this.#replica.net
  }
  get log(): Engine['log'] {
    return this.#replica.log
  }
  tip(): ReturnType<Engine['tip']> {
    return this.#replica.tip()
  }
  stateAt(height: number): ReturnType<Engine['stateAt']> {
    return this.#replica.stateAt(height)
  }
  heightsOf(key: string): readonly number[] {
    return this.#replica.heightsOf(key)
  }
  block(height?: number): ReturnType<Engine['block']> {
    return this.#replica.block(height)
  }
  blockAtSize(size: number): ReturnType<Engine['blockAtSize']> {
    return this.#replica.blockAtSize(size)
  }
  onBlock(listener: Parameters<Engine['onBlock']>[0]): () => void {
    return this.#replica.onBlock(listener)
  }

  submit(wire: Uint8Array): Promise<Inclusion> {
    const name = nameOf(wire)
    const known = this.#inFlight.get(name)
    if (known !== undefined) return known
    const submitted = this.#submit(wire).finally(() => this.#inFlight.delete(name))
    this.#inFlight.set(name, submitted)
    return submitted
  }

  async #submit(wire: Uint8Array): Promise<Inclusion> {
    this.#requireOpen()
    if (this.#waiting.length >= MAX_WAITING) throw new EngineError('ENGINE_BUSY')
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { wire, checked: false, resolve, reject }
      this.#waiting.push(waiting)
      this.#check(waiting).catch((error: unknown) => this.#stop([], new EngineError('ENGINE_STOPPED', 'a transaction could not be judged', { cause: error })))
    })
  }

  /** What is refused now may be accepted after those that wait before it; with none before it, or malformed, it never will. */
  async #check(waiting: Waiting): Promise<void> {
    const check = await this.#application.checkTx(waiting.wire)
    if (!check.ok && this.#isLost(waiting, check.code)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      waiting.resolve({ height: this.tip().height, result: { accepted: false, code: check.code, message: check.message } })
    }
    waiting.checked = true
    this.#schedule()
  }

  #isLost(waiting: Waiting, code: string): boolean {
    return (
      (this.#waiting[0] === waiting && this.#making === undefined) ||
      (this.#waiting.includes(waiting) && ['TX_MALFORMED', 'TX_NETWORK', 'TX_BODY', 'TX_SIGNATURE'].includes(code))
    )
  }

  #requireOpen(): void {
    if (this.#state === 'closing') throw new EngineError('ENGINE_CLOSED')
    if (this.#state === 'stopped') throw new EngineError('ENGINE_STOPPED')
  }

  #schedule(): void {
    if (this.#cancelTimer !== undefined || this.#making !== undefined || this.#waiting[0]?.checked !== true || this.#state === 'stopped') return
    const delayMs = Math.max(0, this.#lastBlockAt + this.#windowMs - this.#timers.elapsed())
    this.#cancelTimer = this.#timers.after(delayMs, () => {
      this.#cancelTimer = undefined
      this.#making = this.#makeBlock().finally(() => {
        this.#making = undefined
        this.#schedule()
      })
    })
  }

  async #makeBlock(): Promise<void> {
    const unchecked = this.#waiting.findIndex(({ checked }) => !checked)
    const taken = this.#waiting.splice(0, Math.min(MAX_BLOCK_TRANSACTIONS, unchecked < 0 ? this.#waiting.length : unchecked))
    try {
      const { height, time } = this.tip()
      const proposal = { height: height + 1, time: Math.max(time, this.#running.clock.now()), transactions: taken.map(({ wire }) => wire) }
      const { results, state } = this.#application.finalizeBlock(proposal)
      await this.#application.commit()
      this.#lastBlockAt = this.#timers.elapsed()
      taken.forEach(({ resolve, reject }, i) => {
        const result = results[i]
        if (result === undefined) reject(new EngineError('ENGINE_STOPPED', 'a transaction got no result'))
        else resolve({ height: state.height, result })
      })
    } catch (cause) {
      this.#stop(taken, new EngineError('ENGINE_STOPPED', 'the block could not be made or stored; start again, then submit again', { cause }))
    }
  }

  /** After a failed write or a broken invariant nothing more is accepted: whoever starts again reads what is on disk. */
  #stop(taken: readonly Waiting[], error: EngineError): void {
    this.#state = 'stopped'
    for (const { reject } of [...taken, ...this.#waiting]) reject(error)
    this.#waiting = []
  }

  async checkpoint(): Promise<string> {
    const size = this.log.size()
    if (this.#note?.size === size) return this.#note.text
    const root = this.log.root(size)
    this.#running.signOnce.record({ size, root })
    const signing = this.#sign(formatCheckpoint({ origin: this.log.origin, size, root }))
    this.#note = { size, text: signing }
    try {
      return await signing
    } catch (error) {
      // An agent that was away may be back: the next one who asks tries again.
      if (this.#note.text === signing) this.#note = undefined
      throw error
    }
  }

  /** One line for each key, so that whoever knows the old key or the new one can read it. */
  async #sign(text: string): Promise<string> {
    const { signers } = this.#running
    const keys = ledgerVerifierKeys(this.tip())
    const lines = keys.flatMap((key) => signers([key]).map((signer) => signNoteBy(text, key, signer)))
    if (lines.length === 0) throw new EngineError('ENGINE_KEY')
    return formatNote({ text, signatures: await Promise.all(lines) })
  }

  /** Makes the blocks of all that wait, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'closing') return
    if (this.#state === 'open') this.#state = 'closing'
    await Promise.allSettled(this.#inFlight.values())
    this.#cancelTimer?.()
    await this.#application[Symbol.asyncDispose]()
    this.#running.signOnce[Symbol.dispose]()
    this.#running.lock[Symbol.dispose]()
  }
}
