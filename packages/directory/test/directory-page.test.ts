import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DECIDING_RULES, FIELD_STATES, FIELDS, normalizerName, NORMALIZERS, resolveField, resolveSubject } from '../src/index.ts'
import { at, attest, DAY, NOW, type Said } from './attestations.ts'

/** Every example and every table of docs/reference/directory.md, as they stand there. */
const page = readFileSync(new URL('../../../docs/reference/directory.md', import.meta.url), 'utf8')

interface Example {
  readonly words: readonly Said[]
  readonly reliability?: { readonly [member: string]: number }
  /** Of the outcome of the one field; voices by the member that speaks, of dissent behind the value. */
  readonly gives?: {
    readonly value?: string
    readonly state?: string
    readonly rule?: string
    /** In days. */
    readonly since?: number
    readonly attesters?: readonly string[]
    readonly freshness?: readonly number[]
    readonly dissent?: readonly (readonly (string | null)[])[]
  }
  /** By field. */
  readonly states?: { readonly [field: string]: string }
}

const examples = page
  .split('\n**')
  .flatMap((section) =>
    [...section.matchAll(/```json example\n([\s\S]*?)```/g)].map(([, text = '']) => [/^[^*]*/.exec(section)?.[0] ?? '', JSON.parse(text) as Example] as const),
  )

function outcome(words: readonly Said[], reliability: Example['reliability'] = {}): Required<NonNullable<Example['gives']>> {
  const field = resolveField(attest(...words), at(NOW, reliability))
  if (field === undefined) throw new Error('an example gives nothing')
  return {
    value: field.value,
    state: field.state,
    rule: field.rule,
    since: (NOW - field.since) / DAY,
    attesters: field.attesters.map(({ attester }) => attester),
    freshness: field.attesters.map(({ freshness }) => freshness),
    dissent: field.dissent.map(({ value, voices }) => [value, ...voices.map(({ attester }) => attester)]),
  }
}

describe('the page', () => {
  it.each(examples)('%s', (_, { words, reliability, gives, states }) => {
    if (gives !== undefined) expect(outcome(words, reliability)).toMatchObject(gives)
    if (states !== undefined) {
      const fields = resolveSubject(attest(...words), at(NOW, reliability))
      expect(Object.fromEntries([...fields].map(([field, { state }]) => [field, state]))).toEqual(states)
    }
    expect(gives ?? states).toBeDefined()
  })

  it('has an example that ends in each state, and one that each rule decides', () => {
    const ends = examples.flatMap(([, { gives, states }]) => [gives?.state, gives?.rule, ...Object.values(states ?? {})])
    expect([...FIELD_STATES, ...DECIDING_RULES].filter((end) => !ends.includes(end))).toEqual([])
  })
})

/** The rows of the table with this header, cell by cell. */
function tableOf(header: string): readonly (readonly string[])[] {
  const [, rest = ''] = page.split(`${header}\n`)
  const lines = rest.split('\n').slice(1)
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) => line.slice(2, -2).split(' | '))
}

const unquoted = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]*)`/g)].map(([, text = '']) => text)

describe('normalizers', () => {
  const rows = tableOf('| normalizer | spellings | one value |')

  it.each(rows)('%s: %s is %s', (id, spellings = '', one = '') => {
    const normalizer = Object.values(NORMALIZERS).find((normalizer) => normalizer.id === id)
    const [value = ''] = unquoted(one)
    expect(unquoted(spellings).map((spelling) => normalizer?.normalize(spelling))).toEqual(unquoted(spellings).map(() => value))
  })

  it('are all on the page, each with its version, and do not make two examples one', () => {
    const ids = Object.values(NORMALIZERS).map(({ id }) => id)
    expect(tableOf('| normalizer | what it does | NPPES | left |').flatMap(([name = '']) => unquoted(name))).toEqual(ids.map(normalizerName))
    expect(new Set(rows.map(([id]) => id))).toEqual(new Set(ids))
    expect(new Set(rows.map(([id, , one]) => `${id} ${one}`)).size).toBe(rows.length)
  })
})

it('has the table of fields as it is', () => {
  const rows = Object.entries(FIELDS).flatMap(([kind, fields]) => {
    const alike = Map.groupBy(Object.entries(fields), ([, { normalizer, verifyDays, dropDays, published }]) =>
      [normalizer, `${verifyDays} days`, `${dropDays} days`, published ? 'yes' : 'no'].join(' | '),
    )
    return [...alike].map(([policy, names]) => `| ${kind} | ${names.map(([name]) => `\`${name}\``).join(' ')} | ${policy} |`)
  })
  const table = tableOf('| subject | fields | normalizer | verify-by | drop-after | published |').map((cells) => `| ${cells.join(' | ')} |`)
  expect(table).toEqual(rows)
})
