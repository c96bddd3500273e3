import { type Policy, parsePolicy, type PolicyVersion as AskedVersion } from '@fiducia/consent'
import {
  type Bytes32, decodeBase64Url, ed25519KeyId, encodeUtf8, formatCanonical, type Handle, type JsonValue, parseBytes32, parseCanonicalString, type SignedObject, shape, signObject, verifySignature,
} from '@fiducia/core'
import { bodiesOf, decodeTransaction, effectiveHead, policyCommitment, type RelationshipHead, relationship, type Transaction } from '@fiducia/ledger'
import { NodeFailure } from '../failures.ts'
import { MAX_PENDING_VERSIONS, MAX_POLICY_BYTES } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { PolicyFiles, PolicyVersion } from './policy-files.ts'

/**
 * Which policy versions a release must satisfy (PROTOCOL section 3):
 *
 *   the head under the cosigned checkpoint  ∧  every later head of the own replica  ∧  every pending version
 *
 * A pending version is one that this holder acknowledged and that is not on the ledger yet: so a restriction acts before
 * any block. It ends when it commits or when a version signed by control commits whose body names it in `replaces`;
 * never by number, never by time.
 */
export interface Consulted {
  /** The newest head, as it counts at the decision's instant; undefined when the ledger has none. */
  readonly head: RelationshipHead | undefined
  /** Every version that must permit. Never empty for an open relationship: a missing body stands as `absent`. */
  readonly versions: readonly (Extract<AskedVersion, { readonly policy: unknown }> & { readonly version: number })[]
  /** Hashes of links that some version no longer honors. */
  readonly unlinked: ReadonlySet<string>
}

export interface HandedOver {
  readonly wire: Uint8Array
  readonly body: string
  readonly salt: Uint8Array
}

export interface Acknowledgment {
  readonly ack: SignedObject
  /** Commitments that are pending now, this one included. */
  readonly pending: readonly Bytes32[]
}

export interface PolicyVersions {
  /** Durable outside the database before it returns. Throws `POLICY_REFUSED`. */
  accept(handle: Handle, handedOver: HandedOver): Acknowledgment
  consult(handle: Handle, at: { readonly instant: number; readonly cosignedHeight: number }): Consulted
  pendingOf(handle: Handle): readonly PolicyVersion[]
  /** Notes which versions the ledger has committed since the last call. */
  followLedger(): void
}

const setShape = shape.object({ handle: parseBytes32, version: shape.integer(1), commitment: parseBytes32, expires: shape.integer() })

