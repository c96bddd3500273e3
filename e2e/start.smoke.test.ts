import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { root, runFiducia, startFiducia } from './command.ts'

/** `npm start` as a newcomer meets it: a page with the story, Ctrl-C, and the same network again. */
const dir = path.join(mkdtempSync(path.join(os.tmpdir(), 'fiducia-start-')), 'network')
afterAll(() => rmSync(path.dirname(dir), { recursive: true, force: true }))
const browserName = process.env['FIDUCIA_CHROMIUM']

async function start() {
  const running = startFiducia(['start', '--out', dir, '--port', '0'])
  const [, url = ''] = await running.waitFor(/Open (http:\S+)/)
  const stop = async () => {
    running.process.kill('SIGINT')
    return running.ended
  }
  return { url, stop }
}

async function nodeUrls(url: string): Promise<readonly string[]> {
  const page = await (await fetch(url)).text()
  const urls = [...page.matchAll(/href="(http:[^"]+)\/health\/ready"/g)].map((match) => match[1] ?? '')
  expect(urls).toHaveLength(4)
  return urls
}

async function heights(url: string): Promise<readonly number[]> {
  const page = await (await fetch(url)).text()
  return [...page.matchAll(/block (\d+), /g)].map((match) => Number(match[1]))
}

/** As a visitor would: take the trust and a proof from the page, follow the link, check. */
async function checkWithVerifier(page: Page): Promise<void> {
  const download = async (link: string) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator(link).first().click()])
    return { name: file.suggestedFilename(), mimeType: 'application/octet-stream', buffer: readFileSync(await file.path()) }
  }
  const trust = await download('a[href="/trust.policy"]')
  const proof = await download('a[href="/proofs/05-released.zip"]')
  await page.getByRole('link', { name: 'open the verifier' }).click()
  await page.setInputFiles('#trust', trust)
  await page.setInputFiles('#files', proof)
  await page.locator('#copies').waitFor({ state: 'visible' })
  expect(await page.locator('#verdict').textContent()).toContain('Valid')
  expect(await page.locator('dd').allTextContents()).toContain('05-released.zip')
}

/** The story's cheat with two histories is found from outside, and its proof holds for people who believe neither side. */
async function auditAsAStranger(): Promise<void> {
  const report = path.join(path.dirname(dir), 'report')
  const audit = await runFiducia(['audit', '--genesis', path.join(dir, 'genesis.json'), '--out', report, '--json'])
  const { findings } = JSON.parse(audit.stdout) as { readonly findings: readonly { readonly code: string; readonly at: string; readonly proof?: string }[] }
  expect(audit.code).toBe(1)
  const fork = findings.find(({ code }) => code === 'LOG_FORK')
  expect(fork?.at).toBe('demo/log/dune/1')
  const verified = await runFiducia(['verify', path.join(report, fork?.proof ?? ''), '--trust', path.join(dir, 'genesis.json')])
  expect(verified.stdout).toContain('VALID: fraud')
}

describe('npm start', () => {
  it('tells the story, serves it, stops cleanly, and finds its data again', async () => {
    const first = await start()
    const before = await heights(first.url)
    expect(before).toHaveLength(4)
    const verifiers = [first.url, ...(await nodeUrls(first.url))].map(async (one) => (await fetch(new URL('/verify.html', one))).text())
    expect(new Set(await Promise.all(verifiers))).toEqual(new Set([readFileSync(path.join(root, 'packages/web/dist/verify.html'), 'utf8')]))
    await auditAsAStranger()
    const ended = await first.stop()
    expect(ended.code).toBe(0)
    expect(ended.stderr.match(/ok, [\d.]+ ms/g)).toHaveLength(15)

    const second = await start()
    const after = await heights(second.url)
    const again = await second.stop()
    expect(Math.min(...after)).toBeGreaterThanOrEqual(Math.max(...before))
    expect(again.code).toBe(0)
    expect(again.stderr).not.toMatch(/ok, [\d.]+ ms/)
  })

  it.skipIf(browserName === undefined)('shows every step and proof in a browser, with nothing in the console', async () => {
    const { url, stop } = await start()
    const browser = await chromium.launch({ executablePath: execFileSync('which', [browserName ?? ''], { encoding: 'utf8' }).trim(), args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage({ viewport: { width: 320, height: 800 } })
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(url)
      expect(await page.locator('ol.steps > li').count()).toBe(15)
      expect(await page.locator('.failed').count()).toBe(0)
      expect(await page.locator('ol.steps > li a[href^="/proofs/"]').count()).toBe(15)
      const proofs = await page
        .locator('table a[href^="/proofs/"]:not([href$=".zip"])')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
      expect(proofs.length).toBeGreaterThanOrEqual(10)
      for (const proof of proofs) {
        await page.goto(new URL(proof, url).href)
        expect(await page.locator('main > p .ok').first().textContent()).toContain('Valid')
      }
      await page.goto(url)
      await checkWithVerifier(page)
      await page.goto(url)
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      await stop()
    }
  })
})
