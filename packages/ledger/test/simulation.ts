import {
  type Bytes32,
  consistencyPath,
  cosignNote,
  ed25519KeyId,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  inclusionPath,
  type JsonObject,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  leafHash,
  makeVerifierKey,
  type OrganizationId,
  parseBytes32,
  rootOfLeafHashes,
  signNote,
} from '@fiducia/core'
import {
  accessLog,
  accessLogsOf,
  apply,
  batch,
  type BatchStatus,
  batchStatus,
  contest,
  contestIdOf,
  effectiveHead,
  holdersOf,
  keyRecord,
  keysOf,
  type LedgerState,
  logKeyOf,
  openDisputes,
  relationship,
  roleRecord,
  type TransactionType,
  validKeysOf,
} from '../src/index.ts'
import {
  birch,
  bytes32,
  DAY,
  EXPIRES,
  GROUPS,
  net,
  nodeSeed,
  ORGS,
  publicKeyOf,
  publicOf,
  recoveryLabels,
  recoveryOf,
  seedOf,
  START,
  startState,
  transaction,
  type Wallet,
  wallet,
} from './world.ts'
import { studyMaker } from './study-simulation.ts'

/**
 * Random histories from a seed: mostly what honest parties would do next, and often something slightly wrong with it: a
 * version too far, another signer, an old epoch, a transaction from before. The rules under test decide what is accepted.
 */

/** A small generator (mulberry32): the same numbers for the same seed, everywhere. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export interface SimulatedBlock {
  readonly height: number
  readonly time: number
  readonly transactions: readonly Uint8Array[]
}

interface Draw {
  readonly state: LedgerState
  readonly time: number
  readonly random: (below: number) => number
  pick<T>(list: readonly T[]): T
  /** The right value nine times of ten. */
  mostly<T>(right: T, wrong: T): T
}

const wallets: readonly Wallet[] = Array.from({ length: 5 }, (_, i) => wallet(`w${i}`, ORGS[i % 2]))
const delegateLabels = ['son', 'carer', 'daughter', 'neighbor', 'friend']
const seeds = new Map<string, Uint8Array>()
const remember = (label: string): Bytes32 => {
  seeds.set(publicOf(label), seedOf(label))
  return publicOf(label)
}
for (const one of wallets) for (let i = 0; i < 8; i += 1) remember(`${one.label} control ${i}`)
for (const label of [...delegateLabels, ...wallets.flatMap(({ label: name }) => recoveryLabels(name))]) remember(label)
const KEY_ROLES_DRAWN = ['node', 'witness', 'log', 'ledger', 'research'] as const
for (const org of ORGS) for (const made of ['node 0', 'witness 1', 'log 2', 'log 3']) remember(`${org} ${made}`)
for (const org of ORGS) for (const kind of KEY_ROLES_DRAWN) for (let i = 0; i < 6; i += 1) remember(`${org} ${kind} more ${i}`)
const seedOfPublic = (pub: string): Uint8Array => seeds.get(pub) ?? seedOf('nobody')

type Make = (draw: Draw) => Uint8Array

/** One of the organization's valid node keys; now and then one whose time may be over. */
function nodeOf(draw: Draw, org: OrganizationId): Uint8Array {
  const valid = validKeysOf(draw.state, org, 'node', draw.state.height)
  return draw.mostly(seedOfPublic(draw.pick(valid)?.record.pub ?? ''), nodeSeed(org))
}

const build = (draw: Draw, type: TransactionType, body: JsonObject, signers: readonly Uint8Array[]): Uint8Array => {
  const stranger = draw.random(20) === 0 ? [seedOf('stranger')] : []
  const dropped = draw.random(20) === 0 ? signers.slice(1) : signers
  const all = [...new Map([...dropped, ...stranger].map((seed) => [encodeBase64Url(seed), seed])).values()]
  return transaction(type, body, draw.time, ...(all.length === 0 ? [seedOf('stranger')] : all.slice(0, 5)))
}

