import { type Bytes32, decodeBase64Url, domainHash, encodeBase64Url, encodeUtf8, type OrganizationId } from '@fiducia/core'
import { bytesOfLimbs } from './ring.ts'

/** Of a masked vector, which is uniform: it tells nothing of the numbers. */
export const commitmentOf = (transcript: Bytes32, org: OrganizationId, vector: Uint32Array): Bytes32 =>
  encodeBase64Url(domainHash('masked', decodeBase64Url(transcript), encodeUtf8(`${org}\0`), bytesOfLimbs(vector))) as Bytes32
