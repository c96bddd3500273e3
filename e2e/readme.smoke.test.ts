import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root, runFiducia } from './command.ts'

/** Every `npx fiducia …` line of the README and of a guide, in its order, in a folder of its own. */
const PAGES = ['README.md', 'docs/guide/verify-a-proof.md']
const folder = mkdtempSync(path.join(os.tmpdir(), 'fiducia-readme-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(PAGES)('%s', (name) => {
  const page = readFileSync(path.join(root, name), 'utf8')
  const own = path.join(folder, path.basename(name))
  const lines = [...page.matchAll(/^npx fiducia ([^#\n]+?)\s*(?:#.*)?$/gm)].map((match) => (match[1] ?? '').replaceAll('/tmp/story', own))

  it('has commands', () => expect(lines.length).toBeGreaterThanOrEqual(3))
  it('says only what works', async () => {
    for (const line of lines) {
      const { code, stderr } = await runFiducia(line.split(/\s+/))
      expect({ line, code, stderr: code === 0 ? '' : stderr }).toEqual({ line, code: 0, stderr: '' })
    }
  })
  it('names only files that exist', () => {
    const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '')
    for (const link of links) expect(() => readFileSync(path.join(root, path.dirname(name), link))).not.toThrow()
  })
})
