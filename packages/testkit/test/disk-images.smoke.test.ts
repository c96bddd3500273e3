import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fsckNode } from '@fiducia/node'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { alder, birch, createDice, openAgreedRig } from './rig.ts'

/** A disk that gives back other bytes than it got: for each file of a node's folder, fsck names the file, or nothing that counts has changed. */
const seed = inject('seed')
const CLI = path.join(import.meta.dirname, '../../cli/src/main.ts')

let scratch = ''
const folders = new Map<string, string>()
beforeAll(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-images-'))
  await using rig = await openAgreedRig()
  for (let i = 0; i < 3; i += 1) await rig.ask()
  await rig.stage.publish()
  for (const org of [alder, birch]) {
    await rig.node(org)[Symbol.asyncDispose]()
    const folder = path.join(scratch, org)
    cpSync(path.join(rig.dir, 'nodes', org), folder, { recursive: true })
    folders.set(org, folder)
  }
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const folderOf = (org: string) => folders.get(org) ?? ''

/** What fsck answers for: not keys and configuration, not the lock. */
const filesOf = (org: string) =>
  readdirSync(folderOf(org), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(node\.sqlite|ledger\/(ledger\.sqlite|genesis\.json|signed)|outside\/(signed-\d|policies\/.*\.json))$/.test(file),
  )

let copies = 0
function damaged(org: string, file: string, damage: (file: string) => void): string {
  const copy = path.join(scratch, `copy-${(copies += 1)}`)
  cpSync(folderOf(org), copy, { recursive: true })
  damage(path.join(copy, file))
  return copy
}

const flip = (file: string, byte: number, bit: number) => {
  const bytes = readFileSync(file)
  bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit)
  writeFileSync(file, bytes)
}

/** What can be computed again from something else. The rest (secrets, copies that only the patient opens, proofs of heads, spent identifiers, where a reader stopped) has no second source in the folder. */
const ANSWERED_FOR = [
  'SELECT * FROM entry',
  'SELECT * FROM block',
  'SELECT * FROM version',
  'SELECT * FROM leaf',
  "SELECT origin, idx, json_remove(content, '$.head') FROM event",
  'SELECT * FROM next_n',
  'SELECT origin, size FROM sealed_note',
  'SELECT origin, size, root FROM witnessed',
  'SELECT hash, object FROM link',
  'SELECT leaf_hash, receipt, mirror_salt, mirror_index FROM copy',
]

function rowsOf(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const tables = new Set(
    database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name)),
  )
  const rows = ANSWERED_FOR.filter((sql) => tables.has(/FROM (\w+)/.exec(sql)?.[1] ?? '')).map(
    (sql) => `${sql}: ${JSON.stringify(database.prepare(sql).all())}`,
  )
  database.close()
  return [[...tables].sort().join(), ...rows]
}

/** Whether fsck names the file (its ledger, log, store or policy), or the file says the same as before. */
async function isNamedOrSame(org: string, file: string, copy: string): Promise<string | undefined> {
  const { ok, findings } = await fsckNode(copy)
  if (!ok) return findings.every(({ at, detail }) => at !== '' && detail !== '') ? undefined : `a finding without a place: ${JSON.stringify(findings[0])}`
  // A slot of the signed size that does not hold is the same as a torn write: the other one counts.
  if (!file.endsWith('.sqlite')) return file.includes('signed') ? undefined : 'nothing found'
  const before = rowsOf(path.join(folderOf(org), file))
  const changed = rowsOf(path.join(copy, file)).filter((rows, i) => rows !== before[i])
  return changed.length === 0 ? undefined : `nothing was found, though other rows come from ${changed.map((rows) => rows.slice(0, 40)).join(', ')}`
}

it('finds each file cut short, or names what is missing of it', async () => {
  const missed: string[] = []
  for (const org of [alder, birch]) {
    for (const file of filesOf(org)) {
      const size = statSync(path.join(folderOf(org), file)).size
      for (const left of [0, Math.floor(size / 2), size - 1]) {
        const copy = damaged(org, file, (at) => truncateSync(at, left))
        const wrong = await isNamedOrSame(org, file, copy).catch(String)
        if (wrong !== undefined) missed.push(`${org} ${file} cut to ${left} of ${size}: ${wrong}`)
        rmSync(copy, { recursive: true })
      }
    }
  }
  expect(missed).toEqual([])
})

it('finds each changed bit, or nothing has changed that counts', async () => {
  process.stderr.write(`seed ${seed}\n`)
  const dice = createDice(seed)
  const missed: string[] = []
  for (const org of [alder, birch]) {
    for (const file of filesOf(org)) {
      const size = statSync(path.join(folderOf(org), file)).size
      for (let i = 0; i < (file.endsWith('.sqlite') ? 15 : 6); i += 1) {
        const [byte, bit] = [Math.floor(dice() * size), Math.floor(dice() * 8)]
        const copy = damaged(org, file, (at) => flip(at, byte, bit))
        const wrong = await isNamedOrSame(org, file, copy).catch(String)
        if (wrong !== undefined) missed.push(`${org} ${file} byte ${byte} bit ${bit}: ${wrong}`)
        rmSync(copy, { recursive: true })
      }
    }
  }
  expect(missed).toEqual([])
})

it.each(['ledger/ledger.sqlite', 'ledger/genesis.json', 'ledger/signed', 'node.sqlite', 'outside/signed-1'])(
  'the command ends with 1 and names a place when %s is cut in half',
  (file) => {
    const copy = damaged(alder, file, (at) => truncateSync(at, Math.floor(statSync(at).size / 2)))
    const { status, stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'fsck', copy, '--json'], { encoding: 'utf8' })
    const answer = JSON.parse(stdout) as { readonly ok: boolean; readonly findings: readonly { readonly at: string }[] }
    expect({ status, ok: answer.ok }).toEqual({ status: 1, ok: false })
    expect(answer.findings[0]?.at).toMatch(/\w/)
  },
)
