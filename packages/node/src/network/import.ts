import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  decodeUtf8,
  ed25519PublicKey,
  encodeBase64Url,
  equalBytes,
  InputError,
  leafHash,
  ledgerOrigin,
  type OrganizationId,
  parseCheckpoint,
  parseNote,
  parseOrganizationId,
} from '@fiducia/core'
import { lockDirectory, readSignedSize, type ReplayedLedger, replayLedger, writeLedger } from '@fiducia/engine'
import { type Genesis, genesisTrust, LogFault, parseGenesis } from '@fiducia/ledger'
import { decodeEntryBundle, formatTrustPolicy, TILE_WIDTH, tilePath, trustPolicyOf, type TrustStep, verifyCosigned } from '@fiducia/proofs'
import * as z from 'zod'
import { isWitnessConfig, loadConfig, loadWitnessConfig, type MemberConfig } from '../config.ts'
import { readSteps } from '../evidence/trust-chain.ts'
import { nodeFiles } from '../node-files.ts'
import { NetworkError } from './errors.ts'
import { EXPORT_FILES, figuresOf, type LedgerFigures, policyAfter } from './export.ts'
import { buildBeside, networkFolder } from './folder.ts'
import { lockNetwork, readNetwork } from './running.ts'

/**
 * A network out of an export. Nothing in it is believed: every entry is replayed, its hash held against the tiles, the whole
 * against the checkpoint, the checkpoint against the quorum of the genesis, the outcome against `state.json`. The new folder
 * appears whole, or not at all.
 */
export interface ImportOptions {
  /** The network's folder that is left: its members' configurations, keys, logs and records come along. */
  readonly nodes?: string
}

export interface Imported extends LedgerFigures {
  readonly net: string
  /** Members for whom a ledger directory was made. */
  readonly members: readonly OrganizationId[]
}

export function importNetwork(folder: string, out: string, options: ImportOptions = {}): Imported {
  const whole = readExport(folder)
  return buildBeside(out, (fresh) => {
    const members = options.nodes === undefined ? orgsOf(whole.genesis) : bringNodes(options.nodes, fresh, whole)
    writeFileSync(networkFolder(fresh).genesis, whole.genesisBytes)
    writeFileSync(networkFolder(fresh).trust, formatTrustPolicy(trustPolicyOf(genesisTrust(whole.genesis), whole.genesis.net)))
    for (const org of members) {
      const { ledger, trust } = nodeFiles(networkFolder(fresh).node(org))
      writeLedger(ledger, whole.genesisBytes, whole.ledger, { signed: org === whole.genesis.operator })
      if (whole.steps.length > 0) writeFileSync(trust, `${JSON.stringify({ steps: whole.steps })}\n`)
    }
    if (options.nodes !== undefined) checkKeys(fresh, whole.genesis, out)
    return { net: whole.genesis.net, ...figuresOf(whole.ledger), members }
  })
}

const orgsOf = ({ members }: Genesis): readonly OrganizationId[] => Object.keys(members).map((org) => parseOrganizationId(org))

const refused = (message: string, cause?: unknown) => new NetworkError('EXPORT_INVALID', message, { cause })

interface WholeExport {
  readonly genesis: Genesis
  readonly genesisBytes: Uint8Array
  readonly ledger: ReplayedLedger
  /** How trust was handed on since the genesis. */
  readonly steps: readonly TrustStep[]
}

function readExport(folder: string): WholeExport {
  const genesisBytes = readPart(folder, EXPORT_FILES.genesis)
  const genesis = said('genesis.json', () => parseGenesis(genesisBytes))
  const note = said('ledger/checkpoint', () => decodeUtf8(readPart(folder, `${EXPORT_FILES.ledger}/checkpoint`)))
  const { size, root } = said('ledger/checkpoint', () => parseCheckpoint(parseNote(note).text))
  const entries = readEntries(folder, size)
  const ledger = replayed(genesisBytes, entries)
  if (!equalBytes(ledger.root, root)) throw refused(`ledger/checkpoint: expected the root of the ${size} entries, found another`)
  const steps = said(EXPORT_FILES.chain, () => readChain(folder))
  const policy = said(EXPORT_FILES.chain, () => policyAfter(genesis, steps))
  said('ledger/checkpoint', () => verifyCosigned(note, policy, { origin: ledgerOrigin(genesis.net) }))
  checkFigures(folder, figuresOf(ledger))
  return { genesis, genesisBytes, ledger, steps }
}

/** An export of a network in which nothing changed may come without. */
function readChain(folder: string): readonly TrustStep[] {
  if (!existsSync(path.join(folder, EXPORT_FILES.chain))) return []
  try {
    return readSteps(decodeUtf8(readPart(folder, EXPORT_FILES.chain)))
  } catch (error) {
    if (error instanceof SyntaxError) throw refused(`${EXPORT_FILES.chain}: expected JSON, found another text`, error)
    throw error
  }
}

function readPart(folder: string, name: string): Uint8Array {
  const file = path.join(folder, name)
  if (!existsSync(file)) throw refused(`expected an export with \`${name}\`, found none in \`${folder}\``)
  return new Uint8Array(readFileSync(file))
}

function said<T>(where: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof InputError) throw refused(`${where}: ${error.message}`, error)
    throw error
  }
}

