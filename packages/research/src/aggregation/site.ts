import {
  type Bytes32,
  decodeBase64Url,
  encodeBase64Url,
  type JsonObject,
  type OrganizationId,
  type SignedObject,
  verifySignedObject,
  x25519PublicKey,
  x25519Shared,
  keysHash,
  transcriptOf,
} from '@fiducia/core'
import { ResearchError } from '../errors.ts'
import { addsMask, applyMask, maskKey } from './masks.ts'
import {
  type AllKeysMessage,
  type AnswerMessage,
  bodyToSign,
  type CoordinatorMessage,
  type DeliveryMessage,
  parseBody,
  type RoundKeys,
  type ShareFor,
  type ShareFrom,
  type SharesMessage,
  type SiteMessage,
  type UnmaskMessage,
} from './messages.ts'
import { commitmentOf } from './commitment.ts'
import { placeOf, requireSorted, type Round, type RoundLedger, type SurvivorRecord, tooFew } from './round.ts'
import { openShares, seedDigest, sealShares, shareDigest, type SharePair } from './sealed-shares.ts'
import { type RandomBytes, splitSecret } from './shamir.ts'

/**
 * A site in one round: `openSite`, then `advanceSite` with each message of the coordinator. Nothing that the coordinator says is
 * believed: members and keys come from the ledger, and so do the survivors; all else is signed by another
 * site, or compared with what this site saw before. A step throws `STUDY_ROUND` and leaves the state as it was, so a lie costs
 * nothing; what a site gives out at each step it gives out once.
 *
 * A state holds the round's secrets. It is kept in memory only: after a restart the site is a dropout of this round.
 */
export type SiteState =
  | ({ readonly phase: 'keys' } & Opened)
  | ({ readonly phase: 'shares' } & WithKeys)
  | ({ readonly phase: 'masked' } & WithShares)
  | { readonly phase: 'answered' }

interface Opened {
  readonly round: Round
  readonly org: OrganizationId
  readonly limbs: Uint32Array
  readonly secrets: Secrets
  readonly keys: RoundKeys
}

interface Secrets {
  readonly mask: Uint8Array
  readonly seal: Uint8Array
  readonly seed: Uint8Array
}

interface WithKeys extends Opened {
  /** What this site has in common with each site that showed keys, itself included. */
  readonly agreed: ReadonlyMap<OrganizationId, Agreed>
  readonly keysHash: Bytes32
}

/** X25519 secrets of a pair, for its masks and for the shares sealed between the two. */
interface Agreed {
  readonly mask: Uint8Array
  readonly seal: Uint8Array
}

interface WithShares {
  readonly round: Round
  readonly org: OrganizationId
  readonly held: ReadonlyMap<OrganizationId, SharePair>
  readonly transcript: Bytes32
  readonly commitment: Bytes32
}

/** A message that goes out, or what must be signed with the research key before it can: `withSignature`. */
export type SiteOutput = SharesMessage | AnswerMessage | Unsigned
export type Unsigned =
  | { readonly type: 'sign'; readonly kind: 'round-keys'; readonly body: JsonObject }
  | { readonly type: 'sign'; readonly kind: 'round-input'; readonly body: JsonObject; readonly vector: Uint32Array }

export interface SiteStep {
  readonly state: SiteState
  readonly output: SiteOutput
}

export interface SiteOptions {
  readonly round: Round
  readonly org: OrganizationId
  readonly numbers: Float64Array
  /** The last round of this study that the site took part in, or 0: an earlier one is not repeated. */
  readonly lastRound: number
  readonly random: RandomBytes
}

/** Throws `STUDY_ROUND` for a round that was, or is not this site's; `STUDY_RANGE` for numbers beyond the ring. */
export function openSite({ round, org, numbers, lastRound, random }: SiteOptions): SiteStep {
  if (round.round <= lastRound) throw refused(`round ${round.round} is not after round ${lastRound}, in which this site took part`)
  if (placeOf(round, org) === undefined) throw refused(`\`${org}\` is not in the roster`)
  if (numbers.length !== round.length) throw refused(`expected ${round.length} numbers, found ${numbers.length}`)
  const secrets = { mask: random(32), seal: random(32), seed: random(32) }
  const keys: RoundKeys = {
    org,
    round: round.id,
    mask: publicOf(secrets.mask),
    seal: publicOf(secrets.seal),
    self: seedDigest(round.id, org, secrets.seed),
  }
  const state = { phase: 'keys', round, org, limbs: round.numbers.encode(numbers), secrets, keys } as const
  return { state, output: { type: 'sign', kind: 'round-keys', body: bodyToSign(round, 'round-keys', keys) } }
}

