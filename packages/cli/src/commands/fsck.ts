import { existsSync } from 'node:fs'
import { fsckNode, nodeFiles } from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { folderOf } from '../read-input.ts'

/** `fiducia fsck DIR`: a node's data directory, rechecked from its bytes while the node is not running. */
export async function fsck(dir: string): Promise<Answer> {
  folderOf(dir, 'a node’s data directory')
  const { ledger, database } = nodeFiles(dir)
  if (!existsSync(ledger) && !existsSync(database))
    throw new UsageError('FOLDER_FOREIGN', `expected a node’s data directory, found neither a ledger nor a store in \`${dir}\``, dir)
  const result = await fsckNode(dir)
  const { blocks, transactions, stateKeys, logEntries, blobs } = result.checked
  const summary = `${blocks} blocks, ${transactions} transactions, ${stateKeys} state keys, ${logEntries} log entries, ${blobs} stored documents`
  const lines = result.findings.map(({ code, at, detail }) => `  ${code} at ${at}: ${detail}`)
  return { exitCode: result.ok ? 0 : 1, json: result, text: [`${result.ok ? 'sound' : 'NOT SOUND'}: ${summary}`, ...lines].join('\n') }
}
