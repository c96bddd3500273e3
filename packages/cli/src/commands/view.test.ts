import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../output.ts'
import { streamResources } from '../stream-resources.ts'
import { runView } from './view.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-view-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array): string => {
  mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
  writeFileSync(path.join(dir, name), content)
  return path.join(dir, name)
}
const text = (value: unknown): string => JSON.stringify(value)

const patient = (id: string, ...given: readonly string[]) => ({ resourceType: 'Patient', id, name: [{ family: 'Reed, "the"', given }], active: true })
const ALL = [patient('a', 'Ann', 'Bo'), { resourceType: 'Group', id: 'g' }, { resourceType: 'Patient', id: 'b', gender: '' }, patient('c')]
const VIEW = file(
  'view.json',
  text({
    resource: 'Patient',
    select: [
      { column: ['id', 'gender', 'active'].map((name) => ({ name, path: name })) },
      {
        column: [
          { name: 'family', path: 'name.family' },
          { name: 'given', path: 'name.given', collection: true },
        ],
      },
    ],
  }),
)
const ROWS = [
  { id: 'a', gender: null, active: true, family: 'Reed, "the"', given: ['Ann', 'Bo'] },
  { id: 'b', gender: '', active: null, family: null, given: [] },
  { id: 'c', gender: null, active: true, family: 'Reed, "the"', given: [] },
]
const CSV = 'id,gender,active,family,given\na,,true,"Reed, ""the""","[""Ann"",""Bo""]"\nb,"",,,[]\nc,,true,"Reed, ""the""",[]\n'
const NDJSON = file('all.ndjson', `${ALL.map(text).join('\n')}\n`)

const main = path.join(import.meta.dirname, '..', 'main.ts')
interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
const run = (args: readonly string[], input?: string | Uint8Array): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [main, 'view', 'run', ...args], { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    )
    child.stdin?.end(input)
  })

/** Rows by way of a file, so that nothing goes to the output of the tests. */
async function rowsOf(resources: string, view = VIEW): Promise<unknown> {
  const out = path.join(dir, 'rows.json')
  await runView(view, resources, { out })
  return JSON.parse(readFileSync(out, 'utf8'))
}

async function faultOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
    return 'none'
  } catch (error) {
    if (error instanceof UsageError) return `${error.code} ${error.message} at ${error.at}`
    throw error
  }
}

