import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { type Bytes32, encodeBase64Url, encodeCanonical, parseBytes32, sha256, type SignedObject } from '@fiducia/core'
import type { BundleFiles } from '@fiducia/proofs'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import * as z from 'zod'
import { NodeFailure } from '../failures.ts'

/** What every file of routes is given: a server whose schemas are zod's. */
export type Server = FastifyInstance<HttpServer, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** H(JCS of the signed request), PROTOCOL section 4. */
export const hashOfRequest = ({ body, key, sig }: SignedObject): Bytes32 => parseBytes32(encodeBase64Url(sha256(encodeCanonical({ body, key, sig }))))

/** The body of a route that takes bytes; throws `BODY_INVALID` for any other. */
export function bytesOf(body: unknown): Uint8Array {
  if (!(body instanceof Uint8Array)) throw new NodeFailure('BODY_INVALID', 'expected the bytes as application/octet-stream or text/plain')
  return new Uint8Array(body)
}

/** A bundle as routes answer it: its files by name, base64url. */
export const bundle = z.object({ files: z.record(z.string(), z.string().regex(/^[A-Za-z0-9_-]*$/)) })

export const asFiles = (files: BundleFiles) => ({ files: Object.fromEntries([...files].map(([name, content]) => [name, encodeBase64Url(content)])) })
