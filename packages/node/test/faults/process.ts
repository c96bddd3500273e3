import { codeOf, folderOf, sayThroughPipe, type Workload } from './workload.ts'

/** `node process.ts WORKLOAD FOLDER FROM`: one workload, as the process under faults. */
export const WORKLOADS = {
  block: async () => (await import('./workloads/block.ts')).block,
  follower: async () => (await import('./workloads/follower.ts')).follower,
  'access-log': async () => (await import('./workloads/access-log.ts')).accessLog,
  mirror: async () => (await import('./workloads/mirror.ts')).mirror,
  policy: async () => (await import('./workloads/policy.ts')).policy,
  receipt: async () => (await import('./workloads/receipt.ts')).receipt,
  retention: async () => (await import('./workloads/retention.ts')).retention,
  'first-start': async () => (await import('./workloads/first-start.ts')).firstStart,
  migration: async () => (await import('./workloads/migration.ts')).migration,
} as const satisfies Record<string, () => Promise<Workload>>

export type WorkloadName = keyof typeof WORKLOADS

export const isWorkload = (name: string): name is WorkloadName => name in WORKLOADS

if (import.meta.main) {
  const [name = '', folder = '', from = '0'] = process.argv.slice(2)
  if (!isWorkload(name)) throw new Error(`expected one of ${Object.keys(WORKLOADS).join(', ')}, found \`${name}\``)
  try {
    await (await WORKLOADS[name]()).run(folderOf(folder), Number(from), sayThroughPipe)
    sayThroughPipe({ kind: 'closed' })
  } catch (error) {
    sayThroughPipe({ kind: 'stopped', ...codeOf(error) })
    process.exitCode = 1
  }
}