function headOf(draw: Draw, one: Wallet) {
  const raw = relationship(draw.state, one.handle)
  return raw === undefined ? undefined : effectiveHead(raw, draw.time)
}

const open: Make = (draw) => {
  const one = draw.pick(wallets)
  return build(draw, 'rel.open', { ...one.openBody, custody: draw.mostly('self', 'other') }, [nodeOf(draw, draw.mostly(one.org, birch)), one.control])
}

/** A change to a head that is there; opens one instead when it is not. */
const change =
  (make: (draw: Draw, one: Wallet, head: NonNullable<ReturnType<typeof headOf>>) => Uint8Array): Make =>
  (draw) => {
    const one = draw.pick(wallets)
    const head = headOf(draw, one)
    return head === undefined ? open(draw) : make(draw, one, head)
  }

const nextControl = (draw: Draw, one: Wallet): Bytes32 => publicOf(`${one.label} control ${draw.random(8)}`)

const set = change((draw, one, head) => {
  const signer = draw.pick([head.control, head.control, ...head.delegates.map(({ pub }) => pub), publicOf(`${one.label} control 0`)])
  const expires = draw.mostly(EXPIRES, EXPIRES + DAY)
  return build(
    draw,
    'policy.set',
    { handle: one.handle, version: head.version + draw.mostly(1, 2), commitment: bytes32(`policy ${draw.random(100)}`), expires },
    [seedOfPublic(signer)],
  )
})

const rotate = change((draw, one, head) => {
  const newControl = nextControl(draw, one)
  return build(draw, 'rel.rotate', { handle: one.handle, epoch: head.epoch + draw.mostly(1, 0), newControl, newSeal: bytes32('seal') }, [
    seedOfPublic(head.control),
    seedOfPublic(newControl),
  ])
})

const delegate = change((draw, one, head) => {
  const chosen = delegateLabels.filter(() => draw.random(2) === 0)
  const delegates = chosen.map((label) => ({
    pub: draw.mostly(publicOf(label), head.control),
    rights: draw.pick([['set'], ['restrict'], ['link', 'restrict'], ['read'], ['restrict', 'set'], ['set', 'link']]),
    expires: draw.time + draw.random(3 * DAY),
  }))
  return build(draw, 'rel.delegate', { handle: one.handle, epoch: head.epoch + 1, delegates }, [seedOfPublic(head.control)])
})

const keysFor = (draw: Draw, one: Wallet): readonly Bytes32[] =>
  recoveryLabels(one.label)
    .slice(0, draw.mostly(2 + draw.random(2), 1))
    .map(publicOf)

const recovery = change((draw, one, head) => {
  const keys = keysFor(draw, one)
  const body = {
    handle: one.handle,
    epoch: head.epoch + 1,
    recovery: recoveryOf(one.label, draw.mostly(1 + draw.random(3), 4)),
    rand32: encodeBase64Url(one.rand32),
    keys,
  }
  return build(draw, 'rel.recovery', body, [head.control, ...keys].map(seedOfPublic))
})

const recover = change((draw, one, head) => {
  const [keys, newControl] = [keysFor(draw, one), nextControl(draw, one)]
  const rand32 = encodeBase64Url(draw.mostly(one.rand32, seedOf('other rand')))
  const body = { handle: one.handle, epoch: head.epoch + draw.mostly(1, 0), newControl, newSeal: bytes32('new seal'), rand32, keys }
  return build(draw, 'rel.recover', body, [...keys, newControl].map(seedOfPublic))
})

const veto = change((draw, one, head) => build(draw, 'rel.veto', { handle: one.handle, epoch: head.epoch }, [seedOfPublic(head.control)]))

const rebindWire = change((draw, one, head) =>
  build(draw, 'rel.rebind', { handle: one.handle, epoch: head.epoch + 1, bind: bytes32(`bind ${draw.random(9)}`) }, [
    nodeOf(draw, one.org),
    seedOfPublic(head.control),
  ]),
)

