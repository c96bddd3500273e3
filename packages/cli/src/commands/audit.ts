import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { heldNotes, httpTransport, nodeFiles, openDatabase, runAudit, type WrittenReport } from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { folderOf, readInput } from '../read-input.ts'

/** `fiducia audit --genesis FILE`: the whole network checked over HTTP, by a member or by anybody, with proofs of what is wrong. */
export interface AuditFlags {
  readonly genesis: string
  readonly data?: string
  readonly out?: string
}

export async function audit({ genesis, data, out }: AuditFlags): Promise<Answer> {
  const bytes = readInput(genesis, 'the genesis file of the network')
  const notes = data === undefined ? [] : notesOf(data)
  const folder = out === undefined ? path.join(mkdtempSync(path.join(os.tmpdir(), 'fiducia-audit-')), 'report') : newFolder(out)
  const onProgress = process.stderr.isTTY ? { onProgress: (what: string) => process.stderr.write(`${what} …\n`) } : {}
  const report = await runAudit({ genesis: bytes, transport: httpTransport, now: Date.now(), notes, out: folder, ...onProgress })
  return { exitCode: report.ok ? 0 : 1, json: { ...report, out: folder }, text: format(report, folder) }
}

/** The notes that a member's own node holds; it may be running. */
function notesOf(data: string): readonly string[] {
  folderOf(data, 'a node’s data directory')
  const { database } = nodeFiles(data)
  if (!existsSync(database)) throw new UsageError('FOLDER_FOREIGN', `expected a node’s data directory, found no store in \`${data}\``, data)
  using store = openDatabase(database, { readOnly: true })
  return heldNotes(store)
}

/** An earlier report may be there, nothing else. */
function newFolder(out: string): string {
  if (existsSync(out)) {
    folderOf(out, 'a folder for the report')
    if (readdirSync(out).some((name) => name !== 'report.json' && name !== 'faults'))
      throw new UsageError('FOLDER_NOT_EMPTY', `expected a new or empty folder, or that of an earlier report, found other files in \`${out}\``, out)
  }
  return path.resolve(out)
}

function format({ ok, net, ledger, logs, findings }: WrittenReport, folder: string): string {
  const replayed =
    ledger === undefined ? '  the ledger could not be replayed' : `  ledger: ${ledger.size} entries replayed to height ${ledger.height}, every state root equal`
  const walked = logs
    .filter(({ entries }) => entries > 0)
    .map(({ origin, entries, sealedSize }) => `  ${origin}: ${entries} entries walked, sealed at ${sealedSize}`)
  const found = findings.map(
    ({ code, at, detail, proof }) => `  ${code} at ${at}: ${detail}${proof === undefined ? '' : `\n    proof: ${path.join(folder, proof)}`}`,
  )
  const verdict = ok ? `nothing wrong was found in network ${net}` : `${findings.length} ${findings.length === 1 ? 'thing' : 'things'} found in network ${net}`
  return [verdict, replayed, ...walked, ...found, `  report: ${path.join(folder, 'report.json')}`].join('\n')
}
