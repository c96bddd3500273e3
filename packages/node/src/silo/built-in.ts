import Fastify, { type FastifyInstance } from 'fastify'

/**
 * The built-in silo: a small FHIR R4 server over resources in memory, for the demo and tests. It answers what the gateway
 * asks any FHIR server (read, search by patient, capability statement) and nothing more.
 */
export interface SiloResource {
  readonly resourceType: string
  readonly id: string
  readonly [member: string]: unknown
}

export interface BuiltInSilo extends AsyncDisposable {
  readonly base: string
  readonly count: number
  put(resource: SiloResource): void
}

export interface BuiltInSiloOptions {
  readonly port: number
  readonly resources: readonly SiloResource[]
}

const FHIR_JSON = 'application/fhir+json'
const PAGE = 50

const outcome = (code: string) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] })

/** References that tie a resource to a patient, in the R4 resources that the demo holds. */
function patientOf(resource: SiloResource): string | undefined {
  if (resource.resourceType === 'Patient') return `Patient/${resource.id}`
  for (const name of ['subject', 'patient', 'beneficiary']) {
    const value = resource[name]
    if (typeof value === 'object' && value !== null && 'reference' in value && typeof value.reference === 'string') return value.reference
  }
  return undefined
}

export async function startBuiltInSilo(options: BuiltInSiloOptions): Promise<BuiltInSilo> {
  const resources = new Map(options.resources.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]))
  const server = Fastify({ logger: false })
  const base = () => `http://127.0.0.1:${portOf(server)}`

  server.get('/metadata', (_request, reply) =>
    reply.type(FHIR_JSON).send({ resourceType: 'CapabilityStatement', status: 'active', kind: 'instance', fhirVersion: '4.0.1', format: ['json'] }),
  )
  server.get<{ Params: { type: string; id: string } }>('/:type/:id', (request, reply) => {
    const resource = resources.get(`${request.params.type}/${request.params.id}`)
    return resource === undefined ? reply.code(404).type(FHIR_JSON).send(outcome('not-found')) : reply.type(FHIR_JSON).send(resource)
  })
  server.get<{ Params: { type: string }; Querystring: Record<string, string> }>('/:type', (request, reply) => {
    const { patient, _offset: offset = '0', ...others } = request.query
    if (patient === undefined || Object.keys(others).length > 0) return reply.code(400).type(FHIR_JSON).send(outcome('not-supported'))
    const wanted = patient.startsWith('Patient/') ? patient : `Patient/${patient}`
    const matches = [...resources.values()].filter((one) => one.resourceType === request.params.type && patientOf(one) === wanted)
    const start = Number(offset)
    const page = matches.slice(start, start + PAGE)
    const more = start + PAGE < matches.length
    return reply.type(FHIR_JSON).send({
      resourceType: 'Bundle',
      type: 'searchset',
      total: matches.length,
      link: more ? [{ relation: 'next', url: `${base()}/${request.params.type}?patient=${encodeURIComponent(patient)}&_offset=${start + PAGE}` }] : [],
      entry: page.map((resource) => ({ fullUrl: `${base()}/${resource.resourceType}/${resource.id}`, resource, search: { mode: 'match' } })),
    })
  })

  await server.listen({ port: options.port, host: '127.0.0.1' })
  return {
    base: base(),
    get count() {
      return resources.size
    },
    put: (resource) => void resources.set(`${resource.resourceType}/${resource.id}`, resource),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

function portOf(server: FastifyInstance): number {
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('the built-in silo has no port')
  return address.port
}
