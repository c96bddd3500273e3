import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { prepareView, type Row, runView, ViewError } from '@fiducia/fhir'
import { describe, expect, it } from 'vitest'

/** The published test suite of SQL-on-FHIR v2, every case of it, those that it calls experimental too. */
const folder = path.join(process.env['FIDUCIA_DATA'] ?? '../shared/data', 'research', 'sql-on-fhir')
const files = readdirSync(folder).filter((file) => file.endsWith('.json'))

interface Suite {
  readonly title: string
  readonly resources: readonly unknown[]
  readonly tests: readonly {
    readonly title: string
    readonly view: object
    readonly expect?: readonly Row[]
    readonly expectColumns?: readonly string[]
    readonly expectCount?: number
    readonly expectError?: boolean
  }[]
}

const suites = files.map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Suite)
/** Rows are a set with repetitions; a column that is left out is null. */
const sorted = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort()

it('has all its cases', () => {
  expect(suites.flatMap(({ tests }) => tests)).toHaveLength(134)
})

describe.each(suites)('$title', ({ resources, tests }) => {
  it.each(tests)('$title', ({ view, ...expected }) => {
    const run = () => [
      ...runView(
        prepareView(view),
        resources.map((resource, i) => ({ resource, at: `[${i}]` })),
      ),
    ]
    if (expected.expectError === true) {
      expect(run).toThrow(ViewError)
      return
    }
    const rows = run()
    if (expected.expectCount !== undefined) expect(rows).toHaveLength(expected.expectCount)
    if (expected.expect !== undefined) expect(sorted(rows)).toEqual(sorted(expected.expect))
    if (expected.expectColumns !== undefined) for (const row of rows) expect(Object.keys(row)).toEqual(expected.expectColumns)
    expect(expected.expect ?? expected.expectCount).toBeDefined()
  })
})
