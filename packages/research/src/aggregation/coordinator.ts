import { type Bytes32, decodeBase64Url, type OrganizationId, type SignedObject, keysHash, transcriptOf } from '@fiducia/core'
import { ResearchError } from '../errors.ts'
import { type CoordinatorMessage, parseBody, type RoundKeys, roundOf, type ShareFor, type SiteMessage } from './messages.ts'
import { placeOf, requireSorted, type Round, type RoundLedger, type SurvivorRecord, tooFew } from './round.ts'
import { shareDigest, type ShareKind } from './sealed-shares.ts'
import { readKeys, requireSigner } from './site.ts'
import { commitmentOf } from './commitment.ts'
import { unmaskSum } from './unmask.ts'

/**
 * The coordinator of one round. It hands on what sites send, has the survivors recorded, and takes the masks off the sum; it is trusted with
 * nothing but the round's end. It moves when all who are left have sent what a phase is for, or when told that the deadline of the
 * phase passed. A message that is not what the protocol says counts for nothing, and its sender is named; so is one who is gone.
 */
export interface CoordinatorState {
  readonly round: Round
  readonly phase: 'keys' | 'shares' | 'masked' | 'recording' | 'unmasking' | 'done' | 'aborted'
  readonly keys: ReadonlyMap<OrganizationId, GivenKeys>
  readonly shares: ReadonlyMap<OrganizationId, readonly ShareFor[]>
  readonly inputs: ReadonlyMap<OrganizationId, GivenInput>
  readonly answers: ReadonlyMap<OrganizationId, Answer>
  /** Who is out, and why. */
  readonly out: ReadonlyMap<OrganizationId, string>
  /** Of phase `done`. */
  readonly result?: RoundResult
  /** Of phase `aborted`. */
  readonly reason?: string
}

interface GivenKeys {
  readonly signed: SignedObject
  readonly keys: RoundKeys
}

interface GivenInput {
  readonly vector: Uint32Array
  readonly commitment: Bytes32
}

/** The shares that a site handed in, by the organization whose secret they are of. */
export interface Answer {
  readonly self: ReadonlyMap<OrganizationId, Uint8Array>
  readonly mask: ReadonlyMap<OrganizationId, Uint8Array>
}

export interface RoundResult {
  readonly sum: Float64Array
  /** Whose numbers it is the sum of. */
  readonly survivors: readonly OrganizationId[]
}

export type CoordinatorEvent =
  /** From a site, as the transport knows it. */
  | { readonly type: 'message'; readonly from: OrganizationId; readonly message: SiteMessage }
  /** What came from a site could not be parsed. */
  | { readonly type: 'malformed'; readonly from: OrganizationId; readonly reason: string }
  /** A site is gone, or gave up. */
  | { readonly type: 'left'; readonly org: OrganizationId }
  | { readonly type: 'deadline'; readonly phase: CoordinatorState['phase'] }
  /** The ledger has the survivors. */
  | { readonly type: 'recorded' }

export type CoordinatorOutput =
  | { readonly type: 'send'; readonly to: OrganizationId; readonly message: CoordinatorMessage }
  | { readonly type: 'record'; readonly record: SurvivorRecord }

export interface CoordinatorStep {
  readonly state: CoordinatorState
  readonly outputs: readonly CoordinatorOutput[]
}

const NOTHING: ReadonlyMap<OrganizationId, never> = new Map<OrganizationId, never>()

export const openCoordinator = (round: Round): CoordinatorState => ({
  round,
  phase: 'keys',
  keys: NOTHING,
  shares: NOTHING,
  inputs: NOTHING,
  answers: NOTHING,
  out: NOTHING,
})

/** Never throws for what a site does: see `out`, `reason` and `result` of the state. */
export function advanceCoordinator(state: CoordinatorState, event: CoordinatorEvent, ledger: RoundLedger): CoordinatorStep {
  switch (event.type) {
    case 'message':
      return settle(taken(state, event.from, event.message, ledger), false)
    case 'malformed':
      return settle(withOut(state, event.from, event.reason), false)
    case 'left':
      return settle(withOut(state, event.org, 'left'), false)
    case 'deadline':
      return event.phase === state.phase ? settle(state, true) : stay(state)
    case 'recorded':
      return state.phase === 'recording' ? askToUnmask(state, ledger) : stay(state)
  }
}

const stay = (state: CoordinatorState): CoordinatorStep => ({ state, outputs: [] })

/** The first message of a kind counts, in its phase; any other, and one of another round, is left alone: networks repeat and delay. */
function taken(state: CoordinatorState, from: OrganizationId, message: SiteMessage, ledger: RoundLedger): CoordinatorState {
  if (state.out.has(from) || placeOf(state.round, from) === undefined || roundOf(message) !== state.round.id) return state
  try {
    if (state.phase === 'keys' && message.type === 'keys') return withKeys(state, from, message.signed, ledger)
    if (state.phase === 'shares' && message.type === 'shares') return withShares(state, from, message.shares)
    if (state.phase === 'masked' && message.type === 'masked') return withInput(state, from, message, ledger)
    if (state.phase === 'unmasking' && message.type === 'answer') return withAnswer(state, from, message)
    return state
  } catch (error) {
    if (error instanceof ResearchError) return withOut(state, from, error.message)
    throw error
  }
}

