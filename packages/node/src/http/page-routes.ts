import { readFileSync } from 'node:fs'
import path from 'node:path'
import { NodeFailure } from '../failures.ts'
import type { Server } from './routes.ts'

/** Where `npm run verifier` writes the page; it is no part of the node, which serves it where it has been built. */
const VERIFIER_PAGE = path.join(import.meta.dirname, '../../../web/dist/verify.html')

/** The bytes of the verifier page, or undefined where it has not been built. */
export function readVerifierPage(): Buffer | undefined {
  try {
    return readFileSync(VERIFIER_PAGE)
  } catch {
    return undefined
  }
}

/** What the page's own policy cannot say in HTML: nobody shows it inside a page of theirs. The rest stands in the file, whose bytes are the same everywhere. */
const FRAME_POLICY = "frame-ancestors 'none'"

export function addPageRoutes(server: Server): void {
  server.get(
    '/verify.html',
    { schema: { summary: 'the verifier as one page that works offline; compare its SHA-256 with the release notes before you believe it' } },
    (_request, reply) => {
      const page = readVerifierPage()
      if (page === undefined) throw new NodeFailure('NOT_FOUND', 'the verifier page has not been built here')
      return reply.type('text/html; charset=utf-8').header('content-security-policy', FRAME_POLICY).send(page)
    },
  )
}