const publicOf = (secret: Uint8Array) => encodeBase64Url(x25519PublicKey(secret)) as Bytes32

/** The message, signed by whoever has the research key. */
export function withSignature(unsigned: Unsigned, signed: SignedObject): SiteMessage {
  return unsigned.kind === 'round-keys' ? { type: 'keys', signed } : { type: 'masked', signed, vector: unsigned.vector }
}

/** Throws `STUDY_ROUND` for a message that this site must not follow; its state then stays what it was. */
export function advanceSite(state: SiteState, message: CoordinatorMessage, ledger: RoundLedger, random: RandomBytes): SiteStep {
  if (state.phase !== 'answered' && message.round !== state.round.id) throw refused('the message is of another round, roster or model')
  if (state.phase === 'keys' && message.type === 'all-keys') return takeKeys(state, message, ledger, random)
  if (state.phase === 'shares' && message.type === 'delivery') return takeShares(state, message)
  if (state.phase === 'masked' && message.type === 'unmask') return takeSurvivors(state, message, ledger)
  throw refused(`\`${message.type}\` does not come now: the last thing that this site gave is its ${GIVEN[state.phase]}`)
}

const GIVEN = { keys: 'keys', shares: 'shares', masked: 'masked vector', answered: 'answer' } as const

function takeKeys(state: Opened, message: AllKeysMessage, ledger: RoundLedger, random: RandomBytes): SiteStep {
  const { round, org } = state
  const all = message.keys.map((signed) => readKeys(round, signed, ledger))
  const orgs = all.map((keys) => keys.org)
  requireSorted(orgs, 'keys')
  requireOwn(
    state,
    all.find((keys) => keys.org === org),
  )
  requireDistinct(all)
  requireEnough(round, orgs)
  const agreed = new Map(all.map((keys) => [keys.org, agree(state.secrets, keys)]))
  const next = { ...state, phase: 'shares', agreed, keysHash: keysHash(message.keys) } as const
  return { state: next, output: { type: 'shares', round: round.id, shares: sealForAll(next, random) } }
}

/** A site's keys, whose signature is by the research key that the ledger has for it. */
export function readKeys(round: Round, signed: SignedObject, ledger: RoundLedger): RoundKeys {
  const keys = parseBody(round, 'round-keys', signed)
  requireSigner(round, ledger, keys.org, 'round-keys', signed)
  return keys
}

/** Throws unless `org` has this seat on the ledger and signed with its research key. */
export function requireSigner(round: Round, ledger: RoundLedger, org: OrganizationId, kind: 'round-keys' | 'round-input', signed: SignedObject): void {
  const seat = round.roster.find((one) => one.org === org)
  const member = ledger.member(org)
  if (seat === undefined || member === undefined || member.group !== seat.group) throw refused(`\`${org}\` is not in the roster as the ledger has it`)
  if (!verifySignedObject(signed, kind, member.publicKey)) throw refused(`\`${org}\` did not sign with the research key that the ledger has for it`)
}

function requireOwn(state: Opened, shown: RoundKeys | undefined): void {
  const { keys } = state
  if (shown?.mask !== keys.mask || shown.seal !== keys.seal || shown.self !== keys.self) throw refused("this site's own keys are not among those shown")
}

function requireDistinct(all: readonly RoundKeys[]): void {
  const keys = all.flatMap(({ mask, seal }) => [mask, seal])
  if (new Set(keys).size !== keys.length) throw refused('two sites show one key')
}

function requireEnough(round: Round, orgs: readonly OrganizationId[]): void {
  const reason = tooFew(round, orgs)
  if (reason !== undefined) throw refused(reason)
}

function agree(secrets: Secrets, other: RoundKeys): Agreed {
  const mask = x25519Shared(secrets.mask, decodeBase64Url(other.mask))
  const seal = x25519Shared(secrets.seal, decodeBase64Url(other.seal))
  if (mask === undefined || seal === undefined) throw refused(`\`${other.org}\` shows a key of small order`)
  return { mask, seal }
}

function sealForAll(state: WithKeys, random: RandomBytes): readonly ShareFor[] {
  const { round, org, secrets } = state
  const seats = round.roster.length
  const self = splitSecret(secrets.seed, round.threshold, seats, random)
  const mask = splitSecret(secrets.mask, round.threshold, seats, random)
  return [...state.agreed].map(([to, { seal }]) => {
    const at = (placeOf(round, to) ?? 0) - 1
    const pair = { self: self[at]?.value ?? new Uint8Array(), mask: mask[at]?.value ?? new Uint8Array() }
    const envelope = { round: round.id, keys: state.keysHash, from: org, to }
    return { to, sealed: sealShares(envelope, seal, pair, random), ...digestsOf(round, org, to, pair) }
  })
}

