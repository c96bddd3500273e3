import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { encodeBase64Url, leafHash, ledgerOrigin, type OrganizationId, parseCheckpoint, parseNote } from '@fiducia/core'
import { exportTiles, readLedgerEntries, type ReplayedLedger, replayLedger } from '@fiducia/engine'
import { type Genesis, genesisTrust } from '@fiducia/ledger'
import {
  bundleOf,
  createHashLog,
  formatTrustPolicy,
  readTile,
  selectCosignatures,
  trustFiles,
  trustIn,
  type TrustPolicy,
  trustPolicyOf,
  type TrustStep,
} from '@fiducia/proofs'
import { keptSteps } from '../evidence/trust-chain.ts'
import { isWitnessConfig, loadConfig, loadWitnessConfig } from '../config.ts'
import { nodeFiles } from '../node-files.ts'
import { textColumn } from '../store/columns.ts'
import { openDatabase } from '../store/database.ts'
import { NetworkError } from './errors.ts'
import { buildBeside, networkFolder } from './folder.ts'
import { isRunning, readNetwork } from './running.ts'

/**
 * A network taken out of its folder, so that it can go on elsewhere:
 *
 *   genesis.json       the file that started it
 *   network.json       its members with their public keys, a manifest
 *   trust.policy       whom a reader believes now
 *   trust.json         {steps}: how that follows from the genesis
 *   state.json         {height, time, size, stateRoot, appHash} at the checkpoint
 *   ledger/            the ledger, a C2SP tlog-tiles directory under a checkpoint that a quorum cosigned
 *
 * No secret is in it, and nothing about a patient: members' records, logs and keys stay with the members.
 */
export const EXPORT_FILES = {
  genesis: 'genesis.json',
  manifest: 'network.json',
  trust: 'trust.policy',
  chain: 'trust.json',
  state: 'state.json',
  ledger: 'ledger',
} as const

export interface LedgerFigures {
  readonly height: number
  /** Milliseconds. */
  readonly time: number
  readonly size: number
  readonly stateRoot: string
  readonly appHash: string
}

export const figuresOf = ({ state, size, appHash }: Pick<ReplayedLedger, 'state' | 'size' | 'appHash'>): LedgerFigures => ({
  height: state.height,
  time: state.time,
  size,
  stateRoot: encodeBase64Url(state.tree.root),
  appHash: encodeBase64Url(appHash),
})

/** A running network orders a block now and then: it is looked again until a quorum has cosigned the newest. */
const LOOKS = 20
const BETWEEN_LOOKS_MS = 500

/** The network may run. Throws `EXPORT_UNCOSIGNED` when blocks stand beyond the newest checkpoint that a quorum cosigned. */
export async function exportNetwork(dir: string, out: string): Promise<LedgerFigures> {
  const { genesis, genesisBytes, hosted } = readNetwork(dir)
  for (let look = 1; ; look += 1) {
    const best = hosted.flatMap((org) => readReplica(dir, genesis, org)).toSorted((a, b) => b.cosignedSize - a.cosignedSize)[0]
    if (best === undefined) throw new NetworkError('EXPORT_UNCOSIGNED', `expected a checkpoint that a quorum cosigned in a node of \`${dir}\`, found none`)
    const { length } = best.newest
    if (length === best.cosignedSize)
      return buildBeside(out, (fresh) => writeExport(fresh, { genesis, genesisBytes, note: best.note, entries: best.newest, steps: best.steps }))
    if (look === LOOKS || !isRunning(dir))
      throw new NetworkError(
        'EXPORT_UNCOSIGNED',
        `expected all ${length} entries under a checkpoint that a quorum cosigned, found ${best.cosignedSize}: start the network, then export again`,
      )
    await setTimeout(BETWEEN_LOOKS_MS)
  }
}

interface FoundReplica {
  readonly steps: readonly TrustStep[]
  readonly cosignedSize: number
  readonly note: string
  readonly newest: readonly Uint8Array[]
}

/** The cosigned checkpoint first: what is ordered meanwhile is seen. Nothing for a node that has none so far. */
function readReplica(dir: string, { net }: Genesis, org: OrganizationId): readonly FoundReplica[] {
  const file = networkFolder(dir).config(org)
  const { ledger, database } = nodeFiles(isWitnessConfig(file) ? loadWitnessConfig(file).data : loadConfig(file).data)
  if (!existsSync(ledger) || !existsSync(database)) return []
  using store = openDatabase(database, { readOnly: true })
  const row = store.get('SELECT note FROM cosigned_note WHERE origin = ?', ledgerOrigin(net))
  if (row === undefined) return []
  const note = textColumn(row, 'note')
  const newest = readLedgerEntries(ledger)
  const steps = keptSteps(store)
  return [{ steps, note, newest, cosignedSize: parseCheckpoint(parseNote(note).text).size }]
}

interface Exported extends Pick<FoundReplica, 'steps'> {
  readonly genesis: Genesis
  readonly genesisBytes: Uint8Array
  readonly note: string
  readonly entries: readonly Uint8Array[]
}

function writeExport(dir: string, { genesis, genesisBytes, note, entries, steps }: Exported): LedgerFigures {
  const policy = policyAfter(genesis, steps)
  const strict = selectCosignatures(note, policy, { origin: ledgerOrigin(genesis.net) })
  const figures = figuresOf(replayLedger(genesisBytes, entries))
  const hashes = createHashLog()
  for (const entry of entries) hashes.append(leafHash(entry))
  const tile = (name: string) => readTile(name, hashes, (from, to) => entries.slice(from, to))
  exportTiles({ size: () => hashes.size, tile }, strict, path.join(dir, EXPORT_FILES.ledger))
  const write = (name: string, content: string | Uint8Array) => writeFileSync(path.join(dir, name), content)
  write(EXPORT_FILES.genesis, genesisBytes)
  write(EXPORT_FILES.manifest, formatJson(publicManifest(genesis)))
  write(EXPORT_FILES.trust, formatTrustPolicy(policy))
  write(EXPORT_FILES.chain, formatJson({ steps }))
  write(EXPORT_FILES.state, formatJson(figures))
  return figures
}

/** Whom to believe after these steps from the genesis on. Throws an `InputError` for a chain that does not hold. */
export function policyAfter(genesis: Genesis, steps: readonly TrustStep[]): TrustPolicy {
  const record = genesisTrust(genesis)
  const first = trustPolicyOf(record, genesis.net)
  return steps.length === 0 ? first : trustIn(bundleOf(...trustFiles([{ record }, ...steps])), first).policyAt()
}

const formatJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** The manifest with which the same genesis could have been made, every member by its public keys. */
function publicManifest({ net, operator, rules, members }: Genesis): unknown {
  const organizations = Object.entries(members).map(([org, { name, group, endpoint, keys }]) => {
    const [log, standbyLog] = keys.filter(({ role }) => role === 'log').map(({ pub }) => pub)
    const of = (wanted: string) => keys.find(({ role }) => role === wanted)?.pub
    const witnessOnly = log === undefined ? { witnessOnly: true } : {}
    return { org, name, group, endpoint, ...witnessOnly, publicKeys: { node: of('node'), log, standbyLog, witness: of('witness'), ledger: of('ledger') } }
  })
  return { engine: 'embedded', net, operator, rules, organizations }
}
