import { isDeepStrictEqual } from 'node:util'
import { decodeBase64Url, ed25519PublicKey, encodeBase64Url, encodeUtf8, type OrganizationId, parseCheckpoint, parseNote, signObject } from '@fiducia/core'
import { groupOf, MAX_RUN_ROUNDS, study, studyRound, studyRun, validKeysOf } from '@fiducia/ledger'
import { modelHashOf, resultHashOf, studyIdOf, verifyCosigned } from '@fiducia/proofs'
import {
  advanceSite,
  encodeMessage,
  judgeTestRows,
  openRound,
  openSite,
  parseCoordinatorMessage,
  parseSpec,
  type Program,
  programBytes,
  ResearchError,
  type Round,
  type RoundLedger,
  type SiteFigures,
  type SiteState,
  type SiteStep,
  startProgram,
  type StudyAnswer,
  type StudySpec,
  type StudyTold,
  withSignature,
  writeStudy,
} from '@fiducia/research'
import { openSiteRows, type SiteRows } from './site-rows.ts'
import { type MemberKeys, type StudyBlock, StudyLedger } from './study-ledger.ts'
import type { SiteReply, SiteRequest } from './study-messages.ts'

/**
 * A site of a simulated study: its rows, its keys, its own replica of the ledger, its own copy of the program. It gives a masked vector, and nothing
 * before the ledger has the model that it knows to be next; it unmasks for the survivors that its own replica has, under a checkpoint
 * that a quorum cosigned.
 */
