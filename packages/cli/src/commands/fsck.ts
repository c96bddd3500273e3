import { existsSync } from 'node:fs'
import { fsckNode } from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'

/** `fiducia fsck DIR`: a node's data directory, rechecked from its bytes while the node is not running. */
export async function fsck(dir: string): Promise<Answer> {
  if (!existsSync(dir)) throw new UsageError('FILE_MISSING', `expected a node's data directory, found nothing at \`${dir}\``, dir)
  const result = await fsckNode(dir)
  const { blocks, transactions, stateKeys, logEntries, blobs } = result.checked
  const summary = `${blocks} blocks, ${transactions} transactions, ${stateKeys} state keys, ${logEntries} log entries, ${blobs} stored documents`
  const lines = result.findings.map(({ code, at, detail }) => `  ${code} at ${at}: ${detail}`)
  return { exitCode: result.ok ? 0 : 1, json: result, text: [`${result.ok ? 'sound' : 'NOT SOUND'}: ${summary}`, ...lines].join('\n') }
}
