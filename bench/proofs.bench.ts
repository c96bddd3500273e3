import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { encodeBase64Url, encodeUtf8, formatCanonical, type JsonValue, leafHash, sha256, StateTree } from '@fiducia/core'
import { encodeBlockEntry, relationshipKey } from '@fiducia/ledger'
import {
  addTag,
  type BundleFiles,
  buildAccess,
  createHashLog,
  createLogAudit,
  emptyTagMap,
  encodeLeaf,
  mirrorTag,
  sealLeaf,
  verifyBundle,
} from '@fiducia/proofs'
import { accessParts, bytes, events, handle, head, ledgerKey, logKey, noteOf, policy, proofOf, SLOT } from '../packages/proofs/test/network.ts'
import { median, milliseconds, microseconds, printTable, timed, times } from './measure.ts'

/**
 * An access bundle whose leaf, mirror leaf and ledger block stand in logs of a million entries, whose head stands among
 * 100,000 relationships, three cosignatures under each checkpoint: how large it is, and how long its offline check takes.
 * Compared with the Ed25519 verifications that it must contain, each done raw. Then a witness's pass over a million leaves.
 */
const ENTRIES = 1_000_000
const RELATIONSHIPS = 100_000
const VERIFICATIONS = 400
const TAGS = 100_000
const ED25519_ROUNDS = 2_000

const START = SLOT * 60

/** A log whose entries are of no matter to the proof, but for one. */
function logOfMillion(key: Parameters<typeof noteOf>[0]['key'], seed: string, index: number, entry: Uint8Array) {
  const hash = leafHash(bytes('some entry'))
  const hashes = createHashLog()
  for (let i = 0; i < ENTRIES; i += 1) hashes.append(i === index ? leafHash(entry) : hash)
  return { key, seed, hashes }
}

function stateOf(count: number): StateTree {
  const value = formatCanonical({ ...head } as unknown as JsonValue)
  const others = Array.from({ length: count - 1 }, (_, i) => ({ key: `rel/${encodeBase64Url(sha256(encodeUtf8(`other ${i}`)))}`, value }))
  return StateTree.from([{ key: relationshipKey(handle), value }, ...others])
}

function makeBundle(): BundleFiles {
  const [event] = events
  if (event === undefined) throw new Error('the test network has no events')
  const tree = stateOf(RELATIONSHIPS)
  const block = encodeBlockEntry({ height: 400_000, time: START * 1000, stateRoot: tree.root, count: 1 })
  const ledger = logOfMillion(ledgerKey, 'ledger', ENTRIES - 1, block)
  const access = logOfMillion(logKey('alpha', 1), 'log alpha 1', 654_321, event.leaf)
  const leaf = encodeLeaf({ kind: 'entry', slot: SLOT, tag: mirrorTag(bytes('mirror 0'), event.leaf), com: bytes('mirror com') })
  const mirror = logOfMillion(logKey('beta', 1), 'log beta 1', 123_456, leaf)
  return buildAccess({
    ...accessParts(0),
    head: {
      value: head,
      state: tree.prove(relationshipKey(handle)),
      block: encodeBase64Url(block),
      proof: proofOf(ledger, ENTRIES - 1, noteOf(ledger, { time: START + 20 })),
    },
    access: { leaf: event.leaf, proof: proofOf(access, 654_321, noteOf(access, { time: START + 90 }), event.extra) },
    mirror: { leaf, proof: proofOf(mirror, 123_456, noteOf(mirror, { time: START + 95 })) },
  })
}

const sizeOf = (files: BundleFiles, ...names: readonly string[]): number => names.reduce((sum, name) => sum + (files.get(name)?.length ?? 0), 0)
const kib = (size: number): string => `${(size / 1024).toFixed(2)} KiB`

/** Milliseconds of one raw verification of a note-sized message. */
async function rawVerification(): Promise<number> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = createPublicKey({ key: publicKey.export({ format: 'der', type: 'spki' }), format: 'der', type: 'spki' })
  const message = new Uint8Array(120)
  const signature = sign(null, message, privateKey)
  const samples: number[] = []
  for (let i = 0; i < ED25519_ROUNDS; i += 1) samples.push(await timed(() => verify(null, message, key, signature)))
  return median(samples)
}

