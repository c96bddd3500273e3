import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

/**
 * Patterns of the pure packages. The step counter does not see into them, so their form is judged: a pattern that ends with `$`
 * and does not begin with `^` may start anew at every character, and a repeated group that repeats inside may take a text apart
 * in more than one way. Each exception says why it cannot.
 */
const packages = path.resolve(import.meta.dirname, '../../..')
const files = globSync(
  ['core', 'ledger', 'proofs', 'consent', 'fhir', 'client', 'directory', 'research'].map((name) => `${packages}/${name}/src/**/*.ts`),
).filter((file) => !file.endsWith('.test.ts'))

const LITERAL = /(?<=[(=,:[?&|!]\s*|return )\/(?![*/])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[dgimsuvy]*/g
const patterns = files.flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(?:\*|\/\/|\/\*)/.test(line))
    .flatMap((line) => [...line.matchAll(LITERAL)].map((match) => match[1] ?? '')),
)

/** Without classes and escapes, so that only the structure is left. */
const structureOf = (pattern: string): string => pattern.replaceAll(/\\./g, 'x').replaceAll(/\[(?:[^\]])*\]/g, 'x')
const UNBOUNDED = /[*+]|\{\d+,\}/

const OPEN_END: Readonly<Record<string, string>> = {
  '\\/$': 'one character',
  '\\.?0+$': 'fifteen digits of a number that we wrote',
  e$: 'one character of our own rule tables',
  '\\.0+$': 'the dot before each start ends the run of the start before',
  '\\b(?:state|province|prov|canton|bundesland|provincia) ?(?:code|cd|name|desc|abbr\\w*)?(?: \\d)?$': 'starts with a word, and its run ends with one',
  '\\b(?:sex|gender|gndr|geschlecht|sexe|sexo|genre|genero)\\b|gender$': 'six characters',
  '\\/_history\\/[^/]*$': 'the slash before each start ends the run of the start before',
  '(?:;?(?<![a-z])(?:extension|extn|ext|x)|#)[\\s.:=]*\\d{1,7}$': 'no run holds what a start begins with',
  '(?:^|\\/)([A-Z][A-Za-z]{1,63})\\/([A-Za-z0-9.-]{1,64})(?:\\/_history\\/[A-Za-z0-9.-]{1,64})?$': 'every run is bounded',
}
const NESTED: Readonly<Record<string, string>> = {
  '^https?:\\/\\/[A-Za-z0-9.:[\\]-]+(?:\\/[A-Za-z0-9._~-]+)*$': 'each turn begins with a slash, which no run holds; at most 200 characters',
  '\\{(\\w+)(?:, plural,((?: \\w+ \\{(?:[^{}]|\\{\\w+\\})*\\})+))?\\}': 'reads our own catalog of sentences only',
  ' (\\w+) \\{((?:[^{}]|\\{\\w+\\})*)\\}': 'reads our own catalog of sentences only',
}

it('are found', () => expect(patterns.length).toBeGreaterThan(30))

it('begin where they are told to, or end where they like', () => {
  const open = patterns.filter((pattern) => structureOf(pattern).endsWith('$') && !pattern.startsWith('^'))
  expect(open.filter((pattern) => !Object.hasOwn(OPEN_END, pattern))).toEqual([])
})

it('repeat no group that repeats inside', () => {
  const nested = patterns.filter((pattern) => {
    const groups = [...structureOf(pattern).matchAll(/\(([^()]*)\)(?:[*+]|\{\d+,\})/g)]
    return groups.some(([, inside = '']) => UNBOUNDED.test(inside.replace(/^\?[:=!]/, '')))
  })
  expect(nested.filter((pattern) => !Object.hasOwn(NESTED, pattern))).toEqual([])
})
