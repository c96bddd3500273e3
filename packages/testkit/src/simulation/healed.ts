import { decideAgain, checkLog, keysOf, openHolderCopy, openRequesterCopy, relationshipOf } from '@fiducia/client'
import { encodeBase64Url, equalBytes, decodeBase64Url, type OrganizationId, parseAccessLogOrigin, parseCheckpoint, parseNote } from '@fiducia/core'
import { accessLog, groupOf, linkHashOf, openDisputes, rules, trust } from '@fiducia/ledger'
import { type FiduciaNode, fsckNode, nodeFiles, openDatabase } from '@fiducia/node'
import { decodeLeaf, parseReceipt, parseTlogProof, slotOf, trustPolicyOf } from '@fiducia/proofs'
import { requireLeaf } from './judge.ts'
import type { Machine } from './member.ts'
import { HOLDERS, MEMBERS, OPEN, REQUESTER, ROLE } from './cast.ts'
import type { Stage } from './stage.ts'

/**
 * After the faults everything comes to rest by itself, with no more help than a start: what the patient signed stands, every
 * member has the same ledger under a fresh quorum, every log is sealed, cosigned and public, every receipt is extended. Then
 * the patient walks each log, and `fsck` reads each folder.
 */
export interface EndPorts {
  /** Lets the world go on until the work is done. */
  readonly finish: <T>(work: Promise<T>) => Promise<T>
}

/** An hour and a minute: by then a receipt is extended or disputed. */
const HOUR_MS = 61 * 60_000
const MINUTE_MS = 60_000
/** Transactions that were passed on and lost expire within five minutes of a clock that may be ten behind; nothing else takes as long. */
const REST_MS = 25 * MINUTE_MS

export async function checkAtEnd(stage: Stage, ask: (org: OrganizationId) => Promise<number | undefined>, { finish }: EndPorts): Promise<void> {
  const { world, judge, wallet } = stage
  let isHour = false
  const comeToRest = async (when: string): Promise<boolean> => {
    const isAtRest = await world.until(() => judge.violations.length > 0 || whatIsUnsettled(stage, isHour) === undefined, REST_MS)
    if (!isAtRest) judge.accuse('healing', `${when}: ${whatIsUnsettled(stage, isHour)}`)
    return judge.violations.length === 0
  }
  // What a clock dated ahead is current when that has passed.
  const ahead = Math.max(...MEMBERS.map((org) => stage.machine(org).clock.worst))
  if (ahead > MINUTE_MS) {
    // What is on its way arrives before: between a decision and its entry lie seconds.
    await world.until(() => false, MINUTE_MS)
    world.pass(ahead)
  }
  if (!(await comeToRest('after the faults'))) return
  for (const org of HOLDERS) wallet.wish(org, OPEN)
  if (!(await comeToRest('after the last permit'))) return
  for (const org of HOLDERS) {
    const status = await finish(ask(org))
    if (status !== 200) judge.accuse('healing', `the patient permits, and \`${org}\` answers with ${status ?? 'nothing that holds'}`)
  }
  if (!(await comeToRest('after the last request'))) return
  // What a restored log lost is disputed when its hour is over.
  if (MEMBERS.some((org) => stage.machine(org).restored !== 'nothing')) {
    world.pass(HOUR_MS)
    isHour = true
    if (!(await comeToRest('an hour later'))) return
  }
  for (const org of HOLDERS) await finish(walkLog(stage, org))
  checkLogs(stage)
  for (const org of MEMBERS) await finish(stage.machine(org).stop())
  for (const org of MEMBERS) await readFolder(stage, stage.machine(org))
}

const originOf = (receipt: string): string => parseCheckpoint(parseNote(parseTlogProof(parseReceipt(receipt).proof).note).text).origin

/** Whether the log's owner had to put a copy back: then it may have lost what it gave away. */
function isRestored({ machine }: Stage, origin: string): boolean {
  const owner = parseAccessLogOrigin(origin)?.org
  return owner !== undefined && machine(owner).restored !== 'nothing'
}

const nodeOf = ({ node, org }: Machine): FiduciaNode => {
  if (node === undefined) throw new Error(`expected \`${org}\` to run`)
  return node
}

