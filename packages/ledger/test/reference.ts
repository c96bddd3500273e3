import {
  decodeBase64Url,
  decodeUtf8,
  ed25519KeyId,
  encodeBase64Url,
  encodeUtf8,
  formatCanonical,
  isSignatureBy,
  keyIdOf,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  sha256,
  verifyConsistency,
  verifyCosignature,
  verifyInclusion,
  verifyNoteSignature,
  verifySignature,
  makeVerifierKey,
  admitEd25519,
} from '@fiducia/core'
import { studyRules } from './reference-study.ts'

/**
 * The slow, obvious oracle: the rules of PROTOCOL sections 1, 3 and 4 once more, over a plain map, without a line of the
 * package under test. Throws a word for whatever it refuses; the words are its own.
 */
// biome-ignore lint/suspicious/noExplicitAny: documents are read as they come
type Any = any

export type ReferenceState = Map<string, string>

const HOUR = 3_600_000

class Refused extends Error {}
function demand(holds: boolean, word: string): asserts holds {
  if (!holds) throw new Refused(word)
}

const b64 = (bytes: Uint8Array) => encodeBase64Url(bytes)
const raw = (text: string) => decodeBase64Url(text)
const hash = (...parts: (Uint8Array | string)[]) => sha256(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))))
const isBytes32 = (value: unknown) => {
  if (typeof value !== 'string') return false
  try {
    return raw(value).length === 32
  } catch {
    return false
  }
}
const isSignature = (value: unknown) => {
  if (typeof value !== 'string') return false
  try {
    return raw(value).length === 64
  } catch {
    return false
  }
}
const isCount = (value: unknown, min = 0) => typeof value === 'number' && Number.isSafeInteger(value) && value >= min
const has = (object: Any, ...names: string[]) => typeof object === 'object' && object !== null && Object.keys(object).sort().join() === names.sort().join()
const ascending = (list: string[]) => list.every((item, i) => i === 0 || (list[i - 1] ?? '') < item)
const isRecovery = (value: Any) =>
  has(value, 'm', 'hashes') &&
  Array.isArray(value.hashes) &&
  value.hashes.length <= 4 &&
  value.hashes.every(isBytes32) &&
  ascending(value.hashes) &&
  isCount(value.m, 1) &&
  value.m <= value.hashes.length

