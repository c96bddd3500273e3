import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PEER_MAX_BYTES } from '../limits.ts'
import { fetchBytes, fetchText, httpTransport } from './transport.ts'

let server: Server
let url = ''
let behave: RequestListener = () => {}

beforeEach(async () => {
  server = createServer((request, response) => behave(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/path?secret=1`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

it('gives status and bytes, and sends method, body and headers', async () => {
  let seen = ''
  behave = (request, response) => {
    request.on('data', (chunk: Buffer) => (seen += `${request.method} ${request.headers['x-test']} ${chunk.toString()}`))
    request.on('end', () => response.writeHead(418).end(Buffer.from([0, 255])))
  }
  expect(await httpTransport(url, { method: 'PUT', body: 'text', headers: { 'x-test': 'yes' } })).toEqual({ status: 418, bytes: new Uint8Array([0, 255]) })
  expect(seen).toBe('PUT yes text')
})

it('follows no redirect', async () => {
  behave = (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  expect((await httpTransport(url)).status).toBe(302)
})

it('stops reading an answer that is too large', async () => {
  let sent = 0
  behave = (_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024)
    const more = () => {
      while (!response.destroyed && sent < 3 * PEER_MAX_BYTES) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  }
  await expect(httpTransport(url)).rejects.toMatchObject({ code: 'PEER_FAILED' })
  expect(sent).toBeLessThan(3 * PEER_MAX_BYTES)
})

it('names the member but not the path when the connection breaks', async () => {
  behave = (request) => request.socket.destroy()
  const error = await httpTransport(url).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PEER_FAILED', status: 502 })
  expect(String(error)).toContain(new URL(url).origin)
  expect(String(error)).not.toContain('secret')
})

it('asks once more when the connection was closed, but never sends a body twice', async () => {
  let seen = 0
  behave = (request, response) => ((seen += 1) === 1 ? request.socket.destroy() : response.end('again'))
  expect(await fetchText(httpTransport, url)).toBe('again')
  seen = 0
  await expect(httpTransport(url, { method: 'POST', body: 'x' })).rejects.toMatchObject({ code: 'PEER_FAILED' })
  expect(seen).toBe(1)
})

it('reads text and bytes of a 200 answer only', async () => {
  behave = (_request, response) => response.end('text')
  expect(await fetchText(httpTransport, url)).toBe('text')
  expect(await fetchBytes(httpTransport, url)).toEqual(new Uint8Array(Buffer.from('text')))
  behave = (_request, response) => response.writeHead(404).end()
  expect(await fetchBytes(httpTransport, url)).toBeUndefined()
  await expect(fetchText(httpTransport, url)).rejects.toMatchObject({ code: 'PEER_FAILED' })
  behave = (_request, response) => response.writeHead(500).end('patient name')
  await expect(fetchBytes(httpTransport, url)).rejects.toThrow(/found 500$/)
})
