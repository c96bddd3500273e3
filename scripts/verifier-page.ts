import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { root } from './run.ts'

/** `verify.html`: the pure packages and the page's own code as one file that holds everything. The same sources give the same bytes, wherever they lie. */
export interface VerifierPage {
  readonly html: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** DESIGN: an auditor must be able to save it, send it and read it. */
export const MAX_PAGE_BYTES = 300 * 1000

const folderOf = (house: string): string => path.join(house, 'packages', 'web', 'src', 'verifier')
export const pageFile = (house = root): string => path.join(house, 'packages', 'web', 'dist', 'verify.html')

/** `house`: the folder of the sources. */
export async function buildPage(house = root): Promise<VerifierPage> {
  const folder = folderOf(house)
  const style = readFileSync(path.join(folder, 'style.css'), 'utf8')
  const script = await bundle(path.join(folder, 'main.ts'), house)
  const { frame } = (await import(pathToFileURL(path.join(folder, 'frame.ts')).href)) as { frame: (style: string, script: string) => string }
  const html = frame(style, script)
  const bytes = Buffer.from(html)
  if (bytes.length > MAX_PAGE_BYTES) throw new Error(`expected a page of at most ${MAX_PAGE_BYTES} bytes, found ${bytes.length}`)
  return { html, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Whole or not at all: a node may be serving it. */
export async function writePage(house = root): Promise<VerifierPage> {
  const page = await buildPage(house)
  const file = pageFile(house)
  mkdirSync(path.dirname(file), { recursive: true })
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, page.html)
  renameSync(draft, file)
  return page
}

/** Browsers of today and of some years ago; fixed, so that the same sources give the same bytes. */
const TARGET = ['es2023', 'chrome111', 'firefox115', 'safari16.4']

async function bundle(entry: string, house: string): Promise<string> {
  const result = await build({
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    root: house,
    build: { write: false, minify: true, target: TARGET, lib: { entry, formats: ['iife'], name: 'fiducia', fileName: 'page' } },
  })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ('output' in one ? one.output : []))
  const [only, ...more] = outputs
  if (only?.type !== 'chunk' || more.length > 0) throw new Error(`expected one chunk, found ${outputs.map(({ fileName }) => fileName).join(', ')}`)
  return only.code.trim()
}

const releaseNotes = (house: string): string => path.join(house, 'CHANGELOG.md')
const NOTED = /(`verify\.html`[^\n]*SHA-256 `)([0-9a-f]{64})`/

/** The SHA-256 that the release notes name. */
export const notedHash = (house = root): string | undefined => NOTED.exec(readFileSync(releaseNotes(house), 'utf8'))?.[2]

export function noteHash(sha256: string, house = root): void {
  const text = readFileSync(releaseNotes(house), 'utf8')
  if (!NOTED.test(text)) throw new Error('expected a line of CHANGELOG.md with `verify.html` and its SHA-256, found none')
  writeFileSync(releaseNotes(house), text.replace(NOTED, `$1${sha256}\``))
}
