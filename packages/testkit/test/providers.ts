import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { type LoadResult, openReaders, runLoad } from '@fiducia/node'
import { groupOf } from '@fiducia/ledger'
import { completeNpi } from '../src/people/index.ts'
import { alder, birch, cedar, dune, type Rig } from './rig.ts'

/** Files of invented providers, loaded into the nodes of a rig, and their batches among all members. */
export interface Provider {
  readonly npi: string
  readonly family: string
  readonly phone: string
}

const NAMES = ['Rowan', 'Sorrel', 'Tansy', 'Yarrow', 'Linden', 'Hazel', 'Juniper', 'Bramble']

/** Numbers that begin with 19998 are given to nobody. */
export const provider = (serial: number): Provider => ({
  npi: completeNpi(`19998${String(serial).padStart(4, '0')}`),
  family: `${NAMES[serial % NAMES.length] ?? ''}${serial}`,
  phone: `503-555-${String(serial).padStart(4, '0')}`,
})

const MAPPING = { key: 'NPI', fields: { 'name.family': 'Family', 'mailing.phone': 'Phone', 'location.line': 'Line', 'location.city': 'City' } }

export interface Loaded {
  /** The files are all that the member has. */
  readonly isFull?: boolean
  /** Before the rig's clock: when the source saw it so. */
  readonly daysAgo?: number
}

export const dataOf = (rig: Rig, org: OrganizationId): string => path.join(rig.dir, 'nodes', org)

/** A roster as one member's own word. Each provider gives a practitioner, a role, and one place for all. */
export function loadProviders(
  rig: Rig,
  org: OrganizationId,
  providers: readonly Provider[],
  { isFull = false, daysAgo = 1 }: Loaded = {},
): Promise<LoadResult> {
  const now = rig.stage.clock.now()
  const file = path.join(rig.dir, `${org}-${now}.csv`)
  const rows = providers.map(({ npi, family, phone }) => `${npi},${family},${phone},1 Main St,Salem`)
  writeFileSync(file, ['NPI,Family,Phone,Line,City', ...rows].join('\n'))
  const group = groupOf(rig.node(org).services.context.ledger.tip(), org) ?? ''
  const terms = { format: 'csv', origin: org, basis: 'own-record', group, isFull, observedAt: now - daysAgo * 86_400_000, mapping: MAPPING } as const
  const request = { dir: dataOf(rig, org), files: [file], terms, attester: org, who: 'test', maxChange: 100, isDryRun: false }
  return runLoad(request, { now: () => now, random: rig.stage.random, readers: openReaders })
}

/** Offers, fetches, holds and counts all that is there. */
export async function exchangeBatches(rig: Rig, orgs: readonly OrganizationId[] = [alder, birch, cedar, dune]): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    for (const org of orgs) await rig.node(org).services.batches.run()
    rig.stage.clock.advance(1_000)
    await rig.settle()
  }
}
