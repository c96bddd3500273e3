import { decodeBase64Url, parseCanonical } from '@fiducia/core'
import { genesisTrust, parseGenesis } from '@fiducia/ledger'
import { type BundleFiles, formatTrustPolicy, parseSamplePack, type SamplePack, trustPolicyOf } from '@fiducia/proofs'
import * as z from 'zod'
import type { MemberConfig } from '../config.ts'
import { openDesk, type OperatorPorts, signRequest } from '../keys/desk.ts'
import { SAMPLE_TIMEOUT_MS } from '../limits.ts'
import type { SampleTerms } from './evidence.ts'

export interface TakenSample {
  readonly files: BundleFiles
  readonly pack: SamplePack
  /** A tlog-policy: whom to believe at the genesis. The bundle carries how that was handed on since. */
  readonly trust: string
}

const bundleSchema = z.object({ files: z.record(z.string(), z.string()) })

/** The operator asks the organization's running node for a sample. Throws what `DirectoryEvidence` throws, `NODE_SILENT` or `KEY_MISSING`. */
export async function requestSample(config: MemberConfig, { days, size }: SampleTerms, ports: OperatorPorts): Promise<TakenSample> {
  const desk = await openDesk(config, ports)
  const where = `/operator/directory/evidence?days=${days}&size=${size}`
  const headers = await signRequest(desk, where)
  const answer = await desk.node.ask(where, bundleSchema, { method: 'POST', headers, timeoutMs: SAMPLE_TIMEOUT_MS })
  const files = new Map(Object.entries(answer.files).map(([name, bytes]) => [name, decodeBase64Url(bytes)]))
  const pack = parseSamplePack(parseCanonical(files.get('sample.json') ?? new Uint8Array()), 'sample.json')
  return { files, pack, trust: formatTrustPolicy(trustPolicyOf(genesisTrust(parseGenesis(config.genesis)), config.net)) }
}
