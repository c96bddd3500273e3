import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWorld, runUntil, siteOf, tell, give } from '../../test/aggregation-world.ts'
import { ResearchError } from '../errors.ts'
import { MAX_ROUND_MESSAGE, MAX_SITES } from '../limits.ts'
import { type CoordinatorMessage, encodeMessage, parseCoordinatorMessage, parseSiteMessage, type SiteMessage } from './messages.ts'

/** One message of each kind, from a round that ran. */
function samples(sites = 4) {
  const world = createWorld({ seed: 31, sites })
  const gone = world.orgs.at(-1)
  const shown: CoordinatorMessage[] = []
  for (const phase of ['shares', 'masked', 'unmasking'] as const) {
    const [first] = runUntil(world, phase, new Map(gone ? [[gone, 'masked']] : []))
    if (first?.type === 'send') shown.push(first.message)
  }
  const site = siteOf(world, world.orgs[0])
  const [, , asked] = shown
  if (asked) give(world, site.org, asked)
  return { world, said: site.sent, shown }
}

const { world, said, shown } = samples()
const { round } = world
const refusal = expect.objectContaining({ code: 'STUDY_ROUND' })
const json = (message: SiteMessage | CoordinatorMessage) => JSON.parse(new TextDecoder().decode(encodeMessage(message))) as Record<string, unknown>
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

describe('messages', () => {
  it('are of seven kinds', () =>
    expect([...said, ...shown].map(({ type }) => type)).toEqual(['keys', 'shares', 'masked', 'answer', 'all-keys', 'delivery', 'unmask']))
  it('come out of their bytes as they went in', () => {
    for (const message of said) expect(parseSiteMessage(round, encodeMessage(message))).toEqual(message)
    for (const message of shown) expect(parseCoordinatorMessage(round, encodeMessage(message))).toEqual(message)
  })
  it('are not taken for those of the other side', () => {
    for (const message of said) expect(() => parseCoordinatorMessage(round, encodeMessage(message))).toThrow(refusal)
    for (const message of shown) expect(() => parseSiteMessage(round, encodeMessage(message))).toThrow(refusal)
  })
  it('are refused with a member more, and with one less', () => {
    for (const message of [...said.filter(({ type }) => type !== 'masked'), ...shown]) {
      const parse = said.includes(message as SiteMessage) ? parseSiteMessage : parseCoordinatorMessage
      const document = json(message)
      expect(() => parse(round, bytesOf({ ...document, zzz: 1 }))).toThrow(refusal)
      for (const name of Object.keys(document)) {
        const { [name]: _gone, ...rest } = document
        expect(() => parse(round, bytesOf(rest))).toThrow(refusal)
      }
    }
  })
  it('either parse or are refused, whatever the bytes', () =>
    fc.assert(
      fc.property(fc.constantFrom(...said, ...shown), fc.nat(), fc.integer({ min: 1, max: 255 }), (message, place, change) => {
        const bytes = encodeMessage(message)
        bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ change
        for (const parse of [parseSiteMessage, parseCoordinatorMessage]) {
          try {
            parse(round, bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(ResearchError)
          }
        }
      }),
      { numRuns: 2000 },
    ))
  it.each([0, 1, 3, 4, 5, 100])('are refused as %i bytes of zeros', (length) => {
    expect(() => parseSiteMessage(round, new Uint8Array(length))).toThrow(refusal)
    expect(() => parseCoordinatorMessage(round, new Uint8Array(length))).toThrow(refusal)
  })
  it('are refused where a share or a sealed share has another length', () => {
    const [answer, shares] = [json(said[3] as SiteMessage), json(said[1] as SiteMessage)]
    const cut = (list: unknown, name: string) => (list as Record<string, string>[]).map((one) => ({ ...one, [name]: one[name]?.slice(4) }))
    expect(() => parseSiteMessage(round, bytesOf({ ...answer, self: cut(answer['self'], 'share') }))).toThrow(refusal)
    expect(() => parseSiteMessage(round, bytesOf({ ...shares, shares: cut(shares['shares'], 'sealed') }))).toThrow(refusal)
  })
  it.each([-16, -1, 1, 16])('are refused with a vector longer by %i bytes', (more) => {
    const bytes = encodeMessage(said[2] as SiteMessage)
    const other = new Uint8Array(bytes.length + more)
    other.set(bytes.subarray(0, other.length))
    expect(() => parseSiteMessage(round, other)).toThrow(refusal)
    expect(tell(world, { type: 'malformed', from: siteOf(world, world.orgs[0]).org, reason: 'length' })).toEqual([])
  })
  it('fit their bound for as many sites as there may be', () => {
    const largest = [...said.filter(({ type }) => type !== 'masked'), ...shown].map((message) => encodeMessage(message).length / 4)
    expect(Math.max(...largest) * MAX_SITES).toBeLessThan(MAX_ROUND_MESSAGE)
  })
})
