import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SILO_MAX_BYTES, SILO_MAX_PAGES } from '../limits.ts'
import { connectSilo, type Silo } from './silo.ts'

/** A FHIR server that misbehaves in the way that each test says. The patient's name must never come back in an error. */
const NAME = 'Zebedee Quill'
type Behavior = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let base = ''
let silo: Silo
let behave: Behavior = () => {}
let asked: string[] = []

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    behave(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/fhir`
  silo = connectSilo({ base, bearer: 'secret-token', timeoutMs: 400 })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const answers =
  (status: number, body: unknown): Behavior =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(typeof body === 'string' ? body : JSON.stringify(body))

const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, name: [{ text: NAME }], ...more })
const observation = (id: string, more: object = {}) => ({ resourceType: 'Observation', id, subject: { reference: 'Patient/p' }, ...more })
const page = (resources: readonly object[], more: object = {}) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
  ...more,
})
const next = (url: string) => ({ link: [{ relation: 'next', url }] })
const search = () => silo.search('Observation', new Map([['patient', 'p']]))

async function expectFailure(work: () => Promise<unknown>, words?: string): Promise<void> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'SILO_FAILED', status: 502 })
  const text = error instanceof Error ? error.message : ''
  expect(text).not.toContain(NAME)
  expect(text).not.toContain('secret-token')
  if (words !== undefined) expect(text).toContain(words)
}

it('reads what was asked for, and sends its own headers only', async () => {
  let headers: IncomingMessage['headers'] = {}
  behave = (request, response) => {
    headers = request.headers
    answers(200, patient('p'))(request, response)
  }
  expect(await silo.read('Patient', 'p')).toEqual(patient('p'))
  expect(asked).toEqual(['/fhir/Patient/p'])
  expect(headers).toMatchObject({
    authorization: 'Bearer secret-token',
    'cache-control': 'no-cache',
    prefer: 'handling=strict',
    accept: 'application/fhir+json',
  })
})

it.each([
  [404, '{"resourceType":"OperationOutcome"}'],
  [404, ''],
  [410, '<html>gone</html>'],
])('knows that nothing is there from status %i with body `%s`', async (status, body) => {
  behave = answers(status, body)
  expect(await silo.read('Patient', 'p')).toBeUndefined()
})

it.each<[string, number, unknown]>([
  ['another patient', 200, patient('q')],
  ['another type', 200, observation('p')],
  ['no id', 200, { resourceType: 'Patient', name: [{ text: NAME }] }],
  ['a Bundle', 200, page([patient('p')])],
  ['HTML', 200, `<html>${NAME}</html>`],
  ['truncated JSON', 200, `{"resourceType":"Patient","name":"${NAME}`],
  ['a bare string', 200, JSON.stringify(NAME)],
  ['null', 200, 'null'],
  ['an error that quotes the patient', 500, { resourceType: 'OperationOutcome', issue: [{ diagnostics: NAME }] }],
  ['a redirect', 302, '{}'],
  ['a refusal', 401, '{}'],
])('fails on a read that gives %s', async (_what, status, body) => {
  behave = answers(status, body)
  await expectFailure(() => silo.read('Patient', 'p'))
})

it.each(['.', '..'])('takes the id `%s` for nothing, and asks no other path for it', async (id) => {
  behave = answers(200, patient(id))
  expect(await silo.read('Patient', id)).toBeUndefined()
  expect(asked).toEqual([])
})

it('fails within its time when the server says nothing, or never ends', async () => {
  behave = () => {}
  await expectFailure(() => silo.read('Patient', 'p'), 'within 400 ms')
  behave = (_request, response) => {
    response.writeHead(200).write('{"resourceType":')
    const timer = setInterval(() => response.write(' '), 30)
    response.on('close', () => clearInterval(timer))
  }
  await expectFailure(() => silo.read('Patient', 'p'), 'within 400 ms')
})

it('fails when nobody listens, and is not reachable', async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await expectFailure(() => silo.read('Patient', 'p'))
  expect(await silo.isReachable()).toBe(false)
})

it('stops reading a body that is too large', async () => {
  let sent = 0
  silo = connectSilo({ base, timeoutMs: 5_000 })
  behave = (_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20)
    const more = () => {
      while (!response.destroyed && sent < 4 * SILO_MAX_BYTES) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
      response.end()
    }
    response.writeHead(200)
    more()
  }
  await expectFailure(() => silo.read('Patient', 'p'))
  expect(sent).toBeLessThan(4 * SILO_MAX_BYTES)
})

it('gathers every page in order and leaves out what only came along', async () => {
  behave = (request, response) =>
    answers(
      200,
      request.url?.includes('_page=2')
        ? { ...page([observation('c')]), entry: [{ resource: observation('c') }, { resource: patient('p'), search: { mode: 'include' } }] }
        : page([observation('a'), observation('b')], next(`${base}?_page=2`)),
    )(request, response)
  expect(await search()).toEqual([observation('a'), observation('b'), observation('c')])
  expect(asked).toEqual(['/fhir/Observation?patient=p', '/fhir?_page=2'])
})

it('takes a searchset without entries for none', async () => {
  behave = answers(200, { resourceType: 'Bundle', type: 'searchset', total: 0 })
  expect(await search()).toEqual([])
})

it.each<[string, unknown]>([
  ['matches of another type', page([patient('p')])],
  ['an entry without a resource', { resourceType: 'Bundle', type: 'searchset', entry: [{ search: { mode: 'match' } }] }],
  ['an entry that is no object', { resourceType: 'Bundle', type: 'searchset', entry: [NAME] }],
  ['entries that are no array', { resourceType: 'Bundle', type: 'searchset', entry: { 0: observation('a') } }],
  ['a Bundle of another type', page([observation('a')], { type: 'collection' })],
  ['a next page on another host', page([observation('a')], next('http://169.254.169.254/latest'))],
  ['a next page at an address that only begins alike', page([observation('a')], next('http://127.0.0.1.evil.example/fhir/'))],
  ['a next page without an address', page([observation('a')], { link: [{ relation: 'next' }] })],
  ['ten thousand matches', page(Array.from({ length: 10_000 }, (_, i) => observation(`o${i}`)))],
])('fails on a search that gives %s', async (_what, body) => {
  behave = answers(200, body)
  await expectFailure(search)
  expect(asked).toHaveLength(1)
})

it('does not follow a next link whose path climbs out of the base', async () => {
  behave = (request, response) => answers(200, page([observation('a')], next(`${base}/../admin`)))(request, response)
  await expectFailure(search)
  expect(asked).toEqual(['/fhir/Observation?patient=p'])
})

it('gives up on pages that never end', async () => {
  silo = connectSilo({ base, bearer: 'secret-token', timeoutMs: 30_000 })
  behave = answers(200, page([observation('a')], next(`${base}/Observation?patient=p&again`)))
  await expectFailure(search, `at most ${SILO_MAX_PAGES} pages`)
  expect(asked).toHaveLength(SILO_MAX_PAGES)
})

it('fails on a search that was not understood', async () => {
  behave = answers(400, { resourceType: 'OperationOutcome', issue: [{ diagnostics: NAME }] })
  await expectFailure(search, 'found status 400')
})