const close = change((draw, one, head) =>
  build(draw, 'rel.close', { handle: one.handle, epoch: head.epoch }, [
    draw.random(3) === 0 ? seedOfPublic(head.control) : nodeOf(draw, draw.mostly(one.org, birch)),
  ]),
)

const role: Make = (draw) => {
  const [org, id] = [draw.pick(ORGS), bytes32(`role ${draw.random(3)}`)]
  const version = (roleRecord(draw.state, id, GROUPS[org] as never)?.version ?? 0) + draw.mostly(1, 2)
  return build(draw, draw.pick(['role.attest', 'role.attest', 'role.withdraw']), { role: id, version, expires: draw.time + draw.random(DAY) }, [
    nodeOf(draw, org),
  ])
}

// ---- trees of leaves that follow from a name; a fork differs from the second leaf on ---------------------------------------

const leavesOf = (origin: string, size: number, fork = false): readonly Uint8Array[] =>
  Array.from({ length: size }, (_, i) => leafHash(encodeUtf8(`${origin} ${i}${fork && i > 0 ? ' fork' : ''}`)))

const subtreeOf = (leaves: readonly Uint8Array[]) => (start: number, end: number) => rootOfLeafHashes(leaves.slice(start, end))

// ---- batches: the statements of each follow from its number ---------------------------------------------------------------

const BATCHES = Array.from({ length: 24 }, (_, i) => {
  const coms = Array.from({ length: 1 + (i % 5) }, (_, at) => seedOf(`batch ${i} ${at}`))
  const leaves = coms.map(leafHash)
  return { coms, leaves, root: parseBytes32(encodeBase64Url(rootOfLeafHashes(leaves))) }
})

/** Of the batches that stand like this; now and then any. */
function batchThat(draw: Draw, ...statuses: readonly BatchStatus[]): (typeof BATCHES)[number] {
  const fitting = BATCHES.filter(({ root }) => {
    const record = batch(draw.state, root)
    return record !== undefined && statuses.includes(batchStatus(record, draw.time))
  })
  return draw.mostly(fitting.length > 0 ? draw.pick(fitting) : draw.pick(BATCHES), draw.pick(BATCHES))
}

const offerWire: Make = (draw) => {
  const one = draw.pick(BATCHES)
  return build(draw, 'batch.offer', { root: one.root, count: draw.mostly(one.leaves.length, 10_001) }, [nodeOf(draw, draw.pick(ORGS))])
}

const holdWire: Make = (draw) => build(draw, 'batch.hold', { root: batchThat(draw, 'offered').root }, [nodeOf(draw, draw.pick(ORGS))])

const missWire: Make = (draw) => {
  const { root } = batchThat(draw, 'offered', 'counted')
  const org = draw.mostly(draw.pick(holdersOf(draw.state, root)), draw.pick(ORGS)) ?? birch
  return build(draw, 'batch.miss', { root, org }, [nodeOf(draw, draw.pick(ORGS))])
}

const CONTESTED = ['phone', 'address', 'npi.status'] as const

const contestWire: Make = (draw) => {
  const { root, leaves, coms } = batchThat(draw, 'counted')
  const index = draw.random(leaves.length)
  const path = inclusionPath(index, leaves.length, subtreeOf(leaves)).map(encodeBase64Url)
  const com = encodeBase64Url(coms[draw.mostly(index, 0)] ?? new Uint8Array())
  const field = draw.mostly(draw.pick(CONTESTED), 'license/OR/7')
  return build(draw, 'contest.open', { root, index, com, path, field }, [nodeOf(draw, draw.pick(ORGS))])
}

const ruleWire: Make = (draw) => {
  const places = BATCHES.flatMap(({ root, leaves }) => leaves.flatMap((_, index) => CONTESTED.map((field) => contestIdOf({ root, index, field }))))
  const open = places.filter((id) => contest(draw.state, id) !== undefined)
  if (open.length === 0) return contestWire(draw)
  const id = draw.pick(open)
  const org = draw.mostly(draw.pick(contest(draw.state, id)?.panel ?? []), draw.pick(ORGS))
  return build(draw, 'contest.rule', { contest: id, ruling: draw.pick(['stands', 'falls', 'falls', 'unclear']) }, [nodeOf(draw, org)])
}

