import { decodeBase64Url } from '@fiducia/core'
import type { BundleFiles } from '@fiducia/proofs'
import * as z from 'zod'
import type { MemberConfig } from '../config.ts'
import { openDesk, type OperatorPorts, signRequest } from '../keys/desk.ts'
import { SAMPLE_TIMEOUT_MS } from '../limits.ts'
import type { SampleTerms } from './evidence.ts'

const bundleSchema = z.object({ files: z.record(z.string(), z.string()) })

/** The operator asks the organization's running node for a sample. Throws what `DirectoryEvidence` throws, `NODE_SILENT` or `KEY_MISSING`. */
export async function requestSample(config: MemberConfig, { days, size }: SampleTerms, ports: OperatorPorts): Promise<BundleFiles> {
  const desk = await openDesk(config, ports)
  const where = `/operator/directory/evidence?days=${days}&size=${size}`
  const headers = await signRequest(desk, where)
  const { files } = await desk.node.ask(where, bundleSchema, { method: 'POST', headers, timeoutMs: SAMPLE_TIMEOUT_MS })
  return new Map(Object.entries(files).map(([name, bytes]) => [name, decodeBase64Url(bytes)]))
}
