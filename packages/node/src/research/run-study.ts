import { encodeBase64Url, encodeUtf8, type NetworkId, type OrganizationId, parseOrganizationId } from '@fiducia/core'
import { ballot, ballotKey, runKey, study, studyKey, studyRound, studyRun, roundKey } from '@fiducia/ledger'
import {
  buildStudy,
  type BundleFiles,
  formatTlogProof,
  modelHashOf,
  resultHashOf,
  selectCosignatures,
  studyIdOf,
  type StudyPack,
  type TrustPolicy,
  withSignatures,
} from '@fiducia/proofs'
import {
  advanceCoordinator,
  type CoordinatorEvent,
  type CoordinatorOutput,
  type CoordinatorState,
  encodeMessage,
  openCoordinator,
  openRound,
  parseSiteMessage,
  type Program,
  programBytes,
  ResearchError,
  type ResearchErrorCode,
  startProgram,
  type StudyAnswer,
  type StudySpec,
  type StudyTold,
  writeStudy,
} from '@fiducia/research'
import { COORDINATOR, groupOfSite, type MemberKeys, StudyLedger, studyGenesis } from './study-ledger.ts'
import type { SiteReply, SiteRequest } from './study-messages.ts'
import { ledgerView, type Place, sumNumber } from './study-site.ts'

/**
 * A whole study over sites that answer requests: approval on the ledger, then rounds of masked sums until the method has its answer, then the bundle. Who
 * runs it sees masked vectors and sums of all sites; it orders the ledger, and every site replays and cosigns it.
 *
 *   open → genesis → propose, vote → run → (begin → keys → shares → masked → survivors, cosigned → unmask → sum)* → close → bundle
 */
export interface StudyPort {
  readonly org: OrganizationId
  /** Throws when the site is gone. */
  ask(request: SiteRequest): Promise<SiteReply>
}

export interface StudyOptions {
  readonly net: NetworkId
  readonly spec: StudySpec
  /** In its one spelling (`formatSpec`). */
  readonly specText: string
  readonly sites: readonly (StudyPort & { readonly file: string })[]
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

export interface StudyRun extends StudyTold {
  readonly answer: StudyAnswer
  readonly bundle: BundleFiles
  readonly trust: TrustPolicy
}

/** A site, or what all sites gave together, does not allow the study. */
export class StudyRefused extends Error {
  readonly code: ResearchErrorCode | 'SITE_FAILED'
  readonly site: OrganizationId | undefined

  constructor(code: ResearchErrorCode | 'SITE_FAILED', message: string, site?: OrganizationId) {
    super(site === undefined ? message : `${site}: ${message}`)
    this.name = 'StudyRefused'
    this.code = code
    this.site = site
  }
}

/** Throws `StudyRefused`. */
export async function runStudy(options: StudyOptions): Promise<StudyRun> {
  const desk = await openDesk(options)
  await desk.approve()
  let program: Program | undefined = startProgram(options.spec)
  let answer: StudyAnswer | undefined
  while (program !== undefined && answer === undefined) {
    const sum = await desk.sumOf(program)
    const next: ReturnType<Program['next']> = advance(program, sum)
    await desk.askAll({ type: 'sum', sum })
    if ('finished' in next) answer = next.finished
    else program = next
  }
  if (answer === undefined) throw new Error('the program ended without an answer')
  return await desk.close(answer)
}

function advance(program: Program, sum: Float64Array): ReturnType<Program['next']> {
  try {
    return program.next(sum)
  } catch (error) {
    throw error instanceof ResearchError ? new StudyRefused(error.code, error.message) : error
  }
}

// ---- at the desk of who runs it -------------------------------------------------------------------------------------------

async function openDesk(options: StudyOptions): Promise<Desk> {
  const { net, sites, now, random, specText } = options
  const keys = new Map<OrganizationId, MemberKeys>()
  for (const { org, reply } of await Promise.all(sites.map((site) => replyOf(site, { type: 'open', org: site.org, net, spec: specText, file: site.file })))) {
    if (reply?.type !== 'keys') throw new StudyRefused('SITE_FAILED', 'the process of the site has ended', org)
    keys.set(org, reply.keys)
  }
  const own = { org: parseOrganizationId(COORDINATOR), node: random(32), witness: random(32), ledger: random(32) }
  const genesis = studyGenesis(net, now(), keys, own)
  const desk = new Desk(options, own, new StudyLedger(genesis))
  await desk.askAll({ type: 'genesis', genesis })
  return desk
}

interface Reply {
  readonly org: OrganizationId
  /** Undefined: the site is gone. */
  readonly reply: SiteReply | undefined
}

async function replyOf(site: StudyPort, request: SiteRequest): Promise<Reply> {
  const reply = await site.ask(request).catch(() => undefined)
  if (reply?.type === 'failed') throw new StudyRefused(reply.code, reply.message, site.org)
  return { org: site.org, reply }
}

interface Coordinator {
  readonly org: OrganizationId
  readonly node: Uint8Array
  readonly witness: Uint8Array
  readonly ledger: Uint8Array
}

class Desk {
  readonly #options: StudyOptions
  readonly #own: Coordinator
  readonly #ledger: StudyLedger
  readonly #spec: ReturnType<typeof studyIdOf>
  readonly #models: Uint8Array[] = []
  readonly #gone = new Set<OrganizationId>()
  #time: number