/** Three studies go on beside everything else. */
const studyWire: Make = studyMaker<Draw>({ build, nodeOf })

// ---- access logs --------------------------------------------------------------------------------------------------------

const logSeed = (draw: Draw, origin: string): Uint8Array => seedOfPublic(logKeyOf(draw.state, origin)?.record.pub ?? '')

function noteOf(draw: Draw, origin: string, leaves: readonly Uint8Array[]): string {
  const text = formatCheckpoint({ origin, size: leaves.length, root: rootOfLeafHashes(leaves) })
  const key = makeVerifierKey(origin, KEY_TYPE_LOG, ed25519PublicKey(logSeed(draw, origin)))
  const witness = makeVerifierKey('test/witness/cedar', KEY_TYPE_WITNESS, publicKeyOf(draw.mostly('cedar witness 1', 'stranger')))
  const lines = [signNote(text, key, logSeed(draw, origin))]
  if (draw.random(3) === 0) lines.push(cosignNote(text, witness, seedOf('cedar witness 1'), Math.floor(draw.time / 1000)))
  return formatNote({ text, signatures: lines })
}

const openLog: Make = (draw) => {
  const org = draw.pick(ORGS)
  const k = draw.mostly(accessLogsOf(draw.state, org).length + 1, 2)
  const unused = keysOf(draw.state, org, 'log').find(({ record }) => record.origin === undefined)
  const key = draw.mostly(unused?.keyId ?? ed25519KeyId(publicKeyOf('nobody')), ed25519KeyId(publicKeyOf(`${org} node 0`)))
  return build(draw, 'access.open', { origin: `${net}/log/${org}/${k}`, key, ...(k > 1 ? { standby: true } : {}) }, [nodeOf(draw, org)])
}

/** An opened log; opens one instead when there is none. */
const onLog =
  (make: (draw: Draw, origin: string, org: OrganizationId) => Uint8Array): Make =>
  (draw) => {
    const opened = ORGS.flatMap((org) => accessLogsOf(draw.state, org).map(({ origin }) => ({ origin, org })))
    if (opened.length === 0) return openLog(draw)
    const { origin, org } = draw.pick(opened)
    return make(draw, origin, org)
  }

const checkpoint = onLog((draw, origin, org) => {
  const known = accessLog(draw.state, origin)?.size ?? 0
  const leaves = leavesOf(origin, known + draw.mostly(1 + draw.random(5), 0), draw.mostly(false, true))
  const path = leaves.length === 0 ? [] : consistencyPath(known, leaves.length, subtreeOf(leaves))
  const body = {
    origin,
    size: leaves.length,
    root: encodeBase64Url(rootOfLeafHashes(leaves)),
    note: noteOf(draw, origin, leaves),
    consistency: path.map(encodeBase64Url),
  }
  return build(draw, 'access.checkpoint', body, [nodeOf(draw, org)])
})

const disputeWire = onLog((draw, origin) => {
  const leaves = leavesOf(origin, 1 + draw.random(8), draw.random(2) === 0)
  const index = draw.random(leaves.length)
  const path = inclusionPath(index, leaves.length, subtreeOf(leaves)).map(encodeBase64Url)
  const body = {
    origin,
    note: noteOf(draw, origin, leaves),
    index: draw.mostly(index, index + 1),
    leafHash: encodeBase64Url(leaves[index] ?? new Uint8Array(32)),
    path,
  }
  return build(draw, 'access.dispute', body, [nodeOf(draw, draw.pick(ORGS))])
})