export class StudySite {
  readonly #random: (length: number) => Uint8Array
  readonly #seeds: { readonly node: Uint8Array; readonly witness: Uint8Array; readonly research: Uint8Array }
  #study: Opened | undefined
  #replica: StudyLedger | undefined
  #program: Program | undefined
  #answer: StudyAnswer | undefined
  #told: StudyTold | undefined
  #round: { readonly round: Round; readonly place: Place; state: SiteState } | undefined
  #lastRound = 0

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random
    this.#seeds = { node: random(32), witness: random(32), research: random(32) }
  }

  /** Never throws: what goes wrong is a reply, in words. */
  async answer(request: SiteRequest): Promise<SiteReply> {
    try {
      return await this.#answerTo(request)
    } catch (error) {
      if (error instanceof ResearchError) return { type: 'failed', code: error.code, message: error.message }
      return { type: 'failed', code: 'SITE_FAILED', message: error instanceof Error ? error.message : 'for an unknown reason' }
    }
  }

  async #answerTo(request: SiteRequest): Promise<SiteReply> {
    switch (request.type) {
      case 'open':
        return { type: 'keys', keys: await this.#open(request) }
      case 'genesis':
        this.#replica = new StudyLedger(request.genesis)
        return { type: 'done' }
      case 'block':
        return this.#follow(request.block)
      case 'vote':
        return { type: 'transaction', wire: this.#vote(request.time) }
      case 'round':
        return this.#begin(request)
      case 'message':
        return this.#take(request)
      case 'sum':
        return this.#advance(request.sum)
      case 'cosign':
        return this.#cosign(request)
      case 'figures':
        return { type: 'figures', figures: this.#figures() }
      case 'told':
        this.#told = request.told
        return { type: 'done' }
    }
  }

  get #opened(): Opened {
    return this.#study ?? missing('the study')
  }

  get #ledger(): StudyLedger {
    return this.#replica ?? missing('the genesis')
  }

  /** Everything that is wrong with the spec or the file is told here, before anybody approves anything. */
  async #open({ org, spec: text, ...files }: Extract<SiteRequest, { type: 'open' }>): Promise<MemberKeys> {
    const spec = parseSpec(JSON.parse(text))
    this.#study = { org, spec, specId: studyIdOf(encodeUtf8(text)), rows: await openSiteRows(spec, files) }
    this.#program = startProgram(spec)
    const publicOf = (seed: Uint8Array) => encodeBase64Url(ed25519PublicKey(seed))
    const { node, witness, research } = this.#seeds
    return { node: publicOf(node), witness: publicOf(witness), research: publicOf(research) }
  }

  #follow(block: StudyBlock): SiteReply {
    this.#ledger.add(block)
    return { type: 'done' }
  }

  #vote(time: number): Uint8Array {
    return this.#ledger.transaction('study.vote', { spec: this.#opened.specId, version: 1, approves: true }, time, this.#seeds.node)
  }

  /** Nothing of a run goes on after somebody of the cohort has withdrawn: the difference of two sums would be about that person. */
  #begin({ run, round: number, time }: Extract<SiteRequest, { type: 'round' }>): SiteReply {
    const { org, rows, specId } = this.#opened
    if (rows.hasWithdrawal())
      return { type: 'withdrawn', wire: this.#ledger.transaction('run.abort', { spec: specId, run, reason: 'withdrawal' }, time, this.#seeds.node) }
    rows.remember()
    const program = this.#program ?? missing('the program')
    const place = { spec: specId, run, round: number }
    const begun = studyRound(this.#ledger.state, place)
    if (begun === undefined) throw new ResearchError('STUDY_ROUND', `the ledger has no round ${number}`)
    const model = modelHashOf(programBytes(program))
    if (begun.model !== model) throw new ResearchError('STUDY_ROUND', 'the ledger has another model for this round than follows from the rounds before it')
    const sum = sumNumber(place)
    const round = openRound({
      net: this.#ledger.net,
      study: specId,
      round: sum,
      model,
      roster: this.#roster(place),
      ring: { name: 'exact' },
      length: program.length,
    })
    if (begun.terms !== round.id) throw new ResearchError('STUDY_ROUND', 'the ledger has other terms for this round')
    const step = openSite({ round, org, numbers: program.contribute(rows.training, rows.test), lastRound: this.#lastRound, random: this.#random })
    this.#lastRound = sum
    this.#round = { round, place, state: step.state }
    return this.#send(step, 0)
  }

  #roster({ spec, run }: Place) {
    const { state } = this.#ledger
    const roster = studyRun(state, { spec, run })?.roster ?? []
    return roster.map((org) => ({ org, group: groupOf(state, org) ?? missing(`the group of \`${org}\``) }))
  }

  #take({ message, note, time }: Extract<SiteRequest, { type: 'message' }>): SiteReply {
    const current = this.#round ?? missing('a round')
    const parsed = parseCoordinatorMessage(current.round, message)
    if (parsed.type === 'unmask') this.#requireCosigned(note)
    const step = advanceSite(current.state, parsed, ledgerView(this.#ledger, current.place), this.#random)
    current.state = step.state
    return this.#send(step, time)
  }

  /** What the replica has must be what a quorum of others has too. */
  #requireCosigned(note: string | undefined): void {
    if (note === undefined) throw new ResearchError('STUDY_ROUND', 'expected a cosigned checkpoint, found none')
    verifyCosigned(note, this.#ledger.trust)
    const { size, root } = parseCheckpoint(parseNote(note).text)
    const isOurs = size === this.#ledger.log.size && Buffer.from(root).equals(this.#ledger.log.root())
    if (!isOurs) throw new ResearchError('STUDY_ROUND', 'the cosigned checkpoint is not that of the ledger as this site replayed it')
  }

  #send({ output }: SiteStep, time: number): SiteReply {
    if (output.type !== 'sign') return { type: 'message', message: encodeMessage(output) }
    const signed = signObject(output.kind, output.body, this.#seeds.research)
    const message = encodeMessage(withSignature(output, signed))
    if (output.kind === 'round-keys') return { type: 'message', message }
    const { transcript, commitment } = output.body
    const body = { ...this.#round?.place, transcript: transcript ?? null, commitment: commitment ?? null }
    return { type: 'message', message, wire: this.#ledger.transaction('round.input', body, time, this.#seeds.node) }
  }

  #advance(sum: Float64Array): SiteReply {
    const next = (this.#program ?? missing('the program')).next(sum)
    if ('finished' in next) this.#answer = next.finished
    else this.#program = next
    return { type: 'done' }
  }

  /** A run that is closed with another result than this site comes to is cosigned by nobody who computed it. */
  #cosign({ checkpoint, seconds }: Extract<SiteRequest, { type: 'cosign' }>): SiteReply {
    this.#requireOwnResult()
    return { type: 'cosigned', signature: this.#ledger.cosign(checkpoint, this.#opened.org, this.#seeds.witness, seconds) }
  }

  #requireOwnResult(): void {
    const { org, spec, specId } = this.#opened
    const runs = study(this.#ledger.state, specId)?.runs ?? 0
    const outcome = studyRun(this.#ledger.state, { spec: specId, run: runs })?.outcome
    if (outcome?.state !== 'closed') return
    const told = this.#told ?? missing('what the sites told of themselves')
    const own = told.sites.find(({ name }) => name === org)
    if (own === undefined || !isDeepStrictEqual({ name: org, ...this.#figures() }, own))
      throw new ResearchError('STUDY_ROUND', 'the result says something else of this site than it told')
    const { result, card } = writeStudy(spec, this.#answer ?? missing('an answer'), told)
    if (outcome.result !== resultHashOf(encodeUtf8(result)) || outcome.card !== resultHashOf(encodeUtf8(card)))
      throw new ResearchError('STUDY_ROUND', 'the run is closed with another result than follows from the sums that this site saw')
  }

  #figures(): SiteFigures {
    const { spec, rows } = this.#opened
    const answer = this.#answer
    return { rows: rows.training.rows, test: answer === undefined ? null : judgeTestRows(spec, answer, rows) }
  }
}

interface Opened {
  readonly org: OrganizationId
  readonly spec: StudySpec
  readonly specId: ReturnType<typeof studyIdOf>
  readonly rows: SiteRows
}

export interface Place {
  readonly spec: ReturnType<typeof studyIdOf>
  readonly run: number
  readonly round: number
}

/** In the masked protocol rounds rise through all runs of a study, so that no message of one counts in another. */
export const sumNumber = ({ run, round }: Pick<Place, 'run' | 'round'>): number => (run - 1) * MAX_RUN_ROUNDS + round

/** The masked protocol's view of a replica. */
export function ledgerView({ state }: StudyLedger, place: Place): RoundLedger {
  return {
    member(org) {
      const group = groupOf(state, org)
      const [key] = validKeysOf(state, org, 'research', state.height)
      return group === undefined || key === undefined ? undefined : { group, key: key.keyId, publicKey: decodeBase64Url(key.record.pub) }
    },
    survivors(spec, number) {
      const isOver = studyRun(state, place)?.outcome !== null
      const record = spec !== place.spec || number !== sumNumber(place) || isOver ? undefined : studyRound(state, place)
      const [first] = Object.values(record?.inputs ?? {})
      if (record === undefined || record.survivors === null || first === undefined) return undefined
      const survivors = record.survivors.map((org) => ({ org, commitment: record.inputs[org]?.commitment ?? missing('a commitment') }))
      return { study: spec, round: number, id: record.terms, transcript: first.transcript, survivors }
    },
  }
}

function missing(what: string): never {
  throw new Error(`expected ${what} first`)
}