/** The outcome of one transaction: undefined, or why it was refused. Writes into `state` only when accepted. */
export function referenceApply(
  state: ReferenceState,
  wire: Uint8Array,
  at: { height: number; time: number; net: string; trustBefore: number; rootBefore: Uint8Array },
): string | undefined {
  const draft = new Map<string, Any>()
  const world: World = {
    ...at,
    get: (key) => draft.get(key) ?? (state.has(key) ? JSON.parse(state.get(key) ?? '') : undefined),
    set: (key, value) => draft.set(key, value),
    list: (prefix) => [...state.keys()].filter((key) => key.startsWith(prefix)),
  }
  try {
    judge(world, wire)
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
  for (const [key, value] of draft) state.set(key, formatCanonical(value))
  return undefined
}

export interface World {
  readonly height: number
  readonly time: number
  readonly net: string
  /** k of the trust record before the block. */
  readonly trustBefore: number
  /** State root before the block. */
  readonly rootBefore: Uint8Array
  get(key: string): Any
  set(key: string, value: Any): void
  list(prefix: string): string[]
}

function parse(wire: Uint8Array): Any {
  demand(wire.length <= 61_440, 'size')
  try {
    const value = JSON.parse(decodeUtf8(wire))
    demand(formatCanonical(value) === decodeUtf8(wire), 'canonical')
    return value
  } catch {
    throw new Refused('json')
  }
}

function judge(world: World, wire: Uint8Array): void {
  const document = parse(wire)
  demand(has(document, 'payload', 'signatures') && has(document.payload, 'v', 'net', 'type', 'body', 'validUntil'), 'envelope')
  const { v, net, type, body, validUntil } = document.payload
  demand(v === 1 && net === world.net && isCount(validUntil), 'payload')
  demand(world.time <= validUntil && validUntil <= world.time + 600_000, 'window')
  demand(
    Array.isArray(document.signatures) && document.signatures.every((one: Any) => has(one, 'key', 'sig') && isBytes32(one.key) && isSignature(one.sig)),
    'signatures',
  )
  demand(ascending(document.signatures.map((one: Any) => one.key)), 'order')
  const signed = Buffer.concat([Buffer.from('fiducia/tx/v1\0'), Buffer.from(formatCanonical(document.payload))])
  const ids: string[] = document.signatures.map((one: Any) => one.key)
  const sign: Signers = {
    ids,
    exactly(keys) {
      const wanted = keys.map((key) => ed25519KeyId(raw(key)))
      demand(new Set(wanted).size === wanted.length && [...wanted].sort().join() === ids.join(), 'signers')
      for (const one of document.signatures) {
        const key = keys.find((candidate) => ed25519KeyId(raw(candidate)) === one.key)
        demand(key !== undefined && verifySignature(raw(key), signed, raw(one.sig)), 'signature')
      }
    },
    node(org) {
      const keys = ids.map((id) => world.get(`key/${id}`)).filter((key) => key?.role === 'node' && (org === undefined || key.org === org))
      const valid = keys.find((key) => isLive(world, key))
      demand(valid !== undefined, 'node key')
      return valid
    },
  }
  const rule = RULES[type as string]
  demand(rule !== undefined, 'type')
  rule(world, body, sign)
}

const isLive = ({ height }: World, key: Any): boolean =>
  key.from <= height && (key.to === undefined || height < key.to) && (key.compromisedFrom === undefined || height < key.compromisedFrom)

export interface Signers {
  readonly ids: string[]
  exactly(keys: string[]): void
  node(org?: string): Any
}

function admit(...keys: string[]): void {
  for (const key of keys) {
    try {
      admitEd25519(raw(key))
    } catch {
      throw new Refused('key')
    }
  }
}

/** The head as it counts now: what is due has happened. */
function headNow(world: World, handle: string): Any {
  const head = world.get(`rel/${handle}`)
  demand(head !== undefined, 'unknown')
  if (head.pending !== null && world.time >= head.pending.at) {
    if (head.pending.kind === 'close') return { ...head, status: 'closed', pending: null }
    return { ...head, status: 'open', control: head.pending.control, seal: head.pending.seal, commitment: null, base: null, delegates: [], pending: null }
  }
  return head
}

function openHead(world: World, handle: string): Any {
  const head = headNow(world, handle)
  demand(head.status !== 'closed', 'closed')
  demand(head.pending?.kind !== 'recover', 'recovering')
  return head
}

function demandRecoveryKeys(head: Any, body: Any): void {
  demand(isBytes32(body.rand32) && Array.isArray(body.keys) && body.keys.length >= 1 && body.keys.length <= 4 && body.keys.every(isBytes32), 'keys')
  demand(new Set(body.keys).size === body.keys.length && body.keys.length >= head.recovery.m, 'enough keys')
  for (const key of body.keys) demand(head.recovery.hashes.includes(b64(hash('fiducia/recovery/v1\0', raw(body.rand32), raw(key)))), 'recovery key')
}

function firstOfMonth(ms: number): boolean {
  const date = new Date(ms)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === 1 && ms % 86_400_000 === 0
}

function attest(world: World, body: Any, sign: Signers, withdrawn: boolean): void {
  demand(has(body, 'role', 'version', 'expires') && isBytes32(body.role) && isCount(body.version, 1) && isCount(body.expires), 'body')
  const key = sign.node()
  const place = `role/${body.role}/${world.get(`member/${key.org}`).group}`
  demand(body.version === (world.get(place)?.version ?? 0) + 1, 'version')
  sign.exactly([key.pub])
  world.set(place, { version: body.version, expires: body.expires, withdrawn })
}

const ownerOf = (world: World, origin: string) => {
  const parts = new RegExp(`^${world.net}/log/([a-z0-9][a-z0-9.-]{0,39})/([1-9][0-9]{0,14})$`).exec(origin)
  return parts === null ? undefined : { org: parts[1] ?? '', k: Number(parts[2]) }
}

function readNote(world: World, origin: string, text: string): Any {
  const log = world
    .list('key/')
    .map((key) => world.get(key))
    .find((key) => key.origin === origin)
  try {
    const note = parseNote(text)
    const checkpoint = parseCheckpoint(note.text)
    const witnesses = Object.values<string[]>(world.get('trust').groups).flat().map(parseVerifierKey)
    const names = note.signatures.map((line) => line.name)
    const good = note.signatures.every((line) => {
      const witness = witnesses.find((key) => isSignatureBy(line, key))
      return witness === undefined
        ? verifyNoteSignature(note.text, line, makeVerifierKey(origin, 1, raw(log.pub)))
        : verifyCosignature(note.text, line, witness) !== undefined
    })
    demand(good && names.includes(origin) && new Set(names).size === names.length && checkpoint.origin === origin, 'note')
    return checkpoint
  } catch {
    throw new Refused('note')
  }
}

function demandGrowth(old: Any, next: Any, path: string[]): void {
  if (old.size === 0) return demand(path.length === 0, 'path from nothing')
  try {
    verifyConsistency(old.size, next.size, path.map(raw), raw(old.root), raw(next.root))
  } catch {
    throw new Refused('consistency')
  }
}

const ROLES = ['node', 'ledger', 'log', 'witness', 'research', 'client']

const liveKeys = (world: World, org: string, role: string): Any[] =>
  world
    .list('key/')
    .map((name) => ({ id: name.slice(4), ...world.get(name) }))
    .filter((key) => key.org === org && key.role === role && isLive(world, key))

const lines = (name: string, type: number, pub: string) => {
  const bytes = Buffer.concat([Buffer.from([type]), raw(pub)])
  return `${name}+${hash(`${name}\n`, bytes)
    .subarray(0, 4)
    .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '')}+${bytes.toString('base64')}`
}

/** Writes the next trust record when one of its lists is another than before. */
function changeTrust(world: World, change: (record: Any) => void): void {
  const record = structuredClone(world.get('trust'))
  const before = formatCanonical(record)
  change(record)
  record.logs.sort()
  for (const group of Object.values<string[]>(record.groups)) group.sort()
  if (formatCanonical(record) === before) return
  demand(record.k === world.trustBefore, 'trust twice')
  world.set('trust', { ...record, k: record.k + 1 })
}

/** The list of the trust record in which keys of this role stand, and how this one is written there. */
function placeInTrust(world: World, record: Any, key: Any): { list: string[]; text: string } | undefined {
  if (key.role === 'ledger') return { list: record.logs, text: lines(`${world.net}/ledger`, 1, key.pub) }
  if (key.role !== 'witness') return undefined
  return { list: record.groups[world.get(`member/${key.org}`).group], text: lines(`${world.net}/witness/${key.org}`, 4, key.pub) }
}

const isPath = (value: Any) => Array.isArray(value) && value.length <= 63 && value.every(isBytes32)

const groupIn = (world: World, org: string): string | undefined => world.get(`member/${org}`)?.group

const orgsIn = (world: World): string[] => world.list('member/').map((key) => key.slice('member/'.length))

/** The group of `org` has the batch from now on; with a quorum of groups it counts. */
function holdFor(world: World, root: string, org: string): void {
  world.set(`hold/${root}/${groupIn(world, org)}`, { org, at: world.time })
  const groups = new Set(orgsIn(world).map((one) => groupIn(world, one)))
  const holding = [...groups].filter((group) => world.get(`hold/${root}/${group}`) !== undefined).length
  const record = world.get(`batch/${root}`)
  const quorum = groups.size === 1 ? 0 : Math.floor((groups.size - 1) / 2) + 2
  if (record.counted === null && holding >= quorum) world.set(`batch/${root}`, { ...record, counted: { at: world.time, height: world.height } })
}

const RULES: { readonly [type: string]: (world: World, body: Any, sign: Signers) => void } = {
  'rel.open'(world, body, sign) {
    demand(has(body, 'handle', 'org', 'control', 'rand32', 'recovery', 'custody', 'chain', 'seal', 'bind'), 'body')
    demand([body.handle, body.control, body.rand32, body.chain, body.seal, body.bind].every(isBytes32) && isRecovery(body.recovery), 'body')
    demand(['self', 'custodial'].includes(body.custody), 'custody')
    demand(world.get(`rel/${body.handle}`) === undefined, 'exists')
    demand(body.handle === b64(hash('fiducia/handle/v1\0', world.net, '\0', body.org, '\0', raw(body.control), raw(body.rand32))), 'handle')
    sign.exactly([sign.node(body.org).pub, body.control])
    admit(body.control)
    const { org, control, recovery, custody, chain, seal, bind } = body
    world.set(`rel/${body.handle}`, {
      org,
      control,
      recovery,
      custody,
      chain,
      seal,
      bind,
      status: 'open',
      epoch: 0,
      version: 0,
      commitment: null,
      expires: 0,
      by: null,
      base: 0,
      delegates: [],
      pending: null,
    })
  },
  'policy.set'(world, body, sign) {
    demand(has(body, 'handle', 'version', 'commitment', 'expires') && isBytes32(body.commitment) && isCount(body.expires), 'body')
    const head = openHead(world, body.handle)
    demand(body.version === head.version + 1, 'version')
    demand(firstOfMonth(body.expires), 'expires')
    const signer = [head.control, ...head.delegates.map((one: Any) => one.pub)].find((pub: string) => sign.ids[0] === keyIdOf('ed25519', raw(pub)))
    demand(signer !== undefined, 'signer')
    if (signer !== head.control) {
      const delegate = head.delegates.find((one: Any) => one.pub === signer)
      demand(delegate.rights.includes('set') || delegate.rights.includes('restrict'), 'right')
      demand(world.time <= delegate.expires && head.base !== null, 'delegate')
      demand(delegate.rights.includes('set') || body.version - head.base < 8, 'bodies')
    }
    sign.exactly([signer])
    const { version, commitment, expires } = body
    world.set(`rel/${body.handle}`, { ...head, version, commitment, expires, by: signer, base: signer === head.control ? version : head.base })
  },
  'rel.rotate'(world, body, sign) {
    demand(has(body, 'handle', 'epoch', 'newControl', 'newSeal') && isBytes32(body.newControl) && isBytes32(body.newSeal), 'body')
    const head = openHead(world, body.handle)
    demand(body.epoch === head.epoch + 1 && body.newControl !== head.control, 'epoch')
    demand(!head.delegates.some((one: Any) => one.pub === body.newControl), 'delegate as control')
    sign.exactly([head.control, body.newControl])
    admit(body.newControl)
    world.set(`rel/${body.handle}`, { ...head, epoch: body.epoch, control: body.newControl, seal: body.newSeal })
  },
  'rel.delegate'(world, body, sign) {
    demand(has(body, 'handle', 'epoch', 'delegates') && Array.isArray(body.delegates) && body.delegates.length <= 4, 'body')
    for (const one of body.delegates) {
      demand(
        has(one, 'pub', 'rights', 'expires') && isBytes32(one.pub) && isCount(one.expires) && Array.isArray(one.rights) && one.rights.length >= 1,
        'delegate',
      )
      demand(ascending(one.rights) && one.rights.every((right: string) => ['set', 'restrict', 'link', 'read'].includes(right)), 'rights')
    }
    const pubs = body.delegates.map((one: Any) => one.pub)
    const head = openHead(world, body.handle)
    demand(new Set(pubs).size === pubs.length && !pubs.includes(head.control) && body.epoch === head.epoch + 1, 'delegates')
    sign.exactly([head.control])
    admit(...pubs)
    world.set(`rel/${body.handle}`, { ...head, epoch: body.epoch, delegates: body.delegates })
  },
  'rel.recovery'(world, body, sign) {
    demand(has(body, 'handle', 'epoch', 'recovery', 'rand32', 'keys') && isRecovery(body.recovery), 'body')
    const head = openHead(world, body.handle)
    demand(body.epoch === head.epoch + 1, 'epoch')
    demandRecoveryKeys(head, body)
    sign.exactly([head.control, ...body.keys])
    admit(...body.keys)
    world.set(`rel/${body.handle}`, { ...head, epoch: body.epoch, recovery: body.recovery })
  },
  'rel.recover'(world, body, sign) {
    demand(has(body, 'handle', 'epoch', 'newControl', 'newSeal', 'rand32', 'keys') && isBytes32(body.newControl) && isBytes32(body.newSeal), 'body')
    const head = openHead(world, body.handle)
    demand(body.epoch === head.epoch + 1, 'epoch')
    demandRecoveryKeys(head, body)
    sign.exactly([...body.keys, body.newControl])
    admit(...body.keys, body.newControl)
    const pending = { kind: 'recover', control: body.newControl, seal: body.newSeal, at: world.time + 72 * HOUR }
    world.set(`rel/${body.handle}`, { ...head, epoch: body.epoch, status: 'recovering', pending })
  },
  'rel.veto'(world, body, sign) {
    demand(has(body, 'handle', 'epoch'), 'body')
    const head = headNow(world, body.handle)
    demand(head.pending?.kind === 'recover' && body.epoch === head.epoch, 'nothing to veto')
    sign.exactly([head.control])
    world.set(`rel/${body.handle}`, { ...head, status: 'open', pending: null })
  },
  'rel.rebind'(world, body, sign) {
    demand(has(body, 'handle', 'epoch', 'bind') && isBytes32(body.bind), 'body')
    const head = openHead(world, body.handle)
    demand(body.epoch === head.epoch + 1, 'epoch')
    sign.exactly([sign.node(head.org).pub, head.control])
    world.set(`rel/${body.handle}`, { ...head, epoch: body.epoch, bind: body.bind })
  },
  'rel.close'(world, body, sign) {
    demand(has(body, 'handle', 'epoch'), 'body')
    const head = openHead(world, body.handle)
    demand(body.epoch === head.epoch, 'epoch')
    if (sign.ids.includes(keyIdOf('ed25519', raw(head.control)))) {
      sign.exactly([head.control])
      world.set(`rel/${body.handle}`, { ...head, status: 'closed', pending: null })
    } else {
      demand(head.pending === null, 'pending')
      sign.exactly([sign.node(head.org).pub])
      world.set(`rel/${body.handle}`, { ...head, pending: { kind: 'close', at: world.time + 720 * HOUR } })
    }
  },
  'role.attest': (world, body, sign) => attest(world, body, sign, false),
  'role.withdraw': (world, body, sign) => attest(world, body, sign, true),
  'batch.offer'(world, body, sign) {
    demand(has(body, 'root', 'count') && isBytes32(body.root) && isCount(body.count, 1) && body.count <= 10_000, 'body')
    const key = sign.node()
    demand(world.get(`batch/${body.root}`) === undefined, 'exists')
    sign.exactly([key.pub])
    const n = world.get(`author/${key.org}`)?.batches ?? 0
    world.set(`author/${key.org}`, { batches: n + 1 })
    world.set(`batch/${body.root}`, { org: key.org, n, count: body.count, at: world.time, counted: null })
    holdFor(world, body.root, key.org)
  },
  'batch.hold'(world, body, sign) {
    demand(has(body, 'root') && isBytes32(body.root), 'body')
    const key = sign.node()
    const record = world.get(`batch/${body.root}`)
    demand(record !== undefined, 'unknown')
    demand(record.counted !== null || world.time - record.at <= 7 * 24 * HOUR, 'lapsed')
    demand(world.get(`hold/${body.root}/${groupIn(world, key.org)}`) === undefined, 'holds')
    sign.exactly([key.pub])
    holdFor(world, body.root, key.org)
  },
  'batch.miss'(world, body, sign) {
    demand(has(body, 'root', 'org') && isBytes32(body.root), 'body')
    const key = sign.node()
    const own = groupIn(world, key.org)
    const held = world.get(`hold/${body.root}/${groupIn(world, body.org)}`)
    demand(held !== undefined && held.org === body.org && groupIn(world, body.org) !== own, 'holder')
    const by: string[] = world.get(`miss/${body.root}/${body.org}`)?.by ?? []
    demand(own !== undefined && !by.includes(own), 'said')
    sign.exactly([key.pub])
    world.set(`miss/${body.root}/${body.org}`, { by: [...by, own].toSorted() })
  },
  'contest.open'(world, body, sign) {
    demand(has(body, 'root', 'index', 'com', 'path', 'field') && isBytes32(body.root) && isBytes32(body.com) && isPath(body.path), 'body')
    demand(isCount(body.index) && body.path.length <= 14 && ['phone', 'address', 'npi.status'].includes(body.field), 'body')
    const key = sign.node()
    const record = world.get(`batch/${body.root}`)
    demand(record !== undefined && record.counted !== null && groupIn(world, record.org) !== groupIn(world, key.org), 'batch')
    const id = b64(hash('fiducia/panel/v1\0', `{"field":"${body.field}","index":${body.index},"root":"${body.root}"}`))
    demand(world.get(`contest/${id}`) === undefined, 'exists')
    try {
      verifyInclusion(body.index, record.count, hash(Buffer.from([0]), raw(body.com)), body.path.map(raw), raw(body.root))
    } catch {
      throw new Refused('path')
    }
    const out = [record.org, key.org].map((org) => groupIn(world, org))
    const lots = orgsIn(world)
      .filter((org) => !out.includes(groupIn(world, org)))
      .map((org) => ({ org, lot: Buffer.from(hash('fiducia/panel/v1\0', raw(id), world.rootBefore, org)).toString('hex') }))
    lots.sort((one, two) => one.lot.localeCompare(two.lot))
    const panel: string[] = []
    for (const { org } of lots) if (panel.length < 3 && !panel.some((one) => groupIn(world, one) === groupIn(world, org))) panel.push(org)
    for (const { org } of lots) if (panel.length < 3 && !panel.includes(org)) panel.push(org)
    demand(panel.length === 3, 'panel')
    sign.exactly([key.pub])
    const { root, index, com, field } = body
    world.set(`contest/${id}`, { root, index, com, field, org: record.org, by: key.org, at: world.time, panel: panel.sort(), rulings: {}, outcome: null })
  },
  'contest.rule'(world, body, sign) {
    demand(has(body, 'contest', 'ruling') && isBytes32(body.contest) && ['stands', 'falls', 'unclear'].includes(body.ruling), 'body')
    const record = world.get(`contest/${body.contest}`)
    demand(record !== undefined, 'unknown')
    const key = sign.node()
    demand(record.outcome === null && record.panel.includes(key.org) && !(key.org in record.rulings), 'ruler')
    sign.exactly([key.pub])
    const rulings: Any = { ...record.rulings, [key.org]: body.ruling }
    const tally = (word: string) => Object.values(rulings).filter((one) => one === word).length
    const decided = ['stands', 'falls', 'unclear'].find((word) => tally(word) >= 2)
    const outcome = decided ?? (Object.keys(rulings).length === 3 ? 'unclear' : null)
    world.set(`contest/${body.contest}`, { ...record, rulings, outcome })
    if (outcome !== 'stands' && outcome !== 'falls') return
    const winner = outcome === 'stands' ? record.org : record.by
    for (const org of [record.org, record.by]) {
      const known = world.get(`merit/${org}`) ?? { right: 0, wrong: 0 }
      world.set(`merit/${org}`, org === winner ? { ...known, right: known.right + 1 } : { ...known, wrong: known.wrong + 1 })
    }
  },
  'access.open'(world, body, sign) {
    demand(has(body, 'origin', 'key') || (has(body, 'origin', 'key', 'standby') && body.standby === true), 'body')
    const owner = ownerOf(world, body.origin)
    demand(owner !== undefined && world.get(`alog/${body.origin}`) === undefined, 'origin')
    demand(owner.k === 1 || world.get(`alog/${world.net}/log/${owner.org}/${owner.k - 1}`) !== undefined, 'order')
    const key = world.get(`key/${body.key}`)
    demand(key?.role === 'log' && key.org === owner.org && key.origin === undefined && isLive(world, key), 'log key')
    sign.exactly([sign.node(owner.org).pub])
    changeTrust(world, (record) => {
      record.logs = [...record.logs.filter((text: string) => !text.startsWith(`${body.origin}+`)), lines(body.origin, 1, key.pub)]
    })
    world.set(`key/${body.key}`, { ...key, origin: body.origin })
    world.set(`alog/${body.origin}`, { size: 0, root: b64(sha256(encodeUtf8(''))), height: world.height, at: world.time })
  },
  'access.checkpoint'(world, body, sign) {
    demand(has(body, 'origin', 'size', 'root', 'note', 'consistency') && isPath(body.consistency), 'body')
    const known = world.get(`alog/${body.origin}`)
    demand(known !== undefined, 'unknown')
    const key = world
      .list('key/')
      .map((name) => world.get(name))
      .find(({ origin }) => origin === body.origin)
    demand(isLive(world, key), 'log key')
    const note = readNote(world, body.origin, body.note)
    demand(note.size === body.size && b64(note.root) === body.root && body.size > known.size, 'size')
    demand(known.size === 0 || world.time >= known.at + 10_000, 'soon')
    demandGrowth(known, body, body.consistency)
    sign.exactly([sign.node(ownerOf(world, body.origin)?.org).pub])
    world.set(`alog/${body.origin}`, { size: body.size, root: body.root, height: world.height, at: world.time })
  },
  'access.dispute'(world, body, sign) {
    demand(has(body, 'origin', 'note', 'index', 'leafHash', 'path') && isPath(body.path) && isBytes32(body.leafHash), 'body')
    const known = world.get(`alog/${body.origin}`)
    demand(known !== undefined, 'unknown')
    const id = b64(hash('fiducia/dispute/v1\0', formatCanonical(body)))
    demand(world.get(`dispute/${id}`) === undefined, 'exists')
    const note = readNote(world, body.origin, body.note)
    const same = (other: Any) => other.size === note.size && other.root === b64(note.root)
    const answered = world.list('answer/').map((key) => world.get(key.replace('answer/', 'dispute/')))
    demand(!same(known) && !answered.some((other) => other.origin === body.origin && same(other)), 'covered')
    try {
      verifyInclusion(body.index, note.size, raw(body.leafHash), body.path.map(raw), note.root)
    } catch {
      throw new Refused('path')
    }
    const key = sign.node()
    sign.exactly([key.pub])
    world.set(`dispute/${id}`, { at: world.time, by: key.org, origin: body.origin, root: b64(note.root), size: note.size })
  },
  'access.answer'(world, body, sign) {
    demand(has(body, 'dispute', 'consistency') && isPath(body.consistency), 'body')
    const dispute = world.get(`dispute/${body.dispute}`)
    demand(dispute !== undefined && world.get(`answer/${body.dispute}`) === undefined, 'dispute')
    const known = world.get(`alog/${dispute.origin}`)
    demand(known.size >= dispute.size, 'behind')
    demandGrowth(dispute, known, body.consistency)
    sign.exactly([sign.node(ownerOf(world, dispute.origin)?.org).pub])
    world.set(`answer/${body.dispute}`, { at: world.time })
  },
  'key.add'(world, body, sign) {
    demand(has(body, 'role', 'alg', 'pub') && ROLES.includes(body.role) && ['ed25519', 'es384', 'rs384'].includes(body.alg), 'body')
    const { org, pub } = sign.node()
    // The histories bring no other algorithm than this one, nor keys of clients.
    demand(body.alg === 'ed25519', 'algorithm')
    admit(body.pub)
    const id = keyIdOf('ed25519', raw(body.pub))
    demand(world.get(`key/${id}`) === undefined, 'exists')
    demand(body.role !== 'ledger' || liveKeys(world, org, 'ledger').length > 0, 'orders')
    demand(body.role !== 'witness' || liveKeys(world, org, 'witness').length < 2, 'one more witness')
    sign.exactly([pub, body.pub])
    const record = { org, role: body.role, alg: body.alg, pub: body.pub, from: world.height }
    world.set(`key/${id}`, record)
    changeTrust(world, (trust) => {
      const place = placeInTrust(world, trust, record)
      place?.list.push(place.text)
    })
  },
  'key.retire'(world, body, sign) {
    demand((has(body, 'key') || has(body, 'key', 'compromisedFrom')) && isBytes32(body.key), 'body')
    const key = world.get(`key/${body.key}`)
    demand(key !== undefined, 'unknown')
    const { pub } = sign.node(key.org)
    const since = body.compromisedFrom
    if ('compromisedFrom' in body) demand(isCount(since) && key.from <= since && since <= world.height, 'height')
    demand(key.to === undefined || (since !== undefined && since < (key.compromisedFrom ?? Infinity)), 'nothing new')
    if (key.to === undefined && ['node', 'witness', 'ledger'].includes(key.role))
      demand(
        liveKeys(world, key.org, key.role).some(({ id }) => id !== body.key),
        'last',
      )
    sign.exactly([pub])
    world.set(`key/${body.key}`, { ...key, to: key.to ?? world.height, ...(since === undefined ? {} : { compromisedFrom: since }) })
    changeTrust(world, (trust) => {
      const place = placeInTrust(world, trust, key)
      if (place?.list.includes(place.text) === true) place.list.splice(place.list.indexOf(place.text), 1)
    })
  },
  ...studyRules({ demand, has, isBytes32, isCount }),
}