const answerWire: Make = (draw) => {
  const [filed] = openDisputes(draw.state)
  if (filed === undefined) return disputeWire(draw)
  const known = accessLog(draw.state, filed.origin)?.size ?? 0
  const leaves = leavesOf(filed.origin, known)
  const path = known >= filed.size && known > 0 ? consistencyPath(filed.size, known, subtreeOf(leaves)) : []
  const owner = filed.origin.split('/')[2] as OrganizationId
  return build(draw, 'access.answer', { dispute: filed.id, consistency: path.map(encodeBase64Url) }, [nodeOf(draw, owner)])
}

// ---- keys ---------------------------------------------------------------------------------------------------------------

const addKeyWire: Make = (draw) => {
  const [org, kind] = [draw.pick(ORGS), draw.pick(KEY_ROLES_DRAWN)]
  const label = draw.mostly(`${org} ${kind} more ${draw.random(6)}`, `${org} witness 1`)
  const pub = draw.mostly(publicOf(label), encodeBase64Url(new Uint8Array(32)) as Bytes32)
  return build(draw, 'key.add', { role: kind, alg: 'ed25519', pub }, [nodeOf(draw, org), seedOf(label)])
}

/** Rarely a log's: what serves an origin is gone for good with it. */
const retireKeyWire: Make = (draw) => {
  const org = draw.pick(ORGS)
  const role = draw.pick(['node', 'node', 'witness', 'witness', 'ledger', 'research', draw.mostly('node', 'log')] as const)
  const key = draw.pick(keysOf(draw.state, org, role))?.keyId ?? ed25519KeyId(publicKeyOf('nobody'))
  const from = keyRecord(draw.state, key)?.from ?? 0
  const compromisedFrom = from + draw.random(Math.max(1, draw.state.height + 2 - from))
  const body = { key, ...(draw.random(2) === 0 ? { compromisedFrom: draw.mostly(compromisedFrom, draw.state.height + 100) } : {}) }
  return build(draw, 'key.retire', body, [nodeOf(draw, draw.mostly(org, birch))])
}

const MAKERS: readonly Make[] = [
  open,
  set,
  set,
  set,
  set,
  rotate,
  delegate,
  delegate,
  recovery,
  recover,
  recover,
  veto,
  veto,
  veto,
  rebindWire,
  close,
  role,
  role,
  offerWire,
  offerWire,
  holdWire,
  holdWire,
  holdWire,
  holdWire,
  missWire,
  contestWire,
  ruleWire,
  ruleWire,
  openLog,
  checkpoint,
  checkpoint,
  disputeWire,
  answerWire,
  addKeyWire,
  addKeyWire,
  retireKeyWire,
  ...Array.from({ length: 12 }, () => studyWire),
]

/** One text character changed somewhere in the wire bytes. */
function mangle(random: (below: number) => number, wire: Uint8Array): Uint8Array {
  const copy = wire.slice()
  const at = random(copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << random(7))
  return copy
}

/** `count` blocks; the generator reads the rules' own state to know what would be right next. */
export function* simulate(seed: number, count: number): Generator<SimulatedBlock> {
  const random = randomFrom(seed)
  let state = startState()
  let [height, time] = [0, START]
  const past: Uint8Array[] = []
  for (let i = 0; i < count; i += 1) {
    height += 1 + random(2)
    time += [0, 1, 999, 10_000, 60_000, 3_600_000, DAY, 3 * DAY, 31 * DAY][random(9)] ?? 0
    const draw: Draw = {
      state,
      time,
      random,
      pick: (list) => list[random(list.length)] as never,
      mostly: (right, wrong) => (random(10) === 0 ? wrong : right),
    }
    const transactions = Array.from({ length: 1 + random(3) }, () => {
      const again = past[random(past.length + 1)]
      if (again !== undefined && random(12) === 0) return again
      const wire = draw.pick(MAKERS)(draw)
      return random(25) === 0 ? mangle(random, wire) : wire
    })
    past.push(...transactions)
    const block = { height, time, transactions }
    yield block
    state = apply(state, block).state
  }
}
