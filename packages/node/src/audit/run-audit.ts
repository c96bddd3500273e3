import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type AuditPorts, type AuditReport, auditNetwork, type Get } from '@fiducia/proofs'
import { fetchBytes, type Transport } from '../peers/transport.ts'

/**
 * One audit of the whole network over HTTP, and its report as a folder:
 *
 *   report.json          what was checked and what was found; a finding with a proof names its folder
 *   faults/NN-CODE/      a fraud bundle (`fiducia verify` accepts it)
 *
 * The folder appears whole; a report that stood there gives way to the new one.
 */
export interface AuditRun extends Pick<AuditPorts, 'genesis' | 'now' | 'notes' | 'onProgress'> {
  readonly transport: Transport
  /** Where the report goes. */
  readonly out: string
}

export interface WrittenFinding {
  readonly code: string
  readonly at: string
  readonly detail: string
  /** Below the report's folder. */
  readonly proof?: string
}

export interface WrittenReport extends Omit<AuditReport, 'findings'> {
  readonly findings: readonly WrittenFinding[]
}

export async function runAudit({ transport, out, ...ports }: AuditRun): Promise<WrittenReport> {
  const get =
    (endpoint: string): Get =>
    (where) =>
      fetchBytes(transport, `${endpoint}${where}`)
  return writeReport(await auditNetwork({ ...ports, member: (_org, endpoint) => get(endpoint) }), out)
}

function writeReport(report: AuditReport, out: string): WrittenReport {
  const fresh = `${out}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  const findings = report.findings.map(({ proof, ...finding }, i): WrittenFinding => {
    if (proof === undefined) return finding
    const folder = `faults/${String(i + 1).padStart(2, '0')}-${finding.code}`
    for (const [name, bytes] of proof) {
      const file = path.join(fresh, folder, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, bytes)
    }
    return { ...finding, proof: folder }
  })
  const written = { ...report, findings }
  writeFileSync(path.join(fresh, 'report.json'), `${JSON.stringify(written, null, 2)}\n`)
  rmSync(out, { recursive: true, force: true })
  renameSync(fresh, out)
  return written
}