async function verificationTime(files: BundleFiles): Promise<number> {
  const samples: number[] = []
  for (let i = 0; i < VERIFICATIONS; i += 1) {
    samples.push(
      await timed(() => {
        const { valid, checks } = verifyBundle(files, policy)
        if (!valid)
          throw new Error(
            checks
              .filter(({ ok }) => !ok)
              .map(({ name, detail }) => `${name}: ${detail}`)
              .join('; '),
          )
      }),
    )
  }
  return median(samples)
}

function newLeaves(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => encodeLeaf({ kind: 'entry', slot: SLOT, tag: sha256(encodeUtf8(`tag ${i}`)), com: bytes('com') }))
}

/** Milliseconds for a pass over a million leaves that ends with a seal. */
async function auditTime(leaves: readonly Uint8Array[], root: () => Uint8Array): Promise<number> {
  const audit = createLogAudit()
  const kept = leaves.slice(0, ENTRIES - 1)
  return timed(() => {
    for (const leaf of kept) if (audit.add(leaf) !== undefined) throw new Error('a leaf may not follow')
    const fault = audit.add(encodeLeaf(sealLeaf(SLOT, root(), kept.length)))
    if (fault !== undefined && fault.code !== 'SEAL_ROOT') throw new Error(fault.message)
  })
}

/** What an auditor cannot leave out: two SHA-256 a leaf for the log, four for the tag map's keys, values, leaves and nodes. */
async function hashingTime(): Promise<number> {
  const input = new Uint8Array(73)
  return timed(() => {
    for (let i = 0; i < ENTRIES * 6; i += 1) sha256(input)
  })
}

const files = makeBundle()
const names = [...files.keys()]
const event = sizeOf(files, 'disclosure.json', 'decision.json')
const mirrorSize = sizeOf(files, 'mirror.leaf', 'mirror.tlog-proof')
const total = sizeOf(files, ...names)
const signatures = names.filter((name) => name.endsWith('.tlog-proof')).length * 4
const raw = await rawVerification()
const whole = await verificationTime(files)
const leaves = newLeaves(ENTRIES)
const hashing = await hashingTime()
const audit = await auditTime(leaves, () => new Uint8Array(32))
const tagTime = await timed(() => {
  // The root last: hashes are made when it is asked for.
  return leaves.slice(0, TAGS).reduce((map, leaf, index) => addTag(map, leaf, index), emptyTagMap()).root
})

printTable(
  `proofs: logs of ${ENTRIES.toLocaleString('en-US')} entries, ${RELATIONSHIPS.toLocaleString('en-US')} relationships, 3 cosignatures, ${names.length} files`,
  [
    {
      what: 'access.tlog-proof',
      measured: kib(sizeOf(files, 'access.tlog-proof')),
      goal: '<= 2 KiB',
      comparedWith: `20 hashes and 4 signatures, ${kib(20 * 32 + 4 * 64)}: ${times(sizeOf(files, 'access.tlog-proof'), 20 * 32 + 4 * 64)}`,
    },
    {
      what: 'access bundle but for the event',
      measured: kib(total - event - mirrorSize),
      goal: '<= 8 KiB',
      comparedWith: `the event itself, ${kib(event)}: ${times(total - event - mirrorSize, event)}`,
    },
    { what: 'the same with its mirror entry', measured: kib(total - event), comparedWith: `the event itself: ${times(total - event, event)}` },
    {
      what: 'offline verification',
      measured: milliseconds(whole),
      goal: '<= 5 ms',
      comparedWith: `its ${signatures} Ed25519 verifications, ${milliseconds(raw * signatures)}: ${times(whole, raw * signatures)}`,
    },
    {
      what: 'audit of 1 M access leaves',
      measured: milliseconds(audit),
      goal: '<= 10 s',
      comparedWith: `6 M SHA-256, ${milliseconds(hashing)}: ${times(audit, hashing)}`,
    },
    {
      what: 'one tag in the holder’s map, at 100,000',
      measured: microseconds((tagTime * 1000) / TAGS),
      goal: '20 µs was reached',
      comparedWith: `one SHA-256, ${microseconds((hashing * 1000) / (ENTRIES * 6))}`,
    },
  ],
)
