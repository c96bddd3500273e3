import { existsSync } from 'node:fs'
import { nodeFiles } from '../../../src/index.ts'
import { textColumn } from '../../../src/store/columns.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { attempt, namesFrom, prepareFolder, type Workload } from '../workload.ts'

const INDEXES = ['used_token_expires', 'copy_settled', 'copy_link', 'copy_slot']
/** Added to tables that there were. */
const COLUMNS = [
  ['event', 'pad'],
  ['copy', 'pad'],
  ['next_n', 'erased'],
  ['relationship', 'closed'],
] as const

/** A store of the oldest version, with rows, opened by the newest. */
export const migration: Workload = {
  async prepare({ data }) {
    await prepareFolder(data)
    using database = openDatabase(nodeFiles(data).database)
    for (let i = 0; i < 200; i += 1) database.run('INSERT INTO used_token (id, expires) VALUES (?, ?)', `before ${i} ${'x'.repeat(100)}`, i)
    for (const name of INDEXES) database.run(`DROP INDEX ${name}`)
    for (const table of ['contradiction', 'redaction', 'custody', 'trust_step']) database.run(`DROP TABLE ${table}`)
    for (const [table, column] of COLUMNS) database.run(`ALTER TABLE ${table} DROP COLUMN ${column}`)
    database.run('PRAGMA user_version = 1')
  },
  async run({ data }, from, say) {
    const file = nodeFiles(data).database
    if (!existsSync(file)) throw new Error('the store is gone')
    const database = openDatabase(file)
    const names = database.all('SELECT id FROM used_token').map((row) => textColumn(row, 'id'))
    const indexes = new Set(database.all("SELECT name FROM sqlite_schema WHERE type = 'index'").map((row) => textColumn(row, 'name')))
    const missing = INDEXES.filter((name) => !indexes.has(name))
    if (missing.length > 0 || names.filter((name) => name.startsWith('before')).length !== 200)
      throw new Error(`a half migrated store: without ${missing.join()}`)
    say({ kind: 'open', standing: { ids: names } })
    for (const i of namesFrom(from, 2)) {
      await attempt(say, `row ${i}`, () => {
        database.transaction(() => database.run('INSERT INTO used_token (id, expires) VALUES (?, ?)', `row ${i}`, i))
        return `row ${i}`
      })
    }
    database[Symbol.dispose]()
  },
}
