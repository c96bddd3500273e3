import { encodeBase64Url } from './bytes.ts'
import { domainHash } from './hashing.ts'
import { type Bytes32, type OrganizationId, parseBytes32 } from './identifiers.ts'
import { encodeCanonical, type JsonValue } from './json.ts'
import type { SignedObject } from './signed-object.ts'

/** What all sites of a masked sum saw alike (docs/spec/aggregation.md): sites commit themselves under it, and whoever reads a study's bundle makes it again. */

const hashOf = (value: JsonValue): Bytes32 => parseBytes32(encodeBase64Url(domainHash('transcript', encodeCanonical(value))))

/** H(D("transcript") ‖ JCS[signed keys]), in the order in which they were shown. */
export const keysHash = (keys: readonly SignedObject[]): Bytes32 => hashOf(keys.map(({ body, key, sig }) => ({ body, key, sig })))

/** H(D("transcript") ‖ JCS{round, keys, sharers}): the round's id, `keysHash`, and the sites whose shares were handed on, with whom each site has masks. */
export const transcriptOf = (round: Bytes32, keys: Bytes32, sharers: readonly OrganizationId[]): Bytes32 => hashOf({ round, keys, sharers: [...sharers] })
