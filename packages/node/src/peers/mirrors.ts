import { type AccessLogName, accessLogOrigin, type Checkpoint, equalBytes, type OrganizationId } from '@fiducia/core'
import { member } from '@fiducia/ledger'
import { decodeEntryBundle, TILE_WIDTH, tilePath } from '@fiducia/proofs'
import { createMirror, type Mirror, type MirroredLog, mirrorOwn } from '../access-log/mirror.ts'
import type { OwnLogs } from '../access-log/own-logs.ts'
import { LOAD_STEP, MAX_MIRROR_STEP } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { bytesColumn } from '../store/columns.ts'
import { fetchBytes } from './transport.ts'

/**
 * The members' access logs as this node has mirrored them. Leaves are fetched as tiles, judged one by one, and kept only
 * when every rule holds up to them; the own logs are read as they are.
 */
export interface Mirrors {
  /** As far as this node has got; empty for a log it has never followed. */
  of(origin: string): MirroredLog
  leaf(origin: string, index: number): Uint8Array | undefined
  /** Entries [from, to), as far as they are mirrored. */
  entries(origin: string, from: number, to: number): readonly Uint8Array[]
  /**
   * Follows the log up to a checkpoint that it signed. Throws when it does not serve its entries, when they do not lead to
   * the checkpoint's root (then none of them is kept: anybody could have put them in the way), or one breaks a rule.
   * `alongside` runs in the transaction that keeps the leaves up to a seal: what proves them is not lost without them.
   */
  follow(name: AccessLogName, checkpoint: Pick<Checkpoint, 'size' | 'root'>, alongside: () => void): Promise<MirroredLog>
  /** From now on the own logs are these. */
  readOwn(logs: OwnLogs): void
}

type Context = Pick<NodeContext, 'database' | 'ledger' | 'org' | 'transport'>

export function createMirrors(context: Context): Mirrors {
  const { database } = context
  const mirrors = new Map<string, Mirror>()
  let ownLogs: OwnLogs | undefined
  const leavesOf = (origin: string, from: number, to: number) =>
    database.all('SELECT bytes FROM leaf WHERE origin = ? AND idx >= ? AND idx < ? ORDER BY idx', origin, from, to).map((row) => bytesColumn(row, 'bytes'))

  function known(origin: string): MirroredLog {
    const own = ownLogs?.all.find((log) => log.origin === origin)
    return own === undefined ? of(origin) : mirrorOwn(own)
  }

  function of(origin: string): Mirror {
    const followed = mirrors.get(origin)
    if (followed !== undefined) return followed
    const mirror = createMirror()
    for (let leaves = leavesOf(origin, 0, LOAD_STEP); leaves.length > 0; leaves = leavesOf(origin, mirror.size, mirror.size + LOAD_STEP))
      for (const leaf of leaves) mirror.append(leaf)
    mirrors.set(origin, mirror)
    return mirror
  }

  /** What holds up to the first leaf that does not is kept; memory and store never part: what cannot be stored is forgotten. */
  function keep(origin: string, mirror: Mirror, leaves: readonly Uint8Array[], alongside: () => void): void {
    const from = mirror.size
    try {
      for (const leaf of leaves) mirror.append(leaf)
    } finally {
      const judged = leaves.slice(0, mirror.size - from)
      mirrors.delete(origin)
      database.transaction(() => {
        for (const [i, leaf] of judged.entries()) database.run('INSERT INTO leaf (origin, idx, bytes) VALUES (?, ?, ?)', origin, from + i, leaf)
        if (judged.length === leaves.length && mirror.sealedSize === mirror.size) alongside()
      })
      mirrors.set(origin, mirror)
    }
  }

  return {
    of: known,
    readOwn(logs) {
      ownLogs = logs
    },
    entries: leavesOf,
    leaf: (origin, index) => leavesOf(origin, index, index + 1)[0],
    async follow(name, { size, root }, alongside) {
      const origin = accessLogOrigin(name.net, name.org, name.k)
      const held = known(origin)
      if (held.size >= size) return held
      const mirror = of(origin)
      const leaves = await fetchLeaves(context, name, mirror.size, size)
      if (!equalBytes(mirror.rootAfter(leaves), root)) throw new Error('the entries that are served do not lead to the root that the log signed')
      keep(origin, mirror, leaves, alongside)
      return mirror
    },
  }
}

/** The leaves [from, size), as the log serves them at this size. */
async function fetchLeaves(context: Context, name: AccessLogName, from: number, size: number): Promise<readonly Uint8Array[]> {
  if (size - from > MAX_MIRROR_STEP) throw new Error(`expected at most ${MAX_MIRROR_STEP} entries to be mirrored at once, found ${size - from}`)
  const endpoint = endpointOf(context, name.org)
  const leaves: Uint8Array[] = []
  while (from + leaves.length < size) {
    const next = from + leaves.length
    const n = Math.floor(next / TILE_WIDTH)
    const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH)
    const bundle = await fetchBytes(context.transport, `${endpoint}/log/${name.k}/tile/${tilePath({ level: 'entries', n, width })}`)
    if (bundle === undefined) throw new Error('the log does not serve the entries of its checkpoint')
    leaves.push(...decodeEntryBundle(bundle, width).slice(next - n * TILE_WIDTH))
  }
  return leaves
}

function endpointOf({ ledger }: Context, org: OrganizationId): string {
  const holder = member(ledger.tip(), org)
  if (holder === undefined) throw new Error('the log belongs to no member')
  return holder.endpoint
}