/** The first thing that is not as it will be, undefined when nothing is left to do. */
function whatIsUnsettled(stage: Stage, isHour: boolean): string | undefined {
  const { wallet, world } = stage
  for (const org of HOLDERS) if (!wallet.isSettled(org)) return `a policy for \`${org}\` does not stand`
  const newest = Math.max(...MEMBERS.map((org) => stage.machine(org).node?.services.context.ledger.tip().height ?? 0))
  for (const org of MEMBERS) {
    const { node } = stage.machine(org)
    if (node === undefined) return `\`${org}\` does not run`
    const { services } = node
    const { context, heads, log, checkpoints } = services
    const { ledger, database } = context
    if (ledger.tip().height !== newest) return `\`${org}\` is at height ${ledger.tip().height} of ${newest}`
    if (heads.newest?.block.height !== newest || heads.fresh(world.now()) === undefined) return `\`${org}\` has no fresh head`
    if (log.heldBecause !== undefined) return `the log of \`${org}\` is held: ${log.heldBecause}`
    if (log.frozenBecause !== undefined) return `the log of \`${org}\` is frozen: ${log.frozenBecause}`
    if (log.size > 0 && decodeLeaf(log.leaf(log.size - 1)).slot > slotOf(world.now() / 1000)) return `the log of \`${org}\` is dated ahead`
    if (log.sealedSize !== log.size) return `the log of \`${org}\` is not sealed`
    for (const { origin, sealedSize, frozenBecause } of services.logs.all) {
      const onLedger = accessLog(ledger.tip(), origin)?.size ?? 0
      // A frozen log signs nothing more: a seal that it had not shown to anybody before is none.
      const expected = frozenBecause === undefined ? sealedSize : (checkpoints.newestOf(origin)?.size ?? 0)
      if (onLedger !== expected) return `the ledger has ${onLedger} entries of ${expected} of \`${origin}\``
    }
    if (log.size > 0 && checkpoints.newest?.size !== log.size) return `the newest sealed note of \`${org}\` is not kept`
    const open = database.all('SELECT receipt FROM copy WHERE settled = 0').map((row) => originOf(String(row['receipt'])))
    // While who has it was gone the log may have been sealed without it: it hears of that with the next seal, or asks when the hour is over.
    const isPutBack = stage.machine(org).restored !== 'nothing'
    const waiting = open.find((origin) => isHour || !(isPutBack || isRestored(stage, origin)))
    if (waiting !== undefined) return `\`${org}\` has a receipt of \`${waiting}\` that nothing extends so far`
  }
  return undefined
}

/** The patient reads every event, compares the copies of both sides with the list, and decides each again. */
async function walkLog({ wallet, machine, judge, world }: Stage, org: OrganizationId): Promise<void> {
  const state = nodeOf(machine(org)).services.context.ledger.tip()
  const relationship = relationshipOf(wallet.state, wallet.handleAt(org))
  const [client, sign] = [wallet.client(org), wallet.signer(org, org)]
  const events = await client.events(relationship.handle, sign)
  const lists = await Promise.all(
    relationship.links.map(({ requester, link }) => wallet.client(requester).copies(linkHashOf(link), wallet.signer(org, requester))),
  )
  const requesterCopies = await Promise.all(lists.flat().map(({ sealed }) => openRequesterCopy(wallet.state, relationship, sealed)))
  const { findings } = checkLog({
    handle: relationship.handle,
    secret: keysOf(wallet.state, relationship).secret,
    completeness: await client.completenessBundle(relationship.handle, sign),
    trust: trustPolicyOf(trust(state), state.net),
    holderCopies: events,
    requesterCopies,
    acknowledged: wallet.acknowledged.get(org) ?? [],
    now: world.now(),
  })
  const excused = excusedFindings(machine(org))
  for (const { code, detail } of findings) if (!excused.has(code)) judge.accuse('patient', `at \`${org}\`: ${code}, ${detail}`)
  const group = groupOf(state, REQUESTER)
  const resources = await client.record(relationship.handle, sign)
  const actor = { roles: [ROLE.opening.code], ...(group === undefined ? {} : { group }) }
  for (const event of events) {
    const content = openHolderCopy(wallet.state, relationship, event.sealed)
    if (content.decision.versions.some((version) => wallet.renewed.get(org)?.has(version) === true)) continue
    const { differences } = decideAgain({ content, policies: relationship.policies, resources, holder: org, networkDefault: rules(state).default, actor })
    if (differences.length > 0) judge.accuse('patient', `at \`${org}\`: event ${event.n} is decided otherwise: ${JSON.stringify(differences)}`)
  }
}

