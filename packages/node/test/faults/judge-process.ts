import { createInterface } from 'node:readline'
import { fsckNode } from '../../src/index.ts'
import { codeOf, folderOf, type Said } from './workload.ts'
import { WORKLOADS, type WorkloadName } from './process.ts'

/**
 * The judge, in a process of its own: what `fiducia fsck` says about a folder that a fault left, then the same load again over
 * it without any fault, then fsck once more. One JSON line in, one out.
 */
export interface JudgeRequest {
  readonly workload: WorkloadName
  readonly folder: string
  readonly from: number
}

export interface Verdict {
  /** Findings of fsck before the restart; empty when the folder is sound. */
  readonly found: readonly string[]
  readonly said: readonly Said[]
  /** Findings after it. */
  readonly foundAfter: readonly string[]
}

async function fsck(data: string): Promise<readonly string[]> {
  try {
    return (await fsckNode(data)).findings.map(({ code, at, detail }) => `${code} ${at}: ${detail}`)
  } catch (error) {
    const { code, message } = codeOf(error)
    return [`${code}: ${message}`]
  }
}

async function judge({ workload, folder, from }: JudgeRequest): Promise<Verdict> {
  const place = folderOf(folder)
  const found = await fsck(place.data)
  const said: Said[] = []
  try {
    await (await WORKLOADS[workload]()).run(place, from, (one) => void said.push(one))
    said.push({ kind: 'closed' })
  } catch (error) {
    said.push({ kind: 'stopped', ...codeOf(error) })
  }
  return { found, said, foundAfter: await fsck(place.data) }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await judge(JSON.parse(line) as JudgeRequest))}\n`)
}