describe('fiducia view run', () => {
  it.each([
    ['NDJSON', NDJSON],
    ['NDJSON with empty lines, no end of line and CR', file('cr.ndjson', ALL.map(text).join('\r\n\n\n'))],
    ['gzip', file('all.ndjson.gz', gzipSync(ALL.map(text).join('\n')))],
    ['gzip in two parts', file('two.gz', Buffer.concat([gzipSync(`${ALL.slice(0, 1).map(text).join('\n')}\n`), gzipSync(ALL.slice(1).map(text).join('\n'))]))],
    ['an array', file('array.json', text(ALL))],
    ['an array over many lines', file('lines.json', JSON.stringify(ALL, null, 2))],
    ['a Bundle', file('bundle.json', text({ resourceType: 'Bundle', entry: ALL.map((resource) => ({ resource })) }))],
    [
      'a Bundle over many lines',
      file('bundle-lines.json.gz', gzipSync(JSON.stringify({ resourceType: 'Bundle', entry: ALL.map((resource) => ({ resource })) }, null, 2))),
    ],
    ['Bundles line by line', file('bundles.ndjson', ALL.map((resource) => text({ resourceType: 'Bundle', entry: [{ resource }] })).join('\n'))],
  ])('reads %s', async (_, resources) => {
    expect(await rowsOf(resources)).toEqual(ROWS)
  })

  it('reads files that hold nothing, or nothing of the view’s type', async () => {
    for (const [name, content] of [
      ['empty', ''],
      ['blank', '\n \n'],
      ['list', '[]'],
      ['bundle', '{"resourceType":"Bundle"}'],
      ['other', text(ALL[1])],
    ] as const) {
      expect(await rowsOf(file(`nothing/${name}`, content)), name).toEqual([])
    }
  })

  it('reads lines that are cut anywhere, and characters of several bytes', async () => {
    const many = Array.from({ length: 6000 }, (_, i) => ({ resourceType: 'Patient', id: `${i}`, gender: 'ü€😀'.repeat(i % 50) }))
    const found: unknown[] = []
    let batches = 0
    for await (const batch of streamResources(file('many.ndjson', many.map(text).join('\n')), 'resources', false)) {
      batches += 1
      found.push(...batch.map(({ resource }) => resource))
    }
    expect(found).toEqual(many)
    expect(batches).toBeGreaterThan(2)
  })

  it('takes a Bundle as it is where Bundles are what the view looks at', async () => {
    const view = file(
      'bundles.json',
      text({
        resource: 'Bundle',
        select: [
          {
            column: [
              { name: 'n', path: 'entry.count()' },
              { name: 'p', path: 'entry.resource.ofType(Patient).count()' },
            ],
          },
        ],
      }),
    )
    expect(await rowsOf(file('one.json', text({ resourceType: 'Bundle', entry: ALL.map((resource) => ({ resource })) })), view)).toEqual([{ n: 4, p: 3 }])
  })

  it('resolves references by the full URLs of a Bundle', async () => {
    const view = file('refs.json', text({ resource: 'Observation', select: [{ column: [{ name: 'p', path: 'subject.getReferenceKey()' }] }] }))
    const entry = [
      { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', id: 'one' } },
      { resource: { resourceType: 'Observation', subject: { reference: 'urn:uuid:1' } } },
    ]
    expect(await rowsOf(file('urn.json', text({ resourceType: 'Bundle', entry })), view)).toEqual([{ p: 'Patient/one' }])
  })

  it('writes each form, on standard output and to a file', async () => {
    expect((await run([VIEW, NDJSON, '--json'])).stdout).toBe(`${text(ROWS)}\n`)
    expect((await run([VIEW, '-', '--format', 'ndjson'], readFileSync(NDJSON))).stdout).toBe(ROWS.map((row) => `${text(row)}\n`).join(''))
    expect((await run([VIEW, '-', '--format', 'csv'], gzipSync(readFileSync(NDJSON)))).stdout).toBe(CSV)
    const table = (await run([VIEW, NDJSON])).stdout.split('\n')
    expect(table[0]).toBe('id  gender  active  family       given')
    expect(table[1]).toBe('a           true    Reed, "the"  ["Ann","Bo"]')
    expect(table[4]).toBe('3 rows')
    const out = path.join(dir, 'out.csv')
    expect(await runView(VIEW, NDJSON, { out })).toMatchObject({ exitCode: 0, json: { rows: 3, resources: 4, out } })
    expect(readFileSync(out, 'utf8')).toBe(CSV)
  })

  it('shows a thousand rows of a table and counts the rest, and writes arrays of any length', async () => {
    const long = file('long.ndjson', Array.from({ length: 2500 }, (_, i) => text(patient(`${i}`))).join('\n'))
    const shown = await run([VIEW, long])
    expect(shown.stdout.trimEnd().split('\n')).toHaveLength(1002)
    expect(shown.stdout).toContain('… and 1500 more rows; --format csv gives all of them')
    expect(await rowsOf(long)).toHaveLength(2500)
  })
})

describe('what cannot be read', () => {
  it.each([
    ['a view that is no JSON', file('bad-view.json', '{'), NDJSON, /^JSON_SYNTAX expected a ViewDefinition as JSON/],
    ['a view that is not there', path.join(dir, 'none'), NDJSON, /^FILE_MISSING/],
    ['a view that is not valid', file('invalid.json', '{}'), NDJSON, /^VIEW_INVALID .*invalid\.json: resource: .* at resource$/],
    ['resources that are not there', VIEW, path.join(dir, 'none'), /^FILE_MISSING/],
    ['a folder', VIEW, dir, /^FILE_KIND/],
    ['a line that is no JSON', VIEW, file('cut.ndjson', `${text(ALL[0])}\n{"resourceType":`), /^JSON_SYNTAX .* in line 2/],
    ['text', VIEW, file('text.txt', 'id,name\n1,2\n'), /^JSON_SYNTAX .* in line 1/],
    ['other bytes', VIEW, file('latin.json', Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)), /^FILE_UNREADABLE .*UTF-8/],
    ['an archive that is cut off', VIEW, file('cut.gz', gzipSync(text(ALL)).subarray(0, 40)), /^FILE_UNREADABLE .*gzip/],
    ['a resource that is none', VIEW, file('none.ndjson', `${text(ALL[0])}\n\n7\n`), /^VIEW_RESOURCE .*none\.ndjson: line 3: .* at line 3$/],
    ['an entry that is none', VIEW, file('null.json', '{"resourceType":"Bundle","entry":[{"resource":null}]}'), /^VIEW_RESOURCE .*entry\[0\]/],
    [
      'a value that does not fit',
      VIEW,
      file('many.json', text([{ ...ALL[0], name: [{ family: 'x' }, { family: 'y' }] }])),
      /^VIEW_COLUMN_MANY .* at line 1\[0\], select\[1\]\.column\[0\]\.path$/,
    ],
  ])('%s', async (_, view, resources, fault) => {
    expect(await faultOf(() => runView(view, resources, { out: path.join(dir, 'never.csv') }))).toMatch(fault)
    expect(readdirSync(dir).filter((name) => name.includes('never'))).toEqual([])
  })

  it('leaves the file of an earlier run as it was', async () => {
    const out = file('earlier.csv', 'earlier')
    await faultOf(() => runView(VIEW, path.join(dir, 'none'), { out }))
    expect(readFileSync(out, 'utf8')).toBe('earlier')
    expect(await faultOf(() => runView(VIEW, NDJSON, { out: path.join(dir, 'no', 'folder', 'x.csv') }))).toMatch(/^FILE_UNWRITABLE .*ENOENT/)
  })

  it('says which flags do not go together', async () => {
    expect(await faultOf(() => runView(VIEW, NDJSON, { format: 'xml' }))).toMatch(/^BAD_USE expected one of table, json, ndjson, csv, found `xml`/)
    expect(await faultOf(() => runView(VIEW, NDJSON, { format: 'csv', json: true }))).toMatch(/^BAD_USE expected --json or --format csv, found both/)
    expect(await faultOf(() => runView(VIEW, NDJSON, { out: path.join(dir, 'rows') }))).toMatch(/^BAD_USE .*without --format/)
  })

  it('ends with 2, a line for a person and one JSON value, without rows before it', async () => {
    const { code, stdout, stderr } = await run([VIEW, path.join(dir, 'cut.ndjson'), '--json'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^fiducia: .*line 2\n$/)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'JSON_SYNTAX' } })
  })
})