  constructor(options: StudyOptions, own: Coordinator, ledger: StudyLedger) {
    this.#options = options
    this.#own = own
    this.#ledger = ledger
    this.#spec = studyIdOf(encodeUtf8(options.specText))
    this.#time = options.now()
  }

  get #sites() {
    return this.#options.sites
  }

  /** Of every site that is there; who is gone stays gone. */
  async askAll(request: SiteRequest): Promise<readonly Reply[]> {
    const replies = await Promise.all(this.#sites.filter(({ org }) => !this.#gone.has(org)).map((site) => replyOf(site, request)))
    for (const { org, reply } of replies) if (reply === undefined) this.#gone.add(org)
    return replies
  }

  async approve(): Promise<void> {
    const sites = this.#sites.map(({ org }) => org).toSorted()
    const spec = this.#spec
    await this.#block([this.#sign('study.propose', { spec, sites })])
    const votes = await this.askAll({ type: 'vote', time: this.#time })
    await this.#block(votes.flatMap(({ reply }) => (reply?.type === 'transaction' ? [reply.wire] : [])))
    await this.#block([this.#sign('run.open', { spec, run: 1, roster: sites })])
  }

  #sign(type: 'study.propose' | 'run.open' | 'run.close' | 'round.begin' | 'round.survivors', body: Parameters<StudyLedger['transaction']>[1]): Uint8Array {
    return this.#ledger.transaction(type, body, this.#time, this.#own.node)
  }

  async #block(transactions: readonly Uint8Array[]): Promise<void> {
    this.#time = Math.max(this.#time, this.#options.now())
    const block = { height: this.#ledger.state.height + 1, time: this.#time, transactions }
    this.#ledger.add(block)
    await this.askAll({ type: 'block', block })
  }

  /** The newest checkpoint under the cosignatures of a quorum. */
  async #cosigned(): Promise<string> {
    const seconds = Math.floor(this.#time / 1000)
    const checkpoint = this.#ledger.checkpoint()
    const replies = await this.askAll({ type: 'cosign', checkpoint, seconds })
    const others = replies.flatMap(({ reply }) => (reply?.type === 'cosigned' ? [reply.signature] : []))
    const ours = this.#ledger.cosign(checkpoint, this.#own.org, this.#own.witness, seconds)
    return selectCosignatures(withSignatures(this.#ledger.signedNote(this.#own.ledger), [...others, ours]), this.#ledger.trust)
  }

  // ---- a round ------------------------------------------------------------------------------------------------------------

  async sumOf(program: Program): Promise<Float64Array> {
    const model = programBytes(program)
    this.#models.push(model)
    const place: Place = { spec: this.#spec, run: 1, round: this.#models.length }
    const roster = studyRun(this.#ledger.state, place)?.roster ?? []
    const round = openRound({
      net: this.#ledger.net,
      study: this.#spec,
      round: sumNumber(place),
      model: modelHashOf(model),
      roster: roster.map((org) => ({ org, group: groupOfSite(org) })),
      ring: { name: 'exact' },
      length: program.length,
    })
    await this.#block([this.#sign('round.begin', { ...place, model: round.model, terms: round.id })])
    const exchange = new RoundExchange(openCoordinator(round), (event, state) => advanceCoordinator(state, event, ledgerView(this.#ledger, place)))
    const begun = await this.askAll({ type: 'round', run: 1, round: place.round, time: this.#time })
    exchange.takeAll(begun)
    for (const org of this.#gone) exchange.left(org)
    while (exchange.state.phase !== 'done') {
      const { record, sends } = exchange.outputs()
      if (record !== undefined) await this.#record(place, record, exchange)
      else exchange.takeAll(await this.#deliver(sends, exchange.note))
    }
    return exchange.state.result?.sum ?? new Float64Array()
  }

  async #deliver(sends: readonly Send[], note: string | undefined): Promise<readonly Reply[]> {
    if (sends.length === 0) throw new StudyRefused('STUDY_ABORTED', 'the round does not go on')
    const replies = await Promise.all(
      sends.map(({ to, message }) => {
        const site = this.#sites.find(({ org }) => org === to)
        if (site === undefined) throw new StudyRefused('STUDY_ABORTED', `\`${to}\` is no site of the study`)
        const request = { type: 'message', message: encodeMessage(message), time: this.#time, ...(note === undefined ? {} : { note }) } as const
        return replyOf(site, request)
      }),
    )
    for (const { org, reply } of replies) if (reply === undefined) this.#gone.add(org)
    return replies
  }

  /** Commitments, then survivors, then a quorum's word that they stand there. */
  async #record(place: Place, { record }: RecordOutput, exchange: RoundExchange): Promise<void> {
    await this.#block(exchange.wires)
    const survivors = record.survivors.map(({ org }) => org)
    const before = studyRun(this.#ledger.state, place)?.survivors ?? survivors
    if (before.join() !== survivors.join())
      throw new StudyRefused('STUDY_ABORTED', 'a site was lost after the first round: sums over other sites cannot go on from those before')
    await this.#block([this.#sign('round.survivors', { ...place, survivors })])
    exchange.recorded(await this.#cosigned())
  }

  // ---- the end ------------------------------------------------------------------------------------------------------------

  async close(answer: StudyAnswer): Promise<StudyRun> {
    const figures = await this.askAll({ type: 'figures' })
    const told: StudyTold = {
      rounds: this.#models.length,
      sites: figures.flatMap(({ org, reply }) => (reply?.type === 'figures' ? [{ name: org, ...reply.figures }] : [])),
    }
    await this.askAll({ type: 'told', told })
    const { result, card } = writeStudy(this.#options.spec, answer, told)
    const [resultBytes, cardBytes] = [encodeUtf8(result), encodeUtf8(card)]
    const closing = { spec: this.#spec, run: 1, result: resultHashOf(resultBytes), card: resultHashOf(cardBytes), microEpsilon: 0 }
    await this.#block([this.#sign('run.close', closing)])
    const note = await this.#cosigned()
    const index = this.#ledger.log.size - 1
    const proof = formatTlogProof({ extra: undefined, index, path: this.#ledger.log.inclusion(index), note })
    const bundle = buildStudy({
      pack: this.#pack(),
      spec: encodeUtf8(this.#options.specText),
      models: this.#models,
      end: { result: resultBytes, card: cardBytes },
      proven: { block: encodeBase64Url(this.#ledger.entry), proof },
    })
    return { ...told, answer, bundle, trust: this.#ledger.trust }
  }

  #pack(): StudyPack {
    const { state } = this.#ledger
    const spec = this.#spec
    const name = { spec, run: 1 }
    const [proposed, record] = [study(state, spec), studyRun(state, name)]
    if (proposed === undefined || record === undefined) throw new Error('the ledger lost the study')
    const proof = (key: string) => state.tree.prove(key)
    return {
      ...name,
      study: { value: proposed, proof: proof(studyKey(spec)) },
      ballots: record.roster.flatMap((org) => {
        const value = ballot(state, spec, org)
        return value === undefined ? [] : [{ org, value, proof: proof(ballotKey(spec, org)) }]
      }),
      record: { value: record, proof: proof(runKey(name)) },
      rounds: this.#models.flatMap((_, i) => {
        const value = studyRound(state, { ...name, round: i + 1 })
        return value === undefined ? [] : [{ value, proof: proof(roundKey({ ...name, round: i + 1 })) }]
      }),
    }
  }
}

// ---- messages of one round ------------------------------------------------------------------------------------------------

type Send = Extract<CoordinatorOutput, { readonly type: 'send' }>
type RecordOutput = Extract<CoordinatorOutput, { readonly type: 'record' }>

type Advance = (event: CoordinatorEvent, state: CoordinatorState) => { readonly state: CoordinatorState; readonly outputs: readonly CoordinatorOutput[] }

class RoundExchange {
  readonly #advance: Advance
  state: CoordinatorState
  readonly wires: Uint8Array[] = []
  /** The cosigned checkpoint, once survivors are recorded. */
  note: string | undefined
  #outputs: CoordinatorOutput[] = []

  constructor(state: CoordinatorState, advance: Advance) {
    this.state = state
    this.#advance = advance
  }

  left(org: OrganizationId): void {
    this.#take({ type: 'left', org })
  }

  takeAll(replies: readonly Reply[]): void {
    for (const { org, reply } of replies) {
      if (reply === undefined) this.left(org)
      if (reply?.type !== 'message') continue
      if (reply.wire !== undefined) this.wires.push(reply.wire)
      this.#take({ type: 'message', from: org, message: parseSiteMessage(this.state.round, reply.message) })
    }
  }

  recorded(note: string): void {
    this.note = note
    this.#take({ type: 'recorded' })
  }

  #take(event: CoordinatorEvent): void {
    const { state, outputs } = this.#advance(event, this.state)
    this.state = state
    this.#outputs.push(...outputs)
    if (state.phase === 'aborted') throw new StudyRefused('STUDY_ABORTED', state.reason ?? 'the round was given up')
  }

  /** What is to be done next; each once. */
  outputs(): { readonly record: RecordOutput | undefined; readonly sends: readonly Send[] } {
    const outputs = this.#outputs
    this.#outputs = []
    return { record: outputs.find((output) => output.type === 'record'), sends: outputs.filter((output) => output.type === 'send') }
  }
}