const digestsOf = ({ id }: Round, from: OrganizationId, to: OrganizationId, pair: SharePair) => ({
  self: shareDigest(id, 'self', from, to, pair.self),
  mask: shareDigest(id, 'mask', from, to, pair.mask),
})

function takeShares(state: WithKeys, message: DeliveryMessage): SiteStep {
  const { round, org } = state
  const sharers = message.shares.map(({ from }) => from)
  requireSorted(sharers, 'shares')
  requireEnough(round, sharers)
  if (!sharers.includes(org)) throw refused("this site's own shares were not handed on")
  const held = new Map(message.shares.map((one) => [one.from, openFrom(state, one)]))
  const transcript = transcriptOf(round.id, state.keysHash, sharers)
  const vector = maskedVector(state, sharers)
  const commitment = commitmentOf(transcript, org, vector)
  const body = bodyToSign(round, 'round-input', { org, round: round.id, transcript, commitment })
  return { state: { phase: 'masked', round, org, held, transcript, commitment }, output: { type: 'sign', kind: 'round-input', body, vector } }
}

function openFrom({ round, org, agreed, keysHash: keys }: WithKeys, { from, sealed, self, mask }: ShareFrom): SharePair {
  const secret = agreed.get(from)?.seal
  const pair = secret && openShares({ round: round.id, keys, from, to: org }, secret, sealed)
  if (pair === undefined) throw refused(`the shares of \`${from}\` do not open: changed on the way, or sealed under other keys`)
  const digests = digestsOf(round, from, org, pair)
  if (digests.self !== self || digests.mask !== mask) throw refused(`the shares of \`${from}\` do not fit their digests`)
  return pair
}

/** The site's numbers, its self-mask, and a mask with every other site whose shares were handed on. */
function maskedVector(state: WithKeys, sharers: readonly OrganizationId[]): Uint32Array {
  const { round, org, secrets } = state
  const vector = state.limbs.slice()
  applyMask(round.numbers, vector, maskKey(round, secrets.seed, org, org), true)
  for (const other of sharers) {
    const secret = state.agreed.get(other)?.mask
    if (other === org || secret === undefined) continue
    applyMask(round.numbers, vector, maskKey(round, secret, org, other), addsMask(org, other))
  }
  return vector
}

function takeSurvivors(state: WithShares, message: UnmaskMessage, ledger: RoundLedger): SiteStep {
  const { round, held } = state
  const { survivors, dropouts } = message
  const both = survivors.find((org) => dropouts.includes(org))
  if (both !== undefined) throw refused(`\`${both}\` is both in the list of survivors and in that of dropouts`)
  requireSorted(survivors, 'survivors')
  requireSorted(dropouts, 'dropouts')
  requireRecorded(state, survivors, ledger.survivors(round.study, round.round))
  requireEnough(round, survivors)
  if (survivors.length + dropouts.length !== held.size || ![...survivors, ...dropouts].every((org) => held.has(org))) {
    throw refused('survivors and dropouts are not the sites whose shares were handed on')
  }
  const sharesOf = (orgs: readonly OrganizationId[], kind: keyof SharePair) =>
    orgs.map((org) => ({ org, share: encodeBase64Url(held.get(org)?.[kind] ?? new Uint8Array()) }))
  return {
    state: { phase: 'answered' },
    output: { type: 'answer', round: round.id, self: sharesOf(survivors, 'self'), mask: sharesOf(dropouts, 'mask') },
  }
}

/** The survivors are those of the ledger, for what this site saw and gave. */
function requireRecorded(state: WithShares, survivors: readonly OrganizationId[], record: SurvivorRecord | undefined): void {
  const { round, org, transcript, commitment } = state
  if (record === undefined) throw refused('the ledger has no survivors of this round')
  if (record.id !== round.id) throw refused('the ledger has survivors of another roster or model')
  if (record.transcript !== transcript) throw refused('the ledger has survivors under other keys or shares than this site saw')
  const recorded = record.survivors.map((one) => one.org)
  if (recorded.length !== survivors.length || recorded.some((one, i) => one !== survivors[i])) throw refused('these are not the survivors on the ledger')
  const own = record.survivors.find((one) => one.org === org)
  if (own?.commitment !== commitment) throw refused(`the ledger does not have what \`${org}\` committed to`)
}

const refused = (message: string) => new ResearchError('STUDY_ROUND', message)
