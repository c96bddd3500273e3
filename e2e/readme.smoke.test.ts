import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root, runFiducia } from './command.ts'

/** Every `npx fiducia …` line of the README, in its order, in a folder of its own. */
const folder = mkdtempSync(path.join(os.tmpdir(), 'fiducia-readme-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const lines = [...readme.matchAll(/^npx fiducia ([^#\n]+?)\s*(?:#.*)?$/gm)].map((match) =>
  (match[1] ?? '').replaceAll('/tmp/story', path.join(folder, 'story')),
)

describe('the README', () => {
  it('has commands', () => expect(lines.length).toBeGreaterThanOrEqual(4))
  it('says only what works', async () => {
    for (const line of lines) {
      const { code, stderr } = await runFiducia(line.split(/\s+/))
      expect({ line, code, stderr: code === 0 ? '' : stderr }).toEqual({ line, code: 0, stderr: '' })
    }
  })
  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '')
    for (const link of links) expect(() => readFileSync(path.join(root, link))).not.toThrow()
  })
})