it('says of a file that has no resource of the type', async () => {
  const misspelt = file('misspelt.json', text({ ...(JSON.parse(readFileSync(VIEW, 'utf8')) as object), resource: 'Pateint' }))
  const { code, stdout, stderr } = await run([misspelt, NDJSON, '--json'])
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '[]\n', stderr: `fiducia: none of the ${ALL.length} resources is of the type \`Pateint\`\n` })
})

it('takes a byte order mark before resources and before a view, and Bundles wherever they stand', async () => {
  const marked = file('marked.ndjson', `\uFEFF${readFileSync(NDJSON, 'utf8')}`)
  expect(await rowsOf(marked, file('marked.json', `\uFEFF${readFileSync(VIEW, 'utf8')}`))).toEqual(ROWS)
  const bundle = { resourceType: 'Bundle', entry: ALL.map((resource) => ({ resource })) }
  expect(await rowsOf(file('bundles.json', text([bundle])))).toEqual(ROWS)
  expect(await faultOf(() => runView(VIEW, file('torn.json', text({ ...bundle, entry: { resource: ALL[0] } })), { out: path.join(dir, 'torn.csv') }))).toMatch(
    /^VIEW_RESOURCE .*torn\.json: .*entry: expected a list of entries, found an object/,
  )
})

it('the guide shows what its command prints', async () => {
  const guide = readFileSync(path.join(import.meta.dirname, '../../../../docs/guide/run-a-view.md'), 'utf8')
  const [command = '', table = ''] = [...guide.matchAll(/```\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
  const names = /fiducia view run (\S+) (\S+)/.exec(command)?.slice(1) ?? []
  const { stdout } = await run(names.map((name) => path.join(import.meta.dirname, '../../examples/view', name)))
  expect(stdout).toBe(table)
})

it('the views of the guide give what they say', async () => {
  const examples = path.join(import.meta.dirname, '../../examples/view')
  const at = (name: string) => path.join(examples, name)
  expect(await rowsOf(at('record.ndjson'), at('blood-pressure.json'))).toEqual([
    { patient: 'Patient/p1', at: '2026-02-03T09:10:00Z', systolic: 142, diastolic: 88 },
    { patient: 'Patient/p2', at: '2026-02-04T11:00:00Z', systolic: 118.5, diastolic: null },
  ])
  expect(await rowsOf(at('record.ndjson'), at('patients.json'))).toHaveLength(3)
})
