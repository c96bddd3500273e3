import path from 'node:path'
import { admitKey, decodeBase64Url, InputError, parseBytes32, parseGroupId, parseNetworkId, parseOrganizationId } from '@fiducia/core'
import { MAX_FRESH_SECONDS, MAX_MEMBERS, MIN_FRESH_SECONDS } from '@fiducia/ledger'
import * as z from 'zod'
import { NetworkError } from './errors.ts'
import { keyNamesOf, type KeyTexts, publicKeyOf } from './key-files.ts'
import type { NetworkPlan, PlannedMember } from './plan.ts'

/**
 * The manifest of a network: one JSON file that names the organizations, the engine, the addresses and the key files.
 *
 *   {"engine": "embedded", "net": "valley", "operator": "alder", "rules": {"default": "deny", "freshSeconds": 60},
 *    "organizations": [{"org": "alder", "name": "Alder General Hospital", "group": "group-alder",
 *                       "listen": {"port": 7411}, "silo": {"base": "https://fhir.alder.example/r4"}}, …]}
 *
 * An organization whose keys were made elsewhere stands with `endpoint` and `publicKeys` alone; `witnessOnly` makes one that
 * holds no records. Paths of key files are relative to the manifest.
 */
const keys = z.strictObject({
  node: z.string().optional(),
  log: z.string().optional(),
  standbyLog: z.string().optional(),
  witness: z.string().optional(),
  ledger: z.string().optional(),
})

const organization = z.strictObject({
  org: z.string(),
  name: z.string().min(1).max(120),
  group: z.string(),
  listen: z.strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(1).max(65_535) }).optional(),
  endpoint: z
    .string()
    .regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~-]+)*$/, 'expected a base URL without a final slash')
    .max(200)
    .optional(),
  silo: z.strictObject({ base: z.url(), bearer: z.string().optional() }).optional(),
  witnessOnly: z.boolean().default(false),
  keys: keys.optional(),
  publicKeys: keys.optional(),
})

const manifestSchema = z.strictObject({
  engine: z.string().default('embedded'),
  net: z.string(),
  operator: z.string(),
  rules: z
    .strictObject({
      default: z.enum(['deny', 'normal-treatment', 'all-treatment', 'break-glass-only']).default('deny'),
      freshSeconds: z.int().min(MIN_FRESH_SECONDS).max(MAX_FRESH_SECONDS).default(60),
    })
    .default({ default: 'deny', freshSeconds: 60 }),
  organizations: z.array(organization).min(1).max(MAX_MEMBERS),
})

type Manifest = z.infer<typeof manifestSchema>
type Organization = Manifest['organizations'][number]

/** Checks everything at once; throws a `NetworkError` with one line for each problem. `file` is named in them. */
export function parseManifest(text: string, file: string): NetworkPlan {
  const parsed = manifestSchema.safeParse(parseJson(text, file))
  if (!parsed.success) throw refused(parsed.error.issues.map((issue) => `${file}: ${placeOf(issue.path)}: ${issue.message}`))
  const manifest = parsed.data
  if (manifest.engine !== 'embedded')
    throw new NetworkError('MANIFEST_ENGINE', `${file}: engine: expected \`embedded\`, found \`${manifest.engine}\`: this version runs no other engine`)
  const report = createReport(file)
  const members = manifest.organizations.map((one, i) =>
    checkOrganization(one, { at: `organizations.${i}`, manifest, folder: path.dirname(path.resolve(file)), report }),
  )
  checkTogether(manifest, report)
  const plan = {
    net: report.checked('net', () => parseNetworkId(manifest.net)),
    operator: report.checked('operator', () => parseOrganizationId(manifest.operator)),
  }
  if (report.problems.length > 0 || plan.net === undefined || plan.operator === undefined) throw refused(report.problems)
  return { net: plan.net, operator: plan.operator, rules: manifest.rules, members: members.filter((member) => member !== undefined) }
}

const refused = (problems: readonly string[]) => new NetworkError('MANIFEST_INVALID', problems.join('\n'))

function placeOf(steps: readonly PropertyKey[]): string {
  return steps.length === 0 ? 'the file' : steps.map(String).join('.')
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new NetworkError('MANIFEST_INVALID', `${file}: expected a manifest as JSON, found other text`, { cause })
  }
}

interface Report {
  readonly problems: readonly string[]
  add(at: string, message: string): void
  /** Undefined, with a problem, where reading throws. */
  checked<T>(at: string, read: () => T): T | undefined
}

