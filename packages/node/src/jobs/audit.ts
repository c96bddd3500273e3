import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { shape } from '@fiducia/core'
import { heldNotes } from '../audit/held-notes.ts'
import { runAudit } from '../audit/run-audit.ts'
import type { NodeContext } from '../node-context.ts'

/** The member's own audit of the others, every so many hours; its report stands in the data directory, what it finds in the log. */
export interface AuditJob {
  /** Does nothing while the last report is younger than the interval. */
  run(): Promise<void>
}

export interface AuditJobOptions {
  readonly genesis: Uint8Array
  /** Folder of the report. */
  readonly out: string
  /** 0: never. */
  readonly everyHours: number
}

export function createAuditJob(
  context: Pick<NodeContext, 'clock' | 'transport' | 'database' | 'logger'>,
  { genesis, out, everyHours }: AuditJobOptions,
): AuditJob {
  const { clock, transport, database, logger } = context
  return {
    async run() {
      const now = clock.now()
      if (everyHours === 0 || now < lastAt(out) + everyHours * 3_600_000) return
      const { findings } = await runAudit({ genesis, transport, out, now, notes: heldNotes(database) })
      for (const { code, at, proof } of findings) logger.error({ code, at, proof }, 'the audit of the network found something')
      logger.info({ findings: findings.length }, 'the network was audited')
    },
  }
}

/** When the report that stands there was made; a folder without one that can be read is as old as can be. */
function lastAt(out: string): number {
  const file = path.join(out, 'report.json')
  if (!existsSync(file)) return 0
  try {
    const report: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return shape.integer()(shape.isObject(report) ? report['at'] : undefined, 'at')
  } catch {
    return 0
  }
}