function withOut(state: CoordinatorState, org: OrganizationId, reason: string): CoordinatorState {
  if (state.out.has(org) || placeOf(state.round, org) === undefined) return state
  return { ...state, out: new Map(state.out).set(org, reason) }
}

function withKeys(state: CoordinatorState, from: OrganizationId, signed: SignedObject, ledger: RoundLedger): CoordinatorState {
  if (state.keys.has(from)) return state
  const keys = readKeys(state.round, signed, ledger)
  if (keys.org !== from) throw refused(`\`${from}\` sent the keys of \`${keys.org}\``)
  return { ...state, keys: new Map(state.keys).set(from, { signed, keys }) }
}

function withShares(state: CoordinatorState, from: OrganizationId, shares: readonly ShareFor[]): CoordinatorState {
  if (state.shares.has(from) || !state.keys.has(from)) return state
  const receivers = shares.map(({ to }) => to)
  requireSorted(receivers, 'shares')
  if (receivers.length !== state.keys.size || !receivers.every((org) => state.keys.has(org))) throw refused(`\`${from}\` did not send shares for each site`)
  return { ...state, shares: new Map(state.shares).set(from, shares) }
}

function withInput(state: CoordinatorState, from: OrganizationId, { signed, vector }: SiteMessage & { type: 'masked' }, ledger: RoundLedger): CoordinatorState {
  const { round } = state
  if (state.inputs.has(from) || !state.shares.has(from)) return state
  const input = parseBody(round, 'round-input', signed)
  if (input.org !== from) throw refused(`\`${from}\` sent the vector of \`${input.org}\``)
  requireSigner(round, ledger, from, 'round-input', signed)
  if (input.transcript !== transcriptOfState(state)) throw refused(`\`${from}\` masked under other keys or shares`)
  if (vector.length !== round.length * round.numbers.limbs) throw refused(`the vector of \`${from}\` has another length`)
  if (commitmentOf(input.transcript, from, vector) !== input.commitment) throw refused(`the vector of \`${from}\` does not fit its commitment`)
  return { ...state, inputs: new Map(state.inputs).set(from, { vector, commitment: input.commitment }) }
}

function withAnswer(state: CoordinatorState, from: OrganizationId, message: SiteMessage & { type: 'answer' }): CoordinatorState {
  if (state.answers.has(from) || !state.inputs.has(from)) return state
  const answer = {
    self: checkedShares(state, from, 'self', message.self, survivorsOf(state)),
    mask: checkedShares(state, from, 'mask', message.mask, dropoutsOf(state)),
  }
  return { ...state, answers: new Map(state.answers).set(from, answer) }
}

/** Exactly the shares asked for, each the one that its owner dealt to this site. */
function checkedShares(
  state: CoordinatorState,
  from: OrganizationId,
  kind: ShareKind,
  shares: readonly { readonly org: OrganizationId; readonly share: string }[],
  asked: readonly OrganizationId[],
): ReadonlyMap<OrganizationId, Uint8Array> {
  if (shares.length !== asked.length || shares.some(({ org }, i) => org !== asked[i])) throw refused(`\`${from}\` answered for other sites than asked`)
  return new Map(
    shares.map(({ org, share }) => {
      const value = decodeBase64Url(share)
      const dealt = state.shares.get(org)?.find(({ to }) => to === from)
      if (shareDigest(state.round.id, kind, org, from, value) !== dealt?.[kind]) throw refused(`\`${from}\` handed in a changed share of \`${org}\``)
      return [org, value]
    }),
  )
}

const sorted = (orgs: Iterable<OrganizationId>): readonly OrganizationId[] => [...orgs].toSorted((a, b) => (a < b ? -1 : 1))
const survivorsOf = (state: CoordinatorState) => sorted(state.inputs.keys())
const dropoutsOf = (state: CoordinatorState) => sorted(state.shares.keys()).filter((org) => !state.inputs.has(org))
const signedKeys = (state: CoordinatorState): readonly SignedObject[] =>
  sorted(state.keys.keys()).flatMap((org) => {
    const given = state.keys.get(org)
    return given === undefined ? [] : [given.signed]
  })
const transcriptOfState = (state: CoordinatorState): Bytes32 => {
  const { keys, sharers } = shownToSites(state)
  return transcriptOf(state.round.id, keysHash(keys), sharers)
}

/** What all sites were shown alike, and committed themselves under: the signed keys, and whose shares were handed on. */
export const shownToSites = (state: CoordinatorState): { readonly keys: readonly SignedObject[]; readonly sharers: readonly OrganizationId[] } => ({
  keys: signedKeys(state),
  sharers: sorted(state.shares.keys()),
})

