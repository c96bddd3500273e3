import { type Bytes32, decodeBase64Url, domainHash, encodeBase64Url, encodeUtf8, type OrganizationId, type SignedObject } from '@fiducia/core'
import { bytesOfLimbs } from './ring.ts'
import { hashOf, type Round } from './round.ts'

/** What all sites must have seen alike: hashes that are sealed, signed and recorded. */

/** Of the list of signed keys, as it was shown. */
export const keysHash = (keys: readonly SignedObject[]): Bytes32 =>
  hashOf(
    'transcript',
    keys.map(({ body, key, sig }) => ({ body, key, sig })),
  )

/** Of the round, the keys and the sites whose shares were handed on, which are those with whom each site has masks. */
export const transcriptOf = (round: Round, keys: Bytes32, sharers: readonly OrganizationId[]): Bytes32 =>
  hashOf('transcript', { round: round.id, keys, sharers })

/** Of a masked vector, which is uniform: it tells nothing of the numbers. */
export const commitmentOf = (transcript: Bytes32, org: OrganizationId, vector: Uint32Array): Bytes32 =>
  encodeBase64Url(domainHash('masked', decodeBase64Url(transcript), encodeUtf8(`${org}\0`), bytesOfLimbs(vector))) as Bytes32
