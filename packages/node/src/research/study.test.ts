import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { encodeUtf8, type OrganizationId, parseNetworkId, parseOrganizationId, sha256 } from '@fiducia/core'
import { verifyBundle } from '@fiducia/proofs'
import { formatSpec, parseSpec, type StudyTold } from '@fiducia/research'
import { afterAll, describe, expect, it } from 'vitest'
import { runStudy, type StudyPort } from './run-study.ts'
import type { SiteReply, SiteRequest } from './study-messages.ts'
import { StudySite } from './study-site.ts'

/** Studies over sites in this process, between which and the coordinator a test can come. */
const scratch = mkdtempSync(path.join(os.tmpdir(), 'fiducia-study-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const SPEC = {
  title: 'Ages',
  purpose: 'DUO:0000006',
  columns: { age: 'number', weight: 'number' },
  method: { name: 'glm', family: 'gaussian', formula: 'weight ~ age' },
}

let drawn = 0
const random = (length: number): Uint8Array => {
  drawn += 1
  return sha256(encodeUtf8(`study ${drawn}`)).slice(0, length)
}

const names = (count: number) => ['north', 'south', 'west', 'east'].slice(0, count).toSorted()

function fileOf(name: string): string {
  const file = path.join(scratch, `${name}.csv`)
  const rows = Array.from({ length: 30 }, (_, i) => `${20 + i},${60 + 0.5 * i + ((i * 7 + name.length) % 11)}`)
  writeFileSync(file, ['age,weight', ...rows].join('\n'))
  return file
}

/** What a test does with a request on its way: gives a reply of its own, throws as if the site were gone, or lets it through. */
type Between = (org: OrganizationId, request: SiteRequest, pass: () => SiteReply) => SiteReply

function run(count: number, between: Between = (_org, _request, pass) => pass(), spec: object = SPEC) {
  const sites = names(count).map((name): StudyPort & { readonly file: string } => {
    const [org, site] = [parseOrganizationId(name), new StudySite(random)]
    return { org, file: fileOf(name), ask: (request) => Promise.resolve().then(() => between(org, request, () => site.answer(request))) }
  })
  return runStudy({
    net: parseNetworkId('study'),
    spec: parseSpec(spec),
    specText: formatSpec(spec),
    sites,
    now: () => 1_767_225_600_000,
    random,
  })
}

const gone = (): never => {
  throw new Error('gone')
}

describe('a study', () => {
  it('over three sites has a bundle that verifies under its own trust', async () => {
    const { answer, bundle, trust, sites } = await run(3)
    expect(answer).toMatchObject({ kind: 'glm', counted: { n: 90 } })
    expect(sites.map(({ rows }) => rows)).toEqual([30, 30, 30])
    expect(verifyBundle(bundle, trust)).toMatchObject({ valid: true, kind: 'study' })
  })

  it('goes on without a site that is lost in the first round, and says over whom it is', async () => {
    const { answer, bundle, trust } = await run(4, (org, request, pass) => (org === 'west' && request.type === 'message' ? gone() : pass()))
    expect(answer.counted.n).toBe(90)
    const { facts, valid } = verifyBundle(bundle, trust)
    expect({ valid, sites: facts['sites'] }).toEqual({ valid: true, sites: 'east, north, south' })
  })

  it('ends when a site is lost later: other sums would not fit to those before', async () => {
    let rounds = 0
    const lost = run(4, (org, request, pass) => {
      if (request.type === 'round' && org === 'west') rounds += 1
      return org === 'west' && rounds === 2 ? gone() : pass()
    })
    await expect(lost).rejects.toMatchObject({ code: 'STUDY_ABORTED', message: /lost after the first round/ })
  })

  it('ends where too few are left', async () => {
    await expect(run(3, (org, request, pass) => (org === 'west' && request.type === 'message' ? gone() : pass()))).rejects.toMatchObject({
      code: 'STUDY_ABORTED',
    })
  })

  it('is refused by a site whose rows are too few, with the rule', async () => {
    await expect(run(3, undefined, { ...SPEC, disclosure: { minimumCell: 31 } })).rejects.toMatchObject({ code: 'STUDY_POLICY', message: /minimum-cell/ })
  })
})

describe('a site refuses', () => {
  const refusedWhen = (between: Between) => expect(run(3, between)).rejects
  const without = (request: SiteRequest): SiteRequest =>
    request.type === 'message' ? { type: 'message', message: request.message, time: request.time } : request

  it('to unmask without a cosigned checkpoint', async () => {
    const site = new StudySite(random)
    await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'open' ? { ...request, org } : without(request))
    }).toMatchObject({ code: 'STUDY_ROUND', message: /north: expected a cosigned checkpoint/ })
  })

  it('a model that does not follow from the sums that it saw', async () => {
    const site = new StudySite(random)
    await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'sum' ? { ...request, sum: request.sum.map((one) => one + 1) } : request)
    }).toMatchObject({ code: 'STUDY_ROUND', message: /north: the ledger has another model/ })
  })

  it('a round that its own ledger does not have', async () => {
    const site = new StudySite(random)
    await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'round' ? { ...request, round: request.round + 1 } : request)
    }).toMatchObject({ code: 'STUDY_ROUND', message: /north: the ledger has no round 2/ })
  })

  it.each([
    ['rounds', /north: the run is closed with another result than follows from the sums/, (told: StudyTold) => ({ ...told, rounds: told.rounds - 1 })],
    [
      'rows of its own',
      /north: the result says something else of this site than it told/,
      (told: StudyTold) => ({ ...told, sites: told.sites.map((one) => ({ ...one, rows: 31 })) }),
    ],
  ])('to cosign a result with other %s', async (_what, message, change) => {
    const site = new StudySite(random)
    await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'told' ? { type: 'told', told: change(request.told) } : request)
    }).toMatchObject({ code: 'STUDY_ROUND', message })
  })

  it('to cosign another ledger than it replayed', async () => {
    const site = new StudySite(random)
    await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'cosign' ? { ...request, checkpoint: request.checkpoint.replace('study/ledger', 'study/ledgee') } : request)
    }).toMatchObject({ code: 'SITE_FAILED', message: /not that of the ledger as this site replayed it/ })
  })
})