/** What a patient finds through no lie of the holder's: contents that were lost, times by a clock that was minutes off, and the known limit of `judge.ts`. */
function excusedFindings({ restored, clock }: Machine): ReadonlySet<string> {
  const lost = restored === 'nothing' ? [] : ['COPY_MISSING', 'ACCESS_UNSEALED']
  const forgotten = restored === 'everything' ? ['POLICY_PASSED_OVER', 'RECEIPT_UNLISTED'] : []
  const dated = clock.worst > 55_000 ? ['INSTANT_DIFFERS', 'POLICY_PASSED_OVER', 'ACCESS_UNSEALED'] : []
  return new Set([...lost, ...forgotten, ...dated])
}

/** Every leaf that was used, and every root that was shown, stands in the log that it is of. */
function checkLogs(stage: Stage): void {
  const { judge, machine } = stage
  for (const answer of judge.answersUsed) if (machine(answer.holder).restored === 'nothing') requireLeaf(machine(answer.holder), answer, judge.accuse)
  for (const org of MEMBERS) {
    const { services } = nodeOf(machine(org))
    for (const log of services.logs.all) {
      for (const [size, root] of judge.roots.get(log.origin) ?? []) {
        const isThere = size <= log.size && equalBytes(log.hashes.root(size), decodeRoot(root))
        // A note that was given away after the last seal is lost with the database.
        if (!isThere && (machine(org).restored === 'nothing' || (machine(org).restored === 'database' && size <= log.sealedSize)))
          judge.accuse('leaf', `\`${log.origin}\` does not extend the note that it signed for size ${size}`)
      }
      for (const other of MEMBERS) compareMirror(stage, other, log.origin, (size) => log.hashes.root(size))
    }
  }
  const { ledger } = nodeOf(machine(MEMBERS[0])).services.context
  for (const [size, root] of judge.roots.get(ledger.log.origin) ?? []) {
    if (!equalBytes(ledger.log.root(size), decodeRoot(root))) judge.accuse('leaf', `the ledger does not extend the note that it signed for size ${size}`)
  }
  for (const { origin } of openDisputes(ledger.tip())) {
    if (!isRestored(stage, origin)) judge.accuse('dispute', `a dispute stays open against \`${origin}\``)
  }
}

function compareMirror({ judge, machine }: Stage, org: OrganizationId, origin: string, rootOf: (size: number) => Uint8Array): void {
  const mirror = nodeOf(machine(org)).services.mirrors.of(origin)
  if (mirror.sealedSize > 0 && !equalBytes(mirror.root(mirror.sealedSize), rootOf(mirror.sealedSize)))
    judge.accuse('leaf', `\`${org}\` has mirrored other entries of \`${origin}\` than its owner has`)
}

const decodeRoot = (root: string): Uint8Array => decodeBase64Url(encodeBase64Url(new Uint8Array(Buffer.from(root, 'base64'))))

async function readFolder(stage: Stage, { org, folder, restored }: Machine): Promise<void> {
  const { judge } = stage
  const { findings } = await fsckNode(folder)
  for (const { code, at, detail } of findings) if (restored === 'nothing') judge.accuse('fsck', `\`${org}\`: ${code} at ${at}, ${detail}`)
  using database = openDatabase(nodeFiles(folder).database, { readOnly: true })
  const disputed = database.all('SELECT receipt FROM copy WHERE settled = 2').map((row) => originOf(String(row['receipt'])))
  for (const origin of disputed) if (!isRestored(stage, origin)) judge.accuse('dispute', `\`${org}\` has disputed a receipt of \`${origin}\``)
}