/** Goes on to the next phase when nobody is waited for, or the time is up. */
function settle(state: CoordinatorState, late: boolean): CoordinatorStep {
  const waitsFor = (expected: Iterable<OrganizationId>, given: ReadonlyMap<OrganizationId, unknown>) =>
    !late && [...expected].some((org) => !given.has(org) && !state.out.has(org))
  switch (state.phase) {
    case 'keys':
      return waitsFor(
        state.round.roster.map(({ org }) => org),
        state.keys,
      )
        ? stay(state)
        : showKeys(state)
    case 'shares':
      return waitsFor(state.keys.keys(), state.shares) ? stay(state) : deliverShares(state)
    case 'masked':
      return waitsFor(state.shares.keys(), state.inputs) ? stay(state) : recordSurvivors(state)
    case 'unmasking':
      if (state.answers.size >= state.round.threshold) return finish(state)
      return waitsFor(state.inputs.keys(), state.answers) ? stay(state) : aborted(state, `${state.answers.size} answers, ${state.round.threshold} are needed`)
    case 'recording':
      return late ? aborted(state, 'the survivors were not recorded in time') : stay(state)
    case 'done':
    case 'aborted':
      return stay(state)
  }
}

function showKeys(state: CoordinatorState): CoordinatorStep {
  const keys = new Map([...state.keys].filter(([org]) => !state.out.has(org)))
  const reason = tooFew(state.round, [...keys.keys()])
  if (reason !== undefined) return aborted(state, reason)
  const next = { ...state, phase: 'shares', keys } as const
  return { state: next, outputs: sendTo(keys.keys(), () => ({ type: 'all-keys', round: state.round.id, keys: signedKeys(next) })) }
}

function deliverShares(state: CoordinatorState): CoordinatorStep {
  const shares = new Map([...state.shares].filter(([org]) => !state.out.has(org)))
  const reason = tooFew(state.round, [...shares.keys()])
  if (reason !== undefined) return aborted(state, reason)
  const from = sorted(shares.keys())
  const outputs = sendTo(from, (to) => ({ type: 'delivery', round: state.round.id, shares: from.flatMap((org) => sharesFor(shares, org, to)) }))
  return { state: { ...state, phase: 'masked', shares }, outputs }
}

function sharesFor(shares: CoordinatorState['shares'], from: OrganizationId, receiver: OrganizationId) {
  const found = shares.get(from)?.find((one) => one.to === receiver)
  if (found === undefined) return []
  const { to: _to, ...share } = found
  return [{ from, ...share }]
}

function recordSurvivors(state: CoordinatorState): CoordinatorStep {
  const reason = tooFew(state.round, [...state.inputs.keys()])
  if (reason !== undefined) return aborted(state, reason)
  return { state: { ...state, phase: 'recording' }, outputs: [{ type: 'record', record: recordOf(state) }] }
}

function recordOf(state: CoordinatorState): SurvivorRecord {
  const { study, round, id } = state.round
  const survivors = survivorsOf(state).flatMap((org) => {
    const commitment = state.inputs.get(org)?.commitment
    return commitment === undefined ? [] : [{ org, commitment }]
  })
  return { study, round, id, transcript: transcriptOfState(state), survivors }
}

function askToUnmask(state: CoordinatorState, ledger: RoundLedger): CoordinatorStep {
  const record = ledger.survivors(state.round.study, state.round.round)
  const survivors = survivorsOf(state)
  const isOurs = record?.transcript === transcriptOfState(state) && record.survivors.map(({ org }) => org).join() === survivors.join()
  if (!isOurs) return aborted(state, 'the ledger has other survivors of this round')
  const message = { type: 'unmask', round: state.round.id, survivors, dropouts: dropoutsOf(state) } as const
  return { state: { ...state, phase: 'unmasking' }, outputs: sendTo(survivors, () => message) }
}

const sendTo = (orgs: Iterable<OrganizationId>, message: (to: OrganizationId) => CoordinatorMessage): readonly CoordinatorOutput[] =>
  sorted(orgs).map((to) => ({ type: 'send', to, message: message(to) }))

function finish(state: CoordinatorState): CoordinatorStep {
  const keys = new Map([...state.keys].map(([org, given]) => [org, given.keys]))
  const inputs = new Map([...state.inputs].map(([org, { vector }]) => [org, vector]))
  try {
    const sum = unmaskSum({ round: state.round, keys, inputs, dropouts: dropoutsOf(state), answers: state.answers })
    return stay({ ...state, phase: 'done', result: { sum, survivors: survivorsOf(state) } })
  } catch (error) {
    if (error instanceof ResearchError) return aborted(state, error.message)
    throw error
  }
}

const aborted = (state: CoordinatorState, reason: string): CoordinatorStep => stay({ ...state, phase: 'aborted', reason })

const refused = (message: string) => new ResearchError('STUDY_ROUND', message)
