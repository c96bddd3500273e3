import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import type { Policy } from '@fiducia/consent'
import { decodeBase64Url, decodeUtf8, encodeUtf8, type OrganizationId } from '@fiducia/core'
import { type Answer, httpTransport, NodeFailure, type Received } from '@fiducia/node'
import { ALDER, BIRCH, CEDAR, DUNE } from '../../src/network/plan.ts'
import type { Rule } from '../../src/story/interception.ts'
import { createPatient } from '../../src/story/patient.ts'
import { createStage, type Stage } from '../../src/story/stage.ts'
import { openTheater } from '../../src/story/story.ts'

/**
 * A running network on which attacks are tried: four organizations, Rosa's records at Alder, Cedar and Dune, a policy that
 * permits Birch to treat, a link, an attested doctor. What lies is put between the nodes, or does what a node would not.
 */
export interface Scene extends AsyncDisposable {
  readonly stage: Stage
  /** Runs `work` while every answer of this holder to Birch goes through `change`. */
  whileChanging<T>(holder: OrganizationId, change: (answer: WrappedAnswer) => WrappedAnswer | Promise<WrappedAnswer>, work: () => Promise<T>): Promise<T>
}

export interface WrappedAnswer {
  readonly status: number
  readonly body: string
  readonly receipt?: string
}

export const OBSERVATIONS = { kind: 'search', type: 'Observation', parameters: [] } as const
export const CONDITIONS = { kind: 'search', type: 'Condition', parameters: [] } as const
export const PERMIT: Policy = { v: 1, grants: [{ effect: 'permit', recipients: [{ organization: BIRCH.org }], purposes: ['TREAT'] }] }
export const DENY: Policy = { v: 1, grants: [{ effect: 'deny' }] }
export const HOLDERS = [ALDER.org, CEDAR.org, DUNE.org]

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

export async function openScene(policy: Policy = PERMIT): Promise<Scene> {
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-attack-'))
  const theater = await openTheater({ dir })
  const { network, clock } = theater
  const patient = createPatient(network, random(32), { now: () => clock.now(), random })
  const stage = createStage({ ...theater, random, patient, dir })
  for (const { org, record } of theater.cast.holders) await patient.join(org, network.node(org).services.holder.issueDeskCode(record))
  for (const org of HOLDERS) await (await patient.setPolicy(org, policy)).committed
  for (const { org } of [ALDER, DUNE])
    await network.node(org).services.attestations.attest(stage.clinician.opening, decodeBase64Url(stage.clinician.rand32), clock.now() + 86_400_000)
  await network.settle()
  for (const org of HOLDERS) stage.links.set(org, await patient.giveLink(org, BIRCH.org))
  return {
    stage,
    whileChanging(holder, change, work) {
      const endpoint = network.genesis.members[holder]?.endpoint ?? ''
      const rule: Rule = async (from, url, message) =>
        from === BIRCH.org && url.startsWith(`${endpoint}/fhir/`) ? wrap(await change(unwrap(await httpTransport(url, message)))) : undefined
      return stage.interception.during(rule, work)
    },
    async [Symbol.asyncDispose]() {
      await theater[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const unwrap = ({ status, bytes }: Answer): WrappedAnswer => ({ status, ...(JSON.parse(decodeUtf8(bytes)) as Omit<WrappedAnswer, 'status'>) })
export const wrap = ({ status, ...rest }: WrappedAnswer): Answer => ({ status, bytes: encodeUtf8(JSON.stringify(rest)) })

/** How an attack ended: the status that was used, or the code and words of the refusal. */
export async function outcomeOf(work: () => Promise<Received>): Promise<string> {
  try {
    const { status } = await work()
    return String(status)
  } catch (error) {
    if (error instanceof NodeFailure) return `${error.code}: ${error.message}`
    throw error
  }
}

export { ALDER, BIRCH, CEDAR, DUNE }
