import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from './run.ts'
import { buildPage, MAX_PAGE_BYTES, notedHash } from './verifier-page.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'fiducia-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const page = await buildPage()

/** The sources somewhere else, with the same dependencies. */
function moveHouse(): string {
  const house = path.join(folder, 'another house')
  const modules = path.join(house, 'node_modules')
  for (const name of ['core', 'consent', 'ledger', 'proofs', 'web']) {
    cpSync(path.join(root, 'packages', name, 'src'), path.join(house, 'packages', name, 'src'), { recursive: true })
    cpSync(path.join(root, 'packages', name, 'package.json'), path.join(house, 'packages', name, 'package.json'))
  }
  for (const name of ['scripts', 'package.json', 'tsconfig.json']) cpSync(path.join(root, name), path.join(house, name), { recursive: true })
  mkdirSync(path.join(modules, '@fiducia'), { recursive: true })
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@fiducia') symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name))
  }
  for (const name of readdirSync(path.join(house, 'packages'))) symlinkSync(path.join(house, 'packages', name), path.join(modules, '@fiducia', name))
  return house
}

describe('verify.html', () => {
  it('has the SHA-256 that the release notes name', () => {
    if (notedHash() !== page.sha256) expect.fail(`CHANGELOG.md names another SHA-256 than ${page.sha256}: npm run verifier -- --note`)
  })

  it('is the same, byte for byte, when it is built in another folder from another place', () => {
    const house = moveHouse()
    const build = `const { buildPage } = await import(${JSON.stringify(path.join(house, 'scripts', 'verifier-page.ts'))}); console.log((await buildPage()).sha256)`
    const env = { PATH: process.env['PATH'], HOME: folder, TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', NODE_ENV: 'development' }
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', build], { cwd: os.tmpdir(), encoding: 'utf8', env }).trim()).toBe(page.sha256)
  })

  it('is one small file that loads nothing and names no folder of this machine', () => {
    expect(page.sizeBytes).toBeLessThan(MAX_PAGE_BYTES)
    expect(page.html).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page.html).toContain("default-src 'none'; script-src 'sha256-")
    expect(page.html).not.toContain("'unsafe-")
    expect(page.html).not.toMatch(/<(?:img|link|iframe|object|script[^>]+src)/)
    expect(page.html).not.toMatch(/\b(?:fetch|importScripts)\(|XMLHttpRequest|WebSocket|sourceMappingURL/)
    expect(page.html).not.toContain(root)
  })
})
