import { encodeUtf8, formatVerifierKey, type JsonValue, KEY_TYPE_LOG, makeVerifierKey, sha256 } from '@fiducia/core'
import { jsonOf } from './mutations.ts'
import type { Subject } from './subject.ts'

/** Input that grows with n: of its own sort for each format, and what hurts a careless parser of any. */
export interface Nasty {
  readonly what: string
  readonly make: (n: number) => string
}

const times = (n: number, one: (i: number) => string, between = ''): string => Array.from({ length: n }, (_, i) => one(i)).join(between)

const ANY: readonly Nasty[] = [
  { what: 'brackets', make: (n) => '['.repeat(n) },
  { what: 'digits', make: (n) => '1'.repeat(n) },
  { what: 'letters', make: (n) => 'A'.repeat(n) },
  { what: 'line ends', make: (n) => '\n'.repeat(n) },
  { what: 'commas', make: (n) => ','.repeat(n) },
  { what: 'spaces and a dot', make: (n) => `${' '.repeat(n)}.` },
  { what: 'escaped quotes', make: (n) => `["${'\\"'.repeat(n)}" ]` },
  { what: 'an open string of escaped quotes', make: (n) => `"${'\\"'.repeat(n)}` },
  { what: 'members', make: (n) => `{${times(n, (i) => `"${String(i).padStart(7, 'm')}":0`, ',')}}` },
  { what: 'one member often', make: (n) => `{${times(n, () => '"a":0', ',')}}` },
  { what: 'zeros in an array', make: (n) => `[${times(n, () => '0', ',')}]` },
  { what: 'flat nesting', make: (n) => `[${times(n, () => '[[]]', ',')}]` },
]

const KEYS = Array.from({ length: 400 }, (_, i) => formatVerifierKey(makeVerifierKey(`log-${i}`, KEY_TYPE_LOG, sha256(encodeUtf8(`${i}`)))))
const manyKeys: Nasty = { what: 'many keys', make: (n) => `${times(Math.ceil(n / 20), (i) => `log ${KEYS[i % KEYS.length]}\n`)}quorum none\n` }

/** Every line of the sample, n times where it stands. */
const linesOf = (good: string): readonly Nasty[] => {
  const lines = good.split('\n')
  if (lines.length < 2 || lines.length > 30) return []
  return lines.map((line, at) => ({
    what: `line ${at} often`,
    make: (n) => lines.toSpliced(at, 1, ...Array.from({ length: Math.ceil(n / 40) }, () => line)).join('\n'),
  }))
}

type Change = (old: JsonValue, n: number) => JsonValue | undefined
const GROWTHS: readonly (readonly [string, Change])[] = [
  [
    'its items often',
    (old, n) => (Array.isArray(old) && old.length > 0 ? Array.from({ length: Math.ceil(n / 4) }, (_, i) => old[i % old.length] ?? null) : undefined),
  ],
  ['its text long', (old, n) => (typeof old === 'string' ? old + 'A'.repeat(n) : undefined)],
  [
    'with members',
    (old, n) =>
      typeof old === 'object' && old !== null && !Array.isArray(old)
        ? { ...old, ...Object.fromEntries(Array.from({ length: Math.ceil(n / 4) }, (_, i) => [`z${String(i).padStart(7, '0')}`, 0])) }
        : undefined,
  ],
]

/** Every array, text and object of the document, grown. */
function growthsOf(json: JsonValue): readonly Nasty[] {
  const found: Nasty[] = []
  const visit = (node: JsonValue, path: string, put: (next: JsonValue) => JsonValue): void => {
    for (const [what, change] of GROWTHS) {
      if (change(node, 4) !== undefined) found.push({ what: `${path || 'all'} ${what}`, make: (n) => JSON.stringify(put(change(node, n) ?? null)) })
    }
    if (typeof node !== 'object' || node === null) return
    for (const [name, member] of Object.entries(node)) {
      const inside = (next: JsonValue): JsonValue =>
        put(Array.isArray(node) ? node.map((one: JsonValue, i) => (String(i) === name ? next : one)) : { ...node, [name]: next })
      if (!Array.isArray(node) || name === '0') visit(member, `${path}/${name}`, inside)
    }
  }
  visit(json, '', (next) => next)
  return found
}

/** Of the columns `y` and `x0`, `x1` and so on. */
const FORMULAS: readonly Nasty[] = [' + ', ' - ', ' : ', ' * '].flatMap((sign) => [
  { what: `one column between${sign}often`, make: (n) => `y ~ ${times(Math.ceil(n / 5), () => 'x1', sign)}` },
  { what: `many columns between${sign}`, make: (n) => `y ~ ${times(Math.ceil(n / 8), (i) => `x${i}`, sign)}` },
])

export function nastyInput({ name, good }: Subject): readonly Nasty[] {
  const [first = ''] = good
  const json = jsonOf(first)
  // Its samples are files in a row, not lines.
  if (name === 'bundle') return [...ANY, { what: 'files', make: (n) => times(Math.ceil(n / 16), (i) => `${i + 1}/tags.json\n0\n`) }]
  const own = json === undefined || typeof json !== 'object' ? linesOf(first) : growthsOf(json)
  if (name === 'tlog-policy') return [...ANY, manyKeys, ...own]
  if (name === 'formula') return [...ANY, ...FORMULAS, ...own]
  const inside = { what: 'letters in the middle', make: (n: number) => first.slice(0, first.length / 2) + 'A'.repeat(n) + first.slice(first.length / 2) }
  return [...ANY, inside, ...own]
}
