import { existsSync } from 'node:fs'
import path from 'node:path'
import { exportNetwork, importNetwork, type LedgerFigures } from '@fiducia/node'
import type { Answer } from '../output.ts'
import { folderOf } from '../read-input.ts'

/** `fiducia network export DIR --out FOLDER` and `fiducia network import FOLDER --out DIR`. */
const figures = ({ size, height, stateRoot }: LedgerFigures) => `${size} entries to height ${height}, state root ${stateRoot}`

export async function exportTo(dir: string, out: string): Promise<Answer> {
  folderOf(dir, 'the folder of a network')
  if (existsSync(out)) folderOf(out, 'a new or empty folder for the export')
  const exported = await exportNetwork(dir, out)
  return { exitCode: 0, json: { ...exported, out: path.resolve(out) }, text: `exported to ${out}: ${figures(exported)}` }
}

export async function importFrom(folder: string, { out, nodes }: { readonly out: string; readonly nodes?: string }): Promise<Answer> {
  folderOf(folder, 'an exported network')
  if (nodes !== undefined) folderOf(nodes, 'the folder of the network that is left')
  if (existsSync(out)) folderOf(out, 'a new or empty folder for the network')
  const imported = importNetwork(folder, out, nodes === undefined ? {} : { nodes })
  const next =
    nodes === undefined
      ? `each member puts its config.json and keys below ${path.join(out, 'nodes')}`
      : `start ${out}, and never ${nodes} again: two nodes with one key would contradict each other`
  return {
    exitCode: 0,
    json: { ...imported, out: path.resolve(out) },
    text: `network ${imported.net} is in ${out}: ${figures(imported)}, for ${imported.members.join(', ')}\nNext: ${next}`,
  }
}
