import { encodeBase64Url, encodeUtf8, type NetworkId, type OrganizationId } from '@fiducia/core'
import { type AbortReason, ballot, ballotKey, keyRecord, runKey, study, studyKey, studyRound, studyRun, roundKey } from '@fiducia/ledger'
import {
  buildStudy,
  type BundleFiles,
  formatTlogProof,
  modelHashOf,
  type ResearchKey,
  resultHashOf,
  selectCosignatures,
  type ShownRound,
  studyIdOf,
  type StudyPack,
  type StudyParts,
  type TrustPolicy,
  withSignatures,
} from '@fiducia/proofs'
import {
  advanceCoordinator,
  encodeMessage,
  openCoordinator,
  openRound,
  type Program,
  programBytes,
  shownToSites,
  type StudyAnswer,
  type StudySpec,
  type StudyTold,
  writeStudy,
} from '@fiducia/research'
import { type RecordOutput, RoundExchange, type Send } from './round-exchange.ts'
import { groupOfSite, StudyLedger } from './study-ledger.ts'
import type { SiteRequest } from './study-messages.ts'
import { type RefusalCode, type Reply, replyOf, type StudyPort, StudyRefused } from './study-port.ts'
import { ledgerView, type Place, sumNumber } from './study-site.ts'

/** Why the ledger says that a run ended. */
const REASONS: { readonly [code in RefusalCode]: AbortReason } = {
  STUDY_SPEC: 'data',
  STUDY_FORMULA: 'data',
  STUDY_COLUMN: 'data',
  STUDY_DATA: 'data',
  STUDY_RANGE: 'data',
  STUDY_POLICY: 'policy',
  STUDY_SITE_POLICY: 'policy',
  STUDY_WITHDRAWN: 'withdrawal',
  STUDY_ROUND: 'deviation',
  STUDY_ABORTED: 'too-few',
  SITE_FAILED: 'deviation',
}

export interface StudyOptions {
  readonly net: NetworkId
  readonly spec: StudySpec
  /** In its one spelling (`formatSpec`). */
  readonly specText: string
  readonly sites: readonly (StudyPort & { readonly file: string; readonly policy?: string })[]
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

export interface StudyRun {
  readonly bundle: BundleFiles
  readonly trust: TrustPolicy
  readonly ended: ({ readonly state: 'closed'; readonly answer: StudyAnswer } & StudyTold) | { readonly state: 'aborted'; readonly because: StudyRefused }
}

interface Coordinator {
  readonly org: OrganizationId
  readonly node: Uint8Array
  readonly witness: Uint8Array
  readonly ledger: Uint8Array
}

/** Where a study is run: the ledger in its order, the rounds, and what is left at the end. */
export class Desk {
  readonly #options: StudyOptions
  readonly #own: Coordinator
  readonly #ledger: StudyLedger
  readonly #spec: ReturnType<typeof studyIdOf>
  readonly #models: Uint8Array[] = []
  readonly #shown: ShownRound[] = []
  readonly #gone = new Set<OrganizationId>()
  #time: number
  #isEnding = false

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

  /** Of every site that is there; who is gone stays gone. Once the run ends, who refuses is as if gone. */
  async askAll(request: SiteRequest): Promise<readonly Reply[]> {
    const ask = (site: StudyPort): Promise<Reply> =>
      this.#isEnding ? replyOf(site, request).catch(() => ({ org: site.org, reply: undefined })) : replyOf(site, request)
    const replies = await Promise.all(this.#sites.filter(({ org }) => !this.#gone.has(org)).map(ask))
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

  #sign(
    type: 'study.propose' | 'run.open' | 'run.close' | 'run.abort' | 'round.begin' | 'round.survivors',
    body: Parameters<StudyLedger['transaction']>[1],
  ): Uint8Array {
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
    await this.#endIfWithdrawn(begun)
    exchange.takeAll(begun)
    for (const org of this.#gone) exchange.left(org)
    while (exchange.state.phase !== 'done') {
      const { record, sends } = exchange.outputs()
      if (record !== undefined) await this.#record(place, record, exchange)
      else exchange.takeAll(await this.#deliver(sends, exchange.note))
    }
    return exchange.state.result?.sum ?? new Float64Array()
  }

  /** The site's own word for it, on the ledger. */
  async #endIfWithdrawn(replies: readonly Reply[]): Promise<void> {
    for (const { org, reply } of replies) {
      if (reply?.type !== 'withdrawn') continue
      await this.#block([reply.wire])
      throw new StudyRefused('STUDY_WITHDRAWN', 'somebody of the cohort has withdrawn: the run ends before its next round', org)
    }
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
    this.#shown.push(shownToSites(exchange.state))
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
    const end = { result: encodeUtf8(result), card: encodeUtf8(card) }
    const closing = { spec: this.#spec, run: 1, result: resultHashOf(end.result), card: resultHashOf(end.card), microEpsilon: 0 }
    await this.#block([this.#sign('run.close', closing)])
    return { bundle: this.#bundle(await this.#cosigned(), end), trust: this.#ledger.trust, ended: { state: 'closed', answer, ...told } }
  }

  /** Records why the run ends, unless a site did. Throws the cause itself where too few are left to say that it stands there. */
  async abort(because: StudyRefused): Promise<StudyRun> {
    const name = { spec: this.#spec, run: 1 }
    const before = studyRun(this.#ledger.state, name)?.outcome
    if (before?.state === 'closed') throw because
    this.#isEnding = true
    try {
      if (before === null) await this.#block([this.#sign('run.abort', { ...name, reason: REASONS[because.code] })])
      return { bundle: this.#bundle(await this.#cosigned()), trust: this.#ledger.trust, ended: { state: 'aborted', because } }
    } catch {
      throw because
    }
  }

  #bundle(note: string, end?: NonNullable<StudyParts['end']>): BundleFiles {
    const index = this.#ledger.log.size - 1
    const proof = formatTlogProof({ extra: undefined, index, path: this.#ledger.log.inclusion(index), note })
    return buildStudy({
      pack: this.#pack(),
      spec: encodeUtf8(this.#options.specText),
      models: this.#models,
      keys: { research: this.#researchKeys(), rounds: this.#shown },
      ...(end === undefined ? {} : { end }),
      proven: { block: encodeBase64Url(this.#ledger.entry), proof },
    })
  }

  #researchKeys(): readonly ResearchKey[] {
    const { state } = this.#ledger
    const signers = new Set(this.#shown.flatMap(({ keys }) => keys.map(({ key }) => key)))
    return [...signers].toSorted().flatMap((key) => {
      const value = keyRecord(state, key)
      return value === undefined ? [] : [{ key, value, proof: state.tree.prove(`key/${key}`) }]
    })
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
