import { existsSync } from 'node:fs'
import { directoryFiles, fsckDirectory, fsckNode, type NodeFsck, nodeFiles } from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { folderOf } from '../read-input.ts'

/** `fiducia fsck DIR`: a node's data directory, or a directory of providers by itself, rechecked from its bytes while nothing runs there. */
export async function fsck(dir: string): Promise<Answer> {
  folderOf(dir, 'a node’s data directory')
  const result = await check(dir)
  const { blocks, transactions, stateKeys, logEntries, blobs, statements } = result.checked
  const summary = `${blocks} blocks, ${transactions} transactions, ${stateKeys} state keys, ${logEntries} log entries, ${blobs} stored documents, ${statements} statements`
  const lines = result.findings.map(({ code, at, detail }) => `  ${code} at ${at}: ${detail}`)
  return { exitCode: result.ok ? 0 : 1, json: result, text: [`${result.ok ? 'sound' : 'NOT SOUND'}: ${summary}`, ...lines].join('\n') }
}

function check(dir: string): Promise<NodeFsck> {
  const { ledger, database } = nodeFiles(dir)
  if (existsSync(ledger) || existsSync(database)) return fsckNode(dir)
  if (!existsSync(directoryFiles(dir).database))
    throw new UsageError('FOLDER_FOREIGN', `expected a node’s data directory, found neither a ledger nor a store in \`${dir}\``, dir)
  const { statements, findings } = fsckDirectory(dir)
  const checked = { blocks: 0, transactions: 0, stateKeys: 0, logEntries: 0, blobs: 0, statements }
  return Promise.resolve({ ok: findings.length === 0, checked, findings })
}
