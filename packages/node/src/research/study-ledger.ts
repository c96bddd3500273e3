import {
  cosignNote,
  ed25519PublicKey,
  encodeBase64Url,
  formatCheckpoint,
  formatNote,
  type GroupId,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  leafHash,
  ledgerOrigin,
  makeVerifierKey,
  type NetworkId,
  type NoteSignature,
  type OrganizationId,
  parseBytes32,
  parseGroupId,
  signNote,
  witnessName,
} from '@fiducia/core'
import {
  apply,
  buildTransaction,
  encodeBlockEntry,
  encodeGenesis,
  encodeGenesisEntry,
  encodeTransactionEntry,
  type Genesis,
  genesisTrust,
  initialState,
  type LedgerState,
  parseGenesis,
  type TransactionPayload,
  type TransactionType,
} from '@fiducia/ledger'
import { createHashLog, type HashLog, trustPolicyOf, type TrustPolicy } from '@fiducia/proofs'

/**
 * A ledger that lives as long as a simulated study: the same state machine, entries, checkpoints and cosignatures as a network's, kept in the memory of
 * one process that orders and of one for each site that replays.
 */
export interface StudyBlock {
  readonly height: number
  readonly time: number
  /** Wire bytes; all were accepted. */
  readonly transactions: readonly Uint8Array[]
}

/** Who orders, proposes and coordinates; it has no rows. */
export const COORDINATOR = 'coordinator'

const VALID_MS = 300_000

export class StudyLedger {
  readonly net: NetworkId
  readonly trust: TrustPolicy
  readonly log: HashLog = createHashLog()
  state: LedgerState
  /** Of the last block, as it stands in the log. */
  entry: Uint8Array

  constructor(genesisBytes: Uint8Array) {
    const genesis = parseGenesis(genesisBytes)
    this.net = genesis.net
    this.trust = trustPolicyOf(genesisTrust(genesis), genesis.net)
    this.state = initialState(genesis)
    this.entry = encodeBlockEntry({ height: 0, time: genesis.time, stateRoot: this.state.tree.root, count: 0 })
    for (const entry of [encodeGenesisEntry(genesisBytes), this.entry]) this.log.append(leafHash(entry))
  }

  /** Throws when one of the transactions is refused: then nothing of the block has happened. */
  add(block: StudyBlock): void {
    const { state, results } = apply(this.state, block)
    const refused = results.find((result) => !result.accepted)
    if (refused !== undefined && !refused.accepted) throw new Error(`the ledger refused: ${refused.code}, ${refused.message}`)
    this.state = state
    this.entry = encodeBlockEntry({ height: block.height, time: block.time, stateRoot: state.tree.root, count: block.transactions.length })
    for (const wire of block.transactions) this.log.append(leafHash(encodeTransactionEntry(wire)))
    this.log.append(leafHash(this.entry))
  }

  transaction(type: TransactionType, body: TransactionPayload['body'], time: number, seed: Uint8Array): Uint8Array {
    return buildTransaction({ net: this.net, type, body, validUntil: time + VALID_MS }, [seed])
  }

  checkpoint(): string {
    return formatCheckpoint({ origin: ledgerOrigin(this.net), size: this.log.size, root: this.log.root() })
  }

  /** The checkpoint with the signature of who orders. */
  signedNote(seed: Uint8Array): string {
    const text = this.checkpoint()
    const key = makeVerifierKey(ledgerOrigin(this.net), KEY_TYPE_LOG, ed25519PublicKey(seed))
    return formatNote({ text, signatures: [signNote(text, key, seed)] })
  }

  /** A cosignature of the checkpoint that this replica has itself; throws for any other. */
  cosign(text: string, org: OrganizationId, seed: Uint8Array, seconds: number): NoteSignature {
    if (text !== this.checkpoint()) throw new Error('the checkpoint is not that of the ledger as this site replayed it')
    return cosignNote(text, makeVerifierKey(witnessName(this.net, org), KEY_TYPE_WITNESS, ed25519PublicKey(seed)), seed, seconds)
  }
}

export interface MemberKeys {
  readonly node: string
  readonly witness: string
  readonly research: string
}

export const groupOfSite = (org: OrganizationId): GroupId => parseGroupId(`group-${org}`)

const publicOf = (seed: Uint8Array) => parseBytes32(encodeBase64Url(ed25519PublicKey(seed)))

/** Every site is a group of its own, and so is who coordinates. */
export function studyGenesis(
  net: NetworkId,
  time: number,
  sites: ReadonlyMap<OrganizationId, MemberKeys>,
  coordinator: { readonly org: OrganizationId; readonly node: Uint8Array; readonly witness: Uint8Array; readonly ledger: Uint8Array },
): Uint8Array {
  const keys = (of: MemberKeys) => (['node', 'witness', 'research'] as const).map((role) => ({ role, alg: 'ed25519' as const, pub: parseBytes32(of[role]) }))
  const member = (org: OrganizationId, list: Genesis['members'][string]['keys']) => ({
    name: org,
    group: groupOfSite(org),
    endpoint: `http://${org}.invalid`,
    keys: list,
  })
  const own = (['node', 'witness', 'ledger'] as const).map((role) => ({ role, alg: 'ed25519' as const, pub: publicOf(coordinator[role]) }))
  const members = Object.fromEntries([...sites].map(([org, of]) => [org, member(org, keys(of))]))
  const genesis: Genesis = {
    v: 1,
    net,
    time,
    operator: coordinator.org,
    members: { ...members, [coordinator.org]: member(coordinator.org, own) },
    rules: { default: 'deny', freshSeconds: 60 },
  }
  return encodeGenesis(genesis)
}
