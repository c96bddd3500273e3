import { type Bytes32, domainHash, encodeBase64Url, encodeCanonical, type GroupId, type NetworkId, type OrganizationId, parseBytes32 } from '@fiducia/core'
import { ResearchError } from '../errors.ts'
import { MAX_SITES, MAX_SUM_LENGTH, MIN_GROUPS } from '../limits.ts'
import { createRing, type Ring, type RingTerms } from './ring.ts'

/** One masked sum: what every site must agree on before it shows anything. All of it is public and stands on the ledger. */
export interface RoundTerms {
  readonly net: NetworkId
  /** The hash of the spec. */
  readonly study: Bytes32
  /** From 1, rising within a study. */
  readonly round: number
  /** The hash of the public values that the sites compute on. */
  readonly model: Bytes32
  /** Sorted by organization. */
  readonly roster: readonly Seat[]
  readonly ring: RingTerms
  /** How many numbers each site gives. */
  readonly length: number
}

/** A site and the corporate parent that it belongs to. */
export interface Seat {
  readonly org: OrganizationId
  readonly group: GroupId
}

/** Terms that were checked, with what follows from them. */
export interface Round extends RoundTerms {
  /** Of all terms: every message and key of the round is bound to it. */
  readonly id: Bytes32
  /** How many sites must take part to the end: more than two thirds. */
  readonly threshold: number
  readonly numbers: Ring
}

/** What a site reads from its own copy of the ledger, and nowhere else. */
export interface RoundLedger {
  /** A member with its group and its Ed25519 research key, as they hold for this round. */
  member(org: OrganizationId): { readonly group: GroupId; readonly publicKey: Uint8Array } | undefined
  /** What is recorded of the survivors of this round; written once. */
  survivors(study: Bytes32, round: number): SurvivorRecord | undefined
}

/** Written before anything is unmasked. */
export interface SurvivorRecord {
  readonly study: Bytes32
  readonly round: number
  /** `Round.id`. */
  readonly id: Bytes32
  /** Which keys all sites saw, and whose shares were handed on. */
  readonly transcript: Bytes32
  /** Whose masked vectors are added up, sorted, each with the commitment that it signed. */
  readonly survivors: readonly { readonly org: OrganizationId; readonly commitment: Bytes32 }[]
}

/** Throws `STUDY_ROUND` for terms under which no round may run, and `STUDY_RANGE` for a ring without room for its sites. */
export function openRound(terms: RoundTerms): Round {
  const { roster, round, length } = terms
  if (!Number.isSafeInteger(round) || round < 1) throw refused(`expected a round from 1, found \`${round}\``)
  if (!Number.isSafeInteger(length) || length < 1 || length > MAX_SUM_LENGTH) throw refused(`expected 1 to ${MAX_SUM_LENGTH} numbers, found \`${length}\``)
  if (roster.length > MAX_SITES) throw refused(`expected at most ${MAX_SITES} sites, found ${roster.length}`)
  requireSorted(
    roster.map(({ org }) => org),
    'the roster',
  )
  requireGroups(roster)
  return { ...terms, id: idOf(terms), threshold: thresholdOf(roster.length), numbers: createRing(terms.ring, roster.length) }
}

/** The least whole number above two thirds: no two halves of a split network can both reach it, even with a third of the sites in both. */
export const thresholdOf = (sites: number): number => Math.floor((2 * sites) / 3) + 1

function idOf({ net, study, round, model, roster, ring, length }: RoundTerms): Bytes32 {
  const numbers = ring.name === 'exact' ? { name: ring.name } : { name: ring.name, clip: bitsOf(ring.clip), scale: bitsOf(ring.scale) }
  const seats = roster.map(({ org, group }) => ({ org, group }))
  const terms = encodeCanonical({ net, study, round, model, roster: seats, ring: numbers, length })
  return parseBytes32(encodeBase64Url(domainHash('round', terms)))
}

/** JSON of the protocol has no fractions: the eight bytes of the double. */
function bitsOf(value: number): string {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value)
  return encodeBase64Url(bytes)
}

/** Throws `STUDY_ROUND` unless each name is greater than the one before. */
export function requireSorted(names: readonly string[], what: string): void {
  const at = names.findIndex((name, i) => i > 0 && name <= (names[i - 1] ?? ''))
  if (at >= 0) throw refused(`expected ${what} in order and each once, found \`${names[at]}\` after \`${names[at - 1]}\``)
}

/** From 1: a site's place in the roster, which is the index of its shares. Undefined for who is not in it. */
export function placeOf(round: RoundTerms, org: OrganizationId): number | undefined {
  const at = round.roster.findIndex((seat) => seat.org === org)
  return at < 0 ? undefined : at + 1
}

/** Whether enough sites of enough groups are left. Gives the reason why not. */
export function tooFew(round: Round, orgs: readonly OrganizationId[]): string | undefined {
  if (orgs.length < round.threshold) return `${orgs.length} sites are left, ${round.threshold} of ${round.roster.length} are needed`
  const groups = new Set(round.roster.filter(({ org }) => orgs.includes(org)).map(({ group }) => group))
  return groups.size < MIN_GROUPS ? `the sites that are left belong to ${groups.size} groups, ${MIN_GROUPS} are needed` : undefined
}

function requireGroups(roster: readonly Seat[]): void {
  const groups = new Set(roster.map(({ group }) => group))
  if (groups.size < MIN_GROUPS) throw refused(`expected sites of at least ${MIN_GROUPS} groups, found ${groups.size}`)
}

const refused = (message: string) => new ResearchError('STUDY_ROUND', message)
