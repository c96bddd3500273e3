import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { pageFile, writePage } from '../../../scripts/verifier-page.ts'
import type { Chosen, NamedBytes } from '../src/verifier/answer.ts'

/** The page as a user has it: one saved file in a browser without a network. */
export const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('sh', ['-c', 'command -v "$0"', process.env['FIDUCIA_CHROMIUM'] ?? name], { encoding: 'utf8' }).stdout.trim())
  .find((found) => found !== '')
export const HOW_TO_GET_IT = 'in Chromium (none found? install the Debian package `chromium`, or put one on the PATH)'

export interface OpenPage extends AsyncDisposable {
  readonly page: Page
  /** Everything that the page asked for beside itself, and what the browser complained about. */
  readonly complaints: readonly string[]
}

export interface PageLook {
  readonly width?: number
  readonly dark?: boolean
}

let built: Promise<unknown> | undefined

export async function openPage({ width = 1024, dark = false }: PageLook = {}): Promise<OpenPage> {
  built ??= writePage()
  await built
  const url = pathToFileURL(pageFile()).href
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light', offline: true })
  const complaints: string[] = []
  await context.route('**/*', (route) => {
    if (route.request().url() === url) return route.continue()
    complaints.push(`asked for ${route.request().url()}`)
    return route.abort()
  })
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => void (request.url() === url || complaints.push(`asked for ${request.url()}`)))
  await page.goto(url)
  return { page, complaints, [Symbol.asyncDispose]: () => browser.close() }
}

export interface ByHand {
  readonly trust: string | undefined
  /** A folder, or files. */
  readonly target: string | readonly string[]
}

/** Through the page's own controls; the JSON that it offers for copying. */
export async function checkByHand(page: Page, { trust, target }: ByHand): Promise<string> {
  await page.locator('#reset').click()
  await page.locator('#copies').waitFor({ state: 'hidden' })
  if (trust !== undefined) {
    await page.setInputFiles('#trust', trust)
    await page.locator('.fingerprint').waitFor()
  }
  if (typeof target === 'string') await page.setInputFiles('#folder', target)
  else await page.setInputFiles('#files', [...target])
  await page.locator('#copies').waitFor({ state: 'visible' })
  return (await page.locator('#json').textContent()) ?? ''
}

interface Asked {
  readonly chosen: Chosen
  readonly trust: NamedBytes | undefined
}

type Coded = readonly [name: string, base64: string]
const coded = ({ name, bytes }: NamedBytes): Coded => [name, Buffer.from(bytes).toString('base64')]

/** Many at once in the page's own context, without its controls. */
export async function checkInPage(page: Page, asked: readonly Asked[]): Promise<readonly string[]> {
  const sent = asked.map(({ chosen, trust }) => ({
    from: chosen.from,
    name: chosen.from === 'folder' ? chosen.name : '',
    files: chosen.files.map(coded),
    trust: trust === undefined ? undefined : coded(trust),
  }))
  return page.evaluate((all) => {
    const decoded = ([name, text]: readonly [string, string]) => ({ name, bytes: Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) })
    const { verifyWithFiducia } = globalThis as unknown as { verifyWithFiducia: (chosen: unknown, trust: unknown) => string }
    return all.map(({ from, name, files, trust }) =>
      verifyWithFiducia({ from, name, files: files.map(decoded) }, trust === undefined ? undefined : decoded(trust)),
    )
  }, sent)
}
