import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import path from 'node:path'
import { readVerifierPage } from '@fiducia/node'
import { type BundleFiles, parseTrustPolicy, verifyBundle } from '@fiducia/proofs'
import { zipSync } from 'fflate'
import type { Network } from '../network/network.ts'
import { DEMO_MEMBERS } from '../network/plan.ts'
import type { Story } from '../story/story.ts'
import { type NodeLine, type ProofLine, renderMissing, renderProof, renderStory } from './page.ts'

/** Serves the demo's page on this machine: the story, its proofs, and the exact bytes of each file. Reads only. */
export interface PageOptions {
  readonly network: Network
  readonly story: Story
  /** The story's folder. */
  readonly dir: string
  readonly port: number
}

export interface PageServer extends AsyncDisposable {
  readonly url: string
}

const HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

export async function servePage(options: PageOptions): Promise<PageServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'text/plain; charset=utf-8', 'only GET is offered here\n')
    else answerSafely(options, pathname, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Whatever a request makes go wrong ends this request only. */
function answerSafely(options: PageOptions, pathname: string, response: ServerResponse): void {
  try {
    answer(options, decodeURIComponent(pathname), response)
  } catch {
    send(response, 500, HTML, renderMissing())
  }
}

function answer({ network, story, dir }: PageOptions, pathname: string, response: ServerResponse): void {
  const [, first, name, ...file] = pathname.split('/')
  const folder = path.join(dir, 'proofs')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  if (pathname === '/')
    return send(
      response,
      200,
      HTML,
      renderStory(
        story.steps,
        nodeLines(network),
        names.map((one) => proofLine(dir, one)),
      ),
    )
  if (pathname === '/trust.policy') return download(response, 'trust.policy', readFileSync(path.join(dir, 'trust.policy')))
  if (pathname === '/verify.html') return sendVerifier(response)
  const archived = names.find((one) => pathname === `/proofs/${one}.zip`)
  if (archived !== undefined) return download(response, `${archived}.zip`, archiveOf(path.join(folder, archived)))
  // Only names that were listed are ever opened.
  if (first !== 'proofs' || name === undefined || !names.includes(name)) return send(response, 404, HTML, renderMissing())
  const files = readBundle(path.join(folder, name))
  if (file.length === 0) return send(response, 200, HTML, renderProof(name, files, verifyBundle(files, trustOf(dir))))
  const bytes = files.get(file.join('/'))
  if (bytes === undefined) return send(response, 404, HTML, renderMissing())
  const isText = /\.(json|tlog-proof)$/.test(file.at(-1) ?? '')
  return send(response, 200, isText ? 'text/plain; charset=utf-8' : 'application/octet-stream', Buffer.from(bytes))
}

const HTML = 'text/html; charset=utf-8'

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type }).end(body)
}

/** The page brings its own policy; the one of this server would forbid its script. */
function sendVerifier(response: ServerResponse): void {
  const page = readVerifierPage()
  if (page === undefined) return send(response, 404, 'text/plain; charset=utf-8', 'the verifier page has not been built: npm run verifier\n')
  response.writeHead(200, { ...HEADERS, 'content-security-policy': "frame-ancestors 'none'", 'content-type': HTML }).end(page)
}

function download(response: ServerResponse, name: string, body: Buffer): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename="${name}"` }).end(body)
}

/** The same bytes at each download: no time of its own. */
function archiveOf(folder: string): Buffer {
  const files = Object.fromEntries([...readBundle(folder)].sort(([a], [b]) => (a < b ? -1 : 1)))
  return Buffer.from(zipSync(files, { mtime: new Date(1980, 0, 1) }))
}

const trustOf = (dir: string) => parseTrustPolicy(readFileSync(path.join(dir, 'trust.policy'), 'utf8'))

function proofLine(dir: string, name: string): ProofLine {
  const { valid, kind } = verifyBundle(readBundle(path.join(dir, 'proofs', name)), trustOf(dir))
  return { name, valid, kind }
}

function nodeLines(network: Network): readonly NodeLine[] {
  return DEMO_MEMBERS.map(({ org, name }) => {
    const { url, services } = network.node(org)
    return { name, url, height: services.context.ledger.tip().height, fresh: services.heads.fresh(services.context.clock.now()) !== undefined }
  })
}

function readBundle(folder: string): BundleFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(folder, file).split(path.sep).join('/'), new Uint8Array(readFileSync(file))]
    }),
  )
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the page has no port')
  return address.port
}