function createReport(file: string): Report {
  const problems: string[] = []
  const add = (at: string, message: string) => void problems.push(`${file}: ${at}: ${message}`)
  return {
    problems,
    add,
    checked(at, read) {
      try {
        return read()
      } catch (error) {
        add(at, error instanceof InputError ? error.message : 'expected a file that can be read, found none')
        return undefined
      }
    },
  }
}

interface Checking {
  readonly at: string
  readonly manifest: Manifest
  readonly folder: string
  readonly report: Report
}

function checkOrganization(one: Organization, checking: Checking): PlannedMember | undefined {
  const { at, report } = checking
  const org = report.checked(`${at}.org`, () => parseOrganizationId(one.org))
  const group = report.checked(`${at}.group`, () => parseGroupId(one.group))
  const endpoint = one.endpoint ?? (one.listen === undefined ? undefined : endpointOf(one.listen))
  if (endpoint === undefined) report.add(at, 'expected `listen` or `endpoint`, found neither')
  const own = one.publicKeys === undefined ? checkHosted(one, checking) : checkRemote(one, one.publicKeys, checking)
  if (org === undefined || group === undefined || endpoint === undefined || own === undefined) return undefined
  return { org, name: one.name, group, endpoint, witnessOnly: one.witnessOnly, ...own }
}

const endpointOf = ({ host, port }: { readonly host: string; readonly port: number }) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

function checkHosted(one: Organization, { at, manifest, folder, report }: Checking) {
  if (one.listen === undefined) report.add(at, 'expected `listen`, or `publicKeys` of a member that has its configuration elsewhere, found neither')
  if (one.witnessOnly && one.silo !== undefined) report.add(`${at}.silo`, 'expected none for a member that is a witness only')
  if (!one.witnessOnly && one.silo === undefined) report.add(`${at}.silo`, 'expected the base URL of the FHIR server, found nothing')
  const names = keyNamesOf(kindOf(one, manifest))
  const keyFiles = Object.fromEntries(
    Object.entries(one.keys ?? {}).flatMap(([name, keyFile]) => {
      if (!names.some((known) => known === name)) report.add(`${at}.keys.${name}`, `expected keys ${names.join(', ')} only`)
      const file = path.resolve(folder, keyFile ?? '')
      return report.checked(`${at}.keys.${name}`, () => publicKeyOf(file)) === undefined ? [] : [[name, file]]
    }),
  )
  return one.listen === undefined ? undefined : { listen: one.listen, silo: one.silo, keyFiles }
}

function checkRemote(one: Organization, publicKeys: KeyTexts, { at, manifest, report }: Checking) {
  for (const name of ['keys', 'silo'] as const) if (one[name] !== undefined) report.add(`${at}.${name}`, 'expected none beside `publicKeys`: the member has it')
  const names = keyNamesOf(kindOf(one, manifest))
  for (const name of names) {
    report.checked(`${at}.publicKeys.${name}`, () => admitKey('ed25519', decodeBase64Url(parseBytes32(publicKeys[name]))))
  }
  for (const name of Object.keys(publicKeys))
    if (!names.some((known) => known === name)) report.add(`${at}.publicKeys.${name}`, `expected keys ${names.join(', ')} only`)
  return { publicKeys }
}

const kindOf = ({ org, witnessOnly }: Organization, { operator }: Manifest) => ({ witnessOnly, isOperator: org === operator })

/** What one organization alone cannot get wrong. */
function checkTogether({ organizations, operator }: Manifest, report: Report): void {
  const operating = organizations.find(({ org }) => org === operator)
  if (operating === undefined) report.add('operator', `expected one of the organizations, found \`${operator}\``)
  if (operating?.witnessOnly === true) report.add('operator', `expected a member that is more than a witness, found \`${operator}\``)
  checkDistinct(
    'org',
    organizations.map(({ org }) => org),
    report,
  )
  checkDistinct(
    'listen',
    organizations.map(({ listen, publicKeys }) => (listen === undefined || publicKeys !== undefined ? undefined : `${listen.host}:${listen.port}`)),
    report,
  )
  checkDistinct(
    'endpoint',
    organizations.map(({ endpoint }) => endpoint),
    report,
  )
  for (const [i, { group }] of organizations.entries())
    if (['any', 'all', 'none', 'quorum'].includes(group)) report.add(`organizations.${i}.group`, `expected a group that is not named \`${group}\``)
}

function checkDistinct(name: string, values: readonly (string | undefined)[], report: Report): void {
  for (const [i, value] of values.entries()) {
    const first = values.indexOf(value)
    if (value !== undefined && first < i) report.add(`organizations.${i}.${name}`, `expected another than that of organizations.${first}, found \`${value}\``)
  }
}
