import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Bytes32, encodeBase64Url, formatVerifierKey, type GroupId, type OrganizationId, parseVerifierKey, type SignedObject } from '@fiducia/core'
import { exportTiles } from '@fiducia/engine'
import { type RoleOpening, trust } from '@fiducia/ledger'
import { httpTransport, type Interaction, type Received } from '@fiducia/node'
import { type BundleFiles, formatTrustPolicy, type Get, readTile, selectCosignatures, type Verification, verifyBundle } from '@fiducia/proofs'
import type { SteppingClock } from '../clock.ts'
import type { Network } from '../network/network.ts'
import { BIRCH } from '../network/plan.ts'
import { practitionerIdentifier, SAMIR_HADDAD } from '../people/index.ts'
import type { Cast } from './cast.ts'
import type { Interception } from './interception.ts'
import { expectStory } from './narrator.ts'
import type { Patient } from './patient.ts'

/** Everything that the steps of the story share: the network, the patient, the clinician at Birch, and where proofs go. */
export interface Stage {
  readonly network: Network
  readonly clock: SteppingClock
  readonly cast: Cast
  readonly patient: Patient
  readonly interception: Interception
  readonly random: (length: number) => Uint8Array
  /** The story's folder. */
  readonly dir: string
  readonly clinician: Clinician
  /** Links that the patient gave to Birch, by holder. */
  readonly links: Map<OrganizationId, SignedObject>
  /** Writes a bundle, checks it as anybody would, and gives its folder relative to the story's. */
  keepProof(name: string, files: BundleFiles): string
  verify(files: BundleFiles): Verification
  /** Some time passes; every log is sealed, cosigned and on the ledger. */
  publish(): Promise<void>
}

export interface Clinician {
  readonly identifier: string
  readonly opening: RoleOpening
  readonly rand32: Bytes32
  /** Dr. Haddad asks for treatment, through Birch's node. */
  ask(holder: OrganizationId, interaction: Interaction, options?: { readonly withoutLink?: boolean }): Promise<Received>
}

/** NUCC code of a family physician. */
const ROLE_CODE = '207Q00000X'
/** Between two checkpoints of one access log on the ledger, with a second to spare. */
const BETWEEN_CHECKPOINTS_MS = 11_000

export interface StageParts {
  readonly network: Network
  readonly clock: SteppingClock
  readonly cast: Cast
  readonly patient: Patient
  readonly interception: Interception
  readonly random: (length: number) => Uint8Array
  readonly dir: string
}

export function createStage(parts: StageParts): Stage {
  const { network, clock, random, dir } = parts
  const links = new Map<OrganizationId, SignedObject>()
  const verify = (files: BundleFiles): Verification => verifyBundle(files, network.trustPolicy())
  return {
    ...parts,
    links,
    clinician: createClinician(parts, links),
    verify,
    keepProof(name, files) {
      const verification = verify(files)
      const failed = verification.checks.filter(({ ok }) => !ok).map((check) => `${check.name}: ${check.detail}`)
      expectStory(verification.valid, `the proof \`${name}\` does not verify: ${failed.join('; ')}`)
      for (const [file, bytes] of files) writeFile(path.join(dir, 'proofs', name, file), bytes)
      return `proofs/${name}`
    },
    async publish() {
      clock.advance(BETWEEN_CHECKPOINTS_MS)
      await network.publish()
    },
    random,
  }
}

function createClinician({ network, clock, random }: StageParts, links: ReadonlyMap<OrganizationId, SignedObject>): Clinician {
  const identifier = practitionerIdentifier(SAMIR_HADDAD)
  const opening: RoleOpening = { code: ROLE_CODE, org: BIRCH.org, practitioner: identifier }
  const rand32 = encodeBase64Url(random(32)) as Bytes32
  return {
    identifier,
    opening,
    rand32,
    ask: (holder, interaction, { withoutLink = false } = {}) =>
      network.node(BIRCH.org).services.exchange.ask({
        holder,
        link: withoutLink ? undefined : links.get(holder),
        practitioner: { identifier, role: { opening, rand32 }, acr: 'urn:fiducia:acr:two-factor', authTime: Math.floor(clock.now() / 1000) - 600 },
        purpose: 'TREAT',
        interaction,
      }),
  }
}

function writeFile(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
}

/** The trust policy, every verifier key, and every log as tiles: what a stranger with other tools needs. */
export function exportEvidence(network: Network, dir: string): void {
  const policy = network.currentTrust()
  writeFile(path.join(dir, 'trust.policy'), formatTrustPolicy(policy))
  const { ledger, net } = network.node(network.genesis.operator).services.context
  const record = trust(ledger.tip())
  for (const text of [...record.logs, ...Object.values(record.groups).flat()]) {
    const key = parseVerifierKey(text)
    writeFile(path.join(dir, 'keys', `${key.name.slice(net.length + 1).replaceAll('/', '-')}.vkey`), `${formatVerifierKey(key)}\n`)
  }
  const operatorHead = network.node(network.genesis.operator).services.heads.newest
  expectStory(operatorHead !== undefined, 'the ledger has no cosigned checkpoint')
  exportTiles(ledger.log, operatorHead.note, path.join(dir, 'logs', 'ledger'))
  for (const [org, { services }] of network.nodes) {
    const { log, checkpoints } = services
    if (checkpoints.newest === undefined) continue
    exportTiles(
      { size: () => log.size, tile: (tile) => readTile(tile, log.hashes, (from, to) => log.entries(from, to)) },
      selectCosignatures(checkpoints.newest.note, policy),
      path.join(dir, 'logs', org),
    )
  }
}

/** A member's node as anybody may read it. */
export const getFrom =
  ({ network }: Pick<Stage, 'network'>, org: OrganizationId): Get =>
  async (where) => {
    const { status, bytes } = await httpTransport(`${network.genesis.members[org]?.endpoint ?? ''}${where}`)
    return status === 200 ? bytes : undefined
  }

export const groupOfOrg = (network: Network, org: OrganizationId): GroupId => {
  const group = network.genesis.members[org]?.group
  expectStory(group !== undefined, `\`${org}\` is no member`)
  return group
}
