import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fsckNode, nodeFiles } from '@fiducia/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { alder, birch, openAgreedRig, type Rig } from './rig.ts'

/** Every planted damage is found, and named where it is. */
let rig: Rig
let scratch = ''
beforeAll(async () => {
  rig = await openAgreedRig()
  for (let i = 0; i < 3; i += 1) await rig.ask()
  await rig.stage.publish()
  await rig.ask()
  for (const org of [alder, birch]) await rig.node(org)[Symbol.asyncDispose]()
  scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-fsck-'))
})
afterAll(async () => {
  await rig[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

let copies = 0
/** A copy of a node's folder with one damage. */
async function findingsAfter(org: string, damage: (folder: string) => void): Promise<readonly string[]> {
  const folder = path.join(scratch, String((copies += 1)))
  cpSync(path.join(rig.dir, 'nodes', org), folder, { recursive: true })
  damage(folder)
  const { ok, findings } = await fsckNode(folder)
  expect(ok).toBe(findings.length === 0)
  return findings.map(({ code, at }) => `${code} ${at}`)
}

const sql =
  (text: string, file = 'node.sqlite') =>
  (folder: string) => {
    const database = new DatabaseSync(path.join(folder, file))
    database.exec(text)
    database.close()
  }

function editFile(file: string, edit: (bytes: Buffer) => Buffer | string): void {
  writeFileSync(file, edit(readFileSync(file)))
}
const flip = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
const firstPolicy = (folder: string) => path.join(nodeFiles(folder).policies, readdirSync(nodeFiles(folder).policies)[0] ?? '')

it('finds nothing in folders that nobody touched', async () => {
  for (const org of [alder, birch]) expect(await findingsAfter(org, () => {})).toEqual([])
})

it.each<[string, (folder: string) => void, RegExp]>([
  [
    'a byte of a leaf',
    sql("UPDATE leaf SET bytes = CAST(X'02' || substr(bytes, 2) AS BLOB) WHERE origin = 'demo/log/alder/1' AND idx = 1"),
    /^LEAF demo\/log\/alder\/1 1$/,
  ],
  [
    'the commitment in a leaf',
    sql("UPDATE leaf SET bytes = CAST(substr(bytes, 1, 71) || X'2A' AS BLOB) WHERE origin = 'demo/log/alder/1' AND idx = 1"),
    /^EVENT demo\/log\/alder\/1 1$/,
  ],
  ['a leaf that is gone', sql("DELETE FROM leaf WHERE origin = 'demo/log/alder/1' AND idx = 2"), /^LEAF demo\/log\/alder\/1 3$/],
  ['the last leaves', sql("DELETE FROM leaf WHERE origin = 'demo/log/alder/1' AND idx > 15"), /^SIGNED outside\/signed-1$/],
  ['an event’s salt', sql(`UPDATE event SET content = json_set(content, '$.salt', '${'A'.repeat(43)}') WHERE idx = 1`), /^EVENT demo\/log\/alder\/1 1$/],
  ['what an event says', sql("UPDATE event SET content = replace(content, 'TREAT', 'HPAYMT') WHERE idx = 1"), /^EVENT demo\/log\/alder\/1 1$/],
  [
    'the patient’s sealed copy',
    sql("UPDATE event SET sealed = CAST(substr(sealed, 1, 99) || X'01' || substr(sealed, 101) AS BLOB) WHERE idx = 1"),
    /^EVENT demo\/log\/alder\/1 1$/,
  ],
  [
    'a sealed note',
    sql("UPDATE sealed_note SET note = replace(note, char(10) || '16' || char(10), char(10) || '15' || char(10))"),
    /^NOTE sealed demo\/log\/alder\/1$/,
  ],
  ['a policy body', (folder) => editFile(firstPolicy(folder), (bytes) => bytes.toString().replace('TREAT', 'HPAYMT')), /^POLICY /],
  ['a policy file cut short', (folder) => editFile(firstPolicy(folder), (bytes) => bytes.subarray(0, 50)), /^POLICY /],
  ['the file of the last signed size, both slots', (folder) => editFile(nodeFiles(folder).signed(1), (bytes) => flip(flip(bytes, 10), 138)), /^SIGNED /],
  ['no file of the last signed size', (folder) => rmSync(nodeFiles(folder).signed(1)), /^SIGNED /],
  ['no store', (folder) => rmSync(nodeFiles(folder).database), /^FILE node.sqlite$/],
])('finds %s', async (_what, damage, expected) => {
  expect(await findingsAfter(alder, damage)).toContainEqual(expect.stringMatching(expected))
})

it.each<[string, (folder: string) => void]>([
  ['a receipt', sql("UPDATE copy SET receipt = replace(receipt, 'TREAT', 'HPAYMT')")],
  ['the mirror entry of a receipt', sql('UPDATE copy SET mirror_index = mirror_index + 1')],
  ['the salt of a mirror entry', sql('UPDATE copy SET mirror_salt = zeroblob(32)')],
])('finds %s at the requester', async (_what, damage) => {
  expect(await findingsAfter(birch, damage)).toContainEqual(expect.stringMatching(/^RECEIPT /))
})

it.each([0, 1, 2, 5, 9])('finds one changed byte in entry %i of the ledger', async (index) => {
  const change = `UPDATE entry SET bytes = CAST(substr(bytes, 1, 20) || iif(substr(bytes, 21, 1) = X'7E', X'7F', X'7E') || substr(bytes, 22) AS BLOB) WHERE idx = ${index}`
  const findings = await findingsAfter(alder, sql(change, 'ledger/ledger.sqlite'))
  expect(findings).toContainEqual(expect.stringMatching(/^(LOG entry|BLOCKS|STATE|GENESIS|SIGNED)/))
})
