import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { encodeUtf8, type OrganizationId, parseNetworkId, parseOrganizationId, sha256 } from '@fiducia/core'
import { verifyBundle } from '@fiducia/proofs'
import { formatSpec, parseSpec, type StudyTold } from '@fiducia/research'
import { afterAll, describe, expect, it } from 'vitest'
import { runStudy } from './run-study.ts'
import type { StudyRun } from './study-desk.ts'
import type { SiteReply, SiteRequest } from './study-messages.ts'
import type { StudyPort } from './study-port.ts'
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
type Between = (org: OrganizationId, request: SiteRequest, pass: () => Promise<SiteReply>) => Promise<SiteReply>

function run(count: number, between: Between = (_org, _request, pass) => pass(), spec: object = SPEC, policies: Readonly<Record<string, string>> = {}) {
  const sites = names(count).map((name): StudyPort & { readonly file: string; readonly policy?: string } => {
    const [org, site] = [parseOrganizationId(name), new StudySite(random)]
    const policy = policies[name]
    return {
      org,
      file: fileOf(name),
      ...(policy === undefined ? {} : { policy }),
      ask: (request) => Promise.resolve().then(() => between(org, request, () => site.answer(request))),
    }
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

/** The end of a run that was closed. */
async function closed(running: Promise<StudyRun>) {
  const { ended, ...left } = await running
  if (ended.state !== 'closed') throw ended.because
  return { ...ended, ...left }
}

/** Why a run was aborted: as its bundle says too, which verifies. */
async function aborted(running: Promise<StudyRun>) {
  const { ended, bundle, trust } = await running
  const { valid, facts } = verifyBundle(bundle, trust)
  expect(valid).toBe(true)
  const { code, message } = ended.state === 'aborted' ? ended.because : { code: 'none', message: 'closed' }
  return { code, message, by: facts['abortedBy'], reason: facts['reason'], rounds: facts['rounds'] }
}

const gone = (): never => {
  throw new Error('gone')
}

describe('a study', () => {
  it('over three sites has a bundle that verifies under its own trust', async () => {
    const { answer, bundle, trust, sites } = await closed(run(3))
    expect(answer).toMatchObject({ kind: 'glm', counted: { n: 90 } })
    expect(sites.map(({ rows }) => rows)).toEqual([30, 30, 30])
    expect(verifyBundle(bundle, trust)).toMatchObject({ valid: true, kind: 'study' })
  })

  it('goes on without a site that is lost in the first round, and says over whom it is', async () => {
    const { answer, bundle, trust } = await closed(run(4, (org, request, pass) => (org === 'west' && request.type === 'message' ? gone() : pass())))
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
    expect(await aborted(lost)).toMatchObject({ code: 'STUDY_ABORTED', message: /lost after the first round/, by: 'coordinator', reason: 'too-few', rounds: 1 })
  })

  it('ends where too few are left', async () => {
    const left = run(3, (org, request, pass) => (org === 'west' && request.type === 'message' ? gone() : pass()))
    expect(await aborted(left)).toMatchObject({ code: 'STUDY_ABORTED', reason: 'too-few', rounds: 0 })
  })

  it('is refused by a site whose rows are too few, with the rule', async () => {
    expect(await aborted(run(3, undefined, { ...SPEC, disclosure: { minimumCell: 31 } }))).toMatchObject({
      code: 'STUDY_POLICY',
      message: /minimum-cell/,
      reason: 'policy',
      rounds: 0,
    })
  })
})

describe('a withdrawal', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(scratch, name), text)
    return path.join(scratch, name)
  }
  const policies = {
    north: file('north.policy.json', JSON.stringify({ person: 'age', withdrawals: 'north.withdrawn.txt', cohorts: 'north.cohorts.json' })),
  }
  const ages = { ...SPEC, method: { name: 'histogram', column: 'age', grid: [25, 35] } }
  const withdraw = (ages: readonly number[]) => file('north.withdrawn.txt', ages.join('\n'))

  it('near convergence ends the run before its next round, on the ledger and in its bundle; the next run is of others, or is refused', async () => {
    withdraw([])
    let [rounds, sums] = [0, 0]
    const left = run(
      3,
      (org, request, pass) => {
        if (org === 'north' && request.type === 'round' && (rounds += 1) === 2) withdraw([31])
        if (org === 'north' && request.type === 'sum') sums += 1
        return pass()
      },
      SPEC,
      policies,
    )
    expect(await aborted(left)).toMatchObject({
      code: 'STUDY_WITHDRAWN',
      message: /^north: somebody of the cohort has withdrawn/,
      by: 'north',
      reason: 'withdrawal',
      rounds: 1,
    })
    expect(sums).toBe(1)
    // One person fewer: the difference of the sums of two runs would be about that one.
    await expect(run(3, undefined, SPEC, policies)).rejects.toMatchObject({ code: 'STUDY_POLICY', message: /north: rule `differencing`/ })
    await expect(run(3, undefined, ages, policies)).rejects.toMatchObject({ code: 'STUDY_POLICY', message: /north: rule `differencing`/ })
    withdraw([31, 32, 33, 34, 35, 36, 37, 38, 39, 40])
    const { sites } = await closed(run(3, undefined, SPEC, policies))
    expect(sites.map(({ name, rows }) => [name, rows])).toEqual([
      ['north', 20],
      ['south', 30],
      ['west', 30],
    ])
  })
})

describe('a site refuses', () => {
  const refusedWhen = async (between: Between) => expect(await aborted(run(3, between)))
  const without = (request: SiteRequest): SiteRequest =>
    request.type === 'message' ? { type: 'message', message: request.message, time: request.time } : request

  it('to unmask without a cosigned checkpoint', async () => {
    const site = new StudySite(random)
    const refused = await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'open' ? { ...request, org } : without(request))
    })
    refused.toMatchObject({ code: 'STUDY_ROUND', reason: 'deviation', message: /north: expected a cosigned checkpoint/ })
  })

  it('a model that does not follow from the sums that it saw', async () => {
    const site = new StudySite(random)
    const refused = await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'sum' ? { ...request, sum: request.sum.map((one) => one + 1) } : request)
    })
    refused.toMatchObject({ code: 'STUDY_ROUND', reason: 'deviation', message: /north: the ledger has another model/ })
  })

  it('a round that its own ledger does not have', async () => {
    const site = new StudySite(random)
    const refused = await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'round' ? { ...request, round: request.round + 1 } : request)
    })
    refused.toMatchObject({ code: 'STUDY_ROUND', reason: 'deviation', message: /north: the ledger has no round 2/ })
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
    const lied = run(3, (org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'told' ? { type: 'told', told: change(request.told) } : request)
    })
    await expect(lied).rejects.toMatchObject({ code: 'STUDY_ROUND', message })
  })

  it('to cosign another ledger than it replayed', async () => {
    const site = new StudySite(random)
    const refused = await refusedWhen((org, request, pass) => {
      if (org !== 'north') return pass()
      return site.answer(request.type === 'cosign' ? { ...request, checkpoint: request.checkpoint.replace('study/ledger', 'study/ledgee') } : request)
    })
    refused.toMatchObject({ code: 'SITE_FAILED', message: /not that of the ledger as this site replayed it/ })
  })
})