export function createPolicyVersions(context: NodeContext, files: PolicyFiles): PolicyVersions {
  const { database, ledger, clock } = context

  const commitmentOf = (handle: Handle, version: number): string | undefined => {
    const row = database.get('SELECT commitment FROM committed_policy WHERE handle = ? AND version = ?', handle, version)
    return row === undefined ? undefined : textColumn(row, 'commitment')
  }
  const committedAt = (handle: Handle): ReadonlyMap<string, number> =>
    new Map(database.all('SELECT commitment, version FROM committed_policy WHERE handle = ?', handle).map((row) => [textColumn(row, 'commitment'), integerColumn(row, 'version')]))

  function pendingOf(handle: Handle): readonly PolicyVersion[] {
    const committed = committedAt(handle)
    const control = relationship(ledger.tip(), handle)?.control
    const replaced = new Set(
      files
        .of(handle)
        .filter((version) => committed.has(version.commitment) && version.by === control)
        .flatMap((version) => readBody(version.body)?.replaces ?? []),
    )
    return files.of(handle).filter((version) => !committed.has(version.commitment) && !replaced.has(version.commitment))
  }

  function accept(handle: Handle, handedOver: HandedOver): Acknowledgment {
    const refused = (message: string, cause?: unknown): never => {
      const pending = pendingOf(handle).map(({ commitment }) => commitment)
      throw new NodeFailure('POLICY_REFUSED', `${message}; pending now: ${pending.length === 0 ? 'none' : pending.join(', ')}`, { cause })
    }
    const now = Math.max(clock.now(), ledger.tip().time)
    const raw = relationship(ledger.tip(), handle)
    if (raw === undefined) throw new NodeFailure('RELATIONSHIP_UNKNOWN', 'the ledger has no such relationship')
    const head = effectiveHead(raw, now)
    const transaction = decode(handedOver.wire, refused)
    const set = setShape(transaction.body, 'body')
    if (transaction.type !== 'policy.set' || transaction.net !== context.net || set.handle !== handle) return refused('expected a policy.set for this relationship')
    if (transaction.validUntil < now) return refused(`expected a transaction that is still valid, found one valid until ${transaction.validUntil}`)
    if (head.status !== 'open') return refused('expected an open relationship')
    if (set.version <= head.version) return refused(`expected a version above ${head.version}, found ${set.version}`)
    const by = signerOf(transaction, head, now)
    if (by === undefined) return refused('expected the signature of control, or of a delegate who may set or restrict')
    if (encodeUtf8(handedOver.body).length > MAX_POLICY_BYTES) return refused(`expected a policy of at most ${MAX_POLICY_BYTES} bytes`)
    if (policyCommitment(handedOver.body, handedOver.salt) !== set.commitment) return refused('the policy and its salt do not open the commitment')
    if (readBody(handedOver.body) === undefined) return refused('expected a policy that this version of the rules can read')
    const known = files.of(handle).some((version) => version.commitment === set.commitment)
    if (!known && pendingOf(handle).length >= MAX_PENDING_VERSIONS) return refused(`expected at most ${MAX_PENDING_VERSIONS} pending versions; replace some`)
    files.add({ handle, version: set.version, commitment: set.commitment, by, body: handedOver.body, salt: handedOver.salt, wire: handedOver.wire })
    const ackBody = { v: 1, net: context.net, type: 'ack', handle, version: set.version, commitment: set.commitment, height: ledger.tip().height }
    return { ack: signObject('ack', ackBody, context.nodeKey.seed), pending: pendingOf(handle).map(({ commitment }) => commitment) }
  }

  /** Every distinct head from the cosigned height to the tip. */
  function headsSince(handle: Handle, cosignedHeight: number): readonly RelationshipHead[] {
    const heads = new Map<string, RelationshipHead>()
    for (let height = cosignedHeight; height <= ledger.tip().height; height += 1) {
      const state = height === ledger.tip().height ? ledger.tip() : ledger.stateAt(height)
      const head = state === undefined ? undefined : relationship(state, handle)
      if (head !== undefined) heads.set(formatCanonical(head as unknown as JsonValue), head)
    }
    return [...heads.values()]
  }

  function bodyOf(handle: Handle, commitment: string | null | undefined): Policy | 'absent' | 'unreadable' {
    const version = files.of(handle).find((one) => one.commitment === commitment)
    return version === undefined ? 'absent' : (readBody(version.body) ?? 'unreadable')
  }

  function versionsOfHead(handle: Handle, head: RelationshipHead): Consulted['versions'] {
    const numbers = head.commitment === null ? [] : bodiesOf(head)
    if (numbers.length === 0) return [{ version: head.version, policy: 'absent', expires: head.expires }]
    return numbers.map((version) => ({ version, policy: bodyOf(handle, version === head.version ? head.commitment : commitmentOf(handle, version)), expires: head.expires }))
  }

  return {
    accept,
    pendingOf,
    consult(handle, { instant, cosignedHeight }) {
      const heads = headsSince(handle, cosignedHeight).map((head) => effectiveHead(head, instant))
      const pending = pendingOf(handle).map((version) => ({ version: version.version, policy: readBody(version.body) ?? ('unreadable' as const), expires: setShape(decodeTransaction(version.wire).body, 'body').expires }))
      const versions = [...heads.flatMap((head) => versionsOfHead(handle, head)), ...pending]
      const unlinked = new Set(versions.flatMap(({ policy }) => (typeof policy === 'object' ? (policy.unlinked ?? []) : [])))
      return { head: heads.at(-1), versions, unlinked }
    },
    followLedger() {
      const from = Number(database.get("SELECT value FROM progress WHERE name = 'policies'")?.['value'] ?? 0)
      const to = ledger.block().index + 1
      database.transaction(() => {
        let height = 0
        const waiting: Transaction[] = []
        for (const entry of ledger.log.entries(from, to)) {
          if (entry[0] === 1) waiting.push(decodeTransaction(entry.subarray(1)))
          if (entry[0] !== 2) continue
          height = new DataView(entry.buffer, entry.byteOffset).getUint32(5)
          for (const transaction of waiting.splice(0)) noteCommitted(transaction, height)
        }
        database.run("INSERT INTO progress (name, value) VALUES ('policies', ?) ON CONFLICT DO UPDATE SET value = excluded.value", to)
      })
    },
  }

  function noteCommitted(transaction: Transaction, height: number): void {
    if (transaction.type !== 'policy.set') return
    const set = setShape(transaction.body, 'body')
    const isHeld = database.get('SELECT handle FROM relationship WHERE handle = ?', set.handle) !== undefined
    if (isHeld) database.run('INSERT INTO committed_policy (handle, version, commitment, height) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', set.handle, set.version, set.commitment, height)
  }
}

function decode(wire: Uint8Array, refused: (message: string, cause?: unknown) => never): Transaction {
  try {
    return decodeTransaction(wire)
  } catch (cause) {
    return refused('expected a signed transaction', cause)
  }
}

/** The control key, or a delegate's with the right, whose signature the transaction carries and which holds. */
function signerOf(transaction: Transaction, head: RelationshipHead, now: number): Bytes32 | undefined {
  const [signature] = transaction.signatures
  if (signature === undefined || transaction.signatures.length !== 1) return undefined
  const delegates = head.delegates.filter(({ expires, rights }) => now <= expires && (rights.includes('set') || rights.includes('restrict')))
  const candidates = [head.control, ...delegates.map(({ pub }) => pub)]
  const signer = candidates.find((pub) => ed25519KeyId(decodeBase64Url(pub)) === signature.key)
  if (signer === undefined) return undefined
  return verifySignature(decodeBase64Url(signer), transaction.signedBytes, signature.sig) ? signer : undefined
}

function readBody(body: string): Policy | undefined {
  try {
    return parsePolicy(parseCanonicalString(body))
  } catch {
    return undefined
  }
}

