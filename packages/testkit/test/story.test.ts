import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { createLogger, fsckNode, type Transport } from '@fiducia/node'
import { createSteppingClock, DEMO_MEMBERS, startNetwork, type Story, tellStory, type Theater, wallClock } from '@fiducia/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ownCast } from '../src/story/cast.ts'
import { createInterception } from '../src/story/interception.ts'

/** The story over real nodes, with everything that a stranger could read along the way written down and searched. */
let dir = ''
let story: Story
/** Every node's log at the lowest level. */
let logged = ''
/** Addresses that the nodes asked each other for. */
const urls: string[] = []
/** Everything on the ledger and in the access logs, as bytes. */
const published: Buffer[] = []

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'fiducia-story-'))
  const logFile = path.join(dir, 'nodes.log')
  const logger = createLogger('all', logFile)
  logger.level = 'trace'
  const [cast, clock, interception] = [ownCast(), createSteppingClock(wallClock.now() - 600_000, wallClock), createInterception()]
  const transport = (org: OrganizationId): Transport => {
    const send = interception.transport(org)
    return (url, message) => {
      urls.push(url)
      return send(url, message)
    }
  }
  const network = await startNetwork({ dir, clock, resources: (org) => cast.resources(org), logger, transport })
  const theater: Theater = { network, clock, cast, interception, [Symbol.asyncDispose]: () => network[Symbol.asyncDispose]() }
  story = await tellStory(theater, { dir })
  for (const { services } of theater.network.nodes.values()) {
    const { log } = services.context.ledger
    published.push(...log.entries(0, log.size()).map(Buffer.from), ...services.log.entries(0, services.log.size).map(Buffer.from))
    published.push(Buffer.from(services.heads.newest?.note ?? ''), Buffer.from(services.checkpoints.newest?.note ?? ''))
  }
  await theater[Symbol.asyncDispose]()
  await new Promise((resolve) => logger.flush(resolve))
  logged = readFileSync(logFile, 'utf8')
}, 120_000)
afterAll(() => rmSync(dir, { recursive: true }))

it('goes as it should, step by step', () => {
  expect(story.steps.filter(({ ok }) => !ok)).toEqual([])
  expect(story.steps.map(({ name }) => name)).toEqual([
    'request-refused-no-consent',
    'patient-agrees',
    'request-refused-role-not-attested',
    'role-attested',
    'request-granted',
    'patient-sees-and-checks',
    'directory-attested',
    'role-departed-refused',
    'role-corrected-granted',
    'patient-revokes',
    'cheat-junk-tag',
    'cheat-second-relationship',
    'cheat-forked-log',
    'cheat-dropped-revocation',
    'cheat-changed-byte',
  ])
})

it('leaves folders that fsck accepts', async () => {
  for (const { org } of DEMO_MEMBERS) expect({ org, ...(await fsckNode(path.join(dir, 'nodes', org))) }).toMatchObject({ org, ok: true, findings: [] })
})

/** Names, birth dates, identifiers and FHIR ids of everybody whose record lies in the network. */
function personalWords(): readonly string[] {
  const cast = ownCast()
  const words = new Set<string>([cast.hidden, ...cast.holders.map(({ record }) => record)])
  for (const { org } of DEMO_MEMBERS)
    for (const resource of cast.resources(org)) {
      const text = JSON.stringify(resource)
      if (resource.resourceType === 'Organization' || resource.resourceType === 'Practitioner') continue
      words.add(`${resource.resourceType}/${resource.id ?? ''}`)
      words.add(resource.id ?? '')
      for (const [, value] of text.matchAll(/"(?:family|birthDate|text|display|value|valueString)":"([^"]{5,})"/g)) words.add(value ?? '')
    }
  words.delete('')
  return [...words].filter((word) => word.length >= 6)
}

/** NPIs of everybody in the provider files. */
const providerNumbers = (): ReadonlySet<string> => {
  const folder = path.join(dir, 'provider-files')
  const text = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'))
  return new Set([...text.join('').matchAll(/"value":"(\d{10})"/g)].flatMap(([, npi]) => npi ?? []))
}

/** Those that stand anywhere in a text, also as a part of a longer number. */
function numbersIn(haystack: string): readonly string[] {
  const numbers = providerNumbers()
  return [...haystack.matchAll(/(?=(\d{10}))/g)].flatMap(([, digits]) => (digits !== undefined && numbers.has(digits) ? [digits] : []))
}

const found = (words: readonly string[], haystack: string) => words.filter((word) => haystack.includes(word))

it('puts nobody’s data on the ledger or in a public log', () => {
  const words = personalWords()
  expect(words.length).toBeGreaterThan(300)
  expect(published.length).toBeGreaterThan(100)
  expect(found(words, Buffer.concat(published).toString('latin1'))).toEqual([])
  expect(providerNumbers().size).toBeGreaterThan(1_900)
  expect(numbersIn(Buffer.concat(published).toString('latin1'))).toEqual([])
})

it('logs what happened without saying about whom', () => {
  expect(logged.length).toBeGreaterThan(100)
  expect(found(personalWords(), logged)).toEqual([])
  expect(numbersIn(logged)).toEqual([])
})

it('names nobody in an address but the item that is read', () => {
  expect(urls.length).toBeGreaterThan(50)
  const others = urls.filter((url) => !/\/fhir\/[A-Z][A-Za-z]+\/[^/?]+$/.test(url))
  expect(found(personalWords(), others.join('\n'))).toEqual([])
  expect(numbersIn(urls.join('\n'))).toEqual([])
})

it('names nobody in what it publishes about itself: keys, trust, exported logs', () => {
  const files = ['logs', 'keys'].flatMap((folder) =>
    readdirSync(path.join(dir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)).toString('latin1')),
  )
  expect(files.length).toBeGreaterThan(10)
  expect(found(personalWords(), files.join('\n'))).toEqual([])
})

it('finds the words where they are, so that finding none elsewhere says something', () => {
  const answers = readFileSync(path.join(dir, 'proofs', '05-released', 'disclosure.json'), 'utf8')
  expect(found(personalWords(), answers).length).toBeGreaterThan(0)
})
