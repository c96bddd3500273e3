import type { OrganizationId } from '@fiducia/core'
import { openReaders, runLoad } from '@fiducia/node'

/** One load of `directory-load.bench.ts` in a process of its own, so that its memory is its own: prints what it took. */
export interface LoadTook {
  readonly ms: number
  /** Of the processor, in all its threads. */
  readonly busyMs: number
  readonly peakBytes: number
  readonly changed: number
}

const [dir = '', file = ''] = process.argv.slice(2)
const [start, before] = [performance.now(), process.cpuUsage()]
const result = await runLoad(
  {
    dir,
    files: [file],
    terms: { format: 'nppes', origin: 'nppes', basis: 'import', group: 'alder', isFull: true, observedAt: null, mapping: null },
    attester: 'alder' as OrganizationId,
    who: 'bench',
    maxChange: 100,
    isDryRun: false,
  },
  { now: () => Date.now(), random: (length) => crypto.getRandomValues(new Uint8Array(length)), readers: openReaders },
)
const { user, system } = process.cpuUsage(before)
const took: LoadTook = {
  ms: performance.now() - start,
  busyMs: (user + system) / 1000,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  changed: result.new + result.changed + result.withdrawn,
}
process.stdout.write(JSON.stringify(took))