/** Every entry, held against the hash that the tiles of level 0 have for it: so the first that was changed can be named. */
function readEntries(folder: string, size: number): readonly Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let n = 0; n * TILE_WIDTH < size; n += 1) {
    const [first, width] = [n * TILE_WIDTH, Math.min(TILE_WIDTH, size - n * TILE_WIDTH)]
    const [bundle, hashes] = (['entries', 0] as const).map((level) => {
      const name = `${EXPORT_FILES.ledger}/tile/${tilePath({ level, n, width })}`
      if (!existsSync(path.join(folder, name))) throw refused(`entry ${first}: expected it in \`${name}\`, found no such file`)
      return readPart(folder, name)
    })
    entries.push(...readBundle(bundle ?? new Uint8Array(), hashes ?? new Uint8Array(), { first, width }))
  }
  return entries
}

function readBundle(bundle: Uint8Array, hashes: Uint8Array, { first, width }: { readonly first: number; readonly width: number }): readonly Uint8Array[] {
  const isRight = (entry: Uint8Array, i: number) => equalBytes(leafHash(entry), hashes.subarray(32 * i, 32 * i + 32))
  let at = 0
  for (let i = 0; i < width; i += 1) {
    const end = at + 2 + (bundle[at] ?? 0) * 256 + (bundle[at + 1] ?? 0)
    if (at + 2 > bundle.length || end > bundle.length) throw refused(`entry ${first + i}: expected it whole, found the end of its file`)
    if (!isRight(bundle.slice(at + 2, end), i)) throw refused(`entry ${first + i}: expected the entry of which the tiles have the hash, found another`)
    at = end
  }
  return said(`entries from ${first} on`, () => decodeEntryBundle(bundle, width))
}

function replayed(genesis: Uint8Array, entries: readonly Uint8Array[]): ReplayedLedger {
  try {
    return replayLedger(genesis, entries)
  } catch (error) {
    if (error instanceof LogFault) throw refused(`${error.message} (${error.code})`, error)
    throw error
  }
}

const figuresSchema = z.object({ height: z.int(), time: z.int(), size: z.int(), stateRoot: z.string(), appHash: z.string() })

function checkFigures(folder: string, found: LedgerFigures): void {
  const text = said('state.json', () => decodeUtf8(readPart(folder, EXPORT_FILES.state)))
  const stated = figuresSchema.safeParse(jsonOf(text))
  if (!stated.success) throw refused('state.json: expected height, time, size, stateRoot and appHash, found another form')
  for (const name of ['height', 'time', 'size', 'stateRoot', 'appHash'] as const) {
    if (stated.data[name] !== found[name]) throw refused(`state.json: ${name}: expected \`${found[name]}\` by the replay, found \`${stated.data[name]}\``)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What each node of the old folder has but its ledger: configuration, keys, logs, records. None of them may run. */
function bringNodes(from: string, to: string, { genesis, genesisBytes, ledger }: WholeExport): readonly OrganizationId[] {
  const old = readNetwork(from)
  if (!equalBytes(old.genesisBytes, genesisBytes))
    throw new NetworkError('KEYS_FOREIGN', `expected the nodes of the network that is imported, found another genesis in \`${from}\``)
  if (old.hosted.length === 0) throw new NetworkError('NETWORK_MISSING', `expected the nodes of the network that is left, found none in \`${from}\``)
  using stopped = new DisposableStack()
  stopped.use(lockNetwork(from))
  for (const org of old.hosted) {
    const source = networkFolder(from).node(org)
    const { ledger: oldLedger } = nodeFiles(source)
    if (existsSync(oldLedger)) {
      stopped.use(lockDirectory(oldLedger))
      const signed = org === genesis.operator ? readSignedSize(path.join(oldLedger, 'signed')) : undefined
      if (signed !== undefined && signed.size > ledger.size)
        throw refused(`the operator signed size ${signed.size}, the export ends at ${ledger.size}: export again, else blocks are lost`)
    }
    const left = new Set([oldLedger, nodeFiles(source).audit])
    mkdirSync(networkFolder(to).node(org), { recursive: true, mode: 0o700 })
    cpSync(source, networkFolder(to).node(org), { recursive: true, filter: (file) => !left.has(file) })
  }
  return old.hosted
}

/** Each node takes its configuration, finds its data where it is, and has the keys that stand on the ledger. */
function checkKeys(dir: string, genesis: Genesis, out: string): void {
  for (const org of readNetwork(dir).hosted) {
    const file = networkFolder(dir).config(org)
    const config: MemberConfig = isWitnessConfig(file) ? loadWitnessConfig(file) : loadConfig(file)
    if (config.data !== path.resolve(networkFolder(dir).node(org)))
      throw new NetworkError('KEYS_FOREIGN', `${networkFolder(out).config(org)}: data: expected \`.\`, found another folder, which an import leaves alone`)
    const known = genesis.members[org]?.keys.map(({ pub }) => pub) ?? []
    for (const [name, seed] of Object.entries(config.keys.seeds)) {
      if (seed instanceof Uint8Array && !known.includes(encodeBase64Url(ed25519PublicKey(seed))))
        throw new NetworkError('KEYS_FOREIGN', `${org}: keys.${name}: expected a key that the genesis has for this member, found another`)
    }
  }
}
