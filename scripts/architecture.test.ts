import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ALLOWED_IMPORTS, findViolations } from './architecture.ts'
import { root } from './run.ts'

function readSources(): ReadonlyMap<string, string> {
  const entries = readdirSync(path.join(root, 'packages'), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'),
  )
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(root, file).split(path.sep).join('/'), readFileSync(file, 'utf8')]
    }),
  )
}

describe('the house', () => {
  const sources = readSources()
  it('is looked at whole', () => {
    for (const name of Object.keys(ALLOWED_IMPORTS)) expect([...sources.keys()].some((file) => file.startsWith(`packages/${name}/src/`))).toBe(true)
  })
  it('has no violation', () => expect(findViolations(sources)).toEqual([]))
})

describe('a planted violation is found', () => {
  const planted: readonly (readonly [string, string, string])[] = [
    ['packages/ledger/src/x.ts', "import { readFacts } from '@fiducia/consent'", 'ledger may not import consent'],
    ['packages/core/src/x.ts', "import type { Policy } from '@fiducia/consent'", 'core may not import consent'],
    ['packages/client/src/x.ts', "export { openNode } from '@fiducia/node'", 'client may not import node'],
    ['packages/proofs/src/x.ts', "import { readFileSync } from 'node:fs'", 'proofs is pure and may not import node:fs'],
    ['packages/consent/src/x.ts', 'export const now = () => Date.now()', 'consent is pure and reads the clock'],
    ['packages/ledger/src/modules/x.ts', 'export const id = Math.random()', 'ledger is pure and draws random numbers'],
    [
      'packages/node/src/gateway/x.ts',
      "import { DatabaseSync } from 'node:sqlite'",
      'node:sqlite is known in packages/node/src/store/ and packages/engine/src/embedded/ and packages/testkit/src/simulation/ only',
    ],
    ['packages/node/src/gateway/x.ts', "import Fastify from 'fastify'", 'fastify is known in packages/node/src/http/ and packages/node/src/silo/ only'],
    ['packages/node/src/x.ts', "import { apply } from '@fiducia/ledger/src/apply.ts'", 'packages are imported by their name only'],
    ['packages/node/src/x.ts', "import { apply } from '../../ledger/src/apply.ts'", 'relative imports stay inside a package'],
    ['packages/web/src/x.ts', "import { openNode } from '@fiducia/node'", 'web may not import node'],
    ['packages/node/src/x.ts', "import { answer } from '@fiducia/web'", 'node may not import web'],
    ['packages/web/src/x.ts', "import { readFileSync } from 'node:fs'", 'web runs in a browser and may not import node:fs'],
    ['packages/web/src/verifier/x.ts', "void fetch('https://example.org')", 'the verifier is offline, keeps nothing, and uses the network'],
    ['packages/web/src/verifier/x.ts', "localStorage.setItem('a', 'b')", 'the verifier is offline, keeps nothing, and stores something'],
    ['packages/web/src/verifier/x.ts', 'body.innerHTML = text', 'the verifier is offline, keeps nothing, and makes markup or code out of text'],
    ['packages/cli/src/x.ts', "const { a } = await import('../../node/src/node.ts')", 'relative imports stay inside a package'],
  ]
  it.each(planted)('%s: %s', (file, text, rule) => expect(findViolations(new Map([[file, text]]))).toEqual([{ file, rule }]))
  it('and what is allowed is not', () => {
    expect(findViolations(new Map([['packages/node/src/x.ts', "import { apply } from '@fiducia/ledger'\nimport { a } from '../src/y.ts'"]]))).toEqual([])
  })
})
