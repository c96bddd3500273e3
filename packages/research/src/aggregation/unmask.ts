import { type Bytes32, encodeBase64Url, type OrganizationId, decodeBase64Url, x25519PublicKey, x25519Shared } from '@fiducia/core'
import { ResearchError } from '../errors.ts'
import { addsMask, applyMask, maskKey } from './masks.ts'
import type { RoundKeys } from './messages.ts'
import { placeOf, type Round } from './round.ts'
import { seedDigest, type ShareKind } from './sealed-shares.ts'
import { joinShares, type Share } from './shamir.ts'

/** All that is known once enough sites answered. */
export interface Unmasking {
  readonly round: Round
  readonly keys: ReadonlyMap<OrganizationId, RoundKeys>
  /** The survivors' masked vectors. */
  readonly inputs: ReadonlyMap<OrganizationId, Uint32Array>
  /** Who shared keys, but is no survivor. */
  readonly dropouts: readonly OrganizationId[]
  /** By who answered: shares of the survivors' seeds and of the dropouts' mask keys. */
  readonly answers: ReadonlyMap<OrganizationId, { readonly [kind in ShareKind]: ReadonlyMap<OrganizationId, Uint8Array> }>
}

/**
 * The sum of the survivors' numbers. Each secret that shares give back is compared with what its owner signed, so a false
 * share, or a false dealer, ends the round and never changes the sum. Throws `STUDY_ROUND` with the dealer's name; `STUDY_RANGE` for a
 * sum that legal numbers cannot give.
 */
export function unmaskSum(known: Unmasking): Float64Array {
  const { round, inputs, dropouts } = known
  const sum = new Uint32Array(round.length * round.numbers.limbs)
  const seeds = new Map([...inputs.keys()].map((org) => [org, joinSeed(known, org)]))
  const secrets = new Map(dropouts.map((org) => [org, joinMaskSecret(known, org)]))
  for (const vector of inputs.values()) round.numbers.add(sum, vector)
  for (const [org, seed] of seeds) applyMask(round.numbers, sum, maskKey(round, seed, org, org), false)
  for (const [dropout, secret] of secrets) {
    for (const survivor of inputs.keys()) {
      const pair = pairSecret(secret, known.keys.get(survivor)?.mask)
      applyMask(round.numbers, sum, maskKey(round, pair, survivor, dropout), !addsMask(survivor, dropout))
    }
  }
  return round.numbers.decode(sum)
}

function joinSeed(known: Unmasking, org: OrganizationId): Uint8Array {
  const seed = join(known, org, 'self')
  if (seedDigest(known.round.id, org, seed) !== known.keys.get(org)?.self) throw falseShares(org)
  return seed
}

function joinMaskSecret(known: Unmasking, org: OrganizationId): Uint8Array {
  const secret = join(known, org, 'mask')
  if (encodeBase64Url(x25519PublicKey(secret)) !== known.keys.get(org)?.mask) throw falseShares(org)
  return secret
}

function join({ round, answers }: Unmasking, org: OrganizationId, kind: ShareKind): Uint8Array {
  const shares = [...answers].flatMap(([from, answer]): readonly Share[] => {
    const [index, value] = [placeOf(round, from), answer[kind].get(org)]
    return index === undefined || value === undefined ? [] : [{ index, value }]
  })
  try {
    return joinShares(shares, round.threshold)
  } catch (error) {
    if (error instanceof ResearchError) throw falseShares(org)
    throw error
  }
}

function pairSecret(secret: Uint8Array, publicKey: Bytes32 | undefined): Uint8Array {
  const shared = publicKey && x25519Shared(secret, decodeBase64Url(publicKey))
  if (shared === undefined) throw new ResearchError('STUDY_ROUND', 'a public key is of small order')
  return shared
}

const falseShares = (org: OrganizationId) => new ResearchError('STUDY_ROUND', `\`${org}\` dealt shares of another secret than it signed`)
